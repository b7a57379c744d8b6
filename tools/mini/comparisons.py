"""Sentences about two pictures, true or false, in NLVR2's manner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scenes import BACKGROUNDS, Scene
from worlds import any_kind, draw_until, pick, plural, present

Holds = Callable[[Scene, Scene], bool]


@dataclass(frozen=True)
class Comparison:
    text: str
    holds: Holds  # of (left, right)
    counted: tuple[str | None, str | None] | None = None  # (shape, color) of what it is about, unless backgrounds


def _more(rng: np.random.Generator) -> Comparison:
    shape, color, noun = any_kind(rng)
    side, other = (0, 1) if rng.random() < 0.5 else (1, 0)
    names = ("left", "right")
    def holds(left: Scene, right: Scene) -> bool:
        pair = (left, right)
        return present(pair[side], shape, color) > present(pair[other], shape, color)
    return Comparison(f"There are more {noun}s in the {names[side]} image than in the {names[other]} one.", holds,
                      (shape, color))


def _same_number(rng: np.random.Generator) -> Comparison:
    shape, color, noun = any_kind(rng)
    return Comparison(f"Both images contain the same number of {noun}s.",
                      lambda left, right: present(left, shape, color) == present(right, shape, color), (shape, color))


def _quantified(rng: np.random.Generator) -> Comparison:
    shape, color, noun = any_kind(rng)
    text, wanted = pick(rng, (("Both images contain a {}.", (2,)), ("Neither image contains a {}.", (0,)),
                              ("Exactly one image contains a {}.", (1,)), ("At least one image contains a {}.", (1, 2))))
    def holds(left: Scene, right: Scene) -> bool:
        return sum(present(scene, shape, color) > 0 for scene in (left, right)) in wanted
    return Comparison(text.format(noun), holds, (shape, color))


def _one_side(rng: np.random.Generator) -> Comparison:
    shape, color, noun = any_kind(rng)
    side = int(rng.integers(2))
    text, count = f"The {('left', 'right')[side]} image contains ", int(rng.integers(1, 4))
    if rng.random() < 0.5:
        return Comparison(text + f"a {noun}.", lambda *pair: present(pair[side], shape, color) > 0, (shape, color))
    return Comparison(text + f"exactly {plural(count, noun)}.", lambda *pair: present(pair[side], shape, color) == count,
                      (shape, color))


def _total(rng: np.random.Generator) -> Comparison:
    shape, color, noun = any_kind(rng)
    count = int(rng.integers(1, 5))
    return Comparison(f"There {'is' if count == 1 else 'are'} {plural(count, noun)} in total.",
                      lambda left, right: present(left, shape, color) + present(right, shape, color) == count,
                      (shape, color))


def _background(rng: np.random.Generator) -> Comparison:
    ground = pick(rng, BACKGROUNDS)
    if rng.random() < 0.4:
        return Comparison("Both images have the same background.", lambda left, right: left.background == right.background)
    side = int(rng.integers(2))
    return Comparison(f"The background of the {('left', 'right')[side]} image is {ground}.",
                      lambda *pair: pair[side].background == ground)


KINDS = ((_more, 0.25), (_same_number, 0.12), (_quantified, 0.25), (_one_side, 0.2), (_total, 0.1), (_background, 0.08))


def draw_kind(rng: np.random.Generator) -> Callable[[np.random.Generator], Comparison]:
    return KINDS[int(rng.choice(len(KINDS), p=[share for _, share in KINDS]))][0]


def comparison(left: Scene, right: Scene, truth: bool, rng: np.random.Generator) -> Comparison:
    """A sentence of a random kind that is true or false of the pair, as asked; of another kind where that cannot be."""
    def make() -> Comparison | None:
        kind = draw_kind(rng)
        for _ in range(40):
            drawn = kind(rng)
            if drawn.holds(left, right) == truth:
                return drawn
        return None
    return draw_until(make)
