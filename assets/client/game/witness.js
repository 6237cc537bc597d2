/**
 * When the player saw each frame, and how the copy came by it: what is reported for the record, about once a second.
 *
 * Pure: it makes messages, somebody else sends them. A report that is lost is lost; the game does not depend on it.
 */

/** @typedef {import("../wire").FrameSeen} FrameSeen */
/** @typedef {import("../wire").Witnessed} Witnessed */
/** @typedef {{at: number, focused: boolean}} Moment */

/** Time between two reports, in milliseconds. */
const EVERY_MS = 1000;

/** Most frames of a report: after a long absence there are many at once. */
export const MOST_FRAMES = 300;

/** Most frames whose moment is remembered; those that were caught up with all have the same. */
const REMEMBERED = 1000;

export class Witness {
  #game;
  #episode;
  #from;
  /** @type {Map<number, Moment>} */
  #shown = new Map();
  #next = 0;
  /** @type {Array<FrameSeen & {frame: number}>} */
  #seen = [];
  #due = -Infinity;

  /**
   * @param {string} game @param {number} episode
   * @param {number} from frames before this one were seen by an earlier page, if at all
   */
  constructor(game, episode, from) {
    this.#game = game;
    this.#episode = episode;
    this.#from = from;
  }

  /** Frames before this one are on the screen now. @param {number} frame @param {Moment} moment */
  show(frame, moment) {
    for (let shown = Math.max(this.#next, frame - REMEMBERED); shown < frame; shown += 1) {
      if (!this.#shown.has(shown)) this.#shown.set(shown, moment);
    }
    this.#next = frame;
  }

  /** @param {number} frame @param {Moment} otherwise */
  moment(frame, otherwise) {
    return this.#shown.get(frame) ?? otherwise;
  }

  /** A frame is confirmed. @param {number} frame @param {boolean[]} predicted @param {number} depth @param {Moment} now */
  confirm(frame, predicted, depth, now) {
    const moment = this.moment(frame, now);
    this.#shown.delete(frame);
    if (frame >= this.#from) this.#seen.push({ frame, predicted, depth, ...moment });
  }

  /** @param {number} now @param {boolean} [all] also what would have to wait @returns {Witnessed[]} what is to be reported */
  take(now, all = false) {
    if (this.#seen.length === 0 || (!all && now < this.#due)) return [];
    this.#due = now + EVERY_MS;
    const reports = [];
    while (this.#seen.length > 0) {
      const first = this.#seen[0].frame;
      const gap = this.#seen.findIndex((seen, index) => seen.frame !== first + index || index === MOST_FRAMES);
      const run = this.#seen.splice(0, gap < 0 ? this.#seen.length : gap);
      const frames = run.map(({ predicted, depth, at, focused }) => ({ predicted, depth, at, focused }));
      reports.push({ game: this.#game, episode: this.#episode, first, frames });
    }
    return reports;
  }
}
