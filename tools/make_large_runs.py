#!/usr/bin/env python3
"""Makes two run directories of VQAv2's shape that nobody computed, for timing `bteval compare` and `bteval report`:

    python3 tools/make_large_runs.py OUT_FOLDER [--count 447793] [--images FOLDER]

OUT_FOLDER/a and OUT_FOLDER/b have test2015's number of questions (447,793 about 81,434 images) with the members and the length
of lines that evaluations of val2014 write, 65 question types and three answer types. b answers one in five questions otherwise.
With --images, every image of the runs is a copy of one of the .jpg files in FOLDER, below OUT_FOLDER/val2014:

    bteval report OUT_FOLDER/a OUT_FOLDER/b --format html --data OUT_FOLDER --out report.html
"""
import argparse
import json
import pathlib
import random

SCORES = (0, 0.3, 0.6, 0.9, 1)
TYPES = (("yes/no", 38), ("number", 13), ("other", 49))
OPENINGS = ("what", "is the", "how many", "are there", "why", "where is", "which", "does this", "what color is the", "who", "can you",
            "has", "do")
WORDS = ("man woman boy girl dog cat horse train plane table plate kitchen street sign water field ball racket umbrella window light"
         " holding wearing standing sitting riding playing looking red blue white small large left right near behind").split()
IMAGES_PER_SAMPLE = 81_434 / 447_793


def cluster_of(index):
    return 100 + int(index * IMAGES_PER_SAMPLE) * 7


def sample_of(index, rng):
    cluster = str(cluster_of(index))
    answer_type = rng.choices([name for name, _ in TYPES], [weight for _, weight in TYPES])[0]
    opening, side = rng.choice(OPENINGS), rng.randrange(5)
    targets = ["yes", "no"] if answer_type == "yes/no" else rng.sample(WORDS, rng.randrange(1, 7))
    words = rng.choices(WORDS, k=min(20, 2 + int(rng.expovariate(0.3))))
    return {
        "id": str(262_000_000 + index),
        "cluster": cluster,
        "value": None,
        "confidence": None,
        "prediction": None,
        "targets": targets,
        "text": f"{opening} {' '.join(words)}?".capitalize(),
        "images": [f"data/vqav2/val2014/COCO_val2014_{int(cluster):012d}.jpg"],
        "slices": {"answer type": answer_type, "question type": f"{opening} {side}"},
    }


def outcome(sample, rng):
    sample["value"] = rng.choices(SCORES, (25, 5, 5, 5, 60))[0]
    sample["confidence"] = round(rng.random(), 7)
    sample["prediction"] = rng.choice(sample["targets"] if sample["value"] else WORDS)
    return sample


def manifest(name):
    def digest(character):
        return character * 64

    return {
        "schema": 1, "task": "vqav2", "split": "val2014", "signature": f"vqav2|split:val2014|made-up:{name}",
        "inputs": [{"role": "annotations", "path": "annotations.json", "sha256": digest("a"), "bytes": 1},
                   {"role": "checkpoint", "path": f"{name}.ckpt", "sha256": digest(name), "bytes": 1}],
        "options": {"scorer": "official-2021", "dtype": "fp32"}, "counts": {}, "timing": {},
    }


def copy_images(args):
    sources = [path.read_bytes() for path in sorted(args.images.glob("*.jpg"))]
    folder = args.out / "val2014"
    folder.mkdir(exist_ok=True)
    for index, cluster in enumerate(dict.fromkeys(cluster_of(index) for index in range(args.count))):
        (folder / f"COCO_val2014_{cluster:012d}.jpg").write_bytes(sources[index % len(sources)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=447_793)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--images", type=pathlib.Path)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    runs = {name: args.out / name for name in ("a", "b")}
    for folder in runs.values():
        folder.mkdir(parents=True, exist_ok=True)
    means = dict.fromkeys(runs, 0.0)
    with (runs["a"] / "samples.jsonl").open("w") as of_a, (runs["b"] / "samples.jsonl").open("w") as of_b:
        for index in range(args.count):
            sample = outcome(sample_of(index, rng), rng)
            for name, file in (("a", of_a), ("b", of_b)):
                if name == "b" and rng.random() < 0.2:
                    outcome(sample, rng)
                means[name] += sample["value"] / args.count
                print(json.dumps(sample), file=file)
    if args.images:
        copy_images(args)
    for name, folder in runs.items():
        (folder / "manifest.json").write_text(json.dumps(manifest(name)))
        value = {"value": round(100 * means[name], 2), "unrounded": 100 * means[name], "count": args.count}
        (folder / "metrics.json").write_text(json.dumps({"schema": 1, "task": "vqav2", "score": {"overall": value}}))


if __name__ == "__main__":
    main()
