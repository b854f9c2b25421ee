/**
 * The theme: the system's, until the reader chooses one.
 * @module
 */

const KEY = "runledger.theme";

/** @returns {"system"|"light"|"dark"} */
export function theme() {
  const chosen = document.documentElement.dataset.theme;
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

/** Goes to the next of system, light and dark. */
export function nextTheme() {
  const next = { system: "light", light: "dark", dark: "system" }[theme()];
  if (next === "system") {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = next;
  }
  remember(KEY, next);
  themeChanged();
}

/** @type {Set<() => void>} */
const listeners = new Set();

/**
 * Calls back whenever the colours change, by choice or by the system.
 * @param {() => void} listener
 * @returns {() => void} ends it
 */
export function onTheme(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function themeChanged() {
  colours.clear();
  listeners.forEach((listener) => listener());
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", themeChanged);

/** @type {Map<string, string>} */
const colours = new Map();

/**
 * What a custom property is now, as a colour that a canvas understands.
 * @param {string} property such as `--ink`
 * @returns {string}
 */
export function colour(property) {
  let value = colours.get(property);
  if (value === undefined) {
    const probe = document.createElement("span");
    probe.style.color = `var(${property})`;
    document.body.append(probe);
    value = getComputedStyle(probe).color;
    probe.remove();
    colours.set(property, value);
  }
  return value;
}

/**
 * Keeps a text for the next visit, where the browser allows that.
 * @param {string} key
 * @param {string} value
 */
export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage may be forbidden or full: the page works without.
  }
}

/**
 * @param {string} key
 * @returns {string|null} what {@link remember} kept
 */
export function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
