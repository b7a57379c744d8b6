"""Tests of scripts/check_layers.py: trees that break one rule each must be refused, with the line named."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import check_layers  # noqa: E402


class CheckLayersTest(unittest.TestCase):
    def faults(self, path: str, *lines: str) -> list[str]:
        with tempfile.TemporaryDirectory() as root:
            file = Path(root) / path
            file.parent.mkdir(parents=True)
            file.write_text("\n".join(lines) + "\n")
            faults, seen = check_layers.check_tree(Path(root))
            self.assertEqual(seen, len(lines))
            return faults

    def test_accepts_what_the_table_allows(self):
        for path, line in [
            ("lib/core/a.h", "#include <vector>"),
            ("lib/core/a.h", "#include <sys/mman.h>"),
            ("lib/core/a.h", "#include <fmt/format.h>"),
            ("lib/core/a.cpp", '#include "core/a.h"'),
            ("lib/core/a.cpp", "#include <openssl/evp.h>"),
            ("lib/image/a.cpp", "#include <opencv2/imgproc.hpp>"),
            ("lib/model/a.h", "#include <ATen/ATen.h>"),
            ("metrics/a.h", '#include "records/a.h"'),
            ("apps/bteval/tasks/a.cpp", '#include "metrics/a.h"'),
            ("apps/bteval/commands/a.cpp", "#include <CLI/CLI.hpp>"),
            ("apps/bteval/main.cpp", '#include "commands/commands.h"'),
            ("tests/unit/metrics/a_test.cpp", '#include "metrics/a.h"'),
            ("tests/unit/metrics/a_test.cpp", "#include <gtest/gtest.h>"),
            ("tests/unit/metrics/a_test.cpp", '#include "unit/metrics/helper.h"'),
            ("tests/unit/metrics/a_test.cpp", '#include "helper.h"'),
            ("tests/integration/a_test.cpp", '#include "engine/a.h"'),
            ("tests/bench/bench_a.cpp", '#include "unit/model/helper.h"'),
        ]:
            self.assertEqual(self.faults(path, line), [], (path, line))

    def test_refuses_what_the_table_does_not_allow(self):
        for path, line in [
            ("lib/core/a.h", '#include "records/a.h"'),
            ("lib/core/a.h", "#include <openssl/evp.h>"),
            ("lib/image/a.h", "#include <opencv2/core.hpp>"),
            ("lib/text/a.cpp", "#include <ATen/ATen.h>"),
            ("lib/records/a.cpp", '#include "checkpoint/a.h"'),
            ("datasets/a.cpp", '#include "metrics/a.h"'),
            ("metrics/a.cpp", '#include "reports/a.h"'),
            ("reports/a.cpp", '#  include "datasets/a.h"'),
            ("lib/model/a.cpp", '#include "engine/a.h"'),
            ("lib/engine/a.cpp", '#include "datasets/a.h"'),
            ("apps/bteval/tasks/a.cpp", "#include <CLI/CLI.hpp>"),
            ("apps/bteval/tasks/a.cpp", '#include "commands/commands.h"'),
            ("tests/unit/metrics/a_test.cpp", '#include "datasets/a.h"'),
            ("tests/unit/metrics/a_test.cpp", '#include "unit/datasets/helper.h"'),
            ("lib/novel/a.cpp", "#include <vector>"),
        ]:
            faults = self.faults(path, line)
            self.assertEqual(len(faults), 1, (path, line))
            self.assertTrue(faults[0].startswith(f"{path}:1: "), faults[0])

    def test_refuses_headers_that_nobody_declared(self):
        self.assertIn("no known library", self.faults("lib/core/a.cpp", "#include <boost/any.hpp>")[0])
        self.assertIn("FOLDER/FILE", self.faults("lib/core/a.cpp", '#include "a.h"')[0])
        self.assertIn("FOLDER/FILE", self.faults("lib/core/a.cpp", '#include "../records/a.h"')[0])

    def test_names_the_line(self):
        faults = self.faults("metrics/a.cpp", "#include <vector>", '#include "reports/a.h"')
        self.assertEqual(faults, ["metrics/a.cpp:2: reports/a.h: metrics may not include reports"])

    def test_every_folder_of_a_rule_exists(self):
        for rule in check_layers.RULES.values():
            self.assertLessEqual(set(rule.own), set(check_layers.FOLDERS))
            self.assertLessEqual({*rule.libraries, *rule.private}, set(check_layers.LIBRARIES))


if __name__ == "__main__":
    unittest.main()
