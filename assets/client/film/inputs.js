/**
 * What the players did, frame by frame, small enough to be kept for a whole game. Pure.
 */

/** @typedef {import("../wire").FilmFrame} FilmFrame */
/** @typedef {{from: number, to: number, action: string}} Run frames on which a player did the same, both included */

export class Inputs {
  /** Every action that was seen, by its number less one. @type {string[]} */
  actions = [];
  /** @type {Map<string, number>} */
  #numbers = new Map();
  /** By episode, by seat: for each frame the number of its action; 0 where it is not known. @type {Map<number, Uint32Array[]>} */
  #episodes = new Map();
  /** By episode: whether a frame is known. @type {Map<number, Uint8Array>} */
  #known = new Map();

  /** @param {FilmFrame[]} frames @returns {boolean} whether any of them was new */
  put(frames) {
    let fresh = false;
    for (const { episode, frame, actions } of frames) {
      const known = grown(this.#known.get(episode) ?? new Uint8Array(256), frame);
      this.#known.set(episode, known);
      if (known[frame]) continue;
      known[frame] = 1;
      fresh = true;
      const seats = this.#episodes.get(episode) ?? [];
      this.#episodes.set(episode, seats);
      for (const [seat, action] of actions.entries()) {
        seats[seat] = grown(seats[seat] ?? new Uint32Array(256), frame);
        seats[seat][frame] = action === "" ? 0 : this.#number(action);
      }
    }
    return fresh;
  }

  /** @param {number} episode @param {number} frame */
  knows(episode, frame) {
    return Boolean(this.#known.get(episode)?.[frame]);
  }

  /**
   * The next frame of which nothing is known, from this one on, then from the start.
   * @param {number} episode @param {number} frame @param {number} last
   * @returns {{from: number, to: number} | null} with the end of the gap
   */
  gap(episode, frame, last) {
    const known = this.#known.get(episode);
    const first = (/** @type {number} */ from, /** @type {number} */ until) => {
      for (let at = from; at <= until; at += 1) if (!known?.[at]) return at;
      return -1;
    };
    const ahead = first(Math.max(0, frame), last);
    const from = ahead >= 0 ? ahead : first(0, Math.min(frame, last));
    if (from < 0) return null;
    let to = from;
    while (to < last && !known?.[to + 1]) to += 1;
    return { from, to };
  }

  /**
   * Parts of an episode that are known, for showing what is loaded.
   * @param {number} episode @param {number} last @returns {Array<{from: number, to: number}>}
   */
  loaded(episode, last) {
    const known = this.#known.get(episode);
    const parts = [];
    for (let at = 0; at <= last; at += 1) {
      if (!known?.[at]) continue;
      const from = at;
      while (at < last && known[at + 1]) at += 1;
      parts.push({ from, to: at });
    }
    return parts;
  }

  /** @param {number} episode @param {number} seat @param {number} last @returns {Run[]} */
  runs(episode, seat, last) {
    const numbers = this.#episodes.get(episode)?.[seat];
    /** @type {Run[]} */
    const runs = [];
    if (!numbers) return runs;
    for (let frame = 1; frame <= Math.min(last, numbers.length - 1); frame += 1) {
      const number = numbers[frame];
      if (number === 0) continue;
      const from = frame;
      while (frame < last && numbers[frame + 1] === number) frame += 1;
      runs.push({ from, to: frame, action: this.actions[number - 1] });
    }
    return runs;
  }

  /** @param {number} episode @param {number} seat @param {number} frame @returns {string | null} */
  at(episode, seat, frame) {
    const number = this.#episodes.get(episode)?.[seat]?.[frame] ?? 0;
    return number > 0 ? this.actions[number - 1] : null;
  }

  /** Which of `actions` it is; -1 for none. @param {string} action */
  indexOf(action) {
    return (this.#numbers.get(action) ?? 0) - 1;
  }

  /** @param {string} action */
  #number(action) {
    let number = this.#numbers.get(action);
    if (number === undefined) {
      number = this.actions.push(action);
      this.#numbers.set(action, number);
    }
    return number;
  }
}

/**
 * The same array, or a copy with room for one more place.
 * @template {Uint8Array | Uint32Array} T
 * @param {T} array @param {number} place @returns {T}
 */
function grown(array, place) {
  if (place < array.length) return array;
  const larger = new /** @type {any} */ (array).constructor(Math.max(place + 1, 2 * array.length));
  larger.set(array);
  return larger;
}
