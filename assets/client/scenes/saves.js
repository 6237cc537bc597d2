/**
 * What a document of the researcher's own gives to keep, until the service has it on disk.
 *
 * Numbers go on across reloads, so that nothing is stored twice; after a broken connection everything since the last
 * acknowledgement goes out again, in order. Pure: it makes messages, somebody else sends them.
 */

/** @typedef {import("../wire").FromBrowser} FromBrowser */
/** @typedef {Omit<import("../wire").Saved, "visit">} Entry */

/** Longest JSON of one thing, in bytes. */
export const MOST_BYTES = 256 * 1024;

/** Longest name, in bytes. */
export const LONGEST_NAME = 64;

const encoder = new TextEncoder();

/**
 * Why something cannot be saved, in words for the researcher.
 * @param {string} name @param {string} data @param {number} room @returns {string | null}
 */
export function unfit(name, data, room) {
  const length = encoder.encode(name).length;
  // eslint-disable-next-line no-control-regex
  if (length === 0 || length > LONGEST_NAME || /[\u0000-\u001f\u007f-\u009f]/.test(name)) {
    return `the name ${JSON.stringify(name)} must have 1 to ${LONGEST_NAME} bytes and no control characters`;
  }
  const size = encoder.encode(data).length;
  if (size > MOST_BYTES) return `${size} bytes of JSON are too much: at most ${MOST_BYTES} can be saved at once`;
  return size > room ? "this visit of the scene has saved as much as it may" : null;
}

export class Saves {
  #visit;
  /** Not acknowledged, oldest first. @type {Entry[]} */
  #entries;
  /** Number of the last thing that was saved. */
  #last;
  /** Number of the last thing that this connection took. */
  #sent = 0;

  /** @param {number} visit @param {number} stored what the service has @param {Entry[]} [kept] of an earlier page */
  constructor(visit, stored, kept = []) {
    this.#visit = visit;
    this.#entries = kept.filter(({ number }) => number > stored);
    this.#last = Math.max(stored, this.#entries.at(-1)?.number ?? 0);
  }

  /** Whether the service has everything. */
  get settled() {
    return this.#entries.length === 0;
  }

  /** What is to be kept for a page that comes after this one. */
  get kept() {
    return this.#entries;
  }

  /** @param {string} name @param {string} data JSON @returns {number} */
  add(name, data) {
    this.#last += 1;
    this.#entries.push({ number: this.#last, name, data });
    return this.#last;
  }

  /**
   * Sends what this connection has not taken yet.
   * @param {(message: FromBrowser) => boolean} send false when it could not be sent
   */
  flush(send) {
    for (const entry of this.#entries) {
      if (entry.number <= this.#sent) continue;
      if (!send({ type: "saved", body: { visit: this.#visit, ...entry } })) return;
      this.#sent = entry.number;
    }
  }

  /** The connection broke, or the service could not store: whatever is not acknowledged goes out again. */
  rewind() {
    this.#sent = 0;
  }

  /** Everything up to a number is stored. @param {number} number */
  acknowledge(number) {
    this.#entries = this.#entries.filter((entry) => entry.number > number);
    this.#last = Math.max(this.#last, number);
  }

  /** The service does not take the oldest: there is no use in sending it again. @returns {number | null} */
  drop() {
    const oldest = this.#entries.at(0);
    if (!oldest || oldest.number > this.#sent) return null;
    this.#entries = this.#entries.slice(1);
    return oldest.number;
  }
}

/** For a drawer that keeps text. @param {number} visit @param {Entry[]} saves */
export function packSaves(visit, saves) {
  return saves.length > 0 ? JSON.stringify({ visit, saves }) : null;
}

/** What was kept for this visit. @param {string | null} packed @param {number} visit @returns {Entry[]} */
export function unpackSaves(packed, visit) {
  try {
    const kept = JSON.parse(packed ?? "null");
    if (kept?.visit !== visit || !Array.isArray(kept.saves)) return [];
    return kept.saves.filter((/** @type {any} */ entry) => Number.isInteger(entry?.number)
      && typeof entry.name === "string" && typeof entry.data === "string");
  } catch {
    return [];
  }
}
