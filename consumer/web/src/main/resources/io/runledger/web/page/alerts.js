/**
 * Alerts: what rules have found, and where that was delivered.
 * @module
 */
import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { count, counted, local, middleCut, number, time, utc } from "./format.js";
import { LiveView } from "./live-view.js";
import { empty, loading } from "./notices.js";
import { parameters, runUrl, setParameters } from "./router.js";

const SHOWN = 500;

/** @returns {import("./app.js").View} */
export function view() {
  return new AlertsView();
}

class AlertsView extends LiveView {
  constructor() {
    super("Alerts", h("div", { class: "stack" }, loading("Loading the alerts")));
    this.open = h("button", { type: "button", title: "Only those whose cause lasts", on: { click: () => this.#set({ open: parameters().get("open") ? null : "true" }) } }, "only open");
    this.chosen = h("span", { class: "chosen" });
    this.element = h("article", { class: "padded" }, h("h1", null, "Alerts"), h("div", { class: "tools" }, this.open, this.chosen), this.result);
    this.load();
  }

  moved() {
    this.load();
    return true;
  }

  /** @param {Record<string, string|null>} change */
  #set(change) {
    setParameters(change, true);
    this.load();
  }

  /** @param {AbortSignal} signal */
  async refresh(signal) {
    const url = parameters();
    const chosen = { rule: url.get("rule"), run: url.get("run"), open: url.get("open") };
    this.open.setAttribute("aria-pressed", String(chosen.open === "true"));
    fill(this.chosen, [this.#choice("rule", chosen.rule), this.#choice("run", chosen.run)]);
    const answer = await get("alerts", { ...chosen, limit: SHOWN }, signal);
    if (this.isNews([chosen, answer])) {
      this.#show(answer.alerts.sort((/** @type {any} */ a, /** @type {any} */ b) => (time(b.fired_at) ?? 0) - (time(a.fired_at) ?? 0) || (time(b.at) ?? 0) - (time(a.at) ?? 0)), answer.total, Object.values(chosen).some((value) => value !== null));
    }
  }

  /**
   * What was chosen, with a way out.
   * @param {"rule"|"run"} name
   * @param {string|null} value
   */
  #choice(name, value) {
    return value && h("span", { class: "tag" }, `${name} `, h("bdi", null, middleCut(value, 40)), h("button", { class: "quiet", type: "button", "aria-label": `Show every ${name}`, on: { click: () => this.#set({ [name]: null }) } }, "✕"));
  }

  /**
   * @param {any[]} alerts newest first
   * @param {number} total
   * @param {boolean} some whether they were chosen
   */
  #show(alerts, total, some) {
    if (alerts.length === 0) {
      fill(this.result, some ? empty("No alert matches.") : empty("No rule has found anything. Rules are in a file that you check and give to the service:", h("pre", null, "runledger alerts check alerts.rules\nrunledger consume --alerts alerts.rules")));
      return;
    }
    fill(this.result,
      h("p", { class: "soft", role: "status" }, counted(total, "alert") + (total > alerts.length ? `, the newest ${count(alerts.length)} are shown` : "")),
      h("div", { class: "scroll-x", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", { class: "plain" },
        h("thead", null, h("tr", null, ["When", "Rule", "Condition", "Run", "Found", "State", "Delivered to"].map((text) => h("th", null, text)))),
        h("tbody", null, alerts.map((one) => h("tr", null,
          h("td", { class: "whole", title: `${utc(one.at)}; found at ${utc(one.fired_at)}` }, local(one.at), one.late ? h("span", { class: "soft", title: "Found in events that came late" }, " late") : null),
          h("td", { class: "whole" }, h("a", { href: "/alerts?rule=" + encodeURIComponent(one.rule), title: "Only this rule" }, h("bdi", null, middleCut(String(one.rule), 40)))),
          h("td", null, h("bdi", { class: "mono" }, middleCut(String(one.condition ?? ""), 100))),
          h("td", null, h("a", { href: runUrl(one.id), title: String(one.run_name ?? one.id).slice(0, 500) }, h("bdi", null, middleCut(String(one.run_name ?? one.id), 40)))),
          h("td", null, found(one)),
          h("td", { class: "whole" }, state(one)),
          h("td", null, (one.deliveries ?? []).map(delivery))))))));
  }
}

/**
 * The newest alerts of a run, for its page.
 * @param {string} run
 * @param {any[]} alerts
 * @param {number} total how many it has
 */
export function alertsOf(run, alerts, total) {
  return total === 0 ? null : h("ul", { class: "run-alerts", "aria-label": "Alerts" },
    h("li", { class: "soft" }, counted(total, "alert")),
    alerts.map((one) => h("li", null, state(one), h("strong", null, h("bdi", null, middleCut(String(one.rule), 40))), h("span", null, found(one)), h("span", { class: "soft", title: utc(one.at) }, local(one.at)))),
    h("li", null, h("a", { href: "/alerts?run=" + encodeURIComponent(run) }, total > alerts.length ? "all of them" : "where they were delivered")));
}

/** @param {any} one */
function state(one) {
  return h("span", { class: one.open ? "status-failed" : "soft", title: one.ended_at ? "Ended " + utc(one.ended_at) : "" }, one.open ? "● open" : one.ended_at ? "ended" : "once");
}

/** @param {any} one */
function found(one) {
  if (one.metric === null || one.metric === undefined) {
    return one.status ?? "";
  }
  return [h("bdi", null, middleCut(String(one.metric), 40)), one.value === null || one.value === undefined ? "" : ` ${number(one.value)}`, typeof one.step === "number" ? h("span", { class: "at" }, ` @ ${count(one.step)}`) : null];
}

/** @param {any} one */
function delivery(one) {
  const [sign, kind] = { delivered: ["✓", "completed"], failed: ["✕", "failed"] }[/** @type {string} */ (one.state)] ?? ["…", "pending"];
  const title = one.delivered_at ? utc(one.delivered_at) : [one.tries ? counted(one.tries, "try", "tries") : "", one.last_error ?? ""].filter(Boolean).join(": ");
  return h("span", { class: `status status-${kind} delivery`, title: title.slice(0, 1_000) }, h("span", { "aria-hidden": "true" }, sign), h("bdi", null, String(one.name).slice(0, 60)), h("span", { class: "visually-hidden" }, one.state));
}
