// The filters of one group. They change nothing themselves: `act(change)` gets what was asked for.

const kFoldFrom = 9; // longer lists of values start folded

class Controls {
  constructor(group, act) {
    this.search = element("input", { type: "search", id: "search", placeholder: "Search text, answers, ids", autocomplete: "off",
      spellcheck: "false", "aria-label": "Search in text, answers, predictions and ids" });
    this.search.addEventListener("input", () => act({ query: this.search.value }));
    const outcomes = kOutcomes.map((outcome, o) => ({ label: outcome.name, title: outcome.title, mark: () => outcomeMark(o) }));
    this.outcomes = group.names.map((name, r) =>
      new Facet(name, outcomes, (o, on) => act({ outcome: [r, o, on] }), { chips: true }));
    this.flips = group.runs.length > 1 ? new FlipFilter(group, (flip) => act({ flip })) : null;
    this.slices = group.slices.map((slice, s) =>
      new Facet(slice.name, slice.values.map((label) => ({ label })), (v, on) => act({ slice: [s, v, on] }),
        { folded: slice.values.length >= kFoldFrom }));
    this.clear = button("Clear filters", "Show all samples again", () => act({ clear: true }), { class: "clear" });
    const parts = [...this.outcomes, this.flips, ...this.slices].filter(Boolean).map((part) => part.root);
    this.root = element("form", { class: "filters", role: "search", "aria-label": "Filters" },
      element("div", { class: "search" }, this.search), ...parts, this.clear);
    this.root.addEventListener("submit", (event) => event.preventDefault());
  }

  show(state, matches) {
    if (this.search.value !== state.query) this.search.value = state.query;
    this.outcomes.forEach((facet, r) => facet.show(state.outcomes[r], matches.outcomes[r]));
    this.slices.forEach((facet, s) => facet.show(state.slices[s], matches.facets[s]));
    if (this.flips) this.flips.show(state.flip, matches.flips);
    this.clear.disabled = !isFiltered(state);
  }
}

// The order of the samples: by what, of which run, which way.
class SortControl {
  constructor(group, act) {
    const has = (key) => key === "file" || key === "value" || group.runs.some((run) => run[key]);
    const names = { file: "file order", value: "value", confidence: "confidence", rank: "rank" };
    this.key = choice(kSortKeys.filter(has).map((key) => [key, names[key]]), "Sort by", (key) => act({ sort: { key } }));
    this.run = choice(group.names.map((name, r) => [String(r), name]), "Run to sort by", (run) => act({ sort: { run: Number(run) } }));
    this.direction = button("", "", () => act({ sort: { descending: !this.descending } }), { class: "icon direction" });
    this.root = element("div", { class: "sort" }, element("span", {}, "Sort"), this.key, this.run, this.direction);
  }

  show(sort) {
    this.descending = sort.descending;
    this.key.value = sort.key;
    this.run.value = String(sort.run);
    this.run.hidden = sort.key === "file" || this.run.options.length < 2;
    this.direction.textContent = sort.descending ? "↓" : "↑";
    this.direction.title = sort.descending ? "Descending; change to ascending" : "Ascending; change to descending";
    this.direction.setAttribute("aria-label", this.direction.title);
  }
}
