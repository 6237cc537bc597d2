/**
 * What goes over a page's connection, for tests of what a browser is told, and when.
 */

import { decode } from "@msgpack/msgpack";

/** One message. @typedef {{at: number, way: "up" | "down", type: string, body: any, bytes: number}} Message */

/** Listens to the WebSockets of one page. `up` is what the browser says. */
export class Tap {
  /** In the order in which they went over. @type {Message[]} */
  messages = [];
  /** Everything that the service said, as it was said; only when asked for. @type {Buffer[]} */
  raw = [];
  #kinds;
  #whole;

  /**
   * @param {string[]} [kinds] types of messages to keep; all when absent. Of others only type and time are kept.
   * @param {boolean} [whole] keep the bytes, too
   */
  constructor(kinds, whole = false) {
    this.#kinds = kinds && new Set(kinds);
    this.#whole = whole;
  }

  /** @param {import("playwright-core").Page} page that has not been opened yet */
  attach(page) {
    page.on("websocket", (socket) => {
      socket.on("framesent", ({ payload }) => this.#take("up", payload));
      socket.on("framereceived", ({ payload }) => this.#take("down", payload));
    });
  }

  /** @param {"up" | "down"} way @param {string | Buffer} payload */
  #take(way, payload) {
    const at = performance.now();
    const bytes = Buffer.from(payload);
    if (this.#whole && way === "down") this.raw.push(bytes);
    const { type, body } = /** @type {{type: string, body: any}} */ (decode(bytes));
    const kept = !this.#kinds || this.#kinds.has(type);
    this.messages.push({ at, way, type, body: kept ? body : undefined, bytes: bytes.length });
  }

  /** Bodies of all messages of a type. @param {string} type */
  of(type) {
    return this.messages.filter((message) => message.type === type).map(({ body }) => body);
  }

  /** When messages of a type came. @param {string} type */
  times(type) {
    return this.messages.filter((message) => message.type === type).map(({ at }) => at);
  }

  /**
   * The longest time between two messages of a type, of those that came in a span of time.
   * @param {string} type @param {number} [from] @param {number} [to]
   */
  longestGap(type, from = 0, to = Infinity) {
    const times = this.times(type).filter((at) => at >= from && at <= to);
    return Math.max(0, ...times.slice(1).map((at, index) => at - times[index]));
  }
}
