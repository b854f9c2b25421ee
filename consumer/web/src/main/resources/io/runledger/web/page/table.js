/**
 * A table of any number of rows of one height: only those that are seen are elements.
 * @module
 */
import { fill, framed, h } from "./dom.js";

const ROW = 28;
const SPARE = 12;
/** Rows that are put on paper. */
const MOST_PRINTED = 2_000;

/**
 * @typedef {object} Column
 * @property {string} key
 * @property {string} title
 * @property {string} [hint] tooltip of the title
 * @property {number} width
 * @property {boolean} [numeric]
 * @property {boolean} [pinned]
 * @property {boolean} [sortable]
 * @property {HTMLElement} [extra] beside the title
 * @property {(row: number) => import("./dom.js").Child|import("./dom.js").Child[]} render
 * @property {(row: number) => string} stamp equal stamps render alike
 */

/**
 * @typedef {object} Wishes
 * @property {(row: number) => string} idOf
 * @property {(key: string) => void} onSort
 * @property {(key: string, width: number) => void} onWidth
 * @property {(row: number) => void} onOpen
 * @property {(rows: number[], selected: boolean) => void} onSelect
 * @property {(row: number) => boolean} isSelected
 * @property {() => boolean|null} allSelected null: some of them
 * @property {(row: number|null) => void} onHover
 * @property {() => void} onView rows came into view
 * @property {(row: number) => void} onCurrent the keyboard is on another row
 */

export class Table {
  /** @param {Wishes} wishes */
  constructor(wishes) {
    this.wishes = wishes;
    /** @type {Column[]} */
    this.columns = [];
    /** Display order: what is at each place. @type {Int32Array|number[]} */
    this.order = [];
    this.current = -1;
    this.anchor = -1;
    /** @type {Map<number, HTMLElement>} */
    this.rows = new Map();
    /** @type {{key: string, descending: boolean}|null} */
    this.sort = null;
    this.head = h("div", { class: "grid-head", role: "row", "aria-rowindex": "1" });
    this.body = h("div", { class: "grid-body", role: "rowgroup" });
    this.element = h(
      "div",
      { class: "grid", role: "grid", tabindex: "0", "aria-label": "Runs", "aria-multiselectable": "true" },
      h("div", { role: "rowgroup", style: { position: "sticky", top: "0", "z-index": "5", width: "max-content", "min-width": "100%" } }, this.head),
      this.body,
    );
    this.draw = framed(() => this.#draw());
    this.element.addEventListener("scroll", this.draw, { passive: true });
    this.printing = false;
    this.onPrint = (/** @type {Event} */ event) => {
      this.printing = event.type === "beforeprint";
      this.#draw();
    };
    addEventListener("beforeprint", this.onPrint);
    addEventListener("afterprint", this.onPrint);
    this.resizing = new ResizeObserver(this.draw);
    this.resizing.observe(this.element);
    this.body.addEventListener("click", (event) => this.#clicked(event));
    this.body.addEventListener("dblclick", (event) => {
      const place = this.#placeOf(event);
      if (place >= 0 && !(/** @type {Element} */ (event.target).closest("a, input"))) {
        wishes.onOpen(this.order[place]);
      }
    });
    this.body.addEventListener("mouseover", (event) => {
      const place = this.#placeOf(event);
      wishes.onHover(place < 0 ? null : this.order[place]);
    });
    this.body.addEventListener("mouseleave", () => wishes.onHover(null));
  }

  dispose() {
    this.resizing.disconnect();
    removeEventListener("beforeprint", this.onPrint);
    removeEventListener("afterprint", this.onPrint);
  }

  /** @param {Event} event */
  #placeOf(event) {
    const row = event.target instanceof Element ? event.target.closest(".grid-row") : null;
    return row instanceof HTMLElement ? Number(row.dataset.place) : -1;
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const place = this.#placeOf(event);
    if (place < 0) {
      return;
    }
    const target = /** @type {Element} */ (event.target);
    if (target instanceof HTMLInputElement || target.closest(".cell.select")) {
      const selected = !this.wishes.isSelected(this.order[place]);
      const from = event.shiftKey && this.anchor >= 0 ? Math.min(this.anchor, place) : place;
      const to = event.shiftKey && this.anchor >= 0 ? Math.max(this.anchor, place) : place;
      this.wishes.onSelect(Array.from(this.order.slice(from, to + 1)), selected);
      this.anchor = place;
    }
    this.go(place, false);
  }

  /**
   * @param {Column[]} columns
   * @param {{key: string, descending: boolean}|null} sort
   */
  setColumns(columns, sort) {
    this.columns = columns;
    this.sort = sort;
    this.#drawHead();
    this.rows.forEach((row) => row.remove());
    this.rows.clear();
    this.draw();
  }

  #drawHead() {
    const all = h("input", { type: "checkbox", "aria-label": "Select all runs", on: { change: () => this.wishes.onSelect(Array.from(this.order), all.checked) } });
    this.all = all;
    this.element.setAttribute("aria-colcount", String(this.columns.length + 1));
    fill(
      this.head,
      h("div", { class: "cell select", role: "columnheader" }, all),
      this.columns.map((column) => this.#headCell(column)),
    );
    this.showSelection();
  }

  /** @param {Column} column */
  #headCell(column) {
    const sorted = this.sort?.key === column.key ? this.sort : null;
    const sign = sorted ? (sorted.descending ? " ↓" : " ↑") : "";
    const cell = h(
      "div",
      {
        class: "cell" + (column.numeric ? " number" : "") + (column.pinned ? " pinned" : ""),
        role: "columnheader",
        "aria-sort": sorted ? (sorted.descending ? "descending" : "ascending") : "none",
        style: { width: column.width + "px" },
      },
      column.sortable === false
        ? h("span", { class: "label", title: column.hint ?? column.title }, column.title)
        : h("button", { class: "head-sort", type: "button", title: (column.hint ?? column.title) + "\nSort by it", on: { click: () => this.wishes.onSort(column.key) } }, h("span", { class: "label" }, column.title), h("span", { "aria-hidden": "true" }, sign)),
      column.extra,
    );
    const grip = h("span", { class: "grip", "aria-hidden": "true" });
    grip.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      const start = event.clientX;
      const before = column.width;
      const move = framed((/** @type {PointerEvent} */ to) => {
        column.width = Math.round(Math.min(1200, Math.max(48, before + to.clientX - start)));
        cell.style.width = column.width + "px";
        const index = this.columns.indexOf(column) + 1;
        this.rows.forEach((row) => /** @type {HTMLElement} */ (row.children[index]).style.setProperty("width", column.width + "px"));
      });
      grip.addEventListener("pointermove", move);
      grip.addEventListener("pointerup", () => {
        grip.removeEventListener("pointermove", move);
        requestAnimationFrame(() => this.wishes.onWidth(column.key, column.width));
      }, { once: true });
    });
    cell.append(grip);
    return cell;
  }

  /** @param {Int32Array|number[]} order */
  setRows(order) {
    this.order = order;
    this.body.style.height = order.length * ROW + "px";
    this.element.setAttribute("aria-rowcount", String(order.length + 1));
    if (this.current >= order.length) {
      this.current = order.length - 1;
    }
    this.draw();
  }

  /** Shows selections again that changed elsewhere. */
  showSelection() {
    const all = this.wishes.allSelected();
    if (this.all) {
      this.all.checked = all === true;
      this.all.indeterminate = all === null;
    }
    this.draw();
  }

  visible() {
    const top = this.element.scrollTop;
    const first = Math.max(0, Math.floor(top / ROW));
    const last = Math.min(this.order.length, Math.ceil((top + this.element.clientHeight) / ROW));
    return Array.from(this.order.slice(first, last));
  }

  #draw() {
    const top = this.element.scrollTop;
    const first = this.printing ? 0 : Math.max(0, Math.floor(top / ROW) - SPARE);
    const last = Math.min(this.order.length, this.printing ? MOST_PRINTED : Math.ceil((top + this.element.clientHeight) / ROW) + SPARE);
    for (const [place, row] of this.rows) {
      if (place < first || place >= last) {
        row.remove();
        this.rows.delete(place);
      }
    }
    for (let place = first; place < last; place++) {
      let row = this.rows.get(place);
      if (row === undefined) {
        row = this.#newRow(place);
        this.rows.set(place, row);
        this.body.append(row);
      }
      this.#fillRow(row, place);
    }
    this.wishes.onView();
  }

  /** @param {number} place */
  #newRow(place) {
    const row = h("div", { class: "grid-row", role: "row", id: "row-" + place, "aria-rowindex": String(place + 2), "data-place": String(place), style: { top: place * ROW + "px" } });
    row.append(h("div", { class: "cell select", role: "gridcell" }, h("input", { type: "checkbox", tabindex: "-1", "aria-label": "Select this run" })));
    for (const column of this.columns) {
      row.append(h("div", { class: "cell" + (column.numeric ? " number" : "") + (column.pinned ? " pinned" : ""), role: "gridcell", style: { width: column.width + "px" } }));
    }
    return row;
  }

  /**
   * @param {HTMLElement} row
   * @param {number} place
   */
  #fillRow(row, place) {
    const index = this.order[place];
    const selected = this.wishes.isSelected(index);
    row.setAttribute("aria-selected", String(selected));
    row.classList.toggle("current", place === this.current);
    row.dataset.run = this.wishes.idOf(index);
    /** @type {HTMLInputElement} */ (row.children[0].firstChild).checked = selected;
    for (let c = 0; c < this.columns.length; c++) {
      const cell = /** @type {HTMLElement} */ (row.children[c + 1]);
      const stamp = this.columns[c].stamp(index);
      if (cell.dataset.stamp !== stamp) {
        cell.dataset.stamp = stamp;
        const content = this.columns[c].render(index);
        fill(cell, content);
      }
    }
  }

  /**
   * Makes a row the current one, and scrolls it into view.
   * @param {number} place
   * @param {boolean} [scroll]
   */
  go(place, scroll = true) {
    if (this.order.length === 0) {
      return;
    }
    this.current = Math.max(0, Math.min(this.order.length - 1, place));
    this.wishes.onCurrent(this.order[this.current]);
    this.element.setAttribute("aria-activedescendant", "row-" + this.current);
    if (scroll) {
      const top = this.current * ROW;
      const height = this.element.clientHeight - 32;
      if (top < this.element.scrollTop) {
        this.element.scrollTop = top;
      } else if (top + ROW > this.element.scrollTop + height) {
        this.element.scrollTop = top + ROW - height;
      }
    }
    this.draw();
  }
}
