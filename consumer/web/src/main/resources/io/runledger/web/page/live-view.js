/**
 * A view that loads again what it shows, whenever the ledger changes.
 * @module
 */
import { ApiError, isAbort } from "./api.js";
import { fill } from "./dom.js";
import { onChange } from "./live.js";
import { empty, problem } from "./notices.js";
import { Refresher } from "./refresher.js";

/** @abstract */
export class LiveView {
  #refresher = new Refresher((signal) => this.#ask(signal));
  /** @type {string|undefined} */
  #shown;

  /**
   * @param {string} title
   * @param {HTMLElement} result where the answer is shown
   */
  constructor(title, result) {
    this.title = title;
    this.result = result;
    /** Ends what is asked besides the answer itself. */
    this.ending = new AbortController();
    /** What ends with the view. @type {(() => void)[]} */
    this.ends = [onChange((runs) => this.concerns(runs) && this.changed()), () => this.#refresher.end(), () => this.ending.abort()];
    /** The filter of what is asked for. @type {ReturnType<typeof import("./filter-box.js").filterBox>|undefined} */
    this.box = undefined;
  }

  /**
   * Asks, and shows the answer.
   * @abstract
   * @param {AbortSignal} _signal
   * @returns {Promise<void>}
   */
  async refresh(_signal) {
    throw new Error("A view says what it asks for.");
  }

  /**
   * Whether a change has to do with what is shown.
   * @param {Set<string>|null} _runs null: anything may have changed
   */
  concerns(_runs) {
    return true;
  }

  changed() {
    this.#refresher.soon();
  }

  load() {
    return this.#refresher.now();
  }

  /** @param {AbortSignal} signal */
  async #ask(signal) {
    try {
      await this.refresh(signal);
      this.box?.show(null);
    } catch (error) {
      if (isAbort(error)) {
        return;
      }
      // Where there is no filter, another list of fields in the address is the mistaken one.
      if (this.box && this.box.input.value !== "" && error instanceof ApiError && error.start !== undefined) {
        this.box.show(error);
        if (this.#shown === undefined) {
          fill(this.result, empty("The filter above cannot be applied."));
        }
      } else {
        this.failed(error);
      }
    }
  }

  /** @param {unknown} error */
  failed(error) {
    if (this.#shown === undefined) {
      fill(this.result, problem(error, () => this.load()));
    }
  }

  /**
   * Whether an answer is another than the one that is shown.
   * @param {any} answer
   */
  isNews(answer) {
    const text = JSON.stringify(answer);
    const isNews = text !== this.#shown;
    this.#shown = text;
    return isNews;
  }

  /** What comes next is news, whatever it is. */
  forget() {
    this.#shown = undefined;
  }

  dispose() {
    this.ends.forEach((end) => end());
  }
}
