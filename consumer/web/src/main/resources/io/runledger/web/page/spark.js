/**
 * Spark lines of runs in a table, fetched for the rows that are seen.
 * @module
 */
import { get } from "./api.js";
import { settled, svg } from "./dom.js";
import { toNumber } from "./format.js";

const WIDTH = 56;
const HEIGHT = 16;
const POINTS = 40;
/** Runs that one request asks for. */
const BATCH = 50;

export class Sparks {
  /** @param {() => void} onReady more lines can be drawn */
  constructor(onReady) {
    this.onReady = onReady;
    /** Paths by metric and run; empty where there is no line. @type {Map<string, string>} */
    this.paths = new Map();
    /** @type {Map<string, number>} */
    this.versions = new Map();
    this.fetchSoon = settled(150, (/** @type {string} */ metric, /** @type {string[]} */ runs) => this.#fetch(metric, runs));
  }

  /**
   * @param {string} metric
   * @param {string} run
   */
  stamp(metric, run) {
    return this.paths.get(metric + "\n" + run) ?? "";
  }

  /**
   * @param {string} metric
   * @param {string} run
   * @returns {SVGElement|null}
   */
  line(metric, run) {
    const path = this.paths.get(metric + "\n" + run);
    return path ? svg("svg", { class: "spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" }, svg("path", { d: path })) : null;
  }

  /** @param {Set<string>} runs their lines are old */
  forget(runs) {
    for (const key of this.paths.keys()) {
      if (runs.has(key.slice(key.indexOf("\n") + 1))) {
        this.versions.set(key, 0);
      }
    }
  }

  /**
   * @param {string} metric
   * @param {string[]} runs that are seen
   */
  want(metric, runs) {
    const missing = runs.filter((run) => this.versions.get(metric + "\n" + run) !== 1);
    if (missing.length > 0) {
      this.fetchSoon(metric, missing.slice(0, BATCH));
    }
  }

  /**
   * @param {string} metric
   * @param {string[]} runs
   */
  async #fetch(metric, runs) {
    runs.forEach((run) => this.versions.set(metric + "\n" + run, 1));
    try {
      const answer = await get("curves", { run: runs, metric, width: POINTS });
      const found = new Map(answer.series.map((/** @type {any} */ one) => [one.run, one]));
      for (const run of runs) {
        const one = found.get(run);
        this.paths.set(metric + "\n" + run, one ? path(one.last, one.step, one.seams) : "");
      }
      this.onReady();
    } catch {
      // A table without spark lines is a table still.
    }
  }
}

/**
 * @param {unknown[]} values
 * @param {unknown[]|undefined} steps
 * @param {number[]|undefined} seams
 */
function path(values, steps, seams) {
  const numbers = values.map(toNumber);
  const finite = /** @type {number[]} */ (numbers.filter((n) => n !== null && Number.isFinite(n)));
  if (finite.length < 2) {
    return "";
  }
  const xs = steps?.length === values.length && steps.every((step) => typeof step === "number") ? /** @type {number[]} */ (steps) : numbers.map((_, i) => i);
  const first = Math.min(...xs);
  const width = Math.max(...xs) - first || 1;
  const low = Math.min(...finite);
  const range = Math.max(...finite) - low || 1;
  let text = "";
  let pen = "M";
  numbers.forEach((n, i) => {
    if (n === null || !Number.isFinite(n)) {
      pen = "M";
      return;
    }
    const x = 1 + ((xs[i] - first) / width) * (WIDTH - 2);
    const y = HEIGHT - 2 - ((n - low) / range) * (HEIGHT - 4);
    text += `${seams?.includes(i) ? "M" : pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = "L";
  });
  return text;
}
