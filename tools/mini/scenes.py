"""Scenes of the mini suite: up to four coloured shapes on a loose two-by-two grid, drawn with jitter and noise."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

SHAPES = ("circle", "square", "triangle")
COLORS = {
    "red": (205, 40, 45),
    "green": (45, 155, 65),
    "blue": (50, 85, 205),
    "yellow": (230, 205, 55),
    "purple": (140, 60, 165),
}
CELLS = ("top left", "top right", "bottom left", "bottom right")
BACKGROUNDS = {"white": (228, 252), "gray": (112, 140), "black": (6, 34)}
SIZES = ((96, 72), (72, 96), (96, 96), (128, 96))
SUPERSAMPLING = 4
JPEG_QUALITY = 88
SMALL_JPEG_QUALITY = 68

# What stands in each of the four cells: nothing, or (shape, color).
Thing = tuple[str, str]
Cells = tuple[Thing | None, Thing | None, Thing | None, Thing | None]


@dataclass(frozen=True)
class Scene:
    """One scene. `cells` is the descriptor by which train and test are kept apart."""

    cells: Cells
    background: str

    def things(self) -> list[Thing]:
        return [thing for thing in self.cells if thing is not None]


def sample_scene(rng: np.random.Generator) -> Scene:
    """Draw a scene; shapes and colours repeat often enough for counts above one."""
    count = int(rng.choice([1, 2, 3, 4], p=[0.08, 0.26, 0.34, 0.32]))
    places = rng.permutation(4)[:count]
    shared_shape = str(rng.choice(SHAPES)) if rng.random() < 0.4 else None
    shared_color = str(rng.choice(list(COLORS))) if rng.random() < 0.4 else None
    cells: list[Thing | None] = [None] * 4
    for place in places:
        shape = shared_shape if shared_shape and rng.random() < 0.75 else str(rng.choice(SHAPES))
        color = shared_color if shared_color and rng.random() < 0.75 else str(rng.choice(list(COLORS)))
        cells[int(place)] = (shape, color)
    return Scene(tuple(cells), str(rng.choice(list(BACKGROUNDS))))


def _outline(shape: str, x: float, y: float, radius: float, angle: float) -> list[tuple[float, float]]:
    corners = 4 if shape == "square" else 3
    first = angle + (math.pi / 4 if shape == "square" else -math.pi / 2)
    reach = radius * (1.3 if shape == "square" else 1.25)
    points = []
    for corner in range(corners):
        turn = first + 2 * math.pi * corner / corners
        points.append((x + reach * math.cos(turn), y + reach * math.sin(turn)))
    return points


def draw(scene: Scene, rng: np.random.Generator) -> Image.Image:
    """Draw the scene as a small picture, with jitter and noise."""
    width, height = SIZES[int(rng.integers(len(SIZES)))]
    low, high = BACKGROUNDS[scene.background]
    # A soft slope of light across the picture, then noise, so that no two backgrounds are equal.
    slope = np.linspace(-1, 1, width)[None, :] * rng.uniform(-1, 1)
    slope = slope + np.linspace(-1, 1, height)[:, None] * rng.uniform(-1, 1)
    tint = rng.uniform(-5, 5, size=3)
    canvas = rng.uniform(low, high) + 7 * slope[:, :, None] + tint[None, None, :]
    base = Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8))
    scale = SUPERSAMPLING
    large = base.resize((width * scale, height * scale), Image.Resampling.BILINEAR)
    pen = ImageDraw.Draw(large)
    for _ in range(int(rng.integers(0, 3))):
        shade = int(rng.uniform(low, high) + rng.choice([-28, 28]))
        ends = [(rng.uniform(0, width) * scale, rng.uniform(0, height) * scale) for _ in range(2)]
        pen.line(ends, fill=(shade,) * 3, width=scale)
    cell_width, cell_height = width / 2, height / 2
    for place, thing in enumerate(scene.cells):
        if thing is None:
            continue
        shape, color = thing
        x = (place % 2 + 0.5 + rng.uniform(-0.09, 0.09)) * cell_width * scale
        y = (place // 2 + 0.5 + rng.uniform(-0.09, 0.09)) * cell_height * scale
        radius = rng.uniform(0.29, 0.37) * min(cell_width, cell_height) * scale
        fill = tuple(int(np.clip(channel + rng.uniform(-18, 18), 0, 255)) for channel in COLORS[color])
        if shape == "circle":
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
        else:
            pen.polygon(_outline(shape, x, y, radius, rng.uniform(-0.2, 0.2)), fill=fill)
    picture = np.asarray(large.resize((width, height), Image.Resampling.BOX), dtype=np.float64)
    picture = np.clip(picture + rng.normal(0, 4, size=picture.shape), 0, 255).astype(np.uint8)
    return Image.fromarray(picture)


def render(scene: Scene, rng: np.random.Generator) -> bytes:
    """Draw the scene and return it as a small JPEG."""
    out = io.BytesIO()
    draw(scene, rng).save(out, format="JPEG", quality=JPEG_QUALITY, subsampling=0)
    return out.getvalue()


def render_small(scene: Scene, rng: np.random.Generator, as_png: bool = False) -> bytes:
    """Draw the scene in fewer bytes: a coarser JPEG with its own Huffman tables, or a PNG of 64 colours."""
    out = io.BytesIO()
    picture = draw(scene, rng)
    if as_png:
        picture.quantize(64, dither=Image.Dither.NONE).save(out, format="PNG", optimize=True)
    else:
        picture.save(out, format="JPEG", quality=SMALL_JPEG_QUALITY, optimize=True)
    return out.getvalue()
