"""The golden leaderboards as other programs read them: Markdown rendered, CSV parsed, against the JSON of the same rows."""

import csv
import html.parser
import io
import json
import sys
import unittest
from pathlib import Path

try:
    from markdown_it import MarkdownIt
except ImportError:
    MarkdownIt = None

GOLDEN = Path(__file__).resolve().parents[1] / "golden/data/leaderboard"
BOARD = json.loads((GOLDEN / "board.json").read_text(encoding="utf-8"))


class Cells(html.parser.HTMLParser):
    """Texts of all table cells, row by row; the names of all tags."""

    def __init__(self, text: str):
        super().__init__()
        self.rows, self.tags, self._inside = [], set(), False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
            self._inside = True

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.rows[-1][-1] += data


class LeaderboardFormatsTest(unittest.TestCase):
    @unittest.skipIf(MarkdownIt is None, "no Python package markdown-it-py")
    def test_markdown_renders_as_tables_of_the_same_cells(self):
        # With raw HTML allowed, as on GitHub: nothing of the data may become a tag.
        rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(
            (GOLDEN / "board.md").read_text(encoding="utf-8"))
        cells = Cells(rendered)
        self.assertLessEqual(cells.tags, {"h3", "table", "thead", "tbody", "tr", "th", "td", "strong", "em", "u", "p", "ol", "li"})
        expected = []
        for table in BOARD["tables"]:
            expected.append(len(table["columns"]))
            expected += [len(table["columns"])] * len(table["rows"])
        self.assertEqual([len(row) for row in cells.rows], expected)
        names = [row[0] for row in cells.rows]
        self.assertTrue(any(name.startswith('=x,"<script>|&_%$#{}~^\\') for name in names), names)

    def test_html_has_the_same_cells(self):
        cells = Cells((GOLDEN / "board.html").read_text(encoding="utf-8"))
        rows = [row for table in BOARD["tables"] for row in table["rows"]]
        data = [row for row in cells.rows if any(text in ("run", "published") for text in row)]
        self.assertEqual(len(data), len(rows))
        for shown, row in zip(data, rows):
            for text, cell in zip(shown[1:], list(row["cells"].values())[1:]):
                want = cell["text"] if isinstance(cell, dict) else cell or ""
                self.assertTrue(text.startswith(want), (text, want))

    def test_csv_has_the_same_numbers(self):
        text = (GOLDEN / "board.csv").read_bytes().decode("utf-8")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        expected = [(table["task"], row["cells"]) for table in BOARD["tables"] for row in table["rows"]]
        self.assertEqual(len(rows), len(expected))
        for row, (task, cells) in zip(rows, expected):
            self.assertEqual(row["task"], task)
            for key, cell in cells.items():
                if isinstance(cell, dict):
                    self.assertEqual(float(row[key]), cell["value"])
                    if "interval" in cell:
                        self.assertEqual([float(row[key + " low"]), float(row[key + " high"])], cell["interval"])


if __name__ == "__main__":
    succeeded = unittest.main(exit=False).result.wasSuccessful()
    if succeeded and MarkdownIt is None:
        print("skipped: no Python package markdown-it-py (Debian: python3-markdown-it)")
        sys.exit(77)
    sys.exit(0 if succeeded else 1)
