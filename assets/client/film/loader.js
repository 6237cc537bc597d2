/**
 * Fetches a film's frames in the order in which they are needed: what is to be shown, what comes next, what is being
 * played now, and the rest of the episode for its time line. One request at a time.
 */
import { pause, Refusal } from "../operator/ask.js";
import { MOST } from "./reel.js";

/** @typedef {import("./inputs.js").Inputs} Inputs */
/** @typedef {import("./reel.js").Range} Range */
/** @typedef {import("./reel.js").Reel} Reel */

/**
 * @typedef {object} Need what the player is about
 * @property {import("./reel.js").Place} place
 * @property {number[]} views
 * @property {number} last of the episode's frames, as far as they are known
 * @property {boolean} open whether there will be more
 * @property {boolean} live whether they are followed
 * @property {number} horizon frames to have ahead
 * @property {boolean} done whether the film is complete: what is missing then does not come
 */

/** The service may wait so long for a frame, in milliseconds. */
const WAIT_MS = 5000;

/** Between two looks for new frames, in milliseconds: each brings again what came since the last complete picture. */
const LIVE_MS = 200;
const ASIDE_MS = 1000;

/** Before trying again when the service cannot be reached, in milliseconds. */
const AGAIN_MS = 1000;

/**
 * What to fetch next.
 * @param {Need} need @param {Reel} reel @param {Inputs} inputs @param {boolean} rest whether it is the rest's turn
 * @returns {Range | null}
 */
export function next(need, reel, inputs, rest) {
  const { place, views, last, open, live, horizon } = need;
  const wanted = reel.wanted(place, views, last, horizon);
  if (wanted) return wanted;
  const gap = inputs.gap(place.episode, place.frame, last);
  if (gap && (rest || !open)) {
    return { episode: place.episode, from: gap.from, count: Math.min(MOST, gap.to - gap.from), why: "rest" };
  }
  const newest = Math.max(last, reel.newest(place.episode));
  return open ? { episode: place.episode, from: newest + 1, count: live ? 60 : MOST, why: "live" } : null;
}

export class Loader {
  #source;
  #reel;
  #inputs;
  #need;
  #arrived;
  #life;
  #running = new AbortController();
  /** @type {Range | null} */
  #under = null;
  /** @type {() => void} */
  #wake = () => {};

  /**
   * @param {import("./fetch.js").Source} source @param {Reel} reel @param {Inputs} inputs
   * @param {() => Need} need
   * @param {(error: unknown | null, missing: Range | null) => void} arrived after each answer: with what went wrong, or
   *   with what the film does not have
   * @param {AbortSignal} life
   */
  constructor(source, reel, inputs, need, arrived, life) {
    this.#source = source;
    this.#reel = reel;
    this.#inputs = inputs;
    this.#need = need;
    this.#arrived = arrived;
    this.#life = life;
    this.#run();
  }

  /** Something else may be needed now: what is less urgent does not keep it waiting. */
  look() {
    const { place, views, last, horizon } = this.#need();
    const wanted = this.#reel.wanted(place, views, last, horizon);
    const under = this.#under;
    if (wanted?.why === "now" && under && !covers(under, wanted)) this.#running.abort();
    else if (wanted && under?.why === "live") this.#running.abort();
    this.#wake();
  }

  async #run() {
    let turn = 0;
    while (!this.#life.aborted) {
      const range = next(this.#need(), this.#reel, this.#inputs, turn % 2 === 0);
      if (!range) {
        await new Promise((resolve) => (this.#wake = () => resolve(undefined)));
        continue;
      }
      turn += 1;
      await this.#fetch(range);
    }
  }

  /** @param {Range} range */
  async #fetch(range) {
    this.#under = range;
    this.#running = new AbortController();
    const signal = AbortSignal.any([this.#running.signal, this.#life]);
    try {
      const { done } = this.#need();
      const frames = await this.#source.frames(range, WAIT_MS, signal);
      if (signal.aborted) return;
      this.#inputs.put(frames);
      this.#reel.put(frames, this.#need().place);
      this.#arrived(null, done && frames.length === 0 ? range : null);
      if (!frames.some(({ frame }) => frame === range.from)) await pause(LIVE_MS, signal);
      else if (range.why === "live") await pause(this.#need().live ? LIVE_MS : ASIDE_MS, signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#arrived(error, null);
      if (!(error instanceof Refusal) || !error.passing) return void (await new Promise(() => {}));
      await pause(AGAIN_MS, signal);
    } finally {
      this.#under = null;
    }
  }
}

/** @param {Range} under @param {Range} wanted */
function covers(under, wanted) {
  return under.episode === wanted.episode && under.from <= wanted.from && wanted.from <= under.from + under.count;
}
