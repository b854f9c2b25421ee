/**
 * Errors of a run with their tracebacks.
 * @module
 */
import { h } from "./dom.js";
import { count, firstLine, local, utc } from "./format.js";
import { empty } from "./notices.js";

/** @param {any[]} errors */
export function errorList(errors) {
  if (errors.length === 0) {
    return empty("No error has been logged.");
  }
  return h("div", { class: "stack" }, errors.map((error, i) => errorDetails(error, i === 0)));
}

/**
 * @param {any} error
 * @param {boolean} open
 */
export function errorDetails(error, open) {
  const type = error.exception_type ?? error.status ?? "error";
  const message = String(error.message ?? error.status_reason ?? "");
  return h(
    "details",
    { class: "error", open },
    h("summary", null, h("strong", null, h("bdi", null, String(type).slice(0, 200))), " ", h("bdi", null, firstLine(message).slice(0, 300)), h("span", { class: "soft", title: utc(error.created_at) }, ` ${local(error.created_at)}`), typeof error.step === "number" ? h("span", { class: "soft" }, ` at step ${count(error.step)}`) : null),
    h("pre", { tabindex: "0" }, error.traceback ?? message),
    error.traceback && !String(error.traceback).includes(firstLine(message)) ? h("pre", null, message) : null,
    error.truncated_bytes > 0 ? h("p", { class: "soft" }, `${count(error.truncated_bytes)} bytes were cut out.`) : null,
  );
}
