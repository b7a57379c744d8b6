#!/usr/bin/env python3
"""Sums up what several runs of ctest have written with --output-junit.

    scripts/summarise_tests.py NAME=FILE...

Where a test NAME.shard_N was a share of a program's tests (BTEVAL_TEST_SHARDS), those that GoogleTest has written beside FILE, to
shards/NAME.shard_N.xml, are counted instead.

Prints a line for each run, every failed test, every skipped test with its reason, and at the end, alone on its line:

    N passed, N failed, N skipped

Exit status 1 where a test failed, a file is missing, or a run had no tests.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple


# What ctest writes where a test skipped itself; other reasons for not running it are faults.
SKIPPED = re.compile(r"SKIP_(REGULAR_EXPRESSION_MATCHED|RETURN_CODE)")


class Run(NamedTuple):
    passed: list[str]
    failed: list[str]
    skipped: dict[str, list[str]]  # reason -> tests


def skip_reason(output: str) -> str:
    """What the test itself said: GTEST_SKIP() prints it behind a line "FILE:LINE: Skipped"; our scripts "skipped: ..."."""
    match = re.search(r": Skipped\n+(.+)", output) or re.search(r"^skipped: (.+)", output, re.MULTILINE)
    return match[1].strip() if match else "no reason given"


def read_shard(file: Path, shard_passed: bool, run: Run) -> None:
    """The tests of one process. One that fails without a failed test (a leak, a crash) counts as a failed test itself."""
    shard = file.stem
    program = shard.rpartition(".shard_")[0]
    failed = len(run.failed)
    try:
        cases = list(ElementTree.parse(file).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError) as error:
        run.failed.append(f"{shard}: no results: {error}")
        return
    for case in cases:
        name = f"{program}.{case.get('classname')}.{case.get('name')}"
        skipped = case.find("skipped")
        if case.find("failure") is not None:
            run.failed.append(name)
        elif skipped is not None:  # "FILE:LINE", then what the test said
            run.skipped[(skipped.get("message") or "").partition("\n")[2].strip() or "no reason given"].append(name)
        elif case.get("status") == "run":
            run.passed.append(name)
        else:
            run.skipped["disabled"].append(name)
    if not shard_passed and len(run.failed) == failed:
        run.failed.append(shard)


def read_run(file: Path) -> Run:
    run = Run([], [], defaultdict(list))
    for case in ElementTree.parse(file).getroot().iter("testcase"):
        name, status = case.get("name", ""), case.get("status", "")
        output = case.findtext("system-out") or ""
        if re.search(r"\.shard_\d+$", name) and status in ("run", "fail"):
            read_shard(file.parent / "shards" / f"{name}.xml", status == "run", run)
        elif status == "run":
            run.passed.append(name)
        elif status == "notrun" and SKIPPED.match(case.find("skipped").get("message", "")):
            run.skipped[skip_reason(output)].append(name)
        elif status == "disabled":
            run.skipped["disabled"].append(name)
        else:  # failed, or not run for want of its program
            run.failed.append(name)
    return run


def main() -> int:
    passed = failed = skipped = 0
    faults = []
    for argument in sys.argv[1:]:
        name, _, file = argument.partition("=")
        try:
            run = read_run(Path(file))
        except (OSError, ElementTree.ParseError) as error:
            faults.append(f"{name}: no results: {error}")
            continue
        count = sum(map(len, run.skipped.values()))
        print(f"{name}: {len(run.passed)} passed, {len(run.failed)} failed, {count} skipped tests")
        for reason, tests in sorted(run.skipped.items()):
            print(f"  skipped ({reason}):")
            for test in tests:
                print(f"    {test}")
        for test in run.failed:
            print(f"  failed: {test}")
        if not run.passed:
            faults.append(f"{name}: no test passed")
        passed, failed, skipped = passed + len(run.passed), failed + len(run.failed), skipped + count
    for fault in faults:
        print(fault)
    if not sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 2
    print(f"{passed} passed, {failed + len(faults)} failed, {skipped} skipped")
    return 1 if failed or faults else 0


if __name__ == "__main__":
    sys.exit(main())
