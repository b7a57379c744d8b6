#!/usr/bin/env python3
"""Peak memory of a VQAv2 evaluation with 10,000 questions against that with 1,000.

    python3 tools/measure_eval_memory.py --binary build/release/bin/bteval

Both runs use the mini suite's checkpoint, whose process is so small that a few bytes a question show; with --model another
one, such as the full-size one of random weights that tools/parity/make_random_model.py writes:

    tools/parity/make_random_model.py MODEL --image-size 32 --vocabulary assets/mini/checkpoints/vqav2/vocabulary.json
    tools/measure_eval_memory.py --binary build/release/bin/bteval --model MODEL --image-size 32

Small images keep the time of that in bounds; what a question or an image leaves behind does not depend on their size. The pictures are the mini suite's under many names, five questions on each, so
that the larger run reads ten times as many images and texts. Reported are the peaks of resident memory as the kernel
counts them. With --samples other sizes can be compared.
"""
import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
MINI = SOURCE / "assets/mini"
SPLIT = "minitest"
QUESTIONS_PER_IMAGE = 5


def make_split(root, num_questions):
    """A VQAv2 split in the official layout: the mini suite's questions again and again, under new ids."""
    questions = json.loads((MINI / f"vqav2/v2_OpenEnded_mscoco_{SPLIT}_questions.json").read_text())
    annotations = json.loads((MINI / f"vqav2/v2_mscoco_{SPLIT}_annotations.json").read_text())
    answers = {record["question_id"]: record for record in annotations["annotations"]}
    pictures = sorted((MINI / "vqav2" / SPLIT).iterdir())
    folder = root / SPLIT
    folder.mkdir(parents=True)
    new_questions, new_answers = [], []
    for i in range(num_questions):
        old = questions["questions"][i % len(questions["questions"])]
        ids = {"image_id": i // QUESTIONS_PER_IMAGE + 1, "question_id": 1_000_000 + i}
        new_questions.append({**old, **ids})
        new_answers.append({**answers[old["question_id"]], **ids})
        if i % QUESTIONS_PER_IMAGE == 0:
            picture = pictures[(i // QUESTIONS_PER_IMAGE) % len(pictures)]
            os.link(picture, folder / f"COCO_{SPLIT}_{ids['image_id']:012d}{picture.suffix}")
    for name, document, key, records in (
        (f"v2_OpenEnded_mscoco_{SPLIT}_questions.json", questions, "questions", new_questions),
        (f"v2_mscoco_{SPLIT}_annotations.json", annotations, "annotations", new_answers),
    ):
        (root / name).write_text(json.dumps({**document, key: records}))


def peak_bytes(binary, root, out, model, image_size):
    """Runs one evaluation in a child of its own and returns its peak of resident memory."""
    entry = next(e for e in json.loads((MINI / "suite.json").read_text())["entries"] if e["task"] == "vqav2")
    arguments = [str(binary), "eval", "vqav2", "--data", str(root), "--split", SPLIT, "--out", str(out)]
    arguments += ["--model", str(model or MINI / entry["model"]), "--tokenizer", str(MINI / entry["model"])]
    arguments += ["--vocabulary", str(MINI / entry["vocabulary"])]
    arguments += ["--transform", entry["transform"], "--image-size", str(image_size or entry["image_size"])]
    arguments += ["--max-length", str(entry["max_length"]), "--device", "cpu", "--quiet"]
    child = os.fork()
    if child == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.execv(arguments[0], arguments)
    _, status, used = os.wait4(child, 0)
    if status != 0:
        sys.exit(f"{' '.join(arguments)} ended with status {os.waitstatus_to_exitcode(status)}")
    return used.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--samples", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--model", type=Path, help="checkpoint with a classifier for the mini suite's vocabulary")
    parser.add_argument("--image-size", type=int, help="in pixels (default: the mini suite's)")
    args = parser.parse_args()
    peaks = []
    # Beside the suite: hard links do not cross file systems.
    with tempfile.TemporaryDirectory(prefix=".memory.", dir=SOURCE / "out" if (SOURCE / "out").is_dir() else SOURCE) as folder:
        for number in args.samples:
            root = Path(folder) / f"data-{number}"
            make_split(root, number)
            peaks.append(peak_bytes(args.binary.resolve(), root, Path(folder) / f"run-{number}", args.model, args.image_size))
            print(f"{number:>9,} questions on {-(-number // QUESTIONS_PER_IMAGE):,} images: peak {peaks[-1] / 1e6:.1f} MB")
    print(f"ratio {peaks[-1] / peaks[0]:.3f}")


if __name__ == "__main__":
    main()
