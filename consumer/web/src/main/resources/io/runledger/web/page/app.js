/**
 * The page: a top bar over the view that the URL names.
 * @module
 */
import { FAR_BEHIND_SECONDS, get, watchConnection } from "./api.js";
import { h, fill, svg } from "./dom.js";
import { counted, duration, local, utc } from "./format.js";
import { onChange, startLive } from "./live.js";
import { Refresher } from "./refresher.js";
import { startRouter } from "./router.js";
import { retitle } from "./title.js";
import { nextTheme, onTheme, theme } from "./theme.js";
import { problem } from "./notices.js";
import { showHelp } from "./help.js";
import { logOut, session } from "./session.js";

/**
 * @typedef {object} View
 * @property {string} title
 * @property {HTMLElement} element
 * @property {() => void} [dispose]
 * @property {() => boolean} [moved] after "back" inside the view; whether it shows the new URL
 */

/** Path, title in the bar, and the module that makes the view. @type {[string, string, () => Promise<{view: (rest: string) => View}>][]} */
const PLACES = [
  ["runs", "Runs", () => import("./runs.js")],
  ["compare", "Compare", () => import("./compare.js")],
  ["groups", "Groups", () => import("./groups.js")],
  ["errors", "Errors", () => import("./errors.js")],
  ["jobs", "Jobs", () => import("./jobs.js")],
  ["alerts", "Alerts", () => import("./alerts.js")],
  ["health", "Health", () => import("./health.js")],
];

const HEALTH_MILLISECONDS = 2_000;

const main = h("main", { id: "main", tabindex: "-1" });
const offline = h("div", { class: "offline", role: "status", hidden: true });
const out = h("button", { class: "quiet", type: "button", hidden: true, on: { click: logOut } }, "Log out");
const state = h("span", { class: "wide", title: "How far the ledger is behind what was logged, and how many runs it has" });
/** @type {HTMLAnchorElement[]} */
const links = PLACES.map(([path, title]) => h("a", { href: "/" + path }, title));

/** @type {View|null} */
let current = null;
let shownPath = "";
let navigation = 0;

async function show() {
  const [first, ...rest] = location.pathname.replace(/^\/+|\/+$/g, "").split("/");
  // Before anything else: a view whose module is still on its way is not shown after "back".
  const mine = ++navigation;
  if (shownPath === location.pathname && current?.moved?.()) {
    return;
  }
  const place = PLACES.find(([path]) => path === (first || "runs"));
  links.forEach((link, i) => {
    if (PLACES[i] === place) {
      link.setAttribute("aria-current", "page");
      link.scrollIntoView({ inline: "center", block: "nearest" });
    } else {
      link.removeAttribute("aria-current");
    }
  });
  /** @type {View} */
  let next;
  try {
    if (first === "login") {
      next = (await import("./login.js")).view();
    } else if (place === undefined) {
      next = { title: "Not found", element: h("div", { class: "empty" }, h("p", null, "There is no such page."), h("a", { href: "/runs" }, "All runs")) };
    } else if (place[0] === "runs" && rest.length > 0) {
      next = (await import("./run.js")).view(decodeURIComponent(rest[0]));
    } else {
      next = (await place[2]()).view(rest.join("/"));
    }
  } catch (error) {
    next = { title: "Error", element: problem(error) };
  }
  if (mine !== navigation) {
    next.dispose?.();
    return;
  }
  current?.dispose?.();
  current = next;
  shownPath = location.pathname;
  retitle(next.title);
  fill(main, next.element);
}

/** @param {AbortSignal} signal */
async function readHealth(signal) {
  try {
    const health = await get("health", {}, signal);
    const lag = health.lag_seconds;
    const runs = typeof health.runs === "object" && health.runs !== null ? Object.values(health.runs).reduce((/** @type {number} */ sum, n) => sum + Number(n), 0) : health.runs;
    const parts = [
      typeof lag === "number" ? `lag ${lag < 10 ? lag.toFixed(1) + " s" : duration(lag)}` : null,
      typeof runs === "number" ? counted(runs, "run") : null,
    ];
    const behind = health.status === "unwell" || (typeof lag === "number" && lag > FAR_BEHIND_SECONDS);
    state.textContent = (behind ? "▲ " : "") + parts.filter(Boolean).join(" · ");
    state.classList.toggle("status-timeout", behind);
    state.title = health.detail ?? "How far the ledger is behind what was logged, and how many runs it has";
  } catch {
    state.textContent = "";
  }
}

function bar() {
  const sun = h("button", { class: "quiet", type: "button", on: { click: nextTheme } });
  const name = () => {
    const words = { system: "as the system", light: "light", dark: "dark" }[theme()];
    sun.textContent = { system: "◐", light: "☀", dark: "☾" }[theme()];
    sun.title = `Colours: ${words}`;
    sun.setAttribute("aria-label", sun.title);
  };
  name();
  onTheme(name);
  return h(
    "header",
    { class: "bar" },
    h("a", { class: "brand", href: "/runs", "aria-label": "Runledger, all runs" }, logo(), h("span", null, "Runledger")),
    h("nav", { "aria-label": "Pages" }, links),
    h(
      "div",
      { class: "state" },
      state,
      h("button", { class: "quiet", type: "button", title: "Keys and the filter language (?)", "aria-label": "Help", on: { click: showHelp } }, "?"),
      sun,
      out,
    ),
  );
}

function logo() {
  return svg(
    "svg",
    { viewBox: "0 0 16 16", "aria-hidden": "true" },
    svg("rect", { width: 16, height: 16, rx: 3, fill: "var(--accent)" }),
    svg("path", { d: "M3 4h10M3 7.5h7", stroke: "var(--accent-ink)", "stroke-opacity": 0.6 }),
    svg("path", { d: "M3 12.5c2-5 3.5 1 5-1.5s2-3 5-3", fill: "none", stroke: "var(--accent-ink)", "stroke-width": 1.5 }),
  );
}

fill(/** @type {HTMLElement} */ (document.getElementById("shell")), bar(), offline, main);
watchConnection(({ offlineSince }) => {
  offline.hidden = offlineSince === null;
  if (offlineSince !== null) {
    offline.textContent = `The server has not answered since ${local(offlineSince)}. What is shown is from then; this page tries again by itself.`;
    offline.title = utc(offlineSince);
  }
});
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable], dialog");
  if (event.key === "?" && !typing) {
    showHelp();
  } else if (event.key === "Escape" && typing instanceof HTMLInputElement) {
    typing.blur();
  }
});
if (location.pathname === "/") {
  history.replaceState(null, "", "/runs" + location.search);
}
startRouter(show);
show();
if (location.pathname === "/login") {
  links.forEach((link) => (link.hidden = true));
} else {
  session().then(({ token_required: required, role }) => {
    out.hidden = !required;
    out.title = role === "editor" ? "You may change runs" : "You may read, and change nothing";
  }, () => {});
  startLive();
  const health = new Refresher(readHealth, HEALTH_MILLISECONDS);
  health.now();
  onChange(() => health.soon());
}
