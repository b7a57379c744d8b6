"""Tests of scripts/fuzz_pick.py: which inputs a libFuzzer merge's control file makes it take."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import fuzz_pick  # noqa: E402


class FuzzPickTest(unittest.TestCase):
    def picked(self, most: int, *inputs: tuple[str, int, str], committed: int = 1) -> list[str]:
        """Each input: name, size and the edges that it covers."""
        with tempfile.TemporaryDirectory() as folder:
            control = Path(folder) / "control"
            lines = [str(len(inputs)), str(committed)]
            for name, size, _ in inputs:
                path = Path(folder) / name
                path.write_bytes(b"x" * size)
                lines.append(str(path))
            for i, (_, size, edges) in enumerate(inputs):
                lines += [f"STARTED {i} {size}", f"FT {i} {edges}", f"COV {i} {edges}"]
            control.write_text("\n".join(lines) + "\n")
            return [path.name for path in fuzz_pick.pick(control, most)]

    def test_most_new_edges_first(self):
        inputs = [("old", 1, "1 2 3"), ("a", 1, "1 2 3"), ("b", 1, "3 4"), ("c", 1, "4 5 6"), ("d", 1, "7")]
        self.assertEqual(self.picked(9, *inputs), ["c", "d"])
        self.assertEqual(self.picked(1, *inputs), ["c"])

    def test_smaller_one_of_two(self):
        self.assertEqual(self.picked(1, ("old", 1, "1"), ("a", 9, "2"), ("b", 8, "2")), ["b"])

    def test_long_inputs_stay(self):
        self.assertEqual(self.picked(9, ("old", 1, "1"), ("a", fuzz_pick.LONGEST + 1, "2 3"), ("b", 1, "2")), ["b"])

    def test_nothing_new(self):
        self.assertEqual(self.picked(9, ("old", 1, "1 2"), ("older", 1, "3"), ("a", 1, "2 3"), committed=2), [])


if __name__ == "__main__":
    unittest.main()
