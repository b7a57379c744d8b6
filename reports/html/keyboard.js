// Keys, and the overlay that explains them.

const kKeys = [
  ["j, ↓", "next sample"], ["k, ↑", "previous sample"], ["Page Up, Page Down", "a screen of samples"],
  ["g, Home", "first sample"], ["G, End", "last sample"], ["Enter", "details of the sample"],
  ["Escape", "close details, leave the search"], ["/", "search"], ["f", "flips: any, better, worse, all samples"],
  ["c", "clear all filters"], ["[, ]", "previous, next group of runs"], ["t", "light or dark"], ["?", "this help"],
];

function helpDialog() {
  const dialog = element("dialog", { class: "help", "aria-label": "Keys" },
    element("h2", {}, "Keys"),
    element("dl", {}, ...kKeys.flatMap(([keys, what]) => [element("dt", {},
      ...keys.split(", ").flatMap((key, i) => [i ? " " : null, element("kbd", {}, key)])), element("dd", {}, what)])),
    element("h2", {}, "Marks"),
    element("dl", {}, ...kOutcomes.flatMap((outcome, o) => [element("dt", {}, outcomeMark(o)), element("dd", {}, outcome.title)]),
      element("dt", {}, element("span", { class: "flip better" }, "▲"), " ", element("span", { class: "flip worse" }, "▼")),
      element("dd", {}, "a higher, a lower value than the run it is compared with")),
    element("form", { class: "end" }, button("Close", "Close (Escape)", () => dialog.close())));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  return dialog;
}

const isTyped = (target) => target instanceof HTMLElement &&
  (target.isContentEditable || target.tagName === "SELECT" || target.tagName === "TEXTAREA" ||
   (target.tagName === "INPUT" && target.type !== "checkbox"));

// `page` offers browser(), step(n), help, theme. A press of a key that an element needs for itself stays with it.
function listenToKeys(page) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || page.help.open) return;
    const browser = page.browser();
    const { target, key } = event;
    if (isTyped(target)) {
      if (key === "Escape" || (key === "Enter" && browser && target === browser.controls.search)) {
        event.preventDefault();
        if (browser) browser.list.root.focus({ preventScroll: true });
        else target.blur();
      }
      return;
    }
    const action = keyAction(key, page, browser, target);
    if (!action) return;
    event.preventDefault();
    action();
  });
}

function keyAction(key, page, browser, target) {
  if (key === "?") return () => page.help.showModal();
  if (key === "t") return () => page.theme.button.click();
  if (key === "[" || key === "]") return () => page.step(key === "[" ? -1 : 1);
  if (!browser) return null;
  const inList = target === browser.list.root;
  const inDetail = browser.detail.root.contains(target);
  const toList = (steps) => () => {
    if (!inDetail) browser.list.root.focus();
    browser.move(steps);
  };
  switch (key) {
    case "j": return toList(1);
    case "k": return toList(-1);
    case "g": return toList(-Infinity);
    case "G": return toList(Infinity);
    case "/": return () => page.search();
    case "f": return () => browser.cycleFlips();
    case "c": return () => browser.act({ clear: true });
    case "Escape": return browser.state.open ? () => browser.openDetails(false) : null;
  }
  if (!inList && !(key === "Enter" && target === document.body)) return null; // arrows scroll, Enter presses a button, wherever else the focus is
  switch (key) {
    case "ArrowDown": return toList(1);
    case "ArrowUp": return toList(-1);
    case "PageDown": return toList(browser.list.pageLength());
    case "PageUp": return toList(-browser.list.pageLength());
    case "Home": return toList(-Infinity);
    case "End": return toList(Infinity);
    case "Enter": return () => {
      if (browser.state.selected < 0) browser.move(0);
      browser.openDetails(true);
      browser.detail.root.focus();
    };
    default: return null;
  }
}
