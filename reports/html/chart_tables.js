// The numbers of each kind of chart as a table, and the confusion matrix, which is a table alone.

function numbersTable(head, rows) {
  const cell = (text, i) => (i === 0 ? foreign("th", text, { scope: "row" }) : element("td", { class: "n" }, text));
  return element("div", { class: "scroll" }, element("table", {},
    element("thead", {}, element("tr", {}, ...head.map((title, i) =>
      foreign("th", title, { scope: "col", class: i ? "n" : null })))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map(cell))))));
}

const chartTables = {
  bars(chart, names) {
    const counted = Boolean(chart.counts && chart.counts.length);
    return numbersTable(["", ...(counted ? ["samples"] : []), ...chart.series.map((series) => `${names[series.run]} (${chart.unit})`)],
      chart.labels.map((label, i) =>
        [label, ...(counted ? [whole(chart.counts[i])] : []), ...chart.series.map((series) => fixed(series.values[i]))]));
  },

  intervals(chart, names) {
    return numbersTable(["", "run", `difference (${chart.unit})`, "95 % from", "to", "p (Holm)"],
      chart.series.flatMap((series) => series.items.map((item, i) => [item, i]).filter(([item]) => item).map(([item, i]) =>
        [chart.labels[i], names[series.run], signed(item.difference), signed(item.low), signed(item.high), fixed(item.p, 4)])));
  },

  curves(chart, names) {
    const xs = [...new Set(chart.series.flatMap((series) => series.points.map(([x]) => x)))].sort((a, b) => a - b);
    const columns = chart.series.map((series) => new Map(series.points));
    return numbersTable([chart.x, ...chart.series.map((series) => seriesName(series, names))],
      xs.map((x) => [String(x), ...columns.map((points) => fixed(points.get(x)))]));
  },

  reliability(chart, names) {
    const several = chart.series.length > 1;
    const errors = chart.series.map((series) => foreign("p", calibrationText(series, names), { class: "soft" }));
    const bins = numbersTable(["confidence (%)", ...(several ? ["run"] : []), "samples", "mean confidence (%)", "mean value (%)"],
      chart.series.flatMap((series) => series.bins.map((bin) =>
        [`${fixed(100 * bin.low, 1)} to ${fixed(100 * bin.high, 1)}`, ...(several ? [names[series.run]] : []), whole(bin.count),
         bin.count ? fixed(100 * bin.confidence) : "–", bin.count ? fixed(100 * bin.value) : "–"])));
    return element("div", {}, ...errors, bins);
  },
};

// Gold classes down, predicted ones across: counts, and per cent of the row as text and as shade.
function matrixTable(chart) {
  const body = chart.counts.map((row, gold) => {
    const sum = row.reduce((a, b) => a + b, 0);
    const cells = row.map((count, predicted) => {
      const share = sum ? count / sum : 0;
      const cell = element("td", { class: gold === predicted ? "n heat right" : "n heat" },
        element("strong", {}, whole(count)), element("span", {}, sum ? `${fixed(100 * share, 1)} %` : "–"));
      cell.style.setProperty("--share", `${(100 * share).toFixed(1)}%`);
      cell.classList.toggle("dark", share > 0.55);
      return cell;
    });
    return element("tr", {}, foreign("th", chart.labels[gold], { scope: "row" }), ...cells, element("td", { class: "n sum" }, whole(sum)));
  });
  return element("div", { class: "scroll" }, element("table", { class: "matrix" },
    element("thead", {},
      element("tr", {}, element("th", { scope: "col" }, "gold ↓"),
        element("th", { scope: "colgroup", class: "group", colspan: chart.labels.length }, "predicted"), element("td", {})),
      element("tr", {}, element("td", {}), ...chart.labels.map((label) => foreign("th", label, { scope: "col", class: "n" })),
        element("th", { scope: "col", class: "n", title: "samples of the class" }, "n"))),
    element("tbody", {}, ...body)));
}
