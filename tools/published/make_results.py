#!/usr/bin/env python3
"""Makes assets/published/results.json from a flat list of numbers as they were collected.

    tools/published/make_results.py RECORDS.json > assets/published/results.json

Each record has model, variant, params, pretrain_images, benchmark, split, metric, value, setting, kind, source,
source_tier and note. What is doubtful is left out: numbers whose model size, split or origin is inferred, quotations of
quotations (aggregator pages, leaderboard cards, theses), re-evaluations by third parties, and tables of ablations and
speed, whose set-ups differ too much from paper to paper to stand beside each other.
"""

import json
import re
import sys

TASKS = {"VQAv2": "vqav2", "NLVR2": "nlvr2", "SNLI-VE": "snli-ve", "Flickr30K 1K": "flickr30k", "MSCOCO 5K": "coco"}
SPLITS = {
    "vqav2": {"test-dev": "test-dev", "test-std": "test-std"},
    "nlvr2": {"dev": "dev", "test-P": "test-P"},
    "snli-ve": {"dev": "dev", "test": "test"},
    "flickr30k": {"test": "test"},
    "coco": {"test": "test"},
}
METRICS = {
    "overall accuracy": "overall", "yes/no accuracy": "yes/no", "number accuracy": "number", "other accuracy": "other",
    "accuracy": "accuracy", "RSUM": "RSUM", "TR@1": "TR R@1", "TR@5": "TR R@5", "TR@10": "TR R@10", "IR@1": "IR R@1",
    "IR@5": "IR R@5", "IR@10": "IR R@10",
}
TIERS = {"authors": "authors", "authors-lab reproduction": "authors' laboratory, run again",
         "other paper": "another paper", "other paper (quoted there)": "another paper, quoting"}
DOUBT = re.compile(r"inferred|not named|size not|thesis|NOT comparable|stored page|best in card")


def parameters(text):
    """338.64M as a number; None where it is not given, or of a part of the model, or in conflict."""
    match = re.fullmatch(r"([0-9.]+)M", text or "")
    return round(float(match[1]) * 1e6) if match else None


def clean(note):
    """The remarks a reader of the number needs; remarks on how it was found go."""
    note = note.split(", about ")[0].split("; marked with")[0]
    return note if note.startswith(("VG-QA", "LAVIS", "re-evaluation of the released", "released-checkpoint",
                                    "all-candidate", "beam-search")) else ""


def numbers(row):
    return {(split, metric): value for split, results in row["results"].items() for metric, value in results.items()}


def is_repeated(row, others):
    """Whether another row of the same model says all that this one says, and more, or says it closer to the origin."""
    def closeness(of):
        return (len(numbers(of)), of["source_kind"] == TIERS["authors"], bool(of["note"]), of["parameters"] is not None)

    same = [other for other in others if other is not row and all(
        other[key] == row[key] for key in ("task", "model", "variant", "setting"))]
    def is_better(other):
        return (closeness(other), row["source"]) > (closeness(row), other["source"])

    return any(numbers(row).items() <= numbers(other).items() and is_better(other) for other in same)


def setting_of(record):
    """"Zero-shot" on Flickr30K by ALBEF and BLIP means the model that was fine-tuned on MSCOCO."""
    is_tuned = record["benchmark"] == "Flickr30K 1K" and record["model"] in ("ALBEF", "BLIP")
    if is_tuned and record["setting"] == "zero-shot":
        return "zero-shot after COCO fine-tuning"
    return record["setting"]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        records = json.load(file)
    rows = {}
    for record in records:
        task = TASKS.get(record["benchmark"])
        text = " ".join([record["variant"], record["source"], record["note"]])
        if record["kind"] != "benchmark" or task is None or record["source_tier"] not in TIERS or DOUBT.search(text):
            continue
        split, metric = SPLITS[task].get(record["split"]), METRICS.get(record["metric"])
        if split is None or metric is None or record["value"] is None:
            continue
        head = {
            "task": task, "model": record["model"], "variant": record["variant"],
            "parameters": parameters(record["params"]), "pretraining_images": record["pretrain_images"],
            "setting": setting_of(record), "note": clean(record["note"]), "source": record["source"],
            "source_kind": TIERS[record["source_tier"]],
        }
        key = json.dumps(head)
        row = rows.setdefault(key, {**head, "results": {}})
        known = row["results"].setdefault(split, {}).setdefault(metric, record["value"])
        if known != record["value"]:
            sys.exit(f"two values of one number: {key} {split} {metric}: {known}, {record['value']}")
    order = list(TASKS.values())
    kept = [row for row in rows.values() if not is_repeated(row, list(rows.values()))]
    ordered = sorted(kept, key=lambda row: (order.index(row["task"]), row["model"], row["variant"], row["source"]))
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in ordered)
    print('{"schema": 1,\n "rows": [\n' + lines + "\n]}")


if __name__ == "__main__":
    main()
