// The filter for samples that two runs answer differently.

class FlipFilter {
  constructor(group, changed) {
    const runs = group.names.map((name, r) => [String(r), name]);
    this.kind = choice(kFlips.map(({ key, name }) => [key, name]), "Which flips", (kind) => changed({ kind }));
    this.run = choice(runs, "Run that changes", (run) => changed({ run: Number(run) }));
    this.reference = choice(runs, "Run it is compared with", (run) => changed({ reference: Number(run) }));
    this.root = element("fieldset", { class: "flips" }, element("legend", {}, "Flips"), this.kind,
      element("span", {}, "in"), this.run, element("span", {}, "against"), this.reference);
  }

  show(flip, counts) {
    this.kind.value = flip.kind;
    this.run.value = String(flip.run);
    this.reference.value = String(flip.reference);
    const shown = { any: counts[kBetter] + counts[kWorse], better: counts[kBetter], worse: counts[kWorse] };
    for (const option of this.kind.options) {
      const { name } = kFlips.find(({ key }) => key === option.value);
      option.textContent = option.value ? `${name} (${whole(shown[option.value])})` : name;
    }
  }
}
