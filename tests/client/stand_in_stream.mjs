/**
 * A stand-in for a game of one person that runs on the service: waits, counts down, and sends pictures that move with
 * the keys. Small enough to be wrong in what the client does not see: no flow control, no rows.
 */

const NAME = "11111111-2222-7333-8444-666666666666";

export class Stream {
  episode = -1;
  frame = 0;
  number = 0;
  running = false;
  over = false;
  binding = /** @type {number | null} */ (null);
  /** The number of an act that no frame has taken yet. @type {number | null} */
  #fresh = null;
  #timer = /** @type {any} */ (null);
  #say = /** @type {(type: string, body: any) => void} */ (() => {});
  #next = () => {};
  x = 0;
  /** What was said: the newest seen, and all acts. */
  seen = 0;
  /** @type {any[]} */
  acts = [];

  /** @param {any} view with `stream(stand-in, full)`, which makes the body of a picture @param {number} visit */
  constructor(view, visit) {
    this.view = view;
    this.visit = visit;
  }

  /** @param {any} person @param {(type: string, body: any) => void} say @param {() => void} next */
  ready(person, say, next) {
    this.#say = say;
    this.#next = next;
    if (this.episode >= 0) {
      const { episode } = this;
      this.#say("catch_up", {
        start: this.#start(), snapshot: null, confirmed: { episode, first: this.frame, frames: [] },
        running: this.running, head_start: 0,
      });
      this.#picture(true);
      return;
    }
    person.seat = 0;
    const waiting = { visit: this.visit, position: 2, count: 2, size: 1, waited_ms: 4000, left_ms: 60_000 };
    if (this.view.full_ms > 0) this.#say("waiting", { ...waiting, state: "full" });
    setTimeout(() => {
      this.#say("waiting", { ...waiting, state: "waiting", position: 1, count: 1 });
      setTimeout(() => this.#prepare(), 200);
    }, this.view.full_ms);
  }

  /** @param {any} person @param {string} type @param {any} body */
  heard(person, type, body) {
    if (body.episode !== this.episode) return;
    if (type === "prepared") this.#begin();
    else if (type === "seen") this.seen = body.number;
    else if (type === "acts") {
      this.acts.push(body);
      this.binding = body.binding;
      this.#fresh = body.number;
    }
  }

  #start() {
    const { episode, visit } = this;
    return { visit, game: NAME, episode, seed: 5, seat: 0, input_delay: 0, milliseconds: 9000 };
  }

  #prepare() {
    Object.assign(this, { episode: this.episode + 1, frame: 0, number: 0, seen: 0, x: 300, binding: null });
    this.#say("prepare", this.#start());
    this.#picture(true);
  }

  #begin() {
    const { episode } = this;
    this.#say("begin", { episode, frame: 0, in_ms: 900, head_start: 0 });
    setTimeout(() => {
      this.running = true;
      const since = Date.now();
      this.#timer = setInterval(() => {
        while (this.running && ((this.frame + 1) * 1000) / this.view.fps < Date.now() - since) this.#step();
      }, 4);
    }, 900);
  }

  #step() {
    this.frame += 1;
    this.x += this.binding === 0 ? -4 : this.binding === 2 ? 4 : 0;
    if (this.#fresh !== null) this.#say("echo", { episode: this.episode, number: this.#fresh, frame: this.frame });
    this.#fresh = null;
    this.#picture(false);
    if (this.frame < this.view.length) return;
    this.running = false;
    clearInterval(this.#timer);
    if (this.episode + 1 < this.view.episodes) return void this.#prepare();
    this.over = true;
    this.#say("over", { reason: null, frames: this.frame });
    setTimeout(() => this.#next(), 300);
  }

  /** @param {boolean} full */
  #picture(full) {
    this.number += 1;
    const { episode, number, frame } = this;
    const made = { draw: null, image: null, hud: `x is ${this.x}`, score: null, assets: null, ...this.view.stream(this, full) };
    this.#say("picture", { episode, number, frame, ...made });
  }
}
