// Which samples a state shows, in which order, and how many each further choice would leave.

// {order, facets, outcomes, flips, means}: `order` holds the shown samples; `facets[slice][value]`, `outcomes[run][kind]`
// and `flips[kind]` count the samples that all other filters leave, so that they say what a click would show.
function findMatches(group, state) {
  const words = forSearch(state.query).split(/\s+/).filter(Boolean);
  const texts = words.length ? searchTexts(group) : null;
  const { slices, runs } = group;
  const facets = slices.map((slice) => new Uint32Array(slice.values.length));
  const outcomes = runs.map(() => new Uint32Array(kOutcomes.length));
  const flips = new Uint32Array(3);
  const run = runs[state.flip.run], reference = runs[state.flip.reference];
  const kFlip = slices.length + runs.length; // filters are numbered: slices, runs, the flip
  const found = new Uint32Array(group.size);
  let count = 0;
  for (let i = 0; i < group.size; ++i) {
    if (texts && !words.every((word) => texts[i].includes(word))) continue;
    let failed = -1, failures = 0;
    const fail = (filter) => {
      failed = filter;
      ++failures;
    };
    for (let s = 0; s < slices.length && failures < 2; ++s)
      if (state.slices[s].size && !state.slices[s].has(slices[s].column[i])) fail(s);
    for (let r = 0; r < runs.length && failures < 2; ++r)
      if (state.outcomes[r].size && !state.outcomes[r].has(runs[r].outcome[i])) fail(slices.length + r);
    const flip = run && reference ? flipOf(run.value[i], reference.value[i]) : kSame;
    if (state.flip.kind && !isFlip(flip, state.flip.kind)) fail(kFlip);
    if (failures > 1) continue;
    if (failures === 0) found[count++] = i;
    for (let s = 0; s < slices.length; ++s)
      if ((failed === -1 || failed === s) && slices[s].column[i] >= 0) ++facets[s][slices[s].column[i]];
    for (let r = 0; r < runs.length; ++r)
      if (failed === -1 || failed === slices.length + r) ++outcomes[r][runs[r].outcome[i]];
    if (failed === -1 || failed === kFlip) ++flips[flip];
  }
  const order = found.slice(0, count);
  sortMatches(order, group, state.sort);
  return { order, facets, outcomes, flips, means: runs.map((shown) => meanValue(shown, order)) };
}

function isFlip(flip, kind) {
  if (kind === "better") return flip === kBetter;
  if (kind === "worse") return flip === kWorse;
  return flip !== kSame;
}

// Samples without the number come last in both directions; equal ones stay in the file's order.
function sortMatches(order, group, sort) {
  const column = sort.key === "file" || !group.runs[sort.run] ? null : group.runs[sort.run][sort.key];
  if (!column) {
    if (sort.descending) order.reverse();
    return;
  }
  const sign = sort.descending ? -1 : 1;
  order.sort((a, b) => {
    const x = column[a], y = column[b];
    if (x === y) return a - b;
    if (Number.isNaN(x)) return Number.isNaN(y) ? a - b : 1;
    return Number.isNaN(y) ? -1 : sign * (x - y);
  });
}

// {mean, count} over the samples that count; a mean of nothing is NaN.
function meanValue(run, order) {
  let sum = 0, count = 0;
  for (const i of order) {
    const value = run.value[i];
    if (!Number.isNaN(value)) {
      sum += value;
      ++count;
    }
  }
  return { mean: sum / count, count };
}
