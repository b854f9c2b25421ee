/**
 * Calls of the server. A lost connection is not an error of a call: reads wait and try again until
 * it is back, and the top bar says since when.
 * @module
 */

/** What the server answered when it could not do as asked (RFC 9457). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {{title?: string, detail?: string, start?: number, end?: number}} problem
   */
  constructor(status, problem) {
    super(problem.detail || problem.title || `The server answered ${status}.`);
    this.status = status;
    this.title = problem.title ?? "";
    this.start = problem.start;
    this.end = problem.end;
  }
}

/** @typedef {{offlineSince: number|null}} Connection */

/** @type {Connection} */
const connection = { offlineSince: null };
/** @type {Set<(connection: Connection) => void>} */
const watchers = new Set();

/**
 * Calls back now and whenever the connection is lost or back.
 * @param {(connection: Connection) => void} watcher
 */
export function watchConnection(watcher) {
  watchers.add(watcher);
  watcher(connection);
}

/** @param {boolean} online */
export function reportConnection(online) {
  const since = online ? null : (connection.offlineSince ?? Date.now());
  if (since !== connection.offlineSince) {
    connection.offlineSince = since;
    watchers.forEach((watcher) => watcher(connection));
  }
}

/** @typedef {Record<string, string|number|boolean|null|undefined|(string|number)[]>} Parameters */

/**
 * @param {string} path after /api/v1/
 * @param {Parameters} [parameters] a list becomes repeated parameters; null ones are left out
 */
export function apiUrl(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (Array.isArray(value)) {
      value.forEach((one) => query.append(name, String(one)));
    } else if (value !== null && value !== undefined && value !== "" && value !== false) {
      query.append(name, String(value));
    }
  }
  const text = query.toString();
  return "/api/v1/" + path + (text ? "?" + text : "");
}

/** The state of the ledger that the first answer of this page had. @type {string|null} */
let firstState = null;

/**
 * Whether the ledger is still as this page first saw it: what happened before the stream of changes
 * was open is in no message of it.
 */
export async function isUnchanged() {
  const response = await fetch(apiUrl("gaps", { limit: 1 }));
  return firstState !== null && response.headers.get("ETag") === firstState;
}

/** A lag of the ledger that a reader should know of. */
export const FAR_BEHIND_SECONDS = 60;

const RETRY_MILLISECONDS = [500, 1_000, 2_000, 4_000];

/**
 * @param {string} path after /api/v1/
 * @param {Parameters} [parameters]
 * @param {AbortSignal} [signal] ends it, as an AbortError
 * @returns {Promise<any>}
 * @throws {ApiError}
 */
export async function get(path, parameters, signal) {
  const url = apiUrl(path, parameters);
  for (let attempt = 0; ; attempt++) {
    try {
      const response = await fetch(url, { signal });
      // A proxy in front of a server that is down answers for it.
      if (response.status !== 502 && response.status !== 504) {
        reportConnection(true);
        firstState ??= response.headers.get("ETag");
        return await answer(response);
      }
    } catch (error) {
      if (error instanceof ApiError || signal?.aborted) {
        throw error;
      }
    }
    reportConnection(false);
    await pause(RETRY_MILLISECONDS[Math.min(attempt, RETRY_MILLISECONDS.length - 1)], signal);
  }
}

/**
 * @param {string} path after /api/v1/
 * @param {object} body
 * @returns {Promise<{document: any, isApplied: boolean}>} not applied: recorded, and to be seen later
 * @throws {ApiError}
 */
export async function post(path, body) {
  let response;
  try {
    response = await fetch("/api/v1/" + path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    reportConnection(false);
    throw new ApiError(0, { detail: "The server cannot be reached; nothing was changed. Try again when it is back." });
  }
  const document = await answer(response);
  return { document, isApplied: response.status !== 202 };
}

/** @param {Response} response */
async function answer(response) {
  if (response.status === 401 && location.pathname !== "/login") {
    const here = location.pathname + location.search;
    location.assign("/login?next=" + encodeURIComponent(here));
    return new Promise(() => {});
  }
  const text = await response.text();
  let document = null;
  try {
    document = text ? JSON.parse(text) : null;
  } catch {
    throw new ApiError(response.status, { detail: `The server answered ${response.status} with something that is not JSON.` });
  }
  if (!response.ok) {
    throw new ApiError(response.status, document ?? {});
  }
  return document;
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} [signal]
 */
function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("No longer wanted.", "AbortError"));
    }, { once: true });
  });
}

/**
 * Whether an error only says that an answer is no longer wanted.
 * @param {unknown} error
 */
export function isAbort(error) {
  return error instanceof DOMException && error.name === "AbortError";
}
