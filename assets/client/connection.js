/**
 * The socket to the service: MessagePack both ways, and back again by itself whenever it breaks.
 *
 * Knows nothing of studies: who speaks and what is said is handed in. Its promise is that nothing is lost unnoticed:
 * `send` tells whether a message went out, `post` keeps it until it can.
 */
import { decode, encode } from "@msgpack/msgpack";
import { delay } from "./backoff.js";

/** @typedef {import("./wire").FromBrowser} FromBrowser */
/** @typedef {import("./wire").ToBrowser} ToBrowser */
/** @typedef {"connecting" | "open" | "waiting" | "stopped"} ConnectionState */

/**
 * @typedef {object} Listener
 * @property {() => FromBrowser} hello what to say first on every connection
 * @property {(message: ToBrowser) => void} message
 * @property {(state: ConnectionState, attempt: number) => void} state
 * @property {(code: number) => boolean} closed told the close code; false forbids connecting again
 */

/** Close code of a service that restarts. */
export const RESTART = 1012;

/** No answer for this long means that the line is dead even if the browser has not noticed. */
const ANSWER_MS = 15_000;

/** Messages that the service always answers. */
const ANSWERED = new Set(["hello", "continue", "ready", "answered", "saved", "steps", "episode_ended"]);

export class Connection {
  #url;
  #listener;
  /** @type {WebSocket | null} */
  #socket = null;
  #admitted = false;
  #attempt = 0;
  #restarting = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #answer;
  /** @type {FromBrowser[]} */
  #outbox = [];

  /** @param {string} url @param {Listener} listener */
  constructor(url, listener) {
    this.#url = url;
    this.#listener = listener;
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#hurry());
    // A page brought back by the "back" button has a closed socket that reported nothing.
    addEventListener("pageshow", (event) => event.persisted && this.#hurry());
  }

  start() {
    clearTimeout(this.#timer);
    this.#drop();
    this.#listener.state("connecting", this.#attempt);
    const socket = new WebSocket(this.#url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => this.#write(this.#listener.hello());
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = (event) => this.#closed(event.code);
    // A server that neither refuses nor answers would otherwise keep us for minutes.
    this.#expectAnswer();
  }

  /** Ends the connection for good, or until `start`. */
  stop() {
    clearTimeout(this.#timer);
    this.#drop();
    this.#listener.state("stopped", this.#attempt);
  }

  /**
   * @param {FromBrowser} message
   * @returns {boolean} whether it went out; if not, the caller keeps it
   */
  send(message) {
    return this.#admitted && this.#write(message);
  }

  /**
   * Sends now, or as soon as the service knows us again.
   * @param {FromBrowser} message
   */
  post(message) {
    if (!this.send(message)) this.#outbox.push(message);
  }

  /** The service announced that it restarts: the next attempt may wait a little longer. */
  expectRestart() {
    this.#restarting = true;
  }

  /** @param {FromBrowser} message */
  #write(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(/** @type {Uint8Array<ArrayBuffer>} */ (encode(message)));
    if (ANSWERED.has(message.type)) this.#expectAnswer();
    return true;
  }

  /** @param {unknown} data */
  #receive(data) {
    clearTimeout(this.#answer);
    this.#answer = undefined;
    if (!(data instanceof ArrayBuffer)) return;
    const message = /** @type {ToBrowser} */ (decode(new Uint8Array(data)));
    if (message.type === "welcome") {
      this.#admitted = true;
      this.#attempt = 0;
      this.#restarting = false;
      this.#listener.state("open", 0);
    }
    this.#listener.message(message);
    if (message.type === "welcome") {
      for (const kept of this.#outbox.splice(0)) this.post(kept);
    }
  }

  /** @param {number} code */
  #closed(code) {
    this.#drop();
    if (code === RESTART) this.#restarting = true;
    if (!this.#listener.closed(code)) {
      this.#listener.state("stopped", this.#attempt);
      return;
    }
    const wait = delay(this.#attempt, Math.random(), this.#restarting);
    this.#attempt += 1;
    this.#listener.state("waiting", this.#attempt);
    this.#timer = setTimeout(() => this.start(), wait);
  }

  /** The network is back, or somebody looks at the page: do not sit out a long wait. */
  #hurry() {
    const waiting = this.#timer !== undefined && this.#socket === null;
    const dead = this.#socket !== null && this.#socket.readyState >= WebSocket.CLOSING;
    if (waiting || dead) this.start();
  }

  #expectAnswer() {
    this.#answer ??= setTimeout(() => {
      this.#answer = undefined;
      this.#closed(1006);
    }, ANSWER_MS);
  }

  /** Lets go of the socket without waiting for the far side, which may never answer. */
  #drop() {
    clearTimeout(this.#answer);
    this.#answer = undefined;
    this.#admitted = false;
    this.#timer = undefined;
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
