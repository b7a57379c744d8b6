"""Tests of scripts/check_files.py: one fault each must be found, and named."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import check_files  # noqa: E402


class CheckFilesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def write(self, name: str, text: str):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def test_sizes(self):
        self.write("lib/short.cpp", "\n" * check_files.MAX_LINES)
        self.write("lib/long.cpp", "\n" * (check_files.MAX_LINES + 1))
        self.write("assets/long.md", "\n" * 9999)
        self.write("build/dev/long.cpp", "\n" * 9999)
        self.assertEqual(check_files.check_sizes(self.root), ["lib/long.cpp: 501 lines; 500 at most"])

    def test_marks(self):
        self.write("lib/a.h", "int a;\n// TO" + "DO: later\n")
        self.write("lib/b.h", "int todo_list;\n")
        self.assertEqual(check_files.check_marks(self.root), ["lib/a.h:2: // TO" + "DO: later"])

    def test_python(self):
        self.write("tools/good.py", "x = 1\n")
        self.write("tools/bad.py", "x = = 1\n")
        self.assertEqual(len(check_files.check_python(self.root)), 1)

    @unittest.skipIf(check_files.clang_format() is None, "no clang-format 14")
    def test_format(self):
        self.write(".clang-format", "BasedOnStyle: Google\n")
        self.write("lib/good.h", "int a;\n")
        self.write("lib/bad.h", "int   a;\n")
        faults = check_files.check_format(self.root)
        self.assertEqual(len(faults), 1)
        self.assertIn("lib/bad.h:1", faults[0])


if __name__ == "__main__":
    unittest.main()
