/**
 * Dialogs, on the browser's own: focus stays inside, Escape closes.
 * @module
 */
import { h } from "./dom.js";

/**
 * @param {string} title
 * @param {import("./dom.js").Child[]} body
 * @param {HTMLElement[]} [actions] buttons before "Close"
 * @param {string} [close] what closes it
 * @returns {{element: HTMLDialogElement, close: () => void}}
 */
export function dialog(title, body, actions = [], close = "Close") {
  const before = document.activeElement;
  const element = h("dialog", { "aria-label": title });
  const end = () => element.close();
  element.append(
    h(
      "div",
      { class: "dialog" },
      h("header", null, h("h2", { class: "grow" }, title), h("button", { class: "quiet", type: "button", "aria-label": "Close", on: { click: end } }, "✕")),
      h("div", { class: "body" }, body),
      h("footer", null, actions, h("button", { type: "button", on: { click: end } }, close)),
    ),
  );
  element.addEventListener("click", (event) => event.target === element && end());
  element.addEventListener("close", () => {
    element.remove();
    if (before instanceof HTMLElement) {
      before.focus();
    }
  });
  document.body.append(element);
  element.showModal();
  return { element, close: end };
}

/**
 * Asks before something that people may regret.
 * @param {string} title
 * @param {string} text
 * @param {string} yes
 * @returns {Promise<boolean>}
 */
export function confirmed(title, text, yes) {
  return new Promise((resolve) => {
    let answer = false;
    const button = h("button", { class: "danger", type: "button" }, yes);
    const { element, close } = dialog(title, [h("p", null, text)], [button], "Cancel");
    button.addEventListener("click", () => {
      answer = true;
      close();
    });
    element.addEventListener("close", () => resolve(answer));
  });
}

/**
 * Asks for a line of text.
 * @param {string} title
 * @param {string} label
 * @param {string} action
 * @returns {Promise<string|null>} null when cancelled
 */
export function asked(title, label, action) {
  return new Promise((resolve) => {
    /** @type {string|null} */
    let answer = null;
    const input = h("input", { type: "text", "aria-label": label, autofocus: true });
    const button = h("button", { class: "primary", type: "button" }, action);
    const { element, close } = dialog(title, [h("p", null, label), input], [button], "Cancel");
    const accept = () => {
      answer = input.value.trim() || null;
      close();
    };
    button.addEventListener("click", accept);
    input.addEventListener("keydown", (event) => event.key === "Enter" && accept());
    element.addEventListener("close", () => resolve(answer));
  });
}
