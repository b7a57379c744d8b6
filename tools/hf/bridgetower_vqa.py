"""BridgeTower for VQA on Hugging Face's implementation: the encoder of `transformers` and the official classifier.

`transformers` ships no VQA head for BridgeTower. The one here follows microsoft/BridgeTower (Linear, LayerNorm with eps
1e-5, GELU, Linear on the pooled output) and keeps its key names, `vqa_classifier.{0,1,3}.*`, beside Hugging Face's
`bridgetower.*`.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import BridgeTowerConfig, BridgeTowerModel


class BridgeTowerForVqa(nn.Module):
    """`labels` may be 0: then there is no head, and only `pooled` works."""

    def __init__(self, config: BridgeTowerConfig, labels: int) -> None:
        super().__init__()
        config._attn_implementation = "eager"
        self.config = config
        self.bridgetower = BridgeTowerModel(config)
        pooled = 2 * config.hidden_size
        if labels:
            self.vqa_classifier = nn.Sequential(
                nn.Linear(pooled, pooled), nn.LayerNorm(pooled, eps=1e-5), nn.GELU(), nn.Linear(pooled, labels))

    def pooled(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, pixel_values: torch.Tensor,
               interpolate: bool = False) -> torch.Tensor:
        """[B, 2H]: Hugging Face's pooler_output."""
        output = self.bridgetower(input_ids=input_ids, attention_mask=attention_mask, pixel_values=pixel_values,
                                  interpolate_pos_encoding=interpolate)
        return output.pooler_output

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, pixel_values: torch.Tensor,
                interpolate: bool = False) -> torch.Tensor:
        """[B, labels] logits."""
        return self.vqa_classifier(self.pooled(input_ids, attention_mask, pixel_values, interpolate))


def checkpoint_tensors(model: BridgeTowerForVqa, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """What a checkpoint holds: every weight but the text tower's own pooler, which nothing reads."""
    return {name: tensor.detach().to(dtype).contiguous() for name, tensor in model.state_dict().items()
            if not name.startswith("bridgetower.text_model.pooler.")}


def save_model(model: BridgeTowerForVqa, folder: Path, dtype: torch.dtype = torch.float32) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    save_file(checkpoint_tensors(model, dtype), folder / "model.safetensors", metadata={"format": "pt"})
    model.config.save_pretrained(folder)


def load_model(folder: Path, image_size: int | None = None) -> BridgeTowerForVqa:
    """Load a directory that `save_model` wrote, in fp32 and eval mode.

    With `image_size` the vision tower is built at that size and its position embedding resized by Hugging Face's own
    interpolation, which gives what `interpolate_pos_encoding=True` computes on the fly.
    """
    config = BridgeTowerConfig.from_pretrained(folder)
    tensors = {name: tensor.float() if tensor.is_floating_point() else tensor
               for name, tensor in load_file(folder / "model.safetensors").items()}
    head = tensors.get("vqa_classifier.3.weight")
    if not any(name.startswith("bridgetower.") for name in tensors):  # a bare model's names have no prefix
        tensors = {"bridgetower." + name: tensor for name, tensor in tensors.items()}
    model = BridgeTowerForVqa(config, 0 if head is None else head.shape[0])
    loaded = model.load_state_dict(tensors, strict=False)
    missing = [name for name in loaded.missing_keys if ".text_model.pooler." not in name]
    if missing or loaded.unexpected_keys:
        raise ValueError(f"{folder}: missing {missing}, unexpected {loaded.unexpected_keys}")
    if image_size is not None and image_size != config.vision_config.image_size:
        _resize_positions(model, image_size)
    return model.eval()


def _resize_positions(model: BridgeTowerForVqa, image_size: int) -> None:
    vision = model.bridgetower.vision_model.visual.embeddings
    tokens = (image_size // vision.patch_size) ** 2 + 1
    with torch.no_grad():
        table = vision.interpolate_pos_encoding(torch.empty(1, tokens, vision.embed_dim), image_size, image_size)
    vision.image_size = image_size
    vision.num_patches, vision.num_positions = tokens - 1, tokens
    vision.position_embedding = nn.Embedding.from_pretrained(table[0].clone())
    vision.position_ids = torch.arange(tokens).expand((1, -1))
    model.config.vision_config.image_size = image_size
