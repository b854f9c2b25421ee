/**
 * One colour a run, on every page and every day: by a hash of its id, from ten that colour-blind
 * people can tell apart. Runs of one view that share a colour differ by dashes.
 * @module
 */

const COLOURS = 10;
/** Dash patterns in CSS pixels, by how often a colour has been used before. @type {number[][]} */
const DASHES = [[], [7, 3], [2, 3], [9, 3, 2, 3], [14, 4], [4, 2, 1, 2]];

/** @param {string} text */
function hash(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  }
  h ^= h >>> 15;
  return h >>> 0;
}

/** @typedef {{property: string, dash: number[]}} Pen what draws a run: a custom property and dashes */

/**
 * @param {string[]} ids ids of runs, or names of groups, that are seen together
 * @returns {Map<string, Pen>}
 */
export function pens(ids) {
  const used = new Array(COLOURS).fill(0);
  const result = new Map();
  for (const id of ids) {
    const index = hash(id) % COLOURS;
    result.set(id, { property: `--run-${index}`, dash: DASHES[used[index]++ % DASHES.length] });
  }
  return result;
}

/**
 * Pens of groups, which have no colour of their own every day: as long as there are colours, each
 * has another one.
 * @param {string[]} labels
 * @returns {Map<string, Pen>}
 */
export function groupPens(labels) {
  const used = new Array(COLOURS).fill(0);
  const result = new Map();
  for (const label of labels) {
    const least = Math.min(...used);
    let index = hash(label) % COLOURS;
    while (used[index] > least) {
      index = (index + 1) % COLOURS;
    }
    result.set(label, { property: `--run-${index}`, dash: DASHES[used[index]++ % DASHES.length] });
  }
  return result;
}
