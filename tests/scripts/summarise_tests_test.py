"""Tests of scripts/summarise_tests.py on what ctest 3.25 and GoogleTest 1.12 write."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/summarise_tests.py"
PASSED = '<testcase name="a.Passes" status="run"><system-out>ok</system-out></testcase>'
FAILED = '<testcase name="a.Fails" status="fail"><failure message=""/><system-out>no</system-out></testcase>'
SKIPPED = """<testcase name="a.Skips" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/><system-out>
../../tests/a_test.cpp:5: Skipped
for a reason
[  SKIPPED ] a.Skips (0 ms)
</system-out></testcase>"""
SKIPPED_SCRIPT = """<testcase name="repository.format" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/><system-out>
skipped: no clang-format 14
</system-out></testcase>"""
MISSING = """<testcase name="a_NOT_BUILT" status="notrun"><skipped message="Unable to find executable"/><system-out>
</system-out></testcase>"""
# What a share of a program's tests leaves with ctest, and what the program has written of them.
SHARD = '<testcase name="a.shard_1" status="{}"><system-out>[  PASSED  ] 1 test.</system-out></testcase>'
SHARD_TESTS = """<testsuites><testsuite name="Suite">
<testcase name="Passes" status="run" result="completed" classname="Suite" />
<testcase name="Skips" status="run" result="skipped" classname="Suite">
<skipped message="../../tests/a_test.cpp:5&#x0A;for a reason"><![CDATA[../../tests/a_test.cpp:5\nfor a reason]]></skipped></testcase>
<testcase name="Sleeps" status="notrun" result="suppressed" classname="Suite" />{}
</testsuite></testsuites>"""
SHARD_FAILURE = """<testcase name="Fails" status="run" result="completed" classname="Suite">
<failure message="no" type=""></failure></testcase>"""


class SummariseTestsTest(unittest.TestCase):
    def summarise(self, *runs: str) -> tuple[int, list[str]]:
        with tempfile.TemporaryDirectory() as folder:
            arguments = []
            for number, cases in enumerate(runs):
                file = Path(folder) / f"{number}.xml"
                file.write_text(f'<?xml version="1.0"?><testsuite>{cases}</testsuite>')
                arguments.append(f"run{number}={file}")
            done = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True)
            return done.returncode, done.stdout.splitlines()

    def test_counts_and_sums(self):
        status, lines = self.summarise(PASSED + SKIPPED + SKIPPED_SCRIPT, PASSED)
        self.assertEqual(status, 0)
        self.assertEqual(lines[-1], "2 passed, 0 failed, 2 skipped")

    def test_names_what_was_skipped_and_why(self):
        _, lines = self.summarise(PASSED + SKIPPED + SKIPPED_SCRIPT)
        self.assertIn("    a.Skips", lines[lines.index("  skipped (for a reason):") :])
        self.assertIn("    repository.format", lines[lines.index("  skipped (no clang-format 14):") :])

    def test_fails_where_a_test_failed_or_was_not_built(self):
        for case, name in [(FAILED, "a.Fails"), (MISSING, "a_NOT_BUILT")]:
            status, lines = self.summarise(PASSED + case)
            self.assertEqual(status, 1)
            self.assertIn(f"  failed: {name}", lines)
            self.assertEqual(lines[-1], "1 passed, 1 failed, 0 skipped")

    def test_fails_where_nothing_ran(self):
        for cases in ["", SKIPPED]:
            status, lines = self.summarise(PASSED, cases)
            self.assertEqual(status, 1)
            self.assertIn("run1: no test passed", lines)

    def summarise_shard(self, status: str, tests: str | None) -> tuple[int, list[str]]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "results.xml"
            file.write_text(f"<testsuite>{SHARD.format(status)}{PASSED}</testsuite>")
            if tests is not None:
                (Path(folder) / "shards").mkdir()
                (Path(folder) / "shards/a.shard_1.xml").write_text(tests)
            done = subprocess.run([sys.executable, SCRIPT, f"run={file}"], capture_output=True, text=True)
            return done.returncode, done.stdout.splitlines()

    def test_counts_the_tests_of_a_shard(self):
        status, lines = self.summarise_shard("run", SHARD_TESTS.format(""))
        self.assertEqual((status, lines[-1]), (0, "2 passed, 0 failed, 2 skipped"))
        self.assertIn("    a.Suite.Skips", lines[lines.index("  skipped (for a reason):") :])
        self.assertIn("    a.Suite.Sleeps", lines[lines.index("  skipped (disabled):") :])

    def test_names_the_failed_test_of_a_shard(self):
        status, lines = self.summarise_shard("fail", SHARD_TESTS.format(SHARD_FAILURE))
        self.assertEqual((status, lines[-1]), (1, "2 passed, 1 failed, 2 skipped"))
        self.assertIn("  failed: a.Suite.Fails", lines)

    def test_fails_where_a_shard_does_though_its_tests_pass(self):
        status, lines = self.summarise_shard("fail", SHARD_TESTS.format(""))
        self.assertEqual((status, lines[-1]), (1, "2 passed, 1 failed, 2 skipped"))
        self.assertIn("  failed: a.shard_1", lines)

    def test_fails_where_a_shard_has_written_nothing(self):
        for status in ["run", "fail"]:
            code, lines = self.summarise_shard(status, None)
            self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))
            self.assertTrue(any(line.startswith("  failed: a.shard_1: no results") for line in lines))

    def test_fails_where_results_are_missing(self):
        done = subprocess.run([sys.executable, SCRIPT, "run=/nowhere.xml"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.splitlines()[-1], "0 passed, 1 failed, 0 skipped")


if __name__ == "__main__":
    unittest.main()
