"""Full-size BridgeTower models with seeded random weights, for comparisons where trained ones are not at hand."""

from __future__ import annotations

import re
from dataclasses import dataclass

import torch
from torch import nn
from transformers import BridgeTowerConfig

from hf.bridgetower_vqa import BridgeTowerForVqa


@dataclass(frozen=True)
class Shape:
    hidden: int
    heads: int
    cross_layers: int
    text_layers: int
    vision_width: int
    vision_layers: int
    patch: int


SHAPES = {
    "base": Shape(hidden=768, heads=12, cross_layers=6, text_layers=12, vision_width=768, vision_layers=12, patch=16),
    "large": Shape(hidden=1024, heads=16, cross_layers=6, text_layers=24, vision_width=1024, vision_layers=24, patch=14),
}


def random_config(shape: Shape, image_size: int) -> BridgeTowerConfig:
    if image_size % shape.patch:
        raise ValueError(f"the image size {image_size} is not a multiple of the patch size {shape.patch}")
    text = {"vocab_size": 50265, "hidden_size": shape.hidden, "num_hidden_layers": shape.text_layers,
            "num_attention_heads": shape.heads, "intermediate_size": 4 * shape.hidden, "max_position_embeddings": 514}
    vision = {"hidden_size": shape.vision_width, "num_hidden_layers": shape.vision_layers,
              "patch_size": shape.patch, "image_size": image_size}
    return BridgeTowerConfig(hidden_size=shape.hidden, num_attention_heads=shape.heads,
                             num_hidden_layers=shape.cross_layers, text_config=text, vision_config=vision)


# Linear layers that read a GELU's output, whose mean is above zero.
AFTER_GELU = re.compile(r"(mlp\.c_proj|(?<!attention)\.output\.dense|vqa_classifier\.3)\.weight$")


@torch.no_grad()
def randomise(model: nn.Module, seed: int) -> None:
    """Draw every weight so that each part of the network matters to the logits.

    Hugging Face's own initialisation leaves LayerNorms at one and biases at zero, which would hide a swapped or missing
    one, and attention almost uniform, which would hide a wrong mask. Plain random weights have another fault: the
    constant part of what a GELU puts out adds up over the layers until every input gives the same answer. So rows that
    read it sum to zero, and what attention brings in outweighs the token's own, constant start.
    """
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in sorted(model.named_parameters()):
        noise = torch.randn(parameter.shape, generator=generator)
        if parameter.dim() >= 2:
            scale = parameter[0].numel() ** -0.5
            if "embeddings" in name and "patch" not in name:
                scale = 0.3
            elif re.search(r"\.(query|key)\.|in_proj|attention\.output\.dense|out_proj", name):
                scale *= 1.6
            if AFTER_GELU.search(name):
                noise -= noise.mean(dim=1, keepdim=True)
                scale *= 1.6
            parameter.copy_(noise * scale)
        elif name.endswith(".weight"):  # of a LayerNorm
            parameter.copy_(1.0 + 0.1 * noise)
        else:
            parameter.copy_((0.3 if "embedding" in name else 0.1) * noise)


def random_model(shape_name: str, image_size: int, labels: int, seed: int) -> BridgeTowerForVqa:
    with torch.device("meta"):  # the weights are drawn once, below
        model = BridgeTowerForVqa(random_config(SHAPES[shape_name], image_size), labels)
    model.to_empty(device="cpu")
    for name, buffer in model.named_buffers():
        if name.endswith("position_ids"):
            buffer.copy_(torch.arange(buffer.shape[-1]).expand(buffer.shape))
        else:
            buffer.zero_()
    randomise(model, seed)
    return model.eval()
