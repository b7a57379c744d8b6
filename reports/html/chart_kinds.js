// How each kind of chart is drawn: what Chart.js is told. `names` are the group's runs.

const seriesName = (series, names) => [names[series.run], series.name].filter(Boolean).join(" · ");
const calibrationText = (series, names) => `${names[series.run]}: ECE ${fixed(series.ece)} %, MCE ${fixed(series.mce)} %`;
const kBar = 9; // pixels of one bar

function axis(colours, options = {}) {
  const { title, ticks, grid, ...others } = options;
  return { grid: { color: colours.line, drawBorder: false, ...grid }, ticks: { color: colours.soft, ...ticks },
    title: { display: Boolean(title), text: title, color: colours.soft }, ...others };
}

function labelAxis(colours, labels, counts) {
  const suffixes = labels.map((_, i) => (counts && counts[i] ? `  (${whole(counts[i])})` : ""));
  const text = function (_, i) { // at most some two fifths of the chart's width
    return shortened(labels[i], Math.max(8, Math.min(40, Math.floor(this.chart.width / 16) - suffixes[i].length))) + suffixes[i];
  };
  return axis(colours, { grid: { display: false }, ticks: { autoSkip: false, color: colours.text, callback: text } });
}

// Height of a chart with horizontal bars: every label stays legible.
const barsHeight = (labels, series) => 64 + labels * Math.max(22, 10 + series * (kBar + 2)) + (series > 1 ? 26 : 0);

function common(colours, series) {
  return { responsive: true, maintainAspectRatio: false, animation: false, locale: "en-US",
    font: { family: "system-ui, sans-serif", size: 12 },
    plugins: {
      legend: { display: series > 1, position: "top", align: "start",
        labels: { color: colours.text, usePointStyle: true, boxWidth: 7, boxHeight: 7 } },
      tooltip: { animation: false, usePointStyle: true, boxPadding: 4 },
    } };
}

const bars = (dataset, colour) =>
  ({ ...dataset, backgroundColor: colour, hoverBackgroundColor: colour, borderWidth: 0, pointStyle: "rect",
     barThickness: kBar, minBarLength: 1 });

const chartKinds = {
  bars(chart, names, colours) {
    const options = common(colours, chart.series.length);
    options.indexAxis = "y";
    const limit = chart.unit === "%" ? { min: 0, max: 100 } : { beginAtZero: true };
    options.scales = { x: axis(colours, { title: chart.unit, ...limit }), y: labelAxis(colours, chart.labels, chart.counts) };
    options.plugins.tooltip.callbacks = { label: (item) => `${item.dataset.label}: ${fixed(item.raw)} ${chart.unit}` };
    return { height: barsHeight(chart.labels.length, chart.series.length),
      config: { type: "bar", options, data: { labels: chart.labels,
        datasets: chart.series.map((series) => bars({ label: names[series.run], data: series.values }, colours.series(series.run))) } } };
  },

  intervals(chart, names, colours) {
    const options = common(colours, chart.series.length);
    options.indexAxis = "y";
    const estimates = chart.series.map((series) => series.items.map((item) => (item ? item.difference : null)));
    options.scales = { x: axis(colours, { title: `difference (${chart.unit})`, grace: "5%", suggestedMin: 0, suggestedMax: 0 }),
      y: labelAxis(colours, chart.labels) };
    options.plugins.tooltip.callbacks = { label: ({ datasetIndex, dataIndex, dataset }) => {
      const item = chart.series[datasetIndex].items[dataIndex];
      return `${dataset.label}: ${signed(item.difference)} [${fixed(item.low)}, ${fixed(item.high)}], p (Holm) = ${fixed(item.p, 4)}`;
    } };
    return { height: barsHeight(chart.labels.length, 1.4 * chart.series.length),
      config: { type: "bar", options, plugins: [zeroLine(colours), estimatePoints(estimates, colours)],
        data: { labels: chart.labels, datasets: chart.series.map((series) => ({
          ...bars({ label: names[series.run], data: series.items.map((item) => (item ? [item.low, item.high] : null)) },
            colours.series(series.run)), barThickness: 3, minBarLength: 0 })) } } };
  },

  curves(chart, names, colours) {
    const options = common(colours, chart.series.length);
    const seen = new Map(); // curves of one run differ in their dashes and points
    options.interaction = { mode: "nearest", axis: "x", intersect: false };
    options.scales = { x: axis(colours, { type: "linear", title: chart.x }), y: axis(colours, { title: chart.y, grace: "4%" }) };
    if (chart.y.includes("%")) options.scales.y.max = 100;
    options.plugins.tooltip.callbacks = { title: (items) => (items.length ? `${chart.x}: ${fixed(items[0].parsed.x).replace(/\.00$/, "")}` : ""),
      label: (item) => `${item.dataset.label}: ${fixed(item.parsed.y)}` };
    const datasets = chart.series.map((series) => {
      const nth = seen.get(series.run) || 0;
      seen.set(series.run, nth + 1);
      const colour = colours.series(series.run);
      return { label: seriesName(series, names), data: series.points.map(([x, y]) => ({ x, y })), borderColor: colour,
        backgroundColor: colour, borderDash: kDashes[nth % kDashes.length], borderWidth: 2, tension: 0, clip: 6,
        pointStyle: kPoints[(series.run + nth) % kPoints.length], pointRadius: series.points.length > 24 ? 0 : 3.5, pointHoverRadius: 4 };
    });
    return { height: 320, config: { type: "line", options, data: { datasets } } };
  },

  reliability(chart, names, colours) {
    const options = common(colours, 2);
    const shares = (bin) => (bin.count ? { x: 100 * bin.confidence, y: 100 * bin.value } : null);
    const lines = chart.series.map((series) => ({ type: "line", label: calibrationText(series, names),
      data: series.bins.map(shares).filter(Boolean), yAxisID: "y", borderColor: colours.series(series.run),
      backgroundColor: colours.series(series.run), borderWidth: 2, clip: 6, pointRadius: 3.5, pointStyle: kPoints[series.run % kPoints.length] }));
    const histograms = chart.series.map((series) => ({ type: "bar", label: `${names[series.run]}: samples`, yAxisID: "counts",
      data: series.bins.map((bin) => ({ x: 50 * (bin.low + bin.high), y: bin.count })), backgroundColor: colours.series(series.run),
      hoverBackgroundColor: colours.series(series.run), pointStyle: "rect", grouped: true, categoryPercentage: 0.92, barPercentage: 0.92 }));
    const diagonal = { type: "line", label: "perfect", data: [{ x: 0, y: 0 }, { x: 100, y: 100 }], yAxisID: "y",
      borderColor: colours.soft, borderDash: [4, 4], borderWidth: 1, pointRadius: 0, pointStyle: "line" };
    options.scales = { x: axis(colours, { type: "linear", min: 0, max: 100, offset: false, title: "confidence (%)" }),
      counts: axis(colours, { axis: "y", title: "samples", stack: "one", stackWeight: 1, beginAtZero: true, grace: "50%",
        ticks: { maxTicksLimit: 3, precision: 0, callback: short }, grid: { display: false } }),
      y: axis(colours, { title: "mean value (%)", stack: "one", stackWeight: 3, min: 0, max: 100, offset: true,
        grid: { drawBorder: false, color: colours.line } }) };
    options.plugins.legend.labels.filter = (item) => !item.text.endsWith(": samples");
    options.plugins.tooltip.callbacks = { title: () => "", label: (item) => (item.dataset.type === "bar"
      ? `${item.dataset.label}: ${whole(item.raw.y)}`
      : `${item.dataset.label} – ${fixed(item.raw.x)} % sure, ${fixed(item.raw.y)} % right`) };
    return { height: 420, config: { data: { datasets: [...lines, diagonal, ...histograms] }, options,
      plugins: [barNumbers("counts", colours)] } };
  },
};
