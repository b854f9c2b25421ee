/**
 * Every view is its URL: paths choose a view, parameters are its state.
 * @module
 */

/** @type {(() => void)|null} */
let listener = null;

/**
 * Calls back after each navigation, and follows links inside of the page without loading it.
 * @param {() => void} onNavigation
 */
export function startRouter(onNavigation) {
  listener = onNavigation;
  addEventListener("popstate", onNavigation);
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link === null || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
      return;
    }
    const url = new URL(link.href, location.href);
    const ours = url.origin === location.origin && !/^\/(api|assets|vendor|login|logout)(\/|$)/.test(url.pathname);
    if (!ours || link.target || link.hasAttribute("download") || link.getAttribute("href")?.startsWith("#")) {
      return;
    }
    event.preventDefault();
    navigate(url.pathname + url.search);
  });
}

/** @param {string} url */
export function navigate(url) {
  history.pushState(null, "", url);
  listener?.();
  scrollTo(0, 0);
}

/** @returns {URLSearchParams} a copy */
export function parameters() {
  return new URLSearchParams(location.search);
}

/**
 * Changes parameters of this view, which has shown them already.
 * @param {Record<string, string|string[]|null|undefined>} changes null takes one out
 * @param {boolean} [step] whether "back" undoes it
 */
export function setParameters(changes, step = false) {
  const now = parameters();
  for (const [name, value] of Object.entries(changes)) {
    now.delete(name);
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== "") {
        now.append(name, one);
      }
    }
  }
  const query = readable(now);
  const url = location.pathname + (query ? "?" + query : "");
  if (url !== location.pathname + location.search) {
    history[step ? "pushState" : "replaceState"](step ? null : history.state, "", url);
  }
}

/**
 * Parameters as a URL has them, without escapes that it does not need.
 * @param {URLSearchParams} values
 */
export function readable(values) {
  return values.toString().replace(/%2F/g, "/").replace(/%2C/g, ",").replace(/%3A/g, ":");
}

/** @param {string} run */
export function runUrl(run) {
  return "/runs/" + encodeURIComponent(run);
}
