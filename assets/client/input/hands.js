/**
 * All that a player does: keys of every kind, and the mouse or a finger on the picture.
 *
 * Pure, and beside the clock (see keys.js). A click goes before keys, for it acts once; a pointer that is held or merely
 * somewhere stands behind them.
 */
import { KeyState } from "./keys.js";
import { PointerState } from "./pointer_state.js";

/** @typedef {import("../wire").PointerAct} PointerAct */
/** @typedef {import("../worker/messages").InputEvent} InputEvent */

/** What acts: the index of a binding, a place on the picture, or nothing. @typedef {number | PointerAct | null} Deed */

export class Hands {
  #keys;
  #pointer;
  #clicks;

  /** @param {Pick<import("../wire").InputView, "bindings" | "mode" | "pointer">} input */
  constructor({ bindings, mode, pointer }) {
    this.#keys = new KeyState(bindings, mode);
    this.#pointer = pointer ? new PointerState(pointer) : null;
    this.#clicks = pointer === "click";
  }

  /** @param {InputEvent} event */
  handle(event) {
    if (event.type === "pointer") this.#pointer?.handle(event);
    else if (event.event === "down") this.#keys.down(event, event.repeat);
    else if (event.event === "up") this.#keys.up(event);
    else this.#keys.releaseAll();
  }

  /** The input of one step. @returns {Deed} */
  take() {
    if (this.#clicks) return this.takePointer() ?? this.takeKeys();
    return this.takeKeys() ?? this.takePointer();
  }

  /** @returns {number | null} */
  takeKeys() {
    return this.#keys.take();
  }

  /** @returns {PointerAct | null} */
  takePointer() {
    return this.#pointer?.take() ?? null;
  }

  releaseAll() {
    this.#keys.releaseAll();
    this.#pointer?.release();
  }
}

/** @param {Deed} a @param {Deed} b */
export function sameDeed(a, b) {
  if (a === null || b === null || typeof a === "number" || typeof b === "number") return a === b;
  return a.x === b.x && a.y === b.y && a.pressed === b.pressed;
}
