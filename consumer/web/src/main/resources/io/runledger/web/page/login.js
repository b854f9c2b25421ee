/**
 * The way in where the server asks for a token.
 * @module
 */
import { post } from "./api.js";
import { h } from "./dom.js";
import { parameters } from "./router.js";

/** @returns {import("./app.js").View} */
export function view() {
  const input = h("input", { type: "password", name: "token", autocomplete: "current-password", "aria-label": "Token", required: true, autofocus: true, size: "48" });
  const wrong = h("p", { class: "status-failed", role: "alert" });
  const form = h("form", { class: "stack login" },
    h("h1", null, "Runledger"),
    h("p", null, "This server asks for a token. ", h("code", null, "runledger token create"), " on its machine makes one."),
    h("div", { class: "tools" }, input, h("button", { class: "primary", type: "submit" }, "Log in")),
    wrong);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    wrong.textContent = "";
    try {
      await post("login", { token: input.value.trim() });
      const next = parameters().get("next") ?? "/runs";
      // Only a path of this server: no other address may be smuggled into the link.
      location.replace(/^\/(?![/\\])/.test(next) ? next : "/runs");
    } catch (error) {
      wrong.textContent = error instanceof Error ? error.message : String(error);
      input.select();
    }
  });
  setTimeout(() => input.focus());
  return { title: "Log in", element: h("div", { class: "padded" }, form) };
}
