/**
 * How each column of a table of runs looks.
 * @module
 */
import { pens } from "./colour.js";
import { cutInMiddle, h } from "./dom.js";
import { METRIC_WORDS, parsed } from "./fields.js";
import { count, duration, firstLine, local, middleCut, number, plain, toNumber, utc } from "./format.js";
import { runUrl } from "./router.js";
import { statusMark } from "./status.js";

/** @typedef {import("./table.js").Column} Column */
/**
 * @typedef {object} Context
 * @property {import("./run-store.js").RunStore} store
 * @property {number|undefined} width
 * @property {string[]} others all columns, from which the title must tell this one
 * @property {import("./spark.js").Sparks|null} sparks
 * @property {(word: string) => void} onWord
 */

/**
 * Columns that must be fetched beside a column.
 * @param {string} text
 * @returns {string[]}
 */
export function hidden(text) {
  const { kind, word } = parsed(text);
  return kind === "metric" && ["last", "min", "max"].includes(word) ? [stepOf(text)] : [];
}

/** @param {string} text */
function stepOf(text) {
  return /\.(last|min|max)$/.test(text) ? text + "_step" : text + ".last_step";
}

/**
 * @param {string} text field of the filter language
 * @param {Context} context
 * @returns {Column}
 */
export function columnOf(text, context) {
  const { store } = context;
  const { kind, name, word } = parsed(text);
  const value = (/** @type {number} */ row) => store.value(row, text);
  const stamp = (/** @type {number} */ row) => String(JSON.stringify(value(row)));
  if (text === "name") {
    return {
      key: "name", title: "Run", width: context.width ?? (innerWidth < 640 ? 200 : innerWidth < 1360 ? 300 : 340), pinned: true,
      stamp: (row) => store.id(row) + stamp(row),
      render: (row) => {
        const id = store.id(row);
        const full = String(value(row) || id);
        return [
          h("span", { class: "swatch", style: { background: `var(${pens([id]).get(id)?.property})` } }),
          h("a", { href: runUrl(id), tabindex: "-1", title: full.slice(0, 2_000) + "\n" + id }, cutInMiddle(middleCut(full, 400))),
        ];
      },
    };
  }
  if (text === "status") {
    return {
      key: text, title: "Status", width: context.width ?? (innerWidth < 640 ? 56 : 190),
      stamp: (row) => stamp(row) + String(store.value(row, "reason")),
      render: (row) => {
        const reason = String(store.value(row, "reason") ?? "");
        return [statusMark(value(row), `${value(row)}${reason ? ": " + reason.slice(0, 1_000) : ""}`), reason ? h("span", { class: "why", title: reason.slice(0, 1_000) }, h("bdi", null, firstLine(reason).slice(0, 200))) : null];
      },
    };
  }
  if (text === "started" || text === "finished" || text === "created") {
    return { key: text, title: title(text), width: context.width ?? 146, stamp, render: (row) => h("span", { title: utc(value(row)) }, local(value(row))) };
  }
  if (text === "took") {
    return { key: text, title: "Took", width: context.width ?? 84, numeric: true, stamp: (row) => duration(store.took(row)), render: (row) => h("span", { title: store.took(row) === null ? "" : number(store.took(row)) + " s" }, duration(store.took(row))) };
  }
  if (text === "tag") {
    return { key: text, title: "Tags", width: context.width ?? 140, stamp, render: (row) => list(value(row)).map((tag) => h("span", { class: "tag", title: tag.slice(0, 500) }, h("bdi", null, middleCut(tag, 24)))) };
  }
  if (kind === "metric") {
    const choice = h("select", { class: "head-word", "aria-label": `Which value of ${name}`, on: { change: () => context.onWord(choice.value) } }, [...new Set([...METRIC_WORDS, word])].map((one) => h("option", { value: one, selected: one === word }, one)));
    const step = stepOf(text);
    const at = (/** @type {number} */ row) => store.value(row, step);
    return {
      key: text, title: middleCut(name, 22), hint: name, width: context.width ?? (innerWidth < 640 ? 140 : context.sparks ? 230 : 160), numeric: true, extra: choice,
      stamp: (row) => stamp(row) + at(row) + (context.sparks?.stamp(name, store.id(row)) ?? ""),
      render: (row) => {
        const v = value(row);
        if (v === null || v === undefined) {
          return null;
        }
        const s = at(row);
        return [
          h("span", { title: exact(v) + (typeof s === "number" ? ` at step ${count(s)}` : "") }, number(v)),
          typeof s === "number" ? h("span", { class: "at" }, "@ " + count(s)) : null,
          context.sparks?.line(name, store.id(row)),
        ];
      },
    };
  }
  const short = kind === "field" ? title(text) : middleCut(ending(name, context.others), 24);
  const numeric = numericColumn(store, text);
  return {
    key: text, title: short, hint: kind === "field" ? text : `${kind}.${name}`, width: context.width ?? (numeric ? 96 : 124), numeric, stamp,
    render: (row) => {
      const v = value(row);
      const full = Array.isArray(v) && kind === "field" ? v.join(", ") : plain(v);
      const shown = typeof v === "number" ? full : middleCut(full.slice(0, 4_000).replace(/\s+/g, " "), 60);
      return full ? h("bdi", { title: typeof v === "number" ? exact(v) : full.slice(0, 2_000) }, shown) : null;
    },
  };
}

/**
 * The last part of a name, `lr` of `optimizer.lr`, where no other column ends so.
 * @param {string} name
 * @param {string[]} others
 */
function ending(name, others) {
  const last = name.slice(name.lastIndexOf(".") + 1);
  const same = others.map(parsed).filter((one) => one.kind !== "metric" && (one.name === last || one.name.endsWith("." + last)));
  return same.length > 1 || last === "" ? name : last;
}

/** @param {unknown} value */
function exact(value) {
  return String(value);
}

/** @param {string} text */
function title(text) {
  const words = text.replace(/[._]/g, " ");
  return words[0].toUpperCase() + words.slice(1);
}

/**
 * @param {unknown} value
 * @returns {string[]}
 */
function list(value) {
  return value === null || value === undefined ? [] : (Array.isArray(value) ? value : [value]).map(String);
}

/**
 * @param {import("./run-store.js").RunStore} store
 * @param {string} text
 */
function numericColumn(store, text) {
  if (["seed", "exit_code", "attempts", "missing", "dropped", "slurm_job", "slurm_array_task"].includes(text)) {
    return true;
  }
  const some = (store.columns[text] ?? []).slice(0, 50).filter((value) => value !== null);
  return some.length > 0 && some.every((value) => toNumber(value) !== null);
}
