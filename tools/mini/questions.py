"""Questions about a scene in VQAv2's manner, and ten people's answers to each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scenes import CELLS, COLORS, SHAPES, Scene

NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five")
# The question types of the official list that these questions start with; the longest match counts.
QUESTION_TYPES = ("how many", "is the", "what color is the", "what is the", "what is", "is there a", "where is the",
                  "is there", "are there any", "are there", "what is on the", "what is in the", "what color", "what")


@dataclass(frozen=True)
class Question:
    text: str
    answer: str        # in the scorer's normalised form
    answer_type: str   # yes/no, number or other
    confusions: tuple[str, ...]  # what somebody who looks badly says


def question_type(text: str) -> str:
    lowered = text.lower()
    fitting = [name for name in QUESTION_TYPES if lowered.startswith(name + " ")]
    return max(fitting, key=len) if fitting else "none of the above"


def _pick(rng: np.random.Generator, choices) -> str:
    choices = list(choices)
    return choices[int(rng.integers(len(choices)))]


def _number(text: str, count: int) -> Question:
    near = tuple(str(value) for value in (count - 1, count + 1, count + 2) if value >= 0)
    return Question(text, str(count), "number", near + ("many", "lots"))


def _color(text: str, color: str) -> Question:
    return Question(text, color, "other", tuple(name for name in COLORS if name != color) + ("dark", "bright"))


def _shape(text: str, shape: str) -> Question:
    odd = {"circle": ("ball", "dot", "oval"), "square": ("box", "diamond", "rectangle"),
           "triangle": ("arrow", "pyramid", "wedge")}
    return Question(text, shape, "other", tuple(name for name in SHAPES if name != shape) + odd[shape])


def _yes_no(text: str, truth: bool) -> Question:
    return Question(text, "yes" if truth else "no", "yes/no", ("no" if truth else "yes", "maybe", "not sure"))


def _unique(values: list[str]) -> list[str]:
    return sorted(name for name, count in Counter(values).items() if count == 1)


def ask_count_shape(scene: Scene, rng: np.random.Generator) -> Question | None:
    present = [shape for shape, _ in scene.things()]
    shape = _pick(rng, present if rng.random() < 0.8 else SHAPES)
    text = _pick(rng, ("How many {}s are there?", "How many {}s do you see?", "How many {}s are in the picture?"))
    return _number(text.format(shape), present.count(shape))


def ask_count_color(scene: Scene, rng: np.random.Generator) -> Question | None:
    present = [color for _, color in scene.things()]
    color = _pick(rng, present if rng.random() < 0.85 else COLORS)
    text = _pick(rng, ("How many {} shapes are there?", "How many shapes are {}?", "How many {} objects do you see?"))
    return _number(text.format(color), present.count(color))


def ask_count_all(scene: Scene, rng: np.random.Generator) -> Question | None:
    text = _pick(rng, ("How many shapes are there?", "How many objects are in the picture?"))
    return _number(text, len(scene.things()))


def ask_color(scene: Scene, rng: np.random.Generator) -> Question | None:
    unique = _unique([shape for shape, _ in scene.things()])
    if not unique:
        return None
    shape = _pick(rng, unique)
    text = _pick(rng, ("What color is the {}?", "What is the color of the {}?"))
    return _color(text.format(shape), dict(scene.things())[shape])


def ask_shape(scene: Scene, rng: np.random.Generator) -> Question | None:
    unique = _unique([color for _, color in scene.things()])
    if not unique:
        return None
    color = _pick(rng, unique)
    text = _pick(rng, ("What shape is the {} object?", "What is the {} object?", "What is the shape of the {} thing?"))
    return _shape(text.format(color), next(shape for shape, other in scene.things() if other == color))


def ask_exists(scene: Scene, rng: np.random.Generator) -> Question | None:
    present = set(scene.things())
    truth = rng.random() < 0.5
    absent = [(s, c) for s in SHAPES for c in COLORS if (s, c) not in present]
    shape, color = _pick(rng, sorted(present) if truth else absent)
    return _yes_no(_pick(rng, ("Is there a {} {}?", "Is there a {} {} in the picture?")).format(color, shape), truth)


def ask_exists_any(scene: Scene, rng: np.random.Generator) -> Question | None:
    names = SHAPES if rng.random() < 0.5 else tuple(COLORS)
    present = {name for thing in scene.things() for name in thing if name in names}
    truth = rng.random() < 0.5
    fitting = sorted(present) if truth else sorted(set(names) - present)
    if not fitting:
        return None
    name = _pick(rng, fitting)
    return _yes_no(f"Are there any {name}s?" if name in SHAPES else f"Are there any {name} shapes?", truth)


def ask_is_color(scene: Scene, rng: np.random.Generator) -> Question | None:
    unique = _unique([shape for shape, _ in scene.things()])
    if not unique:
        return None
    shape = _pick(rng, unique)
    color = dict(scene.things())[shape]
    truth = rng.random() < 0.5
    asked = color if truth else _pick(rng, [name for name in COLORS if name != color])
    return _yes_no(f"Is the {shape} {asked}?", truth)


def ask_where(scene: Scene, rng: np.random.Generator) -> Question | None:
    counts = Counter(name for thing in scene.things() for name in thing)
    unique = sorted(name for name, count in counts.items() if count == 1)
    if not unique:
        return None
    name = _pick(rng, unique)
    place = next(i for i, thing in enumerate(scene.cells) if thing is not None and name in thing)
    text = _pick(rng, ("Where is the {}?", "Where is the {} in the picture?"))
    text = text.format(name if name in SHAPES else f"{name} object")
    confusions = tuple(cell for cell in CELLS if cell != CELLS[place]) + ("corner", "on floor", "left", "right")
    return Question(text, CELLS[place], "other", confusions)


def ask_at_place(scene: Scene, rng: np.random.Generator) -> Question | None:
    place = _pick(rng, [i for i in range(4) if scene.cells[i] is not None])
    shape, color = scene.cells[place]
    if rng.random() < 0.5:
        return _shape(f"What is in the {CELLS[place]} corner?", shape)
    return _color(f"What color is the object in the {CELLS[place]}?", color)


def ask_beside(scene: Scene, rng: np.random.Generator) -> Question | None:
    neighbours = []
    for here, there, relation in ((1, 0, "left of"), (0, 1, "right of"), (3, 2, "left of"), (2, 3, "right of"),
                                  (2, 0, "above"), (0, 2, "below"), (3, 1, "above"), (1, 3, "below")):
        thing, other = scene.cells[here], scene.cells[there]
        if thing is not None and other is not None and scene.things().count(thing) == 1:
            neighbours.append((relation, thing, other))
    if not neighbours:
        return None
    relation, (shape, color), other = _pick(rng, neighbours)
    return _shape(f"What is {relation} the {color} {shape}?", other[0])


def ask_background(scene: Scene, rng: np.random.Generator) -> Question | None:
    text = _pick(rng, ("What color is the background?", "What color is behind the shapes?"))
    others = tuple(name for name in ("white", "gray", "black") if name != scene.background)
    return Question(text, scene.background, "other", others + ("light", "plain", "dark"))


# Each kind of question with how often it is asked, in what is kept and in the extra training data: places are hard to learn,
# so there is more about them.
ASKERS: tuple[tuple[Callable[[Scene, np.random.Generator], Question | None], float, float], ...] = (
    (ask_count_shape, 1.0, 1.0), (ask_count_color, 1.0, 0.7), (ask_count_all, 0.6, 0.3), (ask_color, 1.2, 1.0),
    (ask_shape, 1.1, 1.1), (ask_exists, 0.8, 0.7), (ask_exists_any, 0.6, 0.5), (ask_is_color, 0.6, 0.4),
    (ask_where, 0.35, 2.0), (ask_at_place, 0.6, 1.8), (ask_beside, 0.35, 0.8), (ask_background, 0.5, 0.4),
)


def ask(scene: Scene, rng: np.random.Generator, count: int, extra: bool) -> list[Question]:
    """Draw up to `count` questions of different kinds that the scene allows."""
    weights = np.array([asker[2 if extra else 1] for asker in ASKERS])
    order = rng.choice(len(ASKERS), size=len(ASKERS), replace=False, p=weights / weights.sum())
    questions: list[Question] = []
    for index in order:
        question = ASKERS[int(index)][0](scene, rng)
        if question is not None and len(questions) < count:
            questions.append(question)
    return questions
