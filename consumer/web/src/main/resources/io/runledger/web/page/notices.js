/**
 * What is shown while there is nothing else to show: loading, empty, an error; and short messages.
 * @module
 */
import { ApiError } from "./api.js";
import { h } from "./dom.js";

/** @param {string} [what] */
export function loading(what = "Loading") {
  return h("p", { class: "loading", role: "status" }, what + " …");
}

/**
 * @param {unknown} error
 * @param {() => void} [again]
 */
export function problem(error, again) {
  const known = error instanceof ApiError;
  const text = error instanceof Error ? error.message : String(error);
  return h(
    "div",
    { class: "padded" },
    h(
      "div",
      { class: "notice wrong", role: "alert" },
      h("p", null, known && error.title && error.title !== text ? h("strong", null, error.title + " ") : null, text),
      known && error.status === 404 ? h("p", null, h("a", { href: "/runs" }, "All runs")) : null,
      again ? h("p", null, h("button", { type: "button", on: { click: again } }, "Try again")) : null,
    ),
  );
}

/**
 * @param {string} text
 * @param {...HTMLElement} more
 */
export function empty(text, ...more) {
  return h("div", { class: "empty" }, h("p", null, text), more);
}

const toasts = h("div", { class: "toasts", role: "status", "aria-live": "polite" });

/**
 * Copies a text, and says so.
 * @param {string} text
 * @param {string} what
 */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Over plain HTTP from another machine, browsers have no clipboard but this one.
    const area = h("textarea", { class: "visually-hidden" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  toast(what + " copied");
}

/**
 * A short message that leaves by itself.
 * @param {string} text
 * @param {{text: string, act: () => void}} [action]
 */
export function toast(text, action) {
  if (!toasts.isConnected) {
    document.body.append(toasts);
  }
  const one = h("div", { class: "toast" }, h("span", { class: "grow" }, text));
  if (action) {
    one.append(h("button", { type: "button", on: { click: () => { one.remove(); action.act(); } } }, action.text));
  }
  toasts.append(one);
  setTimeout(() => one.remove(), action ? 12_000 : 6_000);
}
