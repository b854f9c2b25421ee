/**
 * All charts of some runs: in sections by the prefix of the name, with one cursor and one zoom.
 * @module
 */
import { get, isAbort } from "./api.js";
import { Chart } from "./chart.js";
import { exportCsv, exportPng, exportSvg } from "./chart-export.js";
import { pens } from "./colour.js";
import { axisOf, continued, curve } from "./curve.js";
import { fill, framed, h, markUseful, settled } from "./dom.js";
import { counted, duration, local, middleCut, number, utc, withoutCommon } from "./format.js";
import { light, litRun, onLight } from "./highlight.js";
import { onChange } from "./live.js";
import { empty, loading } from "./notices.js";
import { Refresher } from "./refresher.js";
import { parameters, runUrl, setParameters } from "./router.js";
import { onTheme } from "./theme.js";

/** @typedef {import("./curve.js").Curve} Curve */
/** @typedef {import("./curve.js").Axis} Axis */

/**
 * @typedef {object} Request
 * @property {{id: string, name: string}[]} runs
 * @property {string[]|null} metrics null: all that the runs have
 * @property {import("./chart.js").Seam[]} [seams]
 * @property {(metric: string) => number} [pointsOf] how many points its curves have
 */

/** Series that one request asks for. */
const BATCH = 48;
/** Points that one request asks to be reduced: the first charts must not wait for the last. */
const BATCH_POINTS = 1_500_000;
/** A request is out at most this often at once: browsers have few connections. */
const PARALLEL = 2;
const TAIL_MILLISECONDS = 400;
/** Tails that one request asks for: an address has room for so many positions. */
const MOST_TAILS = 32;
const LEGEND = 6;
/** Charts that need no sections. */
const FEW = 4;
/** Rank of the sections that come last, closed. */
const LAST = 3;
/** Runs that are asked for the names of their metrics. */
const ASKED = 12;
/** @type {Record<Axis, string>} */
const AXES = { step: "Step", epoch: "Epoch", time: "Time", elapsed: "Elapsed" };
let panels = 0;

/** @param {Request} request */
export function chartPanel(request) {
  return new ChartPanel(request);
}

class ChartPanel {
  /** @param {Request} request */
  constructor(request) {
    this.runs = request.runs;
    this.seams = request.seams ?? [];
    this.pointsOf = request.pointsOf ?? (() => 0);
    this.names = new Map(request.runs.map(({ id, name }) => [id, name]));
    this.pens = pens(request.runs.map(({ id }) => id));
    this.sync = "charts-" + ++panels;
    const url = parameters();
    const axis = url.get("x");
    /** @type {import("./chart.js").Look} */
    this.look = {
      axis: axis !== null && axis in AXES ? /** @type {Axis} */ (axis) : "step",
      log: url.get("log") === "1",
      clip: url.get("clip") === "1",
      smooth: Math.min(0.99, Math.max(0, Number(url.get("smooth")) || 0)),
    };
    this.find = url.get("find") ?? "";
    const from = url.get("from");
    const to = url.get("to");
    /** Steps. @type {[number, number]|null} */
    this.zoom = from !== null && to !== null && Number(from) < Number(to) ? [Number(from), Number(to)] : null;
    /** @type {Map<string, Figure>} */
    this.figures = new Map();
    this.ending = new AbortController();
    this.body = h("div", { class: "charts-body" }, loading("Loading the charts"));
    this.unzoom = h("button", { type: "button", hidden: this.zoom === null, on: { click: () => this.zoomTo(null) } }, "Zoom out");
    this.element = h("div", { class: "charts" }, this.#tools(), this.#legend(), this.body);
    this.observer = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const figure = this.figures.get(/** @type {HTMLElement} */ (entry.target).dataset.metric ?? "");
        if (figure) {
          figure.seen = entry.isIntersecting;
        }
      }
      this.fetchSoon();
      this.tails.soon();
    }, { rootMargin: "240px" });
    this.fetchSoon = framed(() => this.#fetch());
    this.running = 0;
    this.tails = new Refresher((signal) => this.#tail(signal), TAIL_MILLISECONDS);
    this.ends = [
      onChange((runs) => {
        const ours = this.runs.map(({ id }) => id).filter((id) => runs === null || runs.has(id));
        if (ours.length > 0) {
          this.figures.forEach((figure) => ours.forEach((id) => figure.changed.add(id)));
          this.tails.soon();
        }
      }),
      onLight(() => this.figures.forEach((figure) => figure.seen && figure.light())),
      onTheme(() => this.figures.forEach((figure) => figure.chart?.rebuild())),
    ];
    if (request.metrics !== null) {
      this.#setMetrics(request.metrics);
    } else {
      this.#askMetrics();
    }
  }

  dispose() {
    this.ending.abort();
    this.tails.end();
    this.observer.disconnect();
    this.ends.forEach((end) => end());
    this.figures.forEach((figure) => figure.dispose());
  }

  /** @param {string[]} metrics new names that a run has got */
  addMetrics(metrics) {
    if (metrics.some((metric) => !this.figures.has(metric))) {
      this.#setMetrics([...new Set([...this.figures.keys(), ...metrics])]);
    }
  }

  async #askMetrics() {
    try {
      const answers = await Promise.all(this.runs.slice(0, ASKED).map(({ id }) => get(`runs/${encodeURIComponent(id)}/metrics`, {}, this.ending.signal).catch((error) => { if (isAbort(error)) throw error; return { metrics: [] }; })));
      this.#setMetrics([...new Set(answers.flatMap((answer) => (answer.metrics ?? answer).map((/** @type {any} */ one) => String(one.metric_name ?? one.name))))]);
    } catch (error) {
      if (!isAbort(error)) {
        fill(this.body, empty(error instanceof Error ? error.message : String(error)));
      }
    }
  }

  #tools() {
    const find = h("input", { type: "search", placeholder: "Find a chart", "aria-label": "Find a chart", value: this.find });
    find.addEventListener("input", () => {
      this.find = find.value;
      setParameters({ find: this.find });
      this.#filter();
    });
    const axis = h("select", { "aria-label": "X axis" }, Object.entries(AXES).map(([value, text]) => h("option", { value, selected: value === this.look.axis }, text)));
    axis.addEventListener("change", () => {
      setParameters({ x: axis.value === "step" ? null : axis.value });
      this.#restyle({ axis: /** @type {Axis} */ (axis.value) });
    });
    const toggle = (/** @type {"log"|"clip"} */ what, /** @type {string} */ text, /** @type {string} */ title) => {
      const button = h("button", { type: "button", title, "aria-pressed": String(this.look[what]) }, text);
      button.addEventListener("click", () => {
        this.#restyle({ [what]: !this.look[what] });
        button.setAttribute("aria-pressed", String(this.look[what]));
        setParameters({ [what]: this.look[what] ? "1" : null });
      });
      return button;
    };
    const shown = h("output", { class: "number mono" }, this.look.smooth.toFixed(2));
    const smooth = h("input", { type: "range", min: "0", max: "0.99", step: "0.01", "aria-label": "Smoothing" });
    smooth.value = String(this.look.smooth);
    const keep = settled(300, () => setParameters({ smooth: this.look.smooth ? String(this.look.smooth) : null }));
    const apply = framed(() => this.#restyle({ smooth: Number(smooth.value) }));
    smooth.addEventListener("input", () => {
      shown.textContent = Number(smooth.value).toFixed(2);
      apply();
      keep();
    });
    return h(
      "div",
      { class: "tools charts-tools" },
      find,
      h("label", null, "x ", axis),
      toggle("log", "log y", "Logarithmic; values of zero and below are left out"),
      toggle("clip", "clip spikes", "The range leaves out the outermost hundredth of the values and the bands"),
      h("label", { title: "Exponential mean, corrected for its start; the line as it was logged stays, faint" }, "Smoothing ", smooth, shown),
      this.unzoom,
      h("span", { class: "soft small hint" }, "drag to zoom"),
    );
  }

  #legend() {
    if (this.runs.length < 2) {
      return null;
    }
    const shorter = withoutCommon(this.runs.map(({ name }) => name));
    return h(
      "div",
      { class: "legend", role: "group", "aria-label": "Runs" },
      this.runs.map(({ id, name }, i) =>
        h("a", { class: "legend-entry", href: runUrl(id), title: name.slice(0, 500), on: { mouseenter: () => light(id), mouseleave: () => light(null), focus: () => light(id), blur: () => light(null) } }, penMark(this.pens.get(id)), h("bdi", null, middleCut(shorter[i], 36)))),
    );
  }

  /** @param {string[]} metrics */
  #setMetrics(metrics) {
    /** @type {Map<string, string[]>} */
    const sections = new Map();
    const few = metrics.filter((metric) => !isSystem(metric)).length <= FEW;
    for (const metric of [...metrics].sort(byName)) {
      const prefix = few && !isSystem(metric) ? "" : metric.includes("/") ? metric.slice(0, metric.lastIndexOf("/")) : "";
      sections.set(prefix, [...(sections.get(prefix) ?? []), metric]);
    }
    const rank = (/** @type {string} */ prefix) => (/^system(\/|$)/.test(prefix) ? LAST : prefix === "" ? 2 : /^(train|val|valid|validation|test|eval)(\/|$)/.test(prefix) ? 0 : 1);
    const ordered = [...sections].sort(([a], [b]) => rank(a) - rank(b) || byName(a, b));
    if (ordered.length === 0) {
      fill(this.body, empty("No metric has been logged yet. Charts appear with the first value."));
      return;
    }
    this.sections = ordered.map(([prefix, list]) => {
      const shown = list.map((metric) => {
        let figure = this.figures.get(metric);
        if (figure === undefined) {
          figure = new Figure(metric, this);
          this.figures.set(metric, figure);
          this.observer.observe(figure.element);
        }
        return figure;
      });
      const number = h("span", { class: "soft" }, String(list.length));
      const element = h("details", { class: "section", open: rank(prefix) < LAST }, h("summary", null, h("h2", null, h("bdi", null, prefix === "" ? (few ? "charts" : "other") : middleCut(prefix, 60))), " ", number), h("div", { class: "charts-grid" }, shown.map((figure) => figure.element)));
      return { element, figures: shown, number };
    });
    fill(this.body, this.sections.map(({ element }) => element));
    this.#filter();
  }

  #filter() {
    const wanted = this.find.toLowerCase();
    for (const { element, figures, number } of this.sections ?? []) {
      let n = 0;
      for (const figure of figures) {
        figure.element.hidden = !figure.metric.toLowerCase().includes(wanted);
        n += Number(!figure.element.hidden);
      }
      element.hidden = n === 0;
      number.textContent = String(n);
      if (wanted && n > 0) {
        element.open = true;
      }
    }
  }

  /** @param {Partial<import("./chart.js").Look>} change */
  #restyle(change) {
    this.look = { ...this.look, ...change };
    this.figures.forEach((figure) => figure.show());
  }

  /** @param {[number, number]|null} steps */
  zoomTo(steps) {
    this.zoom = steps;
    this.unzoom.hidden = steps === null;
    setParameters({ from: steps ? String(steps[0]) : null, to: steps ? String(steps[1]) : null });
    this.figures.forEach((figure) => {
      figure.own = null;
      figure.stale = true;
    });
    this.fetchSoon();
  }

  /**
   * @param {number|null} x
   * @param {string} axis
   */
  cursor(x, axis) {
    this.figures.forEach((figure) => figure.seen && figure.chart?.axis === axis && figure.values(x));
  }

  /** Fetches what is seen and has no curves, or old ones. */
  #fetch() {
    while (this.running < PARALLEL) {
      const wanting = [...this.figures.values()].filter((figure) => figure.seen && figure.stale && !figure.fetching);
      if (wanting.length === 0) {
        return;
      }
      const zoom = wanting[0].range();
      const most = Math.max(1, Math.floor(BATCH / this.runs.length));
      let points = 0;
      const batch = wanting.filter((figure) => figure.range() === zoom).slice(0, most).filter((figure, i) => (points += this.pointsOf(figure.metric)) <= BATCH_POINTS || i === 0);
      this.#fetchBatch(batch, zoom);
    }
  }

  /**
   * @param {Figure[]} batch
   * @param {[number, number]|null} zoom
   */
  async #fetchBatch(batch, zoom) {
    this.running++;
    batch.forEach((figure) => figure.begin());
    const width = Math.max(100, Math.min(2_000, Math.round((batch[0].element.clientWidth - 64) * Math.min(2, devicePixelRatio)))) || 500;
    try {
      const answer = await get("curves", { run: this.runs.map(({ id }) => id), metric: batch.map((figure) => figure.metric), width, from: zoom?.[0], to: zoom?.[1] }, this.ending.signal);
      const curves = answer.series.map(curve);
      for (const figure of batch) {
        figure.take(curves.filter((/** @type {Curve} */ one) => one.metric === figure.metric), zoom, width);
      }
      markUseful("charts");
    } catch (error) {
      if (!isAbort(error)) {
        batch.forEach((figure) => figure.fail(error));
      }
    } finally {
      this.running--;
      this.fetchSoon();
      this.tails.soon();
    }
  }

  /**
   * Fetches what was logged since, of the charts that are seen.
   * @param {AbortSignal} signal
   */
  async #tail(signal) {
    const seen = [...this.figures.values()].filter((figure) => figure.seen && !figure.fetching && !figure.stale && figure.changed.size > 0 && figure.range() === null);
    if (seen.length === 0) {
      return;
    }
    const runs = [...new Set(seen.flatMap((figure) => [...figure.changed]))];
    seen.forEach((figure) => figure.changed.clear());
    try {
      const metrics = seen.map((figure) => figure.metric);
      const together = Math.max(1, Math.floor(MOST_TAILS / metrics.length));
      /** @type {Curve[]} */
      const tails = [];
      for (let i = 0; i < runs.length; i += together) {
        const run = runs.slice(i, i + together);
        const after = seen.flatMap((figure) => figure.curves.filter((one) => run.includes(one.run)).map((one) => one.position)).filter(Boolean);
        const answer = await get("curves", { run, metric: metrics, width: seen[0].width, after }, signal);
        tails.push(...answer.series.map(curve));
      }
      seen.forEach((figure) => figure.continue(tails.filter((one) => one.metric === figure.metric)));
    } catch (error) {
      if (!isAbort(error)) {
        seen.forEach((figure) => (figure.stale = true));
      }
    } finally {
      this.fetchSoon();
    }
  }

  /** @param {string} run */
  nameOf(run) {
    return this.names.get(run) ?? run;
  }
}

/** A chart with its title, its values and its menu. */
class Figure {
  /**
   * @param {string} metric
   * @param {ChartPanel} panel
   */
  constructor(metric, panel) {
    this.metric = metric;
    this.panel = panel;
    this.seen = false;
    this.stale = true;
    this.fetching = false;
    /** Runs that changed since its curves were asked for. @type {Set<string>} */
    this.changed = new Set();
    this.width = 0;
    /** What a range of the curves counts; those that do not count steps have a zoom of their own. */
    this.counted = "step";
    /** @type {[number, number]|null} */
    this.own = null;
    /** @type {Curve[]} */
    this.curves = [];
    /** @type {Chart|null} */
    this.chart = null;
    this.value = h("span", { class: "chart-value mono" });
    /** What it is drawn over, where it lacks what was chosen. */
    this.instead = h("span", { class: "soft small grow" });
    this.place = h("div", { class: "chart-plot", role: "img", "aria-label": metric });
    this.legend = h("div", { class: "chart-legend", hidden: panel.runs.length < 2 });
    const name = (/** @type {string} */ run) => panel.nameOf(run);
    const save = (/** @type {(chart: Chart, title: string, nameOf: (run: string) => string) => void} */ action) => () => {
      menu.open = false;
      if (this.chart) {
        action(this.chart, metric, name);
      }
    };
    const menu = h(
      "details",
      { class: "menu" },
      h("summary", { title: "Save this chart", "aria-label": "Save " + metric.slice(0, 100) }, "⤓"),
      h("div", { class: "menu-list" }, h("button", { class: "quiet", type: "button", on: { click: save(exportPng) } }, "PNG"), h("button", { class: "quiet", type: "button", on: { click: save(exportSvg) } }, "SVG"), h("button", { class: "quiet", type: "button", on: { click: save(exportCsv) } }, "CSV")),
    );
    menu.addEventListener("focusout", (event) => {
      if (!menu.contains(/** @type {Node|null} */ (event.relatedTarget))) {
        menu.open = false;
      }
    });
    const wide = h("button", { class: "quiet", type: "button", title: "Larger", "aria-pressed": "false", "aria-label": "Larger" }, "⤢");
    wide.addEventListener("click", () => {
      const on = this.element.classList.toggle("wide");
      wide.setAttribute("aria-pressed", String(on));
      this.stale = true;
      this.panel.fetchSoon();
    });
    this.element = h(
      "figure",
      { class: "chart", "data-metric": metric },
      h("figcaption", null, h("span", { class: "chart-title", title: metric.slice(0, 1_000) }, h("bdi", null, middleCut(metric, 48))), this.instead, this.value, wide, menu),
      this.place,
      this.legend,
    );
  }

  dispose() {
    this.chart?.dispose();
  }

  begin() {
    this.fetching = true;
    this.stale = false;
    this.changed.clear();
    this.element.setAttribute("aria-busy", "true");
  }

  /**
   * What is zoomed to, of what the curves count.
   * @returns {[number, number]|null}
   */
  range() {
    return this.counted === "step" ? this.panel.zoom : this.own;
  }

  /**
   * @param {Curve[]} curves
   * @param {[number, number]|null} zoom that was asked for
   * @param {number} width buckets that were asked for
   */
  take(curves, zoom, width) {
    this.fetching = false;
    this.counted = curves[0]?.counted ?? this.counted;
    this.stale ||= zoom !== this.range();
    this.width = width;
    this.curves = curves;
    this.element.removeAttribute("aria-busy");
    this.show();
  }

  /** @param {unknown} error */
  fail(error) {
    this.fetching = false;
    this.element.removeAttribute("aria-busy");
    fill(this.legend, h("span", { class: "status-failed" }, error instanceof Error ? error.message : String(error)));
    this.legend.hidden = false;
  }

  /** @param {Curve[]} tails */
  continue(tails) {
    let changed = false;
    for (const tail of tails) {
      const i = this.curves.findIndex((one) => one.run === tail.run);
      const next = i < 0 ? tail : continued(this.curves[i], tail);
      if (next === null || (!next.whole && next.last.length > 2 * this.width + 200)) {
        this.stale = true;
        return;
      }
      changed ||= tail.last.length > 0;
      this.curves[i < 0 ? this.curves.length : i] = next;
    }
    if (changed) {
      this.show();
    }
  }

  show() {
    if (this.curves.length === 0) {
      fill(this.value);
      return;
    }
    const { panel } = this;
    this.chart ??= new Chart(this.place, {
      pens: panel.pens,
      seams: panel.seams,
      sync: panel.sync,
      onZoom: (from, to) => this.#zoom(from, to),
      onUnzoom: () => (panel.zoom || this.own) && panel.zoomTo(null),
      onCursor: (x) => panel.cursor(x, /** @type {Chart} */ (this.chart).axis),
    });
    this.chart.show(this.curves, panel.look, axisOf(this.curves, panel.look.axis) === this.counted ? this.range() : null);
    const { axis } = this.chart;
    this.instead.textContent = axis === panel.look.axis ? "" : `by ${axis}`;
    this.values(null);
  }

  light() {
    this.chart?.redraw();
  }

  /**
   * Zooms all charts that count steps together, and any other alone.
   * @param {number} from
   * @param {number} to
   */
  #zoom(from, to) {
    const range = this.#counted(from, to);
    if (range === null) {
      return;
    }
    if (this.counted === "step") {
      this.panel.zoomTo([Math.floor(range[0]), Math.ceil(range[1])]);
    } else {
      this.own = range;
      this.stale = true;
      this.panel.unzoom.hidden = false;
      this.panel.fetchSoon();
    }
  }

  /**
   * What a range of the axis is in what the curves count.
   * @param {number} from
   * @param {number} to
   * @returns {[number, number]|null}
   */
  #counted(from, to) {
    const counted = this.counted;
    if (this.chart?.axis === counted) {
      return [from, to];
    }
    let low = Infinity;
    let high = -Infinity;
    for (const { curve, xs } of this.chart?.lines ?? []) {
      for (let i = 0; i < xs.length; i++) {
        const x = counted === "step" || counted === "epoch" ? curve.xs[counted][i] : NaN;
        if (xs[i] >= from && xs[i] <= to && Number.isFinite(x)) {
          low = Math.min(low, x);
          high = Math.max(high, x);
        }
      }
    }
    return low < high ? [low, high] : null;
  }

  /** @param {number|null} x */
  values(x) {
    if (this.chart === null) {
      return;
    }
    const values = this.chart.valuesAt(x);
    const { axis } = this.chart;
    const at = x === null ? "" : axis === "time" ? local(x) : axis === "elapsed" ? duration(x) || "0s" : `${axis} ${number(axis === "step" ? Math.round(x) : x)}`;
    if (values.length === 1) {
      this.value.textContent = number(values[0].value) + (at ? "  " + at : "");
      this.value.title = String(values[0].value) + (x !== null && axis === "time" ? " " + utc(x) : "");
      this.place.setAttribute("aria-label", `${this.metric}: ${number(values[0].value)}${at ? " at " + at : " at the end"}`);
      return;
    }
    this.value.textContent = at;
    const lit = litRun();
    const shown = values.slice(0, LEGEND);
    const extra = values.find(({ run }, i) => run === lit && i >= LEGEND);
    if (extra) {
      shown[LEGEND - 1] = extra;
    }
    fill(
      this.legend,
      shown.map(({ run, value, pen }) => h("span", { class: "legend-value" + (run === lit ? " lit" : ""), title: this.panel.nameOf(run).slice(0, 500) + ": " + value }, penMark(pen), h("span", { class: "mono" }, number(value)))),
      values.length > LEGEND ? h("span", { class: "soft" }, `+${values.length - LEGEND}`) : null,
    );
    this.place.setAttribute("aria-label", `${this.metric} of ${counted(values.length, "run")}`);
  }
}

/**
 * A short line as a chart draws it.
 * @param {import("./colour.js").Pen|undefined} pen
 */
export function penMark(pen) {
  const mark = h("span", { class: "pen", "aria-hidden": "true" });
  mark.style.borderTopColor = `var(${pen?.property ?? "--run-8"})`;
  mark.style.borderTopStyle = (pen?.dash.length ?? 0) > 0 ? (/** @type {number[]} */ (pen?.dash)[0] < 4 ? "dotted" : "dashed") : "solid";
  return mark;
}

/** @param {string} metric */
function isSystem(metric) {
  return /^system\//.test(metric);
}

/**
 * @param {string} a
 * @param {string} b
 */
function byName(a, b) {
  return a.localeCompare(b, "en", { numeric: true });
}
