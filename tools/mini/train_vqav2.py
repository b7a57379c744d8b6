#!/usr/bin/env python3
"""Train the mini suite's tiny BridgeTower on the synthetic VQAv2 with Hugging Face's implementation."""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BridgeTowerConfig

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from generate_vqav2 import Split, answer_vocabulary, make_all  # noqa: E402
from humans import normalised  # noqa: E402
from hf.bridgetower_vqa import BridgeTowerForVqa, load_model, save_model  # noqa: E402
from hf.vqa_data import encode, label_scores, square_pixels  # noqa: E402
from tiny_model import (bridged_features, initialise, kinds_of_cells, make_optimizer, pooled_pairs, pretrain_vision,  # noqa: E402
                        read_by, schedule, train_tokenizer)

IMAGE_SIZE, PATCH, MAX_LENGTH, VOCAB = 48, 24, 24, 400


def tiny_config(vocab_size: int) -> BridgeTowerConfig:
    """About a million parameters, with every part that the full-size models have."""
    text = {"vocab_size": vocab_size, "hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4,
            "intermediate_size": 128, "max_position_embeddings": MAX_LENGTH + 2, "hidden_dropout_prob": 0.0,
            "attention_probs_dropout_prob": 0.0}
    vision = {"hidden_size": 128, "num_hidden_layers": 3, "patch_size": PATCH, "image_size": IMAGE_SIZE}
    return BridgeTowerConfig(hidden_size=64, num_attention_heads=4, num_hidden_layers=2, layer_norm_eps=1e-5,
                             link_tower_type="add", text_config=text, vision_config=vision)


def shared_image_logits(model: BridgeTowerForVqa, ids: torch.Tensor, mask: torch.Tensor, pixels: torch.Tensor,
                        image_of: torch.Tensor) -> torch.Tensor:
    """`model(...)` with the vision tower run once an image: row i asks about pixels[image_of[i]]."""
    tower = model.bridgetower
    images = bridged_features(tower.vision_model.visual, pixels, model.config.num_hidden_layers)
    return model.vqa_classifier(pooled_pairs(tower, ids, mask, images, image_of))


class Tensors:
    """Splits as tensors: images normalised, questions tokenised, targets by the official soft score."""

    def __init__(self, splits: list[Split], tokenizer: Tokenizer, labels: dict[str, int]) -> None:
        images = [image for split in splits for image in split.images]
        image_ids = [image_id for split in splits for image_id in split.image_ids]
        questions = [question for split in splits for question in split.questions]
        records = [record for split in splits for record in split.annotations]
        self.pixels = torch.stack([square_pixels(image, IMAGE_SIZE) for image in images])
        kinds = kinds_of_cells()
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


def train(model: BridgeTowerForVqa, data: Tensors, test: Tensors, epochs: int, batch: int, rate: float,
          generator: torch.Generator, workers: int) -> None:
    steps = epochs * (len(data.pixels) // batch)
    parameters = read_by(model)
    optimizer = make_optimizer(parameters, rate)
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
    tokenizer = train_tokenizer([q["question"] for split in training for q in split.questions], arguments.out,
                                VOCAB, MAX_LENGTH)
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
    pretrain_vision(model.bridgetower.vision_model.visual, (data.pixels, data.cells), (test.pixels, test.cells),
                    arguments.vision_epochs, arguments.batch, arguments.rate, generator)
    train(model, data, test, arguments.epochs, arguments.batch, arguments.rate, generator,
          arguments.workers)

    save_model(model, arguments.out, torch.float16)
    (arguments.out / "vocabulary.json").write_text(json.dumps(vocabulary) + "\n", encoding="utf-8")
    print(f"saved {arguments.out}: test soft score {soft_accuracy(load_model(arguments.out), test):.2f}")


if __name__ == "__main__":
    main()
