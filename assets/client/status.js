/**
 * The line that tells about the connection, and the small print at the foot of the page.
 */
import { text } from "./text.js";

/** Attempts after which the participant should look at the network. */
const MANY_ATTEMPTS = 5;

/** How long a passing trouble is shown; longer than the wait before the next try. */
const MENTION_MS = 6000;

export class Status {
  #line;
  #roundTrip;
  #response;
  #announced = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #forget;

  /** @param {HTMLElement} line @param {HTMLElement} roundTrip @param {HTMLElement} response */
  constructor(line, roundTrip, response) {
    this.#line = line;
    this.#roundTrip = roundTrip;
    this.#response = response;
    roundTrip.title = text.roundTripTitle;
    response.title = text.responseTitle;
  }

  /** @param {import("./connection.js").ConnectionState} state @param {number} attempt */
  connection(state, attempt) {
    clearTimeout(this.#forget);
    document.documentElement.dataset.connection = state;
    if (state === "open") {
      this.#announced = "";
      this.#say("");
    } else if (state === "stopped") {
      this.#say("");
    } else if (attempt === 0) {
      this.#say(text.connecting);
    } else {
      this.#say(attempt > MANY_ATTEMPTS ? text.stillReconnecting : this.#announced || text.reconnecting);
    }
    if (state !== "open") this.#roundTrip.textContent = "";
  }

  /** The service is about to go: stays until it is back. @param {string} words */
  announce(words) {
    this.#announced = words;
    this.#say(words);
  }

  /** Something does not work at the moment: stays until it has not been said for a while. @param {string} words */
  mention(words) {
    this.#say(words);
    clearTimeout(this.#forget);
    this.#forget = setTimeout(() => this.#say(this.#announced), MENTION_MS);
  }

  /** @param {number} milliseconds */
  roundTrip(milliseconds) {
    this.#roundTrip.textContent = text.roundTrip(Math.round(milliseconds));
  }

  /** From a key to its picture, in a streamed game. @param {number | null} milliseconds null takes it away */
  response(milliseconds) {
    const words = milliseconds === null ? "" : text.response(Math.round(milliseconds));
    if (this.#response.textContent !== words) this.#response.textContent = words;
  }

  /** @param {string} words */
  #say(words) {
    if (this.#line.textContent !== words) this.#line.textContent = words;
  }
}
