/**
 * Asking again, at a pace that the answers set.
 * @module
 */
import { isAbort } from "./api.js";

/** Between an answer and the next question, at least: nobody reads faster. */
const REST_MILLISECONDS = 700;
/** What takes the server long is asked for less often, so that one open page never keeps it busy. */
const REST_PER_ANSWER = 4;

/** Asks one question again and again, never twice at once, so that answers come in order. */
export class Refresher {
  #asking = new AbortController();
  #isAsking = false;
  #isDue = false;
  #isEnded = false;
  #restUntil = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /**
   * @param {(signal: AbortSignal) => Promise<void>} ask handles its errors; those of an abort may leave it
   * @param {number} [rest] milliseconds between an answer and the next question, at least
   */
  constructor(ask, rest = REST_MILLISECONDS) {
    this.ask = ask;
    this.rest = rest;
  }

  /** Asks at once, in place of a question that is under way. */
  async now() {
    if (this.#isEnded) {
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    this.#isAsking = true;
    this.#isDue = false;
    const began = performance.now();
    try {
      await this.ask(signal);
    } catch (error) {
      if (!isAbort(error)) {
        throw error;
      }
    } finally {
      if (!signal.aborted) {
        const ended = performance.now();
        this.#isAsking = false;
        this.#restUntil = ended + Math.max(this.rest, REST_PER_ANSWER * (ended - began));
        if (this.#isDue) {
          this.soon();
        }
      }
    }
  }

  /** Asks when it is time to. What is under way is waited for: it may have missed what this is about. */
  soon() {
    if (this.#isAsking) {
      this.#isDue = true;
    } else if (!this.#isEnded) {
      this.#timer ??= setTimeout(() => this.now(), Math.max(0, this.#restUntil - performance.now()));
    }
  }

  end() {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    this.#asking.abort();
  }
}
