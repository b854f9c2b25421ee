/**
 * Compare: some runs beside each other.
 * @module
 */
import { ApiError, get, isAbort } from "./api.js";
import { chartPanel } from "./charts.js";
import { literal } from "./fields.js";
import { flat } from "./flat.js";
import { fill, h } from "./dom.js";
import { counted } from "./format.js";
import { differences, values } from "./differences.js";
import { empty, loading, problem } from "./notices.js";
import { parallel } from "./parallel.js";
import { parameters, setParameters } from "./router.js";
import { scatter } from "./scatter.js";
import { tabs } from "./tabs.js";

const NEWEST = 5;

/** @returns {import("./app.js").View} */
export function view() {
  return new CompareView();
}

class CompareView {
  constructor() {
    this.title = "Compare";
    this.ids = parameters().getAll("run");
    /** Runs of the address that are not there. */
    this.gone = 0;
    this.ending = new AbortController();
    this.element = h("article", { class: "padded" }, h("h1", null, "Compare"), loading("Loading the runs"));
    this.#load();
  }

  dispose() {
    this.ending.abort();
    this.panel?.dispose();
  }

  moved() {
    return this.gone === 0 && JSON.stringify(parameters().getAll("run")) === JSON.stringify(this.ids);
  }

  async #load() {
    try {
      if (this.ids.length === 0) {
        fill(this.element, h("h1", null, "Compare"), empty("Choose runs in the table: select them with x, then press c.", h("a", { class: "button", href: "/runs" }, "All runs"), h("button", { type: "button", on: { click: () => this.#newest() } }, `Compare the newest ${NEWEST}`)));
        return;
      }
      this.#build(await get("compare", { run: this.ids }, this.ending.signal));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404 && (await this.#leaveOut())) {
        this.#load();
      } else if (!isAbort(error)) {
        fill(this.element, h("h1", null, "Compare"), problem(error, () => this.#load()));
      }
    }
  }

  /**
   * Leaves out runs that are not there any more: an old address still shows the others.
   * @returns {Promise<boolean>} whether that changed something
   */
  async #leaveOut() {
    try {
      const { columns } = await get("runs", { filter: `id in (${this.ids.map(literal).join(", ")})`, columns: "id", limit: this.ids.length }, this.ending.signal);
      const there = new Set(columns.id);
      const left = this.ids.filter((id) => there.has(id));
      if (left.length === 0 || left.length === this.ids.length) {
        return false;
      }
      this.gone = this.ids.length - left.length;
      this.ids = left;
      return true;
    } catch {
      return false;
    }
  }

  async #newest() {
    try {
      const answer = await get("runs", { columns: "id", limit: NEWEST }, this.ending.signal);
      this.ids = answer.columns.id;
      setParameters({ run: this.ids }, true);
      this.#load();
    } catch (error) {
      if (!isAbort(error)) {
        fill(this.element, h("h1", null, "Compare"), problem(error, () => this.#newest()));
      }
    }
  }

  /** @param {any} answer */
  #build(answer) {
    const runs = answer.runs.map((/** @type {any} */ run) => ({ id: run.id, name: run.run_name ?? run.id, status: run.status, config: flat(run.config), metrics: run.metrics ?? [] }));
    const remove = (/** @type {string} */ id) => {
      this.ids = this.ids.filter((one) => one !== id);
      setParameters({ run: this.ids }, true);
      this.panel?.dispose();
      this.#load();
    };
    const panel = (this.panel = chartPanel({ runs, metrics: metricsOf(runs) }));
    const parts = tabs("Parts of the comparison", parameters().get("tab") ?? "charts", (tab) => setParameters({ tab: tab === "charts" ? null : tab }), [
      { key: "charts", title: "Charts", make: () => panel.element },
      { key: "config", title: "Configuration", make: () => differences(runs, remove) },
      { key: "values", title: "Values", make: () => values(runs, remove) },
      { key: "scatter", title: "Scatter", make: () => scatter(runs) },
      { key: "parallel", title: "Parallel", make: () => parallel(runs) },
    ]);
    fill(this.element, h("h1", null, `Compare ${counted(runs.length, "run")}`), this.gone > 0 ? h("p", { class: "notice warn", role: "status" }, `${counted(this.gone, "run")} of this address ${this.gone === 1 ? "was" : "were"} deleted or never in this ledger, and ${this.gone === 1 ? "is" : "are"} left out.`) : null, parts.element);
  }
}

/**
 * @param {{metrics: any[]}[]} runs
 * @returns {string[]|null}
 */
function metricsOf(runs) {
  const metrics = [...new Set(runs.flatMap((run) => run.metrics.map((one) => one.metric_name)))];
  return metrics.length > 0 ? metrics : null;
}
