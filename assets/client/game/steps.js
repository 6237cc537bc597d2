/**
 * The steps that the service has not yet acknowledged.
 *
 * The promise "nothing is lost" hangs on this buffer: a step leaves it only when the service has it on disk, and after
 * a broken connection everything since then goes out again. Pure: it makes messages, somebody else sends them.
 */

/** @typedef {import("../wire").FromBrowser} FromBrowser */
/** @typedef {import("../wire").Step} Step */

/** Most bytes of one message, well below the service's limit of 512 KiB, so that one message never blocks a slow line. */
export const MESSAGE_BYTES = 256 * 1024;

/** Most bytes of one row: it has to fit into a message of its own, which the service takes up to 512 KiB. */
export const ROW_BYTES = 480 * 1024;

/** Bytes of a step beyond its row: the names and numbers around it. */
const OVERHEAD = 48;

/** Gaps reported without any progress between, after which going on would be a loop. */
export const MOST_GAPS = 5;

export class StepBuffer {
  /** @type {Step[]} */
  #steps = [];
  /** Number of the first step in the buffer: all before are acknowledged. */
  #first;
  /** Number of the next step to send. */
  #next;
  /** Number behind the last step that was ever sent. */
  #sent;
  /** @type {number | null} */
  #total = null;
  #endSent = false;
  #gaps = 0;

  /**
   * @param {string} game
   * @param {number} episode
   * @param {number} stored steps that the service has already
   */
  constructor(game, episode, stored) {
    this.game = game;
    this.episode = episode;
    this.#first = stored;
    this.#next = stored;
    this.#sent = stored;
  }

  /** Steps made so far, the stored ones included. */
  get length() {
    return this.#first + this.#steps.length;
  }

  get unacknowledged() {
    return this.#steps.length;
  }

  get ended() {
    return this.#total !== null;
  }

  /** @param {Step} step */
  push(step) {
    this.#steps.push(step);
  }

  /** The episode is over. */
  end() {
    this.#total = this.length;
  }

  /**
   * @param {number} steps steps 0 to this number, exclusive, are stored
   * @returns {boolean} false when that is more than this page has sent: somebody else plays this game
   */
  acknowledge(steps) {
    if (steps > this.#sent) return false;
    const count = Math.min(steps, this.length) - this.#first;
    if (count <= 0) return true;
    this.#steps.splice(0, count);
    this.#first += count;
    this.#next = Math.max(this.#next, this.#first);
    this.#gaps = 0;
    return true;
  }

  /** Sends again from the last acknowledged step: the connection broke, and what was under way may be lost. */
  rewind() {
    this.#next = this.#first;
    this.#endSent = false;
  }

  /**
   * The service says that it misses steps: sends again.
   * @returns {boolean} false if that has not helped several times in a row
   */
  gap() {
    this.rewind();
    this.#gaps += 1;
    return this.#gaps <= MOST_GAPS;
  }

  /**
   * Sends what is due.
   * @param {(message: FromBrowser) => boolean} send false when it could not be sent
   */
  flush(send) {
    while (this.#next < this.length) {
      const batch = this.#batch();
      const body = { game: this.game, episode: this.episode, first: this.#next, steps: batch };
      if (!send({ type: "steps", body })) return;
      this.#next += batch.length;
      this.#sent = Math.max(this.#sent, this.#next);
    }
    if (this.#total === null || this.#endSent) return;
    this.#endSent = send({
      type: "episode_ended",
      body: { game: this.game, episode: this.episode, steps: this.#total },
    });
  }

  #batch() {
    const start = this.#next - this.#first;
    let end = start;
    let bytes = 0;
    // At least one, even if it alone is too large: the service then says so.
    while (end < this.#steps.length) {
      bytes += this.#steps[end].row.length + OVERHEAD;
      if (end > start && bytes > MESSAGE_BYTES) break;
      end += 1;
    }
    return this.#steps.slice(start, end);
  }
}
