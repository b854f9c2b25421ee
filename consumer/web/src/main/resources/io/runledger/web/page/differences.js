/**
 * Tables of a comparison: configurations, only where they differ unless asked, and values.
 * @module
 */
import { penMark } from "./charts.js";
import { pens } from "./colour.js";
import { fill, h } from "./dom.js";
import { differs, metricNames, paths } from "./flat.js";
import { count, middleCut, number, plain, toNumber, withoutCommon } from "./format.js";
import { light } from "./highlight.js";
import { parameters, runUrl, setParameters } from "./router.js";
import { statusMark } from "./status.js";

/** More runs than this are rows, unless the reader turns the table: rows are scrolled more easily. */
const MOST_COLUMNS = 12;

/** @typedef {import("./flat.js").Compared} Compared */
/** @typedef {{text: import("./dom.js").Child|import("./dom.js").Child[], title: string, same: boolean, best?: boolean}} Cell */

/**
 * A table that can be turned on its side.
 * @param {string} corner
 * @param {Compared[]} runs
 * @param {string[]} rows
 * @param {(row: string, run: Compared) => Cell} cell
 * @param {boolean} turned runs as rows
 * @param {(id: string) => void} onRemove
 */
function matrix(corner, runs, rows, cell, turned, onRemove) {
  const all = pens(runs.map(({ id }) => id));
  const shorter = new Map(withoutCommon(runs.map(({ name }) => name)).map((name, i) => [runs[i].id, name]));
  const runHead = (/** @type {Compared} */ run) => [
    penMark(all.get(run.id)), " ",
    h("a", { href: runUrl(run.id), title: run.name.slice(0, 500) }, h("bdi", null, middleCut(shorter.get(run.id) ?? "", 34))), " ",
    h("button", { class: "quiet", type: "button", title: "Take this run out", "aria-label": "Take out " + run.name.slice(0, 60), on: { click: () => onRemove(run.id) } }, "✕"),
    h("div", null, statusMark(run.status)),
  ];
  const lit = (/** @type {Compared} */ run) => ({ mouseenter: () => light(run.id), mouseleave: () => light(null) });
  const rowHead = (/** @type {string} */ row) => h("bdi", { title: row.slice(0, 500) }, middleCut(row, 48));
  const body = (/** @type {Cell} */ one) => h("td", { class: one.same ? "same" : one.best ? "best" : "", title: one.title.slice(0, 1_000) }, one.text);
  return h("div", { class: "scroll-x", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", { class: "plain" }, turned
    ? [h("thead", null, h("tr", null, h("th", { class: "sticky" }, "Run"), rows.map((row) => h("th", null, rowHead(row))))),
       h("tbody", null, runs.map((run) => h("tr", { on: lit(run) }, h("th", { class: "sticky", scope: "row" }, runHead(run)), rows.map((row) => body(cell(row, run))))))]
    : [h("thead", null, h("tr", null, h("th", { class: "sticky" }, corner), runs.map((run) => h("th", { on: lit(run) }, runHead(run))))),
       h("tbody", null, rows.map((row) => h("tr", null, h("th", { class: "sticky", scope: "row" }, rowHead(row)), runs.map((run) => body(cell(row, run))))))]));
}

/**
 * @param {Compared[]} runs
 * @param {(state: {all: boolean, turned: boolean, find: string}) => HTMLElement} make
 * @param {boolean} withAll
 */
function adjustable(runs, make, withAll) {
  const url = parameters();
  const usual = { all: false, turned: runs.length > MOST_COLUMNS };
  const on = (/** @type {"all"|"turned"} */ what) => (url.has(what) ? url.get(what) === "1" : usual[what]);
  const state = { all: on("all"), turned: on("turned"), find: "" };
  const place = h("div");
  const draw = () => fill(place, make(state));
  const toggle = (/** @type {"all"|"turned"} */ what, /** @type {string} */ text) => {
    const button = h("button", { type: "button", "aria-pressed": String(state[what]) }, text);
    button.addEventListener("click", () => {
      state[what] = !state[what];
      button.setAttribute("aria-pressed", String(state[what]));
      setParameters({ [what]: state[what] === usual[what] ? null : state[what] ? "1" : "0" });
      draw();
    });
    return button;
  };
  const find = h("input", { type: "search", placeholder: "Find a name", "aria-label": "Find a name" });
  find.addEventListener("input", () => {
    state.find = find.value.toLowerCase();
    draw();
  });
  draw();
  return h("div", { class: "stack" }, h("div", { class: "tools" }, find, withAll ? toggle("all", "Show what is equal") : null, toggle("turned", "Runs as rows")), place);
}

/**
 * @param {Compared[]} runs
 * @param {(id: string) => void} onRemove
 */
export function differences(runs, onRemove) {
  return adjustable(runs, ({ all, turned, find }) => {
    const rows = paths(runs).filter((path) => (all || differs(runs, path)) && path.toLowerCase().includes(find));
    if (rows.length === 0) {
      return h("p", { class: "soft" }, all || find ? "Nothing matches." : runs.length < 2 ? "One run differs from nothing. Show what is equal to see its configuration." : "The configurations are equal.");
    }
    return matrix("Configuration", runs, rows, (path, run) => {
      const value = run.config.get(path);
      const text = value === undefined ? "–" : plain(value);
      return { text: h("bdi", { class: "mono" }, middleCut(text, 60)), title: value === undefined ? "not in this configuration" : typeof value === "string" ? value : JSON.stringify(value), same: !differs(runs, path) };
    }, turned, onRemove);
  }, true);
}

/**
 * @param {Compared[]} runs
 * @param {(id: string) => void} onRemove
 */
export function values(runs, onRemove) {
  return adjustable(runs, ({ turned, find }) => {
    const names = metricNames(runs).filter((name) => name.toLowerCase().includes(find));
    const rows = names.flatMap((name) => [`${name} best`, `${name} last`]);
    if (rows.length === 0) {
      return h("p", { class: "soft" }, "No metric matches.");
    }
    const valueOf = (/** @type {string} */ row, /** @type {Compared} */ run) => run.metrics.find((metric) => metric.metric_name === row.slice(0, -5))?.[row.endsWith(" best") ? "best" : "final"];
    const tops = new Map(rows.map((row) => [row, topOf(row, runs.map((run) => toNumber(valueOf(row, run)?.value)))]));
    return matrix("Metric", runs, rows, (row, run) => {
      const one = valueOf(row, run);
      return one ? { text: [number(one.value), typeof one.step === "number" ? h("span", { class: "at" }, " @ " + count(one.step)) : null], title: String(one.value), same: false, best: toNumber(one.value) === tops.get(row) } : { text: "–", title: "not logged", same: true };
    }, turned, onRemove);
  }, false);
}

/**
 * The best of some values, where a smaller or larger one is known to be better by the metric's name.
 * @param {string} name
 * @param {(number|null)[]} values
 * @returns {number|undefined}
 */
function topOf(name, values) {
  const known = /** @type {number[]} */ (values.filter((value) => value !== null && Number.isFinite(value)));
  if (known.length < 2) {
    return undefined;
  }
  return /loss|err|perplexity|mae|mse/i.test(name) ? Math.min(...known) : /acc|f1|auc|bleu|score|reward|precision|recall/i.test(name) ? Math.max(...known) : undefined;
}
