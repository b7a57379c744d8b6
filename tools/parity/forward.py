#!/usr/bin/env python3
"""Compare `bteval probe forward` with Hugging Face's BridgeTower on full-size random models, tensor by tensor.

A case is SHAPE:SIZE or SHAPE:SIZE:resized. The first kind has a checkpoint whose position table was made for SIZE; in the
second the table is of the shape's smallest size (288, or 294 with patches of 14), so both sides must resize it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from hf.bridgetower_vqa import BridgeTowerForVqa, load_model, save_model  # noqa: E402
from hf.random_model import SHAPES, random_model  # noqa: E402

ALL_CASES = ("base:288", "base:384", "base:384:resized", "base:576", "base:576:resized",
             "large:294", "large:378", "large:378:resized", "large:574", "large:574:resized")
SMALLEST = {"base": 288, "large": 294}
LABELS = 3129
REQUIRED = ("cls_feats", "vqa_logits")


@dataclass(frozen=True)
class Case:
    shape: str
    size: int
    resized: bool

    @staticmethod
    def parse(text: str) -> "Case":
        parts = text.split(":")
        if len(parts) not in (2, 3) or parts[0] not in SHAPES or (len(parts) == 3 and parts[2] != "resized"):
            raise argparse.ArgumentTypeError(f"'{text}' is not SHAPE:SIZE or SHAPE:SIZE:resized")
        return Case(parts[0], int(parts[1]), len(parts) == 3)

    def table_size(self) -> int:
        return SMALLEST[self.shape] if self.resized else self.size

    def __str__(self) -> str:
        return f"{self.shape}:{self.size}" + (":resized" if self.resized else "")


def make_inputs(size: int, batch: int, length: int, seed: int) -> dict[str, torch.Tensor]:
    """Texts of falling lengths, padded with id 1, and pixels of the range that normalised photographs have."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(4, 50264, (batch, length), generator=generator)
    for row in range(batch):
        used = max(3, length - row * (length // batch))
        ids[row, 0], ids[row, used - 1], ids[row, used:] = 0, 2, 1
    pixels = torch.randn(batch, 3, size, size, generator=generator)
    return {"input_ids": ids, "attention_mask": (ids != 1).long(), "pixel_values": pixels}


@torch.inference_mode()
def reference(model: BridgeTowerForVqa, inputs: dict[str, torch.Tensor], interpolate: bool) -> dict[str, torch.Tensor]:
    """Hugging Face's outputs under the names of bteval's probe."""
    output = model.bridgetower(**inputs, interpolate_pos_encoding=interpolate)
    text, image, cross = output.hidden_states
    named = {"cls_feats": output.pooler_output, "vqa_logits": model.vqa_classifier(output.pooler_output),
             "text.embeddings": text[0]}
    named |= {f"text.layer.{layer}": state for layer, state in enumerate(text[1:])}
    named["vision.ln_pre"] = image[0].transpose(0, 1)
    named |= {f"vision.resblock.{block}": state.transpose(0, 1) for block, state in enumerate(image[1:])}
    for level, (text_out, image_out) in enumerate(cross):
        named |= {f"cross.text_out.{level}": text_out, f"cross.image_out.{level}": image_out}
    return named


def difference(name: str, ours: torch.Tensor, theirs: torch.Tensor, mask: torch.Tensor) -> float:
    """Largest absolute difference; rows of padding, which nothing reads, are left out."""
    if ours.shape != theirs.shape:
        # The padding may have been trimmed, and the last layer may give its first row only.
        rows = min(ours.shape[1], theirs.shape[1])
        ours, theirs = ours[:, :rows], theirs[:, :rows]
    gap = (ours.float() - theirs.float()).abs()
    if name.startswith(("text.", "cross.text")):
        gap = gap * mask[:, : gap.shape[1], None]
    return float(gap.max())


def run_case(case: Case, arguments: argparse.Namespace) -> bool:
    folder = arguments.work / f"{case.shape}_{case.table_size()}"
    if not (folder / "config.json").is_file():
        save_model(random_model(case.shape, case.table_size(), LABELS, arguments.seed), folder)
    inputs = make_inputs(case.size, arguments.batch, arguments.length, arguments.seed)
    inputs_file, outputs_file = arguments.work / "inputs.safetensors", arguments.work / "outputs.safetensors"
    save_file(inputs, inputs_file)
    outputs_file.unlink(missing_ok=True)
    subprocess.run([arguments.bteval, "probe", "forward", "--model", folder, "--inputs", inputs_file, "--out",
                    outputs_file], check=True)
    theirs = load_file(outputs_file)
    ours = reference(load_model(folder), inputs, case.resized)
    absent = [name for name in REQUIRED if name not in theirs]
    gaps = {name: difference(name, ours[name], theirs[name], inputs["attention_mask"])
            for name in ours if name in theirs}
    if arguments.verbose:
        for name, gap in gaps.items():
            print(f"    {name:24} {gap:.2e}")
    logits = gaps.get("vqa_logits", float("inf"))
    good = not absent and logits <= arguments.tolerance
    spread = float(ours["vqa_logits"].std())
    print(f"{str(case):20} logits {logits:.2e} (their spread {spread:.2f}), cls {gaps.get('cls_feats', float('inf')):.2e}, "
          f"worst of {len(gaps)} tensors {max(gaps.values(), default=float('inf')):.2e}  {'ok' if good else 'FAILED'}",
          flush=True)
    if not arguments.keep:
        (folder / "config.json").unlink()
        (folder / "model.safetensors").unlink()
    return good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=Case.parse, nargs="*", default=[Case.parse(text) for text in ALL_CASES],
                        help=f"default: {' '.join(ALL_CASES)}")
    parser.add_argument("--bteval", default="build/release/bin/bteval")
    parser.add_argument("--work", type=Path, default=Path("out/parity"), help="for models and tensors (default %(default)s)")
    parser.add_argument("--keep", action="store_true", help="keep the models (1.3 GB base, 3.5 GB large) for another run")
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--length", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tolerance", type=float, default=1e-4)
    parser.add_argument("--verbose", action="store_true", help="print every tensor")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    if not all([run_case(case, arguments) for case in arguments.cases]):
        sys.exit(1)


if __name__ == "__main__":
    main()
