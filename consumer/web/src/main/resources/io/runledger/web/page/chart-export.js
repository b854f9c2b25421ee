/**
 * A chart as a file: PNG, SVG, or the buckets as CSV.
 * @module
 */
import { download } from "./dom.js";
import { SPANS, short } from "./chart.js";
import { local, span } from "./format.js";
import { colour } from "./theme.js";

/** @typedef {import("./chart.js").Chart} Chart */
/** @typedef {(run: string) => string} NameOf */

/**
 * @param {Chart} chart
 * @param {string} title
 * @param {NameOf} nameOf
 */
export async function exportPng(chart, title, nameOf) {
  const scale = 2;
  const text = svgOf(chart, title, nameOf);
  const image = new Image();
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth * scale;
  canvas.height = image.naturalHeight * scale;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => blob && download(title + ".png", blob), "image/png");
}

/**
 * @param {Chart} chart
 * @param {string} title
 * @param {NameOf} nameOf
 */
export function exportSvg(chart, title, nameOf) {
  download(title + ".svg", new Blob([svgOf(chart, title, nameOf)], { type: "image/svg+xml" }));
}

/**
 * @param {Chart} chart
 * @param {string} title
 * @param {NameOf} nameOf
 */
export function exportCsv(chart, title, nameOf) {
  const lines = ["run,name,metric,step,epoch,time,elapsed_seconds,min,max,last,nan_count"];
  for (const { curve } of chart.lines) {
    const head = [curve.run, nameOf(curve.run), curve.metric].map(quoted).join(",");
    for (let i = 0; i < curve.last.length; i++) {
      const at = curve.xs.time[i];
      const cells = [curve.xs.step[i], curve.xs.epoch[i], Number.isFinite(at) ? new Date(at).toISOString() : "", curve.xs.elapsed[i]];
      lines.push([head, ...cells.map((x) => (Number.isNaN(x) || x === undefined ? "" : x)), curve.min[i], curve.max[i], curve.last[i], curve.nan[i]].join(","));
    }
  }
  download(title + ".csv", new Blob([lines.join("\r\n"), "\r\n"], { type: "text/csv" }));
}

/** @param {string} text */
function quoted(text) {
  return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
}

/** @param {string} text */
function escaped(text) {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g, "\ufffd").replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

/**
 * @param {Chart} chart
 * @param {string} title
 * @param {NameOf} nameOf
 */
function svgOf(chart, title, nameOf) {
  const named = chart.lines.slice(0, 20);
  const width = 800;
  const plot = { left: 64, top: 36, width: 716, height: 320 };
  const height = plot.top + plot.height + 32 + (chart.lines.length > 1 ? named.length * 16 + 8 : 0);
  const [x0, x1] = chart.xRange;
  const [y0, y1] = chart.yRange;
  const { log } = chart.look;
  const { axis } = chart;
  const place = log ? Math.log10 : (/** @type {number} */ v) => v;
  const px = (/** @type {number} */ x) => plot.left + ((x - x0) / (x1 - x0)) * plot.width;
  const py = (/** @type {number} */ y) => plot.top + (1 - (place(y) - place(y0)) / (place(y1) - place(y0))) * plot.height;
  const ink = colour("--ink");
  const soft = colour("--ink-soft");
  const grid = colour("--line");
  const label = (/** @type {number} */ x) => (axis === "time" ? local(x) : axis === "elapsed" ? span(x) : short(x));
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="${colour("--paper")}"/>`,
    `<text x="${plot.left}" y="22" font-size="14" font-weight="600" fill="${ink}">${escaped(title)}</text>`,
    `<clipPath id="plot"><rect x="${plot.left}" y="${plot.top}" width="${plot.width}" height="${plot.height}"/></clipPath>`,
  ];
  for (const x of ticks(x0, x1, axis === "time" ? 5 : 8, axis === "elapsed" ? SPANS : [])) {
    parts.push(`<path d="M${px(x).toFixed(1)} ${plot.top}v${plot.height}" stroke="${grid}"/><text x="${px(x).toFixed(1)}" y="${plot.top + plot.height + 16}" text-anchor="middle" fill="${soft}">${escaped(label(x))}</text>`);
  }
  for (const y of log ? decades(y0, y1) : ticks(y0, y1, 6)) {
    parts.push(`<path d="M${plot.left} ${py(y).toFixed(1)}h${plot.width}" stroke="${grid}"/><text x="${plot.left - 6}" y="${(py(y) + 4).toFixed(1)}" text-anchor="end" fill="${soft}">${escaped(short(y))}</text>`);
  }
  parts.push('<g clip-path="url(#plot)" fill="none" stroke-linejoin="round">');
  for (const { curve, xs, parts: attempts, smooth, pen } of chart.lines) {
    const stroke = colour(pen.property);
    const dash = pen.dash.length ? ` stroke-dasharray="${pen.dash.join(" ")}"` : "";
    const good = (/** @type {number} */ v) => Number.isFinite(v) && (!log || v > 0);
    const starts = new Set(attempts.map(({ start }) => start));
    const path = (/** @type {Float64Array} */ values) => {
      let text = "";
      let pen = "M";
      for (let i = 0; i < xs.length; i++) {
        pen = starts.has(i) ? "M" : pen;
        if (good(values[i])) {
          text += `${pen}${px(xs[i]).toFixed(1)} ${py(values[i]).toFixed(1)}`;
          pen = "L";
        } else {
          pen = "M";
        }
      }
      return text;
    };
    for (const { start, end } of chart.lines.length <= 12 ? attempts : []) {
      const rows = Array.from(xs.keys()).slice(start, end).filter((i) => good(curve.min[i]) && good(curve.max[i]));
      const up = rows.map((i) => `${px(xs[i]).toFixed(1)} ${py(curve.max[i]).toFixed(1)}`);
      const down = rows.reverse().map((i) => `${px(xs[i]).toFixed(1)} ${py(curve.min[i]).toFixed(1)}`);
      if (up.length > 1) {
        parts.push(`<path d="M${up.join("L")}L${down.join("L")}Z" fill="${stroke}" fill-opacity=".18"/>`);
      }
    }
    parts.push(`<path d="${path(curve.last)}" stroke="${stroke}" stroke-width="1.5"${dash}${smooth ? ' stroke-opacity=".3"' : ""}/>`);
    if (smooth) {
      parts.push(`<path d="${path(smooth)}" stroke="${stroke}" stroke-width="1.5"${dash}/>`);
    }
  }
  parts.push("</g>");
  if (chart.lines.length > 1) {
    named.forEach(({ curve, pen }, i) => {
      const y = plot.top + plot.height + 40 + i * 16;
      parts.push(`<path d="M${plot.left} ${y - 4}h18" stroke="${colour(pen.property)}" stroke-width="2"${pen.dash.length ? ` stroke-dasharray="${pen.dash.join(" ")}"` : ""}/><text x="${plot.left + 26}" y="${y}" fill="${ink}">${escaped(nameOf(curve.run).slice(0, 120))}</text>`);
    });
  }
  parts.push("</svg>");
  return parts.join("");
}

/**
 * Round places of an axis.
 * @param {number} from
 * @param {number} to
 * @param {number} about how many
 * @param {number[]} [steps] that they may have between them
 */
export function ticks(from, to, about, steps = []) {
  const rough = (to - from) / about;
  if (!(rough > 0) || !Number.isFinite(rough)) {
    return [from];
  }
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = steps.find((n) => n >= rough) ?? [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? rough;
  const result = [];
  for (let i = Math.ceil(from / step); i * step <= to; i++) {
    result.push(i * step);
  }
  return result;
}

/**
 * @param {number} from
 * @param {number} to
 */
function decades(from, to) {
  const result = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.log10(to); power++) {
    for (const n of Math.log10(to / from) > 3 ? [1] : [1, 2, 5]) {
      const value = n * 10 ** power;
      if (value >= from && value <= to) {
        result.push(value);
      }
    }
  }
  return result;
}
