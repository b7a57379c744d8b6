"""Peak memory of a retrieval evaluation on a split of MSCOCO's size against that on a tenth of it.

    python3 tools/measure_retrieval_memory.py --binary build/release/bin/bteval

The large split has 5,000 images and 25,010 captions: the mini suite's pictures under many names, and random
captions of 5 to 15 words. Both runs use the mini suite's MSCOCO checkpoint. Reported are the peaks of resident
memory as the kernel counts them, and the ratio of what is left without the weights and without the scores
themselves (embeddings and scored pairs, which grow with the data and are the result).
"""

import argparse
import json
import os
import random
import struct
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
WORDS = (
    "a the one two red green blue small large circle square triangle left right of above below and with near "
    "between picture shows there is no three shape on white black ground under over beside corner"
).split()
PAIR_BYTES = 20  # records::ScoredPair


def make_split(root, pictures, num_images, seed):
    """A Karpathy file with five captions an image, and a sixth one for every 500th."""
    folder = root / "val2014"
    folder.mkdir(parents=True)
    rng = random.Random(seed)
    images, next_sentence = [], 0
    for i in range(num_images):
        name = f"COCO_val2014_{i + 1:012d}{pictures[i % len(pictures)].suffix}"
        os.link(pictures[i % len(pictures)], folder / name)
        sentences = []
        for _ in range(6 if i % 500 == 0 else 5):
            raw = " ".join(rng.choice(WORDS) for _ in range(rng.randint(5, 15)))
            sentences.append({"raw": raw, "tokens": [], "sentid": next_sentence, "imgid": i})
            next_sentence += 1
        images.append(
            {
                "filename": name,
                "filepath": "val2014",
                "cocoid": i + 1,
                "imgid": i,
                "split": "test",
                "sentences": sentences,
            }
        )
    (root / "dataset_coco.json").write_text(json.dumps({"images": images, "dataset": "coco"}))
    return next_sentence


def run(binary, model, data, out, top_k, extra):
    """Runs one evaluation and returns its peak resident memory in bytes and its user and system seconds."""
    arguments = [str(binary), "eval", "coco", "--model", str(model), "--data", str(data), "--out", str(out)]
    arguments += ["--transform", "square", "--image-size", "32", "--max-length", "32", "--device", "cpu"]
    arguments += ["--top-k", str(top_k), "--quiet", *extra]
    process = os.posix_spawn(
        binary, arguments, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    )
    _, status, usage = os.wait4(process, 0)
    if status != 0:
        sys.exit(f"{' '.join(arguments)} failed")
    return usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime


def score_bytes(path):
    """What the scores of a run take in memory, from the header of scores.safetensors."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    total = 0
    for name, tensor in header.items():
        begin, end = tensor.get("data_offsets", (0, 0))
        if name.endswith("_embeddings") or name == "scores":
            total += end - begin
        elif name == "pair_image":
            total += (end - begin) // 4 * PAIR_BYTES
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=SOURCE / "assets/mini/checkpoints/coco")
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--top-k", type=int, default=16, help="the published 256 takes sixteen times as long")
    parser.add_argument("--most", type=float, default=1.3, help="fail above this ratio")
    parser.add_argument("extra", nargs="*", help="more options for bteval eval, behind --")
    arguments = parser.parse_args()
    binary = arguments.binary.resolve()
    pictures = sorted((SOURCE / "assets/mini/coco/val2014").iterdir())
    weights = (arguments.model / "model.safetensors").stat().st_size
    left = []
    with tempfile.TemporaryDirectory(dir=SOURCE / "build" if (SOURCE / "build").is_dir() else None) as folder:
        for num_images in (arguments.images // 10, arguments.images):
            root = Path(folder) / str(num_images)
            captions = make_split(root / "data", pictures, num_images, seed=num_images)
            peak, seconds = run(
                binary, arguments.model, root / "data", root / "run", arguments.top_k, arguments.extra
            )
            scores = score_bytes(root / "run/scores.safetensors")
            left.append(peak - weights - scores)
            print(
                f"{num_images} images x {captions} captions: peak {peak / 1e6:.1f} MB, of it weights "
                f"{weights / 1e6:.1f} MB and scores {scores / 1e6:.1f} MB, left {left[-1] / 1e6:.1f} MB "
                f"({seconds:.0f} s of processor time)",
                flush=True,
            )
    ratio = left[1] / left[0]
    print(f"ratio without weights and scores: {ratio:.3f} (at most {arguments.most})")
    return 0 if ratio <= arguments.most else 1


if __name__ == "__main__":
    sys.exit(main())
