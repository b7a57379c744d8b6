#!/usr/bin/env python3
"""Write a Hugging Face directory with a full-size BridgeTower of seeded random weights."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from hf.bridgetower_vqa import checkpoint_tensors  # noqa: E402
from hf.random_model import SHAPES, random_model  # noqa: E402

TOKENIZER_FILES = ("vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json")
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


def copy_tokenizer(source: Path, target: Path) -> None:
    """Copy what `source` has; build tokenizer.json from vocab.json and merges.txt where it is missing."""
    for name in TOKENIZER_FILES:
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)
    if not (target / "tokenizer.json").is_file():
        model = models.BPE.from_file(str(source / "vocab.json"), str(source / "merges.txt"))
        tokenizer = Tokenizer(model)
        tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
        tokenizer.save(str(target / "tokenizer.json"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="folder to write")
    parser.add_argument("--shape", choices=SHAPES, default="base")
    parser.add_argument("--image-size", type=int, required=True, help="the position table's image size in pixels")
    parser.add_argument("--bare", action="store_true", help="no VQA head, and names without the bridgetower. prefix")
    parser.add_argument("--vocabulary", type=Path, help="JSON list of answers (default: 3,129 made-up ones)")
    parser.add_argument("--tokenizer", type=Path, help="folder with vocab.json and merges.txt, or tokenizer.json")
    parser.add_argument("--dtype", choices=DTYPES, default="float32", help="how the weights are stored")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    vocabulary = [f"answer {label}" for label in range(3129)]
    if arguments.vocabulary:
        vocabulary = json.loads(arguments.vocabulary.read_text(encoding="utf-8"))
    labels = 0 if arguments.bare else len(vocabulary)
    model = random_model(arguments.shape, arguments.image_size, labels, arguments.seed)
    arguments.out.mkdir(parents=True, exist_ok=True)
    tensors = checkpoint_tensors(model, DTYPES[arguments.dtype])
    if arguments.bare:
        tensors = {name.removeprefix("bridgetower."): tensor for name, tensor in tensors.items()}
    else:
        (arguments.out / "vocabulary.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    save_file(tensors, arguments.out / "model.safetensors", metadata={"format": "pt"})
    model.config.save_pretrained(arguments.out)
    if arguments.tokenizer:
        copy_tokenizer(arguments.tokenizer, arguments.out)
    print(f"{arguments.out}: {sum(tensor.numel() for tensor in tensors.values()):,} parameters")


if __name__ == "__main__":
    main()
