"""METER (arXiv 2111.02387; CLIP's vision tower, RoBERTa, co-attention) in plain PyTorch: the reference of comparisons.

No library has METER, so this is written from the published description and the parameter names of its checkpoints
(zdou0830/METER, and the copy in microsoft/BridgeTower with its variant `meter_fusion`). `Meter.state_dict()` has the
official names: what `save_model` writes is read like a published checkpoint.

    python3 tools/hf/meter.py --check FOLDER...     # FOLDER: model.ckpt, config.json, inputs and expected .safetensors

compares every recorded tensor with this module's.
"""

from __future__ import annotations

import argparse
import collections
import json
import pickle
import sys
import types
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

Trace = dict[str, torch.Tensor]
CROSS_EPS = 1e-12  # BERT's default: the published code gives its cross-modal layers no eps of their own


def attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, heads: int,
           mask: torch.Tensor | None) -> torch.Tensor:
    """[B, S, W] x [B, T, W] to [B, S, W]; `mask` [B, 1, 1, T] is added to the scores."""
    query, key, value = (x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in (query, key, value))
    scores = query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5
    if mask is not None:
        scores = scores + mask
    return (scores.softmax(-1) @ value).transpose(1, 2).flatten(2)


class Named(nn.Module):
    """A module that only holds others under their published names."""

    def __init__(self, **modules: nn.Module) -> None:
        super().__init__()
        for name, module in modules.items():
            self.add_module(name, module)


class Attention(nn.Module):
    """BERT's attention with its residual: `self.{query,key,value}`, `output.{dense,LayerNorm}`."""

    def __init__(self, width: int, heads: int, eps: float) -> None:
        super().__init__()
        self.heads = heads
        self.add_module("self", Named(query=nn.Linear(width, width), key=nn.Linear(width, width),
                                      value=nn.Linear(width, width)))
        self.output = Named(dense=nn.Linear(width, width), LayerNorm=nn.LayerNorm(width, eps=eps))

    def forward(self, x: torch.Tensor, y: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        parts = getattr(self, "self")
        mixed = attend(parts.query(x), parts.key(y), parts.value(y), self.heads, mask)
        return self.output.LayerNorm(self.output.dense(mixed) + x)


class BertLayer(nn.Module):
    """Self-attention, cross-attention where there is another modality, feed-forward; LayerNorm behind each."""

    def __init__(self, width: int, heads: int, ffn: int, eps: float, crossed: bool) -> None:
        super().__init__()
        self.attention = Attention(width, heads, eps)
        if crossed:
            self.crossattention = Attention(width, heads, eps)
        self.intermediate = Named(dense=nn.Linear(width, ffn))
        self.output = Named(dense=nn.Linear(ffn, width), LayerNorm=nn.LayerNorm(width, eps=eps))

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None, other: torch.Tensor | None = None,
                other_mask: torch.Tensor | None = None) -> torch.Tensor:
        x = self.attention(x, x, mask)
        if other is not None:
            x = self.crossattention(x, other, other_mask)
        return self.output.LayerNorm(self.output.dense(F.gelu(self.intermediate.dense(x))) + x)


class TextTower(nn.Module):
    """RoBERTa without its pooler, which METER does not read."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        width, eps = config["hidden_size"], config.get("layer_norm_eps", 1e-5)
        self.pad = config.get("pad_token_id", 1)
        self.embeddings = Named(
            word_embeddings=nn.Embedding(config["vocab_size"], width),
            position_embeddings=nn.Embedding(config["max_position_embeddings"], width),
            token_type_embeddings=nn.Embedding(1, width),
            LayerNorm=nn.LayerNorm(width, eps=eps))
        self.encoder = Named(layer=nn.ModuleList(
            BertLayer(width, config["num_attention_heads"], config["intermediate_size"], eps, crossed=False)
            for _ in range(config["num_hidden_layers"])))

    def forward(self, input_ids: torch.Tensor, mask: torch.Tensor, trace: Trace) -> list[torch.Tensor]:
        real = (input_ids != self.pad).long()
        positions = real.cumsum(1) * real + self.pad
        table = self.embeddings
        x = table.LayerNorm(table.word_embeddings(input_ids) + table.position_embeddings(positions)
                            + table.token_type_embeddings.weight[0])
        trace["text.position_ids"], trace["text.embeddings"] = positions, x
        outputs = []
        for index, layer in enumerate(self.encoder.layer):
            x = layer(x, mask)
            outputs.append(x)
            trace[f"text.layer.{index}"] = x
        return outputs


class PackedAttention(nn.Module):
    """CLIP's attention: query, key and value in one matrix, `in_proj_weight`."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        query, key, value = F.linear(x, self.in_proj_weight, self.in_proj_bias).chunk(3, -1)
        return self.out_proj(attend(query, key, value, self.heads, None))


class VisionBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.attn = PackedAttention(width, max(1, width // 64))
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mlp = Named(c_fc=nn.Linear(width, 4 * width), c_proj=nn.Linear(4 * width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.ln_1(x))
        hidden = self.mlp.c_fc(self.ln_2(x))
        return x + self.mlp.c_proj(hidden * torch.sigmoid(1.702 * hidden))  # QuickGELU


class VisionTower(nn.Module):
    """CLIP's vision transformer without its projection."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        width, self.patch = config["hidden_size"], config["patch_size"]
        blocks = config["num_hidden_layers"] - (1 if config.get("remove_last_layer") else 0)
        self.class_embedding = nn.Parameter(torch.empty(width))
        self.positional_embedding = nn.Parameter(torch.empty((config["image_size"] // self.patch) ** 2 + 1, width))
        self.conv1 = nn.Conv2d(3, width, self.patch, self.patch, bias=False)
        self.ln_pre, self.ln_post = nn.LayerNorm(width), nn.LayerNorm(width)
        self.transformer = Named(resblocks=nn.ModuleList(VisionBlock(width) for _ in range(blocks)))

    def positions(self, rows: int, columns: int) -> torch.Tensor:
        """The position embedding for a grid: the patches' part is resized bicubically where the grid is another."""
        table = self.positional_embedding
        side = round((table.shape[0] - 1) ** 0.5)
        if (rows, columns) == (side, side):
            return table
        grid = table[1:].unflatten(0, (side, side)).permute(2, 0, 1)[None]
        grid = F.interpolate(grid, (rows, columns), mode="bicubic", align_corners=False)
        return torch.cat([table[:1], grid[0].permute(1, 2, 0).flatten(0, 1)])

    def forward(self, pixels: torch.Tensor, trace: Trace) -> list[torch.Tensor]:
        patches = self.conv1(pixels)
        positions = self.positions(*patches.shape[2:])
        start = self.class_embedding.expand(pixels.shape[0], 1, -1)
        x = torch.cat([start, patches.flatten(2).transpose(1, 2)], 1) + positions
        trace["vision.position_embedding"], trace["vision.embeddings"] = positions, x
        x = self.ln_pre(x)
        trace["vision.ln_pre"] = x
        outputs = []
        for index, block in enumerate(self.transformer.resblocks):
            x = block(x)
            outputs.append(x)
            trace[f"vision.resblock.{index}"] = x
        return outputs


class MlmHead(nn.Module):
    def __init__(self, width: int, vocabulary: int) -> None:
        super().__init__()
        self.transform = Named(dense=nn.Linear(width, width), LayerNorm=nn.LayerNorm(width, eps=CROSS_EPS))
        self.decoder = nn.Linear(width, vocabulary, bias=False)
        self.bias = nn.Parameter(torch.zeros(vocabulary))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.decoder(self.transform.LayerNorm(F.gelu(self.transform.dense(rows)))) + self.bias


def classifier(inputs: int, inner: int, labels: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, inner), nn.LayerNorm(inner), nn.GELU(), nn.Linear(inner, labels))


class Meter(nn.Module):
    """METER with the heads that `config["heads"]` names.

    `config` is laid out as the config.json of the recordings: `hidden_size`, `num_attention_heads`,
    `num_hidden_layers` (cross-modal), `intermediate_size` (4 x hidden without it), `token_type_vocab_size` (2, or 3
    with NLVR2), `meter_fusion`; `text_config` and `vision_config` with their own. `heads` maps "vqa", "nlvr2", "snli",
    "itm", "rank", "mlm" and "itc" to their number of outputs (any true value where that is fixed).
    """

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        self.config = config
        text, vision, heads = config["text_config"], config["vision_config"], config.get("heads", {})
        width, layers = config["hidden_size"], config["num_hidden_layers"]
        self.vit_model = Named(visual=VisionTower(vision))
        self.text_transformer = TextTower(text)
        if config.get("meter_fusion"):
            self.text_gate, self.image_gate = nn.Linear(width, width), nn.Linear(width, width)
        self.cross_modal_text_transform = nn.Linear(text["hidden_size"], width)
        self.cross_modal_image_transform = nn.Linear(vision["hidden_size"], width)
        rows = config.get("token_type_vocab_size", 3 if heads.get("nlvr2") else 2)
        self.token_type_embeddings = nn.Embedding(rows, width)
        ffn = config.get("intermediate_size", 4 * width)
        for name in ("text", "image"):
            self.add_module(f"cross_modal_{name}_layers", nn.ModuleList(
                BertLayer(width, config["num_attention_heads"], ffn, CROSS_EPS, crossed=True) for _ in range(layers)))
            self.add_module(f"cross_modal_{name}_pooler", Named(dense=nn.Linear(width, width)))
        self._add_heads(heads, width, text, vision)
        if config.get("temperature") is not None:
            self.temperature = nn.Parameter(torch.tensor(float(config["temperature"])))
        self.apply(initialise)

    def _add_heads(self, heads: dict[str, int], width: int, text: dict[str, Any], vision: dict[str, Any]) -> None:
        pooled = 2 * width
        if heads.get("vqa"):
            self.vqa_classifier = classifier(pooled, pooled, heads["vqa"])
        if heads.get("nlvr2"):
            self.nlvr2_classifier = classifier(2 * pooled, pooled, 2)
        if heads.get("snli"):
            self.snli_classifier = classifier(pooled, pooled, 3)
        if heads.get("itm"):
            self.itm_score = Named(fc=nn.Linear(pooled, 2))
        if heads.get("rank"):
            self.rank_output = nn.Linear(pooled, 1)
        if heads.get("mlm"):
            self.mlm_score = MlmHead(width, text["vocab_size"])
        if heads.get("itc"):
            self.itc_text_head = Named(fc=nn.Linear(text["hidden_size"], heads["itc"]))
            self.itc_image_head = Named(fc=nn.Linear(vision["hidden_size"], heads["itc"]))

    def _mixed(self, outputs: list[torch.Tensor], gate: str) -> torch.Tensor:
        """The last output of a tower; with `meter_fusion` plus a learnt mixture of those before it."""
        if not self.config.get("meter_fusion") or len(outputs) == 1:
            return outputs[-1]
        earlier = torch.stack(outputs[:-1])
        weights = getattr(self, gate)(earlier).softmax(0)  # over the layers, channel by channel
        return outputs[-1] + (weights * earlier).sum(0)

    def features(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, pixel_values: torch.Tensor,
                 image_type: int = 1, trace: Trace | None = None) -> dict[str, torch.Tensor]:
        """`cls_feats` [B, 2H], `text_feats` [B, S, H], `image_feats` [B, P, H], and row 0 of both towers' last outputs."""
        trace = {} if trace is None else trace
        mask = (1.0 - attention_mask[:, None, None].float()) * torch.finfo(torch.float32).min
        texts = self.text_transformer(input_ids, mask, trace)
        visual = self.vit_model.visual
        images = visual(pixel_values, trace)
        # Every block is normalised for the gate; plain METER reads the last one only.
        images = [visual.ln_post(x) for x in (images if self.config.get("meter_fusion") else images[-1:])]
        trace["vision.ln_post"] = images[-1]
        x = self.cross_modal_text_transform(self._mixed(texts, "text_gate"))
        y = self.cross_modal_image_transform(self._mixed(images, "image_gate"))
        trace["transform.text"], trace["transform.image"] = x, y
        x = x + self.token_type_embeddings.weight[0]
        y = y + self.token_type_embeddings.weight[image_type]
        pairs = zip(self.cross_modal_text_layers, self.cross_modal_image_layers, strict=True)
        for index, (text_layer, image_layer) in enumerate(pairs):
            trace[f"cross.text_in.{index}"], trace[f"cross.image_in.{index}"] = x, y
            x, y = text_layer(x, mask, y, None), image_layer(y, None, x, mask)  # both read the layer's inputs
            trace[f"cross.text_out.{index}"], trace[f"cross.image_out.{index}"] = x, y
        cls = torch.cat([torch.tanh(self.cross_modal_text_pooler.dense(x[:, 0])),
                         torch.tanh(self.cross_modal_image_pooler.dense(y[:, 0]))], -1)
        return {"cls_feats": cls, "text_feats": x, "image_feats": y,
                "text_row": texts[-1][:, 0], "image_row": images[-1][:, 0]}

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, pixel_values: torch.Tensor,
                image_type: int = 1) -> torch.Tensor:
        """[B, 2H]: the pooled text and image, which the heads read."""
        return self.features(input_ids, attention_mask, pixel_values, image_type)["cls_feats"]


@torch.no_grad()
def initialise(module: nn.Module) -> None:
    """Start values for training from nothing: matrices by their number of inputs, tables small."""
    if isinstance(module, (nn.Linear, nn.Conv2d)):
        module.weight.normal_(0.0, 0.7 * module.weight[0].numel() ** -0.5)
        if module.bias is not None:
            module.bias.zero_()
    elif isinstance(module, nn.Embedding):
        module.weight.normal_(0.0, 0.02)
    elif isinstance(module, PackedAttention):
        module.in_proj_weight.normal_(0.0, 0.7 * module.in_proj_weight.shape[1] ** -0.5)
    elif isinstance(module, VisionTower):
        module.class_embedding.normal_(0.0, module.class_embedding.shape[0] ** -0.5)
        module.positional_embedding.normal_(0.0, module.class_embedding.shape[0] ** -0.5)


def pooled_heads(model: Meter, cls: torch.Tensor) -> dict[str, torch.Tensor]:
    """What each head of the model that reads one pooled vector says, by the recordings' names."""
    out = {}
    for name, head in (("vqa_logits", "vqa_classifier"), ("snli_logits", "snli_classifier"), ("rank_score", "rank_output")):
        if hasattr(model, head):
            out[name] = getattr(model, head)(cls)
    if hasattr(model, "itm_score"):
        out["itm_logits"] = model.itm_score.fc(cls)
    return out


def itc_embeddings(model: Meter, features: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Text and image embeddings, [B, D], of length 1: from the towers' last outputs, which no gate has touched."""
    return (F.normalize(model.itc_text_head.fc(features["text_row"]), dim=-1),
            F.normalize(model.itc_image_head.fc(features["image_row"]), dim=-1))


# Files.

def read_lightning(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """`state_dict` and `hyper_parameters["config"]` of a .ckpt, without Lightning and without running what it names."""
    allowed = {"collections": collections, "torch._utils": torch._utils}

    class Opaque(dict):  # stands for every class that a state_dict does not need
        def __init__(self, *_: Any) -> None:
            super().__init__()

        def __setstate__(self, state: Any) -> None:
            pass

    class Unpickler(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            if module in allowed and name in ("OrderedDict", "_rebuild_tensor_v2", "_rebuild_parameter"):
                return getattr(allowed[module], name)
            if module == "torch" and name.endswith("Storage"):
                return getattr(torch, name)
            return Opaque

    restricted = types.SimpleNamespace(Unpickler=Unpickler, load=pickle.load, __name__="restricted")
    content = torch.load(path, map_location="cpu", pickle_module=restricted, weights_only=False)
    hyper = content.get("hyper_parameters", {})
    return content["state_dict"], hyper.get("config", {})


def read_state(path: Path) -> dict[str, torch.Tensor]:
    """Official names to float32 tensors, without what the model does not read."""
    tensors = load_file(path) if path.suffix == ".safetensors" else read_lightning(path)[0]
    unread = ("text_transformer.pooler.", "vit_model.ln_final.", "vit_model.positional_embedding")
    return {name: tensor.detach().clone().float() for name, tensor in tensors.items()
            if not name.startswith(unread) and not name.endswith("position_ids")}


def complete_config(config: dict[str, Any], state: dict[str, torch.Tensor]) -> dict[str, Any]:
    """`config` with what the tensors' names and shapes say about it: heads, gates, temperature, widths."""
    found = {"vqa": "vqa_classifier.3.weight", "itc": "itc_text_head.fc.weight", "nlvr2": "nlvr2_classifier.3.weight",
             "snli": "snli_classifier.3.weight", "itm": "itm_score.fc.weight", "rank": "rank_output.weight",
             "mlm": "mlm_score.decoder.weight"}
    out = dict(config, heads={head: state[name].shape[0] for head, name in found.items() if name in state})
    out["meter_fusion"] = "text_gate.weight" in state
    out["token_type_vocab_size"] = state["token_type_embeddings.weight"].shape[0]
    if "cross_modal_text_layers.0.intermediate.dense.weight" in state:
        out["intermediate_size"] = state["cross_modal_text_layers.0.intermediate.dense.weight"].shape[0]
    if "temperature" in state:
        out["temperature"] = state["temperature"].item()
    return out


def load_model(folder: Path) -> Meter:
    """The model of a folder with config.json and model.ckpt or model.safetensors, in float32 and eval mode."""
    weights = folder / "model.safetensors"
    state = read_state(weights if weights.exists() else folder / "model.ckpt")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    model = Meter(complete_config(config, state))
    model.load_state_dict(state)
    return model.eval()


def save_model(model: Meter, folder: Path, dtype: torch.dtype = torch.float32, lightning: bool = False) -> None:
    """Write config.json and model.safetensors (or model.ckpt), with official names."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: tensor.detach().to(dtype).contiguous() for name, tensor in model.state_dict().items()}
    if lightning:
        torch.save({"state_dict": collections.OrderedDict(state)}, folder / "model.ckpt")
    else:
        save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    config = {key: value for key, value in model.config.items() if key not in ("heads", "temperature")}
    text = json.dumps({"model_type": "meter", **config}, indent=1, sort_keys=True)
    (folder / "config.json").write_text(text + "\n", encoding="utf-8")


# Comparison with recordings.

def all_stages(model: Meter, inputs: dict[str, torch.Tensor]) -> Trace:
    out: Trace = {}
    text = inputs["input_ids"], inputs["attention_mask"]
    features = model.features(*text, inputs["pixel_values"], trace=out)
    cls = features["cls_feats"]
    out |= {name: features[name] for name in ("cls_feats", "text_feats", "image_feats")} | pooled_heads(model, cls)
    if hasattr(model, "mlm_score"):
        out["mlm_logits"] = model.mlm_score(features["text_feats"])
    if hasattr(model, "itc_text_head"):
        out["itc.text"], out["itc.image"] = itc_embeddings(model, features)
    if "pixel_values_2" in inputs and model.token_type_embeddings.num_embeddings > 2:
        out["cls_feats.type2"] = model(*text, inputs["pixel_values_2"], image_type=2)
        if hasattr(model, "nlvr2_classifier"):
            out["nlvr2_logits"] = model.nlvr2_classifier(torch.cat([cls, out["cls_feats.type2"]], -1))
    if "pixel_values_interp" in inputs:
        larger: Trace = {}
        out["interp.cls_feats"] = model.features(*text, inputs["pixel_values_interp"], trace=larger)["cls_feats"]
        out["interp.position_embedding"] = larger["vision.position_embedding"]
    return out


@torch.no_grad()
def scale_for_eps(model: Meter) -> None:
    """Make the eps of the cross-modal layers visible in the pooled output."""
    for name, value in model.named_parameters():
        if name.startswith(("cross_modal_text_transform", "cross_modal_image_transform", "token_type_embeddings")) or (
                name.startswith("cross_modal_") and "attention.output.dense" in name):
            value /= 256.0


@torch.inference_mode()
def check(folder: Path, tolerance: float = 3e-5) -> bool:
    """Compare with a folder's recordings; prints the largest difference and what is wrong."""
    model = load_model(folder)
    inputs, expected = load_file(folder / "inputs.safetensors"), load_file(folder / "expected.safetensors")
    out = all_stages(model, inputs)
    if any(name.startswith("epsprobe.") for name in expected):
        scale_for_eps(model)
        features = model.features(inputs["input_ids"], inputs["attention_mask"], inputs["pixel_values"])
        out |= {f"epsprobe.{name}": features[name] for name in ("cls_feats", "text_feats")}
    largest, wrong = 0.0, []
    for name, want in expected.items():
        if name not in out or out[name].shape != want.shape:
            wrong.append(f"{name} (absent or of another shape)")
            continue
        difference = (out[name] - want).abs().max().item()
        largest = max(largest, difference)
        if difference > (tolerance if want.is_floating_point() else 0):
            wrong.append(f"{name} ({difference:.2g})")
    faults = ", wrong: " + ", ".join(wrong) if wrong else ""
    print(f"{folder}: {len(expected)} tensors, largest difference {largest:.2g}{faults}")
    return not wrong


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare the Python reference of METER with recordings.")
    parser.add_argument("--check", nargs="+", type=Path, required=True, metavar="FOLDER")
    options = parser.parse_args()
    return 0 if all([check(folder) for folder in options.check]) else 1


if __name__ == "__main__":
    sys.exit(main())
