"""On paper: leaderboard, charts and the first 200 matches, no controls."""

import base64
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from browser import PageTest, main
from made_up_runs import NAMES


class PrintTest(PageTest):
    def printed(self) -> str:
        pdf = base64.b64decode(self.browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"])
        self.assertTrue(pdf.startswith(b"%PDF-"))
        if not shutil.which("pdftotext"):
            self.skipTest("no pdftotext (Debian: poppler-utils)")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "page.pdf"
            file.write_bytes(pdf)
            return subprocess.run(["pdftotext", "-layout", str(file), "-"], check=True, capture_output=True, text=True).stdout

    def test_two_hundred_samples_on_paper(self):
        text = self.printed()
        for part in ("Leaderboard", NAMES[1], "The first 200 of 10,000 samples"):
            self.assertTrue(part in text, part)
        ids = re.findall(r"\b7000\d{5}\b", text)
        self.assertEqual(sorted(set(ids))[-1], "700000199")
        self.assertEqual(len(set(ids)), 199)  # all but the one with the hostile id
        for control in ("Clear filters", "Search text", "Copy"):
            self.assertFalse(control in text, control)
        self.assertTrue(re.search(r"question type 62\s+[\d,]+\s+[\d.]+\s+[\d.]+", text))  # a chart too long for a sheet is a table
        # and the window looks as before
        self.assertEqual(self.js("return [document.querySelector('.sheet').childElementCount, document.documentElement.className]"), [0, ""])
        self.assertEqual(self.complaints(), [])

    def test_charts_are_as_wide_as_a_sheet_and_light(self):
        self.keys("t")
        self.js("dispatchEvent(new Event('beforeprint'))")
        widths = self.js("return [...document.querySelectorAll('figure:not(.as-table) canvas')].map((canvas) => canvas.clientWidth)")
        self.assertEqual(set(widths), set() if "Built without Chart.js" in self.text("footer") else {640})
        self.assertEqual(self.js("return document.documentElement.dataset.theme"), "light")
        self.js("dispatchEvent(new Event('afterprint'))")
        self.assertEqual(self.js("return document.documentElement.dataset.theme"), "dark")
        self.keys("t")


class PrintAllTest(PrintTest):
    page = "suite.html"

    def test_two_hundred_samples_on_paper(self):
        text = self.printed()
        for part in ("MSCOCO retrieval test", "NLVR2 dev", "SNLI-VE test", "VQAv2 minitest", "Confusion matrix", "contradiction"):
            self.assertTrue(part in text, part)


if __name__ == "__main__":
    main()
