/**
 * The fixed-step clock: when is the next step of the environment due?
 *
 * Pure (time comes in as an argument). Step k is due at start + k / fps, so that a late timer does not make the game
 * slower; but a machine that cannot keep up gets its clock stretched, for a burst of steps nobody saw coming is worse
 * than a slower game.
 */

/** Steps that may be caught up at once after a late one. */
export const CATCH_UP = 3;

export class FrameClock {
  #period;
  #due = 0;
  /** Frames that began more than one frame late. */
  late = 0;
  /** Milliseconds by which the clock was stretched. */
  stretched = 0;

  /** @param {number} fps */
  constructor(fps) {
    this.#period = 1000 / fps;
  }

  /** The next step is due now: at the start, and again after each pause. @param {number} now */
  start(now) {
    this.#due = now;
  }

  /** @param {number} now @returns {number} milliseconds until the next step; 0 or less when it is due */
  wait(now) {
    return this.#due - now;
  }

  /** A step begins. @param {number} now */
  step(now) {
    const behind = now - this.#due;
    if (behind > this.#period) this.late += 1;
    const most = CATCH_UP * this.#period;
    if (behind > most) {
      this.stretched += behind - most;
      this.#due = now - most;
    }
    this.#due += this.#period;
  }
}

/**
 * @param {number[]} values
 * @param {number} share between 0 and 1
 * @returns {number} the value below which that share of the values lies; 0 if there are none
 */
export function quantile(values, share) {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
