// Figures with their charts, drawn when they come near the window, and again when the colours change.

const kChartsWork = typeof Chart === "function";
const kTall = 520; // pixels; figures higher than this take the whole width
const kPage = 900; // pixels; charts higher than this do not fit on a sheet of paper, their tables do
const kPageWidth = 640;

// The title; with the run where the figure shows one of several and the title does not say which.
function caption(chart, names) {
  const shown = chart.series ? [...new Set(chart.series.map(({ run }) => run))] : [chart.run];
  const name = shown.length === 1 && names.length > 1 ? names[shown[0]] : "";
  return name && !chart.title.includes(name) ? `${chart.title}: ${name}` : chart.title;
}

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
      this.root.classList.toggle("as-table", height > kPage);
      this.root.append(this.frame);
    }
    this.numbers = element("details", { class: "numbers", open: !kChartsWork }, element("summary", {}, "Numbers"));
    this.root.append(this.numbers);
    if (kChartsWork) {
      this.numbers.addEventListener("toggle", () => this.fillNumbers(), { once: true });
    } else {
      this.root.classList.add("as-table");
      this.fillNumbers();
    }
  }

  fillNumbers() {
    if (this.numbers.childElementCount < 2) this.numbers.append(chartTables[this.data.kind](this.data, this.names));
  }

  draw() {
    if (!this.canvas) return;
    if (this.drawn) this.drawn.destroy();
    const { config } = chartKinds[this.data.kind](this.data, this.names, palette());
    config.options.devicePixelRatio = Math.max(1, window.devicePixelRatio || 1);
    this.drawn = new Chart(this.canvas, config);
  }

  // For paper: as wide as a sheet, in the colours of the moment; or as a table where a sheet is too short.
  print(begins) {
    if (!this.canvas) return;
    if (this.root.classList.contains("as-table")) {
      this.fillNumbers();
      if (begins) this.wasOpen = this.numbers.open;
      this.numbers.open = begins || this.wasOpen;
      return;
    }
    this.frame.style.width = begins ? `${kPageWidth}px` : "";
    this.draw();
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

  redraw() {
    for (const figure of this.figures) if (figure.drawn) figure.draw();
  }

  print(begins) {
    for (const figure of this.figures) figure.print(begins);
  }
}
