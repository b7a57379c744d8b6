#!/usr/bin/env python3
"""Seconds of a whole `bteval eval vqav2` from JPEG files against the model alone on inputs that are ready.

    python3 tools/parity/make_random_model.py MODEL --image-size 384 --vocabulary assets/mini/checkpoints/vqav2/vocabulary.json
    python3 tools/measure_end_to_end.py --binary build/release/bin/bteval --model MODEL --image-folder FOLDER_OF_JPEGS

Both use the same cores; loading has no others. Five questions of the mini suite are asked about each image, in as many
tokens as the model alone is given. Every round times, in turns, the process with few images, with many, and `bteval bench
throughput` with many. Two ratios come out: of the whole process with many images, start-up included, and of what an image
adds, where start-up falls out.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
MINI = SOURCE / "assets/mini"
SPLIT = "minitest"
QUESTIONS_PER_IMAGE = 5
ANSWERS = MINI / "checkpoints/vqav2/vocabulary.json"
TOKENIZER = MINI / "checkpoints/vqav2"


def questions_of_one_length(binary):
    """The most frequent number of tokens among the mini suite's questions, and the questions that have it."""
    document = json.loads((MINI / f"vqav2/v2_OpenEnded_mscoco_{SPLIT}_questions.json").read_text())
    texts = sorted({record["question"] for record in document["questions"]})
    lines = subprocess.run([binary, "probe", "tokens", "--tokenizer", TOKENIZER], input="\n".join(texts) + "\n",
                           capture_output=True, text=True, check=True).stdout.splitlines()
    lengths = [len(json.loads(line)) for line in lines]
    tokens = statistics.mode(lengths)
    return tokens, [text for text, length in zip(texts, lengths) if length == tokens]


def make_split(root, images, texts):
    """A VQAv2 test split, which needs no annotations, in the official layout."""
    folder = root / SPLIT
    folder.mkdir(parents=True)
    records = []
    for i, picture in enumerate(images):
        shutil.copyfile(picture, folder / f"COCO_{SPLIT}_{i + 1:012d}.jpg")
        for j in range(QUESTIONS_PER_IMAGE):
            number = i * QUESTIONS_PER_IMAGE + j
            records.append({"image_id": i + 1, "question": texts[number % len(texts)], "question_id": number + 1})
    document = {"info": {}, "task_type": "Open-Ended", "data_type": "mscoco", "data_subtype": SPLIT, "license": {},
                "questions": records}
    (root / f"v2_OpenEnded_mscoco_{SPLIT}_questions.json").write_text(json.dumps(document))


def seconds_of(command):
    start = time.monotonic()
    result = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with status {result.returncode}:\n{result.stderr}")
    return time.monotonic() - start


def spread(values):
    return f"{statistics.median(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="with a classifier for the mini suite's vocabulary")
    parser.add_argument("--image-folder", type=Path, required=True)
    parser.add_argument("--few", type=int, default=4)
    parser.add_argument("--many", type=int, default=20)
    parser.add_argument("--image-size", type=int, default=384)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    binary = arguments.binary.resolve()
    pictures = sorted(path for path in arguments.image_folder.rglob("*.jpg") if path.stat().st_size > 40_000)
    if len(pictures) < arguments.many:
        parser.error(f"{arguments.image_folder} has {len(pictures)} JPEG files of 40 kB and more, not {arguments.many}")
    tokens, texts = questions_of_one_length(binary)
    whole, marginal = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in (arguments.few, arguments.many):
            make_split(Path(folder) / str(number), pictures[:number], texts)

        def evaluation(number):
            return seconds_of([binary, "eval", "vqav2", "--data", Path(folder) / str(number), "--split", SPLIT,
                               "--out", Path(folder) / "run", "--force", "--quiet", "--device", "cpu",
                               "--model", arguments.model, "--tokenizer", TOKENIZER, "--vocabulary", ANSWERS,
                               "--transform", "square", "--image-size", str(arguments.image_size),
                               "--max-length", "24", "--threads", str(arguments.threads)])

        def model_alone():
            result = Path(folder) / "bench.json"
            seconds_of([binary, "bench", "throughput", "--model", arguments.model, "--device", "cpu",
                        "--images", str(arguments.many), "--texts-per-image", str(QUESTIONS_PER_IMAGE),
                        "--tokens", str(tokens), "--image-size", str(arguments.image_size), "--repeats", "1",
                        "--warmup", "1", "--threads", str(arguments.threads), "--json", result])
            return json.loads(result.read_text())["runs"][0]["median_s"]

        for _ in range(arguments.rounds):
            few, alone, many = evaluation(arguments.few), model_alone(), evaluation(arguments.many)
            whole.append(many / alone)
            marginal.append((many - few) / (arguments.many - arguments.few) / (alone / arguments.many))
            print(f"{arguments.few} images {few:.2f} s, {arguments.many} images {many:.2f} s, "
                  f"the model alone {alone:.2f} s", flush=True)
    print(f"whole process / model alone, {arguments.many} images: {spread(whole)}")
    print(f"an image more / model alone: {spread(marginal)}")


if __name__ == "__main__":
    main()
