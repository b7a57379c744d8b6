#!/usr/bin/env python3
"""Measures how much faster two processes of one thread each are than one process of one thread.

    python3 tools/parity/make_random_model.py MODEL --image-size 96 --vocabulary assets/mini/checkpoints/vqav2/vocabulary.json
    python3 tools/scaling/measure.py --binary build/release/bin/bteval --model MODEL --image-size 96 --limit 0

Evaluates questions of the mini suite's VQAv2 in turns with 1 and with --processes processes, --rounds times each way round.
What is compared is timing.seconds of the manifest: the whole run without the processes' start-up, until all files are
written. Every run's files have to equal those of the first one. Prints each round and the median and range of the ratios, and
exits with 1 if the median is below --at-least.
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

MINI = Path(__file__).resolve().parents[2] / "assets/mini"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def content(run):
    """The run's files; the manifest without its times."""
    files = {path.name: path.read_bytes() for path in sorted(run.iterdir())}
    manifest = json.loads(files["manifest.json"])
    timing = manifest.pop("timing")
    files["manifest.json"] = json.dumps(manifest)
    return files, timing


def evaluate(command, run, processes):
    """Runs the command with so many processes; returns the files and times that it left."""
    shutil.rmtree(run, ignore_errors=True)
    port = str(free_port())
    ranks = []
    for rank in range(processes):
        environment = dict(os.environ)
        if processes > 1:
            environment |= {"RANK": str(rank), "WORLD_SIZE": str(processes), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        ranks.append(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE))
    for rank, process in enumerate(ranks):
        error = process.communicate()[1].decode(errors="replace")
        if process.returncode != 0:
            sys.exit(f"process {rank} of {processes} ended with {process.returncode}\n{error}")
    return content(run)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--image-size", type=int, default=96)
    parser.add_argument("--limit", type=int, default=600, help="questions; 0: all 1,348")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--at-least", type=float, default=0, help="ratio below which this fails")
    args = parser.parse_args()
    ratios, reference = [], None
    with tempfile.TemporaryDirectory(prefix="bteval-scaling.") as folder:
        run = Path(folder) / "run"
        command = [
            str(args.binary), "eval", "vqav2", "--quiet", "--threads", "1", "--loader-threads", "1",
            "--data", str(MINI / "vqav2"), "--split", "minitest", "--model", str(args.model),
            "--tokenizer", str(MINI / "checkpoints/vqav2"), "--vocabulary", str(MINI / "checkpoints/vqav2/vocabulary.json"),
            "--transform", "square", "--image-size", str(args.image_size), "--max-length", "24",
            "--limit", str(args.limit), "--out", str(run),
        ]  # fmt: skip
        for round_number in range(args.rounds):
            for order in ((1, args.processes), (args.processes, 1)):
                seconds = {}
                for processes in order:
                    files, timing = evaluate(command, run, processes)
                    seconds[processes] = timing["seconds"]
                    reference = reference or files
                    if files != reference:
                        sys.exit(f"{processes} processes wrote other files than the first run")
                ratios.append(seconds[1] / seconds[args.processes])
                print(f"round {round_number + 1}: {seconds[1]:.2f} s alone, {seconds[args.processes]:.2f} s with "
                      f"{args.processes}: {ratios[-1]:.3f} x", flush=True)
    median = statistics.median(ratios)
    print(f"{args.processes} processes of one thread: {median:.3f} x one ({min(ratios):.3f} to {max(ratios):.3f}); equal files")
    return 0 if median >= args.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
