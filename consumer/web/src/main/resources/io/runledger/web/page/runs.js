/**
 * Runs: one table over all runs that match, live.
 * @module
 */
import { ApiError, get, isAbort } from "./api.js";
import { chooseColumns } from "./columns.js";
import { download, fill, h, markUseful, settled, throttled } from "./dom.js";
import { both, field, parsed, split } from "./fields.js";
import { rankOf } from "./flat.js";
import { filterBox, names } from "./filter-box.js";
import { count, counted } from "./format.js";
import { onChange } from "./live.js";
import { empty, loading, problem, toast } from "./notices.js";
import { Refresher } from "./refresher.js";
import { navigate, parameters, readable, runUrl, setParameters } from "./router.js";
import { columnOf, hidden } from "./run-columns.js";
import { RunStore } from "./run-store.js";
import { Sparks } from "./spark.js";
import { remember, remembered } from "./theme.js";
import { Table } from "./table.js";
import { changeTags, deleteRuns } from "./edit.js";
import { light, onLight } from "./highlight.js";

const COLUMNS_KEY = "runledger.runs.columns";
const WIDTHS_KEY = "runledger.runs.widths";
const FIRST_PAGE = 100;
const ALL = 50_000;
/** A change of more runs than this is fetched as a whole. */
const FEW = 200;
const BASE = ["status", "started", "took"];
const MOST_IN_CHARTS = 100;
const REFRESH_MILLISECONDS = 300;
/** Selected runs that "back" finds again: browsers limit what they keep of a page. */
const MOST_KEPT = 2_000;
const SPARK_MILLISECONDS = 10_000;

/** @returns {import("./app.js").View} */
export function view() {
  return new RunsView();
}

/**
 * @typedef {object} Place
 * @property {number} top
 * @property {string|null} current
 * @property {string[]} selected
 */

class RunsView {
  constructor() {
    this.title = "Runs";
    const url = parameters();
    this.filter = url.get("filter") ?? "";
    this.columns = split(url.get("columns") ?? remembered(COLUMNS_KEY));
    this.sort = sortOf(url.get("order"));
    this.store = new RunStore();
    /** Where the reader was, when "back" or a reload leads here again. @type {Place|null} */
    this.before = history.state?.runs ?? null;
    /** @type {Set<string>} */
    this.selected = new Set(this.before?.selected);
    this.sparks = new Sparks(() => this.table.draw());
    /** @type {Record<string, number>} */
    this.widths = widthsOf(remembered(WIDTHS_KEY), url.get("widths"));
    /** @type {AbortController} */
    this.loading = new AbortController();
    /** @type {Set<string>} */
    this.changedRuns = new Set();
    this.changedAll = false;
    /** The run whose row the keyboard is on. @type {string|null} */
    this.currentRun = null;
    this.newRuns = 0;
    this.complete = false;
    this.areBare = false;
    this.ended = false;
    this.table = new Table({
      idOf: (row) => this.store.id(row),
      onSort: (key) => this.#sortBy(key),
      onWidth: (key, width) => this.#widen(key, width),
      onOpen: (row) => navigate(runUrl(this.store.id(row))),
      onSelect: (rows, selected) => this.#select(rows, selected),
      isSelected: (row) => this.selected.has(this.store.id(row)),
      allSelected: () => (this.selected.size === 0 ? false : this.selected.size >= this.store.rows ? true : null),
      onHover: (row) => light(row === null ? null : this.store.id(row)),
      onView: () => {
        this.#wantSparks();
        this.keepPlaceSoon();
      },
      onCurrent: (row) => (this.currentRun = this.store.id(row)),
    });
    this.box = filterBox(this.filter, (filter) => this.#filterBy(filter));
    this.groups = h("a", { class: "button" }, "Group");
    this.foot = h("div", { class: "runs-foot" });
    this.news = h("button", { class: "news primary", type: "button", hidden: true, on: { click: () => this.#showNews() } });
    this.place = h("div", { class: "grid-wrap" }, loading("Loading the runs"));
    this.drawer = h("div", { class: "drawer-place" });
    this.element = h(
      "section",
      { class: "runs", "aria-label": "Runs" },
      h("h1", { class: "visually-hidden" }, "Runs"),
      h(
        "div",
        { class: "runs-tools" },
        this.box.element,
        h("button", { type: "button", on: { click: () => chooseColumns(this.columns, (columns) => this.#setColumns(columns)) } }, "Columns"),
        this.groups,
      ),
      this.place,
      this.drawer,
      this.foot,
    );
    this.keys = (/** @type {KeyboardEvent} */ event) => this.#key(event);
    document.addEventListener("keydown", this.keys);
    this.refresher = new Refresher(() => this.#refresh(), REFRESH_MILLISECONDS);
    this.ends = [
      onChange((runs) => {
        this.changedAll ||= runs === null;
        runs?.forEach((run) => this.changedRuns.add(run));
        this.refresher.soon();
      }),
      onLight((run) => this.element.querySelectorAll(".grid-row").forEach((row) => row.classList.toggle("lit", run !== null && /** @type {HTMLElement} */ (row).dataset.run === run))),
    ];
    this.ticking = setInterval(() => this.table.draw(), 1_000);
    this.forgetSparks = throttled(SPARK_MILLISECONDS, () => {
      this.sparks.forget(this.oldSparks);
      this.oldSparks = new Set();
      this.#wantSparks();
    });
    /** @type {Set<string>} */
    this.oldSparks = new Set();
    this.keepPlaceSoon = throttled(200, () => this.#keepPlace());
    this.drawCharts = settled(200, () => this.#drawCharts());
    this.chartsOpen = url.get("charts") !== null;
    this.#start();
  }

  dispose() {
    this.ended = true;
    this.refresher.end();
    document.removeEventListener("keydown", this.keys);
    this.ends.forEach((end) => end());
    clearInterval(this.ticking);
    this.loading.abort();
    this.table.dispose();
    this.panel?.dispose();
  }

  moved() {
    const url = parameters();
    const filter = url.get("filter") ?? "";
    this.sort = sortOf(url.get("order"));
    const columns = split(url.get("columns"));
    if (columns.length > 0) {
      this.columns = columns;
    }
    this.filter = filter;
    this.box.set(filter);
    this.#layOut();
    this.#load();
    return true;
  }

  async #start() {
    if (this.columns.length === 0) {
      this.columns = await firstColumns(this.loading.signal);
      // In a ledger that is still empty there is nothing to choose from.
      this.areBare = this.columns.every((text) => parsed(text).kind === "field");
    }
    this.#layOut();
    this.#load();
  }

  /** Chooses columns again, as long as there was nothing to choose from. */
  async #dress() {
    const columns = await firstColumns(this.loading.signal);
    if (this.areBare && columns.some((text) => parsed(text).kind === "metric")) {
      this.areBare = false;
      this.columns = columns;
      this.#layOut();
      this.#load();
    }
  }

  #layOut() {
    const query = new URLSearchParams(this.filter ? { filter: this.filter } : {});
    this.groups.href = "/groups" + (query.size ? "?" + readable(query) : "");
    const spark = this.columns.map(parsed).find((one) => one.kind === "metric")?.name ?? null;
    this.sparkMetric = spark;
    const columns = ["name", ...this.columns].map((text) =>
      columnOf(text, {
        store: this.store,
        width: this.widths[text],
        others: this.columns,
        sparks: parsed(text).name === spark && parsed(text).kind === "metric" ? this.sparks : null,
        onWord: (word) => this.#setColumns(this.columns.map((one) => (one === text ? field("metric", parsed(text).name, word) : one))),
      }),
    );
    this.table.setColumns(columns, this.sort);
  }

  #order() {
    return this.sort ? (this.sort.descending ? "-" : "") + this.sort.key : null;
  }

  #wanted() {
    return [...new Set(["id", "name", "status", "reason", "started", "finished", ...this.columns.flatMap((text) => [text, ...hidden(text)])])];
  }

  async #load() {
    this.loading.abort();
    this.loading = new AbortController();
    const { signal } = this.loading;
    const request = { filter: this.filter, columns: this.#wanted().join(","), order: this.#order() };
    this.complete = false;
    this.refused = false;
    this.table.element.setAttribute("aria-busy", "true");
    try {
      const first = await get("runs", { ...request, limit: FIRST_PAGE, count: true }, signal);
      this.total = first.total ?? first.rows;
      this.#show(first);
      if (first.next) {
        this.#show(await get("runs", { ...request, limit: ALL }, signal));
      }
      this.complete = true;
      this.box.show(null);
      this.news.hidden = true;
      this.newRuns = 0;
      this.#returnToPlace();
      this.refresher.soon();
    } catch (error) {
      if (isAbort(error)) {
        return;
      }
      if (error instanceof ApiError && error.status === 400 && this.filter) {
        this.box.show(error);
        this.refused = true;
        if (!this.table.element.isConnected) {
          fill(this.place, empty("The filter above cannot be applied."));
        }
      } else {
        fill(this.place, problem(error, () => this.#load()));
      }
    } finally {
      this.table.element.removeAttribute("aria-busy");
      this.#drawFoot();
    }
  }

  /** @param {any} answer */
  #show(answer) {
    this.store.replace(answer, this.#wanted());
    // Whether a column has numbers is known only now.
    this.#layOut();
    this.selected = new Set([...this.selected].filter((id) => this.store.rowOf(id) !== undefined || answer.next));
    this.#showTable();
    this.#arrange();
    this.#drawFoot();
    markUseful(answer.next ? "runs" : "all runs");
    if (this.chartsOpen) {
      this.drawCharts();
    }
  }

  /** The table, or why there is none. */
  #showTable() {
    if (this.store.rows === 0) {
      fill(this.place, this.filter ? empty("No run matches this filter.", h("button", { type: "button", on: { click: () => { this.box.set(""); this.#filterBy(""); } } }, "Show all runs")) : emptyLedger());
    } else if (!this.table.element.isConnected) {
      fill(this.place, this.table.element, this.news);
    }
  }

  #arrange() {
    const { table } = this;
    table.setRows(this.store.order(this.sort));
    // The row of the keyboard is a run's, wherever that run has moved to.
    const row = this.currentRun === null ? undefined : this.store.rowOf(this.currentRun);
    if (row !== undefined) {
      table.current = table.order.indexOf(row);
    }
    table.showSelection();
  }

  #keepPlace() {
    if (this.before === null && !this.ended && location.pathname === "/runs") {
      /** @type {Place} */
      const place = { top: this.table.element.scrollTop, current: this.currentRun, selected: [...this.selected].slice(0, MOST_KEPT) };
      if (JSON.stringify(place) !== JSON.stringify(history.state?.runs)) {
        history.replaceState({ runs: place }, "");
      }
    }
  }

  #returnToPlace() {
    if (this.before !== null) {
      this.currentRun = this.before.current;
      this.#arrange();
      this.table.element.scrollTop = this.before.top;
      this.before = null;
    }
  }

  /** Fetches again what changed; what changes while all is loaded waits until it is. */
  async #refresh() {
    if (!this.complete) {
      return;
    }
    const all = this.changedAll || this.changedRuns.size > FEW;
    const changed = this.changedRuns;
    this.changedRuns = new Set();
    this.changedAll = false;
    if (changed.size === 0 && !all) {
      return;
    }
    if (this.areBare) {
      this.#dress();
    }
    const { signal } = this.loading;
    try {
      if (all) {
        const answer = await get("runs", { filter: this.filter, columns: this.#wanted().join(","), order: this.#order(), limit: ALL, count: true }, signal);
        this.total = answer.total ?? answer.rows;
        this.store.replace(answer, this.#wanted());
        this.#arrange();
      } else {
        const ids = [...changed];
        const answer = await get("runs", { filter: both(this.filter, `id in (${ids.join(", ")})`), columns: this.#wanted().join(","), limit: ids.length }, signal);
        const calm = this.table.element.scrollTop === 0 && this.selected.size === 0 && this.table.current < 0;
        const outcome = this.store.merge(answer, ids, calm);
        this.newRuns += outcome.waiting;
        this.total = (this.total ?? 0) + outcome.added + outcome.waiting - outcome.removed;
        if (outcome.added > 0 || outcome.removed > 0 || calm) {
          this.#arrange();
        } else {
          this.table.draw();
        }
        ids.forEach((id) => this.oldSparks.add(id));
        this.forgetSparks();
      }
      this.news.hidden = this.newRuns === 0;
      this.news.textContent = counted(this.newRuns, "new run");
      if (this.store.rows > 0 || this.newRuns === 0) {
        this.#showTable();
      }
      this.#drawFoot();
    } catch (error) {
      if (!isAbort(error)) {
        changed.forEach((id) => this.changedRuns.add(id));
      }
    }
  }

  #showNews() {
    this.store.takeWaiting();
    this.newRuns = 0;
    this.news.hidden = true;
    this.#arrange();
    this.table.element.scrollTop = 0;
    this.#drawFoot();
  }

  #wantSparks() {
    if (this.sparkMetric) {
      this.sparks.want(this.sparkMetric, this.table.visible().map((row) => this.store.id(row)));
    }
  }

  /** @param {string} filter */
  #filterBy(filter) {
    this.filter = filter;
    setParameters({ filter }, true);
    this.table.current = -1;
    this.currentRun = null;
    this.table.element.scrollTop = 0;
    this.#layOut();
    this.#load();
  }

  /** @param {string} key */
  #sortBy(key) {
    this.sort = this.sort?.key !== key ? { key, descending: parsed(key).kind !== "metric" && key !== "name" } : this.sort.descending === (parsed(key).kind !== "metric" && key !== "name") ? { key, descending: !this.sort.descending } : null;
    setParameters({ order: this.#order() });
    this.#layOut();
    if (this.store.isWhole) {
      this.#arrange();
    } else {
      this.#load();
    }
  }

  /** @param {string[]} columns */
  #setColumns(columns) {
    this.areBare = false;
    this.columns = columns;
    if (this.sort && ![...columns, "name"].includes(this.sort.key)) {
      this.sort = null;
    }
    setParameters({ columns: columns.join(","), order: this.#order() });
    remember(COLUMNS_KEY, columns.join(","));
    this.#layOut();
    this.#load();
  }

  /**
   * @param {string} key
   * @param {number} width
   */
  #widen(key, width) {
    this.widths[key] = width;
    remember(WIDTHS_KEY, JSON.stringify(this.widths));
    setParameters({ widths: JSON.stringify(this.widths) });
  }

  /**
   * @param {number[]} rows
   * @param {boolean} selected
   */
  #select(rows, selected) {
    for (const row of rows) {
      this.selected[selected ? "add" : "delete"](this.store.id(row));
    }
    this.#keepPlace();
    this.table.showSelection();
    this.#drawFoot();
    if (this.chartsOpen) {
      this.drawCharts();
    }
  }

  #clearSelection() {
    this.selected.clear();
    this.table.showSelection();
    this.#drawFoot();
    if (this.chartsOpen) {
      this.drawCharts();
    }
  }

  #compare() {
    if (this.selected.size > 0) {
      navigate("/compare?" + [...this.selected].slice(0, MOST_IN_CHARTS).map((id) => "run=" + id).join("&"));
    }
  }

  #drawFoot() {
    const n = this.selected.size;
    const shown = this.store.rows;
    const total = this.total ?? shown;
    const focused = this.foot.contains(document.activeElement) ? document.activeElement?.textContent : null;
    const charts = h("button", { type: "button", "aria-pressed": String(this.chartsOpen), on: { click: () => this.#toggleCharts() } }, "Charts");
    if (n === 0) {
      fill(
        this.foot,
        h("span", { "aria-live": "polite" }, counted(total, "run") + (this.refused ? ", as before: the filter is not applied" : this.filter ? " match" + (total === 1 ? "es" : "") : "") + (!this.store.isWhole && this.complete ? `, the first ${count(shown)} are shown` : "")),
        charts,
        h("button", { type: "button", on: { click: () => this.#export() } }, "Export CSV"),
        h("span", { class: "keys" }, h("kbd", null, "/"), " filter ", h("kbd", null, "j"), " ", h("kbd", null, "k"), " move ", h("kbd", null, "x"), " select ", h("kbd", null, "c"), " compare ", h("kbd", null, "Enter"), " open"),
      );
    } else {
      const ids = [...this.selected];
      fill(
        this.foot,
        h("strong", { "aria-live": "polite" }, `${count(n)} selected`),
        h("button", { class: "primary", type: "button", on: { click: () => this.#compare() } }, n > MOST_IN_CHARTS ? `Compare the first ${MOST_IN_CHARTS}` : "Compare"),
        charts,
        h("button", { class: "editing", type: "button", on: { click: () => changeTags(ids) } }, "Tag"),
        h("button", { type: "button", on: { click: () => this.#export() } }, "Export CSV"),
        h("button", { class: "danger editing", type: "button", on: { click: async () => (await deleteRuns(ids)) && this.#clearSelection() } }, "Delete"),
        h("button", { class: "quiet", type: "button", on: { click: () => this.#clearSelection() } }, "Clear"),
        h("span", { class: "keys" }, counted(total, "run")),
      );
    }
    if (focused) {
      const again = [...this.foot.querySelectorAll("button")].find((button) => button.textContent === focused);
      again?.focus();
    }
  }

  #toggleCharts() {
    this.chartsOpen = !this.chartsOpen;
    setParameters({ charts: this.chartsOpen ? "1" : null });
    this.#drawFoot();
    this.#drawCharts();
  }

  #closePanel() {
    this.panel?.dispose();
    this.panel = undefined;
  }

  /** Charts of the selection, or of the runs in view where none is selected. */
  async #drawCharts() {
    this.#closePanel();
    if (!this.chartsOpen || this.store.rows === 0) {
      fill(this.drawer);
      return;
    }
    const chosen = this.selected.size > 0 ? [...this.selected] : this.table.visible().slice(0, 10).map((row) => this.store.id(row));
    const ids = chosen.slice(0, MOST_IN_CHARTS);
    const { chartPanel } = await import("./charts.js");
    if (!this.chartsOpen || this.ended) {
      return;
    }
    this.#closePanel();
    const panel = chartPanel({ runs: ids.map((id) => ({ id, name: String(this.store.value(/** @type {number} */ (this.store.rowOf(id)), "name") ?? id) })), metrics: null });
    this.panel = panel;
    const drawer = h("div", { class: "drawer", tabindex: "0", role: "region", "aria-label": "Charts of the selection" }, panel.element);
    drawer.style.height = (remembered("runledger.runs.drawer") ?? Math.round(innerHeight * 0.42)) + "px";
    const grip = h("div", { class: "drawer-grip", "aria-hidden": "true" });
    grip.addEventListener("pointerdown", (event) => {
      grip.setPointerCapture(event.pointerId);
      const start = event.clientY + drawer.clientHeight;
      const move = (/** @type {PointerEvent} */ to) => {
        const height = Math.round(Math.max(120, Math.min(innerHeight - 240, start - to.clientY)));
        drawer.style.height = height + "px";
        remember("runledger.runs.drawer", String(height));
      };
      grip.addEventListener("pointermove", move);
      grip.addEventListener("pointerup", () => grip.removeEventListener("pointermove", move), { once: true });
    });
    fill(this.drawer, grip, drawer);
  }

  #export() {
    const columns = ["id", "name", ...this.columns.filter((text) => text !== "id" && text !== "name")];
    const rows = Array.from(this.table.order).filter((row) => this.selected.size === 0 || this.selected.has(this.store.id(row)));
    const cell = (/** @type {unknown} */ value) => {
      const text = value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
      return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
    };
    const lines = [columns.map(cell), ...rows.map((row) => columns.map((text) => cell(this.store.value(row, text))))];
    download("runs.csv", new Blob([lines.map((line) => line.join(",")).join("\r\n"), "\r\n"], { type: "text/csv" }));
    toast(counted(rows.length, "run") + " exported");
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) {
      return;
    }
    if (target.closest("textarea, select") || (target instanceof HTMLInputElement && target.type !== "checkbox")) {
      return;
    }
    const table = this.table;
    const inGrid = target === table.element || target === document.body || table.element.contains(target) || target.id === "main";
    const row = table.current >= 0 ? table.order[table.current] : undefined;
    /** @type {Record<string, () => void>} */
    const actions = {
      "/": () => this.box.input.focus(),
      j: () => table.go(table.current + 1),
      k: () => table.go(table.current - 1),
      c: () => this.#compare(),
      x: () => row !== undefined && this.#select([row], !this.selected.has(this.store.id(row))),
      Escape: () => this.#clearSelection(),
    };
    /** @type {Record<string, () => void>} */
    const gridActions = {
      ArrowDown: actions.j,
      ArrowUp: actions.k,
      " ": actions.x,
      Home: () => table.go(0),
      End: () => table.go(table.order.length - 1),
      PageDown: () => table.go(table.current + Math.floor(table.element.clientHeight / 28) - 1),
      PageUp: () => table.go(table.current - Math.floor(table.element.clientHeight / 28) + 1),
      Enter: () => row !== undefined && !target.closest("a, button") && navigate(runUrl(this.store.id(row))),
    };
    const action = actions[event.key] ?? (inGrid ? gridActions[event.key] : undefined);
    if (action) {
      event.preventDefault();
      action();
    }
  }
}

/**
 * Columns for somebody who has chosen none: the metrics and values that most runs have.
 * @param {AbortSignal} signal
 * @returns {Promise<string[]>}
 */
async function firstColumns(signal) {
  try {
    const [metrics, values] = await Promise.all([names("metric", "", signal), names("config", "", signal)]);
    const loss = metrics.filter(({ name }) => !/^system\//.test(name));
    loss.sort((a, b) => rankOf(a.name) - rankOf(b.name) || (b.runs ?? 0) - (a.runs ?? 0));
    const known = values.filter(({ name }) => /(^|\.)(lr|learning_rate|batch_size|model|method|arch|optimizer)$/.test(name));
    return [
      "status",
      ...loss.slice(0, 2).map(({ name }) => field("metric", name, /loss|err/.test(name) ? "min" : "last")),
      ...(known.length > 0 ? known : values).slice(0, 3).map(({ name }) => field("config", name)),
      "started",
      "took",
    ];
  } catch {
    return BASE;
  }
}

/** @param {string|null} text */
function sortOf(text) {
  return text ? { key: text.replace(/^-/, ""), descending: text.startsWith("-") } : null;
}

/**
 * @param {...(string|null)} texts
 * @returns {Record<string, number>}
 */
function widthsOf(...texts) {
  /** @type {Record<string, number>} */
  const widths = {};
  for (const text of texts) {
    try {
      for (const [key, width] of Object.entries(JSON.parse(text ?? "{}"))) {
        if (typeof width === "number" && width >= 48 && width <= 1200) {
          widths[key] = width;
        }
      }
    } catch {
      // Widths of a broken URL are the usual ones.
    }
  }
  return widths;
}

function emptyLedger() {
  return empty("No run has been recorded yet. Three lines of Python make the first:", h("pre", null, 'import runledger\nrun = runledger.init(project="demo", config={"lr": 0.01})\nrun.log({"loss": 0.5}, step=1); run.finish()'), h("p", { class: "soft" }, "It appears here by itself."));
}
