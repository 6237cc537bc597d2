/**
 * The thin shell between the window's key events and the key state in the worker.
 *
 * Decides only what must be decided here: which keys the page may take from the browser, and when all are released.
 */
import { isBound } from "./keys.js";

/** @typedef {import("../worker/messages").KeyEventMessage} KeyEventMessage */

export class Keyboard {
  #bindings;
  #emit;
  #abort = new AbortController();
  #active = false;

  /**
   * @param {string[][]} bindings
   * @param {(event: KeyEventMessage) => void} emit
   */
  constructor(bindings, emit) {
    this.#bindings = bindings;
    this.#emit = emit;
    const options = { signal: this.#abort.signal };
    addEventListener("keydown", (event) => this.#down(event), options);
    addEventListener("keyup", (event) => this.#up(event), options);
    addEventListener("blur", () => this.releaseAll(), options);
    document.addEventListener("visibilitychange", () => document.hidden && this.releaseAll(), options);
  }

  /** Keys count only while the game runs. @param {boolean} active */
  set active(active) {
    if (this.#active && !active) this.releaseAll();
    this.#active = active;
  }

  releaseAll() {
    this.#emit({ type: "keys", event: "release_all" });
  }

  close() {
    this.#abort.abort();
  }

  /** @param {KeyboardEvent} event */
  #down(event) {
    // With Ctrl, Alt or Meta it is the browser's or the system's shortcut, unless the modifier itself is bound.
    const shortcut = (event.ctrlKey || event.altKey || event.metaKey) && event.key.length === 1;
    if (!this.#active || shortcut || event.isComposing || inFormField(event.target)) return;
    if (!isBound(this.#bindings, event)) return;
    event.preventDefault();
    const { key, code, repeat, timeStamp: at } = event;
    this.#emit({ type: "keys", event: "down", key, code, repeat, at });
  }

  /** @param {KeyboardEvent} event */
  #up(event) {
    // Always passed on, also in a form field: a key must never stay stuck.
    this.#emit({ type: "keys", event: "up", key: event.key, code: event.code, at: event.timeStamp });
    // macOS swallows the key-up of letters while Meta is held.
    if (event.key === "Meta") this.releaseAll();
  }
}

/** Where keys are meant for the form. A ticked box is none: the game's keys must work after it. */
const TYPED_INTO =
  "textarea, select, [contenteditable]:not([contenteditable='false']), " +
  "input:not([type=checkbox], [type=radio], [type=button], [type=submit])";

/** @param {EventTarget | null} target */
function inFormField(target) {
  return target instanceof HTMLElement && target.closest(TYPED_INTO) !== null;
}
