#!/usr/bin/env python3
"""Stops runs of the mini suite at random moments, goes on with them, and compares with undisturbed ones.

    python3 tools/reliability/kill_and_resume.py --binary build/release/bin/bteval --times 100 [--signal KILL|INT|TERM]

Each time the suite runs into a new folder; the process gets the signal after a random part of the time that the
undisturbed suite took, is started again with the same command, and may get the signal again (--stops). When it has
finished, every file must have the bytes of the undisturbed run's; of manifest.json, "timing" is left out.
Prints how far the runs were when they were stopped, and exits with 1 if any file differs.
"""
import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

INTERRUPTED = 130


def content(path):
    if path.name != "manifest.json":
        return path.read_bytes()
    manifest = json.loads(path.read_text())
    del manifest["timing"]
    return manifest


def files(folder):
    return {str(path.relative_to(folder)): content(path) for path in sorted(folder.rglob("*")) if path.is_file()}


def command(binary, out):
    return [str(binary), "eval", "--suite", "mini", "--threads", "1", "--quiet", "--out", str(out)]


def run_stopped(arguments, after, number):
    """Runs until the end or for `after` seconds; returns the exit status, negative for a signal."""
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        process.wait(timeout=after)
    except subprocess.TimeoutExpired:
        process.send_signal(number)
    _, err = process.communicate()
    return process.returncode, err.decode(errors="replace")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--stops", type=int, default=2, help="signals a run gets at the most")
    parser.add_argument("--signal", choices=("KILL", "INT", "TERM"), default="KILL")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    number = signal.Signals[f"SIG{args.signal}"]
    rng = random.Random(args.seed)
    different = stopped = finished_before = 0
    with tempfile.TemporaryDirectory(prefix="bteval-resume.") as folder:
        out = Path(folder) / "run"
        arguments = command(args.binary, out)
        start = time.monotonic()
        subprocess.run(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        seconds = time.monotonic() - start
        expected = files(out)
        shutil.rmtree(out)
        for turn in range(args.times):
            for _ in range(args.stops):
                status, err = run_stopped(arguments, rng.uniform(0, seconds), number)
                if status == 0:
                    finished_before += 1
                    break
                stopped += 1
                if status not in (-number, INTERRUPTED):
                    sys.exit(f"turn {turn}: unexpected exit status {status}\n{err}")
            status, err = run_stopped(arguments, 600, number)
            if status != 0:
                sys.exit(f"turn {turn}: going on failed with {status}\n{err}")
            found = files(out)
            wrong = [name for name in sorted(expected.keys() | found.keys()) if expected.get(name) != found.get(name)]
            if wrong:
                different += 1
                print(f"turn {turn}: different: {', '.join(wrong)}")
            shutil.rmtree(out)
    print(f"SIG{args.signal}: {args.times} runs, stopped {stopped} times ({finished_before} had finished before a signal came), "
          f"{args.times - different} of {args.times} equal the undisturbed run in {len(expected)} files each")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
