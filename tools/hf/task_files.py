"""Official files of NLVR2, SNLI-VE and retrieval, as the reference side of the comparisons reads them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

SNLI_LABELS = ("contradiction", "neutral", "entailment")
IMAGE_FOLDERS = {"flickr30k": "flickr30k-images"}


@dataclass(frozen=True)
class Example:
    """A sample of a classification task: one image, or two with NLVR2."""

    id: str
    text: str
    images: tuple[Path, ...]
    label: int


@dataclass(frozen=True)
class CaptionSet:
    """A retrieval split; image_of[i] is the index of caption i's image."""

    images: list[Path]
    captions: list[str]
    image_of: list[int]


def json_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_nlvr2(root: Path, split: str) -> list[Example]:
    """Label 1 is True; the left image comes first."""
    examples = []
    for record in json_lines(root / "data" / f"{split}.json"):
        pair = record["identifier"].rsplit("-", 1)[0]
        images = tuple(root / "images" / split / f"{pair}-img{side}.png" for side in (0, 1))
        examples.append(Example(record["identifier"], record["sentence"], images, int(record["label"] == "True")))
    return examples


def read_snli_ve(root: Path, split: str) -> list[Example]:
    return [Example(record["pairID"], record["sentence2"].strip(),
                    (root / "flickr30k-images" / f"{record['Flickr30K_ID']}.jpg",), SNLI_LABELS.index(record["gold_label"]))
            for record in json_lines(root / f"snli_ve_{split}.jsonl")]


def read_karpathy(root: Path, dataset: str, split: str) -> CaptionSet:
    images, captions, image_of = [], [], []
    content = json.loads((root / f"dataset_{dataset}.json").read_text(encoding="utf-8"))
    for record in content["images"]:
        if record["split"] == split:
            image_of += [len(images)] * len(record["sentences"])
            captions += [sentence["raw"] for sentence in record["sentences"]]
            images.append(root / record.get("filepath", IMAGE_FOLDERS.get(dataset, "")) / record["filename"])
    return CaptionSet(images, captions, image_of)
