/**
 * The rows of a game with others, as long as this copy is the host: the one whose rows are the record.
 *
 * Pure: the buffer behind it makes messages, somebody else sends them.
 */
import { ROW_BYTES, StepBuffer } from "./steps.js";

/** @typedef {import("../wire").FromBrowser} FromBrowser */
/** @typedef {import("./witness.js").Moment} Moment */

/** How long to wait, in milliseconds, before sending again what the service could not store. */
const AGAIN_MS = 2000;

export class HostRows {
  /** Rows that are not acknowledged; null unless this copy is the host. @type {StepBuffer | null} */
  #buffer = null;
  #notBefore = -Infinity;

  get hosting() {
    return this.#buffer !== null;
  }

  /** Another copy is the host, or none. */
  drop() {
    this.#buffer = null;
  }

  /**
   * This copy is the host from a frame on.
   * @param {string} game @param {number} episode @param {number} from
   * @returns {boolean} whether Python has to give rows from there; else what is still in the buffer goes out again
   */
  begin(game, episode, from) {
    const buffer = this.#buffer;
    if (buffer && from >= buffer.length - buffer.unacknowledged && buffer.acknowledge(from)) {
      buffer.rewind();
      return false;
    }
    this.#buffer = new StepBuffer(game, episode, from);
    return true;
  }

  /**
   * @param {number} from the frame of the first of these rows
   * @param {Uint8Array[]} rows @param {(frame: number) => Moment} moment
   * @returns {string | null} what is wrong with them
   */
  keep(from, rows, moment) {
    const buffer = this.#buffer;
    if (!buffer) return null;
    for (const [index, row] of rows.entries()) {
      const frame = from + index;
      if (frame < buffer.length) continue;
      if (frame > buffer.length) return `the rows ${buffer.length} to ${frame - 1} are missing`;
      if (row.length > ROW_BYTES) {
        const size = `${Math.ceil(row.length / 1024)} KiB`;
        return `step ${frame} makes a row of ${size}; at most ${ROW_BYTES / 1024} KiB can be stored`;
      }
      const { at, focused } = moment(frame);
      buffer.push({ row, at, focused });
    }
    return null;
  }

  /** The episode had so many frames. @param {number} end */
  end(end) {
    if (this.#buffer && !this.#buffer.ended && this.#buffer.length === end) this.#buffer.end();
  }

  /** @param {import("../wire").Acknowledged} acknowledged */
  acknowledged({ game, episode, steps }) {
    if (this.#buffer?.game === game && this.#buffer.episode === episode) this.#buffer.acknowledge(steps);
  }

  /** The connection broke: what was under way may be lost. */
  rewind() {
    this.#buffer?.rewind();
  }

  /** The service misses rows. @param {number} now @returns {boolean} false when sending again does not help */
  gap(now) {
    if (now < this.#notBefore) return true; // what was sent before that was not stored
    return this.#buffer?.gap() ?? true;
  }

  /** The service could not store what it was sent: again, but later. @param {number} now */
  unavailable(now) {
    this.#notBefore = now + AGAIN_MS;
    this.rewind();
  }

  /** @param {number} now @param {(message: FromBrowser) => boolean} send */
  flush(now, send) {
    if (now >= this.#notBefore) this.#buffer?.flush(send);
  }
}
