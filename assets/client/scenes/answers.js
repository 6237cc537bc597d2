/**
 * The answers of one visit: what is answered now, and what the service has not yet acknowledged.
 *
 * An answer leaves this list only when the service has it on disk; after a broken connection everything since then goes
 * out again, in order. Typing waits for a pause, everything else is due at once. Pure: it makes messages and tells times,
 * somebody else sends and waits.
 */

/** @typedef {import("../wire").Answer} Answer */
/** @typedef {import("../wire").Answered} Answered */
/** @typedef {import("../wire").FromBrowser} FromBrowser */
/** @typedef {Omit<Answered, "visit">} Entry */

/** How long a pause in typing has to be before the answer goes out. */
export const TYPING_MS = 400;

export class Answers {
  #visit;
  /** What is answered, as far as it is not a draft. @type {Map<string, Answer>} */
  #given;
  /** What is being typed, by question. @type {Map<string, {answer: Answer | null, ms: number, due: number}>} */
  #drafts = new Map();
  /** Not acknowledged, oldest first. @type {Entry[]} */
  #entries;
  /** Number of the last answer that this connection took. */
  #sent = 0;
  /** Number of the last answer. */
  #last;

  /**
   * @param {number} visit
   * @param {Record<string, Answer>} stored what the service has
   * @param {Entry[]} [kept] what an earlier page of this visit could not hand over; it wins
   */
  constructor(visit, stored, kept = []) {
    this.#visit = visit;
    this.#given = new Map(Object.entries(stored));
    this.#entries = kept;
    this.#last = kept.at(-1)?.number ?? 0;
    for (const { question, answer } of kept) this.#take(question, answer);
  }

  /** @param {string} question @returns {Answer | undefined} */
  get(question) {
    const draft = this.#drafts.get(question);
    return draft ? draft.answer ?? undefined : this.#given.get(question);
  }

  /** Whether the service has everything. */
  get settled() {
    return this.#entries.length === 0 && this.#drafts.size === 0;
  }

  /** What is to be kept for a page that comes after this one. */
  get kept() {
    return this.#entries;
  }

  /** An answer that is due at once. @param {string} question @param {Answer | null} answer @param {number} ms */
  give(question, answer, ms) {
    this.#drafts.delete(question);
    this.settle(); // so that the order of the answers is that of the participant
    this.#enter(question, answer, ms);
  }

  /**
   * An answer that is being typed.
   * @param {string} question @param {Answer | null} answer @param {number} ms @param {number} now
   */
  type(question, answer, ms, now) {
    this.#drafts.delete(question); // the last one typed is the last in order
    this.#drafts.set(question, { answer, ms, due: now + TYPING_MS });
  }

  /** What was typed is an answer now: all of it, or what is due by a time. @param {number} [now] */
  settle(now = Infinity) {
    for (const [question, { answer, ms, due }] of this.#drafts) {
      if (due > now) continue;
      this.#drafts.delete(question);
      this.#enter(question, answer, ms);
    }
  }

  /** How long until something that was typed is due; `null` when nothing was. @param {number} now */
  wait(now) {
    const due = [...this.#drafts.values()].map((draft) => draft.due);
    return due.length > 0 ? Math.max(0, Math.min(...due) - now) : null;
  }

  /**
   * Sends what this connection has not taken yet.
   * @param {(message: FromBrowser) => boolean} send false when it could not be sent
   * @returns {boolean} whether everything went out
   */
  flush(send) {
    for (const entry of this.#entries) {
      if (entry.number <= this.#sent) continue;
      if (!send({ type: "answered", body: { visit: this.#visit, ...entry } })) return false;
      this.#sent = entry.number;
    }
    return true;
  }

  /** The connection broke, or the service could not store: whatever is not acknowledged goes out again. */
  rewind() {
    this.#sent = 0;
  }

  /** @param {number} number */
  acknowledge(number) {
    this.#entries = this.#entries.filter((entry) => entry.number !== number);
  }

  /** @param {string} question @param {Answer | null} answer @param {number} ms */
  #enter(question, answer, ms) {
    if (same(this.#given.get(question) ?? null, answer)) return;
    this.#take(question, answer);
    this.#last += 1;
    this.#entries = [...this.#entries, { number: this.#last, question, answer, ms }];
  }

  /** @param {string} question @param {Answer | null} answer */
  #take(question, answer) {
    if (answer === null) this.#given.delete(question);
    else this.#given.set(question, answer);
  }
}

/** For a drawer that keeps text. @param {number} visit @param {Entry[]} entries */
export function pack(visit, entries) {
  return entries.length > 0 ? JSON.stringify({ visit, entries }) : null;
}

/**
 * What was kept for this visit. Whatever else lies in the drawer is none of it.
 * @param {string | null} packed @param {number} visit @param {string[]} questions @returns {Entry[]}
 */
export function unpack(packed, visit, questions) {
  try {
    const kept = JSON.parse(packed ?? "null");
    if (kept?.visit !== visit || !Array.isArray(kept.entries)) return [];
    return kept.entries.filter((/** @type {any} */ entry) => Number.isInteger(entry?.number)
      && Number.isFinite(entry.ms) && entry.answer !== undefined && questions.includes(entry.question));
  } catch {
    return [];
  }
}

/** @param {Answer | null} one @param {Answer | null} other */
function same(one, other) {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

/** The rows of a table in an order of their own. @param {Answer | null} answer */
function sorted(answer) {
  const rows = typeof answer === "object" && answer !== null && !Array.isArray(answer);
  return rows ? Object.entries(answer).sort(([a], [b]) => (a < b ? -1 : 1)) : answer;
}
