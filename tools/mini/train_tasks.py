#!/usr/bin/env python3
"""Train the mini suite's tiny models for NLVR2, SNLI-VE, Flickr30K and MSCOCO, and two more for ablations of SNLI-VE."""

from __future__ import annotations

import argparse
import copy
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F
from transformers import BridgeTowerConfig

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from hf.bridgetower_tasks import BridgeTowerForTasks  # noqa: E402
from hf.bridgetower_vqa import save_model  # noqa: E402
from hf.meter import Meter  # noqa: E402
from task_data import (IMAGE_SIZE, MAX_LENGTH, Texts, caption_groups, comparison_groups, counts,  # noqa: E402
                       held_out_pictures, matches, statement_groups, training_pictures)
from tiny_meter import like_bridgetower, meter_fused_pairs, meter_pooled, save_meter  # noqa: E402
from tiny_model import (bridged_features, fused_pairs, initialise, make_optimizer, pretrain_vision,  # noqa: E402
                        read_by, schedule, train_tokenizer)

PATCH, WIDTH, VISION_WIDTH, VOCAB, ITC, MASK_ID = 8, 28, 64, 384, 24, 4
# Task -> the heads of its model. A model starts where the one named behind it ended, or from the pre-trained vision tower.
TASKS = {
    "snli_ve": ({"snli": 3}, None),
    "snli_ve_interpolate": ({"snli": 3}, None),
    "snli_ve_meter": ({"snli": 3}, None),
    "nlvr2": ({"nlvr2": 2}, "snli_ve"),
    "flickr30k": ({"itc": ITC, "itm": 2}, "snli_ve"),
    "coco": ({"itc": ITC, "itm": 2}, "snli_ve"),
}

EPOCHS = {"snli_ve": 12, "snli_ve_interpolate": 12, "snli_ve_meter": 12, "nlvr2": 14, "flickr30k": 10, "coco": 10}


@dataclass
class Settings:
    scenes: int
    vision_epochs: int
    epochs: dict[str, int]
    batch: int  # pictures or pairs a step
    rate: float
    seed: int


def tiny_config(vocab_size: int, link_tower: str = "add") -> BridgeTowerConfig:
    """Under 0.2 million parameters, with every part that the full-size models have."""
    text = {"vocab_size": vocab_size, "hidden_size": WIDTH, "num_hidden_layers": 2, "num_attention_heads": 2,
            "intermediate_size": 32, "max_position_embeddings": MAX_LENGTH + 2, "hidden_dropout_prob": 0.0,
            "attention_probs_dropout_prob": 0.0}
    vision = {"hidden_size": VISION_WIDTH, "num_hidden_layers": 2, "patch_size": PATCH, "image_size": IMAGE_SIZE}
    return BridgeTowerConfig(hidden_size=WIDTH, num_attention_heads=2, num_hidden_layers=2, layer_norm_eps=1e-5,
                             link_tower_type=link_tower, text_config=text, vision_config=vision)


class Trainer:
    """Everything that the trainings share: pictures, tokenizer and the pre-trained vision tower."""

    def __init__(self, out: Path, settings: Settings) -> None:
        self.out, self.settings = out, settings
        self.train, self.test = training_pictures(settings.scenes), held_out_pictures()
        self.statements = statement_groups(self.train.scenes)
        self.partners, self.comparisons = comparison_groups(self.train.scenes)
        self.captions = {style: caption_groups(self.train.scenes, style) for style in ("flickr30k", "coco")}
        texts = [text for group in self.statements for text in group]
        texts += [told.text for groups in (self.comparisons, *self.captions.values()) for group in groups for told in group]
        self.tokenize = lambda folder: train_tokenizer(texts, folder, VOCAB, MAX_LENGTH)
        self.trained: dict[str, nn.Module] = {}
        self.vision: dict[str, torch.Tensor] | None = None
        self.features: list[torch.Tensor] | None = None  # of the training pictures; the vision tower stays as it is

    def fresh(self, vocab_size: int, heads: dict[str, int], link_tower: str) -> BridgeTowerForTasks:
        """A model with start values and the pre-trained vision tower: the same ones whatever the link tower."""
        torch.manual_seed(self.settings.seed)
        config = tiny_config(vocab_size, link_tower)
        if "itc" in heads:
            config.contrastive_hidden_size, config.logit_scale_init_value = ITC, 2.6592
        if "nlvr2" in heads:
            config.token_type_vocab_size = 3
        model = BridgeTowerForTasks(config, heads)
        initialise(model, self.train.pixels)
        visual = model.bridgetower.vision_model.visual
        if self.vision is None:
            pretrain_vision(visual, (self.train.pixels, self.train.cells), (self.test.pixels, self.test.cells),
                            self.settings.vision_epochs, 64, 2e-3, torch.Generator().manual_seed(self.settings.seed))
            self.vision = copy.deepcopy(visual.state_dict())
        visual.load_state_dict(self.vision)
        visual.requires_grad_(False)
        if self.features is None:
            with torch.no_grad():
                parts = [bridged_features(visual, some, config.num_hidden_layers) for some in self.train.pixels.split(500)]
            self.features = [torch.cat(level) for level in zip(*parts)]
        return model

    def run(self, task: str) -> None:
        """Train the model of a task, and first what it starts from, and write its folder."""
        if task in self.trained:
            return
        heads, start = TASKS[task]
        if start:
            self.run(start)
        folder, seed = self.out / task, self.settings.seed + list(TASKS).index(task)
        tokenizer = self.tokenize(folder)
        model = self.fresh(tokenizer.get_vocab_size(), heads, "interpolate" if task.endswith("interpolate") else "add")
        if start:
            self.inherit(model, self.trained[start])
        if task.endswith("meter"):
            model = like_bridgetower(model, heads)
        count = sum(p.numel() for p in read_by(model))
        print(f"{task}: {count:,} parameters, {tokenizer.get_vocab_size()} tokens", flush=True)
        torch.manual_seed(seed)
        task_of = {"snli_ve": SnliVe, "nlvr2": Nlvr2, "flickr30k": Retrieval, "coco": Retrieval}
        data = task_of[task.removesuffix("_meter").removesuffix("_interpolate")](self, tokenizer, task)
        data.check(model)
        fit(model, data, self.settings.epochs[task], self.settings.rate, torch.Generator().manual_seed(seed))
        self.trained[task] = model
        if isinstance(model, Meter):
            save_meter(model, folder)
        else:
            save_model(model, folder, torch.float16)

    @staticmethod
    @torch.no_grad()
    def inherit(model: BridgeTowerForTasks, start: nn.Module) -> None:
        """Take over the weights of another task's model, heads apart; image type 2 starts as type 1."""
        state = {name: value for name, value in start.state_dict().items() if name.startswith("bridgetower.")}
        types = state.pop("bridgetower.token_type_embeddings.weight")
        model.load_state_dict(state, strict=False)
        own = model.bridgetower.token_type_embeddings.weight
        own.copy_(types[[0, 1, 1][: len(own)]])


def fused(model: nn.Module, *batch, image_type: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    if isinstance(model, Meter):
        return meter_fused_pairs(model, *batch, image_type=image_type)
    return fused_pairs(model.bridgetower, *batch, image_type=image_type)


def pooled(model: nn.Module, *batch, image_type: int = 1) -> torch.Tensor:
    text, image = fused(model, *batch, image_type=image_type)
    if isinstance(model, Meter):
        return meter_pooled(model, text, image)
    return model.bridgetower.get_cls_features(text, image)


class Task:
    """A training set: `steps` yields an epoch's losses, `check` compares the training forward with the reference's."""

    def __init__(self, trainer: Trainer, tokenizer, task: str) -> None:
        self.pictures, self.features, self.batch = trainer.train, trainer.features, trainer.settings.batch
        told = trainer.captions["coco" if task == "coco" else "flickr30k"]
        self.told = Texts.of(tokenizer, [[caption.text for caption in group] for group in told])
        self.helpers = nn.ModuleList()  # heads of the training alone
        self.guess = nn.Linear(WIDTH, tokenizer.get_vocab_size())
        self.texts = Texts.of(tokenizer, self.groups(trainer, task))

    def groups(self, trainer: Trainer, task: str) -> list[list[str]]:
        raise NotImplementedError

    def loss(self, model: nn.Module, rows: torch.Tensor, generator: torch.Generator) -> tuple[torch.Tensor, float]:
        """The loss of a batch and the share that is right."""
        raise NotImplementedError

    def images(self, rows: torch.Tensor) -> list[torch.Tensor]:
        return [level[rows] for level in self.features]

    def guess_words(self, model: nn.Module, rows: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Masked language modelling on captions, as in BridgeTower's and METER's pre-training: it teaches early which
        word means what in the picture. The head is thrown away."""
        which = torch.randint(self.told.rows.shape[1], (len(rows),), generator=generator)
        ids, mask = self.told.batch(self.told.rows[rows, which])
        hidden = (torch.rand(ids.shape, generator=generator) < 0.3) & (ids > 4)
        text, _ = fused(model, ids.masked_fill(hidden, MASK_ID), mask, self.images(rows), torch.arange(len(rows)))
        return F.cross_entropy(self.guess(text[hidden]), ids[hidden])

    def step_rows(self, generator: torch.Generator) -> list[torch.Tensor]:
        order = torch.randperm(len(self.pictures.scenes), generator=generator)
        return list(order.split(self.batch))[: len(order) // self.batch]

    @torch.no_grad()
    def check(self, model: nn.Module) -> None:
        ids, mask = self.texts.batch(self.texts.rows[:3].flatten())
        image_of = torch.arange(3).repeat_interleave(len(ids) // 3)
        pixels = self.pictures.pixels[:3]
        ours = pooled(model, ids, mask, self.images(torch.arange(3)), image_of)
        difference = (ours - model(ids, mask, pixels[image_of])).abs().max()
        if float(difference) > 1e-5:
            raise SystemExit(f"the training forward differs from the reference's by {float(difference):.2e}")


class SnliVe(Task):
    def groups(self, trainer: Trainer, task: str) -> list[list[str]]:
        return trainer.statements

    def loss(self, model: nn.Module, rows: torch.Tensor, generator: torch.Generator) -> tuple[torch.Tensor, float]:
        chosen = self.texts.rows[rows]
        ids, mask = self.texts.batch(chosen.flatten())
        count = chosen.shape[1]
        image_of = torch.arange(len(rows)).repeat_interleave(count)
        target = (torch.arange(count) * 3 // count).repeat(len(rows))
        logits = model.snli_classifier(pooled(model, ids, mask, self.images(rows), image_of))
        return F.cross_entropy(logits, target), float((logits.argmax(1) == target).float().mean())


class Nlvr2(Task):
    def groups(self, trainer: Trainer, task: str) -> list[list[str]]:
        """The sentences; and, to be told from each picture, how many it has of what they are about."""
        self.partners, scenes = torch.tensor(trainer.partners), trainer.train.scenes
        self.there = [counts(side, trainer.comparisons) for side in (scenes, [scenes[i] for i in trainer.partners])]
        self.count = nn.Linear(2 * WIDTH, 5)
        self.helpers = nn.ModuleList([self.count])
        return [[told.text for told in group] for group in trainer.comparisons]

    def loss(self, model: nn.Module, rows: torch.Tensor, generator: torch.Generator) -> tuple[torch.Tensor, float]:
        chosen = self.texts.rows[rows]
        ids, mask = self.texts.batch(chosen.flatten())
        count = chosen.shape[1]
        image_of = torch.arange(len(rows)).repeat_interleave(count)
        target = (torch.arange(count) * 2 // count).repeat(len(rows))
        sides = [pooled(model, ids, mask, self.images(images), image_of, image_type=kind)
                 for kind, images in ((1, rows), (2, self.partners[rows]))]
        logits = model.nlvr2_classifier(torch.cat(sides, 1))
        counted = sum(F.cross_entropy(self.count(side), there[rows].flatten(), ignore_index=-1)
                      for side, there in zip(sides, self.there))
        return F.cross_entropy(logits, target) + counted / 2, float((logits.argmax(1) == target).float().mean())


class Retrieval(Task):
    """ITC over a batch, and ITM on each picture with its caption, a hard caption and each caption with a hard picture."""

    def groups(self, trainer: Trainer, task: str) -> list[list[str]]:
        self.captions = [caption for group in trainer.captions[task] for caption in group]
        return [[caption.text for caption in group] for group in trainer.captions[task]]

    def loss(self, model: nn.Module, rows: torch.Tensor, generator: torch.Generator) -> tuple[torch.Tensor, float]:
        count = len(rows)
        which = torch.randint(self.texts.rows.shape[1], (count,), generator=generator)
        chosen = self.texts.rows[rows, which]
        ids, mask = self.texts.batch(chosen)
        images = self.images(rows)
        true = matches([self.pictures.scenes[row] for row in rows.tolist()], [self.captions[i] for i in chosen.tolist()])
        image, text = embeddings(model, ids, mask, images[-1])
        similarity = model.logit_scale.exp() * image @ text.T
        targets = true.float()
        itc = (F.cross_entropy(similarity, targets / targets.sum(1, True))
               + F.cross_entropy(similarity.T, targets.T / targets.T.sum(1, True))) / 2
        with torch.no_grad():
            weights = similarity.masked_fill(true, -1e4).float()
            hard_text = torch.multinomial(weights.softmax(1), 1, generator=generator)[:, 0]
            hard_image = torch.multinomial(weights.T.softmax(1), 1, generator=generator)[:, 0]
        own = torch.arange(count)
        text_of, image_of = torch.cat([own, hard_text, own]), torch.cat([own, own, hard_image])
        logits = model.itm_score.fc(pooled(model, ids[text_of], mask[text_of], images, image_of))
        target = (torch.arange(3 * count) < count).long()
        return itc + F.cross_entropy(logits, target), float((logits.argmax(1) == target).float().mean())


def embeddings(model: BridgeTowerForTasks, ids: torch.Tensor, mask: torch.Tensor,
               images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Image and text embeddings as `itc_embeddings` has them, from the towers alone."""
    tower = model.bridgetower
    image = tower.cross_modal_image_transform(images[:, 0]) + tower.token_type_embeddings.weight[1]
    text = tower.text_model(input_ids=ids, attention_mask=mask).last_hidden_state[:, 0]
    return F.normalize(model.itc_image_head.fc(image), dim=-1), F.normalize(model.itc_text_head.fc(text), dim=-1)


def fit(model: nn.Module, task: Task, epochs: int, rate: float, generator: torch.Generator) -> None:
    parameters = [p for p in [*read_by(model), *task.guess.parameters(), *task.helpers.parameters()] if p.requires_grad]
    optimizer = make_optimizer(parameters, rate)
    rates = schedule(optimizer, epochs * (len(task.pictures.scenes) // task.batch))
    start = time.monotonic()
    for epoch in range(epochs):
        losses, right = [], []
        for rows in task.step_rows(generator):
            loss, share = task.loss(model, rows, generator)
            words = task.guess_words(model, rows, generator)
            loss = loss + words
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            rates.step()
            losses.append((float(loss.detach()), float(words.detach())))
            right.append(share)
        total, words = (sum(part) / len(losses) for part in zip(*losses))
        print(f"epoch {epoch + 1:2d}  loss {total:.3f}, of it words {words:.3f}  right in training "
              f"{100 * sum(right) / len(right):.1f} %  {time.monotonic() - start:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", choices=["all", *TASKS], default="all")
    parser.add_argument("--out", type=Path, default=Path("assets/mini/checkpoints"))
    parser.add_argument("--scenes", type=int, default=6000)
    parser.add_argument("--vision-epochs", type=int, default=8)
    parser.add_argument("--epochs", type=int, help="of every task (default: each its own)")
    parser.add_argument("--batch", type=int, default=64, help="pictures or pairs a step")
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    epochs = EPOCHS if arguments.epochs is None else dict.fromkeys(TASKS, arguments.epochs)
    settings = Settings(arguments.scenes, arguments.vision_epochs, epochs, arguments.batch, arguments.rate, arguments.seed)
    trainer = Trainer(arguments.out, settings)
    for task in TASKS if arguments.task == "all" else [arguments.task]:
        trainer.run(task)


if __name__ == "__main__":
    main()
