/**
 * A gamepad's buttons as keys: "Gamepad.A" goes down and up like "ArrowLeft", and means what the bindings say.
 *
 * Browsers tell of gamepads only when they are asked, so this asks at every frame of the screen, and only in games whose
 * bindings name one.
 */

/** @typedef {import("../worker/messages").KeyEventMessage} KeyEventMessage */

/** Names of buttons, by their numbers in the standard mapping. */
const BUTTONS = [
  "A", "B", "X", "Y", "LB", "RB", "LT", "RT", "Back", "Start", "LeftStick", "RightStick", "Up", "Down", "Left", "Right",
];

/** How far a stick has to lean to count, and how far back it may come before it no longer does. */
const LEAN = 0.5;
const REST = 0.35;

/**
 * What is pressed.
 * @param {Iterable<Gamepad | null>} gamepads
 * @param {ReadonlySet<string>} before what was pressed, so that a stick at the edge does not flicker
 * @returns {Set<string>} names as in the bindings
 */
export function pressedOn(gamepads, before) {
  const pressed = new Set();
  for (const gamepad of gamepads) {
    if (!gamepad?.connected) continue;
    for (const [index, button] of gamepad.buttons.entries()) {
      if (button.pressed && index < BUTTONS.length) pressed.add(`Gamepad.${BUTTONS[index]}`);
    }
    const [x = 0, y = 0] = gamepad.axes;
    for (const [lean, name] of /** @type {[number, string][]} */ ([[-x, "Left"], [x, "Right"], [-y, "Up"], [y, "Down"]])) {
      const full = `Gamepad.${name}`;
      if (lean > (before.has(full) ? REST : LEAN)) pressed.add(full);
    }
  }
  return pressed;
}

/** Whether any binding names a gamepad's button. @param {string[][]} bindings */
export function usesGamepad(bindings) {
  return bindings.some((binding) => binding.some((name) => name.startsWith("Gamepad.")));
}

export class GamepadKeys {
  #emit;
  #names;
  /** @type {Set<string>} */
  #pressed = new Set();
  #request = 0;
  #active = false;

  /** @param {string[][]} bindings @param {(event: KeyEventMessage) => void} emit */
  constructor(bindings, emit) {
    this.#emit = emit;
    this.#names = new Set(bindings.flat().filter((name) => name.startsWith("Gamepad.")));
  }

  /** @param {boolean} active */
  set active(active) {
    if (active === this.#active) return;
    this.#active = active;
    cancelAnimationFrame(this.#request);
    if (active) this.#poll(performance.now());
    else this.#tell(new Set(), performance.now());
  }

  close() {
    cancelAnimationFrame(this.#request);
  }

  /** @param {number} now */
  #poll(now) {
    this.#tell(pressedOn(navigator.getGamepads?.() ?? [], this.#pressed), now);
    this.#request = requestAnimationFrame((time) => this.#poll(time));
  }

  /** @param {Set<string>} pressed @param {number} at */
  #tell(pressed, at) {
    for (const key of this.#names) {
      const [was, is] = [this.#pressed.has(key), pressed.has(key)];
      if (is && !was) this.#emit({ type: "keys", event: "down", key, code: key, repeat: false, at });
      else if (was && !is) this.#emit({ type: "keys", event: "up", key, code: key, at });
    }
    this.#pressed = pressed;
  }
}
