/**
 * Who sits in front of this browser: the subject's name and the secret token that resumes the study.
 *
 * Exists so that a reload, a crash or a closed laptop continues where the participant was. Storage may be forbidden
 * (private windows, strict settings): then the page still works, only resuming after closing it does not.
 */

/**
 * `tokens` are those that the service has welcomed; `offered` are ours that it has not yet, by subject, or by "" for
 * somebody without a name.
 * @typedef {{last: string | null, tokens: Record<string, string>, offered: Record<string, string>}} Remembered
 */
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
  #parameter;

  /**
   * @param {Store} store
   * @param {string} base path of the study; two studies on one host must not share tokens
   * @param {string} experiment
   * @param {string} parameter of the link that names the participant, as panels send it
   */
  constructor(store, base, experiment, parameter) {
    this.#store = store;
    this.#parameter = parameter;
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
    const panel = parameters.get(this.#parameter);
    if (panel !== null && isSubjectName(panel)) return panel;
    return this.#read().last;
  }

  /**
   * The secret to say hello with. It is made here, and kept before it is sent: should the welcome be lost on its way, the
   * next hello still finds the participant that the first one made.
   * @param {string | null} subject
   * @returns {string}
   */
  token(subject) {
    const remembered = this.#read();
    const name = subject ?? "";
    const known = remembered.tokens[name] ?? remembered.offered[name];
    if (known) return known;
    const token = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0"));
    this.#write({ ...remembered, offered: { ...remembered.offered, [name]: token.join("") } });
    return token.join("");
  }

  /**
   * Whether this browser has been welcomed as the subject before.
   * @param {string | null} subject
   */
  knows(subject) {
    return subject !== null && subject in this.#read().tokens;
  }

  /** @param {string} subject @param {string} token */
  remember(subject, token) {
    const { tokens } = this.#read();
    this.#write({ last: subject, tokens: { ...tokens, [subject]: token }, offered: {} });
  }

  /** @param {Remembered} remembered */
  #write(remembered) {
    try {
      this.#store.setItem(this.#key, JSON.stringify(remembered));
    } catch (error) {
      console.warn("the resume token could not be kept", error);
    }
  }

  /** @returns {Remembered} */
  #read() {
    try {
      const found = JSON.parse(this.#store.getItem(this.#key) ?? "null");
      if (found && typeof found.tokens === "object" && found.tokens !== null) {
        const last = typeof found.last === "string" ? found.last : null;
        return { last, tokens: found.tokens, offered: found.offered ?? {} };
      }
    } catch {
      // Damaged by hand or by another program: as if nothing were there.
    }
    return { last: null, tokens: {}, offered: {} };
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
