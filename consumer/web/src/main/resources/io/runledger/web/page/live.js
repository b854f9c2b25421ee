/**
 * What changed, from the server's stream of events, so that nothing here polls.
 * @module
 */
import { isUnchanged, reportConnection } from "./api.js";

/** @typedef {(runs: Set<string>|null) => void} ChangeListener null: anything may have changed */

/** @type {Set<ChangeListener>} */
const listeners = new Set();
/** @type {EventSource|null} */
let source = null;
let wasOpen = false;
/** @type {ReturnType<typeof setTimeout>|undefined} */
let reopening;

/** Browsers allow a page's server only few connections, so a page that nobody sees gives its back. */
const HIDDEN_MILLISECONDS = 30_000;
const REOPEN_MILLISECONDS = 2_000;

/**
 * @param {ChangeListener} listener
 * @returns {() => void} ends it
 */
export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @param {Set<string>|null} runs */
function announce(runs) {
  for (const listener of [...listeners]) {
    listener(runs);
  }
}

function open() {
  clearTimeout(reopening);
  if (source !== null) {
    return;
  }
  source = new EventSource("/api/v1/changes");
  source.addEventListener("open", () => {
    reportConnection(true);
    if (wasOpen) {
      announce(null);
    } else {
      isUnchanged().then((same) => same || announce(null), () => {});
    }
    wasOpen = true;
  });
  source.addEventListener("changed", (event) => {
    const data = JSON.parse(/** @type {MessageEvent} */ (event).data);
    announce(data.all || !Array.isArray(data.runs) ? null : new Set(data.runs));
  });
  source.addEventListener("error", () => {
    // The browser tries again by itself, except after an answer that was no stream.
    const closed = source?.readyState === EventSource.CLOSED;
    if (closed) {
      close();
      reopening = setTimeout(open, REOPEN_MILLISECONDS);
    }
    fetch("/api/v1/health", { method: "GET" }).then(
      (response) => reportConnection(response.status !== 502 && response.status !== 504),
      () => reportConnection(false),
    );
  });
}

function close() {
  source?.close();
  source = null;
}

/** Listens from now on, while the page is seen. */
export function startLive() {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let hiding;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) {
      hiding = setTimeout(close, HIDDEN_MILLISECONDS);
    } else {
      open();
    }
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && open());
  open();
}
