/**
 * The run that the reader points at: a row, a legend entry or a line lights it up everywhere.
 * @module
 */

/** @type {Set<(run: string|null) => void>} */
const listeners = new Set();
/** @type {string|null} */
let lit = null;

/** @param {string|null} run */
export function light(run) {
  if (run !== lit) {
    lit = run;
    listeners.forEach((listener) => listener(run));
  }
}

/** @returns {string|null} */
export function litRun() {
  return lit;
}

/**
 * @param {(run: string|null) => void} listener
 * @returns {() => void} ends it
 */
export function onLight(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
