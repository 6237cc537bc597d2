/**
 * What is on the screen: takes draw packets in, says what changed.
 *
 * Pure, and apart from PixiJS, so that the rules of the drawing protocol (what stays, what vanishes, what glides, what
 * covers what) can be tested without a screen.
 */
import { normalise } from "./normalise.js";

/** @typedef {import("./packet").DrawPacket} DrawPacket */
/** @typedef {import("./normalise.js").Item} Item */
/** @typedef {import("./normalise.js").Shape} Shape */

/**
 * @typedef {object} Shown an object on the screen
 * @property {string} id
 * @property {Shape} shape
 * @property {string} key equal for equal shapes
 * @property {boolean} persistent
 * @property {number} alpha
 * @property {number} z order of covering
 * @property {number} x where it is going to be
 * @property {number} y
 * @property {{x: number, y: number, start: number, duration: number} | null} glide where it came from
 * @property {Fading | null} offset by how much it is still drawn beside its place, after a correction
 */

/** @typedef {{x: number, y: number, start: number, duration: number}} Fading from x, y to nothing */

/** @typedef {{added: Shown[], reshaped: Shown[], kept: Shown[], removed: string[]}} Changes */

/** Room for the draw order within one depth; depths may be fractions down to a thousandth. */
const ORDER = 1e7;

export class SceneGraph {
  /** @type {Map<string, Shown>} */
  #shown = new Map();
  #height;
  #smoothing;
  /** @type {Map<string, number>} persistent objects keep the order of their first appearance */
  #firstSeen = new Map();
  #sequence = 0;
  /** @type {Set<string>} */
  #unknown = new Set();

  /**
   * @param {number} height of the surface, where a packet does not tell it
   * @param {number} [smoothing] milliseconds over which a correction is spread; 0 for none
   */
  constructor(height, smoothing = 0) {
    this.#height = height;
    this.#smoothing = smoothing;
  }

  /**
   * @param {DrawPacket} packet
   * @param {number} now milliseconds
   * @returns {Changes}
   */
  apply(packet, now) {
    /** @type {Changes} */
    const changes = { added: [], reshaped: [], kept: [], removed: [] };
    const seen = new Set();
    for (const [index, object] of (packet.objects ?? []).entries()) {
      const item = normalise(object, packet.height ?? this.#height);
      if (!item) {
        this.#complain(object.kind);
        continue;
      }
      seen.add(item.id);
      this.#put(item, index, now, changes);
    }
    if (this.#smoothing > 0) this.#correct(packet.corrections ?? {}, now);
    const removed = new Set(packet.removed ?? []);
    for (const [id, shown] of this.#shown) {
      const stays = seen.has(id) || (shown.persistent && !packet.full && !removed.has(id));
      if (stays) continue;
      this.#shown.delete(id);
      this.#firstSeen.delete(id);
      changes.removed.push(id);
    }
    return changes;
  }

  /** Everything on the screen. */
  get shown() {
    return this.#shown.values();
  }

  /** @param {Item} item @param {number} index @param {number} now @param {Changes} changes */
  #put(item, index, now, changes) {
    const key = JSON.stringify(item.shape);
    const before = this.#shown.get(item.id);
    const known = before?.shape.kind === item.shape.kind ? before : undefined;
    const from = known && item.tween > 0 ? placeAt(known, now) : null;
    const moves = from && (from.x !== item.x || from.y !== item.y);
    /** @type {Shown} */
    const shown = {
      id: item.id,
      shape: item.shape,
      key,
      persistent: item.persistent,
      alpha: item.alpha,
      z: this.#z(item, index),
      x: item.x,
      y: item.y,
      glide: moves ? { ...from, start: now, duration: item.tween } : null,
      offset: known?.offset && now < known.offset.start + known.offset.duration ? known.offset : null,
    };
    this.#shown.set(item.id, shown);
    if (!known) {
      if (before) changes.removed.push(item.id);
      changes.added.push(shown);
    } else if (known.key !== key) {
      changes.reshaped.push(shown);
    } else {
      changes.kept.push(shown);
    }
  }

  /**
   * What a rollback moved is drawn where it was, and drifts to where it is. A glide does the same by itself.
   * @param {Record<string, [number, number]>} corrections @param {number} now
   */
  #correct(corrections, now) {
    for (const [id, [dx, dy]] of Object.entries(corrections)) {
      const shown = this.#shown.get(id);
      if (!shown || shown.glide) continue;
      const left = offsetAt(shown, now);
      shown.offset = { x: left.x + dx, y: left.y + dy, start: now, duration: this.#smoothing };
    }
  }

  /**
   * Persistent objects lie below the others of their depth; else in draw order.
   * @param {Item} item @param {number} index
   */
  #z(item, index) {
    let order = ORDER / 2 + index;
    if (item.persistent) {
      order = this.#firstSeen.get(item.id) ?? this.#sequence++;
      this.#firstSeen.set(item.id, order);
    }
    return Math.round(item.depth * 1000) * ORDER + order;
  }

  /** @param {string} kind */
  #complain(kind) {
    if (this.#unknown.has(kind)) return;
    this.#unknown.add(kind);
    console.warn(`a draw packet has an object of the unknown kind ${kind}`);
  }
}

/**
 * Where an object is drawn at this moment.
 * @param {Shown} shown
 * @param {number} now
 * @returns {{x: number, y: number}}
 */
export function positionAt(shown, now) {
  const place = placeAt(shown, now);
  const offset = offsetAt(shown, now);
  return { x: place.x + offset.x, y: place.y + offset.y };
}

/** Whether an object still moves by itself. @param {Shown} shown @param {number} now */
export function moves({ glide, offset }, now) {
  return [glide, offset].some((motion) => motion !== null && now < motion.start + motion.duration);
}

/** Where an object is at this moment of its glide. @param {Shown} shown @param {number} now */
function placeAt({ x, y, glide }, now) {
  if (!glide || now >= glide.start + glide.duration) return { x, y };
  const share = Math.max(0, (now - glide.start) / glide.duration);
  return { x: glide.x + (x - glide.x) * share, y: glide.y + (y - glide.y) * share };
}

/** What is left of a correction. @param {Shown} shown @param {number} now */
function offsetAt({ offset }, now) {
  if (!offset || now >= offset.start + offset.duration) return { x: 0, y: 0 };
  const share = 1 - Math.max(0, (now - offset.start) / offset.duration);
  return { x: offset.x * share, y: offset.y * share };
}
