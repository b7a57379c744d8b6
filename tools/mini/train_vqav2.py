#!/usr/bin/env python3
"""Train the mini suite's tiny BridgeTower on the synthetic VQAv2 with Hugging Face's implementation."""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from torch import nn
from transformers import BridgeTowerConfig

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from generate_vqav2 import Split, answer_vocabulary, make_all  # noqa: E402
from humans import normalised  # noqa: E402
from scenes import CELLS, COLORS, SHAPES  # noqa: E402
from hf.bridgetower_vqa import BridgeTowerForVqa, load_model, save_model  # noqa: E402
from hf.vqa_data import encode, label_scores, load_tokenizer, square_pixels  # noqa: E402

IMAGE_SIZE, PATCH, MAX_LENGTH, VOCAB = 48, 24, 24, 400
SPECIALS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def tiny_config(vocab_size: int) -> BridgeTowerConfig:
    """About a million parameters, with every part that the full-size models have."""
    text = {"vocab_size": vocab_size, "hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4,
            "intermediate_size": 128, "max_position_embeddings": MAX_LENGTH + 2, "hidden_dropout_prob": 0.0,
            "attention_probs_dropout_prob": 0.0}
    vision = {"hidden_size": 128, "num_hidden_layers": 3, "patch_size": PATCH, "image_size": IMAGE_SIZE}
    return BridgeTowerConfig(hidden_size=64, num_attention_heads=4, num_hidden_layers=2, layer_norm_eps=1e-5,
                             link_tower_type="add", text_config=text, vision_config=vision)


def train_tokenizer(questions: list[str], folder: Path) -> Tokenizer:
    """A byte-level BPE vocabulary with RoBERTa's special tokens and template."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=VOCAB, special_tokens=SPECIALS, initial_alphabet=alphabet,
                                  show_progress=False)
    tokenizer.train_from_iterator(questions, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.model.save(str(folder))
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"tokenizer_class": "RobertaTokenizer", "model_max_length": MAX_LENGTH, "add_prefix_space": False,
                "bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>",
                "pad_token": "<pad>", "unk_token": "<unk>", "mask_token": "<mask>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    return load_tokenizer(folder, MAX_LENGTH)


@torch.no_grad()
def initialise(model: BridgeTowerForVqa, pixels: torch.Tensor) -> None:
    """Scale the weights to the small width; Hugging Face's values suit fine-tuning, not a start from nothing.

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
    weight = embeddings.patch_embedding.weight
    patches = nn.functional.unfold(pixels[:2000], PATCH, stride=PATCH).transpose(1, 2).flatten(0, 1)
    mean = patches.mean(0)
    variances, directions = torch.linalg.eigh((patches - mean).T @ (patches - mean) / len(patches))
    variances, directions = variances.flip(0)[: len(weight)], directions.flip(1)[:, : len(weight)]
    whitening = directions.T / (variances + 0.02 * variances.mean()).sqrt()[:, None]
    weight.copy_(whitening.view_as(weight))
    nn.init.normal_(embeddings.position_embedding.weight, std=0.5)
    embeddings.position_embedding.weight[1:] -= whitening @ mean


def shared_image_logits(model: BridgeTowerForVqa, ids: torch.Tensor, mask: torch.Tensor, pixels: torch.Tensor,
                        image_of: torch.Tensor) -> torch.Tensor:
    """`model(...)` with the vision tower run once an image: row i asks about pixels[image_of[i]]."""
    tower = model.bridgetower
    visual, text_layers = tower.vision_model.visual, tower.text_model.encoder.layer
    depth, fusions = len(text_layers), model.config.num_hidden_layers
    key_mask = (1.0 - mask[:, None, None, :].float()) * torch.finfo(torch.float32).min
    types = tower.token_type_embeddings.weight
    text, image = tower.text_model.embeddings(input_ids=ids), visual.forward_pre(pixels)
    fused_text = fused_image = None
    for layer in range(depth):
        text, image = text_layers[layer](text, key_mask), visual.transformer.resblocks[layer](image)
        level = layer - (depth - fusions)
        if level < 0:
            continue
        x = tower.cross_modal_text_transform(text) + types[0]
        y = (tower.cross_modal_image_transform(visual.forward_post(image)) + types[1])[image_of]
        if level == 0:
            x, y = tower.cross_modal_text_layernorm(x), tower.cross_modal_image_layernorm(y)
        else:
            x = tower.cross_modal_text_link_tower[level - 1](x, fused_text, None)
            y = tower.cross_modal_image_link_tower[level - 1](y, fused_image, None)
        fused_text = tower.cross_modal_text_layers[level](x, y, attention_mask=key_mask)[0]
        fused_image = tower.cross_modal_image_layers[level](y, x, encoder_attention_mask=key_mask)[0]
    return model.vqa_classifier(tower.get_cls_features(fused_text, fused_image))


class Tensors:
    """Splits as tensors: images normalised, questions tokenised, targets by the official soft score."""

    def __init__(self, splits: list[Split], tokenizer: Tokenizer, labels: dict[str, int]) -> None:
        images = [image for split in splits for image in split.images]
        image_ids = [image_id for split in splits for image_id in split.image_ids]
        questions = [question for split in splits for question in split.questions]
        records = [record for split in splits for record in split.annotations]
        self.pixels = torch.stack([square_pixels(image, IMAGE_SIZE) for image in images])
        kinds = {None: 0} | {thing: 1 + index for index, thing in enumerate(product(SHAPES, COLORS))}
        self.cells = torch.tensor([[kinds[cell] for cell in scene.cells] for split in splits for scene in split.scenes])
        self.ids, self.mask = encode(tokenizer, [question["question"] for question in questions])
        self.targets = torch.zeros(len(questions), len(labels))
        row_of = {image_id: row for row, image_id in enumerate(image_ids)}
        self.questions_of: list[list[int]] = [[] for _ in images]
        for index, record in enumerate(records):
            given = [normalised(answer["answer"]) for answer in record["answers"]]
            for label, score in label_scores(given, labels).items():
                self.targets[index, label] = score
            self.questions_of[row_of[record["image_id"]]].append(index)

    def batch(self, rows: torch.Tensor) -> tuple[torch.Tensor, ...]:
        questions = [index for row in rows.tolist() for index in self.questions_of[row]]
        image_of = [place for place, row in enumerate(rows.tolist()) for _ in self.questions_of[row]]
        mask = self.mask[questions]
        length = int(mask.sum(1).max())
        return (self.ids[questions, :length], mask[:, :length], self.pixels[rows], torch.tensor(image_of),
                self.targets[questions])


@torch.no_grad()
def soft_accuracy(model: BridgeTowerForVqa, data: Tensors) -> float:
    """Mean soft score of the predicted label, in per cent."""
    total = 0.0
    for rows in torch.arange(len(data.pixels)).split(100):
        ids, mask, pixels, image_of, targets = data.batch(rows)
        best = shared_image_logits(model, ids, mask, pixels, image_of).argmax(1)
        total += float(targets.gather(1, best[:, None]).sum())
    return 100 * total / len(data.targets)


def schedule(optimizer: torch.optim.Optimizer, steps: int) -> torch.optim.lr_scheduler.LambdaLR:
    """Linear warm-up over a twentieth of the steps, then a cosine to zero."""
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(
        (step + 1) / (steps / 20), 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))))


def pretrain_vision(model: BridgeTowerForVqa, data: Tensors, test: Tensors, epochs: int, batch: int, rate: float,
                    generator: torch.Generator) -> None:
    """Teach the vision tower what stands where: each patch, which is one quarter, its own, the class token all four.

    It stands in for the pre-training that full-size towers bring along; the classifiers are thrown away. Without it,
    questions for places stay at chance for long: averages over patches, which come first, say nothing about them.
    """
    visual, width = model.bridgetower.vision_model.visual, model.config.vision_config.hidden_size
    kinds, quarters = 1 + len(SHAPES) * len(COLORS), len(CELLS)
    of_patch, of_scene = nn.Linear(width, kinds), nn.Linear(width, quarters * kinds)
    parameters = [*visual.parameters(), *of_patch.parameters(), *of_scene.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.02, betas=(0.9, 0.98))
    rates = schedule(optimizer, epochs * math.ceil(len(data.pixels) / batch))

    def logits(pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        image = visual.forward_pre(pixels)
        for block in visual.transformer.resblocks:
            image = block(image)
        image = visual.forward_post(image)
        return of_patch(image[:, 1:]), of_scene(image[:, 0]).view(-1, quarters, kinds)

    for epoch in range(epochs):
        for rows in torch.randperm(len(data.pixels), generator=generator).split(batch):
            cells = data.cells[rows].flatten()
            loss = sum(nn.functional.cross_entropy(part.flatten(0, 1), cells) for part in logits(data.pixels[rows]))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            rates.step()
        with torch.no_grad():
            patch, scene = (100 * float((part.argmax(2) == test.cells).float().mean()) for part in logits(test.pixels))
        print(f"vision epoch {epoch + 1}  test quarters right: by patch {patch:.1f} %, by class token {scene:.1f} %",
              flush=True)


def train(model: BridgeTowerForVqa, data: Tensors, test: Tensors, epochs: int, batch: int, rate: float,
          generator: torch.Generator, workers: int) -> None:
    steps = epochs * (len(data.pixels) // batch)
    # The text tower's own pooler is never read; it has no gradient and is not saved.
    parameters = [p for name, p in model.named_parameters() if ".text_model.pooler." not in name]
    matrices, others = [p for p in parameters if p.dim() > 1], [p for p in parameters if p.dim() <= 1]
    optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.02}, {"params": others, "weight_decay": 0}],
                                  lr=rate, betas=(0.9, 0.98))
    rates = schedule(optimizer, steps)

    def part(rows: torch.Tensor) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        ids, mask, pixels, image_of, targets = data.batch(rows)
        logits = shared_image_logits(model, ids, mask, pixels, image_of)
        # The official loss: binary cross-entropy over all labels, summed over them.
        loss = nn.functional.binary_cross_entropy_with_logits(logits, targets) * targets.shape[1] / workers
        return loss.detach(), torch.autograd.grad(loss, parameters)

    start = time.monotonic()
    pool = ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,))
    for epoch in range(epochs):
        total = 0.0
        batches = torch.randperm(len(data.pixels), generator=generator).split(batch)[: len(data.pixels) // batch]
        for rows in batches:
            losses, gradients = zip(*pool.map(part, rows.chunk(workers)))
            for parameter, *shares in zip(parameters, *gradients):
                parameter.grad = torch.stack(shares).sum(0)
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            rates.step()
            total += float(sum(losses))
        print(f"epoch {epoch + 1:2d}  loss {total / len(batches):.3f}  test soft score {soft_accuracy(model, test):.2f}  "
              f"{time.monotonic() - start:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("assets/mini/checkpoints/vqav2"))
    parser.add_argument("--vision-epochs", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch", type=int, default=32, help="images a step, each with its four or five questions")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="threads that share a step; the result depends on them")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(arguments.seed)

    splits = make_all(["minitest", "minitrain", "miniextra"])
    training = [splits["minitrain"], splits["miniextra"]]
    vocabulary = answer_vocabulary(splits["minitrain"].annotations)
    labels = {answer: label for label, answer in enumerate(vocabulary)}
    tokenizer = train_tokenizer([q["question"] for split in training for q in split.questions], arguments.out)
    data, test = Tensors(training, tokenizer, labels), Tensors([splits["minitest"]], tokenizer, labels)

    model = BridgeTowerForVqa(tiny_config(tokenizer.get_vocab_size()), len(vocabulary))
    initialise(model, data.pixels)
    ids, mask, pixels, image_of, _ = test.batch(torch.arange(3))
    with torch.no_grad():
        difference = (shared_image_logits(model, ids, mask, pixels, image_of) - model(ids, mask, pixels[image_of])).abs()
    if float(difference.max()) > 1e-5:
        raise SystemExit(f"the training forward differs from Hugging Face's by {float(difference.max()):.2e}")
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, {len(data.targets):,} training questions, "
          f"{len(vocabulary)} labels, {tokenizer.get_vocab_size()} tokens", flush=True)
    generator = torch.Generator().manual_seed(arguments.seed)
    pretrain_vision(model, data, test, arguments.vision_epochs, arguments.batch, arguments.rate, generator)
    train(model, data, test, arguments.epochs, arguments.batch, arguments.rate, generator,
          arguments.workers)

    save_model(model, arguments.out, torch.float16)
    (arguments.out / "vocabulary.json").write_text(json.dumps(vocabulary) + "\n", encoding="utf-8")
    print(f"saved {arguments.out}: test soft score {soft_accuracy(load_model(arguments.out), test):.2f}")


if __name__ == "__main__":
    main()
