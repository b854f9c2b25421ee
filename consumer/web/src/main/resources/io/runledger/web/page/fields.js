/**
 * Names of fields as the filter language writes them: `config.optimizer.lr`, `metric.val/loss.min`.
 * @module
 */

/** Numbers of a metric that a column may show. */
export const METRIC_WORDS = ["last", "min", "max", "best"];
const ALL_WORDS = [...METRIC_WORDS, "count", "nan_count", "last_step", "min_step", "max_step"];

/** Fields with one value, and what they are. @type {[string, string][]} */
export const FIELDS = [
  ["status", "pending running completed failed timeout"],
  ["name", "name of the run"],
  ["id", "id of the run"],
  ["project", ""],
  ["experiment", "part of the run key"],
  ["dataset", "part of the run key"],
  ["method", "part of the run key"],
  ["subject", "part of the run key"],
  ["cl_info", "part of the run key"],
  ["seed", "part of the run key"],
  ["started", "2h = in the last two hours"],
  ["finished", "3d, 2026-11-23"],
  ["created", "first attempt"],
  ["took", "90s, 1h30m, 2d"],
  ["reason", "why it is so"],
  ["source", "who said so"],
  ["exit_code", ""],
  ["attempts", "how many"],
  ["missing", "events that have not come"],
  ["dropped", "events that were not stored"],
  ["drift", "another configuration later"],
  ["notes", ""],
  ["slurm_job", ""],
  ["slurm_array_task", ""],
  ["host", "of any attempt"],
  ["user", "of any attempt"],
  ["command", "of any attempt"],
  ["commit", "of any attempt"],
  ["tag", "one of the tags"],
  ["error.type", "of any error"],
  ["error.message", "of any error"],
  ["artifact.type", ""],
  ["artifact.path", ""],
  ["job.state", "SLURM"],
  ["job.name", "SLURM"],
  ["job.nodes", "SLURM"],
  ["job.partition", "SLURM"],
  ["job.account", "SLURM"],
];

/** Fields that a table of runs can show as a column. */
export const COLUMN_FIELDS = ["status", "started", "took", "finished", "created", "project", "experiment", "dataset", "method", "subject", "cl_info", "seed", "tag", "host", "user", "commit", "reason", "exit_code", "attempts", "missing", "dropped", "drift", "slurm_job", "slurm_array_task", "notes", "id"];

/** @param {string} name */
function quoted(name) {
  return '"' + name.replace(/[\\"]/g, "\\$&") + '"';
}

/**
 * A field of a configuration, summary or metric.
 * @param {"config"|"metric"|"summary"} kind
 * @param {string} name
 * @param {string} [word] of a metric
 */
export function field(kind, name, word) {
  const safe = /^[\p{L}\p{N}_/:%@+*-]+(\.[\p{L}\p{N}_/:%@+*-]+)*$/u.test(name);
  const last = name.slice(name.lastIndexOf(".") + 1);
  const ambiguous = kind === "metric" && ALL_WORDS.includes(last);
  const text = safe && !ambiguous ? name : quoted(name);
  return `${kind}.${text}${word ? "." + word : ""}`;
}

/** @typedef {{kind: string, name: string, word: string}} Field */

/**
 * What a field names; the word of a metric is `last` where none is said.
 * @param {string} text
 * @returns {Field}
 */
export function parsed(text) {
  const match = /^(config|metric|summary)\.(.+)$/s.exec(text);
  if (match === null) {
    return { kind: "field", name: text, word: "" };
  }
  let name = match[2];
  let word = "";
  if (match[1] === "metric") {
    const end = /\.([a-z_]+)$/.exec(name);
    if (end !== null && ALL_WORDS.includes(end[1])) {
      word = end[1];
      name = name.slice(0, -word.length - 1);
    } else {
      word = "last";
    }
  }
  const quote = /^(["'`])(.*)\1$/s.exec(name);
  return { kind: match[1], name: quote ? quote[2].replace(/\\(.)/gs, "$1") : name, word };
}

/**
 * A value as the filter language writes it.
 * @param {unknown} value
 */
export function literal(value) {
  const text = String(value);
  return /^[\p{L}\p{N}_./:+-]+$/u.test(text) && !/^(and|or|not|in|is|null|has)$/i.test(text) ? text : quoted(text);
}

/**
 * Fields of a list, which are separated by commas outside of quotes.
 * @param {string|null} list
 * @returns {string[]}
 */
export function split(list) {
  return (list ?? "").match(/(?:"(?:\\.|[^"\\])*"|[^,"])+/g) ?? [];
}

/**
 * Two filters that must both hold.
 * @param {string} a
 * @param {string} b
 */
export function both(a, b) {
  return a.trim() === "" ? b : b === "" ? a : `(${a}) and ${b}`;
}
