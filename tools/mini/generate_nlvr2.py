#!/usr/bin/env python3
"""Render the mini suite's synthetic NLVR2: a dev split in the official file formats."""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np

from comparisons import draw_kind
from scenes import Scene, render_small
from worlds import draw_until, set_rng, test_scenes, write_bytes, write_text

PAIRS = 5
SENTENCES = (2, 2, 2, 6, 6, 6, 6, 6, 6, 6)  # by set; each is said of all the set's pairs
PNG_IMAGES = 4  # all are named .png; the others are JPEG inside, as most of the real ones


def examples(pairs: list[list[tuple[Scene, Scene]]], rng: np.random.Generator) -> list[dict]:
    """Every set's sentences, each true of two or three of the set's five pairs."""
    records = []
    for number, members in enumerate(pairs):
        told: set[str] = set()
        for sentence in range(SENTENCES[number]):
            wanted = 2 + (number + sentence) % 2
            def make():
                drawn = draw_kind(rng)(rng)
                held = [drawn.holds(*pair) for pair in members]
                return (drawn.text, held) if sum(held) == wanted and drawn.text not in told else None
            text, held = draw_until(make, 10000)
            told.add(text)
            for pair in range(PAIRS):
                label, writer = str(held[pair]), str(int(rng.integers(1, 30)))
                record = {"sentence": text, "label": label, "identifier": f"dev-{number}-{pair}-{sentence}",
                          "left_url": f"https://example.org/{number}-{pair}-0.jpg",
                          "right_url": f"https://example.org/{number}-{pair}-1.jpg", "query": f"shapes{number}",
                          "synset": "shape", "writer": writer, "validation": {str(int(rng.integers(30, 60))): label},
                          "extra_validations": {}}
                keys = [list(record)[int(i)] for i in rng.permutation(len(record))]
                records.append({key: record[key] for key in keys})
    return [records[int(i)] for i in rng.permutation(len(records))]


def subsets(records: list[dict]) -> tuple[list[dict], list[dict]]:
    """Balanced: as many true as false examples of every pair that has both; unbalanced: pairs with one label alone."""
    of_pair: dict[str, list[dict]] = defaultdict(list)
    for record in records:
        of_pair[record["identifier"].rsplit("-", 1)[0]].append(record)
    balanced, unbalanced = [], []
    for members in of_pair.values():
        true, false = ([r for r in members if r["label"] == label] for label in ("True", "False"))
        size = min(len(true), len(false))
        balanced += true[:size] + false[:size]
        unbalanced += members if size == 0 else []
    return balanced, unbalanced


def lines(records: list[dict]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("assets/mini/nlvr2"), help="folder to write (default %(default)s)")
    out = parser.parse_args().out
    scenes, rng = test_scenes("nlvr2"), set_rng("nlvr2", 1)
    pairs = [[(scenes[2 * (number * PAIRS + pair)], scenes[2 * (number * PAIRS + pair) + 1]) for pair in range(PAIRS)]
             for number in range(len(SENTENCES))]
    for index, scene in enumerate(scenes):
        number, pair, side = index // (2 * PAIRS), index // 2 % PAIRS, index % 2
        image = render_small(scene, rng, as_png=index < PNG_IMAGES)
        write_bytes(out / "images" / "dev" / f"dev-{number}-{pair}-img{side}.png", image)
    records = examples(pairs, set_rng("nlvr2", 2))
    balanced, unbalanced = subsets(records)
    for name, subset in (("dev.json", records), ("balanced/balanced_dev.json", balanced),
                         ("unbalanced/unbalanced_dev.json", unbalanced)):
        write_text(out / "data" / name, lines(subset))
    true = sum(record["label"] == "True" for record in records)
    print(f"nlvr2 dev: {len(scenes)} images, {len(records)} examples ({100 * true / len(records):.1f} % true), "
          f"{len(balanced)} balanced, {len(unbalanced)} unbalanced, {sum(SENTENCES)} groups")


if __name__ == "__main__":
    main()
