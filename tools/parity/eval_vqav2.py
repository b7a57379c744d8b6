#!/usr/bin/env python3
"""Answer VQAv2 questions with Hugging Face's BridgeTower, and compare a bteval run with the answers."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from hf.bridgetower_vqa import BridgeTowerForVqa, load_model  # noqa: E402
from hf.vqa_data import Question, encode, image_path, load_tokenizer, read_questions, square_pixels  # noqa: E402


def batches(questions: list[Question], size: int) -> Iterator[list[Question]]:
    for start in range(0, len(questions), size):
        yield questions[start : start + size]


@torch.inference_mode()
def answer(model: BridgeTowerForVqa, tokenizer, questions: list[Question], root: Path, subtype: str, image_size: int,
           batch_size: int) -> Iterator[tuple[Question, torch.Tensor]]:
    """Yield every question with its logits. An image is read once for questions that follow one another."""
    for batch in batches(questions, batch_size):
        pixels = []
        for image_id, group in groupby(batch, key=lambda question: question.image_id):
            pixels += [square_pixels(image_path(root, subtype, image_id), image_size)] * len(list(group))
        ids, mask = encode(tokenizer, [question.text for question in batch])
        yield from zip(batch, model(ids, mask, torch.stack(pixels)))


def read_run(path: Path) -> dict[int, dict]:
    with path.open(encoding="utf-8") as lines:
        return {int(record["question_id"]): record for record in map(json.loads, lines)}


def compare(reference: dict[int, dict], run: dict[int, dict]) -> int:
    """Print how many answers differ, each difference with the reference's margin; return their number."""
    absent = sorted(reference.keys() - run.keys())
    unasked = sorted(run.keys() - reference.keys())
    different = [key for key in reference if key in run and run[key]["answer"] != reference[key]["answer"]]
    equal = len(reference) - len(absent) - len(different)
    print(f"{equal} equal, {len(different)} different, {len(absent)} absent, {len(unasked)} not asked")
    for key in different[:50]:
        print(f"  question {key}: reference '{reference[key]['answer']}', run '{run[key]['answer']}', "
              f"margin between the reference's two best logits {reference[key]['margin']:.2e}")
    margins = sorted(record["margin"] for record in reference.values())
    if margins:
        print(f"smallest margins of the reference: {', '.join(f'{margin:.2e}' for margin in margins[:5])}")
    gaps = [abs(run[key]["margin"] - record["margin"]) for key, record in reference.items()
            if "margin" in run.get(key, {}) and run[key]["answer"] == record["answer"]]
    if gaps:
        print(f"largest difference between both sides' margins: {max(gaps):.2e}")
    return len(different) + len(absent) + len(unasked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="Hugging Face directory with vqa_classifier.* weights")
    parser.add_argument("--data", type=Path, required=True, help="folder with the official files")
    parser.add_argument("--split", required=True, help="subtype in the file names, such as val2014 or minitest")
    parser.add_argument("--vocabulary", type=Path, help="JSON list of answers (default: vocabulary.json of the model)")
    parser.add_argument("--image-size", type=int, help="pixels (default: the model's)")
    parser.add_argument("--max-length", type=int, default=50)
    parser.add_argument("--batch", type=int, default=10)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--limit", type=int, help="only the first questions")
    parser.add_argument("--out", type=Path, help="write the predictions as JSON lines")
    parser.add_argument("--compare", type=Path, help="predictions.jsonl of a bteval run; exit 1 unless all are equal")
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    model = load_model(arguments.model, arguments.image_size)
    image_size = arguments.image_size or model.config.vision_config.image_size
    vocabulary = json.loads((arguments.vocabulary or arguments.model / "vocabulary.json").read_text(encoding="utf-8"))
    tokenizer = load_tokenizer(arguments.model, arguments.max_length)
    questions = read_questions(arguments.data, arguments.split)[: arguments.limit]

    reference: dict[int, dict] = {}
    start = time.perf_counter()
    for question, logits in answer(model, tokenizer, questions, arguments.data, arguments.split, image_size,
                                   arguments.batch):
        (best, second), (label, _) = (part.tolist() for part in logits.topk(2))
        reference[question.question_id] = {"question_id": question.question_id, "answer": vocabulary[label],
                                           "label": label, "logit": best, "margin": best - second}
    seconds = time.perf_counter() - start
    different_answers = len({record["answer"] for record in reference.values()})
    print(f"{len(reference)} questions in {seconds:.2f} s, {different_answers} different answers")
    if arguments.out:
        lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in reference.values())
        arguments.out.write_text("".join(lines), encoding="utf-8")
    if arguments.compare and compare(reference, read_run(arguments.compare)):
        sys.exit(1)


if __name__ == "__main__":
    main()
