/**
 * A film's three addresses: what is known of it, its frames, its files.
 */
import { decode } from "@msgpack/msgpack";
import { ask, pause, Refusal } from "../operator/ask.js";

/** @typedef {import("../wire").FilmFrame} FilmFrame */
/** @typedef {import("../wire").FilmView} FilmView */

/** Before asking again for a film that is still being prepared, in milliseconds. */
const PREPARING_MS = 500;

export class Source {
  #address;

  /** @param {string} base of the service @param {string} game */
  constructor(base, game) {
    this.#address = `${base}admin/games/${encodeURIComponent(game)}/`;
  }

  /** Where the scene's pictures are. */
  get files() {
    return `${this.#address}files/`;
  }

  /**
   * @param {AbortSignal} signal @param {(said: string) => void} [preparing] hears why there is nothing yet
   * @returns {Promise<FilmView>}
   */
  async view(signal, preparing) {
    for (;;) {
      try {
        return await (await ask(`${this.#address}film.json`, signal)).json();
      } catch (error) {
        if (!(error instanceof Refusal) || error.status !== 503 || !preparing) throw error;
        preparing(error.message);
        await pause(PREPARING_MS, signal);
        signal.throwIfAborted();
      }
    }
  }

  /**
   * @param {import("./reel.js").Range} range @param {number} wait milliseconds that the service may wait for `from`
   * @param {AbortSignal} signal
   * @returns {Promise<FilmFrame[]>} from a frame that shows everything on; none when there is no such frame yet
   */
  async frames({ episode, from, count }, wait, signal) {
    const asked = new URLSearchParams({ episode: `${episode}`, from: `${from}`, count: `${Math.max(1, count)}` });
    if (wait > 0) asked.set("wait", `${wait}`);
    const response = await ask(`${this.#address}frames?${asked}`, signal);
    return /** @type {FilmFrame[]} */ (decode(new Uint8Array(await response.arrayBuffer())));
  }
}
