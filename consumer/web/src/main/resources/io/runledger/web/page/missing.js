/**
 * What is missing of a run, and where it may be.
 * @module
 */
import { h } from "./dom.js";
import { count, counted } from "./format.js";

/** @param {any} document */
export function missing(document) {
  /** @type {string[]} */
  const sentences = [];
  for (const gap of document.gaps ?? []) {
    sentences.push(`${counted(gap.missing, "event")} of ${gap.topic} ${gap.missing === 1 ? "has" : "have"} not come (${count(gap.seen)} have)${gap.whereabouts ? ": " + gap.whereabouts : ""}.`);
  }
  for (const one of document.dropped ?? []) {
    sentences.push(`The job could not store ${counted(one.count, "event")} of ${one.topic}: ${one.reason}.`);
  }
  for (const gap of document.log_gaps ?? []) {
    sentences.push(`The log lost ${counted(gap.to_offset - gap.from_offset, "record")} of ${gap.topic}-${gap.partition}, of all runs together: ${gap.reason}`);
  }
  return sentences.length === 0 ? null : h("ul", { class: "notice warn missing", "aria-label": "What is missing" }, sentences.map((text) => h("li", null, text.slice(0, 1_000))));
}
