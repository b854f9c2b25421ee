/**
 * The title of the browser's tab.
 * @module
 */

/** @param {string} title */
export function retitle(title) {
  document.title = title + " · Runledger";
}
