// A list of any length of which only the visible rows exist.

const kOverscan = 4; // rows kept above and below the visible ones
const kTallest = 8e6; // pixels; browsers lose precision, or give up, far above this

// `make(item)` makes the row of an item, `pick(item)` is called when it was clicked. Items are numbers.
class VirtualList {
  constructor(label, make, pick) {
    this.make = make;
    this.items = [];
    this.rows = new Map(); // item -> element
    this.selected = -1;
    this.height = 76;
    this.space = element("div", { class: "space", role: "presentation" });
    this.root = element("div", { class: "list", role: "listbox", tabindex: "0", "aria-label": label }, this.space);
    this.root.addEventListener("scroll", () => this.draw(), { passive: true });
    this.root.addEventListener("click", (event) => {
      const row = event.target.closest(".row");
      if (row) pick(Number(row.dataset.item));
    });
    new ResizeObserver(() => this.draw()).observe(this.root);
  }

  // Shows other items; rows that were made for the same item stay, unless `fresh` says that they look different now.
  show(items, height, fresh) {
    this.items = items;
    if (fresh || height !== this.height) this.forget();
    this.height = height;
    this.full = items.length * height;
    this.root.classList.toggle("nothing", items.length === 0); // changes the height that draw() looks at
    this.space.style.height = `${Math.min(this.full, kTallest)}px`;
    this.draw();
  }

  forget() {
    for (const row of this.rows.values()) row.remove();
    this.rows.clear();
  }

  // How far the list has been scrolled, in pixels of a list that is not shortened to kTallest.
  offset() {
    const view = this.root.clientHeight;
    if (this.full <= kTallest) return this.root.scrollTop;
    return (this.root.scrollTop / (kTallest - view)) * (this.full - view);
  }

  scrollTo(offset) {
    const view = this.root.clientHeight;
    this.root.scrollTop = this.full <= kTallest ? offset : (offset / (this.full - view)) * (kTallest - view);
  }

  draw() {
    const view = this.root.clientHeight, offset = this.offset(), shift = this.root.scrollTop - offset;
    const first = Math.max(0, Math.floor(offset / this.height) - kOverscan);
    const last = Math.min(this.items.length, Math.ceil((offset + view) / this.height) + kOverscan);
    const wanted = new Set(this.items.slice(first, last));
    for (const [item, row] of this.rows) {
      if (!wanted.has(item)) {
        row.remove();
        this.rows.delete(item);
      }
    }
    for (let position = first; position < last; ++position) {
      const item = this.items[position];
      let row = this.rows.get(item);
      if (!row) {
        row = this.make(item);
        row.setAttribute("role", "option");
        row.dataset.item = item;
        row.id = `sample-${item}`;
        this.rows.set(item, row);
        this.space.append(row);
      }
      row.style.height = `${this.height}px`;
      row.style.transform = `translateY(${position * this.height + shift}px)`;
      row.setAttribute("aria-posinset", position + 1);
      row.setAttribute("aria-setsize", this.items.length);
      this.mark(row, item);
    }
    if (this.rows.has(this.selected)) this.root.setAttribute("aria-activedescendant", `sample-${this.selected}`);
    else this.root.removeAttribute("aria-activedescendant");
  }

  mark(row, item) {
    row.classList.toggle("selected", item === this.selected);
    row.setAttribute("aria-selected", item === this.selected);
  }

  position() {
    return this.items.indexOf(this.selected);
  }

  select(item) {
    this.selected = item;
    for (const [shown, row] of this.rows) this.mark(row, shown);
    const position = this.position();
    if (position >= 0) {
      const top = position * this.height, view = this.root.clientHeight, offset = this.offset();
      if (top < offset) this.scrollTo(top);
      else if (top + this.height > offset + view) this.scrollTo(top + this.height - view);
    }
    this.draw();
  }

  pageLength() {
    return Math.max(1, Math.floor(this.root.clientHeight / this.height) - 1);
  }
}
