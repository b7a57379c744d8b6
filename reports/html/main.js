// The page: a bar with the groups of runs, the charts and the samples of one group at a time.

const kAddressDelay = 250; // milliseconds; browsers refuse quick changes of the address

const page = {
  groups: [], // {charts, browser, root, tab}, filled when first shown
  current: 0,
  help: helpDialog(),
  browser: () => (page.groups[page.current] ? page.groups[page.current].browser : null),
  allCharts: () => page.groups.map(({ charts }) => charts),
  step(by) {
    if (page.groups.length) page.show((page.current + by + page.groups.length) % page.groups.length, true);
  },
  search() {
    const browser = page.browser();
    browser.root.classList.add("filters-open");
    browser.root.scrollIntoView({ block: "start" });
    browser.controls.search.focus({ preventScroll: true });
    browser.controls.search.select();
  },
};

let addressTimer = 0;
function rememberState(state) {
  clearTimeout(addressTimer);
  addressTimer = setTimeout(() => history.replaceState(null, "", stateToHash(state)), kAddressDelay);
}

page.show = (number, remember) => {
  page.current = number;
  page.groups.forEach((view, i) => {
    view.root.hidden = i !== number;
    if (view.tab) {
      view.tab.setAttribute("aria-selected", i === number);
      view.tab.tabIndex = i === number ? 0 : -1;
    }
  });
  const browser = page.browser();
  if (browser && !browser.matches) browser.refresh(true);
  if (browser) {
    browser.list.draw();
    if (window.requestIdleCallback) requestIdleCallback(() => searchTexts(browser.group)); // so that the first search is quick, too
  }
  if (remember) rememberState(browser ? browser.state : freshState(number));
};

function groupView(group, number) {
  const charts = new Charts(group, number);
  const browser = group.size ? new Browser(group, number, rememberState) : null;
  const root = element("section", { class: "group", id: `group-${number + 1}`, "aria-label": group.title, hidden: true },
    element("h2", {}, foreign("span", group.title), element("small", {}, group.selection)), charts.root,
    browser && browser.root);
  return { charts, browser, root, tab: null };
}

function tabList() {
  const list = element("div", { class: "tabs", role: "tablist", "aria-label": "Runs that can be looked at side by side" });
  page.groups.forEach((view, i) => {
    view.root.setAttribute("role", "tabpanel");
    view.tab = button(foreign("span", groups[i].title), `Charts and samples of ${groups[i].title}`, () => page.show(i, true),
      { role: "tab", "aria-controls": view.root.id });
    list.append(view.tab);
  });
  list.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    page.step(by);
    page.groups[page.current].tab.focus();
  });
  return list;
}

function readAddress() {
  const state = stateFromHash(location.hash);
  if (!state) return false;
  page.show(state.group, false);
  const browser = page.browser();
  if (browser) browser.setState(state);
  return true;
}

function start() {
  page.theme = new Theme(() => page.allCharts().forEach((charts) => charts.redraw()));
  page.groups = groups.map(groupView);
  const jump = (title, target) => button(title, `Go to ${title.toLowerCase()}`, () => {
    const found = target();
    if (found) found.scrollIntoView({ block: "start" });
  }, { class: "jump" });
  const bar = document.getElementById("bar");
  bar.append(element("nav", { "aria-label": "Parts of the page" },
    jump("Leaderboard", () => document.getElementById("leaderboard")),
    groups.some((group) => group.charts.length) && jump("Charts", () => page.groups[page.current].root),
    groups.some((group) => group.size) && jump("Samples", () => page.browser() && page.browser().root)));
  bar.append(element("span", { class: "space" }), page.theme.button,
    button("?", "Keys (?)", () => page.help.showModal(), { class: "icon", "aria-label": "Keys" }));
  const main = document.querySelector("main");
  if (groups.length > 1) main.append(tabList());
  main.append(...page.groups.map(({ root }) => root));
  document.body.append(page.help);
  if (!readAddress() && groups.length) page.show(0, false);
  window.addEventListener("hashchange", readAddress);
  listenToKeys(page);
  preparePrinting(page);
}

start();
