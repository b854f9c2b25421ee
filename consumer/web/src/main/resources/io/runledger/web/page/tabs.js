/**
 * Tabs: arrows move between them, and one is made when it is first shown.
 * @module
 */
import { fill, h } from "./dom.js";

/** @typedef {{key: string, title: string, make: () => HTMLElement}} Tab */
let sets = 0;

/**
 * @param {string} label
 * @param {string} first key of the one that is shown
 * @param {(key: string) => void} onTab
 * @param {Tab[]} all
 */
export function tabs(label, first, onTab, all) {
  const id = "tabs-" + ++sets;
  /** @type {Map<string, string>} */
  const stamps = new Map();
  /** @type {Map<string, {stamp: string|undefined}>} */
  const made = new Map();
  const counts = new Map(all.map(({ key }) => [key, h("span", { class: "soft" })]));
  let shown = all.some(({ key }) => key === first) ? first : all[0].key;
  const buttons = all.map(({ key, title }) =>
    h("button", { type: "button", role: "tab", id: `${id}-${key}`, "aria-controls": `${id}-panel-${key}`, on: { click: () => show(key) } }, title, " ", counts.get(key)));
  const panels = all.map(({ key }) => h("div", { role: "tabpanel", id: `${id}-panel-${key}`, "aria-labelledby": `${id}-${key}`, class: "tab-panel" }));
  const list = h("div", { class: "tabs", role: "tablist", "aria-label": label }, buttons);

  /** @param {string} key */
  function show(key) {
    shown = key;
    all.forEach((tab, i) => {
      const on = tab.key === key;
      buttons[i].setAttribute("aria-selected", String(on));
      buttons[i].tabIndex = on ? 0 : -1;
      panels[i].hidden = !on;
      if (on) {
        draw(tab, panels[i]);
      }
    });
    onTab(key);
  }

  /**
   * @param {Tab} tab
   * @param {HTMLElement} panel
   */
  function draw(tab, panel) {
    const stamp = stamps.get(tab.key);
    if (made.get(tab.key)?.stamp !== stamp || !made.has(tab.key)) {
      made.set(tab.key, { stamp });
      fill(panel, tab.make());
    }
  }

  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) {
      const i = (all.findIndex(({ key }) => key === shown) + step + all.length) % all.length;
      show(all[i].key);
      buttons[i].focus();
    }
  });
  show(shown);

  return {
    element: h("div", { class: "tabbed" }, list, panels),
    /**
     * @param {string} key
     * @param {number} n
     */
    count(key, n) {
      const place = counts.get(key);
      if (place) {
        place.textContent = n > 0 ? String(n) : "";
      }
    },
    /**
     * Draws a tab again if what it shows has another stamp.
     * @param {string} key
     * @param {string} stamp
     */
    refresh(key, stamp) {
      stamps.set(key, stamp);
      const i = all.findIndex((tab) => tab.key === key);
      if (key === shown) {
        draw(all[i], panels[i]);
      }
    },
  };
}
