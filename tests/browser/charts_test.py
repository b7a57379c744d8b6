"""Charts show their data: lengths and places of what is drawn, measured on screenshots."""

import json
import re
from statistics import median, mode

from browser import PAGES, PageTest, main
from pixels import decode_png, fitted_line, horizontal_bars, rgb, runs_of, turned

NEAR = 2  # pixels


class ChartsTest(PageTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        text = (PAGES / cls.page).read_text(encoding="utf-8")
        cls.groups = json.loads(re.search(r'id="bteval-data">(.*?)</script>', text, re.S)[1])["groups"]

    def setUp(self):
        super().setUp()
        if "Built without Chart.js" in self.text("footer"):
            self.skipTest("built without Chart.js")

    def figures(self, kind: str, group: int = 0):
        """(index among the group's figures, chart) of one kind."""
        return [(i, chart) for i, chart in enumerate(self.groups[group]["charts"]) if chart["kind"] == kind]

    def figure(self, index: int, group: int = 0):
        return decode_png(self.screenshot(f"#charts-{group} figure", index))

    def colours(self) -> list:
        return [rgb(self.js("return getComputedStyle(document.documentElement).getPropertyValue(arguments[0]).trim()", f"--series-{i}"))
                for i in range(3)]

    def check_bars(self, index: int, chart: dict):
        image, colours = self.figure(index), self.colours()
        lengths, values, lefts = [], [], set()
        for series in chart["series"]:
            bars = horizontal_bars(image, colours[series["run"]], thickness=6)
            origin = mode(bar.left for bar in bars)
            bars = [bar for bar in bars if abs(bar.left - origin) <= 1]  # not the legend's square
            shown = [value for value in series["values"] if value]
            self.assertEqual(len(bars), len(shown), chart["title"])
            lengths += [bar.right - bar.left for bar in bars]
            lefts |= {bar.left for bar in bars}
            values += shown
        self.assertLessEqual(max(lefts) - min(lefts), 1)  # all begin at zero
        pixels_a_unit = max(lengths) / max(values)
        for length, value in zip(lengths, values):
            self.assertAlmostEqual(length, pixels_a_unit * value, delta=NEAR, msg=chart["title"])
        self.assertGreater(max(lengths), 150)

    def test_bars_are_as_long_as_their_numbers(self):
        charts = self.figures("bars")
        self.assertIn(65, [len(chart["labels"]) for _, chart in charts])
        for index, chart in charts:
            self.check_bars(index, chart)

    def test_bars_in_dark_colours(self):
        self.js("document.querySelector('button.theme').click()")
        self.addCleanup(self.js, "document.querySelector('button.theme').click()")
        self.assertEqual(self.colours()[0], rgb("#3d9bdc"))
        self.check_bars(*self.figures("bars")[0])

    def test_intervals_lie_on_one_scale(self):
        checked = 0
        for index, chart in self.figures("intervals"):
            image = self.figure(index)
            for series in chart["series"]:
                if len(series["items"]) > 20:
                    continue  # neighbours of the long ones are checked by the same code
                bars = horizontal_bars(image, self.colours()[series["run"]], thickness=1)
                lines = self.label_lines(bars, len(series["items"]))
                pixels, numbers = [], []
                for item, line in zip(series["items"], lines):
                    pixels += [min(bar.left for bar in line), max(bar.right for bar in line)]
                    numbers += [min(item["low"], item["difference"]), max(item["high"], item["difference"])]
                self.assertGreater(max(numbers), min(numbers))
                a, b = fitted_line(numbers, pixels)
                self.assertGreater(b, 0)
                for pixel, number, item in zip(pixels, numbers, [item for item in series["items"] for _ in range(2)]):
                    # an estimate's point may stick out of an interval that is narrower than it
                    slack = NEAR if (item["high"] - item["low"]) * b > 14 else 6
                    self.assertAlmostEqual(pixel, a + b * number, delta=slack, msg=chart["title"])
                checked += 1
        self.assertGreater(checked, 0)

    def label_lines(self, bars: list, count: int) -> list:
        """Rectangles sorted into `count` lines of labels that stand at equal distances."""
        lines = []
        for bar in sorted(bars, key=lambda bar: (bar.top + bar.bottom) / 2):
            middle = (bar.top + bar.bottom) / 2
            if not lines or middle - lines[-1][0] > 9:
                lines.append([middle])
            lines[-1].append(bar)
        self.assertEqual(len(lines), count)
        return [line[1:] for line in lines]

    def test_curves_pass_through_their_points(self):
        (index, chart), = self.figures("curves")
        image, below = self.figure(index), 60  # what lies above belongs to the legend
        xs, ys, pixel_xs, pixel_ys = [], [], [], []
        for series in chart["series"]:
            upright = turned(image)
            colour = self.colours()[series["run"]]
            columns = {x: [y for start, end in runs_of(upright, colour, x) for y in range(start, end) if y > below]
                       for x in range(image.width)}
            columns = {x: sum(found) / len(found) for x, found in columns.items() if found}
            points = series["points"]
            left, right = min(columns), max(columns)
            for share, value in points:
                x = left + (share - points[0][0]) / (points[-1][0] - points[0][0]) * (right - left)
                near = min(columns, key=lambda column: abs(column - x))
                if abs(near - x) <= 1.5:
                    xs.append(share), ys.append(value), pixel_xs.append(near), pixel_ys.append(columns[near])
        self.assertGreater(len(ys), 60)
        a, b = fitted_line(ys, pixel_ys)
        self.assertLess(b, 0)
        self.assertGreater(max(pixel_ys) - min(pixel_ys), 50)
        faults = [abs(y - (a + b * value)) for value, y in zip(ys, pixel_ys)]
        self.assertLess(median(faults), 1)
        self.assertLess(sorted(faults)[int(0.9 * len(faults))], 3)

    def test_calibration_shows_counts_and_means(self):
        (index, chart), = self.figures("reliability")
        image = self.figure(index)
        sides = turned(image)
        heights, counts = [], []
        for series in chart["series"]:
            bars = horizontal_bars(sides, self.colours()[series["run"]], thickness=5)
            floor = max(bar.right for bar in bars)
            bars = [bar for bar in bars if floor - bar.right <= 1]
            scale = max(bar.right - bar.left for bar in bars) / max(bin["count"] for bin in series["bins"])
            shown = [bin["count"] for bin in series["bins"] if bin["count"] * scale >= 3]
            bars = [bar for bar in bars if bar.right - bar.left >= 3]
            self.assertLessEqual(abs(len(bars) - len(shown)), 1)
            if len(bars) == len(shown):
                heights += [bar.right - bar.left for bar in bars]
                counts += shown
        self.assertGreater(len(counts), 10)
        pixels_a_sample = max(heights) / max(counts)
        for height, count in zip(heights, counts):
            self.assertAlmostEqual(height, pixels_a_sample * count, delta=NEAR)

    def test_numbers_stand_below_each_chart(self):
        for index, chart in enumerate(self.groups[0]["charts"]):
            if chart["kind"] != "bars":
                continue
            self.js("document.querySelectorAll('#charts-0 figure')[arguments[0]].querySelector('details').open = true", index)
            self.wait_for(f"document.querySelectorAll('#charts-0 figure')[{index}].querySelector('tbody')")
            cells = self.js("""return [...document.querySelectorAll("#charts-0 figure")[arguments[0]].querySelectorAll("tbody tr")]
                .map((row) => [...row.children].map((cell) => cell.textContent))""", index)
            expected = [[label, f"{count:,}", *(f"{series['values'][i]:.2f}" for series in chart["series"])]
                        for i, (label, count) in enumerate(zip(chart["labels"], chart["counts"]))]
            self.assertEqual([row[:2] for row in cells], [row[:2] for row in expected])
            for row, wanted in zip(cells, expected):
                for number, want in zip(row[2:], wanted[2:]):
                    self.assertAlmostEqual(float(number), float(want), delta=0.011)

    def test_curves_and_drawing_wait_until_they_are_near(self):
        self.open()
        drawn = self.js("return [...document.querySelectorAll('canvas')].map((canvas) => canvas.style.display === 'block')")
        self.assertFalse(drawn[-1])


if __name__ == "__main__":
    main()
