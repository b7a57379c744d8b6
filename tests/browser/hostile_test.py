"""Whatever stands in data is shown as text, and never run."""

from browser import PageTest, main
from made_up_runs import HOSTILE, HOSTILE_ID, HOSTILE_ID_TEXT, NAMES, REFUSED

SEARCH = """const box = document.querySelector("#search"); box.value = arguments[0];
            box.dispatchEvent(new Event("input", {bubbles: true}));"""


class HostileTest(PageTest):
    def show(self, words: str):
        """Searches, and opens the details of the only match."""
        self.js(SEARCH, words)
        self.assertEqual(self.text(".status strong"), "1 of 10,000 samples")
        self.js("document.querySelector('.list .row').click()")

    def tearDown(self):
        self.assertIsNone(self.js("return window.hacked || null"))
        # Elements that only markup in data could have made.
        self.assertEqual(self.js("return document.querySelectorAll('main script, main svg, main i, main u:not(#leaderboard u),"
                                 " main img:not([src^=\"data:image/jpeg;base64,\"]), main [onload], main [onerror], main [onclick]').length"), 0)
        self.assertEqual(self.complaints(), [])

    def test_texts_and_answers(self):
        ids = [str(700_000_000 + i) for i in HOSTILE]
        for name, (i, text) in zip(ids, HOSTILE.items()):
            self.show(name)
            self.assertEqual(self.text(".detail .text"), text)
            self.assertEqual(self.all_texts(".detail td.said"), [text, text])
            self.assertEqual(self.all_texts(".detail li")[0].split(" (")[0].strip(), text.split(" (")[0].strip())
            row = self.text(".list .row .text")
            self.assertEqual(row.rstrip("…"), text[:399] if len(text) > 400 else text)
            for said in self.all_texts(".list .row .said"):
                self.assertEqual(said.rstrip("…"), text[:399] if len(text) > 400 else text)

    def test_rows_keep_their_height_with_long_answers(self):
        heights = set(self.js("return [...document.querySelectorAll('.list .row')].map((row) => row.offsetHeight)"))
        self.assertEqual(len(heights), 1)
        wide = self.js("return document.documentElement.scrollWidth > document.documentElement.clientWidth")
        self.assertFalse(wide)

    def test_right_to_left_text_turns_nothing_else_around(self):
        self.show("700000011")
        order = self.js("""
            const line = document.querySelector(".list .run");
            return [...line.children].map((part) => part.getBoundingClientRect().x);""")
        self.assertEqual(order, sorted(order))

    def test_ids(self):
        self.show("svg onload=window")
        self.assertEqual(self.text(".detail h3"), HOSTILE_ID_TEXT)
        self.wait_for("location.hash.includes('details=1')")
        fragment = self.js("return location.hash")
        self.open(fragment)
        self.assertEqual(self.text(".detail h3"), HOSTILE_ID_TEXT)
        self.assertEqual(self.js("return document.querySelector('.list .row.selected').dataset.item"), str(HOSTILE_ID))

    def test_names_of_runs_slices_and_reasons(self):
        self.assertEqual(self.all_texts(".filters legend")[:2], list(NAMES))
        self.assertIn("<i>slanted</i>", self.all_texts(".filters .name"))
        self.assertTrue(any(NAMES[1] in row for row in self.all_texts("#leaderboard tbody th")))
        self.show(str(700_000_000 + REFUSED))
        self.assertEqual(self.all_texts(".detail .refused"), ["refused: <u>image</u> missing"] * 2)
        self.js(SEARCH, "700009999")
        self.assertEqual(self.all_texts(".list .row .missing"), ["picture_0399.png"])  # its file is not there


if __name__ == "__main__":
    main()
