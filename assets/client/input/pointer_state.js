/**
 * Where the mouse or a finger acts on the picture: a state machine with its events in and a place out.
 *
 * Pure, and beside the clock like the keys (see keys.js): what acts in a step is decided at the step, so however often a
 * mouse tells where it is, it acts once a frame, and a press shorter than a frame is not lost.
 */
import { QUEUE_LIMIT } from "./keys.js";

/** @typedef {import("../wire").PointerAct} PointerAct */
/** @typedef {import("../wire").Pointer} Mode */
/** @typedef {import("../worker/messages").PointerEventMessage} PointerEventMessage */

export class PointerState {
  #mode;
  /** Where it is; null while that is not known. @type {{x: number, y: number} | null} */
  #at = null;
  #pressed = false;
  /** Where it was pressed since the last step. @type {{x: number, y: number} | null} */
  #tapped = null;
  /** @type {PointerAct[]} */
  #clicks = [];

  /** @param {Mode} mode */
  constructor(mode) {
    this.#mode = mode;
  }

  /** @param {PointerEventMessage} event */
  handle(event) {
    if (event.event === "gone") {
      this.release();
      return;
    }
    const { x, y } = event;
    this.#at = { x, y };
    if (event.event === "press") {
      this.#pressed = true;
      this.#tapped = this.#at;
      if (this.#mode === "click" && this.#clicks.length < QUEUE_LIMIT) this.#clicks.push({ x, y, pressed: true });
    } else if (event.event === "release") {
      this.#pressed = false;
    }
  }

  /** Lets go of everything. */
  release() {
    this.#at = this.#tapped = null;
    this.#pressed = false;
    this.#clicks.length = 0;
  }

  /** What acts in one step; clicks and taps are used up by it. @returns {PointerAct | null} */
  take() {
    if (this.#mode === "click") return this.#clicks.shift() ?? null;
    const tapped = this.#tapped;
    this.#tapped = null;
    if (this.#pressed && this.#at) return { ...this.#at, pressed: true };
    if (tapped) return { ...tapped, pressed: true };
    return this.#mode === "move" && this.#at ? { ...this.#at, pressed: false } : null;
  }
}
