/**
 * A TCP proxy that spoils a connection on purpose, so that each player of a test can have a network of its own.
 *
 * It stands between a browser and the service. What TCP makes of a bad network is imitated, not the packets: bytes
 * come late, unevenly, or not for a while and then all at once (a lost packet holds up everything behind it), always in
 * order and never damaged; or the connection breaks. Everything random is drawn from a seed, so a schedule repeats.
 */

import net from "node:net";

/**
 * What happens to the bytes of one direction. All times in milliseconds.
 * @typedef {object} Impairment
 * @property {number} [delay] how long bytes travel
 * @property {number} [jitter] how far that goes up or down, drawn for every piece that arrives
 * @property {{every: number, least?: number, most?: number}} [stalls] pauses in which nothing flows: how far apart they
 *   are on average, and how long they last
 */

/** Pauses as lost packets cause them: from one quick repetition to several in a row. */
const STALL = { least: 50, most: 600 };

/** So many bytes may be on their way; then the sender has to wait, as with any network. */
const IN_FLIGHT = 4 << 20;

/**
 * Random numbers in [0, 1) that repeat with the seed (mulberry32).
 * @param {number} seed
 * @returns {() => number}
 */
export function randomness(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Another seed from a seed and a few words. @param {...(number | string)} parts */
export function seedOf(...parts) {
  let hash = 2166136261;
  for (const character of parts.join("/")) hash = Math.imul(hash ^ character.charCodeAt(0), 16777619);
  return hash >>> 0;
}

/** When bytes that set off at a moment arrive. Pure: time comes in as an argument, and starts at 0. */
export class Schedule {
  /** @type {Impairment} */
  #impairment = {};
  #jitter;
  #pauses;
  /** The pause that is on, or comes next. @type {{from: number, to: number} | null} */
  #stall = null;
  #held = 0;
  #last = 0;

  /** @param {Impairment} impairment @param {number} seed */
  constructor(impairment, seed) {
    this.#jitter = randomness(seedOf(seed, "jitter"));
    this.#pauses = randomness(seedOf(seed, "stalls"));
    this.set(impairment, 0);
  }

  /** From now on. @param {Impairment} impairment @param {number} now */
  set(impairment, now) {
    this.#impairment = impairment;
    this.#stall = impairment.stalls ? this.#next(now) : null;
  }

  /** Nothing arrives before this moment, what is on its way included. @param {number} until */
  hold(until) {
    this.#held = Math.max(this.#held, until);
  }

  /** The first moment from `at` on at which something may arrive. @param {number} at */
  free(at) {
    const free = Math.max(at, this.#held);
    while (this.#stall && this.#stall.to <= free) this.#stall = this.#next(this.#stall.to);
    return this.#stall && this.#stall.from <= free ? this.#stall.to : free;
  }

  /** When a piece arrives that sets off now; never before the one ahead of it. @param {number} now */
  arrival(now) {
    const { delay = 0, jitter = 0 } = this.#impairment;
    const due = now + Math.max(0, delay + (jitter ? jitter * (2 * this.#jitter() - 1) : 0));
    this.#last = Math.max(this.#last, due);
    return this.#last;
  }

  /** @param {number} after */
  #next(after) {
    const { every = 1000, least = STALL.least, most = STALL.most } = this.#impairment.stalls ?? {};
    // Exponential: lost packets know nothing of each other.
    const from = after - Math.log(1 - this.#pauses()) * every;
    return { from, to: from + least + (most - least) * this.#pauses() };
  }
}

/** One direction of one connection. */
class Pipe {
  #from;
  #to;
  #count;
  #began = performance.now();
  /** @type {{data: Buffer | null, due: number}[]} null is the end */
  #queue = [];
  #bytes = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {net.Socket} from @param {net.Socket} to @param {Schedule} schedule
   * @param {(bytes: number) => void} count
   */
  constructor(from, to, schedule, count) {
    this.#from = from;
    this.#to = to;
    this.#count = count;
    this.schedule = schedule;
    from.on("data", (data) => this.#take(data));
    from.on("end", () => this.#take(null));
    to.on("drain", () => this.#flow());
    to.on("close", () => clearTimeout(this.#timer));
  }

  get now() {
    return performance.now() - this.#began;
  }

  /** @param {number} milliseconds */
  hold(milliseconds) {
    this.schedule.hold(this.now + milliseconds);
  }

  /** @param {Buffer | null} data */
  #take(data) {
    this.#queue.push({ data, due: this.schedule.arrival(this.now) });
    this.#bytes += data?.length ?? 0;
    if (this.#bytes > IN_FLIGHT) this.#from.pause();
    if (this.#queue.length === 1) this.#flow();
  }

  #flow() {
    clearTimeout(this.#timer);
    while (this.#queue.length > 0 && !this.#to.destroyed && !this.#to.writableNeedDrain) {
      const [{ data, due }] = this.#queue;
      const now = this.now;
      const wait = this.schedule.free(Math.max(due, now)) - now;
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#flow(), Math.min(Math.ceil(wait), 2 ** 31 - 1));
        return;
      }
      this.#queue.shift();
      if (data === null) {
        this.#to.end();
        return;
      }
      this.#bytes -= data.length;
      this.#count(data.length);
      this.#to.write(data);
    }
    if (this.#bytes <= IN_FLIGHT) this.#from.resume();
  }
}

/** A proxy before one service, with one port of its own. */
export class Impaired {
  #server;
  #target;
  #seed;
  #allowed = true;
  /** @type {{up: Impairment, down: Impairment}} */
  #settings;
  /** @type {Set<{near: net.Socket, far: net.Socket, up: Pipe, down: Pipe}>} */
  #connections = new Set();
  /** What went through so far. */
  counted = { connections: 0, refused: 0, up: 0, down: 0 };

  /** @param {URL} target @param {{seed?: number, up?: Impairment, down?: Impairment}} options */
  constructor(target, { seed = 0, up = {}, down = {} }) {
    this.#target = target;
    this.#seed = seed;
    this.#settings = { up, down };
    // Half a connection may end before the other, as without us.
    this.#server = net.createServer({ allowHalfOpen: true, noDelay: true }, (near) => this.#accept(near));
  }

  /**
   * Listens on a port of its own, before the service at this address.
   * @param {string} target address of the service
   * @param {{seed?: number, up?: Impairment, down?: Impairment}} [options] `up` is what the browser sends
   */
  static async start(target, options = {}) {
    const proxy = new Impaired(new URL(target), options);
    await new Promise((resolve, reject) => {
      proxy.#server.once("error", reject);
      proxy.#server.listen(0, "127.0.0.1", () => resolve(undefined));
    });
    return proxy;
  }

  get port() {
    return /** @type {net.AddressInfo} */ (this.#server.address()).port;
  }

  /** The service's address through this proxy; a browser takes another host name for another place. */
  url(host = "127.0.0.1") {
    return `http://${host}:${this.port}${this.#target.pathname}`;
  }

  /**
   * Other weather from now on, for connections that are there and those to come.
   * @param {{up?: Impairment, down?: Impairment}} settings a direction that is not named stays as it is
   */
  set({ up, down }) {
    this.#settings = { up: up ?? this.#settings.up, down: down ?? this.#settings.down };
    for (const connection of this.#connections) {
      if (up) connection.up.schedule.set(up, connection.up.now);
      if (down) connection.down.schedule.set(down, connection.down.now);
    }
  }

  /** Nothing flows for a while on the connections that are there, then all at once. @param {number} milliseconds */
  stall(milliseconds) {
    for (const { up, down } of this.#connections) {
      up.hold(milliseconds);
      down.hold(milliseconds);
    }
  }

  /** The network is gone: connections break, and new ones are not accepted until `allow`. */
  cut() {
    this.#allowed = false;
    this.drop();
  }

  /** The network is back. */
  allow() {
    this.#allowed = true;
  }

  /** All connections break; new ones may come at once. */
  drop() {
    for (const { near, far } of this.#connections) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  async close() {
    this.drop();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** @param {net.Socket} near */
  #accept(near) {
    near.on("error", () => {}); // whatever ends it, `close` follows
    if (!this.#allowed) {
      this.counted.refused += 1;
      near.resetAndDestroy();
      return;
    }
    const number = this.counted.connections;
    this.counted.connections += 1;
    const { hostname: host, port } = this.#target;
    const far = net.connect({ host, port: Number(port || 80), allowHalfOpen: true, noDelay: true });
    far.on("error", () => {});
    const pipe = (way, from, to) => {
      const schedule = new Schedule(this.#settings[way], seedOf(this.#seed, number, way));
      return new Pipe(from, to, schedule, (bytes) => (this.counted[way] += bytes));
    };
    const connection = { near, far, up: pipe("up", near, far), down: pipe("down", far, near) };
    this.#connections.add(connection);
    const over = () => {
      this.#connections.delete(connection);
      near.destroy();
      far.destroy();
    };
    near.on("close", over);
    far.on("close", (broken) => {
      // What the service said last is still on its way, unless the connection broke.
      if (broken || near.writableEnded) over();
    });
  }
}

/** The same weather in both directions; half of the round trip in each. */
export function roundTrip(milliseconds, more = {}) {
  const way = { delay: milliseconds / 2, ...more };
  return { up: way, down: way };
}
