// Colours of the page as its style sheet has them at the moment.

// Series are told apart by colours of Okabe and Ito's palette, by the form of their points, and by dashes.
const kPoints = ["circle", "rectRot", "triangle", "rect", "star", "crossRot", "cross", "dash"];
const kDashes = [[], [6, 3], [2, 2], [8, 3, 2, 3]];

function palette() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const series = Array.from({ length: 8 }, (_, i) => colour(`series-${i}`));
  return { text: colour("text"), soft: colour("soft"), line: colour("line"), page: colour("page"),
    series: (i) => series[i % series.length] };
}
