#!/usr/bin/env python3
"""Make a VQAv2 data set in the official file formats over a folder of photographs.

The questions are templates and the answers made up: the set compares implementations and measures their speed; its
accuracy means nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from pathlib import Path

THINGS = ("person", "dog", "cat", "car", "bus", "train", "bicycle", "boat", "table", "chair", "bottle", "clock",
          "umbrella", "bird", "horse", "sign", "window", "tree", "ball", "plate of food")
PLACES = ("on the left", "on the right", "in the background", "in the middle of the picture", "on the table",
          "behind the fence", "near the water", "at the very top, partly cut off by the edge of the photograph")
COLORS = ("red", "blue", "white", "black", "green", "yellow", "brown")
TEMPLATES = (
    ("How many {thing}s are there?", "how many", "number"),
    ("How many {thing}s can be seen {place}?", "how many", "number"),
    ("What color is the {thing}?", "what color is the", "other"),
    ("What color is the {thing} {place}?", "what color is the", "other"),
    ("Is there a {thing} {place}?", "is there a", "yes/no"),
    ("Is the {thing} {color}?", "is the", "yes/no"),
    ("Are there any {color} {thing}s?", "are there any", "yes/no"),
    ("What is {place}?", "what is", "other"),
    ("What is next to the {color} {thing} {place}?", "what is", "other"),
    ("Where is the {thing}?", "where is the", "other"),
    ("Does this look like a photograph of a {thing}?", "does this", "yes/no"),
    ("Why is the {thing} {place}?", "why is the", "other"),
    ("What time of the day is it?", "what time", "other"),
)


def make_question(rng: random.Random) -> tuple[str, str, str]:
    text, kind, answer_type = rng.choice(TEMPLATES)
    return text.format(thing=rng.choice(THINGS), place=rng.choice(PLACES), color=rng.choice(COLORS)), kind, answer_type


def make_answers(answer_type: str, rng: random.Random) -> list[str]:
    choices = {"yes/no": ["yes", "no"], "number": ["0", "1", "2", "3"], "other": list(COLORS)}[answer_type]
    favourite = rng.choice(choices)
    return [favourite if rng.random() < 0.7 else rng.choice(choices) for _ in range(10)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", type=Path, help="folder with NUMBER.jpg files")
    parser.add_argument("out", type=Path, help="folder to write")
    parser.add_argument("--subtype", default="val2014")
    parser.add_argument("--questions", type=int, default=5, help="questions an image")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    rng = random.Random(arguments.seed)
    subtype = arguments.subtype
    (arguments.out / subtype).mkdir(parents=True, exist_ok=True)
    questions, annotations = [], []
    for photograph in sorted(arguments.photographs.glob("*.jpg")):
        image_id = int(photograph.stem)
        link = arguments.out / subtype / f"COCO_{subtype}_{image_id:012d}.jpg"
        if not link.is_symlink():
            os.symlink(photograph.resolve(), link)
        for number in range(arguments.questions):
            text, kind, answer_type = make_question(rng)
            answers = make_answers(answer_type, rng)
            question_id = image_id * 1000 + number
            questions.append({"image_id": image_id, "question": text, "question_id": question_id})
            annotations.append({
                "question_type": kind, "multiple_choice_answer": max(answers, key=answers.count),
                "answers": [{"answer": answer, "answer_confidence": "yes", "answer_id": index}
                            for index, answer in enumerate(answers, start=1)],
                "image_id": image_id, "answer_type": answer_type, "question_id": question_id})
    if not questions:
        raise SystemExit(f"{arguments.photographs} holds no .jpg files")
    head = {"info": {"description": "Template questions on photographs, for comparing implementations."},
            "license": {"name": "Apache License 2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
            "data_subtype": subtype, "data_type": "mscoco"}
    for name, content in (
        (f"v2_OpenEnded_mscoco_{subtype}_questions.json", head | {"task_type": "Open-Ended", "questions": questions}),
        (f"v2_mscoco_{subtype}_annotations.json", head | {"annotations": annotations})):
        (arguments.out / name).write_text(json.dumps(content) + "\n", encoding="utf-8")
    print(f"{arguments.out}: {len(questions)} questions on {len(questions) // arguments.questions} photographs")


if __name__ == "__main__":
    main()
