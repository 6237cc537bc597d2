/**
 * One player's picture of a film: gets it from what it shows to another frame, without showing what lies between.
 *
 * Knows the screen only by what is asked of it, so that it is tested without one.
 */

/** @typedef {import("./reel.js").Place} Place */

/**
 * @typedef {object} Screen
 * @property {(specs: any[]) => Promise<void>} load pictures for drawing
 * @property {(image: import("../wire").Image) => Promise<ImageBitmap>} decode
 * @property {(packet: import("../render/packet").DrawPacket) => void} apply
 * @property {(image: ImageBitmap) => void} image
 * @property {(words: string) => void} hud
 */

/** Takes everything from the screen. Nothing is drawn before what follows it is applied too. */
const NOTHING = { width: null, height: null, full: true, objects: [], removed: [] };

export class Projector {
  #screen;
  #reel;
  #view;
  #shown;
  /** @type {Place | null} */
  #at = null;
  /** @type {{place: Place, speed: number} | null} */
  #wanted = null;
  #busy = false;

  /**
   * @param {Screen} screen @param {import("./reel.js").Reel} reel @param {number} view
   * @param {(place: Place) => void} shown
   */
  constructor(screen, reel, view, shown) {
    this.#screen = screen;
    this.#reel = reel;
    this.#view = view;
    this.#shown = shown;
  }

  /** What it shows. */
  get at() {
    return this.#at;
  }

  /**
   * Shows a frame as soon as it is at hand. A later call overtakes an earlier one.
   * @param {Place} place @param {number} speed of playing; 0 when standing still: things do not glide then
   */
  async show(place, speed) {
    this.#wanted = { place, speed };
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#wanted && !same(this.#wanted.place, this.#at)) {
        const { place: target, speed: pace } = this.#wanted;
        if (!(await this.#go(target, pace))) break;
        this.#at = target;
        this.#shown(target);
      }
    } finally {
      this.#busy = false;
    }
  }

  /** @param {Place} to @param {number} speed @returns {Promise<boolean>} whether everything for it was at hand */
  async #go(to, speed) {
    const route = this.#reel.route(this.#view, this.#at, to);
    if (!route) return false;
    const { fresh, pictures } = route;
    for (const { assets } of pictures) if (assets !== null) await this.#screen.load(JSON.parse(assets));
    const image = pictures.findLast((picture) => picture.image !== null)?.image;
    const bitmap = image ? await this.#screen.decode(image) : null;
    // From here on nothing is waited for, so that nothing between is seen.
    if (fresh) this.#screen.apply(NOTHING);
    if (bitmap) {
      this.#screen.image(bitmap);
      bitmap.close();
    }
    /** @type {string | null} */
    let hud = null;
    for (const picture of pictures) {
      if (picture.draw !== null) this.#screen.apply(paced(JSON.parse(picture.draw), fresh ? 0 : speed));
      if (picture.hud !== null || picture.draw !== null || picture.image !== null) hud = picture.hud ?? "";
    }
    if (hud !== null) this.#screen.hud(hud);
    return true;
  }
}

/** What glides takes as long as the film's speed has it. @param {any} packet @param {number} speed */
function paced(packet, speed) {
  for (const object of packet.objects ?? []) {
    if (object.tween) object.tween = speed > 0 ? object.tween / speed : null;
  }
  return packet;
}

/** @param {Place} a @param {Place | null} b */
function same(a, b) {
  return b !== null && a.episode === b.episode && a.frame === b.frame;
}
