// What Chart.js does not draw by itself.

// A line across the chart at zero, below the bars.
const zeroLine = (colours) => ({
  id: "zeroLine",
  beforeDatasetsDraw(chart) {
    const { ctx, chartArea, scales } = chart;
    const x = scales.x.getPixelForValue(0);
    if (x < chartArea.left || x > chartArea.right) return;
    ctx.save();
    ctx.strokeStyle = colours.soft;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(Math.round(x) + 0.5, chartArea.top);
    ctx.lineTo(Math.round(x) + 0.5, chartArea.bottom);
    ctx.stroke();
    ctx.restore();
  },
});

// A point on each interval, at the estimate. `estimates[dataset][label]`.
const estimatePoints = (estimates, colours) => ({
  id: "estimatePoints",
  afterDatasetsDraw(chart) {
    const { ctx, scales } = chart;
    chart.data.datasets.forEach((dataset, d) => {
      if (!chart.isDatasetVisible(d)) return;
      chart.getDatasetMeta(d).data.forEach((bar, i) => {
        if (estimates[d][i] === null) return;
        ctx.save();
        ctx.fillStyle = dataset.backgroundColor;
        ctx.strokeStyle = colours.page;
        ctx.lineWidth = 1.5;
        ctx.beginPath();
        ctx.arc(scales.x.getPixelForValue(estimates[d][i]), bar.y, 5, 0, 2 * Math.PI);
        ctx.fill();
        ctx.stroke();
        ctx.restore();
      });
    });
  },
});

// Numbers above the bars of the datasets on the axis `axis`.
const barNumbers = (axis, colours) => ({
  id: "barNumbers",
  afterDatasetsDraw(chart) {
    const { ctx } = chart;
    const bars = chart.data.datasets.flatMap((dataset, d) =>
      dataset.yAxisID === axis && chart.isDatasetVisible(d) ? chart.getDatasetMeta(d).data.map((bar, i) => [bar, dataset.data[i]]) : []);
    ctx.save();
    ctx.fillStyle = colours.soft;
    ctx.textAlign = "center";
    ctx.textBaseline = "bottom";
    ctx.font = "10px system-ui, sans-serif";
    for (const [bar, point] of bars) {
      const number = typeof point === "object" ? point.y : point;
      if (!number) continue;
      const text = short(number);
      ctx.save();
      ctx.translate(bar.x, bar.y - 3);
      if (ctx.measureText(text).width > bar.width + 4) { // upright where bars are narrow
        ctx.rotate(-Math.PI / 2);
        ctx.textAlign = "left";
        ctx.textBaseline = "middle";
      }
      ctx.fillText(text, 0, 0);
      ctx.restore();
    }
    ctx.restore();
  },
});

// 12345 as "12k".
function short(number) {
  if (number < 1000) return String(number);
  if (number < 1e6) return `${(number / 1000).toFixed(number < 9950 ? 1 : 0)}k`;
  return `${(number / 1e6).toFixed(1)}M`;
}
