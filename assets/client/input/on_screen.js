/**
 * Buttons for fingers in the place of keys: a pad for directions, and a button for everything else.
 *
 * Tells of them as of keys, so that they mean what the bindings say, in every mode. A finger may slide over the pad; each
 * finger holds what it is on, so that a pad and a button are pressed together.
 */
import { element } from "../scenes/dom.js";
import { text } from "../text.js";
import { layout, pressedPad } from "./layout.js";
import { gamepadName, keyName, labelOf } from "./legend.js";

/** @typedef {import("../wire").InputView} InputView */
/** @typedef {import("../worker/messages").KeyEventMessage} KeyEventMessage */
/** @typedef {import("./layout.js").Direction} Direction */

/** @type {Direction[]} */
const DIRECTIONS = ["up", "left", "right", "down"];

/**
 * Whether buttons for fingers are to be shown here.
 * @param {InputView} input
 */
export function wantsControls({ on_screen, bindings }) {
  if (bindings.length === 0 || on_screen === "never") return false;
  return on_screen === "always" || matchMedia("(pointer: coarse)").matches;
}

export class OnScreenControls {
  #input;
  #emit;
  #active = false;
  /** Keys held, with the fingers that hold each. @type {Map<string, Set<number>>} */
  #held = new Map();
  /** @type {Map<string, HTMLElement>} */
  #faces = new Map();
  #life = new AbortController();
  /** At the start of the line, for the thumb that steers; null where the game has no directions. */
  pad;
  /** At its end. */
  buttons;

  /** @param {InputView} input @param {(event: KeyEventMessage) => void} emit */
  constructor(input, emit) {
    this.#input = input;
    this.#emit = emit;
    const { pad, buttons } = layout(input.bindings, input.alike);
    this.pad = pad && this.#makePad(pad);
    this.buttons = element("div", { className: "touch-buttons" }, ...buttons.map((key) => this.#makeButton(key)));
    this.buttons.setAttribute("role", "group");
    this.buttons.setAttribute("aria-label", text.controls);
    const options = { signal: this.#life.signal };
    addEventListener("blur", () => this.releaseAll(), options);
    document.addEventListener("visibilitychange", () => document.hidden && this.releaseAll(), options);
  }

  /** Buttons count only while the game runs. @param {boolean} active */
  set active(active) {
    if (this.#active && !active) this.releaseAll();
    this.#active = active;
    for (const face of this.#faces.values()) face.classList.toggle("idle", !active);
  }

  releaseAll() {
    for (const key of [...this.#held.keys()]) this.#up(key);
  }

  close() {
    this.#life.abort();
  }

  /** @param {string} key */
  #makeButton(key) {
    const face = element("button", { type: "button", className: "touch idle" }, labelOf(this.#input, key, gamepadName));
    this.#faces.set(key, face);
    this.#follow(face, () => [key]);
    // With a keyboard or a screen reader a button is pressed for a moment.
    face.addEventListener("click", (event) => {
      if (event.detail !== 0) return;
      this.#hold(-1, [key]);
      this.#hold(-1, []);
    });
    return face;
  }

  /** @param {Partial<Record<Direction, string>>} keys */
  #makePad(keys) {
    const known = new Set(this.#input.bindings.map(together));
    const pad = element("div", { className: "touch-pad" });
    pad.setAttribute("role", "group");
    pad.setAttribute("aria-label", text.pad);
    for (const direction of DIRECTIONS) {
      const key = keys[direction];
      if (key === undefined) continue;
      const named = this.#input.labels[this.#input.bindings.findIndex((binding) => binding.length === 1 && binding[0] === key)];
      const face = element("span", { className: `touch idle ${direction}`, textContent: ARROWS[direction] });
      face.setAttribute("role", "img");
      face.setAttribute("aria-label", named || keyName(key));
      this.#faces.set(key, face);
      pad.append(face);
    }
    pad.classList.toggle("flat", keys.up === undefined && keys.down === undefined);
    this.#follow(pad, (event) => {
      const { left, top, width, height } = pad.getBoundingClientRect();
      const x = (2 * (event.clientX - left)) / width - 1;
      const y = (2 * (event.clientY - top)) / height - 1;
      return pressedPad(keys, x, y, (two) => known.has(together(two)));
    });
    return pad;
  }

  /** @param {HTMLElement} made @param {(event: PointerEvent) => string[]} keysAt */
  #follow(made, keysAt) {
    made.addEventListener("pointerdown", (event) => {
      if (!this.#active || event.button !== 0) return;
      event.preventDefault(); // the game keeps the keyboard
      try {
        made.setPointerCapture(event.pointerId);
      } catch {
        // The finger is gone again.
      }
      this.#hold(event.pointerId, keysAt(event), event.timeStamp);
    });
    made.addEventListener("pointermove", (event) => {
      if (this.#holds(event.pointerId)) this.#hold(event.pointerId, keysAt(event), event.timeStamp, true);
    });
    for (const end of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) {
      made.addEventListener(end, (event) => this.#hold(event.pointerId, [], event.timeStamp));
    }
    made.addEventListener("mousedown", (event) => event.preventDefault());
    made.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press is a long press
  }

  /** @param {number} finger */
  #holds(finger) {
    return [...this.#held.values()].some((fingers) => fingers.has(finger));
  }

  /**
   * What a finger holds now.
   * @param {number} finger @param {string[]} keys @param {number} [at] @param {boolean} [keep] the last it held, if it is
   * in the dead middle
   */
  #hold(finger, keys, at = performance.now(), keep = false) {
    if (!this.#active && keys.length > 0) return;
    if (keep && keys.length === 0) return;
    for (const key of keys) {
      const fingers = this.#held.get(key) ?? new Set();
      this.#held.set(key, fingers);
      fingers.add(finger);
      if (fingers.size > 1 || this.#faces.get(key)?.classList.contains("held")) continue;
      this.#faces.get(key)?.classList.add("held");
      this.#emit({ type: "keys", event: "down", key, code: codeOf(key), repeat: false, at });
    }
    for (const [key, fingers] of this.#held) {
      if (!keys.includes(key) && fingers.delete(finger) && fingers.size === 0) this.#up(key, at);
    }
  }

  /** @param {string} key @param {number} [at] */
  #up(key, at = performance.now()) {
    this.#held.delete(key);
    this.#faces.get(key)?.classList.remove("held");
    this.#emit({ type: "keys", event: "up", key, code: codeOf(key), at });
  }
}

const ARROWS = /** @type {Record<Direction, string>} */ ({ up: "▲", down: "▼", left: "◀", right: "▶" });

/** Apart from the codes of a keyboard's keys. @param {string} key */
function codeOf(key) {
  return `Screen.${key}`;
}

/** @param {string[]} keys */
function together(keys) {
  return [...keys].sort().join("\n");
}
