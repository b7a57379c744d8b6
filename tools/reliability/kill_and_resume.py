#!/usr/bin/env python3
"""Stops runs of the mini suite at random moments, goes on with them, and compares with undisturbed ones.

    python3 tools/reliability/kill_and_resume.py --binary build/release/bin/bteval --times 100 [--signal KILL|INT|TERM|INT2|mix]

Each time the suite runs into a new folder; the process gets the signal (INT2: SIGINT twice) after a random part of the
time that the undisturbed suite took, is started again with the same command, and may get the signal again (--stops).
With --moments phases, moments are drawn by what is on the disk instead, so that each phase of a run is met; those that
pass too fast to be met are drawn anew. When it has finished, every file must have the bytes of the undisturbed run's;
of manifest.json, "timing" is left out. Prints in which phase the runs were when they were stopped, and exits with 1 if
any file differs. Equal --seed draw equal moments.
"""
import argparse
import collections
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
SIGNALS = ("KILL", "INT", "TERM", "INT2")
# What a stopped run leaves of the entry that it was at, in the order in which they come.
PHASES = ("start-up", "before the first result", "computing", "writing files", "between entries", "end")


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


def frames(journal):
    """How many whole-looking frames a journal has: its header and its records."""
    data = journal.read_bytes()
    at, count = data.find(b"\n") + 1, 0
    while 0 < at and at + 12 <= len(data):
        at += 12 + int.from_bytes(data[at : at + 4], "little")
        count += at <= len(data)
    return count


def phase(out, entries):
    """In which of PHASES the suite in this folder is, as far as its files tell."""
    finished = len(list(out.glob("*/manifest.json"))) if out.is_dir() else 0
    for journal in out.glob("*/journal") if out.is_dir() else ():
        try:
            if any(path.name != "journal" for path in journal.parent.iterdir()):
                return "writing files"
            return "computing" if frames(journal) > 1 else "before the first result"
        except FileNotFoundError:  # it has just been finished
            return "between entries"
    if finished == entries:
        return "end"
    return "between entries" if finished else "start-up"


class Stopper:
    """Runs a command and stops it at a moment that is drawn."""

    def __init__(self, arguments, out, entries, seconds, rng):
        self.arguments, self.out, self.entries, self.seconds, self.rng = arguments, out, entries, seconds, rng

    def run(self, name, wanted=None):
        """Returns the exit status (negative for a signal), what was said, and whether the signal was sent."""
        process = subprocess.Popen(self.arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if wanted is None:
            self.wait(process, self.rng.uniform(0, self.seconds))
        else:
            skip = self.rng.randrange(self.entries)  # entries to let pass
            while process.poll() is None and not self.is_there(wanted, skip):
                time.sleep(0.0005)
        sent = process.poll() is None
        if sent and name is not None:
            process.send_signal(signal.Signals[f"SIG{name.rstrip('2')}"])
            if name == "INT2":
                time.sleep(self.rng.uniform(0, 0.02))
                process.send_signal(signal.SIGINT)
        _, err = process.communicate()
        return process.returncode, err.decode(errors="replace"), sent

    def is_there(self, wanted, skip):
        passed = len(list(self.out.glob("*/manifest.json"))) if self.out.is_dir() else 0
        if wanted not in ("start-up", "end") and passed < skip:
            return False
        return phase(self.out, self.entries) == wanted

    @staticmethod
    def wait(process, seconds):
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            pass


def finish(arguments):
    done = subprocess.run(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stderr.decode(errors="replace")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--stops", type=int, default=2, help="signals a run gets at the most")
    parser.add_argument("--signal", choices=(*SIGNALS, "mix"), default="KILL")
    parser.add_argument("--moments", choices=("random", "phases"), default="random")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    different = finished_before = 0
    phases = collections.Counter()
    signals = collections.Counter()
    with tempfile.TemporaryDirectory(prefix="bteval-resume.") as folder:
        out = Path(folder) / "run"
        arguments = command(args.binary, out)
        start = time.monotonic()
        status, err = finish(arguments)
        if status != 0:
            sys.exit(f"the undisturbed run failed with {status}\n{err}")
        seconds = time.monotonic() - start
        expected = files(out)
        entries = len(list(out.glob("*/manifest.json")))
        shutil.rmtree(out)
        stopper = Stopper(arguments, out, entries, seconds, rng)
        for turn in range(args.times):
            for _ in range(args.stops):
                name = rng.choice(SIGNALS) if args.signal == "mix" else args.signal
                wanted = None if args.moments == "random" else rng.choice(PHASES)
                status, err, sent = stopper.run(name, wanted)
                if not sent or status == 0:
                    finished_before += 1
                    break
                number = -signal.Signals[f"SIG{name.rstrip('2')}"]
                if status not in ((number,) if name == "KILL" else (number, INTERRUPTED)):
                    sys.exit(f"turn {turn}: unexpected exit status {status} after SIG{name}\n{err}")
                phases[phase(out, entries)] += 1
                signals[name] += 1
            status, err = finish(arguments)
            if status != 0:
                sys.exit(f"turn {turn}: going on failed with {status}\n{err}")
            found = files(out)
            wrong = [name for name in sorted(expected.keys() | found.keys()) if expected.get(name) != found.get(name)]
            if wrong:
                different += 1
                print(f"turn {turn}: different: {', '.join(wrong)}")
            shutil.rmtree(out)
    print(f"seed {args.seed}, moments: {args.moments}; signals: {', '.join(f'{n} SIG{s}' for s, n in signals.items())}")
    print(f"stopped in: {', '.join(f'{name} {phases[name]}' for name in PHASES)}")
    print(f"{args.times} runs, stopped {sum(signals.values())} times ({finished_before} had finished before a signal came), "
          f"{args.times - different} of {args.times} equal the undisturbed run in {len(expected)} files each")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
