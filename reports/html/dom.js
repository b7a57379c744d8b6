// Elements and numbers. What comes from data becomes text nodes or the values of harmless attributes, never markup.

const kSafeAttribute =
  /^(class|id|role|title|type|for|name|value|tabindex|scope|colspan|dir|alt|width|height|placeholder|autocomplete|spellcheck|hidden|open|checked|selected|multiple|aria-[a-z]+)$/;

// element("td", {class: "n"}, "text", otherElement, null): an element with attributes and children. An attribute that is
// true stands without a value; one that is false, null or undefined is left out, as are such children.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (!kSafeAttribute.test(name)) throw new Error(`attribute ${name} is not for data`);
    if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

function button(label, title, action, attributes = {}) {
  const made = element("button", { type: "button", title, ...attributes }, label);
  made.addEventListener("click", action);
  return made;
}

// A select whose options are pairs of value and text.
function choice(options, label, changed) {
  const made = element("select", { "aria-label": label }, ...options.map(([value, text]) => element("option", { value }, text)));
  made.addEventListener("change", () => changed(made.value));
  return made;
}

// Text of unknown language and direction, which must not turn around what stands beside it.
const foreign = (tag, text, attributes = {}) => element(tag, { dir: "auto", ...attributes }, text);

const shortened = (text, length) => {
  if (text.length <= length) return text;
  const cut = text.slice(0, length - 1);
  return cut.replace(/[\ud800-\udbff]$/, "") + "…"; // no half of a surrogate pair
};

const kWhole = new Intl.NumberFormat("en-US");
const whole = (number) => kWhole.format(number);
const plural = (number, noun) => `${whole(number)} ${noun}${number === 1 ? "" : "s"}`;
const fixed = (number, digits = 2) => {
  if (number === null || number === undefined || Number.isNaN(number)) return "–";
  return number.toFixed(digits).replace("-", "\u2212");
};
const signed = (number, digits = 2) => (number > 0 ? "+" : "") + fixed(number, digits);
// A probability in per cent; never rounded up to certainty.
const probability = (number) => {
  if (Number.isNaN(number)) return "";
  const rounded = (100 * number).toFixed(1);
  return `${rounded === "100.0" && number < 1 ? ">99.9" : rounded}\u202f%`;
};
