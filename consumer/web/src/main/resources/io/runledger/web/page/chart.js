/**
 * One chart: curves with their min-max bands. uPlot has the axes, the cursor and the zoom; the
 * curves are drawn here, because each has places of its own on the axis.
 * @module
 */
import uPlot from "./vendor/uPlot.esm.js";
import { axisOf, nearest, partsOf, places, smoothed } from "./curve.js";
import { clock, count, span } from "./format.js";
import { light, litRun } from "./highlight.js";
import { colour } from "./theme.js";

/** @typedef {import("./curve.js").Curve} Curve */
/** @typedef {import("./colour.js").Pen} Pen */

/**
 * @typedef {object} Look
 * @property {import("./curve.js").Axis} axis
 * @property {boolean} log
 * @property {boolean} clip whether the range leaves out the outermost values
 * @property {number} smooth
 */

/** @typedef {{step: number|null, time: number|null, label: string}} Seam where an attempt begins */

/** @typedef {{curve: Curve, xs: Float64Array, parts: import("./curve.js").Part[], smooth: Float64Array|null, pen: Pen}} Line */

const BAND_ALPHA = 0.25;
const RAW_ALPHA = 0.3;
const FAR_ALPHA = 0.18;
/** Seconds between the marks of an axis of durations. */
export const SPANS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400, 172_800, 432_000, 864_000, 2_592_000, 8_640_000];
/** What a later attempt did again. */
const PAST_ALPHA = 0.35;
/** Curves of one chart that still have bands; more would be a fog. */
const MOST_BANDS = 12;
/** Pixels between cursor and line within which the line lights up. */
const NEAR = 24;

export class Chart {
  /**
   * @param {HTMLElement} place
   * @param {{pens: Map<string, Pen>, seams: Seam[], sync: string, onZoom: (from: number, to: number) => void, onUnzoom: () => void, onCursor: (x: number|null) => void}} options
   */
  constructor(place, options) {
    this.place = place;
    this.options = options;
    /** @type {Line[]} */
    this.lines = [];
    /** @type {Look} */
    this.look = { axis: "step", log: false, clip: false, smooth: 0 };
    /** What the curves have of what was wanted. @type {import("./curve.js").Axis|"point"} */
    this.axis = "step";
    /** @type {[number, number]} */
    this.xRange = [0, 1];
    /** @type {[number, number]} */
    this.yRange = [0, 1];
    /** @type {any} */
    this.plot = null;
    this.resizing = new ResizeObserver(() => this.#resize());
    this.resizing.observe(place);
  }

  dispose() {
    this.resizing.disconnect();
    this.plot?.destroy();
    this.plot = null;
  }

  /**
   * @param {Curve[]} curves
   * @param {Look} look
   * @param {[number, number]|null} range of the axis; null for all
   */
  show(curves, look, range) {
    const axis = axisOf(curves, look.axis);
    const rebuilt = this.plot !== null && (look.log !== this.look.log || axis !== this.axis);
    this.look = look;
    this.axis = axis;
    this.lines = curves.map((one) => {
      const xs = places(one, axis);
      return {
        curve: one,
        xs,
        parts: partsOf(one, xs),
        smooth: look.smooth > 0 ? smoothed(one.last, look.smooth, one.seams) : null,
        pen: this.options.pens.get(one.run) ?? { property: "--run-8", dash: [] },
      };
    });
    this.xRange = range ?? this.#xExtent();
    this.yRange = this.#yExtent();
    if (rebuilt) {
      this.plot.destroy();
      this.plot = null;
    }
    if (this.plot === null) {
      this.#build();
    } else {
      this.plot.setData(this.#frame(), true);
    }
  }

  redraw() {
    this.plot?.redraw(false);
  }

  /** The same with new colours. */
  rebuild() {
    if (this.plot !== null) {
      this.plot.destroy();
      this.#build();
    }
  }

  #frame() {
    return [this.xRange, this.yRange];
  }

  /** @returns {[number, number]} */
  #xExtent() {
    let low = Infinity;
    let high = -Infinity;
    for (const { xs } of this.lines) {
      for (const x of xs) {
        if (x < low) low = x;
        if (x > high) high = x;
      }
    }
    return low > high ? [0, 1] : low === high ? [low - 0.5, high + 0.5] : [low, high];
  }

  /** @returns {[number, number]} */
  #yExtent() {
    const [from, to] = this.xRange;
    const { log, clip } = this.look;
    /** @type {number[]} */
    const values = [];
    const banded = this.lines.length <= MOST_BANDS;
    for (const { curve, xs } of this.lines) {
      for (let i = 0; i < xs.length; i++) {
        if (xs[i] >= from && xs[i] <= to) {
          const low = banded && !clip ? curve.min[i] : curve.last[i];
          const high = banded && !clip ? curve.max[i] : curve.last[i];
          if (Number.isFinite(low) && (!log || low > 0)) values.push(low);
          if (Number.isFinite(high) && (!log || high > 0)) values.push(high);
        }
      }
    }
    if (values.length === 0) {
      return log ? [0.1, 1] : [0, 1];
    }
    let low = Infinity;
    let high = -Infinity;
    if (clip) {
      values.sort((a, b) => a - b);
      low = values[Math.floor(values.length * 0.01)];
      high = values[Math.min(values.length - 1, Math.ceil(values.length * 0.99))];
    } else {
      for (const value of values) {
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    if (log) {
      return low === high ? [low / 2, high * 2] : [low / 1.1, high * 1.1];
    }
    const margin = (high - low) * 0.05 || Math.abs(high) * 0.1 || 0.5;
    return [low - margin, high + margin];
  }

  #build() {
    const { axis } = this;
    const { log } = this.look;
    const soft = colour("--ink-soft");
    const font = "11px " + getComputedStyle(document.documentElement).fontFamily;
    const line = { stroke: colour("--line"), width: 1 };
    const common = { stroke: soft, font, grid: line, ticks: { ...line, size: 4 }, gap: 3 };
    this.plot = new uPlot(
      {
        width: Math.max(120, this.place.clientWidth),
        height: Math.max(100, this.place.clientHeight),
        ms: 1,
        legend: { show: false },
        padding: [6, 12, 0, 0],
        cursor: {
          y: false,
          points: { show: false },
          drag: { x: true, y: false, setScale: false, dist: 5 },
          sync: { key: this.options.sync + axis, scales: ["x", null], setSeries: false },
          bind: { dblclick: () => () => this.options.onUnzoom() },
        },
        scales: {
          x: { time: axis === "time", range: () => this.xRange },
          y: { distr: log ? 3 : 1, log: 10, range: () => this.yRange },
        },
        series: [{}, { paths: () => null, points: { show: false } }],
        axes: [
          { ...common, size: 24, space: 64, ...(axis === "elapsed" ? { incrs: SPANS } : {}), values: (/** @type {any} */ _u, /** @type {number[]} */ splits, /** @type {number} */ _axis, /** @type {number} */ _space, /** @type {number} */ step) => splits.map((x, i) => (axis === "time" ? clock(x, step, splits[i - 1]) : axis === "elapsed" ? span(x) : short(x))) },
          { ...common, size: 52, space: 28, values: (/** @type {any} */ _, /** @type {number[]} */ splits) => splits.map((y) => (y === null ? "" : short(y))) },
        ],
        hooks: {
          draw: [() => this.#draw()],
          setCursor: [(/** @type {any} */ u) => this.#cursor(u)],
          setSelect: [(/** @type {any} */ u) => this.#selected(u)],
        },
      },
      this.#frame(),
      this.place,
    );
    this.plot.over.addEventListener("mouseleave", () => light(null));
  }

  #resize() {
    if (this.plot !== null && this.place.clientWidth > 0) {
      this.plot.setSize({ width: this.place.clientWidth, height: Math.max(100, this.place.clientHeight) });
    }
  }

  /** @param {any} u */
  #selected(u) {
    if (u.select.width > 4) {
      const from = u.posToVal(u.select.left, "x");
      const to = u.posToVal(u.select.left + u.select.width, "x");
      u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      this.options.onZoom(from, to);
    }
  }

  /** @param {any} u */
  #cursor(u) {
    const left = u.cursor.left;
    if (left === undefined || left === null || left < 0) {
      this.options.onCursor(null);
      return;
    }
    const x = u.posToVal(left, "x");
    this.options.onCursor(x);
    const own = u.cursor.event && u.over.contains(u.cursor.event.target);
    if (own && this.lines.length > 1) {
      let best = null;
      let distance = NEAR;
      for (const line of this.lines) {
        const i = nearest(line.xs, line.parts, x);
        const value = i < 0 ? NaN : (line.smooth ?? line.curve.last)[i];
        const away = Math.abs(u.valToPos(value, "y") - u.cursor.top);
        if (away < distance) {
          distance = away;
          best = line.curve.run;
        }
      }
      light(best);
    }
  }

  /**
   * What each curve is at a place of the axis.
   * @param {number|null} x null for the end
   * @returns {{run: string, value: number, pen: Pen}[]}
   */
  valuesAt(x) {
    return this.lines.map(({ curve, xs, parts, pen }) => {
      const i = x === null ? xs.length - 1 : nearest(xs, parts, x);
      return { run: curve.run, value: i < 0 ? NaN : curve.last[i], pen };
    });
  }

  #draw() {
    const u = this.plot ?? null;
    if (u === null) {
      // The first drawing happens inside of the constructor.
      queueMicrotask(() => this.plot?.redraw(false));
      return;
    }
    /** @type {CanvasRenderingContext2D} */
    const ctx = u.ctx;
    const { left, top, width, height } = u.bbox;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    ctx.lineJoin = "round";
    this.#drawSeams(u, ctx);
    const lit = litRun();
    const known = lit !== null && this.lines.some((line) => line.curve.run === lit);
    const ordered = known ? [...this.lines].sort((a, b) => Number(a.curve.run === lit) - Number(b.curve.run === lit)) : this.lines;
    for (const line of ordered) {
      const far = known && line.curve.run !== lit;
      this.#drawLine(u, ctx, line, far ? FAR_ALPHA : 1, known && !far);
    }
    ctx.restore();
  }

  /**
   * @param {any} u
   * @param {CanvasRenderingContext2D} ctx
   */
  #drawSeams(u, ctx) {
    const { axis } = this;
    ctx.strokeStyle = colour("--line-strong");
    ctx.fillStyle = colour("--ink-soft");
    ctx.lineWidth = devicePixelRatio;
    ctx.textAlign = "left";
    ctx.font = `${10 * devicePixelRatio}px ${getComputedStyle(document.documentElement).fontFamily}`;
    for (const seam of this.options.seams) {
      const at = axis === "step" ? seam.step : axis === "time" ? seam.time : null;
      if (at === null || at < this.xRange[0] || at > this.xRange[1]) {
        continue;
      }
      const x = u.valToPos(at, "x", true);
      ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(x, u.bbox.top);
      ctx.lineTo(x, u.bbox.top + u.bbox.height);
      ctx.stroke();
      ctx.fillText(seam.label, x + 3 * devicePixelRatio, u.bbox.top + 10 * devicePixelRatio);
    }
    ctx.setLineDash([]);
  }

  /**
   * @param {any} u
   * @param {CanvasRenderingContext2D} ctx
   * @param {Line} line
   * @param {number} alpha
   * @param {boolean} thick
   */
  #drawLine(u, ctx, line, alpha, thick) {
    const { curve, xs, parts, smooth, pen } = line;
    const n = xs.length;
    const px = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      px[i] = u.valToPos(xs[i], "x", true);
    }
    const floor = u.bbox.top + u.bbox.height;
    const y = (/** @type {number} */ value) => (this.look.log && value <= 0 ? floor : Math.max(-1e5, Math.min(1e5, u.valToPos(value, "y", true))));
    const ink = colour(pen.property);
    ctx.strokeStyle = ink;
    ctx.fillStyle = ink;
    const banded = this.lines.length <= MOST_BANDS;
    const draw = (/** @type {number} */ start, /** @type {number} */ end, /** @type {number} */ opacity) => {
      if (banded) {
        ctx.globalAlpha = BAND_ALPHA * opacity;
        band(ctx, px, curve.min, curve.max, y, start, end);
      }
      ctx.setLineDash(pen.dash.map((length) => length * devicePixelRatio));
      ctx.lineWidth = (thick ? 2.5 : 1.5) * devicePixelRatio;
      ctx.globalAlpha = (smooth ? RAW_ALPHA : 1) * opacity;
      stroke(ctx, px, curve.last, y, this.look.log, start, end);
      if (smooth) {
        ctx.globalAlpha = opacity;
        stroke(ctx, px, smooth, y, this.look.log, start, end);
      }
    };
    // The line of an attempt ends with it: none leads from one to the next.
    for (const { start, past, end } of parts) {
      if (past > start) {
        draw(start, past, alpha);
      }
      if (end > past) {
        draw(Math.max(start, past - 1), end, PAST_ALPHA * alpha);
      }
    }
    ctx.setLineDash([]);
    ctx.globalAlpha = alpha;
    const size = 3.5 * devicePixelRatio;
    let before = -Infinity;
    for (let i = 0; i < n; i++) {
      // A cross at the foot says that the values there are NaN or infinite.
      if ((curve.nan[i] > 0 || curve.last[i] === Infinity || curve.last[i] === -Infinity) && px[i] - before > size) {
        before = px[i];
        ctx.beginPath();
        ctx.moveTo(px[i] - size, floor - 3 * size);
        ctx.lineTo(px[i] + size, floor - size);
        ctx.moveTo(px[i] + size, floor - 3 * size);
        ctx.lineTo(px[i] - size, floor - size);
        ctx.lineWidth = 1.5 * devicePixelRatio;
        ctx.stroke();
      }
    }
    ctx.globalAlpha = 1;
  }
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Float64Array} px
 * @param {Float64Array} min
 * @param {Float64Array} max
 * @param {(value: number) => number} y
 * @param {number} from
 * @param {number} to
 */
function band(ctx, px, min, max, y, from, to) {
  let i = from;
  while (i < to) {
    while (i < to && !(Number.isFinite(min[i]) && Number.isFinite(max[i]))) i++;
    const start = i;
    ctx.beginPath();
    while (i < to && Number.isFinite(min[i]) && Number.isFinite(max[i])) {
      ctx.lineTo(px[i], y(max[i]));
      i++;
    }
    for (let back = i - 1; back >= start; back--) {
      ctx.lineTo(px[back], y(min[back]));
    }
    ctx.fill();
  }
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Float64Array} px
 * @param {Float64Array} values
 * @param {(value: number) => number} y
 * @param {boolean} log
 * @param {number} from
 * @param {number} to
 */
function stroke(ctx, px, values, y, log, from, to) {
  ctx.beginPath();
  let open = false;
  let single = -1;
  for (let i = from; i < to; i++) {
    const value = values[i];
    if (!Number.isFinite(value) || (log && value <= 0)) {
      if (single >= 0) dot(ctx, px[single], y(values[single]));
      single = -1;
      open = false;
    } else if (open) {
      ctx.lineTo(px[i], y(value));
      single = -1;
    } else {
      ctx.moveTo(px[i], y(value));
      open = true;
      single = i;
    }
  }
  if (single >= 0) dot(ctx, px[single], y(values[single]));
  ctx.stroke();
}

/**
 * A value with no neighbours would be a line of no length.
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} x
 * @param {number} y
 */
function dot(ctx, x, y) {
  const radius = 1.75 * devicePixelRatio;
  ctx.moveTo(x + radius, y);
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
}

/**
 * A number on an axis.
 * @param {number} value
 */
export function short(value) {
  const size = Math.abs(value);
  if (size >= 1e9 || (size < 1e-3 && size > 0)) {
    return value.toExponential(1).replace(".0e", "e").replace("e+", "e");
  }
  if (size >= 1e6) {
    return trim(value / 1e6) + "M";
  }
  if (size >= 1e4) {
    return trim(value / 1e3) + "k";
  }
  return Number.isInteger(value) ? count(value) : trim(value);
}

/** @param {number} value */
function trim(value) {
  return String(Number(value.toPrecision(4)));
}
