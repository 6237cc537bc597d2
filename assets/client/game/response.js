/**
 * How long it takes from a key event to the picture that shows what followed. Pure: times come in as arguments.
 *
 * The service says with `echo` from which frame on the pictures show an act. Its word and the picture come in either
 * order.
 */
import { quantile } from "../worker/clock.js";

/** Pictures whose time is remembered for an echo that comes behind them. */
const REMEMBERED = 120;

/** The last measurements, from which the number on the page is taken. */
const LATELY = 15;

export class Response {
  /** When each act that has no echo yet was done, by its number. @type {Map<number, number>} */
  #done = new Map();
  /** Acts whose picture is awaited. @type {{at: number, frame: number}[]} */
  #awaited = [];
  /** @type {{frame: number, time: number}[]} */
  #shown = [];
  /** @type {number[]} */
  #measured = [];

  /** @param {number} number of the message @param {number} at when the key event was, in milliseconds */
  acted(number, at) {
    this.#done.set(number, at);
  }

  /** @param {number} number the newest act that was played @param {number} frame the first that shows it */
  echo(number, frame) {
    const at = this.#done.get(number);
    // Acts before it were overtaken by it, and show in no picture for certain.
    for (const before of [...this.#done.keys()].filter((known) => known <= number)) this.#done.delete(before);
    if (at === undefined) return;
    const shown = this.#shown.find((picture) => picture.frame >= frame && picture.time >= at);
    if (shown) this.#measured.push(shown.time - at);
    else this.#awaited.push({ at, frame });
  }

  /** A picture is on the screen. @param {number} frame of it @param {number} time in milliseconds */
  shown(frame, time) {
    this.#shown.push({ frame, time });
    if (this.#shown.length > REMEMBERED) this.#shown.shift();
    this.#measured.push(...this.#awaited.filter((act) => act.frame <= frame).map((act) => time - act.at));
    this.#awaited = this.#awaited.filter((act) => act.frame > frame);
  }

  /** Nobody looks, or the line is broken: what is under way would measure that. */
  forget() {
    this.#done.clear();
    this.#awaited = [];
    this.#shown = [];
  }

  /** Median of the last measurements, in milliseconds; null if there are none. */
  get lately() {
    return this.#measured.length === 0 ? null : quantile(this.#measured.slice(-LATELY), 0.5);
  }

  /** Of the whole episode. @param {number} share between 0 and 1 */
  quantile(share) {
    return this.#measured.length === 0 ? null : quantile(this.#measured, share);
  }
}
