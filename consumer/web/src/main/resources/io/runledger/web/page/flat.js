/**
 * Configurations as lists of paths, and what of runs can be an axis.
 * @module
 */
import { plain, toNumber } from "./format.js";

/**
 * @typedef {object} Compared
 * @property {string} id
 * @property {string} name
 * @property {string} status
 * @property {Map<string, any>} config values by path
 * @property {any[]} metrics
 */

/**
 * @param {any} value
 * @returns {Map<string, any>} by path
 */
export function flat(value) {
  const result = new Map();
  const walk = (/** @type {any} */ one, /** @type {string} */ path) => {
    if (typeof one === "object" && one !== null && !Array.isArray(one) && Object.keys(one).length > 0) {
      Object.entries(one).forEach(([name, child]) => walk(child, path ? path + "." + name : name));
    } else if (path) {
      result.set(path, one);
    }
  };
  if (value !== null && value !== undefined) {
    walk(value, "");
  }
  return result;
}

/**
 * Paths of configurations: those that most runs have first, then as they first appear.
 * @param {Compared[]} runs
 */
export function paths(runs) {
  /** @type {Map<string, number>} */
  const having = new Map();
  runs.forEach((run) => run.config.forEach((_, path) => having.set(path, (having.get(path) ?? 0) + 1)));
  return [...having].sort(([, a], [, b]) => b - a).map(([path]) => path);
}

/**
 * @param {Compared[]} runs
 * @param {string} path
 */
export function differs(runs, path) {
  const first = JSON.stringify(runs[0].config.get(path));
  return runs.some((run) => JSON.stringify(run.config.get(path)) !== first);
}

/**
 * How soon a reader wants to see a metric: losses and accuracies of a validation first, the
 * machine's last.
 * @param {string} name
 */
export function rankOf(name) {
  return /^system\//.test(name) ? 9 : (/val|test|eval/.test(name) ? 0 : 1) + (/loss|err/.test(name) ? 0 : /acc|f1|auc|bleu|score/.test(name) ? 2 : 4);
}

/**
 * Metrics of runs, the ones that are wanted first.
 * @param {Compared[]} runs
 * @returns {string[]}
 */
export function metricNames(runs) {
  const names = [...new Set(runs.flatMap((run) => run.metrics.map((one) => String(one.metric_name))))];
  return names.sort((a, b) => rankOf(a) - rankOf(b) || a.localeCompare(b, "en", { numeric: true }));
}

/** @typedef {{key: string, values: (number|string|null)[]}} Dimension */

/**
 * What can be an axis: values of the configuration, and last and best values of metrics.
 * @param {Compared[]} runs
 * @returns {Dimension[]} those that differ first
 */
export function dimensions(runs) {
  const config = paths(runs).map((path) => ({
    key: "config." + path,
    different: differs(runs, path),
    values: runs.map((run) => {
      const value = run.config.get(path);
      return value === undefined || value === null ? null : typeof value === "number" ? value : plain(value).slice(0, 200);
    }),
  }));
  const names = metricNames(runs);
  const metrics = names.flatMap((name) =>
    ["best", "final"].map((word) => ({
      key: `${name} ${word === "final" ? "last" : word}`,
      values: runs.map((run) => toNumber(run.metrics.find((one) => one.metric_name === name)?.[word]?.value)),
    })),
  );
  return [...config.filter((one) => one.different), ...metrics, ...config.filter((one) => !one.different)];
}

/**
 * Places of values between 0 and 1: numbers by size, texts by their order.
 * @param {(number|string|null)[]} values
 * @param {boolean} log
 */
export function scaleOf(values, log = false) {
  const there = values.filter((value) => value !== null && !(typeof value === "number" && !Number.isFinite(value)));
  const numeric = there.length > 0 && there.every((value) => typeof value === "number");
  if (numeric) {
    const numbers = /** @type {number[]} */ (there);
    const usesLog = log && numbers.every((n) => n > 0);
    const f = usesLog ? Math.log10 : (/** @type {number} */ n) => n;
    let low = f(Math.min(...numbers));
    let high = f(Math.max(...numbers));
    if (low === high) {
      low -= 0.5;
      high += 0.5;
    }
    return {
      numeric: true,
      log: usesLog,
      low: usesLog ? 10 ** low : low,
      high: usesLog ? 10 ** high : high,
      /** @type {string[]} */
      words: [],
      place: (/** @type {number|string|null} */ value) => (typeof value === "number" && Number.isFinite(value) ? (f(value) - low) / (high - low) : null),
    };
  }
  const words = [...new Set(there.map(String))].sort();
  return { numeric: false, log: false, low: 0, high: 1, words, place: (/** @type {number|string|null} */ value) => (value === null || !words.includes(String(value)) ? null : words.length === 1 ? 0.5 : words.indexOf(String(value)) / (words.length - 1)) };
}

/**
 * Whether a range of values is wide enough that its logarithm says more.
 * @param {(number|string|null)[]} values
 */
export function wantsLog(values) {
  const numbers = values.filter((value) => typeof value === "number" && Number.isFinite(value));
  return numbers.length > 1 && numbers.every((n) => Number(n) > 0) && Math.max(...numbers.map(Number)) / Math.min(...numbers.map(Number)) >= 50;
}
