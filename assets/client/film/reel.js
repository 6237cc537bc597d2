/**
 * The frames of a film that are at hand: which of them lead to a picture, which have to be fetched, which are let go.
 *
 * Pure: frames in, plans out. What pictures do on the screen is the stage's business, who fetches is the loader's.
 */

/** @typedef {import("../wire").FilmFrame} FilmFrame */
/** @typedef {import("../wire").FilmPicture} FilmPicture */
/** @typedef {{episode: number, frame: number}} Place */

/**
 * @typedef {object} Route what has to be applied, in this order, so that a picture shows a frame
 * @property {boolean} fresh whether it begins with a picture that shows everything, whatever was on the screen before
 * @property {FilmPicture[]} pictures
 */

/**
 * @typedef {object} Range frames to ask for
 * @property {number} episode
 * @property {number} from
 * @property {number} count so many beyond `from`
 * @property {"now" | "ahead" | "live" | "rest"} why
 */

/** Up to so many frames are walked through; from further away, a complete picture on the way is the better start. */
const NEAR = 24;

/** Most frames that are asked for at once. */
export const MOST = 300;

/** Frames are let go in blocks of so many. */
const BLOCK = 64;

export class Reel {
  #budget;
  #bytes = 0;
  #count = 0;
  /** @type {Map<number, Map<number, FilmFrame>>} by episode and frame */
  #frames = new Map();
  /** @type {Map<string, {episode: number, block: number, bytes: number}>} */
  #blocks = new Map();
  /** The newest frame that was ever there, by episode. @type {Map<number, number>} */
  #newest = new Map();

  /** @param {number} [budget] bytes that may be kept */
  constructor(budget = 96 << 20) {
    this.#budget = budget;
  }

  /**
   * @param {FilmFrame[]} frames @param {Place} place what is looked at: the frames furthest from there are let go first
   */
  put(frames, place) {
    for (const frame of frames) {
      const strip = this.#frames.get(frame.episode) ?? new Map();
      this.#frames.set(frame.episode, strip);
      if (strip.has(frame.frame)) continue;
      strip.set(frame.frame, frame);
      this.#count += 1;
      this.#newest.set(frame.episode, Math.max(this.newest(frame.episode), frame.frame));
      const block = Math.floor(frame.frame / BLOCK);
      const name = `${frame.episode}/${block}`;
      const kept = this.#blocks.get(name) ?? { episode: frame.episode, block, bytes: 0 };
      this.#blocks.set(name, kept);
      const bytes = sizeOf(frame);
      kept.bytes += bytes;
      this.#bytes += bytes;
    }
    this.#letGo(place);
  }

  /** @param {Place} place @returns {FilmFrame | undefined} */
  get({ episode, frame }) {
    return this.#frames.get(episode)?.get(frame);
  }

  /** The newest frame that is or was at hand; -1 for none. @param {number} episode */
  newest(episode) {
    return this.#newest.get(episode) ?? -1;
  }

  /**
   * The last of the frames that follow each other from this one on; the one before it when it is missing.
   * @param {Place} place @param {number} [most] to look at
   */
  reach({ episode, frame }, most = Infinity) {
    const strip = this.#frames.get(episode);
    let last = frame - 1;
    while (last < frame + most && strip?.has(last + 1)) last += 1;
    return last;
  }

  /**
   * How to get from what a picture shows to another frame.
   * @param {number} view @param {Place | null} from null when it shows nothing yet @param {Place} to
   * @returns {Route | null} null when frames are missing
   */
  route(view, from, to) {
    const strip = this.#frames.get(to.episode);
    const start = from?.episode === to.episode && from.frame <= to.frame ? from.frame : -1;
    /** The newest complete picture on the way. */
    let complete = -1;
    /** Whether a frame is missing between it and what is shown. */
    let broken = false;
    for (let frame = to.frame; frame > start; frame -= 1) {
      const there = strip?.get(frame);
      if (!there) {
        if (complete < 0) return null;
        broken = true;
        break;
      }
      if (complete < 0 && there.pictures.some((picture) => picture.view === view && picture.complete)) {
        complete = frame;
        if (start < 0 || to.frame - start > NEAR) break;
      }
    }
    const walks = start >= 0 && !broken && (complete < 0 || to.frame - start <= NEAR);
    if (!walks && complete < 0) return null;
    const pictures = [];
    for (let frame = walks ? start + 1 : complete; frame <= to.frame; frame += 1) {
      pictures.push(...(strip?.get(frame)?.pictures ?? []).filter((picture) => picture.view === view));
    }
    return { fresh: !walks, pictures };
  }

  /**
   * What to fetch for a place: first what it takes to show it, then what follows.
   * @param {Place} place @param {number[]} views that are to be shown
   * @param {number} last of the episode's frames, as far as they are known @param {number} horizon frames to have ahead
   * @returns {Range | null} null when all that is there already
   */
  wanted(place, views, last, horizon) {
    const { episode } = place;
    if (place.frame > last) return null;
    const shown = this.get(place) && views.every((view) => this.route(view, null, place));
    if (!shown) return { episode, from: place.frame, count: Math.min(60, last - place.frame), why: "now" };
    const average = this.#count > 0 ? this.#bytes / this.#count : 1;
    const affordable = Math.max(30, Math.floor(this.#budget / 2 / average));
    const ahead = Math.min(horizon, affordable);
    const from = this.reach(place, ahead) + 1;
    const until = Math.min(last, place.frame + ahead);
    if (from > until) return null;
    return { episode, from, count: Math.min(MOST, until - from), why: "ahead" };
  }

  /** Bytes that are kept, about. */
  get bytes() {
    return this.#bytes;
  }

  /** @param {Place} place */
  #letGo({ episode, frame }) {
    if (this.#bytes <= this.#budget) return;
    const here = Math.floor(frame / BLOCK);
    // What lies behind is needed less than what comes; other episodes least.
    const distance = (/** @type {{episode: number, block: number}} */ kept) =>
      kept.episode !== episode ? Infinity : kept.block < here ? 3 * (here - kept.block) : kept.block - here;
    const blocks = [...this.#blocks].sort(([, a], [, b]) => distance(b) - distance(a));
    for (const [name, kept] of blocks) {
      if (this.#bytes <= this.#budget * 0.9 || distance(kept) <= 1) break;
      const strip = this.#frames.get(kept.episode);
      for (let index = 0; index < BLOCK; index += 1) {
        if (strip?.delete(kept.block * BLOCK + index)) this.#count -= 1;
      }
      this.#bytes -= kept.bytes;
      this.#blocks.delete(name);
    }
  }
}

/** About how much memory a frame takes. @param {FilmFrame} frame */
function sizeOf({ pictures, actions }) {
  let bytes = 200 + 40 * actions.length;
  for (const { draw, image, hud, assets } of pictures) {
    bytes += 100 + (draw?.length ?? 0) + (image?.data.length ?? 0) + (hud?.length ?? 0) + (assets?.length ?? 0);
  }
  return bytes;
}
