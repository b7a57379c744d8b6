"""A headless Chromium for tests, and what they measure in it. Skips (status 77) where there is none."""

import base64
import json
import os
import shutil
import sys
import unittest
from pathlib import Path
from statistics import median

SKIP_STATUS = 77


def skip(reason: str):
    print(f"skipped: {reason}")
    sys.exit(SKIP_STATUS)


try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.action_chains import ActionChains
except ImportError:
    skip("no Python package selenium (Debian: python3-selenium)")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
if not CHROMIUM or not DRIVER:
    skip("no chromium with chromedriver (Debian: chromium, chromium-driver)")

PAGES = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(os.environ.get("BTEVAL_PAGES", "pages"))

# Time from an event until its effect is there and laid out, and until the frame that shows it was painted.
MEASURE = """
const done = arguments[arguments.length - 1];
const value = arguments[0], act = (value) => { ACTION };
requestAnimationFrame(() => {
  const start = performance.now();
  act(value);
  document.querySelector(".group:not([hidden]) .list").getBoundingClientRect();
  const laidOut = performance.now();
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done([laidOut - start, performance.now() - start]);
    channel.port2.postMessage(0);
  });
});
"""


def new_browser(width: int = 1400, height: int = 900):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                     "--force-device-scale-factor=1", "--force-color-profile=srgb", "--disable-background-networking",
                     f"--window-size={width},{height}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(service=Service(DRIVER), options=options)
    browser.set_script_timeout(30)
    set_size(browser, width, height)
    return browser


def set_size(browser, width: int, height: int):
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})


class PageTest(unittest.TestCase):
    """Tests of one page in one browser."""

    page = "big.html"

    @classmethod
    def setUpClass(cls):
        cls.browser = new_browser()
        cls.addClassCleanup(cls.browser.quit)

    def setUp(self):
        self.open()

    def open(self, fragment: str = ""):
        self.browser.get("about:blank")
        self.browser.get((PAGES / self.page).resolve().as_uri() + fragment)

    def js(self, script: str, *arguments):
        return self.browser.execute_script(script, *arguments)

    def text(self, selector: str) -> str:
        return self.js("return document.querySelector(arguments[0]).textContent", selector)

    def all_texts(self, selector: str) -> list:
        return self.js("return [...document.querySelectorAll(arguments[0])].map((found) => found.textContent)", selector)

    def keys(self, *keys):
        ActionChains(self.browser).send_keys(*keys).perform()

    def measure(self, script: str, value=None) -> tuple:
        """Milliseconds until the effect of `script` is laid out, and until it is painted."""
        return tuple(self.browser.execute_async_script(MEASURE.replace("ACTION", script), value))

    def medians(self, script: str, values: list) -> tuple:
        times = [self.measure(script, value) for value in values]
        return tuple(round(median(column), 1) for column in zip(*times))

    def wait_for(self, condition: str):
        """Waits until an expression of the page is true."""
        self.browser.execute_async_script(f"""
            const done = arguments[0], start = performance.now();
            (function look() {{
              if ({condition}) done();
              else if (performance.now() - start > 20000) throw new Error("waited in vain");
              else setTimeout(look, 10);
            }})();""")

    def screenshot(self, selector: str, index: int = 0) -> bytes:
        """PNG of an element, scrolled to; device pixels are CSS pixels."""
        box = self.js("""
            document.getElementById("bar").style.position = "static"; // it would lie above what is scrolled to
            const found = document.querySelectorAll(arguments[0])[arguments[1]];
            found.scrollIntoView({block: "center"});
            const box = found.getBoundingClientRect();
            return [box.x + scrollX, box.y + scrollY, box.width, box.height].map(Math.round);""", selector, index)
        clip = dict(zip(("x", "y", "width", "height"), box), scale=1)
        # Charts are drawn when they come near; Chart.js then turns their canvas into a block.
        self.wait_for(f"[...document.querySelectorAll('{selector}')][{index}].querySelector('canvas').style.display === 'block'")
        self.browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
        shot = self.browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "clip": clip, "captureBeyondViewport": True})
        return base64.b64decode(shot["data"])

    def requests(self) -> list:
        """Addresses that the page asked for since the last call."""
        messages = [json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance")]
        return [message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent"]

    def complaints(self) -> list:
        """Warnings and errors of the console since the last call; refusals by the policy are among them."""
        return [entry["message"] for entry in self.browser.get_log("browser") if entry["level"] in ("WARNING", "SEVERE")]


def main():
    unittest.main(argv=sys.argv[:1], verbosity=2)
