/**
 * Which action the keys mean: a state machine with key events in and the index of a binding out.
 *
 * Pure, and run in the worker beside the clock: "what is held at this step" is then decided at the step itself, and a
 * tap shorter than a frame is not lost. The page only forwards events (see keyboard.js).
 */

/** @typedef {{key: string, code: string}} Key */
/** @typedef {"pressed_keys" | "single_keystroke"} Mode */

/** Presses waiting for their step in single_keystroke; more would play on long after the hands have stopped. */
export const QUEUE_LIMIT = 4;

/**
 * Whether a bound key name means this physical press. Letters match in either case. Where a key gives no Latin letter and
 * no digit (on a Cyrillic, Greek or Hebrew keyboard, for a dead key or an input method), its position decides.
 * @param {string} name as in the bindings, a KeyboardEvent.key name
 * @param {Key} pressed
 */
export function matches(name, { key, code }) {
  if (name === key) return true;
  if (name.length !== 1) return false;
  if (name.toLowerCase() === key.toLowerCase()) return true;
  const latin = /^[a-z0-9]$/i.test(key);
  const named = key.length > 1 && !["Dead", "Process", "Unidentified"].includes(key);
  if (latin || named) return false;
  return code === `Key${name.toUpperCase()}` || code === `Digit${name}`;
}

/**
 * Whether any binding uses this key, so that the page may keep the browser from scrolling with it.
 * @param {string[][]} bindings
 * @param {Key} pressed
 */
export function isBound(bindings, pressed) {
  return bindings.some((binding) => binding.some((name) => matches(name, pressed)));
}

/** Held keys. By code, not by key: Shift or a layout switch between press and release changes the key's name. */
export class KeyState {
  #bindings;
  #mode;
  /** @type {Map<string, {names: string[], order: number}>} by code */
  #held = new Map();
  /** @type {Map<string, {names: string[], order: number}>} released since the last step, but pressed within it */
  #tapped = new Map();
  /** @type {number[]} */
  #queue = [];
  #order = 0;

  /** @param {string[][]} bindings @param {Mode} mode */
  constructor(bindings, mode) {
    this.#bindings = bindings;
    this.#mode = mode;
  }

  /**
   * @param {Key} pressed
   * @param {boolean} [repeat] by the key's auto-repeat: tells of a key that was held before anybody listened, as in
   * the countdown, but is no keystroke
   */
  down(pressed, repeat = false) {
    const id = pressed.code || pressed.key;
    if (this.#held.has(id) || (repeat && this.#mode === "single_keystroke")) return;
    const names = [...new Set(this.#bindings.flat().filter((name) => matches(name, pressed)))];
    if (names.length === 0) return;
    this.#held.set(id, { names, order: ++this.#order });
    this.#tapped.set(id, { names, order: this.#order });
    if (this.#mode === "single_keystroke") {
      const binding = best(this.#bindings, this.#held);
      if (binding !== null && this.#queue.length < QUEUE_LIMIT) this.#queue.push(binding);
    }
  }

  /** @param {Key} released */
  up({ key, code }) {
    this.#held.delete(code || key);
  }

  /** Lets go of everything: the window lost the keyboard, and with it the key-up events. */
  releaseAll() {
    this.#held.clear();
    this.#tapped.clear();
    this.#queue.length = 0;
  }

  /**
   * The input of one step; taps and queued presses are used up by it.
   * @returns {number | null} index of the binding, null for none
   */
  take() {
    if (this.#mode === "single_keystroke") return this.#queue.shift() ?? null;
    const active = new Map([...this.#tapped, ...this.#held]);
    this.#tapped.clear();
    return best(this.#bindings, active);
  }
}

/**
 * The longest binding whose keys are all there; among equally long ones the one with the most recent press.
 * @param {string[][]} bindings
 * @param {Map<string, {names: string[], order: number}>} active
 */
function best(bindings, active) {
  /** @type {Map<string, number>} */
  const since = new Map();
  for (const { names, order } of active.values()) {
    for (const name of names) since.set(name, Math.max(order, since.get(name) ?? 0));
  }
  let found = null;
  let length = 0;
  let recent = 0;
  for (const [index, binding] of bindings.entries()) {
    const orders = binding.map((name) => since.get(name));
    if (binding.length === 0 || binding.length < length || orders.includes(undefined)) continue;
    const newest = Math.max(...orders.map(Number));
    if (binding.length > length || newest > recent) {
      found = index;
      length = binding.length;
      recent = newest;
    }
  }
  return found;
}
