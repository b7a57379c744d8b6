// One line of the list of samples.

const kRowText = 400; // characters of a text that can be seen at most

const rowHeight = (group, narrow) => {
  const lines = Math.max(1, group.runs.length);
  return narrow ? 84 + 22 * lines : Math.max(76, 16 + 22 * lines);
};

// What a run says of a sample, as cells of a line: mark, name, prediction, value, confidence or rank, flip.
function runLine(group, run, i, reference) {
  const refused = run.refused.get(i);
  const prediction = refused === undefined ? run.prediction[i] : `refused: ${refused}`;
  const sure = run.rank ? (Number.isNaN(run.rank[i]) ? "" : `#${run.rank[i]}`)
                        : run.confidence ? probability(run.confidence[i]) : "";
  return element("div", { class: "run" }, outcomeMark(run.outcome[i]),
    group.runs.length > 1 ? foreign("span", run.name, { class: "of" }) : null,
    foreign("span", shortened(prediction || "", kRowText), { class: refused === undefined ? "said" : "said refused" }),
    element("span", { class: "n value" }, fixed(run.value[i])), element("span", { class: "n sure" }, sure),
    group.runs.length > 1
      ? flipMark(run === reference ? kSame : flipOf(run.value[i], reference.value[i]), reference.name) : null);
}

function sampleRow(group, i, reference) {
  const images = (group.images[i] || []).slice(0, 2);
  const targets = shortened(group.targets[i].join(", "), kRowText);
  const text = group.text[i] ? shortened(group.text[i], kRowText) : targets; // an image has no text of its own
  return element("div", { class: "row" },
    element("div", { class: "pictures" }, ...images.map((index) => picture(index, 72, 62))),
    element("div", { class: "what" },
      foreign("div", text, { class: group.text[i] ? "text" : "text targets" }),
      element("div", { class: "under" }, foreign("span", shortened(group.ids[i], 80), { class: "id" }), " ",
        group.text[i] ? foreign("span", targets, { class: "targets" }) : null)),
    element("div", { class: "runs" }, ...group.runs.map((run) => runLine(group, run, i, reference))));
}
