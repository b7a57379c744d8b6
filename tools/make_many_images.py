#!/usr/bin/env python3
"""Lays out a VQAv2 split with many images, for timing `bteval data check`:

    python3 tools/make_many_images.py OUT --count 100000 [--from FOLDER]
    build/release/bin/bteval data check vqav2 --data OUT

Every image is a file of its own, a copy of one of the JPEG files in FOLDER (default: the mini suite's), so that reading them
takes what reading as many different ones would.
"""
import argparse
import json
import pathlib

MINI = pathlib.Path(__file__).resolve().parent.parent / "assets/mini/vqav2/minitest"
SPLIT = "many"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--from", dest="source", type=pathlib.Path, default=MINI)
    args = parser.parse_args()
    images = [path.read_bytes() for path in sorted(args.source.glob("*.jpg"))]
    if not images:
        parser.error(f"{args.source} has no .jpg files")
    folder = args.out / SPLIT
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(args.count):
        (folder / f"COCO_{SPLIT}_{number:012}.jpg").write_bytes(images[number % len(images)])

    questions = [{"question_id": n, "image_id": n, "question": f"What is number {n}?"} for n in range(args.count)]
    answers = [{"answer": "cat", "answer_confidence": "yes", "answer_id": k} for k in range(1, 11)]
    annotations = [
        {"question_id": n, "image_id": n, "question_type": "what is", "answer_type": "other",
         "multiple_choice_answer": "cat", "answers": answers}
        for n in range(args.count)
    ]
    for name, document in (("v2_OpenEnded_mscoco_{}_questions.json", {"questions": questions}),
                           ("v2_mscoco_{}_annotations.json", {"annotations": annotations})):
        (args.out / name.format(SPLIT)).write_text(json.dumps({"data_subtype": SPLIT, **document}))


if __name__ == "__main__":
    main()
