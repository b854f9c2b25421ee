/**
 * Who reads: what this server lets this browser do.
 * @module
 */
import { get, post } from "./api.js";

/** @typedef {{token_required: boolean, role: string|null}} Session */

/** @type {Promise<Session>|undefined} */
let asked;

/** @returns {Promise<Session>} */
export function session() {
  asked ??= get("session").then((answer) => {
    document.documentElement.classList.toggle("reader", answer.role !== "editor");
    return answer;
  });
  return asked;
}

/** Whether the reader may change runs; only after {@link session} has answered. */
export function isEditor() {
  return !document.documentElement.classList.contains("reader");
}

export async function logOut() {
  await post("logout", {});
  location.assign("/login");
}
