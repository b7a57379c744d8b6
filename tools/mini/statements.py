"""Hypotheses about a scene that it entails, contradicts or leaves open, in SNLI-VE's manner."""

from __future__ import annotations

import numpy as np

from scenes import BACKGROUNDS, CELLS, COLORS, SHAPES, Scene
from worlds import any_kind, draw_until, name_of, pick, plural, present

LABELS = ("contradiction", "neutral", "entailment")
# What no picture of flat shapes can tell.
HIDDEN = ("heavy", "wooden", "rusty", "costly", "cold", "soft")


def _visible(scene: Scene, rng: np.random.Generator, truth: bool) -> str | None:
    """A sentence that the picture decides, true or false as asked; None where the drawn kind cannot be."""
    kind = int(rng.choice(7, p=[0.24, 0.14, 0.2, 0.14, 0.08, 0.12, 0.08]))
    shape, color, noun = any_kind(rng)
    if kind == 0:
        thing = pick(rng, scene.things()) if truth else (pick(rng, SHAPES), pick(rng, COLORS))
        if (thing in scene.things()) != truth:
            return None
        return pick(rng, ("There is a {}.", "The picture shows a {}.", "A {} can be seen.")).format(name_of(thing))
    if kind == 1:
        if (present(scene, shape, color) > 0) != truth:
            return None
        return pick(rng, ("There is at least one {}.", "One can see a {}.")).format(noun)
    if kind == 2:
        there = present(scene, shape, color)
        count = there if truth else there + pick(rng, (-1, 1))
        if count < 1 or count > 4:
            return None
        return f"There {'is' if count == 1 else 'are'} exactly {plural(count, noun)}."
    if kind == 3:
        unique = [(s, c) for s, c in scene.things() if present(scene, s, None) == 1]
        if not unique:
            return None
        s, c = pick(rng, unique)
        return f"The {s} is {c if truth else pick(rng, [other for other in COLORS if other != c])}."
    if kind == 4:
        ground = scene.background if truth else pick(rng, [name for name in BACKGROUNDS if name != scene.background])
        return f"The background is {ground}."
    if kind == 5:
        cell = int(rng.integers(4))
        thing = scene.cells[cell]
        shown = pick(rng, SHAPES)
        if (thing is not None and thing[0] == shown) != truth:
            return None
        return f"A {shown} is in the {CELLS[cell]} corner."
    if (present(scene, shape, color) == 0) != truth:
        return None
    return f"There is no {noun}."


def _hidden(scene: Scene, rng: np.random.Generator, mentioned: bool) -> str | None:
    """A sentence about a hidden property of something that is there (undecided) or not there (false)."""
    shape, color, noun = any_kind(rng)
    if (present(scene, shape, color) > 0) != mentioned:
        return None
    return pick(rng, ("There is a {1} {0}.", "A {0} is {1}.", "One can see a {1} {0}.")).format(noun, pick(rng, HIDDEN))


def statement(scene: Scene, label: str, rng: np.random.Generator) -> str:
    """A hypothesis with this label. Hidden properties occur with two labels: the words alone do not decide."""
    def make() -> str | None:
        if label == "neutral":
            return _hidden(scene, rng, True)
        if label == "contradiction" and rng.random() < 0.35:
            return _hidden(scene, rng, False)
        return _visible(scene, rng, label == "entailment")
    return draw_until(make)
