/**
 * What has not reached the service, kept for the page after a reload. In the storage of the tab, which the next person at
 * this computer does not find.
 */

/** @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} Store */

export class Drawer {
  #key;
  #store;
  /** What lies in it, so that it is written no oftener than it changes. @type {string | null} */
  #written;

  /** @param {string} name whose it is @param {() => Store} [store] */
  constructor(name, store = () => sessionStorage) {
    this.#key = `greenroom:unsaved:${name}`;
    this.#store = store;
    this.#written = this.read();
  }

  /** @returns {string | null} */
  read() {
    try {
      return this.#store().getItem(this.#key);
    } catch {
      return null; // a browser may forbid storage: then a reload without a connection loses what was unsaved
    }
  }

  /** @param {string | null} text */
  write(text) {
    if (text === this.#written) return;
    this.#written = text;
    try {
      if (text === null) this.#store().removeItem(this.#key);
      else this.#store().setItem(this.#key, text);
    } catch {
      // forbidden, or full
    }
  }
}
