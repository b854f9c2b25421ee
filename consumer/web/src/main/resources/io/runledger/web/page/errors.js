/**
 * Errors: what goes wrong, how often, and where.
 * @module
 */
import { get, isAbort } from "./api.js";
import { errorDetails } from "./error-list.js";
import { both, literal } from "./fields.js";
import { fill, h, svg } from "./dom.js";
import { filterBox } from "./filter-box.js";
import { count, counted, firstLine, local, middleCut, time, utc } from "./format.js";
import { LiveView } from "./live-view.js";
import { empty, loading, problem } from "./notices.js";
import { parameters, runUrl, setParameters } from "./router.js";

/** Runs that are asked for when and where they ended. */
const MOST_SPREAD = 5_000;
const MOST_HOSTS = 8;
const BINS = 30;

/** @returns {import("./app.js").View} */
export function view() {
  return new ErrorsView();
}

class ErrorsView extends LiveView {
  constructor() {
    super("Errors", h("div", null, loading("Loading the errors")));
    this.filter = parameters().get("filter") ?? "";
    this.box = filterBox(this.filter, (filter) => {
      this.filter = filter;
      setParameters({ filter }, true);
      this.load();
    }, "Errors of runs that match: started > 7d and method = cnn   ( / )");
    this.element = h("article", { class: "padded" }, h("h1", null, "Errors"), h("div", { class: "tools" }, this.box.element), this.result);
    this.load();
  }

  moved() {
    this.filter = parameters().get("filter") ?? "";
    this.box?.set(this.filter);
    this.load();
    return true;
  }

  /** @param {AbortSignal} signal */
  async refresh(signal) {
    const answer = await get("errors", { filter: this.filter }, signal);
    if (this.isNews([this.filter, answer])) {
      this.#show(answer.groups.sort((/** @type {any} */ a, /** @type {any} */ b) => b.errors - a.errors));
    }
  }

  /** @param {any[]} groups */
  #show(groups) {
    if (groups.length === 0) {
      fill(this.result, empty(this.filter ? "No run that matches has an error." : "No run has an error."));
      return;
    }
    const open = new Set([...this.result.querySelectorAll("details[open]")].map((one) => /** @type {HTMLElement} */ (one).dataset.key));
    const most = Math.max(...groups.map((one) => one.errors ?? 1));
    fill(this.result, h("div", { class: "error-groups" }, groups.map((one) => {
      const key = `${one.exception_type}\n${one.message}`;
      const n = one.errors ?? 0;
      const bar = h("span", { class: "error-bar", "aria-hidden": "true" });
      bar.style.width = Math.max(1, (100 * n) / most) + "%";
      const type = one.exception_type;
      const query = [type ? `error.type = ${literal(type)}` : "", one.message ? `error.message ~ ${literal(one.message)}` : ""].filter(Boolean).join(" and ");
      const body = h("div", { class: "stack error-body" });
      const details = h("details", { class: "error-group", "data-key": key.slice(0, 2_000), open: open.has(key.slice(0, 2_000)) },
        h("summary", null,
          h("span", { class: "error-count" }, h("strong", null, count(n)), h("span", { class: "error-track" }, bar)),
          h("span", { class: "grow" }, h("strong", null, h("bdi", null, middleCut(String(type ?? "no exception"), 80))), " ", h("bdi", { class: "soft" }, middleCut(firstLine(String(one.message ?? "")), 240))),
          h("span", { class: "soft", title: `${utc(one.first_at)} to ${utc(one.last_at)}` }, typeof one.runs === "number" ? counted(one.runs, "run") + ", " : "", "last ", local(one.last_at))),
        body);
      const draw = () => {
        if (details.open && !body.hasChildNodes()) {
          fill(body, loading("Loading the newest one"));
          Promise.all([this.#last(one), query ? this.#spread(both(this.filter, query)) : null]).then((parts) => fill(body, parts,
            h("p", { class: "tools" }, h("a", { class: "button", href: runUrl(one.last_run) }, "The newest run with it"), query ? h("a", { class: "button", href: "/runs?filter=" + encodeURIComponent(both(this.filter, query)) }, counted(one.runs, "run") + " with it") : null)));
        }
      };
      details.addEventListener("toggle", draw);
      draw();
      return details;
    })));
  }

  /**
   * When and where the runs with an error ended.
   * @param {string} filter
   * @returns {Promise<HTMLElement|null>}
   */
  async #spread(filter) {
    try {
      const { columns } = await get("runs", { filter, columns: "id,started,finished,host", limit: MOST_SPREAD }, this.ending.signal);
      const times = columns.id.map((/** @type {string} */ _, /** @type {number} */ i) => time(columns.finished[i]) ?? time(columns.started[i])).filter((/** @type {number|null} */ at) => at !== null);
      /** @type {Map<string, number>} */
      const hosts = new Map();
      columns.host.flat().forEach((/** @type {string|null} */ host) => host && hosts.set(host, (hosts.get(host) ?? 0) + 1));
      const most = [...hosts].sort((a, b) => b[1] - a[1]).slice(0, MOST_HOSTS);
      return h("div", { class: "tables" }, times.length > 1 ? overTime(times) : null,
        most.length > 0 ? h("p", null, h("span", { class: "soft" }, "Where: "), most.map(([host, n]) => [h("a", { href: "/runs?filter=" + encodeURIComponent(both(filter, `host = ${literal(host)}`)) }, h("bdi", null, middleCut(host, 40))), h("span", { class: "at" }, ` ${count(n)}  `)]).flat()) : null);
    } catch (error) {
      return isAbort(error) ? null : problem(error);
    }
  }

  /**
   * The newest error of a group, with its traceback.
   * @param {any} group
   * @returns {Promise<HTMLElement|null>}
   */
  async #last(group) {
    try {
      const { errors } = await get(`runs/${encodeURIComponent(group.last_run)}/errors`, {}, this.ending.signal);
      const line = String(group.message ?? "");
      const one = errors.find((/** @type {any} */ error) => error.exception_type === group.exception_type && String(error.message ?? "").startsWith(line)) ?? errors[0];
      return one ? errorDetails(one, true) : null;
    } catch (error) {
      return isAbort(error) ? null : problem(error);
    }
  }
}

/**
 * How many there were when, as bars.
 * @param {number[]} times milliseconds since 1970
 */
function overTime(times) {
  const from = Math.min(...times);
  const to = Math.max(...times);
  const bins = new Array(BINS).fill(0);
  times.forEach((at) => bins[Math.min(BINS - 1, Math.floor(((at - from) / (to - from || 1)) * BINS))]++);
  const most = Math.max(...bins);
  const text = `${counted(times.length, "run")} from ${local(from)} to ${local(to)}`;
  return h("figure", { class: "over-time" },
    svg("svg", { viewBox: `0 0 ${BINS * 8} 40`, role: "img", "aria-label": text }, svg("title", {}, text), bins.map((n, i) => (n > 0 ? svg("rect", { x: i * 8, width: 7, y: 40 - Math.max(3, (n / most) * 40), height: Math.max(3, (n / most) * 40) }) : null))),
    h("figcaption", { class: "soft small", title: `${utc(from)} to ${utc(to)}` }, h("span", null, local(from)), h("span", null, local(to))));
}
