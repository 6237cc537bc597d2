/**
 * Everything that a game is played with on this page, as one: what the keyboard, a gamepad, buttons for fingers and the
 * pointer on the picture tell goes the same way.
 */
import { GamepadKeys, usesGamepad } from "./gamepad.js";
import { Keyboard } from "./keyboard.js";
import { OnScreenControls, wantsControls } from "./on_screen.js";
import { Pointing } from "./pointer.js";

/** @typedef {import("../worker/messages").InputEvent} InputEvent */

export class Devices {
  /** @type {{active: boolean, close: () => void}[]} */
  #all = [];
  /** Buttons for fingers; null where there are none. @type {OnScreenControls | null} */
  controls = null;

  /**
   * @param {HTMLElement} host around the picture
   * @param {Pick<import("../wire").GymView, "input" | "width" | "height">} view
   * @param {(event: InputEvent) => void} emit
   */
  constructor(host, { input, width, height }, emit) {
    this.#all.push(new Keyboard(input.bindings, emit));
    if (usesGamepad(input.bindings)) this.#all.push(new GamepadKeys(input.bindings, emit));
    if (input.pointer) this.#all.push(new Pointing(host, { width, height }, input.pointer, emit));
    if (wantsControls(input)) this.#all.push(this.controls = new OnScreenControls(input, emit));
  }

  /** They count only while the game runs. @param {boolean} active */
  set active(active) {
    for (const device of this.#all) device.active = active;
  }

  close() {
    for (const device of this.#all) device.close();
  }
}
