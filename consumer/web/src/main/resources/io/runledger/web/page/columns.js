/**
 * Which columns a table of runs shows: a dialog over all names that exist.
 * @module
 */
import { dialog } from "./dialog.js";
import { fill, h } from "./dom.js";
import { COLUMN_FIELDS, field, parsed } from "./fields.js";
import { names } from "./filter-box.js";
import { middleCut } from "./format.js";

/**
 * @param {string[]} chosen fields, in order
 * @param {(columns: string[]) => void} onChange
 */
export async function chooseColumns(chosen, onChange) {
  let now = [...chosen];
  const find = h("input", { type: "search", placeholder: "Find a column", "aria-label": "Find a column", autofocus: true });
  const list = h("div", { class: "columns-list" });
  const order = h("div", { class: "chosen", "aria-label": "Chosen columns, in order" });
  /** @typedef {{text: string, title: string, hint: string}} Offer */
  /** @type {Offer[]} */
  const fields = COLUMN_FIELDS.map((text) => ({ text, title: text, hint: "" }));
  /** @type {Offer[]} */
  let named = [];

  function change(/** @type {string[]} */ next) {
    now = next;
    onChange(now);
    drawOrder();
  }

  function drawOrder() {
    fill(order, now.map((text, i) => {
      const tag = h("span", { class: "tag", draggable: "true", title: text }, middleCut(text, 32),
        h("button", { class: "quiet", type: "button", "aria-label": `Move ${text} to the left`, disabled: i === 0, on: { click: () => { const next = [...now]; next.splice(i - 1, 0, next.splice(i, 1)[0]); change(next); } } }, "‹"),
        h("button", { class: "quiet", type: "button", "aria-label": `Take out ${text}`, on: { click: () => { change(now.filter((one) => one !== text)); draw(); } } }, "✕"));
      tag.addEventListener("dragstart", (event) => event.dataTransfer?.setData("text/plain", String(i)));
      tag.addEventListener("dragover", (event) => event.preventDefault());
      tag.addEventListener("drop", (event) => {
        event.preventDefault();
        const from = Number(event.dataTransfer?.getData("text/plain"));
        const next = [...now];
        next.splice(i, 0, next.splice(from, 1)[0]);
        change(next);
      });
      return tag;
    }));
  }

  function draw() {
    const wanted = find.value.toLowerCase();
    const shown = [...named, ...fields].filter((one) => one.text.toLowerCase().includes(wanted));
    const same = (/** @type {string} */ a, /** @type {string} */ b) => {
      const x = parsed(a);
      const y = parsed(b);
      return x.kind === y.kind && x.name === y.name;
    };
    fill(list, shown.slice(0, 300).map((one) => {
      const box = h("input", { type: "checkbox", checked: now.some((text) => same(text, one.text)) });
      box.addEventListener("change", () => change(box.checked ? [...now, one.text] : now.filter((text) => !same(text, one.text))));
      return h("label", null, box, h("span", { class: "name", title: one.text }, middleCut(one.title, 64)), h("span", { class: "hint" }, one.hint));
    }), shown.length > 300 ? h("p", { class: "soft" }, `and ${shown.length - 300} more; type to find them`) : null);
  }

  find.addEventListener("input", draw);
  dialog("Columns", [order, find, list]);
  drawOrder();
  draw();
  for (const kind of /** @type {("metric"|"config"|"summary")[]} */ (["metric", "config", "summary"])) {
    try {
      const found = await names(kind, "");
      named = named.concat(found.map(({ name, hint }) => ({ text: field(kind, name, kind === "metric" ? "last" : undefined), title: `${kind}.${name}`, hint })));
      draw();
    } catch {
      // The columns that need no name are offered.
    }
  }
}
