#!/usr/bin/env python3
"""Render the mini suite's synthetic SNLI-VE: a test split in the official file format."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from captions import captions
from scenes import render_small
from statements import LABELS, statement
from worlds import set_rng, test_scenes, write_bytes, write_text

FIRST_ID, HYPOTHESES = 7000001, 2  # of each label and picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("assets/mini/snli_ve"), help="folder to write")
    out = parser.parse_args().out
    scenes, pictures, texts = test_scenes("snli_ve"), set_rng("snli_ve", 1), set_rng("snli_ve", 2)
    records = []
    for index, scene in enumerate(scenes):
        image_id = str(FIRST_ID + index)
        write_bytes(out / "flickr30k-images" / f"{image_id}.jpg", render_small(scene, pictures))
        premises = [caption.text for caption in captions(scene, "flickr30k", texts)]
        for label in LABELS:
            for number in range(HYPOTHESES):
                premise = (len(LABELS) * number + LABELS.index(label)) % len(premises)
                caption_id = f"{image_id}.jpg#{premise}"
                # The official fields; nothing reads the parses, so they are left empty.
                records.append({
                    "Flickr30K_ID": image_id, "annotator_labels": [label], "captionID": caption_id, "gold_label": label,
                    "pairID": f"{caption_id}r{number + 1}{label[0]}", "sentence1": premises[premise],
                    "sentence1_binary_parse": "", "sentence1_parse": "", "sentence2": statement(scene, label, texts),
                    "sentence2_binary_parse": "", "sentence2_parse": ""})
    records = [records[int(i)] for i in texts.permutation(len(records))]
    write_text(out / "snli_ve_test.jsonl", "".join(json.dumps(record) + "\n" for record in records))
    repeated = len(records) - len({(record["Flickr30K_ID"], record["sentence2"]) for record in records})
    print(f"snli_ve test: {len(scenes)} images, {len(records)} pairs {dict(Counter(r['gold_label'] for r in records))}, "
          f"{repeated} repeated (image, hypothesis)")


if __name__ == "__main__":
    main()
