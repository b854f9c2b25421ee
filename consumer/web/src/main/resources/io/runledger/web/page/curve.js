/**
 * A series of a metric in buckets, as the server sends them, and what is computed from one.
 * @module
 */
import { time, toNumber } from "./format.js";

/** @typedef {"step"|"epoch"|"time"|"elapsed"} Axis */

/**
 * @typedef {object} Curve
 * @property {string} run
 * @property {string} metric
 * @property {Record<Axis, Float64Array>} xs NaN where a bucket has none
 * @property {Float64Array} min
 * @property {Float64Array} max
 * @property {Float64Array} last
 * @property {Float64Array} nan how many points of a bucket are NaN
 * @property {"step"|"epoch"|"seq"} counted what a range of it counts
 * @property {number[]} seams buckets with which a later attempt begins
 * @property {number} points
 * @property {string} position where a later request continues
 * @property {boolean} whole whether it is all of the curve, and not a tail of one
 */

/**
 * @param {any} json
 * @returns {Curve}
 */
export function curve(json) {
  const last = numbers(json.last);
  return {
    run: json.run,
    metric: json.metric,
    xs: { step: numbers(json.step), epoch: numbers(json.epoch), time: Float64Array.from(json.time ?? [], (value) => time(value) ?? NaN), elapsed: numbers(json.elapsed) },
    min: json.min ? numbers(json.min) : last,
    max: json.max ? numbers(json.max) : last,
    last,
    nan: json.nan ? numbers(json.nan) : new Float64Array(last.length),
    counted: json.x ?? "step",
    seams: json.seams ?? [],
    points: json.points ?? last.length,
    position: String(json.position ?? ""),
    whole: json.whole !== false,
  };
}

/** @param {unknown[]|undefined} values */
function numbers(values) {
  return Float64Array.from(values ?? [], (value) => toNumber(value) ?? NaN);
}

/**
 * A curve with its tail; null where the tail does not just continue it.
 * @param {Curve} old
 * @param {Curve} tail
 * @returns {Curve|null}
 */
export function continued(old, tail) {
  if (tail.whole) {
    return tail;
  }
  if (tail.last.length === 0) {
    return { ...old, position: tail.position || old.position };
  }
  const end = old.xs.step[old.xs.step.length - 1];
  if (old.last.length === 0 || tail.xs.step[0] <= end) {
    return null;
  }
  const join = (/** @type {Float64Array} */ a, /** @type {Float64Array} */ b) => {
    const both = new Float64Array(a.length + b.length);
    both.set(a);
    both.set(b, a.length);
    return both;
  };
  return {
    ...old,
    xs: { step: join(old.xs.step, tail.xs.step), epoch: join(old.xs.epoch, tail.xs.epoch), time: join(old.xs.time, tail.xs.time), elapsed: join(old.xs.elapsed, tail.xs.elapsed) },
    min: join(old.min, tail.min),
    max: join(old.max, tail.max),
    last: join(old.last, tail.last),
    nan: join(old.nan, tail.nan),
    seams: [...old.seams, ...tail.seams.map((seam) => seam + old.last.length)],
    points: old.points + tail.points,
    position: tail.position,
    whole: false,
  };
}

/** Where the points of a metric without what an axis counts are; `point` is their number. @type {Record<Axis, Axis[]>} */
const INSTEAD = { step: ["epoch"], epoch: ["step"], time: ["elapsed"], elapsed: ["time"] };

/**
 * The axis that curves can be drawn on: the one that is wanted, if they have it.
 * @param {Curve[]} curves
 * @param {Axis} wanted
 * @returns {Axis|"point"}
 */
export function axisOf(curves, wanted) {
  return [wanted, ...INSTEAD[wanted]].find((axis) => curves.some((one) => has(one, axis))) ?? "point";
}

/**
 * @param {Curve} one
 * @param {Axis} axis
 */
function has(one, axis) {
  const xs = one.xs[axis];
  return xs.length === one.last.length && xs.some((x) => !Number.isNaN(x));
}

/**
 * The places of a curve on an axis; where the job logged none for it, its points by number.
 * @param {Curve} one
 * @param {Axis|"point"} axis
 * @returns {Float64Array}
 */
export function places(one, axis) {
  return axis !== "point" && has(one, axis) ? one.xs[axis] : Float64Array.from(one.last, (_, i) => i);
}

/**
 * What one attempt logged: buckets from `start` to before `end`. Those from `past` on, a later
 * attempt did again.
 * @typedef {{start: number, past: number, end: number}} Part
 */

/**
 * @param {Curve} one
 * @param {Float64Array} xs its places
 * @returns {Part[]}
 */
export function partsOf(one, xs) {
  const starts = [0, ...one.seams.filter((seam) => seam > 0 && seam < xs.length)];
  /** @type {Part[]} */
  const parts = [];
  let again = Infinity;
  for (let i = starts.length - 1; i >= 0; i--) {
    const start = starts[i];
    const end = starts[i + 1] ?? xs.length;
    let past = end;
    while (past > start && xs[past - 1] >= again) {
      past--;
    }
    parts.unshift({ start, past, end });
    again = Math.min(again, Number.isNaN(xs[start]) ? Infinity : xs[start]);
  }
  return parts;
}

/**
 * Exponential mean, corrected for its start: the first values are not drawn towards zero. Each
 * attempt begins afresh.
 * @param {Float64Array} values
 * @param {number} weight 0 (none) to below 1, of what came before
 * @param {number[]} [seams]
 * @returns {Float64Array}
 */
export function smoothed(values, weight, seams = []) {
  const result = new Float64Array(values.length);
  const again = new Set(seams);
  let mean = 0;
  let seen = 1;
  for (let i = 0; i < values.length; i++) {
    if (again.has(i)) {
      mean = 0;
      seen = 1;
    }
    const value = values[i];
    if (Number.isFinite(value)) {
      mean = weight * mean + (1 - weight) * value;
      seen *= weight;
      result[i] = mean / (1 - seen);
    } else {
      result[i] = NaN;
    }
  }
  return result;
}

/**
 * Index of the bucket whose place is nearest, of the latest attempt that was there; -1 where there
 * is none.
 * @param {Float64Array} xs ascending in each part, but for NaN
 * @param {Part[]} parts
 * @param {number} x
 */
export function nearest(xs, parts, x) {
  let best = -1;
  for (let p = parts.length - 1; p >= 0; p--) {
    const { start, end } = parts[p];
    if (start < end) {
      const i = nearestIn(xs, start, end, x);
      if (x >= xs[start] && x <= xs[end - 1]) {
        return i;
      }
      best = best < 0 || Math.abs(xs[i] - x) < Math.abs(xs[best] - x) ? i : best;
    }
  }
  return best;
}

/**
 * @param {Float64Array} xs
 * @param {number} start
 * @param {number} end
 * @param {number} x
 */
function nearestIn(xs, start, end, x) {
  let low = start;
  let high = end - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] < x) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low > start && Math.abs(xs[low - 1] - x) <= Math.abs(xs[low] - x) ? low - 1 : low;
}
