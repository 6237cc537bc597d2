/**
 * A stand-in for a game with others: waits for two, closes frames with what came in time, relays, keeps the host's rows.
 *
 * Small enough to be wrong in what the client does not see: no margins, no absence, no store.
 */
import { encode } from "@msgpack/msgpack";

const NAME = "11111111-2222-7333-8444-555555555555";

export class Table {
  /** @type {Array<{say: (type: string, body: any) => void, next: () => void, here: boolean, ended: boolean}>} */
  seats = [];
  episode = -1;
  /** Confirmed frames of the episode. @type {any[][]} */
  log = [];
  /** @type {Array<Map<number, any>>} */
  #inputs = [];
  #prepared = new Set();
  /** @type {any[]} */
  rows = [];
  /** Rows of the episodes that are over. @type {any[][]} */
  played = [];
  /** Hashes by frame and seat. @type {Map<number, string[]>} */
  hashes = new Map();
  #timer = /** @type {any} */ (null);
  running = false;
  host = 0;
  done = false;

  /** @param {any} view @param {number} visit */
  constructor(view, visit) {
    this.view = view;
    this.visit = visit;
  }

  /** @param {any} person @param {(type: string, body: any) => void} say @param {() => void} next @param {any} has */
  ready(person, say, next, has) {
    if (person.seat === undefined) {
      person.seat = this.seats.length;
      this.seats.push({ say, next, here: true, ended: false });
      say("waiting", {
        visit: this.visit, state: "waiting", position: 1, count: 1, size: 2, waited_ms: 0, left_ms: 60_000,
      });
      say("check", { visit: this.visit, proposal: 5, milliseconds: 2000 });
      if (this.seats.length === 2) setTimeout(() => this.#prepare(), 300);
      return;
    }
    const first = has?.game === NAME && has.episode === this.episode ? has.confirmed : 0;
    Object.assign(this.seats[person.seat], { say, next, here: true });
    say("catch_up", {
      start: this.#start(person.seat), snapshot: null, running: this.running, head_start: 1,
      confirmed: { episode: this.episode, first, frames: this.log.slice(first) },
    });
    if (person.seat === this.host) say("host", { episode: this.episode, rows_from: this.rows.length });
  }

  /** @param {any} person @param {string} type @param {any} body */
  heard(person, type, body) {
    const { seat } = person;
    if (body.episode !== this.episode) return;
    if (type === "prepared") {
      this.#prepared.add(seat);
      if (this.#prepared.size === 2) this.#begin(900);
    } else if (type === "inputs") {
      body.inputs.forEach((/** @type {any} */ input, /** @type {number} */ index) => {
        const frame = body.first + index;
        if (!this.#inputs[seat].has(frame)) this.#inputs[seat].set(frame, input);
      });
      const { first, inputs } = body;
      this.seats[1 - seat].say("relayed", { episode: this.episode, seat, first, inputs });
    } else if (type === "hashes") {
      for (const [frame, hash] of body.hashes) {
        const known = this.hashes.get(frame) ?? [];
        known[seat] = hash;
        this.hashes.set(frame, known);
      }
    } else if (type === "steps") {
      this.rows.push(...body.steps.slice(this.rows.length - body.first));
      this.seats[seat].say("acknowledged", { game: NAME, episode: this.episode, steps: this.rows.length });
    } else if (type === "episode_ended") {
      this.seats[seat].ended = true;
      if (seat === this.host) this.#over();
    }
  }

  pause(waiting_for = [1], left_ms = 20_000) {
    this.#stop();
    this.#all("paused", { episode: this.episode, waiting_for, left_ms });
  }

  resume() {
    this.#begin(1200);
  }

  /** Confirms nothing for a while. */
  stall() {
    clearInterval(this.#timer);
  }

  unstall() {
    this.#tick();
  }

  #prepare() {
    this.episode += 1;
    this.log = [];
    this.rows = [];
    this.#inputs = this.seats.map(() => new Map());
    this.#prepared.clear();
    this.seats.forEach((seat, index) => seat.say("prepare", this.#start(index)));
    this.seats[this.host].say("host", { episode: this.episode, rows_from: 0 });
  }

  /** @param {number} seat */
  #start(seat) {
    const { episode, visit } = this;
    return { visit, game: NAME, episode, seed: 77 + episode, seat, input_delay: 1, milliseconds: 9000 };
  }

  /** @param {number} in_ms */
  #begin(in_ms) {
    this.#all("begin", { episode: this.episode, frame: this.log.length, in_ms, head_start: 1 });
    this.running = true;
    setTimeout(() => this.#tick(), in_ms);
  }

  #tick() {
    clearInterval(this.#timer);
    const since = Date.now() - (this.log.length * 1000) / this.view.fps;
    this.#timer = setInterval(() => {
      while (((this.log.length + 1) * 1000) / this.view.fps < Date.now() - since) {
        const frame = this.log.length;
        if (frame >= this.view.max_steps) return void this.#stop();
        const inputs = this.#inputs.map((known) => known.get(frame) ?? encode(this.view.default_action ?? 1));
        this.log.push(inputs);
        this.#all("confirmed", { episode: this.episode, first: frame, frames: [inputs] });
      }
    }, 5);
  }

  #stop() {
    this.running = false;
    clearInterval(this.#timer);
  }

  #over() {
    this.#stop();
    this.played.push(this.rows);
    if (this.episode + 1 < this.view.episodes) return void this.#prepare();
    this.done = true;
    this.#all("over", { reason: null, frames: this.log.length });
    for (const seat of this.seats) seat.next();
  }

  /** @param {string} type @param {any} body */
  #all(type, body) {
    for (const seat of this.seats) seat.say(type, body);
  }
}
