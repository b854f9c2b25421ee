/**
 * The line of a filter: completes names that exist, and underlines an error at its place.
 * @module
 */
import { get } from "./api.js";
import { fill, h, settled } from "./dom.js";
import { counted } from "./format.js";
import { FIELDS, field, literal } from "./fields.js";
import { STATUSES } from "./status.js";

/** @typedef {{text: string, hint: string}} Offer */

/** Fields whose values the server can list. */
const LISTED = ["tag", "project", "experiment", "dataset", "method", "subject", "cl_info", "host", "user"];
const OFFERS = 40;
const ALL_NAMES = 1_000;
let boxes = 0;

/**
 * @param {string} value
 * @param {(filter: string) => void} onFilter when the reader wants it applied
 * @param {string} [placeholder]
 */
export function filterBox(value, onFilter, placeholder = "Filter: status = failed and config.lr < 0.01   ( / )") {
  const id = "filter-" + ++boxes;
  const marks = h("span");
  const input = h("input", {
    type: "text", value, placeholder, role: "combobox", "aria-label": "Filter", "aria-autocomplete": "list", "aria-expanded": "false",
    "aria-controls": id, "aria-describedby": id + "-error", spellcheck: "false", autocomplete: "off", autocapitalize: "off", maxlength: "20000",
  });
  const clear = h("button", { class: "quiet filter-clear", type: "button", "aria-label": "Clear the filter", hidden: !value }, "✕");
  const box = h("div", { class: "filter-field" }, h("div", { class: "filter-marks", "aria-hidden": "true" }, marks), input, clear);
  const list = h("ul", { class: "completion", id, role: "listbox", "aria-label": "Completions", hidden: true });
  const message = h("div", { class: "filter-error", id: id + "-error", role: "alert", hidden: true });
  const element = h("div", { class: "filter", role: "search" }, box, list, message);

  /** @type {Offer[]} */
  let offers = [];
  let chosen = -1;
  let applied = value;
  /** @type {AbortController|null} */
  let asking = null;

  function apply() {
    hide();
    if (input.value !== applied) {
      applied = input.value;
      onFilter(applied);
    }
  }

  /** @param {import("./api.js").ApiError|null} error */
  function show(error) {
    message.hidden = error === null;
    message.textContent = error === null ? "" : error.message;
    box.classList.toggle("wrong", error !== null);
    input.setAttribute("aria-invalid", String(error !== null));
    if (error?.start === undefined) {
      fill(marks);
      return;
    }
    const text = applied;
    const start = Math.min(error.start, text.length);
    const end = Math.min(Math.max(error.end ?? start, start + 1), text.length);
    // A place after the end is shown as a blank that is underlined.
    fill(marks, text.slice(0, start), h("mark", null, text.slice(start, end) || " "), text.slice(end));
    follow();
  }

  function follow() {
    marks.style.transform = `translateX(${-input.scrollLeft}px)`;
  }

  function hide() {
    asking?.abort();
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  async function offer() {
    asking?.abort();
    asking = new AbortController();
    const place = placeOf(input.value.slice(0, input.selectionStart ?? 0));
    try {
      offers = await offersFor(place, asking.signal);
    } catch {
      return;
    }
    if (document.activeElement !== input || offers.length === 0 || (offers.length === 1 && offers[0].text === place.word)) {
      hide();
      return;
    }
    chosen = -1;
    fill(list, offers.map((one, i) => h("li", { role: "option", id: `${id}-${i}`, "aria-selected": "false", on: { mousedown: (/** @type {Event} */ event) => { event.preventDefault(); take(i); } } },
      h("span", { class: "name", title: one.text }, one.text), h("span", { class: "hint" }, one.hint))));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }

  /** @param {number} index */
  function choose(index) {
    list.children[chosen]?.setAttribute("aria-selected", "false");
    chosen = (index + offers.length) % offers.length;
    list.children[chosen].setAttribute("aria-selected", "true");
    list.children[chosen].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", `${id}-${chosen}`);
  }

  /** @param {number} index */
  function take(index) {
    const caret = input.selectionStart ?? input.value.length;
    const place = placeOf(input.value.slice(0, caret));
    const text = offers[index].text;
    const open = text.endsWith(".");
    const before = input.value.slice(0, caret - place.word.length) + text + (open ? "" : " ");
    input.value = before + input.value.slice(caret).replace(/^ /, "");
    input.setSelectionRange(before.length, before.length);
    input.focus();
    changed();
    if (open) {
      offer();
    } else {
      hide();
    }
  }

  const offerSoon = settled(120, offer);
  function changed() {
    clear.hidden = input.value === "";
    fill(marks);
  }

  input.addEventListener("input", () => {
    changed();
    offerSoon();
  });
  input.addEventListener("scroll", follow);
  input.addEventListener("keyup", follow);
  input.addEventListener("focus", () => input.value === "" && offerSoon());
  input.addEventListener("blur", hide);
  input.addEventListener("change", apply);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && list.hidden) {
      offer();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !list.hidden) {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : chosen < 0 ? 0 : -1));
    } else if (event.key === "Tab" && !list.hidden && !event.shiftKey) {
      event.preventDefault();
      take(Math.max(chosen, 0));
    } else if (event.key === "Enter") {
      if (!list.hidden && chosen >= 0) {
        take(chosen);
      } else {
        apply();
      }
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      hide();
    }
  });
  clear.addEventListener("click", () => {
    input.value = "";
    changed();
    apply();
    input.focus();
  });

  return {
    element,
    input,
    show,
    /** @param {string} filter shown without being applied: it is already */
    set(filter) {
      input.value = filter;
      applied = filter;
      changed();
      show(null);
    },
  };
}

/** @typedef {{word: string, before: string, operator: string, field: string}} Place */

/**
 * What is being typed at the end of a text.
 * @param {string} text
 * @returns {Place}
 */
function placeOf(text) {
  const word = /(?:"(?:\\.|[^"\\])*"?|[^\s()"',=<>!~])*$/.exec(text)?.[0] ?? "";
  const before = text.slice(0, text.length - word.length).trimEnd();
  const value = /([^\s()=<>!~]+)\s*(=|!=|~|!~|<=?|>=?|\bhas|\bin\s*\([^)]*)$/.exec(before);
  return { word, before, operator: value?.[2] ?? "", field: value?.[1] ?? "" };
}

/**
 * @param {Place} place
 * @param {AbortSignal} signal
 * @returns {Promise<Offer[]>}
 */
async function offersFor(place, signal) {
  const typed = place.word.toLowerCase();
  if (place.operator) {
    if (place.field === "status") {
      return STATUSES.filter((word) => word.startsWith(typed)).map((text) => ({ text, hint: "" }));
    }
    if (LISTED.includes(place.field)) {
      return (await names(place.field, place.word, signal)).map(({ name, hint }) => ({ text: literal(name), hint }));
    }
    return [];
  }
  if (/[^\s(]$/.test(place.before) && !/\b(and|or|not)$/i.test(place.before)) {
    const words = /(=|<|>|~|\bin|\bhas|\bis|\bis not)$/i.test(place.before) ? [] : /[)"\w.]$/.test(place.before) ? ["and", "or", "=", "!=", "<", ">", "~", "in (", "is null"] : [];
    return words.filter((text) => text.startsWith(typed) && typed !== "").map((text) => ({ text, hint: "" }));
  }
  const kind = /^(config|metric|summary)\./.exec(place.word)?.[1];
  if (kind === "config" || kind === "metric" || kind === "summary") {
    return (await names(kind, place.word.slice(kind.length + 1), signal)).map(({ name, hint }) => ({ text: field(kind, name), hint }));
  }
  /** @type {[string, string][]} */
  const prefixes = [["config.", "the configuration"], ["metric.", "the metrics"], ["summary.", "the results"]];
  return [...prefixes, ...FIELDS].filter(([name]) => name.startsWith(typed)).slice(0, OFFERS).map(([text, hint]) => ({ text, hint }));
}

/**
 * Names that exist, the most frequent first.
 * @param {string} kind
 * @param {string} like
 * @param {AbortSignal} [signal]
 * @returns {Promise<{name: string, runs: number|null, hint: string}[]>}
 */
export async function names(kind, like, signal) {
  const answer = await get("names", { kind, like: like.replace(/["'`]/g, ""), limit: like ? OFFERS : ALL_NAMES }, signal);
  return (answer.names ?? []).map((/** @type {any} */ one) => ({
    name: String(one.name),
    runs: one.runs ?? null,
    hint: typeof one.runs === "number" ? counted(one.runs, "run") : "",
  }));
}
