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
    points: old.points + tail.points,
    position: tail.position,
    whole: false,
  };
}

/**
 * The places of a curve on an axis; where the job logged none for it, its points by number.
 * @param {Curve} one
 * @param {Axis} axis
 * @returns {Float64Array}
 */
export function places(one, axis) {
  const xs = one.xs[axis];
  if (xs.length === one.last.length && xs.some((x) => !Number.isNaN(x))) {
    return xs;
  }
  return Float64Array.from(one.last, (_, i) => i);
}

/**
 * Exponential mean, corrected for its start: the first values are not drawn towards zero.
 * @param {Float64Array} values
 * @param {number} weight 0 (none) to below 1, of what came before
 * @returns {Float64Array}
 */
export function smoothed(values, weight) {
  const result = new Float64Array(values.length);
  let mean = 0;
  let seen = 1;
  for (let i = 0; i < values.length; i++) {
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
 * Index of the bucket whose place is nearest; -1 where there is none.
 * @param {Float64Array} xs ascending, but for NaN
 * @param {number} x
 */
export function nearest(xs, x) {
  let low = 0;
  let high = xs.length - 1;
  if (high < 0) {
    return -1;
  }
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] < x) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low > 0 && Math.abs(xs[low - 1] - x) <= Math.abs(xs[low] - x) ? low - 1 : low;
}
