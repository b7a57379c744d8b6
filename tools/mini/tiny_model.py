"""What the trainings of the mini suite's models share: vocabulary, start values, towers run once, vision pre-training."""

from __future__ import annotations

import json
import math
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from torch import nn
from transformers import BridgeTowerModel

from scenes import CELLS, COLORS, SHAPES
from hf.vqa_data import load_tokenizer

SPECIALS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def train_tokenizer(texts: list[str], folder: Path, vocab_size: int, max_length: int) -> Tokenizer:
    """A byte-level BPE vocabulary with RoBERTa's special tokens and template."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=vocab_size, special_tokens=SPECIALS, initial_alphabet=alphabet,
                                  show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.model.save(str(folder))
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"tokenizer_class": "RobertaTokenizer", "model_max_length": max_length, "add_prefix_space": False,
                "bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>",
                "pad_token": "<pad>", "unk_token": "<unk>", "mask_token": "<mask>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    return load_tokenizer(folder, max_length)


@torch.no_grad()
def initialise(model: nn.Module, pixels: torch.Tensor) -> None:
    """Scale the weights of a model with a `bridgetower` to its small width; Hugging Face's values suit fine-tuning, not
    a start from nothing.

    The patch embedding starts as whitened principal components of the training patches: in random projections the
    patches' mean colour drowns the edges that tell the shapes apart.
    """
    for name, parameter in model.named_parameters():
        if parameter.dim() < 2:
            continue
        fan_in = parameter[0].numel()
        if "embeddings" in name:
            nn.init.normal_(parameter, std=0.1)
        elif "out_proj" in name or "c_proj" in name:
            nn.init.normal_(parameter, std=(6 * fan_in) ** -0.5)
        else:
            nn.init.normal_(parameter, std=fan_in**-0.5)
    embeddings = model.bridgetower.vision_model.visual.embeddings
    weight, patch = embeddings.patch_embedding.weight, embeddings.patch_size
    patches = nn.functional.unfold(pixels[:2000], patch, stride=patch).transpose(1, 2).flatten(0, 1)
    mean = patches.mean(0)
    variances, directions = torch.linalg.eigh((patches - mean).T @ (patches - mean) / len(patches))
    variances, directions = variances.flip(0)[: len(weight)], directions.flip(1)[:, : len(weight)]
    whitening = directions.T / (variances + 0.02 * variances.mean()).sqrt()[:, None]
    weight.copy_(whitening.view_as(weight))
    nn.init.normal_(embeddings.position_embedding.weight, std=0.5)
    embeddings.position_embedding.weight[1:] -= whitening @ mean


def text_key_mask(mask: torch.Tensor) -> torch.Tensor:
    """What is added to attention scores, [B, 1, 1, S]."""
    return (1.0 - mask[:, None, None, :].float()) * torch.finfo(torch.float32).min


def bridged_features(visual: nn.Module, pixels: torch.Tensor, bridges: int) -> list[torch.Tensor]:
    """What the last `bridges` blocks of the vision tower hand over the bridges: [I, P, W] each, behind ln_post."""
    blocks, image, outputs = visual.transformer.resblocks, visual.forward_pre(pixels), []
    for index, block in enumerate(blocks):
        image = block(image)
        if index >= len(blocks) - bridges:
            outputs.append(visual.forward_post(image))  # here, not at the end: gradients add up in this order
    return outputs


def fused_pairs(tower: BridgeTowerModel, ids: torch.Tensor, mask: torch.Tensor, images: list[torch.Tensor],
                image_of: torch.Tensor, image_type: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    """Text and image features of the last cross-modal layer; row i reads images[...][image_of[i]], which
    `bridged_features` has made once an image."""
    text_layers, fusions = tower.text_model.encoder.layer, tower.config.num_hidden_layers
    key_mask = text_key_mask(mask)
    types = tower.token_type_embeddings.weight
    text = tower.text_model.embeddings(input_ids=ids)
    fused_text = fused_image = None
    for layer, text_layer in enumerate(text_layers):
        text = text_layer(text, key_mask)
        level = layer - (len(text_layers) - fusions)
        if level < 0:
            continue
        x = tower.cross_modal_text_transform(text) + types[0]
        y = (tower.cross_modal_image_transform(images[level]) + types[image_type])[image_of]
        if level == 0:
            x, y = tower.cross_modal_text_layernorm(x), tower.cross_modal_image_layernorm(y)
        else:
            x = tower.cross_modal_text_link_tower[level - 1](x, fused_text, None)
            y = tower.cross_modal_image_link_tower[level - 1](y, fused_image, None)
        fused_text = tower.cross_modal_text_layers[level](x, y, attention_mask=key_mask)[0]
        fused_image = tower.cross_modal_image_layers[level](y, x, encoder_attention_mask=key_mask)[0]
    return fused_text, fused_image


def pooled_pairs(tower: BridgeTowerModel, *batch, image_type: int = 1) -> torch.Tensor:
    """The pooled output, [B, 2H], of `fused_pairs`."""
    return tower.get_cls_features(*fused_pairs(tower, *batch, image_type=image_type))


def schedule(optimizer: torch.optim.Optimizer, steps: int) -> torch.optim.lr_scheduler.LambdaLR:
    """Linear warm-up over a twentieth of the steps, then a cosine to zero."""
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(
        (step + 1) / (steps / 20), 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))))


def make_optimizer(parameters: list[nn.Parameter], rate: float) -> torch.optim.AdamW:
    """AdamW with weight decay on matrices alone."""
    matrices, others = [p for p in parameters if p.dim() > 1], [p for p in parameters if p.dim() <= 1]
    return torch.optim.AdamW([{"params": matrices, "weight_decay": 0.02}, {"params": others, "weight_decay": 0}],
                             lr=rate, betas=(0.9, 0.98))


def read_by(model: nn.Module) -> list[nn.Parameter]:
    """The parameters that anything reads: all but the text tower's own pooler, which has no gradient and is not saved."""
    return [p for name, p in model.named_parameters() if ".text_model.pooler." not in name]


def by_quarter(patches: torch.Tensor) -> torch.Tensor:
    """[B, G * G, W] to [B, 4, W]: the mean over the patches of each quarter of the picture."""
    side = math.isqrt(patches.shape[1])
    return patches.unflatten(1, (2, side // 2, 2, side // 2)).mean((2, 4)).flatten(1, 2)


def kinds_of_cells() -> dict:
    """A number for what may stand in a cell; 0 is nothing."""
    return {None: 0} | {(shape, color): 1 + len(COLORS) * row + column
                        for row, shape in enumerate(SHAPES) for column, color in enumerate(COLORS)}


def pretrain_vision(visual: nn.Module, train: tuple[torch.Tensor, torch.Tensor], test: tuple[torch.Tensor, torch.Tensor],
                    epochs: int, batch: int, rate: float, generator: torch.Generator) -> None:
    """Teach the vision tower what stands where: the patches of a quarter its own cell, the class token all four.

    It stands in for the pre-training that full-size towers bring along; the classifiers are thrown away. Without it,
    questions for places stay at chance for long: averages over patches, which come first, say nothing about them.
    `train` and `test` are pixels and cells, [N, 4].
    """
    (pixels, cells), width = train, visual.ln_post.normalized_shape[0]
    kinds, quarters = 1 + len(SHAPES) * len(COLORS), len(CELLS)
    of_patch, of_scene = nn.Linear(width, kinds), nn.Linear(width, quarters * kinds)
    parameters = [*visual.parameters(), *of_patch.parameters(), *of_scene.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.02, betas=(0.9, 0.98))
    rates = schedule(optimizer, epochs * math.ceil(len(pixels) / batch))

    def logits(some: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        image = visual.forward_pre(some)
        for block in visual.transformer.resblocks:
            image = block(image)
        image = visual.forward_post(image)
        return of_patch(by_quarter(image[:, 1:])), of_scene(image[:, 0]).view(-1, quarters, kinds)

    for epoch in range(epochs):
        for rows in torch.randperm(len(pixels), generator=generator).split(batch):
            target = cells[rows].flatten()
            loss = sum(nn.functional.cross_entropy(part.flatten(0, 1), target) for part in logits(pixels[rows]))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            rates.step()
        with torch.no_grad():
            patch, scene = (100 * float((part.argmax(2) == test[1]).float().mean()) for part in logits(test[0]))
        print(f"vision epoch {epoch + 1}  test quarters right: by patch {patch:.1f} %, by class token {scene:.1f} %",
              flush=True)
