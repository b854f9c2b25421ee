/**
 * Numbers, times and names as people read them. The exact value belongs in a tooltip.
 * @module
 */

/** @typedef {number|"NaN"|"Infinity"|"-Infinity"} JsonNumber */

/**
 * A number of the API; null where it is none.
 * @param {unknown} value
 * @returns {number|null}
 */
export function toNumber(value) {
  if (typeof value === "number") {
    return value;
  }
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") {
    return Number(value);
  }
  return null;
}

const GROUPED = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/**
 * A count: 30,112.
 * @param {number} value
 */
export function count(value) {
  return GROUPED.format(value);
}

/**
 * `n` of something, with the word in the right number.
 * @param {number} n
 * @param {string} one
 * @param {string} [many]
 */
export function counted(n, one, many = one + "s") {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/**
 * Four significant digits; NaN and infinities as words.
 * @param {unknown} value
 * @returns {string}
 */
export function number(value) {
  const n = toNumber(value);
  if (n === null) {
    return value === null || value === undefined ? "" : String(value);
  }
  if (Number.isNaN(n)) {
    return "NaN";
  }
  if (!Number.isFinite(n)) {
    return n > 0 ? "∞" : "−∞";
  }
  const size = Math.abs(n);
  if (Number.isInteger(n) && size < 1e7) {
    return GROUPED.format(n).replace("-", "−");
  }
  const text =
    size >= 1e7 || (size < 1e-4 && size > 0)
      ? n.toExponential(3).replace(/\.?0+e/, "e").replace("e+", "e")
      : size >= 1e4
        ? GROUPED.format(n)
        : n.toPrecision(4);
  return text.replace("-", "−");
}

/**
 * A value of the configuration or a result: numbers short, texts as they are.
 * @param {unknown} value
 * @returns {string}
 */
export function plain(value) {
  if (typeof value === "number") {
    const short = String(value);
    return short.length <= 7 ? short : number(value).replace("−", "-");
  }
  if (value === null || value === undefined) {
    return "";
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/**
 * A duration as `2h 13m`.
 * @param {number|null|undefined} seconds
 * @returns {string}
 */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds) || seconds < 0) {
    return "";
  }
  const s = Math.floor(seconds);
  if (s < 60) {
    return seconds < 10 && seconds > 0 ? `${seconds.toFixed(1)}s` : `${s}s`;
  }
  const minutes = Math.floor(s / 60);
  const hours = Math.floor(minutes / 60);
  if (hours === 0) {
    return `${minutes}m ${pad(s % 60)}s`;
  }
  const days = Math.floor(hours / 24);
  return days === 0 ? `${hours}h ${pad(minutes % 60)}m` : `${days}d ${pad(hours % 24)}h`;
}

/** @param {number} n */
function pad(n) {
  return String(n).padStart(2, "0");
}

/**
 * Milliseconds since 1970 of a time of the API; times without a zone are UTC.
 * @param {unknown} value
 * @returns {number|null}
 */
export function time(value) {
  if (typeof value === "number") {
    return value > 1e14 ? value / 1000 : value > 1e11 ? value : value * 1000;
  }
  if (typeof value !== "string" || value === "") {
    return null;
  }
  const iso = value.replace(" ", "T");
  const parsed = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : iso + "Z");
  return Number.isNaN(parsed) ? null : parsed;
}

/**
 * A time in the reader's zone: only the clock where it was today.
 * @param {unknown} value
 * @returns {string}
 */
export function local(value) {
  const at = time(value);
  if (at === null) {
    return "";
  }
  const date = new Date(at);
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  const now = new Date();
  if (date.toDateString() === now.toDateString()) {
    return `${clock}:${pad(date.getSeconds())}`;
  }
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${clock}`;
}

/**
 * A mark of an axis of times: the clock, and the day where it begins.
 * @param {number} at milliseconds since 1970
 * @param {number} step milliseconds between the marks
 * @param {number|undefined} before the mark before
 * @returns {string}
 */
export function clock(at, step, before) {
  const date = new Date(at);
  const day = `${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  if (step >= 86_400_000) {
    return day;
  }
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}` + (step < 60_000 ? ":" + pad(date.getSeconds()) : "");
  return before !== undefined && new Date(before).getDate() !== date.getDate() ? day : time;
}

/**
 * A mark of an axis of durations: `1h 30m`, `45m`, `10s`.
 * @param {number} seconds
 */
export function span(seconds) {
  return seconds === 0 ? "0s" : duration(seconds).replace(/ 0+[hms]$/, "");
}

/**
 * The same in UTC, for a tooltip.
 * @param {unknown} value
 * @returns {string}
 */
export function utc(value) {
  const at = time(value);
  return at === null ? "" : new Date(at).toISOString().replace("T", " ").replace(/\.000Z|Z/, "") + " UTC";
}

/**
 * Bytes as people read them.
 * @param {number|null|undefined} bytes
 */
export function bytes(bytes) {
  if (bytes === null || bytes === undefined) {
    return "";
  }
  let amount = bytes;
  let unit = -1;
  while (amount >= 1024 && unit < 4) {
    amount /= 1024;
    unit++;
  }
  return unit < 0 ? `${bytes} B` : `${Math.round(amount * 10) / 10} ${"KMGTP"[unit]}iB`;
}

/**
 * A long text with its middle cut out: the end of a name says more than its middle.
 * @param {string} text
 * @param {number} longest characters that stay
 */
export function middleCut(text, longest) {
  const characters = text.length <= longest ? null : Array.from(text.length > 4 * longest ? text.slice(0, longest) + text.slice(-longest) : text);
  if (characters === null || characters.length <= longest) {
    return text;
  }
  const head = Math.ceil((longest - 1) * 0.45);
  return characters.slice(0, head).join("") + "…" + characters.slice(characters.length - (longest - 1 - head)).join("");
}

/** @param {string} text */
export function firstLine(text) {
  const end = text.indexOf("\n");
  return end < 0 ? text : text.slice(0, end);
}

/** Characters of a name that are left of it at least. */
const LEFT = 10;

/**
 * Names without the parts before a `/` that all of them begin with, where that leaves enough.
 * @param {string[]} names
 * @returns {string[]}
 */
export function withoutCommon(names) {
  if (names.length < 2) {
    return names;
  }
  let end = 0;
  for (let slash = names[0].indexOf("/"); slash >= 0; slash = names[0].indexOf("/", slash + 1)) {
    const start = names[0].slice(0, slash + 1);
    if (!names.every((name) => name.startsWith(start) && name.length >= start.length + LEFT)) {
      break;
    }
    end = slash + 1;
  }
  return names.map((name) => (end > 0 ? "…/" + name.slice(end) : name));
}
