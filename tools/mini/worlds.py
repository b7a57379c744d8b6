"""Which scenes the mini suite's sets are made of, and what a scene says in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scenes import COLORS, SHAPES, Cells, Scene, Thing, render_small, sample_scene

SEED = 20261124
# Test set -> number of scenes. Its place here is part of its seed: append only.
TEST_SETS = {"nlvr2": 100, "snli_ve": 100, "flickr30k": 100, "coco": 100}
TRAINING_SEED, NUMBER_WORDS = 100, ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")


def set_rng(name: str, part: int) -> np.random.Generator:
    """A generator for one part (0 scenes, 1 pictures, 2 texts) of a test set, so that the parts stay independent."""
    return np.random.default_rng([SEED, 10 + list(TEST_SETS).index(name), part])


def test_scenes(name: str) -> list[Scene]:
    """The scenes of a test set: all different, also when only things and background are told."""
    rng, seen, scenes = set_rng(name, 0), set(), []
    while len(scenes) < TEST_SETS[name]:
        scene = sample_scene(rng)
        told = (tuple(sorted(scene.things())), scene.background)
        if told not in seen:
            seen.add(told)
            scenes.append(scene)
    return scenes


@dataclass
class TrainingWorld:
    """Scenes for training with their pictures (JPEG); none of their arrangements occurs in a test set."""

    scenes: list[Scene]
    images: list[bytes]


def training_world(count: int) -> TrainingWorld:
    held_out = {scene.cells for name in TEST_SETS for scene in test_scenes(name)}
    rng, world = np.random.default_rng([SEED, TRAINING_SEED]), TrainingWorld([], [])
    while len(world.scenes) < count:
        scene = sample_scene(rng)
        if scene.cells not in held_out:
            world.scenes.append(scene)
            world.images.append(render_small(scene, rng))
    check_disjoint({scene.cells for scene in world.scenes})
    return world


def check_disjoint(trained: set[Cells]) -> None:
    """Stop if a scene of any test set is among the arrangements that were trained on."""
    for name in TEST_SETS:
        common = trained & {scene.cells for scene in test_scenes(name)}
        if common:
            raise RuntimeError(f"{len(common)} training scenes occur in the test set {name}")


def pick(rng: np.random.Generator, choices: Iterable):
    choices = list(choices)
    return choices[int(rng.integers(len(choices)))]


def plural(count: int, noun: str) -> str:
    return f"{NUMBER_WORDS[count]} {noun}{'' if count == 1 else 's'}"


def name_of(thing: Thing) -> str:
    shape, color = thing
    return f"{color} {shape}"


def present(scene: Scene, shape: str | None, color: str | None) -> int:
    """How many things of the scene have this shape and colour; None is any."""
    return sum((shape in (None, s)) and (color in (None, c)) for s, c in scene.things())


def any_kind(rng: np.random.Generator) -> tuple[str | None, str | None, str]:
    """A kind of thing to count, (shape, color, noun): a shape, a colour or both."""
    shape, color = pick(rng, SHAPES), pick(rng, COLORS)
    draw = rng.random()
    if draw < 0.45:
        return shape, None, shape
    if draw < 0.8:
        return None, color, f"{color} shape"
    return shape, color, f"{color} {shape}"


def list_things(things: list[Thing]) -> str:
    """"two red circles and a blue square", in the order of first mention."""
    parts = [f"a {name_of(thing)}" if count == 1 else plural(count, name_of(thing))
             for thing, count in Counter(things).items()]
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def draw_until(make: Callable[[], object], tries: int = 400):
    """The first value that `make` returns instead of None."""
    for _ in range(tries):
        value = make()
        if value is not None:
            return value
    raise RuntimeError(f"nothing fitted in {tries} tries")


def write_bytes(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    write_bytes(path, content.encode("utf-8"))
