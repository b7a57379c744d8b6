#!/usr/bin/env python3
"""Checks every #include line against the table of docs/architecture.md: which folder may know what.

    scripts/check_layers.py [--root DIR]   check; exit status 1 and one line per fault
    scripts/check_layers.py --table        print the table as docs/architecture.md has to show it
"""

import argparse
import re
import sys
from pathlib import Path
from typing import Iterator, NamedTuple


class Rule(NamedTuple):
    """What the files of one folder may include besides the folder itself and the standard library."""

    own: tuple[str, ...]  # folders of ours
    libraries: tuple[str, ...] = ()  # third-party libraries, anywhere
    private: tuple[str, ...] = ()  # third-party libraries, in .cpp files only
    note: str = ""


EVERYWHERE = ("fmt", "nlohmann/json")  # core's own headers offer them
EVERYTHING = ("core", "records", "checkpoint", "text", "image", "distributed", "datasets", "metrics", "reports", "model", "engine")

# The most specific folder that a file lies in decides.
RULES = {
    "lib/core": Rule((), (), ("OpenSSL",), "fmt and nlohmann/json are for everybody"),
    "lib/records": Rule(("core",)),
    "lib/checkpoint": Rule(("core",), (), ("zlib",)),
    "lib/text": Rule(("core",)),
    "lib/image": Rule(("core",), (), ("OpenCV", "libjpeg", "zlib")),
    "lib/distributed": Rule(("core",), (), ("LibTorch",), "LibTorch in c10d_store.cpp alone"),
    "datasets": Rule(("core", "records"), (), ("Arrow",), "never metrics or reports; Arrow in arrow_ipc.cpp alone"),
    "metrics": Rule(("core", "records"), note="never datasets or reports"),
    "reports": Rule(("core", "records"), (), ("Arrow",), "never datasets or metrics; Arrow in sample_table.cpp alone"),
    "lib/model": Rule(("core", "checkpoint"), ("LibTorch",)),
    "lib/engine": Rule(
        ("core", "records", "checkpoint", "text", "image", "model"),
        ("LibTorch",),
        note="checkpoint because a runner is made from one",
    ),
    "apps/bteval/tasks": Rule(
        EVERYTHING, ("LibTorch",), note="the only place where data sets, heads, metrics and reports meet"
    ),
    "apps/bteval/commands": Rule((*EVERYTHING, "tasks"), ("CLI11",)),
    "apps/bteval": Rule(("core", "engine", "commands"), note="main"),
}

# Headers of third-party libraries, by the start of their name.
LIBRARIES = {
    "fmt": ("fmt/",),
    "nlohmann/json": ("nlohmann/",),
    "OpenSSL": ("openssl/",),
    "zlib": ("zlib.h",),
    "OpenCV": ("opencv2/",),
    "libjpeg": ("jpeglib.h", "jerror.h"),
    "Arrow": ("arrow/", "parquet/"),
    "LibTorch": ("ATen/", "c10/", "torch/"),
    "CLI11": ("CLI/",),
    "tests' libraries": ("gtest/", "gmock/", "benchmark/"),
}

# The names under which our own folders are included.
FOLDERS = {rule.split("/")[-1]: rule for rule in RULES if rule != "apps/bteval"}
FOLDERS["support"] = "tests/support"

SYSTEM = re.compile(r"[a-z0-9_]+|(sys|linux)/[a-z0-9_]+\.h")  # <vector>, <sys/mman.h>
POSIX = set(
    "arpa/inet.h cpuid.h dirent.h dlfcn.h errno.h fcntl.h immintrin.h malloc.h netinet/in.h poll.h pthread.h sched.h signal.h spawn.h"
    " termios.h unistd.h".split()
)
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:<([^>]+)>|"([^"]+)")')
SOURCES = {".h", ".hpp", ".cpp", ".cc", ".inc"}
TOP_FOLDERS = ("lib", "datasets", "metrics", "reports", "apps", "tests")


def library_of(header: str) -> str | None:
    for name, starts in LIBRARIES.items():
        if header.startswith(starts):
            return name
    return None


def rule_of(path: Path) -> tuple[str, Rule] | None:
    """The rule for a file, by its path below the root. Tests of a folder may include what that folder may, and it."""
    if path.parts[:2] == ("tests", "unit"):
        folder = FOLDERS.get(path.parts[2]) if len(path.parts) > 3 else None
        if folder is None:
            return None
        rule = RULES[folder]
        return folder, Rule(
            (*rule.own, "support"), (*rule.libraries, *rule.private, "tests' libraries")
        )
    if path.parts[0] == "tests":
        return path.parts[0], Rule((*EVERYTHING, "tasks", "commands", "support"), tuple(LIBRARIES))
    for parent in path.parents:
        if parent.as_posix() in RULES:
            return parent.as_posix(), RULES[parent.as_posix()]
    return None


def fault(path: Path, header: str, quoted: bool) -> str | None:
    """Why the file may not include the header; None where it may."""
    found = rule_of(path)
    if found is None:
        return "the folder has no rule in scripts/check_layers.py"
    folder, rule = found
    if quoted:
        beside = "/".join(path.parts[1:-1])
        if path.parts[0] == "tests" and ("/" not in header or header.startswith(f"{beside}/")):
            return None  # helpers of the same tests, by name or as unit/FOLDER/FILE
        if path.parts[0] == "tests" and path.parts[1] != "unit" and header.startswith("unit/"):
            return None  # the other tests may borrow them
        name = header.split("/")[0]
        if "/" not in header or name not in FOLDERS:
            return "is not written as FOLDER/FILE with a folder of ours"
        if name in rule.own or FOLDERS[name] == folder:
            return None
        return f"{folder} may not include {name}"
    library = library_of(header)
    if library is None:
        return None if SYSTEM.fullmatch(header) or header in POSIX else "is of no known library"
    if library in EVERYWHERE or library in rule.libraries:
        return None
    if library in rule.private:
        return None if path.suffix == ".cpp" else f"{folder} may include {library} in .cpp files only"
    return f"{folder} may not include {library}"


def includes(text: str) -> Iterator[tuple[int, str, bool]]:
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match[1] or match[2], match[2] is not None


def check_tree(root: Path) -> tuple[list[str], int]:
    """The faults below `root`, and the number of #include lines that were looked at."""
    faults, seen = [], 0
    for top in TOP_FOLDERS:
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in SOURCES or not file.is_file():
                continue
            path = file.relative_to(root)
            for number, header, quoted in includes(file.read_text(encoding="utf-8")):
                seen += 1
                reason = fault(path, header, quoted)
                if reason:
                    faults.append(f"{path}:{number}: {header}: {reason}")
    return faults, seen


def table() -> str:
    """The rules as docs/architecture.md shows them."""
    rows = ["| folder | may include our | may include | remark |", "|---|---|---|---|"]
    for folder, rule in RULES.items():
        own = rule.own
        if own[: len(EVERYTHING)] == EVERYTHING:
            own = ("all of the above", *own[len(EVERYTHING) :])
        libraries = list(rule.libraries)
        if rule.private:
            libraries.append(f"{', '.join(rule.private)} (.cpp files only)")
        rows.append(f"| {folder} | {', '.join(own) or '-'} | {', '.join(libraries) or '-'} | {rule.note or '-'} |")
    return "\n".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    if options.table:
        print(table())
        return 0
    faults, seen = check_tree(options.root)
    document = options.root / "docs/architecture.md"
    if table() not in document.read_text(encoding="utf-8"):
        faults.append("docs/architecture.md: its table differs from scripts/check_layers.py --table")
    if seen == 0:
        faults.append(f"{options.root}: no #include line found")
    for line in faults:
        print(line)
    print(f"{seen} #include lines, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
