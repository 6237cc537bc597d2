/**
 * Who sits in front of this browser: the subject's name and the secret token that resumes the study.
 *
 * Exists so that a reload, a crash or a closed laptop continues where the participant was. Storage may be forbidden
 * (private windows, strict settings): then the page still works, only resuming after closing it does not.
 */

/** @typedef {{last: string | null, tokens: Record<string, string>}} Remembered */
/** @typedef {Pick<Storage, "getItem" | "setItem">} Store */

const SUBJECT_NAME = /^(?!\.)[A-Za-z0-9_.-]{1,64}$/;

/**
 * Whether the service would accept this as a subject's name.
 * @param {string} name
 */
export function isSubjectName(name) {
  return SUBJECT_NAME.test(name);
}

/** A store for browsers that allow none: lasts as long as the page. */
class MemoryStore {
  /** @type {Map<string, string>} */
  #entries = new Map();

  /** @param {string} key */
  getItem(key) {
    return this.#entries.get(key) ?? null;
  }

  /** @param {string} key @param {string} value */
  setItem(key, value) {
    this.#entries.set(key, value);
  }
}

/**
 * The first store that can be written to. Merely naming `localStorage` throws where cookies are blocked.
 * @param {Array<() => Store>} candidates
 * @returns {Store}
 */
export function firstUsable(candidates) {
  for (const open of candidates) {
    try {
      const store = open();
      store.setItem("greenroom:probe", "1");
      return store;
    } catch {
      // Forbidden or full: try the next.
    }
  }
  return new MemoryStore();
}

export class Identity {
  #store;
  #key;

  /**
   * @param {Store} store
   * @param {string} base path of the study; two studies on one host must not share tokens
   * @param {string} experiment
   */
  constructor(store, base, experiment) {
    this.#store = store;
    this.#key = `greenroom:${base}:${experiment}`;
  }

  /**
   * Whom to say hello as: the page's address goes first, then the panel's parameter, then who was here last.
   * @param {string | null} fromAddress
   * @param {URLSearchParams} parameters
   * @returns {string | null} null when the service shall choose a name
   */
  subject(fromAddress, parameters) {
    if (fromAddress !== null) return fromAddress;
    const panel = parameters.get("PROLIFIC_PID");
    if (panel !== null && isSubjectName(panel)) return panel;
    return this.#read().last;
  }

  /**
   * @param {string | null} subject
   * @returns {string | null}
   */
  token(subject) {
    return subject === null ? null : (this.#read().tokens[subject] ?? null);
  }

  /** @param {string} subject @param {string} token */
  remember(subject, token) {
    const { tokens } = this.#read();
    try {
      this.#store.setItem(this.#key, JSON.stringify({ last: subject, tokens: { ...tokens, [subject]: token } }));
    } catch (error) {
      console.warn("the resume token could not be kept", error);
    }
  }

  /** @returns {Remembered} */
  #read() {
    try {
      const found = JSON.parse(this.#store.getItem(this.#key) ?? "null");
      if (found && typeof found.tokens === "object" && found.tokens !== null) {
        return { last: typeof found.last === "string" ? found.last : null, tokens: found.tokens };
      }
    } catch {
      // Damaged by hand or by another program: as if nothing were there.
    }
    return { last: null, tokens: {} };
  }
}

/**
 * The page's query parameters, as kept with the data.
 * @param {URLSearchParams} parameters
 * @returns {Record<string, string>}
 */
export function allParameters(parameters) {
  return Object.fromEntries(parameters);
}
