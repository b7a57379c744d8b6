// Figures with their charts, drawn when they come near the window, and again when the colours change.

const kChartsWork = typeof Chart === "function";
const kTall = 520; // pixels; figures higher than this take the whole width

const caption = (chart, names) =>
  chart.title + (chart.run === undefined && chart.series && chart.series.length > 1 ? ""
    : ` – ${names[chart.run === undefined ? (chart.series[0] || { run: 0 }).run : chart.run]}`);

class Figure {
  constructor(chart, names) {
    this.data = chart;
    this.names = names;
    this.drawn = null;
    this.root = element("figure", {}, foreign("figcaption", caption(chart, names)));
    if (chart.kind === "matrix") {
      this.root.append(matrixTable(chart));
      return;
    }
    const table = chartTables[chart.kind];
    if (!table) {
      this.root.append(element("p", { class: "soft" }, `This page cannot show charts of the kind "${chart.kind}".`));
      return;
    }
    if (kChartsWork) {
      this.canvas = element("canvas", { role: "img", "aria-label": `${caption(chart, names)}; the numbers stand in the table below` });
      this.frame = element("div", { class: "frame" }, this.canvas);
      const { height } = chartKinds[chart.kind](chart, names, palette());
      this.frame.style.height = `${height}px`;
      this.root.classList.toggle("tall", height > kTall);
      this.root.append(this.frame);
    }
    const numbers = element("details", { class: "numbers", open: !kChartsWork }, element("summary", {}, "Numbers"));
    const fill = () => numbers.childElementCount < 2 && numbers.append(table(chart, names));
    if (kChartsWork) numbers.addEventListener("toggle", fill, { once: true });
    else fill();
    this.root.append(numbers);
  }

  draw() {
    if (!this.canvas) return;
    if (this.drawn) this.drawn.destroy();
    const { config } = chartKinds[this.data.kind](this.data, this.names, palette());
    config.options.devicePixelRatio = Math.max(1, window.devicePixelRatio || 1);
    this.drawn = new Chart(this.canvas, config);
  }

  resize() {
    if (this.drawn) this.drawn.resize();
  }
}

class Charts {
  constructor(group, number) {
    this.figures = group.charts.map((chart) => new Figure(chart, group.names));
    const near = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        const figure = this.figures.find(({ root }) => root === target);
        if (isIntersecting && !figure.drawn) figure.draw();
      }
    }, { rootMargin: "300px" });
    for (const figure of this.figures) near.observe(figure.root);
    this.root = element("section", { class: "charts", id: `charts-${number}`, "aria-label": `Charts, ${group.title}` },
      foreign("h3", group.title, { class: "for-print" }), element("div", { class: "figures" }, ...this.figures.map(({ root }) => root)));
  }

  redraw(all) {
    for (const figure of this.figures) if (all || figure.drawn) figure.draw();
  }

  resize() {
    for (const figure of this.figures) figure.resize();
  }
}
