"""Training data of the mini suite's NLVR2, SNLI-VE and retrieval models: pictures, texts and what is true, as tensors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer

from captions import Caption, captions, facts
from comparisons import Comparison, comparison
from hf.vqa_data import encode, square_pixels
from scenes import Scene, render_small
from statements import LABELS, statement
from tiny_model import kinds_of_cells
from worlds import SEED, TEST_SETS, present, set_rng, test_scenes, training_world

IMAGE_SIZE, MAX_LENGTH = 32, 32
STATEMENTS, COMPARISONS = 2, 2  # of each label, for a picture or a pair


@dataclass
class Pictures:
    """Scenes with their pixels [N, 3, S, S] and what stands in their cells [N, 4]."""

    scenes: list[Scene]
    pixels: torch.Tensor
    cells: torch.Tensor

    @staticmethod
    def of(scenes: list[Scene], images: list[bytes]) -> Pictures:
        kinds = kinds_of_cells()
        return Pictures(scenes, torch.stack([square_pixels(image, IMAGE_SIZE) for image in images]),
                        torch.tensor([[kinds[cell] for cell in scene.cells] for scene in scenes]))


def training_pictures(count: int) -> Pictures:
    world = training_world(count)
    return Pictures.of(world.scenes, world.images)


def held_out_pictures() -> Pictures:
    """The test sets' scenes in pictures of their own, to watch the training by."""
    scenes = [scene for name in TEST_SETS for scene in test_scenes(name)]
    rng = set_rng("nlvr2", 3)
    return Pictures.of(scenes, [render_small(scene, rng) for scene in scenes])


@dataclass
class Texts:
    """Tokens of all texts, [T, L], and for each picture or pair the rows that belong to it, [N, K]."""

    ids: torch.Tensor
    mask: torch.Tensor
    rows: torch.Tensor

    @staticmethod
    def of(tokenizer: Tokenizer, groups: list[list[str]]) -> Texts:
        ids, mask = encode(tokenizer, [text for group in groups for text in group])
        return Texts(ids, mask, torch.arange(len(ids)).view(len(groups), -1))

    def batch(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        mask = self.mask[rows]
        length = int(mask.sum(1).max())
        return self.ids[rows, :length], mask[:, :length]


def text_rng(kind: int) -> np.random.Generator:
    return np.random.default_rng([SEED, 200 + kind])


def statement_groups(scenes: list[Scene]) -> list[list[str]]:
    """For each scene, contradictions first, then neutral ones, then entailed ones."""
    rng = text_rng(0)
    return [[statement(scene, label, rng) for label in LABELS for _ in range(STATEMENTS)] for scene in scenes]


def pair_partners(count: int, rng: np.random.Generator) -> list[int]:
    """A right image for each left one."""
    order = rng.permutation(count)
    partners = np.empty(count, dtype=int)
    partners[order] = np.roll(order, 1)
    return partners.tolist()


def comparison_groups(scenes: list[Scene]) -> tuple[list[int], list[list[Comparison]]]:
    """Each scene's partner, and about the pair false sentences first, then true ones."""
    rng = text_rng(1)
    partners = pair_partners(len(scenes), rng)
    return partners, [[comparison(scene, scenes[partner], truth, rng) for truth in (False, True) for _ in range(COMPARISONS)]
                      for scene, partner in zip(scenes, partners)]


def counts(scenes: list[Scene], groups: list[list[Comparison]]) -> torch.Tensor:
    """[N, K] how often each scene has what its sentences are about; -1 where they are about backgrounds."""
    return torch.tensor([[-1 if told.counted is None else present(scene, *told.counted) for told in group]
                         for scene, group in zip(scenes, groups)])


def caption_groups(scenes: list[Scene], style: str) -> list[list[Caption]]:
    rng = text_rng(2 + (style == "coco"))
    return [captions(scene, style, rng) for scene in scenes]


def matches(scenes: list[Scene], told: list[Caption]) -> torch.Tensor:
    """[images, captions] bool: which captions are true of which scenes."""
    known = [facts(scene) for scene in scenes]
    return torch.tensor([[caption.fact in true for caption in told] for true in known])
