/**
 * What tests of games with others share: time that a test moves, and a stand-in for Python's half of a copy.
 */
import { decode, encode } from "@msgpack/msgpack";

export const codec = { encode, decode };

/** Time that stands still until `pass` is called; timers fire in order. */
export class Time {
  now = 0;
  /** @type {Array<{due: number, work: () => void}>} */
  #timers = [];

  later = (/** @type {number} */ milliseconds, /** @type {() => void} */ work) => {
    const timer = { due: this.now + milliseconds, work };
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((other) => other !== timer));
  };

  soon = (/** @type {() => void} */ work) => void this.later(0, work);

  /** @param {number} milliseconds */
  pass(milliseconds) {
    const until = this.now + milliseconds;
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.due - b.due)[0];
      if (!next || next.due > until) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.now = Math.max(this.now, next.due);
      next.work();
    }
    this.now = Math.max(this.now, until);
  }

  /** The machine does nothing for a while. @param {number} milliseconds */
  freeze(milliseconds) {
    this.now += milliseconds;
  }
}

/** Keeps the numbering of a Python copy, and no game: its state is the number of confirmed frames. */
export class ToyPython {
  bound = 8;
  length = 1000;
  /** Frames that a call can catch up with. */
  slice = Infinity;
  hashEvery = 10;
  /** @type {any[][]} events of each call */
  calls = [];
  ill = false;
  /** By how much an ill copy differs. @type {number | null} */
  off = 0.5;
  start = /** @type {any} */ (null);

  resetCopy(/** @type {any} */ start) {
    this.start = start;
    Object.assign(this, { frame: 0, at: 0, confirmed: 0, rowsFrom: null, nextHash: this.hashEvery, sent: [], drawing: true });
    return this.#output();
  }

  tick(/** @type {Uint8Array} */ bytes) {
    const events = /** @type {any[]} */ (decode(bytes));
    this.calls.push(events);
    const it = /** @type {any} */ (this);
    const output = this.#output();
    let advance = 0;
    const locals = [];
    for (const [kind, ...rest] of events) {
      if (kind === "confirmed") {
        const [first, frames] = rest;
        if (first > it.confirmed) throw new Error(`frames ${it.confirmed} to ${first} are missing`);
        it.confirmed = Math.max(it.confirmed, first + frames.length);
      } else if (kind === "local") locals.push(rest[0]);
      else if (kind === "advance") advance = rest[0];
      else if (kind === "rows") {
        if (rest[0] === null || it.rowsFrom === null || rest[0] < it.rowsFrom) it.rowsFrom = rest[0];
      } else if (kind === "draw") it.drawing = rest[0];
      else if (kind === "heal") {
        it.confirmed = it.frame = it.at = Math.max(it.confirmed, rest[0]);
        this.ill = false;
        output.healed = rest[0];
      } else if (kind === "adopt") {
        output.adopted = this.ill ? [rest[0], this.off, ["ball.x: 1 != 2"]] : [rest[0], 0, []];
        if (this.ill) this.length = 1000;
        this.ill = false;
      }
    }
    it.frame = Math.max(it.frame, it.confirmed);
    it.at = Math.min(it.frame, it.at + Math.max(this.slice, 1));
    while (advance-- > 0) {
      if (it.at < it.frame || it.frame - it.confirmed >= this.bound) {
        output.waiting = true;
        break;
      }
      const input = { frame: it.frame + this.start.input_delay, bytes: encode(locals.shift() ?? 0) };
      it.sent.push(input);
      output.send = encode([input.frame, [input.bytes]]);
      it.frame = it.at = it.frame + 1;
    }
    const final = Math.min(it.confirmed, it.at, this.length);
    if (it.rowsFrom !== null) {
      for (; it.rowsFrom < final; it.rowsFrom += 1) output.rows.push(encode({ t: it.rowsFrom }));
    }
    for (; it.nextHash <= final; it.nextHash += this.hashEvery) {
      output.hashes.push([it.nextHash, (this.ill ? "f" : "0").repeat(16)]);
    }
    for (; it.told < final; it.told += 1) output.timing.push([it.told, [false, true], 0]);
    return this.#report(output, final);
  }

  redraw() {
    return this.#report(this.#output(), 0);
  }

  snapshot(/** @type {number} */ frame) {
    const it = /** @type {any} */ (this);
    const kept = Math.min(frame, it.confirmed);
    return /** @type {[number, Uint8Array]} */ ([kept, encode({ frame: kept })]);
  }

  differences() {
    return this.ill ? ["ball.x: 1 != 2"] : [];
  }

  pending() {
    const it = /** @type {any} */ (this);
    const left = it.sent.filter((/** @type {any} */ input) => input.frame >= it.confirmed);
    return left.length === 0 ? null : encode([left[0].frame, left.map((/** @type {any} */ input) => input.bytes)]);
  }

  #output() {
    const it = /** @type {any} */ (this);
    if (it.told === undefined || it.frame === 0) it.told = 0;
    return /** @type {any} */ ({
      draw: null, frame: null, frame_width: 0, frame_height: 0, hud: null, t: it.frame, done: false, score: 0,
      assets: null, confirmed: it.confirmed, behind: 0, waiting: false, ending: false, end: null, send: null, rows: [],
      hashes: [], timing: [], depth: 0, replayed: 0, healed: null, adopted: null,
    });
  }

  #report(/** @type {any} */ output, /** @type {number} */ final) {
    const it = /** @type {any} */ (this);
    const done = final >= this.length;
    return Object.assign(output, {
      t: it.frame, confirmed: it.confirmed, behind: it.frame - it.at, done, end: done ? this.length : null,
      score: final, draw: it.drawing ? "{}" : null,
    });
  }
}

/** Confirmed frames of two seats. @param {number} first @param {number} count @returns {any} */
export const frames = (first, count) => ["confirmed", first, Array.from({ length: count }, () => [encode(0), encode(0)])];
