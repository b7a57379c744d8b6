// Everything about one sample.

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = element("textarea", { class: "offscreen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy"); // where a page from a file may not use the clipboard
    area.remove();
    return copied;
  }
}

function copyButton(text, title) {
  const made = button("Copy", title, async () => {
    made.textContent = (await copyText(text)) ? "Copied" : "Failed";
    setTimeout(() => (made.textContent = "Copy"), 1200);
  }, { class: "small" });
  return made;
}

const detailPart = (title, ...content) => element("section", {}, element("h4", {}, title), ...content);

function detailRuns(group, i, reference) {
  const any = (key) => group.runs.some((run) => run[key]);
  const head = ["", "run", "prediction", "value", any("confidence") && "conf.", any("rank") && "rank", group.runs.length > 1 && "flip"];
  const rows = group.runs.map((run) => {
    const refused = run.refused.get(i);
    return element("tr", {}, element("td", {}, outcomeMark(run.outcome[i])), foreign("th", run.name, { scope: "row" }),
      refused === undefined ? foreign("td", run.prediction[i] || "", { class: "said" })
                            : foreign("td", `refused: ${refused}`, { class: "said refused" }),
      element("td", { class: "n" }, fixed(run.value[i])),
      any("confidence") && element("td", { class: "n" }, run.confidence ? probability(run.confidence[i]) : ""),
      any("rank") && element("td", { class: "n" }, run.rank && !Number.isNaN(run.rank[i]) ? String(run.rank[i]) : ""),
      group.runs.length > 1 &&
        element("td", {}, flipMark(run === reference ? kSame : flipOf(run.value[i], reference.value[i]), reference.name)));
  });
  return element("div", { class: "scroll" }, element("table", {},
    element("thead", {}, element("tr", {}, ...head.filter((title) => title !== false).map((title) => element("th", { scope: "col" }, title)))),
    element("tbody", {}, ...rows)));
}

class Detail {
  constructor(close) {
    this.close = button("×", "Close (Escape)", close, { class: "icon", "aria-label": "Close details" });
    this.root = element("aside", { class: "detail", tabindex: "-1", "aria-label": "Selected sample", hidden: true });
  }

  show(group, i, reference) {
    this.root.hidden = false;
    this.root.scrollTop = 0;
    const images = group.images[i] || [];
    const width = images.length > 1 ? 170 : 344;
    const names = images.map((index) => (thumbnails[index] ? thumbnails[index].name : ""));
    const slices = group.slices.filter((slice) => slice.column[i] >= 0);
    this.root.replaceChildren(
      element("div", { class: "top" }, foreign("h3", group.ids[i], { class: "id" }),
        copyButton(group.ids[i], "Copy the sample's id"), this.close),
      element("div", { class: "pictures" }, ...images.map((index) => picture(index, width, 300, 2.7))),
      foreign("p", group.text[i] || "", { class: "text" }),
      detailPart("Predictions", detailRuns(group, i, reference)),
      detailPart(group.targets[i].length === 1 ? "Right answer" : "Right answers",
        group.targets[i].length ? element("ul", {}, ...group.targets[i].map((target) => foreign("li", target)))
                                : element("p", { class: "soft" }, "none known")),
      detailPart("Properties", element("dl", {},
        ...slices.flatMap((slice) => [foreign("dt", slice.name), foreign("dd", slice.values[slice.column[i]])]),
        ...names.flatMap((name) => [element("dt", {}, "image"), foreign("dd", name)]))));
  }

  hide() {
    this.root.hidden = true;
    this.root.replaceChildren();
  }
}
