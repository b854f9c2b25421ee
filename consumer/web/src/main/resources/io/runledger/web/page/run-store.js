/**
 * Rows of runs as the server sends them: columns.
 * @module
 */
import { time, toNumber } from "./format.js";

export class RunStore {
  constructor() {
    /** @type {Record<string, any[]>} */
    this.columns = {};
    this.rows = 0;
    /** Whether these are all rows that match. */
    this.isWhole = true;
    /** @type {Map<string, number>} */
    this.places = new Map();
    /** Rows that are held back until the reader wants them. @type {Map<string, Record<string, any>>} */
    this.waiting = new Map();
  }

  /**
   * @param {any} answer
   * @param {string[]} wanted columns that were asked for
   */
  replace(answer, wanted) {
    this.columns = {};
    for (const column of wanted) {
      this.columns[column] = answer.columns[column] ?? [];
    }
    this.rows = answer.columns.id.length;
    this.isWhole = !answer.next;
    this.places = new Map(this.columns.id.map((id, i) => [id, i]));
    this.waiting.clear();
  }

  /**
   * Takes over rows that were asked for by id.
   * @param {any} answer
   * @param {string[]} asked a run that was asked for and is not in the answer matches no longer
   * @param {boolean} takeNew whether new runs are shown at once
   * @returns {{added: number, waiting: number, removed: number}}
   */
  merge(answer, asked, takeNew) {
    const outcome = { added: 0, waiting: 0, removed: 0 };
    /** @type {string[]} */
    const ids = answer.columns.id;
    /** @type {Record<string, any>[]} */
    const fresh = [];
    ids.forEach((id, i) => {
      const row = Object.fromEntries(Object.keys(this.columns).map((name) => [name, answer.columns[name]?.[i] ?? null]));
      const place = this.places.get(id);
      if (place !== undefined) {
        for (const name of Object.keys(row)) {
          this.columns[name][place] = row[name];
        }
      } else if (takeNew) {
        fresh.push(row);
        outcome.added++;
      } else {
        outcome.waiting += this.waiting.has(id) ? 0 : 1;
        this.waiting.set(id, row);
      }
    });
    this.#putFirst(fresh);
    const found = new Set(ids);
    const gone = asked.filter((id) => !found.has(id) && this.places.has(id));
    if (gone.length > 0) {
      this.#remove(new Set(gone));
      outcome.removed = gone.length;
    }
    return outcome;
  }

  takeWaiting() {
    this.#putFirst([...this.waiting.values()]);
    this.waiting.clear();
  }

  /** @param {Record<string, any>[]} rows */
  #putFirst(rows) {
    if (rows.length === 0) {
      return;
    }
    rows.sort((a, b) => (time(b.started) ?? 0) - (time(a.started) ?? 0));
    for (const name of Object.keys(this.columns)) {
      this.columns[name] = rows.map((row) => row[name]).concat(this.columns[name]);
    }
    this.#count();
  }

  /** @param {Set<string>} ids */
  #remove(ids) {
    const keep = this.columns.id.map((id) => !ids.has(id));
    for (const name of Object.keys(this.columns)) {
      this.columns[name] = this.columns[name].filter((_, i) => keep[i]);
    }
    this.#count();
  }

  #count() {
    this.rows = this.columns.id.length;
    this.places = new Map(this.columns.id.map((id, i) => [id, i]));
  }

  /** @param {number} row */
  id(row) {
    return String(this.columns.id[row]);
  }

  /** @param {string} id */
  rowOf(id) {
    return this.places.get(id);
  }

  /**
   * @param {number} row
   * @param {string} column
   * @returns {unknown}
   */
  value(row, column) {
    if (column === "took") {
      return this.took(row);
    }
    return this.columns[column]?.[row];
  }

  /**
   * Seconds of the newest attempt, until now where it is running.
   * @param {number} row
   * @returns {number|null}
   */
  took(row) {
    const started = time(this.columns.started?.[row]);
    if (started === null) {
      return null;
    }
    const finished = time(this.columns.finished?.[row]);
    if (finished === null && this.columns.status?.[row] !== "running") {
      const said = this.columns.took?.[row];
      return typeof said === "number" ? said : null;
    }
    return Math.max(0, ((finished ?? Date.now()) - started) / 1000);
  }

  /**
   * @param {{key: string, descending: boolean}|null} sort null: as the server sent them
   * @returns {Int32Array}
   */
  order(sort) {
    const order = Int32Array.from({ length: this.rows }, (_, i) => i);
    if (sort === null) {
      return order;
    }
    const keys = Array.from(order, (row) => comparable(this.value(row, sort.key), sort.key));
    const sign = sort.descending ? -1 : 1;
    return order.sort((a, b) => compare(keys[a], keys[b], sign) || a - b);
  }
}

/**
 * @param {unknown} value
 * @param {string} key
 * @returns {number|string|null}
 */
function comparable(value, key) {
  if (key === "started" || key === "finished" || key === "created") {
    return time(value);
  }
  const n = toNumber(value);
  if (n !== null) {
    return Number.isNaN(n) ? null : n;
  }
  return value === null || value === undefined ? null : typeof value === "object" ? JSON.stringify(value) : String(value);
}

/**
 * Numbers before texts; what is not there, and NaN, last in both directions.
 * @param {number|string|null} a
 * @param {number|string|null} b
 * @param {number} sign
 */
function compare(a, b, sign) {
  if (a === null || b === null) {
    return a === b ? 0 : a === null ? 1 : -1;
  }
  if (typeof a !== typeof b) {
    return typeof a === "number" ? -sign : sign;
  }
  return a < b ? -sign : a > b ? sign : 0;
}
