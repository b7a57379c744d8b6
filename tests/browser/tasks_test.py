"""Pages of the other tasks: confusion matrices and flips of two SNLI-VE models, recall and ranks of retrieval, NLVR2's pairs."""

import json
from collections import Counter

from browser import PAGES, PageTest, main
from filters_test import CHOOSE, KIND, SORT
from samples import flip, mean, outcome, read_samples

RUNS = ("snli-ve", "snli-ve-meter")


def suite_run(name: str) -> list:
    return read_samples(PAGES / "suite" / name)


class SnliVeTest(PageTest):
    page = "snli.html"

    def do(self, value: list):
        self.js(f"const value = arguments[0]; {CHOOSE}", value)

    def test_matrices(self):
        tables = self.js("""
            return [...document.querySelectorAll(".matrix")].map((table) => ({
              labels: [...table.querySelectorAll("tbody th")].map((cell) => cell.textContent),
              predicted: [...table.querySelectorAll("thead tr:last-child th")].map((cell) => cell.textContent),
              cells: [...table.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll(".heat")].map((cell) =>
                [cell.querySelector("strong").textContent, cell.querySelector("span").textContent,
                 getComputedStyle(cell).backgroundColor]))}));""")
        self.assertEqual(len(tables), len(RUNS))
        for table, run in zip(tables, RUNS):
            counts = Counter((sample["targets"][0].split(" (")[0], sample["prediction"]) for sample in suite_run(run))
            self.assertEqual(sorted(table["labels"]), ["contradiction", "entailment", "neutral"])
            self.assertEqual(table["predicted"][:3], table["labels"])
            for gold, row in zip(table["labels"], table["cells"]):
                total = sum(counts[gold, label] for label in table["labels"])
                for label, (count, share, background) in zip(table["labels"], row):
                    self.assertEqual(int(count), counts[gold, label])
                    self.assertEqual(share, f"{100 * counts[gold, label] / total:.1f} %")
                    colour = background.split("(")[1].rstrip(")").split(", ")
                    self.assertEqual(colour[:3], ["0", "114", "178"])
                    shade = float(colour[3]) if len(colour) == 4 else 1.0
                    self.assertAlmostEqual(shade, counts[gold, label] / total, delta=0.005)

    def test_flips_between_two_models(self):
        base, meter = map(suite_run, RUNS)
        for kind in ("better", "worse"):
            self.do([KIND, kind])
            kept = [i for i in range(len(base)) if flip(meter[i], base[i]) == kind]
            self.assertGreater(len(kept), 0)
            self.assertEqual(self.text(".status strong"), f"{len(kept)} of {len(base)} samples")
            self.assertEqual(self.all_texts(".mean b"), [mean([run[i] for i in kept]) for run in (base, meter)])
            self.assertEqual(set(self.all_texts(".list .row .flip")), {"", "▲" if kind == "better" else "▼"})


class SuiteTest(PageTest):
    page = "suite.html"

    def show(self, title: str):
        self.js("[...document.querySelectorAll('[role=tab]')].find((tab) => tab.textContent === arguments[0]).click()", title)
        self.assertEqual(self.text(".group:not([hidden]) h2 span"), title)

    def test_retrieval(self):
        samples = suite_run("flickr30k")
        score = json.loads((PAGES / "suite/flickr30k/metrics.json").read_text(encoding="utf-8"))["score"]
        self.show("Flickr30K retrieval test")
        self.js("""document.querySelector(".group:not([hidden]) figure:last-child details").open = true""")
        self.wait_for("document.querySelector('.group:not([hidden]) figure:last-child tbody')")
        rows = self.js("""return [...document.querySelectorAll(".group:not([hidden]) figure:last-child tbody tr")]
            .map((row) => [...row.children].map((cell) => cell.textContent))""")
        recalls = {int(k): (float(tr), float(ir)) for k, tr, ir in rows}
        for k in (1, 5, 10):
            for column, kind in enumerate(("image:", "caption:")):
                ranks = [sample["rank"] for sample in samples if sample["id"].startswith(kind)]
                recall = 100 * sum(rank <= k for rank in ranks) / len(ranks)
                self.assertAlmostEqual(recalls[k][column], recall, delta=0.006)
                self.assertIn(f'"value": {round(recall, 2)}', json.dumps(score))
        self.js(f"const value = arguments[0]; {CHOOSE}", [f".group:not([hidden]) {SORT}", "rank"])
        self.js("document.querySelector('.group:not([hidden]) .direction').click()")
        worst = sorted((sample["rank"] for sample in samples if "rank" in sample), reverse=True)[:3]
        shown = self.js("""return [...document.querySelectorAll(".group:not([hidden]) .list .row")]
            .sort((a, b) => a.ariaPosInSet - b.ariaPosInSet).slice(0, 3).map((row) => row.querySelector(".sure").textContent)""")
        self.assertEqual(shown, [f"#{rank}" for rank in worst])

    def test_pairs_of_images(self):
        samples = suite_run("nlvr2")
        self.show("NLVR2 dev")
        pictures = self.js("""return [...document.querySelectorAll(".group:not([hidden]) .list .row")]
            .map((row) => [...row.querySelectorAll("img")].map((image) => [image.alt, image.naturalWidth > 0 || !image.complete]))""")
        self.assertGreater(len(pictures), 4)
        for sample, row in zip(samples, pictures):
            self.assertEqual([name for name, _ in row], [image.rsplit("/", 1)[1] for image in sample["images"]])
            self.assertTrue(all(shown for _, shown in row))

    def test_groups_keep_their_own_filters(self):
        self.show("NLVR2 dev")
        self.keys("c")
        self.js("document.querySelectorAll('.group:not([hidden]) .filters input[type=checkbox]')[2].click()")
        wrong = sum(outcome(sample) == "wrong" for sample in suite_run("nlvr2"))
        status = ".group:not([hidden]) .status strong"
        self.assertEqual(self.text(status), f"{wrong} of 240 samples")
        self.keys("]")
        self.assertEqual(self.text(status), "600 samples")
        self.keys("[")
        self.assertEqual(self.text(status), f"{wrong} of 240 samples")


if __name__ == "__main__":
    main()
