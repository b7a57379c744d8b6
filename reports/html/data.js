// The page's data, with the columns of samples as typed arrays.

const report = JSON.parse(document.getElementById("bteval-data").textContent);
const thumbnails = report.thumbnails || [];

const numbers = (column, size) =>
  Float64Array.from({ length: size }, (_, i) => (column && typeof column[i] === "number" ? column[i] : NaN));

function readGroup(group) {
  const samples = group.samples || {};
  const ids = samples.id || [];
  const size = ids.length;
  const runs = (samples.runs || []).map((run, r) => ({
    name: group.runs[r],
    value: numbers(run.value, size),
    prediction: run.prediction || [],
    confidence: run.confidence ? numbers(run.confidence, size) : null,
    rank: run.rank ? numbers(run.rank, size) : null,
    refused: new Map(Object.entries(run.refused || {}).map(([i, why]) => [Number(i), why])),
  }));
  for (const run of runs) run.outcome = Uint8Array.from(run.value, outcomeOf);
  let pictures = 0;
  for (const images of samples.images || []) pictures = Math.max(pictures, images.length);
  return {
    title: group.title,
    selection: group.selection || "",
    names: group.runs,
    charts: group.charts || [],
    size,
    ids,
    text: samples.text || [],
    targets: samples.targets || [],
    images: samples.images || [],
    pictures,
    slices: (group.slices || []).map((slice, s) => ({
      name: slice.name,
      values: slice.values,
      column: Int32Array.from((samples.slices || [])[s] || new Array(size).fill(-1)),
    })),
    runs,
    searched: null, // texts to search in, made when first needed
  };
}

const forSearch = (text) => text.normalize("NFC").toLowerCase();

function searchTexts(group) {
  if (!group.searched) {
    group.searched = group.ids.map((id, i) =>
      forSearch([id, group.text[i], ...group.targets[i], ...group.runs.map((run) => run.prediction[i] || "")].join("\n")));
  }
  return group.searched;
}

const groups = report.groups.map(readGroup);
