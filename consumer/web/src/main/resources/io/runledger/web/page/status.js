/**
 * How a run is, as shape, colour and word: never colour alone.
 * @module
 */
import { h } from "./dom.js";

/** @type {Record<string, string>} */
const SIGNS = { running: "●", completed: "✓", failed: "✕", timeout: "◷", pending: "○" };

/** The words that a status can be. */
export const STATUSES = Object.keys(SIGNS);

/**
 * @param {unknown} status
 * @param {string} [title] why, for the tooltip
 * @returns {HTMLElement}
 */
export function statusMark(status, title) {
  const word = String(status ?? "unknown");
  const known = word in SIGNS ? word : "unknown";
  return h(
    "span",
    { class: `status status-${known}`, title: title ?? word },
    h("span", { class: "status-sign", "aria-hidden": "true" }, SIGNS[word] ?? "?"),
    h("span", { class: "status-word" }, word),
  );
}
