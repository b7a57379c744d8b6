// Light or dark: as the system has it, until the button says otherwise.

const kThemeKey = "bteval-theme";
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");

function storedTheme() {
  try {
    const stored = localStorage.getItem(kThemeKey);
    return stored === "light" || stored === "dark" ? stored : null;
  } catch {
    return null; // a page from a file may have no storage
  }
}

class Theme {
  constructor(changed) {
    this.changed = changed;
    this.chosen = storedTheme();
    this.button = button("", "", () => this.choose(this.isDark() ? "light" : "dark"), { class: "icon theme" });
    systemDark.addEventListener("change", () => this.show());
    this.show();
  }

  isDark() {
    return this.chosen ? this.chosen === "dark" : systemDark.matches;
  }

  choose(theme) {
    this.chosen = theme;
    try {
      localStorage.setItem(kThemeKey, theme);
    } catch {
      // the choice then lasts as long as the page
    }
    this.show();
  }

  show() {
    if (this.chosen) document.documentElement.dataset.theme = this.chosen;
    else delete document.documentElement.dataset.theme;
    this.button.textContent = this.isDark() ? "☀" : "☾";
    this.button.title = this.isDark() ? "Light colours (t)" : "Dark colours (t)";
    this.button.setAttribute("aria-label", this.button.title);
    this.changed();
  }
}
