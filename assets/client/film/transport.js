/**
 * Which frame is shown when: playing, speeds, steps, and following a game that is still being played. Pure; time comes
 * from whoever calls.
 */

/** How many times as fast as it was played. */
export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16];

/** Following keeps so far behind the newest frame that a late message is not seen, in seconds. */
export const BEHIND = 0.5;

/** Further off than this, following jumps instead of hurrying, in seconds. */
const JUMP = 2;

/** Hurrying and dawdling while following, at most. */
const SLOWEST = 0.5;
const FASTEST = 2;

/** One frame of the page takes this long at most, in milliseconds: what a hidden page missed is not caught up with. */
const LONGEST_MS = 250;

/**
 * @typedef {object} Known what is at hand
 * @property {number} reach up to which frame everything is there from the present one on
 * @property {number} last of the episode's frames, as far as they are known
 * @property {boolean} over whether there will be no more frames in this episode
 */

export class Transport {
  #fps;
  #position = 0;
  episode = 0;
  playing = false;
  /** Whether it follows the game that is being played. */
  live = false;
  speed = 1;

  /** @param {number} fps */
  constructor(fps) {
    this.#fps = fps;
  }

  get frame() {
    return Math.floor(this.#position + 1e-6);
  }

  /** @returns {{episode: number, frame: number}} */
  get place() {
    return { episode: this.episode, frame: this.frame };
  }

  /** @param {Known} known from the end, it plays from the start again */
  play({ last, over }) {
    if (over && this.frame >= last) this.#position = 0;
    this.playing = true;
  }

  pause() {
    this.playing = false;
    this.live = false;
    this.#position = this.frame;
  }

  /** @param {number} speed one of SPEEDS */
  setSpeed(speed) {
    if (speed !== 1) this.live = false;
    this.speed = speed;
  }

  /** @param {1 | -1} direction */
  change(direction) {
    const index = SPEEDS.indexOf(this.speed) + direction;
    if (index >= 0 && index < SPEEDS.length) this.setSpeed(SPEEDS[index]);
  }

  /** Goes somewhere else, and plays on there if it played. @param {number} frame @param {number} last */
  seek(frame, last) {
    this.live = false;
    this.#position = Math.max(0, Math.min(Math.round(frame), last));
  }

  /** @param {number} episode @param {number} [frame] */
  open(episode, frame = 0) {
    this.episode = episode;
    this.#position = frame;
  }

  /** Stands still so many frames from here. @param {number} frames @param {number} last */
  step(frames, last) {
    this.pause();
    this.seek(this.frame + frames, last);
  }

  /** Follows what is being played. */
  follow() {
    this.live = this.playing = true;
    this.speed = 1;
  }

  /**
   * Time passes.
   * @param {number} milliseconds @param {Known} known
   * @returns {"still" | "moved" | "waits" | "ended"} `waits` when frames are missing, `ended` at the episode's last
   */
  tick(milliseconds, { reach, last, over }) {
    if (!this.playing) return "still";
    const seconds = Math.min(milliseconds, LONGEST_MS) / 1000;
    if (this.live) return this.#tickLive(seconds, reach, last, over);
    if (this.frame >= last) return over ? "ended" : "waits";
    if (reach <= this.frame) return "waits";
    const next = this.#position + seconds * this.#fps * this.speed;
    this.#position = Math.min(next, reach, last);
    return "moved";
  }

  /** @param {number} seconds @param {number} reach @param {number} last @param {boolean} over */
  #tickLive(seconds, reach, last, over) {
    if (over && this.frame >= last) return "ended";
    const target = Math.max(0, over ? last : last - BEHIND * this.#fps);
    const off = (target - this.#position) / this.#fps;
    if (Math.abs(off) > JUMP && !over) {
      this.#position = Math.floor(target);
      return "moved";
    }
    const rate = over ? 1 : Math.max(SLOWEST, Math.min(1 + off, FASTEST));
    const next = this.#position + seconds * this.#fps * rate;
    if (reach <= this.frame && next >= this.frame + 1) return "waits";
    this.#position = Math.max(this.#position, Math.min(next, reach, last));
    return "moved";
  }
}

/** @param {number} frame @param {number} fps @returns {string} such as `1:05.4`: minutes, seconds, tenths */
export function clock(frame, fps) {
  const tenths = Math.floor((frame * 10) / fps + 1e-6);
  const seconds = Math.floor(tenths / 10);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}.${tenths % 10}`;
}
