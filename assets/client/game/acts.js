/**
 * Key events as `acts` of a streamed game: what is held, told whenever it changes, or one message for each press.
 *
 * The keys mean the same as in a game that runs in the browser (see input/keys.js). Time and timers are handed in.
 */
import { KeyState } from "../input/keys.js";

/** @typedef {import("../wire").InputView} InputView */
/** @typedef {import("../worker/messages").KeyEventMessage} KeyEventMessage */

/**
 * @typedef {object} Surroundings
 * @property {(binding: number | null, at: number | null) => void} tell what is done, and the time of the key event; null
 * where it is not that event that is told
 * @property {() => number} now milliseconds, by the clock of the events
 * @property {(milliseconds: number, work: () => void) => () => void} later gives a way to cancel it
 */

export class Acts {
  #mode;
  #keys;
  #frame;
  #it;
  /** What was told last. @type {number | null} */
  #told = null;
  #since = -Infinity;
  /** Whether keys count. */
  #active = false;
  /** @type {() => void} */
  #cancel = () => {};

  /** @param {InputView} input @param {number} fps @param {Surroundings} surroundings */
  constructor({ mode, bindings }, fps, surroundings) {
    this.#mode = mode;
    this.#keys = new KeyState(bindings, mode);
    this.#frame = 1000 / fps;
    this.#it = surroundings;
  }

  /** @param {KeyEventMessage} event */
  key(event) {
    if (event.event === "down") this.#keys.down(event, event.repeat);
    else if (event.event === "up") this.#keys.up(event);
    else this.#keys.releaseAll();
    if (this.#mode === "single_keystroke") this.#strike(event);
    else this.#hold(event.event === "release_all" ? null : event.at);
  }

  /** Keys count, or not. */
  set active(/** @type {boolean} */ active) {
    this.#active = active;
  }

  /** The service may believe something else, after a pause or a lost connection: what is held now. */
  repeat() {
    this.#cancel();
    if (this.#mode === "single_keystroke") return;
    this.#say(this.#keys.take(), null);
  }

  /** Another episode: nothing was told in it. */
  begin() {
    this.#cancel();
    this.#keys.releaseAll();
    this.#told = null;
    this.#since = -Infinity;
  }

  /** @param {KeyEventMessage} event */
  #strike(event) {
    for (let binding = this.#keys.take(); binding !== null; binding = this.#keys.take()) {
      if (this.#active) this.#say(binding, event.event === "release_all" ? null : event.at);
    }
  }

  /** @param {number | null} at */
  #hold(at) {
    const binding = this.#keys.take();
    this.#cancel();
    if (binding === this.#told || (binding !== null && !this.#active)) return;
    // The service goes by what is held when it closes a frame: a tap must last for one.
    const early = this.#since + this.#frame - this.#it.now();
    if (binding !== null || early <= 0 || !this.#active) this.#say(binding, at);
    else this.#cancel = this.#it.later(early, () => this.#say(null, null));
  }

  /** @param {number | null} binding @param {number | null} at */
  #say(binding, at) {
    this.#told = binding;
    this.#since = this.#it.now();
    this.#it.tell(binding, at);
  }
}
