#!/usr/bin/env python3
"""Run Hugging Face's BridgeTower (for METER: tools/hf/meter.py) on the mini suite, and compare a bteval run with it.

With --run, every prediction of `bteval eval --suite mini --out DIR` must be equal and every margin or score near the
reference's. With --write, the reference's results are kept as the tests' fixtures.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import mini_retrieval  # noqa: E402
from hf import bridgetower_tasks, bridgetower_vqa, meter  # noqa: E402
from hf.task_files import SNLI_LABELS, Example, json_lines, read_nlvr2, read_snli_ve  # noqa: E402
from hf.vqa_data import encode, image_path, load_tokenizer, read_questions, square_pixels  # noqa: E402

TOLERANCE = 2e-5
ANSWERS = {"nlvr2": ("False", "True"), "snli-ve": SNLI_LABELS}
IDS = {"vqav2": "question_id", "nlvr2": "identifier", "snli-ve": "pairID"}


def load(folder: Path, task: str) -> torch.nn.Module:
    if task == "vqav2":
        return bridgetower_vqa.load_model(folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return meter.load_model(folder) if config["model_type"] == "meter" else bridgetower_tasks.load_model(folder)


def examples_of(entry: dict, root: Path, vocabulary: list[str]) -> tuple[list[Example], tuple[str, ...]]:
    """The samples of a classification entry (VQA's without a label), and the names of the classes."""
    data = root / entry["data"]
    if entry["task"] == "vqav2":
        return [Example(str(q.question_id), q.text, (image_path(data, entry["split"], q.image_id),), -1)
                for q in read_questions(data, entry["split"])], tuple(vocabulary)
    read = read_nlvr2 if entry["task"] == "nlvr2" else read_snli_ve
    return read(data, entry["split"]), ANSWERS[entry["task"]]


def logits_of(model: torch.nn.Module, task: str, ids: torch.Tensor, mask: torch.Tensor,
              pixels: list[torch.Tensor]) -> torch.Tensor:
    if task == "vqav2":
        return model(ids, mask, pixels[0])
    if task == "snli-ve":
        return model.snli_classifier(model(ids, mask, pixels[0]))
    # Two passes, told apart by the image's token type; both pooled vectors, left first, go to one classifier.
    sides = [model(ids, mask, side, image_type=number + 1) for number, side in enumerate(pixels)]
    return model.nlvr2_classifier(torch.cat(sides, dim=1))


@torch.inference_mode()
def classify(entry: dict, root: Path, batch: int) -> list[dict]:
    """The reference's prediction of every sample, in file order."""
    path, task = root / entry["model"], entry["task"]
    folder = path if path.is_dir() else path.parent  # a .ckpt may be named itself
    model, tokenizer = load(folder, task), load_tokenizer(folder, entry["max_length"])
    vocabulary = json.loads((root / entry["vocabulary"]).read_text(encoding="utf-8")) if "vocabulary" in entry else []
    examples, classes = examples_of(entry, root, vocabulary)
    results, right = [], 0
    for start in range(0, len(examples), batch):
        some = examples[start : start + batch]
        ids, mask = encode(tokenizer, [example.text for example in some])
        pixels = [torch.stack([square_pixels(image, entry["image_size"]) for image in side])
                  for side in zip(*(example.images for example in some))]
        for example, logits in zip(some, logits_of(model, task, ids, mask, pixels)):
            (best, second), (label, _) = (part.tolist() for part in logits.topk(2))
            results.append({"id": example.id, "answer": classes[label], "label": label, "logit": best, "margin": best - second})
            right += label == example.label
    if task != "vqav2":
        print(f"  accuracy of the reference: {100 * right / len(examples):.2f} %")
    return results


def answer_in(record: dict) -> str:
    """What a line of a run's predictions.jsonl answers."""
    for name in ("prediction", "answer"):
        if name in record:
            return {True: "True", False: "False"}.get(record[name], record[name])
    raise KeyError(f"no answer in {record}")


def compare(entry: dict, reference: list[dict], run: Path) -> int:
    """Print and count what differs."""
    ours = {str(record[IDS[entry["task"]]]): record for record in json_lines(run / "predictions.jsonl")}
    faults = sorted({r["id"] for r in reference} ^ ours.keys())
    gaps = [0.0]
    for want in reference:
        record = ours.get(want["id"])
        if record is None:
            continue
        gaps.append(abs(record["margin"] - want["margin"]))
        if answer_in(record) != want["answer"] or gaps[-1] > TOLERANCE:
            faults.append(f"{want['id']}: reference {want['answer']} by {want['margin']:.2e}, run {answer_in(record)} by "
                          f"{record['margin']:.2e}")
    margins = sorted(r["margin"] for r in reference)
    print(f"  {len(reference)} predictions, {len(faults)} differ; margins differ by {max(gaps):.2e} at most; the reference's "
          f"smallest are {', '.join(f'{margin:.1e}' for margin in margins[:3])}")
    for fault in faults[:20]:
        print(f"    {fault}")
    return len(faults)


def write_lines(path: Path, reference: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in reference), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suite", type=Path, default=Path("assets/mini"), help="folder of suite.json")
    parser.add_argument("--only", action="append", help="name of an entry; may be repeated (default: all)")
    parser.add_argument("--run", type=Path, help="folder of `bteval eval --suite mini --out`; exit 1 where it differs")
    parser.add_argument("--write", type=Path, help="write NAME_hf.jsonl and NAME_hf.safetensors into this folder")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    faults = 0
    for entry in json.loads((arguments.suite / "suite.json").read_text(encoding="utf-8"))["entries"]:
        name = entry.get("name", entry["task"])
        if arguments.only and name not in arguments.only:
            continue
        print(f"{name}:", flush=True)
        retrieval = entry["task"] in ("flickr30k", "coco")
        reference = mini_retrieval.score(entry, arguments.suite, arguments.batch) if retrieval else classify(
            entry, arguments.suite, arguments.batch)
        if arguments.run and retrieval:
            faults += mini_retrieval.compare(entry, reference, arguments.run / name, arguments.suite)
        elif arguments.run:
            faults += compare(entry, reference, arguments.run / name)
        if arguments.write and retrieval:
            mini_retrieval.write(arguments.write / f"{name}_hf.safetensors", reference)
        elif arguments.write:
            write_lines(arguments.write / f"{name}_hf.jsonl", reference)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
