/**
 * What a player of a streamed game does, as `acts`: what is held, told whenever it changes, or one message for each press.
 *
 * Keys and the pointer mean the same as in a game that runs in the browser (see input/hands.js). A pointer that moves is
 * told once a frame at most. Time and timers are handed in.
 */
import { Hands, sameDeed } from "../input/hands.js";

/** @typedef {import("../input/hands.js").Deed} Deed */
/** @typedef {import("../wire").InputView} InputView */
/** @typedef {import("../worker/messages").InputEvent} InputEvent */

/**
 * @typedef {object} Surroundings
 * @property {(deed: Deed, at: number | null) => void} tell what is done, and the time of the event; null where it is not
 * that event that is told
 * @property {() => number} now milliseconds, by the clock of the events
 * @property {(milliseconds: number, work: () => void) => () => void} later gives a way to cancel it
 */

export class Acts {
  #hands;
  /** Whether keys act once, and whether the pointer does. */
  #strikes;
  #clicks;
  #frame;
  #it;
  /** What was told last of what is held. @type {Deed} */
  #told = null;
  #since = -Infinity;
  /** Whether anything counts. */
  #active = false;
  /** @type {() => void} */
  #cancel = () => {};

  /** @param {Pick<InputView, "bindings" | "mode" | "pointer">} input @param {number} fps @param {Surroundings} surroundings */
  constructor(input, fps, surroundings) {
    this.#hands = new Hands(input);
    this.#strikes = input.mode === "single_keystroke";
    this.#clicks = input.pointer === "click";
    this.#frame = 1000 / fps;
    this.#it = surroundings;
  }

  /** @param {InputEvent} event */
  input(event) {
    this.#hands.handle(event);
    const at = "at" in event ? event.at : null;
    if (event.type === "pointer" ? this.#clicks : this.#strikes) this.#strike(event.type, at);
    else this.#hold(at);
  }

  /** Keys count, or not. */
  set active(/** @type {boolean} */ active) {
    this.#active = active;
  }

  /** The service may believe something else, after a pause or a lost connection: what is held now. */
  repeat() {
    this.#cancel();
    if (this.#lasts) this.#say(this.#held(), null);
  }

  /** Another episode: nothing was told in it. */
  begin() {
    this.#cancel();
    this.#hands.releaseAll();
    this.#told = null;
    this.#since = -Infinity;
  }

  /** Whether anything can be held. */
  get #lasts() {
    return !this.#strikes || !this.#clicks;
  }

  /** What is held, of what can be. @returns {Deed} */
  #held() {
    const key = this.#strikes ? null : this.#hands.takeKeys();
    return key ?? (this.#clicks ? null : this.#hands.takePointer());
  }

  /** @param {InputEvent["type"]} type @param {number | null} at */
  #strike(type, at) {
    const take = () => (type === "pointer" ? this.#hands.takePointer() : this.#hands.takeKeys());
    for (let deed = take(); deed !== null; deed = take()) {
      if (this.#active) this.#it.tell(deed, at);
    }
  }

  /** @param {number | null} at */
  #hold(at) {
    const deed = this.#held();
    this.#cancel();
    if (sameDeed(deed, this.#told) || (deed !== null && !this.#active)) return;
    // The service goes by what is held when it closes a frame: a tap must last for one, and where a pointer was between two
    // frames is of no use.
    const early = this.#since + this.#frame - this.#it.now();
    const waits = deed === null || merelyMoved(deed, this.#told);
    if (!waits || early <= 0 || !this.#active) this.#say(deed, at);
    else this.#cancel = this.#it.later(early, () => this.#say(deed, null));
  }

  /** @param {Deed} deed @param {number | null} at */
  #say(deed, at) {
    this.#told = deed;
    this.#since = this.#it.now();
    this.#it.tell(deed, at);
  }
}

/** @param {Deed} deed @param {Deed} before */
function merelyMoved(deed, before) {
  const places = typeof deed === "object" && typeof before === "object" ? [deed, before] : [];
  return places.length === 2 && deed !== null && before !== null && places[0]?.pressed === places[1]?.pressed;
}
