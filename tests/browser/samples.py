"""What pages have to show, computed from the runs' files by other code than the page's."""

import json
from pathlib import Path


def read_samples(run: Path) -> list:
    return [json.loads(line) for line in (run / "samples.jsonl").read_text(encoding="utf-8").splitlines()]


def searchable(*answers) -> str:
    """Everything of a sample that a search looks at, of several runs."""
    first = answers[0]
    return "\n".join([first["id"], first["text"], *first["targets"], *(answer["prediction"] or "" for answer in answers)]).lower()


def outcome(sample: dict) -> str:
    value = sample.get("value")
    if value is None:
        return "none"
    return "right" if value >= 1 else "partly" if value > 0 else "wrong"


def flip(sample: dict, reference: dict) -> str:
    if "value" not in sample or "value" not in reference or sample["value"] == reference["value"]:
        return ""
    return "better" if sample["value"] > reference["value"] else "worse"


def mean(samples: list) -> str:
    values = [sample["value"] for sample in samples if "value" in sample]
    return f"{100 * sum(values) / len(values):.2f}\u202f%"
