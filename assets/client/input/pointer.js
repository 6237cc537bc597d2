/**
 * The thin shell between pointer events on the game's picture and the pointer's state beside the clock.
 *
 * Tells places in whole game pixels, whatever size the picture has on this screen. A press counts where it begins on the
 * picture; it is followed beyond its edge, and stays within it.
 */

/** @typedef {import("../worker/messages").PointerEventMessage} PointerEventMessage */

export class Pointing {
  #host;
  #size;
  #moves;
  #emit;
  #abort = new AbortController();
  #active = false;
  /** The pointer that is pressed; others do not count meanwhile. @type {number | null} */
  #held = null;
  #last = "";

  /**
   * @param {HTMLElement} host around the picture
   * @param {{width: number, height: number}} size in game pixels
   * @param {import("../wire").Pointer} mode
   * @param {(event: PointerEventMessage) => void} emit
   */
  constructor(host, size, mode, emit) {
    this.#host = host;
    this.#size = size;
    this.#moves = mode === "move";
    this.#emit = emit;
    host.classList.add("pointing");
    const options = { signal: this.#abort.signal };
    host.addEventListener("pointerdown", (event) => this.#down(event), options);
    host.addEventListener("pointermove", (event) => this.#move(event), options);
    host.addEventListener("pointerup", (event) => this.#up(event), options);
    host.addEventListener("pointercancel", (event) => this.#up(event), options);
    addEventListener("blur", () => this.#gone(), options);
    document.addEventListener("visibilitychange", () => document.hidden && this.#gone(), options);
  }

  /** The pointer counts only while the game runs. @param {boolean} active */
  set active(active) {
    if (this.#active && !active) this.#gone();
    this.#active = active;
  }

  close() {
    this.#abort.abort();
  }

  /** @param {PointerEvent} event */
  #down(event) {
    const place = this.#active && this.#held === null && event.button === 0 ? this.#place(event) : null;
    if (!place?.inside) return;
    event.preventDefault(); // no text is selected, and no mouse events follow a touch
    this.#host.focus({ preventScroll: true });
    try {
      this.#host.setPointerCapture(event.pointerId);
    } catch {
      // The finger is gone again.
    }
    this.#held = event.pointerId;
    this.#say("press", event, place);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (!this.#active || (this.#held === null ? !this.#moves : this.#held !== event.pointerId)) return;
    const place = this.#place(event);
    if (!place || (this.#held === null && !place.inside)) return;
    if (this.#last === `${place.x} ${place.y}`) return;
    this.#say("move", event, place);
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (this.#held !== event.pointerId) return;
    this.#held = null;
    const place = this.#place(event);
    if (place) this.#say("release", event, place);
    else this.#gone();
  }

  #gone() {
    this.#held = null;
    this.#last = "";
    this.#emit({ type: "pointer", event: "gone" });
  }

  /** @param {"press" | "move" | "release"} event @param {PointerEvent} of @param {{x: number, y: number}} place */
  #say(event, { timeStamp: at }, { x, y }) {
    this.#last = `${x} ${y}`;
    this.#emit({ type: "pointer", event, x, y, at });
  }

  /** @param {PointerEvent} event */
  #place({ clientX, clientY }) {
    const picture = this.#host.querySelector("canvas")?.getBoundingClientRect();
    return picture && placeOn(picture, this.#size, clientX, clientY);
  }
}

/**
 * A point of the page as a place on the picture, at its nearest edge if it is beside it.
 * @param {{left: number, top: number, width: number, height: number}} picture on the page
 * @param {{width: number, height: number}} size in game pixels
 * @param {number} x @param {number} y
 * @returns {{x: number, y: number, inside: boolean} | null} null for a picture without size
 */
export function placeOn(picture, size, x, y) {
  if (!(picture.width > 0 && picture.height > 0)) return null;
  const [across, down] = [(x - picture.left) / picture.width, (y - picture.top) / picture.height];
  const within = (/** @type {number} */ share, /** @type {number} */ length) =>
    Math.min(length - 1, Math.max(0, Math.floor(share * length)));
  const inside = across >= 0 && across < 1 && down >= 0 && down < 1;
  return { x: within(across, size.width), y: within(down, size.height), inside };
}
