#!/usr/bin/env python3
"""Evaluates the mini suite with every launcher and several numbers of processes, and compares all files.

    python3 tools/scaling/launch_suite.py --binary build/release/bin/bteval [--processes 1 2 3 7]
        [--launchers torchrun mpirun srun]

One process alone writes the suite first. Then each launcher starts each number of processes with the same command, and
every file must have the same bytes; of manifest.json, "timing" is left out. srun runs in a Slurm cluster of this machine
(tests/support/slurm/with_slurm.py, as root). Prints a line a run, and exits with 1 if anything differs.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAUNCHERS = {
    "torchrun": ["torchrun", "--standalone", "--no-python", "--nproc-per-node"],
    "mpirun": ["mpirun", "--oversubscribe", "--bind-to", "none", "-n"],
    "srun": [sys.executable, str(ROOT / "tests/support/slurm/with_slurm.py"), "srun", "-n"],
}
AS_ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def files(folder):
    """Every file by name, and how many processes each run of the suite says it had."""
    content, ranks = {}, set()
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        content[str(path.relative_to(folder))] = path.read_bytes()
        if path.name == "manifest.json":
            manifest = json.loads(path.read_text())
            ranks.add(manifest.pop("timing").get("ranks", 1))
            content[str(path.relative_to(folder))] = json.dumps(manifest, indent=1)
    return content, ranks


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2, 3, 7])
    parser.add_argument("--launchers", nargs="+", choices=LAUNCHERS, default=list(LAUNCHERS))
    arguments = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "mini"
        command = [str(arguments.binary.resolve()), "eval", "--suite", "mini", "--threads", "1", "--quiet", "--out", str(out)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        alone, _ = files(out)
        print(f"alone: {len(alone)} files, {sum(len(content) for content in alone.values())} bytes", flush=True)
        for launcher in arguments.launchers:
            for processes in arguments.processes:
                shutil.rmtree(out, ignore_errors=True)
                begin = time.monotonic()
                result = subprocess.run(LAUNCHERS[launcher] + [str(processes)] + command, env={**os.environ, **AS_ROOT},
                                        capture_output=True, text=True)
                took = time.monotonic() - begin
                there, ranks = files(out) if out.is_dir() else ({}, set())
                other = sorted(name for name in alone.keys() | there.keys() if alone.get(name) != there.get(name))
                problems = []
                if result.returncode != 0:
                    problems.append(f"exit status {result.returncode}: {result.stderr[-2000:]}")
                if other:
                    problems.append("other files: " + ", ".join(other))
                if ranks != {processes}:
                    problems.append(f"runs of {sorted(ranks)} processes")
                failed += bool(problems)
                print(f"{launcher} {processes}: {'; '.join(problems) or 'equal'} ({took:.0f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
