/**
 * The pictures of a streamed game on their way to the screen: in order, and no more of them than can be drawn.
 *
 * Draw packets change what the one before showed, so all of them are applied; of images only the newest counts. Knows
 * the screen only by what is asked of it, so that the order is tested without one.
 */

/** @typedef {import("../wire").Picture} Picture */

/**
 * @typedef {object} Canvas
 * @property {(image: import("../wire").Image) => Promise<ImageBitmap>} decode
 * @property {(picture: Picture, image: ImageBitmap | null) => Promise<void>} draw takes it over for the next frame
 * @property {() => Promise<unknown>} drawn resolves in the frame in which all that was taken over is drawn
 * @property {() => Promise<number>} painted resolves when that frame is over, with the time of it
 * @property {() => boolean} hidden whether nobody sees it
 */

/**
 * @typedef {object} Listener
 * @property {(picture: Picture, skipped: number) => void} seen it is drawn, or nobody looks; so many before it never were
 * @property {(picture: Picture, time: number) => void} shown it was on the screen at that time
 * @property {(error: unknown) => void} failed
 */

export class PictureLine {
  #canvas;
  #listener;
  /** @type {Picture[]} */
  #queue = [];
  #busy = false;
  /** The newest picture that the screen has taken over. @type {Picture | null} */
  #taken = null;
  /** How many it has taken over since it was drawn. */
  #since = 0;
  #waiting = false;
  /** Counts the episodes: what is under way from an earlier one is dropped. */
  #epoch = 0;

  /** @param {Canvas} canvas @param {Listener} listener */
  constructor(canvas, listener) {
    this.#canvas = canvas;
    this.#listener = listener;
  }

  /** @param {Picture} picture */
  push(picture) {
    this.#queue.push(picture);
    this.#pump(this.#epoch).catch((error) => this.#listener.failed(error));
  }

  /** What is under way belongs to an episode that is over. */
  clear() {
    this.#epoch += 1;
    this.#queue = [];
    this.#taken = null;
    this.#since = 0;
    this.#busy = this.#waiting = false;
  }

  /** Nobody sees the page any more: no frame will come that could be waited for. */
  hide() {
    if (this.#waiting) this.#tell();
  }

  /** @param {number} epoch */
  async #pump(epoch) {
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (epoch === this.#epoch && this.#queue.length > 0) await this.#take(this.#queue.splice(0), epoch);
    } finally {
      if (epoch === this.#epoch) this.#busy = false;
    }
  }

  /** @param {Picture[]} pictures that came while the ones before were worked on @param {number} epoch */
  async #take(pictures, epoch) {
    const newest = pictures.findLast(({ image }) => image !== null);
    const image = newest?.image ? await this.#canvas.decode(newest.image) : null;
    for (const picture of pictures) {
      if (epoch !== this.#epoch) {
        image?.close();
        return;
      }
      await this.#canvas.draw(picture, picture === newest ? image : null);
    }
    if (epoch !== this.#epoch) return;
    this.#taken = pictures[pictures.length - 1];
    this.#since += pictures.length;
    if (this.#canvas.hidden()) this.#tell();
    else this.#wait(epoch).catch((error) => this.#listener.failed(error));
  }

  /** @param {number} epoch */
  async #wait(epoch) {
    if (this.#waiting) return;
    this.#waiting = true;
    await this.#canvas.drawn();
    if (epoch !== this.#epoch) return;
    this.#waiting = false;
    const picture = this.#taken;
    if (!picture || this.#since === 0) return; // told already, when the page was hidden
    this.#tell();
    const time = await this.#canvas.painted();
    if (epoch === this.#epoch) this.#listener.shown(picture, time);
  }

  #tell() {
    if (!this.#taken || this.#since === 0) return;
    const skipped = this.#canvas.hidden() ? 0 : this.#since - 1;
    this.#since = 0;
    this.#listener.seen(this.#taken, skipped);
  }
}
