"""Makes the pages that the browser tests open, with the program itself, and checks them without a browser.

    make_pages.py BTEVAL FOLDER

big.html: two runs of 10,000 samples; snli.html: two models on SNLI-VE; suite.html: all tasks; plain.html: no samples.
"""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from made_up_runs import IMAGES, NAMES, SAMPLES, make_runs


def bteval(program: str, *arguments) -> str:
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"bteval {arguments[0]}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def digest(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def check_page(page: Path) -> dict:
    """The policy admits exactly the scripts and the style that are there; nothing else can run or be fetched."""
    text = page.read_text(encoding="utf-8")
    policy = dict(part.strip().split(" ", 1)
                  for part in re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1].split(";"))
    scripts = re.findall(r"<script>(.*?)</script>", text, re.S)
    styles = re.findall(r"<style>(.*?)</style>", text, re.S)
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'", policy
    assert policy["img-src"] == "data:", policy
    assert policy["script-src"].split() == [digest(script) for script in scripts], "script-src"
    assert policy["style-src"].split() == [digest(style) for style in styles], "style-src"
    own = scripts[-1]
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "http:", "https:"):
        assert forbidden not in own, forbidden
    data = re.findall(r'<script type="application/json" id="bteval-data">(.*?)</script>', text, re.S)
    assert text.count("<script") == len(scripts) + 1 and len(data) == 1
    assert not re.search(r"\s(?:src|href|srcset)=\"(?!#)", text), "an address outside the page"
    if len(scripts) == 2:
        assert "Chart.js v" in scripts[0] and "Permission is hereby granted" in text, "Chart.js with its licence"
    return json.loads(data[0])


def main() -> int:
    program, folder = sys.argv[1], Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    suite = folder / "suite"
    bteval(program, "eval", "--suite", "mini", "--threads", 1, "--out", suite)
    runs = make_runs(suite / "vqav2", folder)
    pages = {"big": runs, "snli": [suite / "snli-ve", suite / "snli-ve-meter"], "suite": ["--suite-dir", suite]}
    for name, arguments in pages.items():
        page = folder / f"{name}.html"
        said = bteval(program, "report", *arguments, "--format", "html", "--resamples", 100, "--out", page)
        assert said.count("warning") == (1 if name == "big" else 0), said
        assert name != "big" or f"1 of {IMAGES} images have no thumbnail" in said, said
        data = check_page(page)
        if name == "big":
            group = data["groups"][0]
            assert group["runs"] == list(NAMES) and len(group["samples"]["id"]) == SAMPLES, group["runs"]
            pictures = [thumbnail for thumbnail in data["thumbnails"] if "jpeg" in thumbnail]
            assert len(data["thumbnails"]) == IMAGES and len(pictures) == IMAGES - 1, len(pictures)
        print(f"{page}: {page.stat().st_size / 1e6:.1f} MB")
    plain = folder / "plain.html"
    bteval(program, "report", *runs, "--format", "html", "--samples", 0, "--out", plain)
    assert "<script" not in plain.read_text(encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
