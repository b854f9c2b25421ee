/**
 * A configuration, or results, as a tree that can be searched.
 * @module
 */
import { fill, h, settled } from "./dom.js";
import { middleCut } from "./format.js";
import { copy, empty } from "./notices.js";

/** Entries that are shown at once in one object or list. */
const MOST = 500;
const LONG = 300;

/**
 * @param {any} value
 * @param {string} label
 * @param {any[]} [later] configurations of later attempts that differ
 * @param {string[]} [masked] names whose values were masked as secrets
 */
export function configTree(value, label, later = [], masked = []) {
  if (value === null || value === undefined || (typeof value === "object" && Object.keys(value).length === 0)) {
    return empty(`${label}: nothing was recorded.`);
  }
  const find = h("input", { type: "search", placeholder: "Find a name or value", "aria-label": "Find in the " + label.toLowerCase() });
  const place = h("div", { class: "tree mono", role: "group", "aria-label": label });
  const draw = () => {
    const wanted = find.value.trim().toLowerCase();
    const tree = branch(value, wanted, "");
    fill(place, tree ?? h("p", { class: "soft" }, "Nothing matches."));
  };
  find.addEventListener("input", settled(80, draw));
  draw();
  return h(
    "div",
    { class: "stack" },
    h("div", { class: "tools" }, find, h("button", { type: "button", on: { click: () => copy(JSON.stringify(value, null, 2), label) } }, "Copy as JSON")),
    masked.length > 0 ? h("p", { class: "soft" }, "Masked as secrets: " + masked.join(", ").slice(0, 1_000)) : null,
    place,
    later.map((one, i) => h("details", null, h("summary", null, `A later attempt had another configuration${later.length > 1 ? ` (${i + 1})` : ""}`), h("pre", null, JSON.stringify(one, null, 2)))),
  );
}

/**
 * @param {any} value
 * @param {string} wanted lower case; empty for all
 * @param {string} path
 * @returns {HTMLElement|null} null where nothing matches
 */
function branch(value, wanted, path) {
  if (typeof value !== "object" || value === null) {
    return leaf(value);
  }
  const entries = Array.isArray(value) ? value.map((one, i) => /** @type {[string, any]} */ ([String(i), one])) : Object.entries(value);
  /** @type {HTMLElement[]} */
  const rows = [];
  for (const [name, one] of entries) {
    const here = path ? path + "." + name : name;
    const named = wanted === "" || here.toLowerCase().includes(wanted);
    const nested = typeof one === "object" && one !== null && Object.keys(one).length > 0;
    const child = nested ? branch(one, named ? "" : wanted, here) : named || String(one).toLowerCase().includes(wanted) ? leaf(one) : null;
    if (child === null) {
      continue;
    }
    if (rows.length === MOST) {
      rows.push(h("div", { class: "soft" }, `and ${entries.length - MOST} more; search to find them`));
      break;
    }
    const key = h("span", { class: "tree-key", title: here.slice(0, 1_000) }, h("bdi", null, middleCut(name, 80)));
    const size = nested ? h("span", { class: "soft" }, Array.isArray(one) ? ` [${one.length}]` : ` {${Object.keys(one).length}}`) : null;
    rows.push(nested ? h("details", { open: wanted !== "" || entries.length < 40 }, h("summary", null, key, size), child) : h("div", { class: "tree-leaf" }, key, child));
  }
  return rows.length === 0 && wanted !== "" ? null : h("div", { class: "tree-branch" }, rows);
}

/** @param {any} value */
function leaf(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const kind = value === null ? "null" : typeof value;
  return text.length > LONG
    ? h("details", { class: "tree-long" }, h("summary", null, h("bdi", { class: "tree-" + kind }, middleCut(text, 120))), h("pre", null, text))
    : h("bdi", { class: "tree-" + kind }, text === "" ? '""' : text);
}
