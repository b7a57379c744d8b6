#!/usr/bin/env python3
"""Render the mini suite's synthetic Flickr30K and MSCOCO: test splits in Karpathy's form, MSCOCO in ALBEF's too."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np

from captions import STYLES, captions
from scenes import Scene, render_small
from worlds import set_rng, test_scenes, write_bytes, write_text

FIRST_FLICKR_ID, FIRST_COCO_ID = 8000001, 910001
SIX_CAPTIONS, BROKEN_LINES = 10, 25  # how many COCO images, and captions in how many COCO images


def texts_of(index: int, scene: Scene, style: str, rng: np.random.Generator) -> list[str]:
    coco = style == "coco"
    texts = [caption.text for caption in captions(scene, style, rng, 6 if coco and index % SIX_CAPTIONS == 3 else 5)]
    if coco and index < BROKEN_LINES:  # as in the real one
        texts[index % 5] = texts[index % 5].replace(" ", ("\n", "  ", " \n")[index % 3], 1)
    return texts


def words(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() or letter.isspace() else " " for letter in text.lower()).split()


def compact(content: dict | list) -> str:
    return json.dumps(content, separators=(",", ":")) + "\n"


def build(name: str, out: Path) -> str:
    scenes, pictures, rng = test_scenes(name), set_rng(name, 1), set_rng(name, 2)
    coco, images, pairs, sentence_id, count = name == "coco", [], [], 0, Counter()
    for index, scene in enumerate(scenes):
        coco_id = FIRST_COCO_ID + index
        filename = f"COCO_val2014_{coco_id:012d}.jpg" if coco else f"{FIRST_FLICKR_ID + index}.jpg"
        folder = "val2014" if coco else "flickr30k-images"
        write_bytes(out / folder / filename, render_small(scene, pictures))
        texts = texts_of(index, scene, name, rng)
        count.update({text.strip().lower() for text in texts})
        sentences = [{"tokens": words(text), "raw": text, "imgid": index, "sentid": sentence_id + number}
                     for number, text in enumerate(texts)]
        sentence_id += len(texts)
        images.append({"sentids": [s["sentid"] for s in sentences], "imgid": index, "sentences": sentences,
                       "split": "test", "filename": filename} | ({"filepath": folder, "cocoid": coco_id} if coco else {}))
        pairs.append({"image": f"{folder}/{filename}", "caption": texts})
    write_text(out / f"dataset_{name}.json", compact({"images": images, "dataset": name}))
    if coco:
        write_text(out / "coco_karpathy_test.json", compact(pairs))
    shared = sum(number > 1 for number in count.values())
    return f"{name} test: {len(images)} images, {sentence_id} captions, {shared} of them said of several images"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("assets/mini"), help="where to make flickr30k/ and coco/")
    parser.add_argument("--set", choices=STYLES, help="only this one")
    arguments = parser.parse_args()
    for name in [arguments.set] if arguments.set else STYLES:
        print(build(name, arguments.out / name))


if __name__ == "__main__":
    main()
