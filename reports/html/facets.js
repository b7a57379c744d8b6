// Lists of check boxes with the number of samples behind each.

// A fieldset, or where `folded` is given a details element, whose boxes belong to `items`, [{label, title, mark()}].
// `changed(index, on)` is called on a click.
class Facet {
  constructor(name, items, changed, { folded = null, chips = false } = {}) {
    this.counts = items.map(() => element("span", { class: "count" }));
    this.boxes = items.map((item, i) => {
      const box = element("input", { type: "checkbox" });
      box.addEventListener("change", () => changed(i, box.checked));
      return box;
    });
    this.labels = items.map((item, i) =>
      element("label", { title: item.title || item.label }, this.boxes[i], item.mark ? item.mark() : null,
        foreign("span", item.label, { class: "name" }), this.counts[i]));
    const list = element("div", { class: chips ? "chips" : "values", role: "group", "aria-label": name }, ...this.labels);
    this.chosen = element("span", { class: "chosen" });
    if (folded === null) {
      this.root = element("fieldset", {}, element("legend", {}, foreign("span", name), this.chosen), list);
    } else {
      this.root = element("details", { open: !folded },
        element("summary", {}, foreign("span", name), this.chosen), list);
    }
  }

  show(chosen, counts) {
    this.boxes.forEach((box, i) => {
      box.checked = chosen.has(i);
      this.counts[i].textContent = whole(counts[i]);
      this.labels[i].classList.toggle("empty", counts[i] === 0 && !box.checked);
    });
    this.chosen.textContent = chosen.size && this.root.tagName === "DETAILS" ? ` ${chosen.size} chosen` : "";
  }
}
