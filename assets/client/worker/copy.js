/**
 * One player's copy of a game for several players, beside its clock, its player's hands and what came of the network.
 *
 * Each tick is one call into Python: what was confirmed and relayed since, the keys, and how far the clock has moved on.
 * Python predicts, rolls back and replays within that call (see rollback.py); what comes back goes to the page. Time,
 * timers and Python are handed in, so that all of this is tested without a browser.
 */
import { quantile } from "./clock.js";
import { Pacer } from "./pacer.js";

/** @typedef {import("./messages").CopyEvent} CopyEvent */
/** @typedef {import("./messages").CopyOutput} CopyOutput */
/** @typedef {import("./messages").CopyStart} CopyStart */
/** @typedef {import("./messages").CopyStats} CopyStats */
/** @typedef {import("./messages").Sent} Sent */
/** @typedef {import("./messages").ToCopy} ToCopy */

/**
 * @typedef {object} Surroundings
 * @property {Pick<import("./python.js").Python, "resetCopy" | "tick" | "redraw" | "snapshot" | "differences" | "pending">} python
 * @property {{encode: (value: unknown) => Uint8Array, decode: (bytes: Uint8Array) => unknown}} codec MessagePack
 * @property {{take: () => import("../input/hands.js").Deed, releaseAll: () => void}} hands
 * @property {(message: any) => void} tell without `run`
 * @property {() => number} now milliseconds
 * @property {(milliseconds: number, work: () => void) => () => void} later gives a way to cancel it
 * @property {(work: () => void) => void} soon in the next turn of the event loop
 */

/** Waiting at the bound for longer than this is told, in milliseconds: shorter waits are not felt. */
export const STALL_MS = 300;

/** Longest time without a message to the page while the clock runs, in milliseconds. */
const ALIVE_MS = 1000;

/** More frames to catch up with than this are taken before the clock moves on: that may need several calls. */
const BACKLOG = 2;

export class Copy {
  #it;
  #fps;
  #bound;
  #pacer;
  /** Frames by which the clock has moved on. */
  #frames = 0;
  #id = -1;
  /** @type {unknown[]} */
  #queue = [];
  #frame = 0;
  /** The first frame that is not confirmed, counting what is in the queue. */
  #confirmed = 0;
  #behind = 0;
  #done = false;
  #visible = true;
  /** The next row that Python will give; null when it gives none. @type {number | null} */
  #nextRow = null;
  /** @type {{headStart: number | null} | null} */
  #catching = null;
  #started = false;
  #stalled = false;
  #coming = false;
  /** @type {() => void} */
  #cancel = () => {};
  #told = 0;
  /** @type {number[]} */
  #durations = [];
  #played = 0;
  /** @type {number | null} */
  #since = null;
  /** @type {CopyStats} */
  #stats = fresh();

  /** @param {number} fps @param {number} bound @param {Surroundings} surroundings */
  constructor(fps, bound, surroundings) {
    this.#it = surroundings;
    this.#fps = fps;
    this.#bound = bound;
    this.#pacer = new Pacer(fps, bound);
  }

  /**
   * Begins an episode. The clock stands still.
   * @param {CopyStart} start @returns {CopyOutput}
   */
  prepare(start) {
    this.pause();
    this.#pacer = new Pacer(this.#fps, this.#bound);
    this.#id = start.id;
    this.#queue = this.#visible ? [] : [["draw", false]];
    this.#frame = this.#confirmed = this.#behind = 0;
    this.#done = false;
    this.#nextRow = null;
    this.#catching = null;
    this.#durations = [];
    this.#played = this.#frames = 0;
    this.#stats = fresh();
    this.#it.hands.releaseAll();
    return this.#it.python.resetCopy(start);
  }

  /** @param {Exclude<ToCopy, {type: "prepare"}>} message */
  handle(message) {
    switch (message.type) {
      case "events":
        for (const event of message.events) this.#feed(event);
        return this.#look();
      case "begin":
        return this.#begin(message.in_ms, message.head_start);
      case "pace":
        this.#pacer.factor = message.factor;
        return undefined;
      case "catch_up":
        this.pause();
        this.#catching = { headStart: message.head_start };
        return this.#soon();
      case "heal":
        return this.#heal(message.frame, message.state, message.compare);
      case "snapshot": {
        this.#call(0);
        const [frame, state] = this.#it.python.snapshot(message.frame);
        return this.#tell({ type: "snapshot", frame, state });
      }
      case "pending":
        return this.#tell({ type: "pending", sent: this.#sent(this.#it.python.pending()) });
      case "visible":
        return this.#show(message.visible);
    }
  }

  /** The clock stands still. What comes in is taken all the same. */
  pause() {
    if (this.#catching) this.#catching.headStart = null;
    this.#clock(false);
    this.#pacer.pause();
    this.#cancel();
    this.#stall(false);
    // What came before belongs to the record, even if nothing comes after it.
    if (this.#queue.length > 0) this.#soon();
  }

  /** @param {number} inMs @param {number} headStart */
  #begin(inMs, headStart) {
    if (this.#done) return;
    this.#started = false;
    this.#pacer.begin(this.#it.now(), inMs, headStart);
    this.#schedule();
  }

  /** @param {CopyEvent} event */
  #feed(event) {
    this.#queue.push(event);
    if (event[0] === "confirmed") {
      const [, first, frames] = event;
      if (first <= this.#confirmed) this.#confirmed = Math.max(this.#confirmed, first + frames.length);
    } else if (event[0] === "rows") {
      const first = event[1];
      if (first === null || this.#nextRow === null || first < this.#nextRow) this.#nextRow = first;
    }
  }

  /** News is taken with the next tick, or at once where that would be too late. */
  #look() {
    if (this.#pacer.eager(this.#frame, this.#confirmed) || this.#pacer.wait(this.#it.now()) <= 0) this.#soon();
  }

  #soon() {
    if (this.#coming) return;
    this.#coming = true;
    this.#it.soon(() => {
      this.#coming = false;
      this.#go();
    });
  }

  #schedule() {
    this.#cancel();
    if (!this.#pacer.running) return;
    const wait = this.#pacer.wait(this.#it.now());
    if (wait <= 0) this.#soon();
    else this.#cancel = this.#it.later(Math.min(wait, ALIVE_MS), () => this.#go());
  }

  /** What is due now: a tick, or catching up, or both. */
  #go() {
    this.#cancel();
    const now = this.#it.now();
    if (!this.#started && this.#pacer.started(now)) {
      this.#started = true;
      this.#clock(true);
      this.#tell({ type: "started" });
    }
    // What takes several calls is taken first: keys that are pressed meanwhile would wait in line behind it.
    const far = this.#confirmed - this.#frame > BACKLOG;
    const busy = this.#catching !== null || this.#behind > 0 || far;
    if (busy) this.#pacer.fallBehind();
    const frames = busy ? 0 : this.#pacer.advance(now, this.#frame, this.#confirmed);
    if (frames > 0 || this.#queue.length > 0 || this.#behind > 0) this.#call(frames);
    this.#stats.waitedFrames = this.#pacer.waited;
    this.#stall(this.#pacer.waitedFor(now) > STALL_MS);
    if (this.#catching && this.#behind === 0) this.#caughtUp();
    if (this.#pacer.running && now - this.#told >= ALIVE_MS) this.#tell({ type: "alive" });
    if (this.#behind > 0 || far) this.#soon();
    else this.#schedule();
  }

  #caughtUp() {
    const headStart = this.#catching?.headStart ?? null;
    this.#catching = null;
    this.#tell({ type: "caught_up" });
    if (headStart !== null) this.#begin(0, headStart);
  }

  /** One call into Python. @param {number} frames by which the clock moves on */
  #call(frames) {
    const events = this.#queue;
    this.#queue = [];
    for (let frame = 0; frame < frames; frame += 1) events.push(local(this.#it.hands.take()));
    if (frames > 0) events.push(["advance", frames]);
    const began = this.#it.now();
    const output = this.#it.python.tick(this.#it.codec.encode(events));
    if (frames > 0) this.#durations.push(this.#it.now() - began);
    this.#frames += frames;
    this.#take(output);
    return output;
  }

  /** @param {CopyOutput} output */
  #take(output) {
    this.#frame = output.t;
    this.#confirmed = output.confirmed;
    this.#behind = output.behind;
    if (output.depth > 0) {
      const { depths, maxDepth } = this.#stats;
      this.#stats.rollbacks += 1;
      this.#stats.maxDepth = Math.max(maxDepth, output.depth);
      depths[output.depth] = (depths[output.depth] ?? 0) + 1;
    }
    const rowsFrom = this.#nextRow ?? 0;
    if (this.#nextRow !== null) this.#nextRow = Math.max(rowsFrom + output.rows.length, output.healed ?? 0);
    const stats = { ...this.#stats, depths: Array.from(this.#stats.depths, (count) => count ?? 0) };
    const send = this.#sent(output.send);
    this.#tell({ type: "ticked", output, send, at: Date.now(), rows_from: rowsFrom, stats });
    if (output.done && !this.#done) this.#finish();
    else if (this.#done && !output.done && output.adopted) {
      this.#done = false; // it had ended here alone
      this.#begin(0, this.#pacer.lead);
    }
  }

  #finish() {
    this.#done = true;
    this.pause();
    const timing = {
      fps: this.#played > 0 ? (this.#frames * 1000) / this.#played : 0,
      step_p50: quantile(this.#durations, 0.5),
      step_p99: quantile(this.#durations, 0.99),
      late: this.#pacer.late,
    };
    this.#tell({ type: "finished", timing });
  }

  /** @param {number} frame @param {Uint8Array} state @param {boolean} compare */
  #heal(frame, state, compare) {
    this.#call(0); // so that the own state of that frame is there to be compared
    const over = this.#done;
    const lead = this.#pacer.lead;
    const fields = compare ? this.#it.python.differences(frame, state) : null;
    this.#queue.push(["heal", frame, state]);
    this.#done = this.#call(0).done;
    this.#tell({ type: "healed", frame, fields });
    if (over && !this.#done) this.#begin(0, lead); // it had ended here alone
    this.#soon();
  }

  /** Nothing is drawn for a hidden page; one that is seen again gets the whole picture. @param {boolean} visible */
  #show(visible) {
    if (visible === this.#visible) return;
    this.#visible = visible;
    if (this.#id < 0) return;
    this.#queue.push(["draw", visible]);
    if (!visible) return this.#look();
    this.#call(0);
    this.#take(this.#it.python.redraw());
  }

  /** @param {Uint8Array | null} bytes @returns {Sent | null} */
  #sent(bytes) {
    if (!bytes) return null;
    const [first, inputs] = /** @type {[number, Uint8Array[]]} */ (this.#it.codec.decode(bytes));
    return { first, inputs };
  }

  /** @param {boolean} stalled */
  #stall(stalled) {
    if (stalled === this.#stalled) return;
    this.#stalled = stalled;
    if (stalled) this.#stats.stalls += 1;
    this.#tell({ type: "stalled", stalled });
  }

  /** Measures how long was played. @param {boolean} running */
  #clock(running) {
    if (this.#since !== null) this.#played += this.#it.now() - this.#since;
    this.#since = running ? this.#it.now() : null;
  }

  /** @param {object} message */
  #tell(message) {
    this.#told = this.#it.now();
    this.#it.tell({ ...message, id: this.#id });
  }
}

/** As Python takes it: a key's action by its number, a place as it is. @param {import("../input/hands.js").Deed} deed */
function local(deed) {
  return [typeof deed === "object" && deed !== null ? "local_value" : "local", deed];
}

/** @returns {CopyStats} */
function fresh() {
  return { maxDepth: 0, rollbacks: 0, depths: [], waitedFrames: 0, stalls: 0 };
}
