#!/usr/bin/env python3
"""Checks what every file of ours has to keep: its size, its marks, and the format of C++.

    scripts/check_files.py sizes    no file over 500 lines
    scripts/check_files.py marks    no reminder to finish something later
    scripts/check_files.py format   clang-format 14 agrees with every C++ file (status 77: there is no clang-format 14)
    scripts/check_files.py python   every Python file compiles
"""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterator

MAX_LINES = 500
CPP = {".h", ".hpp", ".cpp", ".cc", ".inc"}
TEXT = CPP | {".py", ".sh", ".cmake", ".md", ".in", ".toml", ".yml"}
NO_SUFFIX = {"CMakeLists.txt", "CMakePresets.json", "run", ".clang-tidy", ".clang-format"}
SKIPPED = {"build", ".deps", ".git", "out", "__pycache__", ".cache", "node_modules"}
DATA = ("assets/", "tests/golden/data/")
MARKS = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
SKIP_STATUS = 77
CLANG_FORMAT = 14  # another version breaks lines differently


def files(root: Path, suffixes: set[str]) -> Iterator[Path]:
    """Files of ours below `root`, as paths relative to it: no build results, no data."""
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if SKIPPED & set(relative.parts) or relative.as_posix().startswith(DATA) or not path.is_file():
            continue
        if path.suffix in suffixes or (suffixes is TEXT and path.name in NO_SUFFIX):
            yield relative


def check_sizes(root: Path) -> list[str]:
    faults = []
    for file in files(root, TEXT):
        count = len((root / file).read_text(encoding="utf-8").splitlines())
        if count > MAX_LINES:
            faults.append(f"{file}: {count} lines; {MAX_LINES} at most")
    return faults


def check_marks(root: Path) -> list[str]:
    faults = []
    for file in files(root, TEXT):
        for number, line in enumerate((root / file).read_text(encoding="utf-8").splitlines(), 1):
            if MARKS.search(line):
                faults.append(f"{file}:{number}: {line.strip()}")
    return faults


def clang_format() -> str | None:
    for name in (f"clang-format-{CLANG_FORMAT}", "clang-format"):
        path = shutil.which(name)
        if path:
            version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
            if f"version {CLANG_FORMAT}." in version:
                return path
    return None


def check_format(root: Path) -> list[str]:
    program = clang_format()
    if program is None:
        print(f"skipped: no clang-format {CLANG_FORMAT}")
        sys.exit(SKIP_STATUS)
    names = [str(file) for file in files(root, CPP)]
    result = subprocess.run([program, "--dry-run", "-Werror", *names], cwd=root, capture_output=True, text=True)
    faults = [line for line in result.stderr.splitlines() if ": error: " in line]
    if result.returncode != 0 and not faults:
        faults.append(result.stderr)
    return faults


def check_python(root: Path) -> list[str]:
    faults = []
    for file in files(root, {".py"}):
        try:
            ast.parse((root / file).read_text(encoding="utf-8"), str(file))
        except SyntaxError as error:
            faults.append(f"{file}:{error.lineno}: {error.msg}")
    return faults


CHECKS = {"sizes": check_sizes, "marks": check_marks, "format": check_format, "python": check_python}


def main() -> int:
    if len(sys.argv) not in (2, 3) or sys.argv[1] not in CHECKS:
        print(__doc__, file=sys.stderr)
        return 2
    root = Path(sys.argv[2]) if len(sys.argv) == 3 else Path(__file__).resolve().parent.parent
    faults = CHECKS[sys.argv[1]](root)
    for line in faults:
        print(line)
    if next(files(root, TEXT), None) is None:
        print(f"{root}: no files")
        return 1
    print(f"{sys.argv[1]}: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
