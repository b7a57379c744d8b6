// How a sample came out in a run: what the marks, filters and flips are about.

const kRight = 0, kPartly = 1, kWrong = 2, kNotCounted = 3;
const kOutcomes = [
  { key: "right", mark: "✓", name: "right", title: "right: the full value of 1" },
  { key: "partly", mark: "◐", name: "partly", title: "partly right: a value between 0 and 1" },
  { key: "wrong", mark: "✗", name: "wrong", title: "wrong: a value of 0" },
  { key: "none", mark: "–", name: "not counted", title: "not counted: refused, or without a label" },
];

function outcomeOf(value) {
  if (Number.isNaN(value)) return kNotCounted;
  if (value >= 1) return kRight;
  return value > 0 ? kPartly : kWrong;
}

// A flip is a value that differs from the reference's, as in `bteval compare`.
const kSame = 0, kBetter = 1, kWorse = 2;
const kFlips = [
  { key: "", name: "all samples" },
  { key: "any", name: "any flip" },
  { key: "better", name: "better" },
  { key: "worse", name: "worse" },
];

function flipOf(value, reference) {
  if (value > reference) return kBetter;
  return value < reference ? kWorse : kSame; // what does not count in one of the runs is no flip
}

const outcomeMark = (outcome) =>
  element("span", { class: `mark ${kOutcomes[outcome].key}`, title: kOutcomes[outcome].title, role: "img",
    "aria-label": kOutcomes[outcome].name }, kOutcomes[outcome].mark);

const flipMark = (flip, reference) => {
  if (flip === kSame) return element("span", { class: "flip" });
  const name = `${flip === kBetter ? "better" : "worse"} than ${reference}`;
  return element("span", { class: `flip ${flip === kBetter ? "better" : "worse"}`, title: name, role: "img",
    "aria-label": name }, flip === kBetter ? "▲" : "▼");
};
