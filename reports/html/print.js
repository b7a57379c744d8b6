// On paper: the leaderboard, the charts of all groups in light colours, and the first matches of the group in view.

const kPrintedRows = 200;

function preparePrinting(page) {
  const sheet = element("div", { class: "sheet" });
  document.querySelector("main").append(sheet);
  const begin = () => {
    if (document.documentElement.classList.contains("printing")) return;
    document.documentElement.dataset.theme = "light";
    document.documentElement.classList.add("printing");
    for (const charts of page.allCharts()) charts.print(true);
    const browser = page.browser();
    if (!browser) return;
    const { order } = browser.matches;
    const shown = Math.min(kPrintedRows, order.length);
    const note = shown < order.length ? `The first ${whole(shown)} of ${plural(order.length, "sample")}` : plural(order.length, "sample");
    sheet.append(foreign("h3", `${browser.group.title}: samples`),
      element("p", {}, note, browser.means.cloneNode(true)),
      ...Array.from(order.subarray(0, shown), (i) => sampleRow(browser.group, i, browser.reference())));
    sheet.style.setProperty("--pictures", String(Math.min(2, browser.group.pictures)));
  };
  const end = () => {
    if (!document.documentElement.classList.contains("printing")) return;
    sheet.replaceChildren();
    document.documentElement.classList.remove("printing");
    page.theme.show();
    for (const charts of page.allCharts()) charts.print(false);
  };
  window.addEventListener("beforeprint", begin);
  window.addEventListener("afterprint", end);
}
