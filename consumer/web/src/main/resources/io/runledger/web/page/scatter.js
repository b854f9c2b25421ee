/**
 * A scatter of any value of the configuration or metric against another.
 * @module
 */
import { pens } from "./colour.js";
import { ticks } from "./chart-export.js";
import { short } from "./chart.js";
import { fill, h, svg } from "./dom.js";
import { dimensions, scaleOf, wantsLog } from "./flat.js";
import { middleCut, number } from "./format.js";
import { light, litRun, onLight } from "./highlight.js";
import { navigate, parameters, runUrl, setParameters } from "./router.js";

/** Where the place is not laid out yet. */
const USUAL_WIDTH = 900;
const MOST_WIDTH = 1200;
const HEIGHT = 440;
const PLOT = { left: 72, top: 12, right: 16, bottom: 44 };

/** @param {import("./flat.js").Compared[]} runs */
export function scatter(runs) {
  const all = dimensions(runs);
  if (all.length < 2) {
    return h("p", { class: "soft" }, "A scatter needs two values that the runs have.");
  }
  const url = parameters();
  const metric = all.find(({ key }) => !key.startsWith("config.")) ?? all[1];
  const axis = (/** @type {string} */ name, /** @type {string} */ first) => {
    const wanted = url.get(name) ?? first;
    const select = h("select", { "aria-label": name === "sx" ? "Horizontal axis" : "Vertical axis" }, all.map(({ key }) => h("option", { value: key, selected: key === wanted }, middleCut(key, 48))));
    select.addEventListener("change", () => {
      setParameters({ [name]: select.value });
      draw();
    });
    return select;
  };
  const across = axis("sx", all[0].key === metric.key ? all[1].key : all[0].key);
  const up = axis("sy", metric.key);
  const place = h("div");
  const said = h("p", { class: "soft", role: "status" }, "Point at a run to see it; click to open it.");
  const colours = pens(runs.map(({ id }) => id));

  function draw() {
    const width = Math.max(280, Math.min(MOST_WIDTH, place.clientWidth || USUAL_WIDTH));
    const x = all.find(({ key }) => key === across.value) ?? all[0];
    const y = all.find(({ key }) => key === up.value) ?? metric;
    const sx = scaleOf(x.values, wantsLog(x.values));
    const sy = scaleOf(y.values, wantsLog(y.values));
    const px = (/** @type {number} */ p) => PLOT.left + 10 + p * (width - PLOT.left - PLOT.right - 20);
    const py = (/** @type {number} */ p) => HEIGHT - PLOT.bottom - 10 - p * (HEIGHT - PLOT.top - PLOT.bottom - 20);
    const dots = runs.flatMap((run, i) => {
      const a = sx.place(x.values[i]);
      const b = sy.place(y.values[i]);
      if (a === null || b === null) {
        return [];
      }
      const label = `${middleCut(run.name, 80)}: ${number(x.values[i])}, ${number(y.values[i])}`;
      const dot = svg("circle", { cx: px(a), cy: py(b), r: 5, tabindex: 0, role: "link", "aria-label": label, "data-run": run.id, fill: `var(${colours.get(run.id)?.property})`,
        on: { mouseenter: () => { said.textContent = label; light(run.id); }, mouseleave: () => light(null), focus: () => { said.textContent = label; light(run.id); }, blur: () => light(null), click: () => navigate(runUrl(run.id)), keydown: (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && navigate(runUrl(run.id)) } });
      return [dot];
    });
    const missing = runs.length - dots.length;
    fill(place, svg("svg", { class: "scatter", width, height: HEIGHT, role: "group", "aria-label": `${y.key} against ${x.key}` },
      marks(sx).map(([p, text]) => [svg("line", { class: "grid-line", x1: px(p), x2: px(p), y1: PLOT.top, y2: HEIGHT - PLOT.bottom }), svg("text", { x: px(p), y: HEIGHT - PLOT.bottom + 16, "text-anchor": "middle" }, middleCut(text, 18))]).flat(),
      marks(sy).map(([p, text]) => [svg("line", { class: "grid-line", x1: PLOT.left, x2: width - PLOT.right, y1: py(p), y2: py(p) }), svg("text", { x: PLOT.left - 6, y: py(p) + 4, "text-anchor": "end" }, middleCut(text, 10))]).flat(),
      svg("text", { x: (width + PLOT.left) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, middleCut(x.key, 80) + (sx.log ? " (log)" : "")),
      svg("text", { x: 4, y: 10 }, middleCut(y.key, 80) + (sy.log ? " (log)" : "")),
      dots), missing > 0 ? h("p", { class: "soft" }, `${missing} of ${runs.length} runs have no such value, or NaN.`) : null);
  }

  let drawn = 0;
  new ResizeObserver(() => {
    if (place.clientWidth !== drawn) {
      drawn = place.clientWidth;
      draw();
    }
  }).observe(place);
  draw();
  followLight(place, "circle");
  return h("div", { class: "stack" }, h("div", { class: "tools" }, h("label", null, "x ", across), h("label", null, "y ", up)), place, said);
}

/**
 * Marks of an axis.
 * @param {ReturnType<typeof scaleOf>} scale
 * @returns {[number, string][]}
 */
export function marks(scale) {
  if (!scale.numeric) {
    return scale.words.slice(0, 30).map((word) => [scale.place(word) ?? 0, word]);
  }
  const places = scale.log ? powers(scale.low, scale.high) : ticks(scale.low, scale.high, 6);
  return places.map((value) => [scale.place(value) ?? 0, short(value)]);
}

/**
 * @param {number} low
 * @param {number} high
 */
function powers(low, high) {
  const result = [];
  for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); p++) {
    const value = Number(`1e${p}`);
    if (value >= low * 0.999 && value <= high * 1.001) {
      result.push(value);
    }
  }
  return result.length > 1 ? result : [low, high];
}

/**
 * Marks the shapes of the run that is lit, and dims the others, until the place is gone.
 * @param {HTMLElement} place
 * @param {string} shapes
 */
export function followLight(place, shapes) {
  const end = onLight(() => {
    if (!document.contains(place)) {
      end();
      return;
    }
    const lit = litRun();
    place.querySelectorAll(shapes).forEach((shape) => shape.classList.toggle("lit", lit !== null && /** @type {SVGElement} */ (shape).dataset.run === lit));
  });
}
