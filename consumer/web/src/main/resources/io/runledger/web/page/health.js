/**
 * Health: how far behind the ledger is, what waits, what was refused.
 * @module
 */
import { FAR_BEHIND_SECONDS, get, isAbort } from "./api.js";
import { fill, h } from "./dom.js";
import { bytes, count, counted, duration, local, middleCut, plain, time, utc } from "./format.js";
import { LiveView } from "./live-view.js";
import { loading } from "./notices.js";
import { runUrl } from "./router.js";
import { statusMark } from "./status.js";

/** A list that is longer is folded. */
const MANY = 12;

/** @returns {import("./app.js").View} */
export function view() {
  return new HealthView();
}

class HealthView extends LiveView {
  constructor() {
    super("Health", h("div", { class: "stack" }, loading()));
    this.element = h("article", { class: "padded" }, h("h1", null, "Health"), this.result);
    this.load();
  }

  /** @param {AbortSignal} signal */
  async refresh(signal) {
    const part = (/** @type {string} */ path) => get(path, {}, signal).catch((error) => { if (isAbort(error)) throw error; return null; });
    const [health, letters, gaps] = await Promise.all([get("health", {}, signal), part("dead-letters"), part("gaps")]);
    if (this.isNews([health, letters, gaps])) {
      fill(this.result, facts(health), lists(health), waiting("Dead letters", letters?.dead_letters ?? [], "No record was refused.", "Records that could not be applied. 'runledger dead-letters retry' applies them again."), waiting("Gaps of runs", gaps?.streams ?? [], "No run misses an event.", "Events that were numbered and have not come."), waiting("Gaps of the log", gaps?.log_gaps ?? [], "The log has no gap.", "Records that no longer existed when they were to be read."));
    }
  }

  /**
   * Nobody takes an old answer for how it is.
   * @param {unknown} error
   */
  failed(error) {
    this.forget();
    super.failed(error);
  }
}

/** @param {any} health */
function facts(health) {
  const waiting = total(health.dead_letters);
  const troubles = [
    waiting > 0 ? counted(waiting, "dead letter") : "",
    health.missing_events > 0 ? counted(health.missing_events, "event") + " that have not come" : "",
    health.log_gaps > 0 ? counted(health.log_gaps, "gap") + " of the log" : "",
    health.lag_seconds > FAR_BEHIND_SECONDS ? `the ledger is ${duration(health.lag_seconds)} behind` : "",
    String(health.detail ?? "").replace(/\.$/, ""),
  ].filter(Boolean);
  const shown = Object.entries({ ...health, ...health.projection }).filter(([name, value]) => name !== "detail" && typeof value !== "object" && value !== "");
  return [
    h("p", { class: "notice" + (troubles.length === 0 ? "" : " warn"), role: "status" }, troubles.length === 0 ? h("strong", null, "✓ Nothing is missing and nothing was refused.") : h("strong", null, "▲ " + troubles.join(", ") + ".")),
    h("dl", { class: "facts" },
      typeof health.runs === "object" && health.runs !== null ? Object.entries(health.runs).map(([status, n]) => h("div", null, h("dt", null, statusMark(status)), h("dd", null, h("a", { href: "/runs?filter=" + encodeURIComponent("status = " + status) }, count(Number(n)))))) : null),
    h("dl", { class: "facts" }, shown.map(([name, value]) => h("div", null, h("dt", null, words(name)), h("dd", null, cellOf(name, value))))),
  ];
}

/** @param {any} counts by state */
function total(counts) {
  return Object.entries(counts ?? {}).filter(([state]) => !/dismissed|applied|retried/.test(state)).reduce((sum, [, n]) => sum + Number(n), 0);
}

/** @param {string} name */
function words(name) {
  const text = name.replace(/^(database|disk)_bytes$/, "$1 size").replace(/_(seconds|bytes|at)$/, "").replace(/_/g, " ");
  return text[0].toUpperCase() + text.slice(1);
}

/**
 * @param {string} name
 * @param {any} value
 */
function cellOf(name, value) {
  if (/_bytes$/.test(name) && typeof value === "number") {
    return h("span", { title: count(value) + " bytes" }, bytes(value));
  }
  if (/_seconds$/.test(name) && typeof value === "number") {
    return value === 0 ? "0 s" : duration(value);
  }
  if (/_at$/.test(name) && time(value) !== null) {
    return h("span", { title: utc(value) }, local(value));
  }
  return h("bdi", null, typeof value === "number" ? count(value) : String(value).slice(0, 1_000));
}

/** @param {any} health */
function lists(health) {
  return Object.entries(health).filter(([, value]) => Array.isArray(value) && value.length > 0 && typeof value[0] === "object").map(([name, value]) => value.length > MANY ? h("details", null, h("summary", null, h("h2", null, words(name)), h("span", { class: "soft" }, ` ${count(value.length)}`)), table(value)) : h("section", { class: "stack" }, h("h2", null, words(name)), table(value)));
}

/**
 * @param {string} title
 * @param {any[]} rows
 * @param {string} none
 * @param {string} what
 */
function waiting(title, rows, none, what) {
  return h("section", { class: "stack" }, h("h2", null, title, rows.length > 0 ? h("span", { class: "status-timeout" }, ` ${count(rows.length)}`) : null), rows.length === 0 ? h("p", { class: "soft" }, none) : [h("p", { class: "soft" }, what), table(rows)]);
}

/** @param {Record<string, any>[]} rows */
function table(rows) {
  const names = [...new Set(rows.slice(0, 50).flatMap((row) => Object.keys(row)))].filter((name) => name !== "run_id" && !(name === "id" && rows[0].run_name !== undefined) && rows.some((row) => row[name] !== null && row[name] !== undefined));
  const numeric = new Set(names.filter((name) => rows.some((row) => typeof row[name] === "number") && rows.every((row) => typeof row[name] === "number" || row[name] === null || row[name] === undefined)));
  return h("div", { class: "scroll-x", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", { class: "plain narrow" },
    h("thead", null, h("tr", null, names.map((name) => h("th", { class: numeric.has(name) ? "number" : "" }, words(name))))),
    h("tbody", null, rows.slice(0, 200).map((row) => h("tr", null, names.map((name) => {
      const value = row[name];
      if (name === "run_name" && row.id) {
        return h("td", null, h("a", { href: runUrl(row.id) }, h("bdi", null, middleCut(String(value ?? row.id), 48))));
      }
      return h("td", { class: (numeric.has(name) ? "number" : "") + (name === "lag" && value > 0 ? " status-timeout" : ""), title: /_at$/.test(name) ? utc(value) : "" }, value === null || value === undefined ? "" : typeof value === "object" ? plain(value).slice(0, 500) : cellOf(name, value));
    }))))));
}
