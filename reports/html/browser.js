// The samples of one group: filters, list and details around one state.

class Browser {
  constructor(group, number, changed) {
    this.group = group;
    this.changed = changed;
    this.state = freshState(number);
    this.controls = new Controls(group, (change) => this.act(change));
    this.sort = new SortControl(group, (change) => this.act(change));
    this.list = new VirtualList(`Samples of ${group.title}`, (i) => sampleRow(group, i, this.reference()), (i) => this.pick(i));
    this.detail = new Detail(() => this.openDetails(false));
    this.count = element("strong");
    this.means = element("span", { class: "means" });
    this.status = element("div", { class: "status", role: "status", "aria-live": "polite" }, this.count, this.means);
    this.fold = button("Filters", "Show or hide the filters", () => {
      const folded = this.root.classList.toggle("filters-open");
      this.fold.setAttribute("aria-expanded", folded);
    }, { class: "fold", "aria-expanded": "false" });
    this.empty = element("p", { class: "no-match" }, "No sample passes these filters.");
    this.middle = element("div", { class: "middle" },
      element("div", { class: "head" }, this.fold, this.status, this.sort.root), this.list.root, this.empty);
    this.root = element("div", { class: "browser" }, this.controls.root, this.middle, this.detail.root);
    this.narrow = window.matchMedia("(max-width: 720px)");
    this.narrow.addEventListener("change", () => this.refresh(true));
    this.root.style.setProperty("--pictures", String(Math.min(2, group.pictures)));
    this.root.classList.toggle("several", group.runs.length > 1);
    this.root.classList.toggle("sure", group.runs.some((run) => run.confidence || run.rank));
  }

  reference() {
    return this.group.runs[this.state.flip.reference];
  }

  // Takes over a state, as that of an address.
  setState(state) {
    this.state = state;
    this.refresh(true);
    this.showSelected();
  }

  act(change) {
    const { state } = this;
    let fresh = false;
    if (change.query !== undefined) state.query = change.query;
    if (change.slice) this.toggle(state.slices[change.slice[0]], change.slice[1], change.slice[2]);
    if (change.outcome) this.toggle(state.outcomes[change.outcome[0]], change.outcome[1], change.outcome[2]);
    if (change.flip) {
      fresh = change.flip.reference !== undefined && change.flip.reference !== state.flip.reference;
      Object.assign(state.flip, change.flip);
    }
    if (change.sort) Object.assign(state.sort, change.sort);
    if (change.clear) {
      state.query = "";
      state.flip.kind = "";
      for (const set of [...state.slices, ...state.outcomes]) set.clear();
    }
    this.list.scrollTo(0);
    this.refresh(fresh);
    this.changed(state);
  }

  toggle(set, index, on) {
    if (on) set.add(index);
    else set.delete(index);
  }

  refresh(fresh = false) {
    const { group, state } = this;
    this.matches = findMatches(group, state);
    this.controls.show(state, this.matches);
    this.sort.show(state.sort);
    this.list.selected = state.selected;
    this.list.show(this.matches.order, rowHeight(group, this.narrow.matches), fresh);
    const { order, means } = this.matches;
    this.empty.hidden = order.length > 0;
    this.count.textContent = order.length === group.size ? plural(group.size, "sample") : `${whole(order.length)} of ${plural(group.size, "sample")}`;
    this.means.replaceChildren(...group.runs.flatMap((run, r) => this.meanParts(run, means[r], means[state.flip.reference], r)));
    if (fresh && state.open) this.showSelected();
  }

  meanParts(run, { mean, count }, reference, r) {
    if (!count) return [element("span", { class: "mean" }, foreign("span", run.name), " –")];
    const difference = r === this.state.flip.reference || !reference.count ? "" : ` (${signed(100 * (mean - reference.mean))})`;
    const title = `mean value over ${plural(count, "counted sample")} of those shown`;
    return [element("span", { class: "mean", title }, foreign("span", run.name, { class: "of" }), " ",
      element("b", {}, `${fixed(100 * mean)}\u202f%`), difference)];
  }

  pick(i) {
    this.state.selected = i;
    this.list.select(i);
    this.openDetails(true);
  }

  // Moves the selection by so many rows, or to an end; where nothing is selected, a step selects the first visible sample.
  move(steps) {
    const { order } = this.matches;
    if (!order.length) return;
    const at = this.list.position();
    const first = Math.min(order.length - 1, Math.ceil(this.list.offset() / this.list.height));
    const to = at < 0 && Number.isFinite(steps) ? first : Math.max(0, Math.min(order.length - 1, at + steps));
    this.state.selected = order[to];
    this.list.select(order[to]);
    if (this.state.open) this.showSelected();
    this.changed(this.state);
  }

  openDetails(open) {
    this.state.open = open && this.state.selected >= 0;
    this.showSelected();
    if (!open) this.list.root.focus({ preventScroll: true });
    this.changed(this.state);
  }

  showSelected() {
    const { selected, open } = this.state;
    this.root.classList.toggle("detail-open", open);
    if (open) this.detail.show(this.group, selected, this.reference());
    else this.detail.hide();
    if (selected >= 0) this.list.select(selected);
  }

  cycleFlips() {
    if (!this.controls.flips) return;
    const kinds = kFlips.map(({ key }) => key);
    this.act({ flip: { kind: kinds[(kinds.indexOf(this.state.flip.kind) + 1) % kinds.length] } });
  }
}
