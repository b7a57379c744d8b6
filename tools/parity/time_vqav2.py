#!/usr/bin/env python3
"""Time `bteval eval vqav2` and Hugging Face's BridgeTower side by side on the same questions.

Both sides run as processes of their own, alternating. Each round runs either side once on few and once on all questions;
the difference is the time for the questions between, without start-up and loading.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path


def run(command: list[str], threads: int) -> float:
    environment = os.environ | {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-2000:]}")
    return seconds


def commands(arguments: argparse.Namespace, limit: int, run_folder: Path) -> dict[str, list[str]]:
    """Both command lines for the first `limit` questions."""
    shared = ["--model", str(arguments.model), "--data", str(arguments.data), "--image-size", str(arguments.image_size),
              "--limit", str(limit)]
    script = Path(__file__).resolve().parent / "eval_vqav2.py"
    return {
        "bteval": [arguments.bteval, "eval", "vqav2", "--split", arguments.bteval_split, "--transform", "square",
                   "--vocabulary", str(arguments.model / "vocabulary.json"), "--threads", str(arguments.threads),
                   "--out", str(run_folder), *shared, *arguments.bteval_option],
        "Hugging Face": [sys.executable, str(script), "--split", arguments.split, "--threads", str(arguments.threads),
                         "--batch", str(arguments.hf_batch), *shared],
    }


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} s (median of {len(values)}; {min(values):.2f} to {max(values):.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True, help="Hugging Face directory with vocabulary.json")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="val2014", help="subtype in the file names")
    parser.add_argument("--bteval-split", default="val", help="the same split in bteval's words")
    parser.add_argument("--bteval", default="build/release/bin/bteval")
    parser.add_argument("--bteval-option", action="append", default=[], help="one more word for bteval eval; repeatable")
    parser.add_argument("--image-size", type=int, default=288)
    parser.add_argument("--few", type=int, default=5)
    parser.add_argument("--all", type=int, default=55)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--hf-batch", type=int, default=10)
    parser.add_argument("--work", type=Path, default=Path("out/parity/time"))
    arguments = parser.parse_args()

    totals: dict[str, list[float]] = {"bteval": [], "Hugging Face": []}
    steady: dict[str, list[float]] = {"bteval": [], "Hugging Face": []}
    for number in range(arguments.rounds):
        names = list(totals) if number % 2 == 0 else list(totals)[::-1]
        seconds: dict[tuple[str, int], float] = {}
        for limit in (arguments.few, arguments.all):
            for name in names:
                folder = arguments.work / f"{name.replace(' ', '_')}_{limit}"
                shutil.rmtree(folder, ignore_errors=True)
                folder.parent.mkdir(parents=True, exist_ok=True)
                seconds[name, limit] = run(commands(arguments, limit, folder)[name], arguments.threads)
        for name in names:
            totals[name].append(seconds[name, arguments.all])
            steady[name].append(seconds[name, arguments.all] - seconds[name, arguments.few])
        print(f"round {number + 1}: " + ", ".join(f"{name} {steady[name][-1]:.2f} s" for name in totals), flush=True)

    questions = arguments.all - arguments.few
    print(f"{questions} questions at {arguments.image_size} px, {arguments.threads} thread(s), start-up and loading left out:")
    for name in steady:
        print(f"  {name:13} {spread(steady[name])}")
    print(f"  Hugging Face / bteval: {ratio(steady)}")
    print(f"whole processes, {arguments.all} questions:")
    for name in totals:
        print(f"  {name:13} {spread(totals[name])}")
    print(f"  Hugging Face / bteval: {ratio(totals)}")


def ratio(seconds: dict[str, list[float]]) -> str:
    ratios = [theirs / ours for theirs, ours in zip(seconds["Hugging Face"], seconds["bteval"])]
    return f"{statistics.median(ratios):.2f} (median of the rounds' ratios; {min(ratios):.2f} to {max(ratios):.2f})"


if __name__ == "__main__":
    main()
