#!/usr/bin/env python3
"""Render the mini suite's synthetic VQAv2 in the official file formats.

Subtypes: `minitest` (evaluated, committed with its images), `minitrain` (its annotations define the answer vocabulary;
committed without images, and without what the vocabulary does not need) and `miniextra` (more training scenes, never
committed). No scene of `minitest` occurs in the other two.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from humans import annotation, normalised
from questions import ask, question_type
from scenes import Cells, Scene, render, sample_scene

SEED = 20261124
LICENSE = {"name": "Apache License 2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"}
# subtype -> (number of scenes, first image id); minitest is drawn first, so that nothing else moves its scenes
SUBTYPES = {"minitest": (300, 900001), "minitrain": (300, 1), "miniextra": (12000, 100001)}
MIN_OCCURRENCES = 9  # of an answer in the vocabulary, as in the official rule


@dataclass
class Split:
    """One generated subtype; images[i] is the JPEG of image_ids[i]."""

    subtype: str
    scenes: list[Scene]
    image_ids: list[int]
    images: list[bytes]
    questions: list[dict]
    annotations: list[dict]


def make_split(subtype: str, forbidden: set[Cells]) -> Split:
    """Generate a subtype from its own seed, leaving out the scenes in `forbidden`."""
    count, first_id = SUBTYPES[subtype]
    rng = np.random.default_rng([SEED, list(SUBTYPES).index(subtype)])
    split = Split(subtype, [], [], [], [], [])
    seen: set[Cells] = set()
    while len(split.scenes) < count:
        scene = sample_scene(rng)
        # Test scenes differ from one another as well; the training scenes may repeat, with another picture.
        if scene.cells in forbidden or (subtype == "minitest" and scene.cells in seen):
            continue
        seen.add(scene.cells)
        image_id = first_id + len(split.scenes)
        split.scenes.append(scene)
        split.image_ids.append(image_id)
        split.images.append(render(scene, rng))
        for number, question in enumerate(ask(scene, rng, int(rng.integers(4, 6)), subtype == "miniextra")):
            question_id = image_id * 1000 + number
            split.questions.append({"image_id": image_id, "question": question.text, "question_id": question_id})
            split.annotations.append(annotation(question, question_type(question.text), image_id, question_id, rng))
    return split


def make_all(subtypes: list[str]) -> dict[str, Split]:
    """Generate the named subtypes, checking that no test scene occurs in training."""
    test = make_split("minitest", set())
    held_out = {scene.cells for scene in test.scenes}
    splits = {name: test if name == "minitest" else make_split(name, held_out) for name in subtypes}
    for name, split in splits.items():
        if name != "minitest" and held_out & {scene.cells for scene in split.scenes}:
            raise RuntimeError(f"{name} contains a scene of minitest")
    return splits


def answer_vocabulary(annotations: list[dict]) -> list[str]:
    """The official rule: normalised answers seen at least nine times, in order of first appearance."""
    counts = Counter(normalised(record["multiple_choice_answer"]) for record in annotations)
    return [answer for answer, count in counts.items() if count >= MIN_OCCURRENCES]


def without_surplus(split: Split) -> Split:
    """The split without the questions that the vocabulary can spare: each answer occurs often enough, and first where
    it did. Training uses the whole split; only what is left here is committed."""
    answers = [normalised(record["multiple_choice_answer"]) for record in split.annotations]
    told: Counter[str] = Counter()
    kept = set()
    for record, answer in zip(split.annotations, answers):
        told[answer] += 1
        if told[answer] <= MIN_OCCURRENCES:
            kept.add(record["question_id"])
    questions, annotations = ([record for record in records if record["question_id"] in kept]
                              for records in (split.questions, split.annotations))
    if answer_vocabulary(annotations) != answer_vocabulary(split.annotations):
        raise RuntimeError("the smaller minitrain gives another vocabulary")
    return replace(split, questions=questions, annotations=annotations)


def write_split(split: Split, root: Path, with_images: bool) -> None:
    root.mkdir(parents=True, exist_ok=True)
    head = {
        "info": {"description": "Synthetic mini VQAv2 of the bteval mini suite: rendered shapes, simulated answers.",
                 "url": "", "version": "1.0", "year": 2026, "contributor": "bteval", "date_created": "2026-11-24"},
        "license": LICENSE,
        "data_subtype": split.subtype,
    }
    questions = head | {"task_type": "Open-Ended", "data_type": "mscoco", "questions": split.questions}
    annotations = head | {"data_type": "mscoco", "annotations": split.annotations}
    for name, content in ((f"v2_OpenEnded_mscoco_{split.subtype}_questions.json", questions),
                          (f"v2_mscoco_{split.subtype}_annotations.json", annotations)):
        (root / name).write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")
    if with_images:
        folder = root / split.subtype
        folder.mkdir(exist_ok=True)
        for image_id, image in zip(split.image_ids, split.images):
            (folder / f"COCO_{split.subtype}_{image_id:012d}.jpg").write_bytes(image)


def describe(split: Split) -> str:
    answers = Counter(normalised(record["multiple_choice_answer"]) for record in split.annotations)
    top, count = answers.most_common(1)[0]
    kinds = Counter(record["answer_type"] for record in split.annotations)
    return (f"{split.subtype}: {len(split.scenes)} images, {len(split.questions)} questions {dict(kinds)}; "
            f"most frequent answer '{top}' {100 * count / len(split.questions):.1f} %")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("assets/mini/vqav2"), help="folder to write (default %(default)s)")
    parser.add_argument("--train-images", action="store_true", help="write all of minitrain, with its images")
    parser.add_argument("--extra", action="store_true", help="write miniextra too (12,000 images)")
    arguments = parser.parse_args()
    splits = make_all(list(SUBTYPES) if arguments.extra else ["minitest", "minitrain"])
    for name, split in splits.items():
        if name == "minitrain" and not arguments.train_images:
            split = without_surplus(split)
        write_split(split, arguments.out, with_images=name != "minitrain" or arguments.train_images)
        print(describe(split))
    vocabulary = answer_vocabulary(splits["minitrain"].annotations)
    missing = {normalised(r["multiple_choice_answer"]) for s in splits.values() for r in s.annotations} - set(vocabulary)
    print(f"vocabulary: {len(vocabulary)} answers: {', '.join(vocabulary)}")
    if missing:
        raise SystemExit(f"answers outside the vocabulary: {sorted(missing)}")


if __name__ == "__main__":
    main()
