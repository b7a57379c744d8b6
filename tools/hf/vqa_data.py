"""Official VQAv2 files, the `square` transform and tokens, as the reference side of the comparisons reads them."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
PAD_ID = 1


@dataclass(frozen=True)
class Question:
    question_id: int
    image_id: int
    text: str


def read_questions(root: Path, subtype: str) -> list[Question]:
    """The questions of a subtype, in file order."""
    content = json.loads((root / f"v2_OpenEnded_mscoco_{subtype}_questions.json").read_text(encoding="utf-8"))
    return [Question(int(q["question_id"]), int(q["image_id"]), q["question"]) for q in content["questions"]]


def image_path(root: Path, subtype: str, image_id: int) -> Path:
    return root / subtype / f"COCO_{subtype}_{image_id:012d}.jpg"


def square_pixels(image: Path | bytes, size: int) -> torch.Tensor:
    """[3, size, size] float32: RGB, bicubic to size x size whatever the shape, CLIP's mean and deviation."""
    source = io.BytesIO(image) if isinstance(image, bytes) else image
    with Image.open(source) as opened:
        picture = opened.convert("RGB")
    # Width first, then height: the order in which every Pillow before 13 does both in one call. Pillow 13 takes the height
    # first for some shapes, which rounds differently.
    resized = picture.resize((size, picture.height), Image.Resampling.BICUBIC)
    resized = resized.resize((size, size), Image.Resampling.BICUBIC)
    values = torch.from_numpy(np.asarray(resized, dtype=np.float32) / np.float32(255.0)).permute(2, 0, 1)
    mean, std = torch.tensor(CLIP_MEAN).view(3, 1, 1), torch.tensor(CLIP_STD).view(3, 1, 1)
    return ((values - mean) / std).contiguous()


def load_tokenizer(folder: Path, max_length: int) -> Tokenizer:
    """The folder's tokenizer.json, truncating to `max_length` with </s> kept."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(max_length)
    tokenizer.no_padding()
    return tokenizer


def encode(tokenizer: Tokenizer, texts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """input_ids and attention_mask, [B, S] int64, padded to the longest."""
    rows = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    ids = torch.full((len(rows), max(map(len, rows))), PAD_ID, dtype=torch.long)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = torch.tensor(row)
    return ids, (ids != PAD_ID).long()


def label_scores(answers: list[str], labels: dict[str, int]) -> dict[int, float]:
    """The official training targets: 0.3, 0.6, 0.9 or 1 by how many of the (normalised) answers agree."""
    scores: dict[int, float] = {}
    for answer in set(answers) & labels.keys():
        scores[labels[answer]] = (0.0, 0.3, 0.6, 0.9)[answers.count(answer)] if answers.count(answer) < 4 else 1.0
    return scores
