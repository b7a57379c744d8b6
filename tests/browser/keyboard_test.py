"""The page works without a mouse, says what it shows to screen readers, and follows the theme."""

from browser import PageTest, main, set_size
from selenium.webdriver.common.keys import Keys


class KeyboardTest(PageTest):
    def selected(self):
        """Position of the selected sample in the list, from 1, as a screen reader hears it."""
        return self.js("""
            const list = document.querySelector(".group:not([hidden]) [role=listbox]");
            const option = document.getElementById(list.getAttribute("aria-activedescendant"));
            return option && option.getAttribute("aria-selected") === "true" && option.getAttribute("role") === "option"
              ? Number(option.ariaPosInSet) : null;""")

    def focused(self, selector: str) -> bool:
        return self.js("return document.activeElement.matches(arguments[0])", selector)

    def test_moving(self):
        self.assertIsNone(self.selected())
        self.keys("G")
        self.assertEqual(self.selected(), 10_000)
        self.open()
        self.keys("j")
        self.assertEqual(self.selected(), 1)
        self.assertTrue(self.focused("[role=listbox]"))
        self.keys("j", "j", Keys.ARROW_DOWN)
        self.assertEqual(self.selected(), 4)
        self.keys("k", Keys.ARROW_UP)
        self.assertEqual(self.selected(), 2)
        self.keys("G")
        self.assertEqual(self.selected(), 10_000)
        self.assertTrue(self.js("""
            const list = document.querySelector("[role=listbox]").getBoundingClientRect();
            const row = document.querySelector(".row.selected").getBoundingClientRect();
            return row.top >= list.top - 1 && row.bottom <= list.bottom + 1;"""))
        self.keys("g")
        self.assertEqual(self.selected(), 1)
        self.keys(Keys.PAGE_DOWN)
        self.assertGreater(self.selected(), 4)

    def test_details(self):
        self.keys("j", Keys.ENTER)
        self.assertTrue(self.focused(".detail"))
        first = self.text(".detail h3")
        self.keys("j")
        self.assertNotEqual(self.text(".detail h3"), first)  # details follow the selection
        self.keys(Keys.ESCAPE)
        self.assertTrue(self.js("return document.querySelector('.detail').hidden"))
        self.assertTrue(self.focused("[role=listbox]"))

    def test_search_and_flips(self):
        self.keys("/")
        self.assertTrue(self.focused("#search"))
        self.keys("another answer jg?f")  # letters that are keys elsewhere are text here
        self.assertEqual(self.js("return document.querySelector('#search').value"), "another answer jg?f")
        self.keys(Keys.ESCAPE, "c")
        self.assertEqual(self.text(".status strong"), "10,000 samples")
        shown = []
        for _ in range(4):
            self.keys("f")
            shown.append(self.js("return document.querySelector('.flips select').value"))
        self.assertEqual(shown, ["any", "better", "worse", ""])

    def test_help(self):
        self.keys("?")
        self.assertTrue(self.js("return document.querySelector('dialog').matches(':modal')"))
        self.keys(Keys.ESCAPE)
        self.assertFalse(self.js("return document.querySelector('dialog').open"))

    def test_every_control_has_a_name_and_shows_its_focus(self):
        nameless = self.js("""
            return [...document.querySelectorAll("button, select, input, canvas, img, [role=listbox], [role=group]")]
              .filter((found) => !(found.ariaLabel || found.alt || found.title || found.closest("label") || found.textContent.trim()))
              .map((found) => found.outerHTML.slice(0, 120));""")
        self.assertEqual(nameless, [])
        stops = 0
        for _ in range(14):
            self.keys(Keys.TAB)
            outline = self.js("const style = getComputedStyle(document.activeElement);"
                              "return [document.activeElement.tagName, style.outlineStyle, style.outlineWidth]")
            if outline[0] in ("BUTTON", "SELECT", "INPUT", "A", "SUMMARY"):
                self.assertNotIn(outline[1:], (["none", "0px"],), outline)
                stops += 1
        self.assertGreater(stops, 8)

    def test_themes(self):
        background = "return getComputedStyle(document.body).backgroundColor"
        self.assertEqual(self.js(background), "rgb(255, 255, 255)")
        self.keys("t")
        self.assertEqual(self.js(background), "rgb(13, 17, 23)")
        self.keys("t")
        self.js("localStorage.clear()")
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
        self.open()
        self.assertEqual(self.js(background), "rgb(13, 17, 23)")
        for pair in (("--text", "--page"), ("--soft", "--page"), ("--bad", "--page"), ("--good", "--page")):
            self.assertGreater(self.contrast(*pair), 4.5, pair)
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        for pair in (("--text", "--page"), ("--soft", "--panel"), ("--bad", "--chosen"), ("--good", "--chosen")):
            self.assertGreater(self.contrast(*pair), 4.5, pair)

    def contrast(self, front: str, back: str) -> float:
        """WCAG 2's ratio of two of the page's colours."""
        def luminance(name):
            value = self.js("return getComputedStyle(document.documentElement).getPropertyValue(arguments[0]).trim()", name).lstrip("#")
            value = "".join(2 * digit for digit in value) if len(value) == 3 else value
            parts = [int(value[i:i + 2], 16) / 255 for i in (0, 2, 4)]
            linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        bright, dark = sorted((luminance(front), luminance(back)), reverse=True)
        return (bright + 0.05) / (dark + 0.05)

    def test_narrow_windows(self):
        set_size(self.browser, 400, 800)
        self.addCleanup(set_size, self.browser, 1400, 900)
        self.open()
        self.assertFalse(self.js("return document.documentElement.scrollWidth > 400"))
        self.assertFalse(self.js("return document.querySelector('.filters').checkVisibility()"))
        self.keys("/")
        self.assertTrue(self.focused("#search"))
        self.keys(Keys.ESCAPE, "j", Keys.ENTER)
        self.assertTrue(self.js("return document.querySelector('.detail').getBoundingClientRect().width >= 360"))


if __name__ == "__main__":
    main()
