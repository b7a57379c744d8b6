"""Captions of a scene, and which captions are true of which scenes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenes import CELLS, Scene
from worlds import list_things, name_of, pick, plural, present

STYLES = ("flickr30k", "coco")


@dataclass(frozen=True)
class Caption:
    text: str
    fact: tuple  # what it says: true of a scene if facts(scene) holds it


def facts(scene: Scene) -> set[tuple]:
    """Everything that a caption could say about the scene."""
    things, ground, number = tuple(sorted(scene.things())), scene.background, len(scene.things())
    told = {("things", things), ("ground", things, ground), ("layout", scene.cells), ("number", number, ground)}
    return told | {("among", thing, number) for thing in things}


def _things(scene: Scene, rng: np.random.Generator) -> str:
    things = scene.things()
    return list_things([things[int(i)] for i in rng.permutation(len(things))])


def _layout(scene: Scene, rng: np.random.Generator) -> str:
    places = [place for place in range(4) if scene.cells[place] is not None]
    parts = [f"a {name_of(scene.cells[place])} {CELLS[place]}" for place in places]
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def _vague(scene: Scene, rng: np.random.Generator) -> Caption:
    number = len(scene.things())
    if rng.random() < 0.4:
        return Caption(f"{plural(number, 'shape')} on a {scene.background} background", ("number", number, scene.background))
    thing = pick(rng, scene.things())
    rest = {1: " alone", 2: " and another shape"}.get(number, f" and {plural(number - 1, 'other shape')}")
    return Caption(f"a {name_of(thing)}{rest}", ("among", thing, number))


def captions(scene: Scene, style: str, rng: np.random.Generator, count: int = 5) -> list[Caption]:
    """`count` captions: most tell all things, one where they are, one is vague enough to fit other pictures too."""
    things = tuple(sorted(scene.things()))
    ground = f" on a {scene.background} background"
    made = [Caption(_things(scene, rng), ("things", things)),
            Caption(_things(scene, rng) + ground, ("ground", things, scene.background)),
            Caption(_layout(scene, rng), ("layout", scene.cells)),
            _vague(scene, rng)]
    while len(made) < count:
        made.append(Caption(_things(scene, rng) + ground, ("ground", things, scene.background)))
    made = [made[int(i)] for i in rng.permutation(len(made))]
    return [Caption(_dress(caption.text, style, rng), caption.fact) for caption in made]


def _dress(text: str, style: str, rng: np.random.Generator) -> str:
    """A sentence as each data set's writers leave it."""
    if style == "flickr30k":
        return (text if rng.random() < 0.7 else f"there is {text}").capitalize() + " ."
    text = (text if rng.random() < 0.6 else pick(rng, ("a picture of {}", "an image with {}")).format(text)).capitalize()
    return text + pick(rng, (".", ".", ".", "", ". "))
