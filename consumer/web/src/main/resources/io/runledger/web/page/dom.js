/**
 * Elements made from script. Children that are not elements become text nodes, so nothing that was
 * logged is ever read as markup.
 * @module
 */

/** Characters that turn the text behind them around: what was logged as "\u202egnp.exe" would read "exe.png". */
const DIRECTIONS = /[\u202a-\u202e\u2066-\u2069]/g;

/** @typedef {Node|string|number|null|undefined|false} Child */
/**
 * @typedef {object} Attributes
 * @property {string} [class]
 * @property {Record<string, (event: any) => void>} [on]
 * @property {Record<string, string>} [style]
 */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {(Attributes & Record<string, any>)|null} [attributes]
 * @param {...(Child|Child[])} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  apply(element, attributes ?? {});
  element.append(...nodes(children));
  return element;
}

/**
 * The same for SVG.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Child|Child[])} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  apply(element, attributes ?? {});
  element.append(...nodes(children));
  return /** @type {SVGElement} */ (element);
}

/**
 * @param {(Child|Child[])[]} children
 * @returns {(Node|string)[]}
 */
function nodes(children) {
  return children
    .flat()
    .filter((child) => child !== null && child !== undefined && child !== false && child !== "")
    .map((child) => (child instanceof Node ? child : String(child).replace(DIRECTIONS, "\ufffd")));
}

/**
 * @param {HTMLElement|SVGElement} element
 * @param {Record<string, any>} attributes
 */
function apply(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) {
      continue;
    }
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, /** @type {EventListener} */ (listener));
      }
    } else if (name === "style") {
      for (const [property, text] of Object.entries(value)) {
        element.style.setProperty(property, String(text));
      }
    } else if (name === "value" && "value" in element) {
      /** @type {HTMLInputElement} */ (element).value = value;
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
}

/**
 * Puts children in place of those an element has.
 * @param {Element} element
 * @param {...(Child|Child[])} children
 */
export function fill(element, ...children) {
  element.replaceChildren(...nodes(children));
}

/** Characters at the end of a long text that stay. */
const TAIL = 14;

/**
 * A text in one line, whose middle gives way where the place is narrow: the end of a name says more.
 * @param {string} text
 * @returns {HTMLElement}
 */
export function cutInMiddle(text) {
  const characters = Array.from(text.slice(0, 2_000).replace(/\s+/g, " "));
  const tail = characters.length > 2 * TAIL ? characters.splice(-TAIL) : [];
  return h("bdi", { class: "cut" }, h("span", { class: "cut-head" }, characters.join("")), tail.length > 0 ? h("span", null, tail.join("")) : null);
}

/**
 * Calls at most once a frame, with the newest arguments.
 * @template {any[]} A
 * @param {(...parameters: A) => void} action
 * @returns {(...parameters: A) => void}
 */
export function framed(action) {
  /** @type {A|null} */
  let waiting = null;
  return (...parameters) => {
    const scheduled = waiting !== null;
    waiting = parameters;
    if (!scheduled) {
      requestAnimationFrame(() => {
        const newest = /** @type {A} */ (waiting);
        waiting = null;
        action(...newest);
      });
    }
  };
}

/** @type {Set<string>} */
const useful = new Set();

/**
 * Marks in the browser's own timings when a reader first sees what a view is for.
 * @param {string} view
 */
export function markUseful(view) {
  if (!useful.has(view)) {
    useful.add(view);
    // The second frame begins after the first was painted.
    requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("useful: " + view)));
  }
}

/**
 * Calls once no further call has come for a while.
 * @template {any[]} A
 * @param {number} milliseconds
 * @param {(...parameters: A) => void} action
 * @returns {(...parameters: A) => void}
 */
export function settled(milliseconds, action) {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  return (...parameters) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...parameters), milliseconds);
  };
}

/**
 * Calls at once, and then at most once in a while; the last call is not lost.
 * @param {number} milliseconds
 * @param {() => void} action
 * @returns {() => void}
 */
export function throttled(milliseconds, action) {
  let last = -Infinity;
  /** @type {ReturnType<typeof setTimeout>|null} */
  let timer = null;
  const run = () => {
    timer = null;
    last = performance.now();
    action();
  };
  return () => {
    if (timer === null) {
      timer = setTimeout(run, Math.max(0, last + milliseconds - performance.now()));
    }
  };
}

/**
 * Offers a file for download.
 * @param {string} name
 * @param {Blob} content
 */
export function download(name, content) {
  const url = URL.createObjectURL(content);
  const link = h("a", { href: url, download: name.replace(/[^\w.+-]+/g, "_").slice(0, 120) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
