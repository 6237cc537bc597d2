/**
 * When a copy of a game for several players goes on, and by how many frames.
 *
 * Pure (time comes in as an argument). The clock runs at the scene's frames per second times the factor that the service
 * asks for, so that this player's inputs arrive in time. Whoever has fallen behind what is confirmed, has waited or has
 * missed ticks, goes on at once to where the copy usually is: at five per cent it would take seconds, in which all inputs
 * are late. `rules/simulation/client.rs` is the same in Rust, and tries it against bad connections.
 */

/** How many of the last ticks tell how far ahead the copy usually is. */
export const LEADS = 30;

/** Ticks after a trouble within which the lead is regained: the confirmations of a stall come in several messages. */
export const REGAIN_TICKS = 3;

export class Pacer {
  #period;
  #bound;
  #factor = 1;
  #start = Infinity;
  #due = Infinity;
  /** Frames ahead of what is confirmed, at the last ticks. @type {number[]} */
  #leads = [0];
  /** Ticks for which the lead is still to be regained. */
  #regaining = 0;
  /** @type {number | null} */
  #waitingSince = null;
  /** Whether news has let the copy go on since the last tick. */
  #wentOn = false;
  running = false;
  /** Ticks that began more than one frame late. */
  late = 0;
  /** Ticks at which the bound on prediction did not let the copy go on. */
  waited = 0;

  /** @param {number} fps @param {number} bound most frames ahead of what is confirmed */
  constructor(fps, bound) {
    this.#period = 1000 / fps;
    this.#bound = bound;
  }

  /**
   * The clock starts, or goes on.
   * @param {number} now @param {number} delay milliseconds until then
   * @param {number} headStart frames ahead of what is confirmed to begin with
   */
  begin(now, delay, headStart) {
    this.running = true;
    this.#start = this.#due = now + delay;
    this.#leads = [headStart];
    this.#regaining = REGAIN_TICKS;
    this.#waitingSince = null;
  }

  pause() {
    this.running = false;
    this.#due = Infinity;
    this.#waitingSince = null;
  }

  /** More was confirmed than the copy could take along with a tick: what it lost is regained. */
  fallBehind() {
    this.#regaining = REGAIN_TICKS;
  }

  /** How much faster than the scene's frames per second. @param {number} factor */
  set factor(factor) {
    this.#factor = factor;
  }

  /** How far ahead of what is confirmed the copy usually is. */
  get lead() {
    const sorted = [...this.#leads].sort((a, b) => a - b);
    return Math.min(sorted[sorted.length >> 1], this.#bound);
  }

  /** @param {number} now */
  started(now) {
    return this.running && now >= this.#start;
  }

  /** @param {number} now @returns {number} milliseconds until the next tick; 0 or less when it is due */
  wait(now) {
    return this.#due - now;
  }

  /** @param {number} now @returns {number} for how long the bound has held the copy up, in milliseconds */
  waitedFor(now) {
    return this.#waitingSince === null ? 0 : now - this.#waitingSince;
  }

  /**
   * Whether news should be taken at once instead of at the next tick.
   * @param {number} frame of the copy @param {number} confirmed the first frame that is not confirmed
   */
  eager(frame, confirmed) {
    return !this.running || confirmed > frame || this.#regaining > 0;
  }

  /**
   * To be asked when a tick is due, and after news.
   * @param {number} now
   * @param {number} frame where the copy stands, or will stand when it has taken what is confirmed
   * @param {number} confirmed the first frame that is not confirmed
   * @returns {number} by how many frames the copy goes on now
   */
  advance(now, frame, confirmed) {
    if (!this.started(now)) return 0;
    const overdue = now - this.#due;
    const missed = overdue > 2 * this.#period;
    if (missed || confirmed > frame) this.#regaining = REGAIN_TICKS;
    const from = Math.max(frame, confirmed);
    let to = from;
    if (this.#regaining > 0) to = Math.max(from, confirmed + this.lead);
    if (to > frame) {
      this.#wentOn = true;
      this.#waitingSince = null;
    }
    if (overdue < 0) return to - from;
    if (overdue > this.#period) this.late += 1;
    this.#due = (missed ? now : this.#due) + this.#period / this.#factor;
    const wentOn = this.#wentOn;
    this.#wentOn = false;
    if (to - confirmed >= this.#bound) {
      // Whoever goes on with each confirmation runs at the bound, but does not stand still.
      if (!wentOn) {
        this.waited += 1;
        this.#waitingSince ??= now;
      }
      this.#regaining = REGAIN_TICKS;
      return to - from;
    }
    to += 1;
    this.#waitingSince = null;
    this.#regaining = Math.max(0, this.#regaining - 1);
    this.#leads.push(to - confirmed);
    if (this.#leads.length > LEADS) this.#leads.shift();
    return to - from;
  }
}
