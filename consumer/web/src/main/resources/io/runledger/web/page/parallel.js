/**
 * Parallel coordinates: one axis a value, one line a run; a brush on an axis chooses runs.
 * @module
 */
import { pens } from "./colour.js";
import { fill, h, svg } from "./dom.js";
import { dimensions, scaleOf, wantsLog } from "./flat.js";
import { counted, middleCut } from "./format.js";
import { light } from "./highlight.js";
import { navigate, parameters, runUrl, setParameters } from "./router.js";
import { followLight, marks } from "./scatter.js";

const HEIGHT = 440;
const TOP = 44;
const BOTTOM = 16;
const GAP = 200;
const MOST_AT_FIRST = 6;

/** @param {import("./flat.js").Compared[]} runs */
export function parallel(runs) {
  const all = dimensions(runs);
  if (all.length < 2) {
    return h("p", { class: "soft" }, "Parallel coordinates need two values that the runs have.");
  }
  const url = parameters().getAll("axis");
  const config = all.filter(({ key, values }) => key.startsWith("config.") && new Set(values).size > 1).slice(0, MOST_AT_FIRST - 1);
  const metric = all.filter(({ key }) => !key.startsWith("config.")).slice(0, Math.max(1, MOST_AT_FIRST - config.length - 2));
  let chosen = url.length > 1 ? url.filter((key) => all.some((one) => one.key === key)) : [...config, ...metric].map(({ key }) => key);
  /** Ranges between 0 and 1 by axis. @type {Map<string, [number, number]>} */
  const brushes = new Map();
  const place = h("div", { class: "scroll-x", tabindex: "0", role: "region", "aria-label": "Parallel coordinates" });
  const list = h("div", { class: "chosen" });
  const found = h("p", { class: "soft", role: "status" });
  const add = h("select", { "aria-label": "Add an axis" });
  const colours = pens(runs.map(({ id }) => id));

  function change(/** @type {string[]} */ next) {
    chosen = next;
    setParameters({ axis: next });
    draw();
  }
  add.addEventListener("change", () => add.value && change([...chosen, add.value]));

  function draw() {
    fill(add, h("option", { value: "" }, "Add an axis …"), all.filter(({ key }) => !chosen.includes(key)).map(({ key }) => h("option", { value: key }, middleCut(key, 60))));
    fill(list, chosen.map((key) => h("span", { class: "tag", title: key.slice(0, 300) }, middleCut(key, 32), h("button", { class: "quiet", type: "button", "aria-label": "Take out " + key.slice(0, 80), on: { click: () => { brushes.delete(key); change(chosen.filter((one) => one !== key)); } } }, "✕"))));
    const axes = chosen.map((key) => {
      const one = /** @type {import("./flat.js").Dimension} */ (all.find((dimension) => dimension.key === key));
      return { key, values: one.values, scale: scaleOf(one.values, wantsLog(one.values)) };
    });
    const width = Math.max(500, axes.length * GAP);
    const px = (/** @type {number} */ i) => 60 + i * ((width - 140) / Math.max(1, axes.length - 1));
    const py = (/** @type {number} */ p) => HEIGHT - BOTTOM - p * (HEIGHT - TOP - BOTTOM);
    let inside = 0;
    let whole = 0;
    const lines = runs.map((run, r) => {
      const places = axes.map(({ scale, values }) => scale.place(values[r]));
      const kept = axes.every(({ key }, i) => {
        const brush = brushes.get(key);
        const p = places[i];
        return brush === undefined || (p !== null && p >= brush[0] && p <= brush[1]);
      });
      inside += Number(kept);
      whole += Number(!places.includes(null));
      let d = "";
      let pen = "M";
      places.forEach((p, i) => {
        d += p === null ? "" : `${pen}${px(i).toFixed(1)} ${py(p).toFixed(1)}`;
        pen = p === null ? "M" : "L";
      });
      const colour = colours.get(run.id);
      return svg("path", { d, class: kept ? "" : "dim", "data-run": run.id, stroke: `var(${colour?.property})`, "stroke-dasharray": colour?.dash.length ? colour.dash.join(" ") : null,
        on: { mouseenter: () => { found.textContent = run.name.slice(0, 300); light(run.id); }, mouseleave: () => light(null), click: () => navigate(runUrl(run.id)) } });
    });
    const shapes = axes.map(({ key, scale }, i) => {
      const brush = brushes.get(key);
      const hit = svg("rect", { class: "axis-hit", x: px(i) - 12, y: TOP, width: 24, height: HEIGHT - TOP - BOTTOM });
      hit.addEventListener("pointerdown", (event) => drag(event, hit, key));
      return svg("g", {},
        svg("line", { class: "axis", x1: px(i), x2: px(i), y1: TOP, y2: HEIGHT - BOTTOM }),
        svg("text", { x: px(i), y: i % 2 ? 14 : 30, "text-anchor": "middle" }, middleCut(key, 30)),
        marks(scale).map(([p, text]) => svg("text", { x: px(i) + 6, y: py(p) + 4 }, middleCut(text, 14))),
        brush ? svg("rect", { class: "brush", x: px(i) - 6, width: 12, y: py(brush[1]), height: Math.max(2, py(brush[0]) - py(brush[1])) }) : null,
        hit);
    });
    fill(place, svg("svg", { class: "scatter parallel", viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": `Parallel coordinates of ${counted(runs.length, "run")} over ${chosen.join(", ")}`.slice(0, 500) }, lines, shapes));
    const drawing = /** @type {SVGElement} */ (place.firstElementChild);
    drawing.style.width = width + "px";
    drawing.style.height = HEIGHT + "px";
    found.textContent = brushes.size > 0 ? `${counted(inside, "run")} of ${runs.length} in the ranges` : (whole < runs.length ? `${runs.length - whole} of ${runs.length} runs lack a value of an axis. ` : "") + "Drag along an axis to choose runs; click an axis to let go.";
  }

  /**
   * @param {PointerEvent} event
   * @param {SVGElement} hit
   * @param {string} key
   */
  function drag(event, hit, key) {
    const at = (/** @type {PointerEvent} */ one) => {
      const box = hit.getBoundingClientRect();
      return Math.max(0, Math.min(1, 1 - (one.clientY - box.top) / box.height));
    };
    const start = at(event);
    // The axis is drawn again under the pointer, so the window has the listeners.
    const move = (/** @type {PointerEvent} */ one) => {
      const now = at(one);
      if (Math.abs(now - start) > 0.01) {
        brushes.set(key, [Math.min(start, now) - 0.005, Math.max(start, now) + 0.005]);
      }
    };
    const box = hit.getBoundingClientRect();
    hit.getBoundingClientRect = () => box;
    const end = (/** @type {PointerEvent} */ one) => {
      removeEventListener("pointermove", step);
      const now = at(one);
      if (Math.abs(now - start) <= 0.01) {
        brushes.delete(key);
      }
      draw();
    };
    const step = (/** @type {PointerEvent} */ one) => {
      move(one);
      draw();
    };
    event.preventDefault();
    addEventListener("pointermove", step);
    addEventListener("pointerup", end, { once: true });
  }

  draw();
  followLight(place, "path");
  return h("div", { class: "stack" }, h("div", { class: "tools" }, list, add), place, found);
}
