"""A METER with the start values of a tiny BridgeTower, its training forward and its file."""

from __future__ import annotations

from pathlib import Path

import torch

from hf.bridgetower_tasks import BridgeTowerForTasks
from hf.meter import Meter, save_model
from tiny_model import text_key_mask

# Hugging Face's names of BridgeTower and the official ones, which METER shares; the first that fits.
NAMES = (("bridgetower.vision_model.visual.embeddings.class_embedding", "vit_model.visual.class_embedding"),
         ("bridgetower.vision_model.visual.embeddings.patch_embedding.weight", "vit_model.visual.conv1.weight"),
         ("bridgetower.vision_model.visual.embeddings.position_embedding.weight", "vit_model.visual.positional_embedding"),
         ("bridgetower.vision_model.visual.", "vit_model.visual."), ("bridgetower.text_model.", "text_transformer."),
         ("bridgetower.", ""))


def official_name(name: str) -> str:
    for ours, theirs in NAMES:
        if name.startswith(ours):
            return theirs + name[len(ours) :]
    return name


def like_bridgetower(model: BridgeTowerForTasks, heads: dict[str, int]) -> Meter:
    """A METER of the same sizes that starts with the BridgeTower's weights, those of the bridges apart."""
    config, text, vision = model.config, model.config.text_config, model.config.vision_config
    meter = Meter({
        "hidden_size": config.hidden_size, "num_attention_heads": config.num_attention_heads,
        "num_hidden_layers": config.num_hidden_layers, "intermediate_size": text.intermediate_size,
        "token_type_vocab_size": len(model.bridgetower.token_type_embeddings.weight), "meter_fusion": False,
        "layer_norm_eps": 1e-12, "heads": heads, "temperature": 0.07,
        "text_config": {name: getattr(text, name) for name in (
            "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
            "max_position_embeddings", "type_vocab_size", "layer_norm_eps", "pad_token_id", "bos_token_id", "eos_token_id")},
        "vision_config": {name: getattr(vision, name) for name in (
            "hidden_size", "num_hidden_layers", "num_channels", "patch_size", "image_size", "layer_norm_eps",
            "remove_last_layer")}})
    state = {official_name(name): value for name, value in model.state_dict().items()}
    own = meter.state_dict()
    absent = set(own) - set(state) - {"temperature"}
    if absent:
        raise ValueError(f"the BridgeTower has no {sorted(absent)}")
    meter.load_state_dict({name: state.get(name, value) for name, value in own.items()})
    meter.vit_model.requires_grad_(False)
    meter.temperature.requires_grad_(False)  # nothing but ITC reads it
    return meter


def meter_fused_pairs(model: Meter, ids: torch.Tensor, mask: torch.Tensor, images: list[torch.Tensor],
                      image_of: torch.Tensor, image_type: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    """What `tiny_model.fused_pairs` is to BridgeTower; of the vision tower, METER reads the last block alone."""
    key_mask, types = text_key_mask(mask), model.token_type_embeddings.weight
    x = model.cross_modal_text_transform(model.text_transformer(ids, key_mask, {})[-1]) + types[0]
    y = (model.cross_modal_image_transform(images[-1]) + types[image_type])[image_of]
    for text_layer, image_layer in zip(model.cross_modal_text_layers, model.cross_modal_image_layers, strict=True):
        x, y = text_layer(x, key_mask, y, None), image_layer(y, None, x, key_mask)
    return x, y


def meter_pooled(model: Meter, text: torch.Tensor, image: torch.Tensor) -> torch.Tensor:
    return torch.cat([torch.tanh(model.cross_modal_text_pooler.dense(text[:, 0])),
                      torch.tanh(model.cross_modal_image_pooler.dense(image[:, 0]))], -1)


def save_meter(model: Meter, folder: Path) -> None:
    """A Lightning-style model.ckpt in fp16 with official names, and config.json."""
    save_model(model, folder, torch.float16, lightning=True)
