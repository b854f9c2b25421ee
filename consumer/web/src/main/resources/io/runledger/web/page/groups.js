/**
 * Groups: all runs that match, taken together by parts of the key or the configuration.
 * @module
 */
import { get, isAbort } from "./api.js";
import { Chart } from "./chart.js";
import { penMark } from "./charts.js";
import { groupPens } from "./colour.js";
import { curve } from "./curve.js";
import { fill, h, svg } from "./dom.js";
import { both, field, literal, split } from "./fields.js";
import { filterBox, names } from "./filter-box.js";
import { rankOf } from "./flat.js";
import { count, counted, duration, middleCut, number, plain, toNumber } from "./format.js";
import { light, onLight } from "./highlight.js";
import { LiveView } from "./live-view.js";
import { empty, loading, problem } from "./notices.js";
import { Refresher } from "./refresher.js";
import { parameters, setParameters } from "./router.js";
import { onTheme } from "./theme.js";

const ALL_BUT_SEED = "experiment,dataset,method,subject,cl_info,project";
const IN_CHART = 20;
const AXES = /** @type {const} */ (["step", "epoch", "elapsed"]);
const MOST_GROUPS = 50_000;

/** @returns {import("./app.js").View} */
export function view() {
  return new GroupsView();
}

/** @typedef {{key: [string, any][], label: string, left: string, runs: number, failed: number, n: number, mean: number|null, std: number|null, median: number|null, min: number|null, max: number|null, low: number|null, high: number|null}} Group */

class GroupsView extends LiveView {
  constructor() {
    super("Groups", h("div", { class: "stack" }, loading("Loading the groups")));
    this.state = stateOf(parameters());
    /** @type {Group[]} */
    this.groups = [];
    /** What curves were asked for. @type {typeof this.state|undefined} */
    this.asked = undefined;
    this.curves = new Refresher((signal) => this.#askCurves(signal));
    this.curvePlace = h("div", { class: "chart wide of-groups", role: "figure" });
    /** @type {Chart|undefined} */
    this.chart = undefined;
    this.chartStamp = "";
    /** What is zoomed to. @type {[number, number]|null} */
    this.range = null;
    this.box = filterBox("", (filter) => this.#set({ filter }));
    this.by = h("input", { type: "text", class: "mono", "aria-label": "Group by, separated by commas", list: "group-by", size: "36" });
    this.by.addEventListener("change", () => this.#set({ by: this.by.value.replace(/\s*,\s*/g, ",").trim() }));
    this.metric = h("select", { "aria-label": "Metric" });
    this.metric.addEventListener("change", () => this.#set({ metric: this.metric.value }));
    this.value = h("select", { "aria-label": "Which value" }, [["best", "best"], ["last", "last"], ["min", "min"], ["max", "max"], ["at", "at step …"]].map(([value, text]) => h("option", { value }, text)));
    this.step = h("input", { type: "number", min: "0", "aria-label": "Step", placeholder: "step", hidden: true, size: "8" });
    const chooseValue = () => {
      this.step.hidden = this.value.value !== "at";
      if (this.value.value !== "at") {
        this.#set({ value: this.value.value });
      } else if (this.step.value) {
        this.#set({ value: "at:" + this.step.value });
      } else {
        this.step.focus();
      }
    };
    this.value.addEventListener("change", chooseValue);
    this.step.addEventListener("change", chooseValue);
    this.axis = h("select", { "aria-label": "X axis of the curves" }, [["step", "Step"], ["epoch", "Epoch"], ["elapsed", "Elapsed"]].map(([value, text]) => h("option", { value }, text)));
    this.axis.addEventListener("change", () => this.#set({ x: this.axis.value === "step" ? "" : this.axis.value }));
    this.suggestions = h("datalist", { id: "group-by" });
    const suggest = (/** @type {string} */ text, /** @type {string} */ by) => h("button", { class: "quiet link", type: "button", on: { click: () => this.#set({ by }) } }, text);
    this.element = h(
      "article",
      { class: "padded" },
      h("h1", null, "Groups"),
      h("div", { class: "tools" }, this.box.element),
      h("div", { class: "tools" }, h("label", null, "Group by ", this.by), this.suggestions, suggest("all but the seed", ALL_BUT_SEED), suggest("method", "method"), suggest("dataset, method", "dataset,method"), h("label", null, "Metric ", this.metric), h("label", null, "Value ", this.value), this.step, h("label", null, "x ", this.axis)),
      this.result,
    );
    this.ends.push(onTheme(() => this.chart?.rebuild()), onLight((run) => { this.chart?.redraw(); this.element.querySelectorAll("tr[data-group]").forEach((row) => row.classList.toggle("lit", /** @type {HTMLElement} */ (row).dataset.group === run)); }), () => this.chart?.dispose(), () => this.curves.end());
    this.#start();
  }

  moved() {
    this.#read();
    this.load();
    return true;
  }

  #read() {
    const state = stateOf(parameters(), this.state.metric);
    if (JSON.stringify(state) !== JSON.stringify(this.state)) {
      this.state = state;
    }
    this.axis.value = this.state.x;
    this.box?.set(this.state.filter);
    this.by.value = this.state.by.replace(/,/g, ", ");
    const at = /^at:(.*)$/.exec(this.state.value);
    this.value.value = at ? "at" : this.state.value;
    this.step.hidden = !at;
    this.step.value = at ? at[1] : "";
    this.metric.value = this.state.metric;
  }

  async #start() {
    this.#read();
    names("config", "", this.ending.signal).then((found) => fill(this.suggestions, found.map(({ name }) => h("option", { value: field("config", name) }))), () => {});
    this.load();
  }

  /** @param {Record<string, string>} change */
  #set(change) {
    setParameters(change, true);
    this.#read();
    this.load();
  }

  /** @param {AbortSignal} signal */
  async refresh(signal) {
    if (this.metric.options.length === 0) {
      await this.#offerMetrics(signal);
    }
    const { state } = this;
    if (!state.metric) {
      fill(this.result, empty("No metric has been logged yet."));
      return;
    }
    const answer = await get("groups", { by: state.by, metric: state.metric, filter: state.filter, value: state.value, limit: MOST_GROUPS }, signal);
    const groups = answer.groups.map((/** @type {any} */ one) => group(one, split(state.by)));
    if (this.isNews([state, answer])) {
      this.#show(groups);
    }
    this.groups = groups;
    // Curves take longer than the table, which does not wait for them.
    if (this.asked === state) {
      this.curves.soon();
    } else {
      this.asked = state;
      this.curves.now();
    }
  }

  /** @param {AbortSignal} signal */
  async #askCurves(signal) {
    if (this.groups.length === 0) {
      return;
    }
    const { state } = this;
    const { by, metric, filter, x } = state;
    try {
      const answer = await get("groups/curves", { by, metric, filter, x, width: 400, limit: IN_CHART }, signal);
      if (state === this.state) {
        this.#showCurves(answer, this.groups);
      }
    } catch (error) {
      if (!isAbort(error) && this.chart === undefined) {
        fill(this.curvePlace, problem(error, () => this.curves.now()));
      }
    }
  }

  /** @param {AbortSignal} signal */
  async #offerMetrics(signal) {
    const ordered = (await names("metric", "", signal)).sort((a, b) => rankOf(a.name) - rankOf(b.name));
    fill(this.metric, ordered.map(({ name }) => h("option", { value: name }, middleCut(name, 48))));
    this.state.metric ||= ordered[0]?.name ?? "";
    this.metric.value = this.state.metric;
  }

  /** @param {Group[]} groups */
  #show(groups) {
    const { state } = this;
    if (groups.length === 0) {
      fill(this.result, empty("No run matches."));
      return;
    }
    const columns = groups[0].key.map(([name]) => name).filter((_, i) => groups.some((one) => one.key[i][1] !== null && one.key[i][1] !== undefined && one.key[i][1] !== ""));
    const lows = groups.map((one) => one.low ?? one.mean).filter((n) => n !== null && Number.isFinite(n));
    const highs = groups.map((one) => one.high ?? one.mean).filter((n) => n !== null && Number.isFinite(n));
    const range = /** @type {[number, number]} */ ([Math.min(...lows.map(Number)), Math.max(...highs.map(Number))]);
    const colours = groupPens(groups.map(({ label }) => label));
    const sorted = [...groups].sort((a, b) => (a.mean ?? Infinity) - (b.mean ?? Infinity));
    if (!/loss|err|perplexity|mae|mse/i.test(state.metric)) {
      sorted.reverse();
    }
    const table = h("div", { class: "scroll-x", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", { class: "plain" },
      h("thead", null, h("tr", null, h("th", null, h("span", { class: "visually-hidden" }, "Runs of the group")), columns.map((name) => h("th", null, name)), h("th", { class: "number" }, "Runs"), h("th", { class: "number" }, "Failed"), h("th", { class: "number", title: "Mean, standard deviation over the runs, and how many have the value" }, `${middleCut(state.metric, 24)} ${state.value}, mean ± std (n)`), h("th", null, "95 % interval"), ["Median", "Min", "Max"].map((text) => h("th", { class: "number" }, text)))),
      h("tbody", null, sorted.map((one) => ({ ...one, runsUrl: "/runs?filter=" + encodeURIComponent(both(state.filter, filterOf(one.key))) })).map((one) => h("tr", { "data-group": one.label, on: { mouseenter: () => light(one.label), mouseleave: () => light(null) } },
        h("td", null, h("a", { href: one.runsUrl, title: "The runs of this group" }, penMark(colours.get(one.label)), h("span", { class: "visually-hidden" }, "Runs of " + one.label.slice(0, 100)))),
        one.key.filter(([name]) => columns.includes(name)).map(([, value], i) => {
          const text = h("bdi", { title: plain(value).slice(0, 500) }, middleCut(plain(value) || "–", 40));
          return h("td", { class: "whole" }, i === 0 ? h("a", { href: one.runsUrl }, text) : text);
        }),
        h("td", { class: "number" }, count(one.runs)), h("td", { class: "number" + (one.failed ? " status-failed" : "") }, one.failed ? count(one.failed) : ""),
        h("td", { class: "number", title: one.mean === null ? one.left : `mean ${one.mean}, std ${one.std}, n ${one.n}${one.left ? "; " + one.left : ""}` }, one.mean === null ? "" : [number(one.mean), one.std === null ? null : ` ± ${number(one.std)}`, h("span", { class: "at" + (one.n < one.runs ? " status-timeout" : "") }, one.n < one.runs ? ` (${count(one.n)} of ${count(one.runs)})` : ` (${count(one.n)})`)]),
        h("td", null, interval(one, range)), h("td", { class: "number", title: String(one.median ?? "") }, number(one.median)), h("td", { class: "number", title: String(one.min ?? "") }, number(one.min)), h("td", { class: "number", title: String(one.max ?? "") }, number(one.max)))))));
    fill(this.result, h("p", { class: "soft" }, `${counted(groups.length, "group")} of ${counted(groups.reduce((sum, one) => sum + one.runs, 0), "run")}: all that match, whatever else is shown.`), table, this.curvePlace);
  }

  /**
   * @param {any} answer
   * @param {Group[]} groups
   */
  #showCurves(answer, groups) {
    const { state } = this;
    const by = split(state.by);
    const series = answer.series.map((/** @type {any} */ one) => curve({ run: labelOf(keyOf(one.key, by)), metric: state.metric, [state.x]: one[state.x], min: one.low ?? one.mean, max: one.high ?? one.mean, last: one.mean }));
    const place = this.curvePlace;
    if (series.length === 0) {
      fill(place);
      return;
    }
    const colours = groupPens(groups.map(({ label }) => label));
    const stamp = JSON.stringify([state.x, ...colours.keys()]);
    if (this.chartStamp !== stamp) {
      this.chart?.dispose();
      this.chart = undefined;
      this.chartStamp = stamp;
      this.range = null;
    }
    const look = { axis: state.x, log: false, clip: false, smooth: 0 };
    if (this.chart === undefined) {
      const value = h("span", { class: "chart-value mono" });
      const plot = h("div", { class: "chart-plot", role: "img", "aria-label": `Mean of ${state.metric} by group` });
      const legend = h("div", { class: "chart-legend" });
      fill(place, h("figcaption", null, h("span", { class: "chart-title" }, h("bdi", null, middleCut(state.metric, 60)), " mean and 95 % interval", groups.length > IN_CHART ? ` of the first ${IN_CHART} groups` : ""), value), plot, legend);
      const chart = new Chart(plot, {
        pens: colours, seams: [], sync: "groups",
        onZoom: (from, to) => { this.range = [from, to]; chart.show(chart.lines.map((line) => line.curve), look, this.range); },
        onUnzoom: () => { this.range = null; chart.show(chart.lines.map((line) => line.curve), look, null); },
        onCursor: (x) => {
          value.textContent = x === null ? "" : state.x === "elapsed" ? duration(x) || "0s" : `${state.x} ${number(state.x === "step" ? Math.round(x) : x)}`;
          fill(legend, chart.valuesAt(x).map((one) => h("span", { class: "legend-value" }, penMark(one.pen), h("bdi", null, middleCut(one.run, 30)), h("span", { class: "mono" }, number(one.value)))));
        },
      });
      this.chart = chart;
    }
    this.chart.show(series, look, this.range);
    this.chart.options.onCursor(null);
  }
}

/**
 * What an address asks for.
 * @param {URLSearchParams} url
 * @param {string} [metric] if the address names none
 */
function stateOf(url, metric = "") {
  const x = AXES.find((axis) => axis === url.get("x")) ?? "step";
  return { filter: url.get("filter") ?? "", by: url.get("by") ?? ALL_BUT_SEED, metric: url.get("metric") ?? metric, value: url.get("value") ?? "best", x };
}

/**
 * @param {any} key
 * @param {string[]} by
 * @returns {[string, any][]}
 */
function keyOf(key, by) {
  return Array.isArray(key) ? by.map((name, i) => [name, key[i] ?? null]) : by.map((name, i) => [name, key[name] ?? Object.values(key)[i] ?? null]);
}

/** @param {[string, any][]} key */
function labelOf(key) {
  return key.map(([, value]) => plain(value) || "-").join(" / ") || "all";
}

/**
 * @param {any} one
 * @param {string[]} by
 * @returns {Group}
 */
function group(one, by) {
  const key = keyOf(one.key, by);
  const numbers = { ...one, ...one.statistics };
  const at = (/** @type {string} */ name) => toNumber(numbers[name]);
  // Why fewer values count than there are runs.
  const left = [["without", "without a value"], ["nan", "NaN"], ["infinite", "infinite"]].filter(([name]) => one[name] > 0).map(([name, words]) => `${one[name]} ${words}`).join(", ");
  return { key, label: labelOf(key), left, runs: one.runs ?? 0, failed: one.failed ?? 0, n: at("n") ?? 0, mean: at("mean"), std: at("std"), median: at("median"), min: at("min"), max: at("max"), low: at("low"), high: at("high") };
}

/** @param {[string, any][]} key */
function filterOf(key) {
  return key.map(([name, value]) => (value === null || value === undefined ? `${name} is null` : `${name} = ${literal(value)}`)).join(" and ");
}

/**
 * The interval as a bar on one scale for all groups.
 * @param {Group} one
 * @param {[number, number]} range
 */
function interval(one, [from, to]) {
  if (one.mean === null || !Number.isFinite(one.mean)) {
    return null;
  }
  const x = (/** @type {number} */ value) => 6 + ((value - from) / (to - from || 1)) * 128;
  const known = one.low !== null && one.high !== null && Number.isFinite(one.low) && Number.isFinite(one.high);
  const text = known ? `${number(one.low)} to ${number(one.high)}` : "no interval: one run";
  return svg("svg", { class: "interval", viewBox: "0 0 140 16", role: "img", "aria-label": text },
    svg("title", {}, text),
    known ? svg("rect", { x: x(Number(one.low)), width: Math.max(1, x(Number(one.high)) - x(Number(one.low))), y: 4, height: 8 }) : null,
    svg("circle", { cx: x(one.mean), cy: 8, r: 3 }));
}
