// What is looked at: filters, order and the selected sample. It stands in the address behind '#', so that a link to the
// page is a link to a view.

const kSortKeys = ["file", "value", "confidence", "rank"];

const freshState = (group) => ({
  group,
  query: "",
  slices: groups[group] ? groups[group].slices.map(() => new Set()) : [], // indices of the slice's values
  outcomes: groups[group] ? groups[group].runs.map(() => new Set()) : [],
  flip: { kind: "", run: 1, reference: 0 },
  sort: { key: "file", run: 0, descending: false },
  selected: -1,
  open: false,
});

const isFiltered = (state) =>
  state.query !== "" || state.flip.kind !== "" || state.slices.some((set) => set.size) || state.outcomes.some((set) => set.size);

function stateToHash(state) {
  const group = groups[state.group];
  const out = new URLSearchParams({ group: state.group + 1 });
  if (state.query) out.set("q", state.query);
  state.slices.forEach((chosen, s) => {
    for (const value of chosen) out.append(`slice:${group.slices[s].name}`, group.slices[s].values[value]);
  });
  state.outcomes.forEach((chosen, r) => {
    if (chosen.size) out.set(`run:${r + 1}`, [...chosen].sort().map((o) => kOutcomes[o].key).join(" "));
  });
  if (state.flip.kind) out.set("flip", `${state.flip.kind} ${state.flip.run + 1} ${state.flip.reference + 1}`);
  if (state.sort.key !== "file" || state.sort.descending)
    out.set("sort", `${state.sort.key} ${state.sort.run + 1} ${state.sort.descending ? "down" : "up"}`);
  if (state.selected >= 0) out.set("id", group.ids[state.selected]);
  if (state.open) out.set("details", "1");
  return `#${out}`;
}

// The number of a run as the address gives it, from 1; `otherwise` where there is no such run.
function runNumber(text, group, otherwise) {
  const run = Number(text) - 1;
  return Number.isInteger(run) && run >= 0 && run < group.runs.length ? run : otherwise;
}

// The state that an address describes; null where it describes none, as the anchor of a footnote. Parts that do not fit
// this page are left out.
function stateFromHash(hash) {
  if (!hash.includes("=") || !groups.length) return null;
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const number = Number(given.get("group") || 1) - 1;
  const state = freshState(groups[number] ? number : 0);
  const group = groups[state.group];
  state.query = given.get("q") || "";
  group.slices.forEach((slice, s) => {
    for (const value of given.getAll(`slice:${slice.name}`)) {
      const index = slice.values.indexOf(value);
      if (index >= 0) state.slices[s].add(index);
    }
  });
  group.runs.forEach((_, r) => {
    for (const key of (given.get(`run:${r + 1}`) || "").split(" ")) {
      const outcome = kOutcomes.findIndex((known) => known.key === key);
      if (outcome >= 0) state.outcomes[r].add(outcome);
    }
  });
  const [kind, run, reference] = (given.get("flip") || "").split(" ");
  if (group.runs.length > 1 && kFlips.some((flip) => flip.key === kind))
    state.flip = { kind, run: runNumber(run, group, 1), reference: runNumber(reference, group, 0) };
  const [key, sorted, direction] = (given.get("sort") || "").split(" ");
  if (kSortKeys.includes(key)) state.sort = { key, run: runNumber(sorted, group, 0), descending: direction === "down" };
  if (given.has("id")) state.selected = group.ids.indexOf(given.get("id"));
  state.open = given.get("details") === "1" && state.selected >= 0;
  return state;
}
