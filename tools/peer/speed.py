#!/usr/bin/env python3
"""Time Hugging Face's BridgeTower and `bteval bench` side by side on the same inputs, weights, threads and dtype.

    tools/peer/speed.py --bteval build/release/bin/bteval --image-size 384 --images 4 --texts-per-image 5

Every mode of Hugging Face's is tried with every batch size once; its best batch size then runs in turns with bteval, in
rounds: a busy machine slows both down alike. Printed are the ratios of the rounds' times, median and spread, and how far
the logits are apart. The model is a seeded random one, written once below --work, unless --model names a directory.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import torch
import torch._inductor.config as inductor
from safetensors.torch import load_file, save_file

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from hf.bridgetower_vqa import BridgeTowerForVqa, load_model  # noqa: E402

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
# torch.compile, with its keywords in each mode. Frozen weights are packed while compiling: for MKL where shapes are
# static, for oneDNN where they are dynamic, which is the faster of the two on some processors.
COMPILED = {"compile": {}, "frozen": {"dynamic": False}, "frozen-dynamic": {"dynamic": True}}
MODES = ("eager", "sdpa", *COMPILED)


@dataclass
class Work:
    pixels: torch.Tensor  # [images, 3, S, S]
    ids: torch.Tensor  # [texts, L], padded with 1
    mask: torch.Tensor  # [texts, L]
    image_of_text: torch.Tensor  # [texts]

    def save(self, path: Path) -> None:
        save_file({"pixel_values": self.pixels, "input_ids": self.ids, "attention_mask": self.mask,
                   "image_of_text": self.image_of_text}, path)


def random_work(arguments: argparse.Namespace) -> Work:
    generator = torch.Generator().manual_seed(arguments.seed)
    texts = arguments.images * arguments.texts_per_image
    size = arguments.image_size
    if arguments.tokens:
        lengths = torch.full((texts,), arguments.tokens)
    else:
        lengths = torch.randint(7, 15, (texts,), generator=generator)
    longest = int(lengths.max())
    ids = torch.randint(4, 50000, (texts, longest), generator=generator)
    positions = torch.arange(longest).expand(texts, -1)
    mask = (positions < lengths[:, None]).long()
    ids[:, 0] = 0
    ids[positions == lengths[:, None] - 1] = 2
    ids = torch.where(mask.bool(), ids, torch.ones_like(ids))
    images = torch.arange(arguments.images).repeat_interleave(arguments.texts_per_image)
    return Work(torch.randn(arguments.images, 3, size, size, generator=generator), ids, mask, images)


class Bteval:
    """A `bteval bench --paced` process: one repeat a line."""

    def __init__(self, arguments: argparse.Namespace, inputs: Path, outputs: Path) -> None:
        command = [str(arguments.bteval), "bench", "throughput", "--paced", "--model", str(arguments.model), "--inputs",
                   str(inputs), "--outputs", str(outputs), "--dtype", arguments.dtype, "--device", arguments.device,
                   "--image-size", str(arguments.image_size), "--threads", str(arguments.threads), "--clock",
                   arguments.clock, *arguments.bteval_option]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.read()  # ready, warmed up

    def read(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"bteval ended with {self.process.wait()}")
        return json.loads(line)

    def run(self) -> float:
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.read()["seconds"]

    def finish(self) -> str:
        self.process.stdin.close()
        text = self.process.stdout.read()
        if self.process.wait() != 0:
            raise SystemExit(f"bteval ended with {self.process.returncode}")
        return text


@dataclass
class Peer:
    """One of Hugging Face's modes."""

    mode: str
    model: torch.nn.Module
    work: Work
    processor: bool
    batch: int = 0
    seconds: list[float] = field(default_factory=list)
    logits: torch.Tensor | None = None

    @torch.inference_mode()
    def run(self, batch: int, pairs: int | None = None) -> float:
        """Seconds for the first `pairs` pairs (default: all). Compiled models see one text length throughout."""
        count = len(self.work.ids) if pairs is None else min(pairs, len(self.work.ids))
        device = self.work.pixels.device
        outputs = []
        clock = time.process_time if self.processor else time.perf_counter
        start = clock()
        for first in range(0, count, batch):
            rows = slice(first, min(first + batch, count))
            longest = self.work.ids.shape[1] if self.mode in COMPILED else int(self.work.mask[rows].sum(1).max())
            outputs.append(self.model(self.work.ids[rows, :longest], self.work.mask[rows, :longest],
                                      self.work.pixels[self.work.image_of_text[rows]]))
        if device.type == "cuda":
            torch.cuda.synchronize()
        seconds = clock() - start
        self.logits = torch.cat(outputs).float().cpu()
        return seconds


def peer_model(arguments: argparse.Namespace, mode: str) -> torch.nn.Module:
    model: BridgeTowerForVqa = load_model(arguments.model, arguments.image_size)
    if mode == "sdpa":
        if not getattr(model.bridgetower, "_supports_sdpa", False):
            raise ValueError("this version of transformers offers eager attention alone for BridgeTower")
        model.bridgetower.set_attn_implementation("sdpa")
    model = model.to(arguments.device, DTYPES[arguments.dtype])
    return torch.compile(model, **COMPILED[mode]) if mode in COMPILED else model


def make_peers(arguments: argparse.Namespace, work: Work) -> list[Peer]:
    """Each mode with its best batch size; a mode that fails is named and left out."""
    dtype = DTYPES[arguments.dtype]
    on_device = Work(work.pixels.to(arguments.device, dtype), work.ids.to(arguments.device),
                     work.mask.to(arguments.device), work.image_of_text.to(arguments.device))
    peers = []
    for mode in arguments.modes:
        try:
            # Dynamo asks while it traces: among the keywords of torch.compile it would come too late.
            inductor.freezing = mode.startswith("frozen")
            peer = Peer(mode, peer_model(arguments, mode), on_device, arguments.clock == "processor")
            rates = {}
            for batch in arguments.batches:
                pairs = max(batch, arguments.calibrate)
                peer.run(batch, pairs)  # warms up, compiles
                rates[batch] = min(pairs, len(work.ids)) / min(peer.run(batch, pairs) for _ in range(2))
            peer.batch = max(rates, key=rates.get)
            print(f"{mode}: pairs/s by batch size {', '.join(f'{b}: {rate:.2f}' for b, rate in rates.items())}",
                  flush=True)
            peers.append(peer)
        except Exception as error:  # whatever a compiler or a kernel of the peer's runs into
            print(f"{mode}: does not run here: {str(error).splitlines()[0][:200]}", flush=True)
    return peers


def spread(values: list[float], digits: int = 2) -> str:
    return (f"{statistics.median(values):.{digits}f} (median of {len(values)}; "
            f"{min(values):.{digits}f} to {max(values):.{digits}f})")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bteval", type=Path, default=Path("build/release/bin/bteval"))
    parser.add_argument("--bteval-option", action="append", default=[], help="one more word for bteval bench; repeatable")
    parser.add_argument("--model", type=Path, help="Hugging Face directory with a VQA head (default: random weights)")
    parser.add_argument("--image-size", type=int, default=384)
    parser.add_argument("--images", type=int, default=4)
    parser.add_argument("--texts-per-image", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=0, help="of each text (default: 7 to 14)")
    parser.add_argument("--dtype", choices=DTYPES, default="fp32")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--modes", nargs="+", choices=MODES, default=list(MODES))
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 5, 10], help="batch sizes to choose from")
    parser.add_argument("--calibrate", type=int, default=10, help="pairs that choose the batch size")
    parser.add_argument("--clock", choices=("wall", "processor"), default="wall",
                        help="processor: seconds of one thread, which hardly change on a busy machine")
    parser.add_argument("--peer-pairs", type=int, default=0,
                        help="pairs that Hugging Face's model runs in a round (default: all; each takes it equally long)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, default=Path("out/peer"))
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    torch.set_num_threads(arguments.threads)
    arguments.work.mkdir(parents=True, exist_ok=True)
    if arguments.model is None:
        arguments.model = arguments.work / f"base_{arguments.image_size}"
        if not (arguments.model / "model.safetensors").exists():
            script = Path(__file__).resolve().parents[1] / "parity" / "make_random_model.py"
            subprocess.run([sys.executable, str(script), str(arguments.model), "--image-size", str(arguments.image_size)],
                           check=True)
    work = random_work(arguments)
    inputs, outputs = arguments.work / "inputs.safetensors", arguments.work / "logits.safetensors"
    work.save(inputs)
    peers = make_peers(arguments, work)
    if not peers:
        raise SystemExit("no mode of the peer runs here")
    ours = Bteval(arguments, inputs, outputs)
    ours_seconds: list[float] = []
    for number in range(arguments.rounds):
        ours_seconds.append(ours.run())
        for peer in peers:
            peer.seconds.append(peer.run(peer.batch, arguments.peer_pairs or None))
        print(f"round {number + 1}: bteval {ours_seconds[-1]:.2f} s, "
              + ", ".join(f"{peer.mode} {peer.seconds[-1]:.2f} s" for peer in peers), flush=True)
    print(ours.finish(), end="")
    report(arguments, work, peers, ours_seconds, load_file(outputs)["logits"])


def report(arguments: argparse.Namespace, work: Work, peers: list[Peer], ours: list[float],
           logits: torch.Tensor) -> None:
    pairs = len(work.ids)
    peer_pairs = min(arguments.peer_pairs or pairs, pairs)
    figures = {"pairs": pairs, "image_size_px": arguments.image_size, "texts_per_image": arguments.texts_per_image,
               "dtype": arguments.dtype, "threads": arguments.threads, "clock": arguments.clock,
               "torch": torch.__version__, "bteval_s": ours, "peer_pairs": peer_pairs}
    print(f"{pairs} pairs ({peer_pairs} of Hugging Face's), {arguments.texts_per_image} texts an image, "
          f"{arguments.image_size} px, {arguments.dtype}, "
          f"{arguments.threads} threads, {arguments.clock} clock, torch {torch.__version__}")
    print(f"  bteval: {spread([pairs / s for s in ours])} pairs/s")
    for peer in peers:
        ratios = [theirs / peer_pairs / (mine / pairs) for theirs, mine in zip(peer.seconds, ours)]
        same = int((peer.logits.argmax(1) == logits[:peer_pairs].argmax(1)).sum())
        apart = float((peer.logits - logits[:peer_pairs]).abs().max())
        print(f"  Hugging Face {peer.mode}, batch {peer.batch}: {spread([peer_pairs / s for s in peer.seconds])} pairs/s; "
              f"bteval is {spread(ratios)} times as fast; {same} of {peer_pairs} predictions equal, "
              f"logits {apart:.2g} apart")
        figures[peer.mode] = {"batch": peer.batch, "seconds": peer.seconds, "ratio_median": statistics.median(ratios),
                              "ratio_min": min(ratios), "ratio_max": max(ratios), "equal_predictions": same,
                              "max_logit_difference": apart}
    if arguments.dtype == "fp32":
        peers = [peer for peer in peers if figures[peer.mode]["max_logit_difference"] < 1e-3]
        if not peers:
            raise SystemExit("no mode of the peer computes what bteval does")
    best = min(peers, key=lambda peer: statistics.median(peer.seconds))
    ratio = [theirs / peer_pairs / (mine / pairs) for theirs, mine in zip(best.seconds, ours)]
    print(f"  against the best mode ({best.mode}): {spread(ratio)}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
