/**
 * Fetches what later scenes need while the participant reads, so that it is in the browser's cache when they come. While
 * somebody plays, the line is left to the game.
 */
export class Preloader {
  /** Every address that was ever wanted. @type {Set<string>} */
  #known = new Set();
  /** Those that are still to be fetched. @type {string[]} */
  #waiting = [];
  #allowed = false;
  /** @type {AbortController | null} */
  #running = null;

  /** @param {string[]} addresses in the order of their importance */
  want(addresses) {
    this.#waiting.push(...addresses.filter((address) => !this.#known.has(address)));
    addresses.forEach((address) => this.#known.add(address));
    this.#go();
  }

  /** @param {boolean} allowed whether there is nothing else that needs the line */
  allow(allowed) {
    this.#allowed = allowed;
    if (!allowed) this.#running?.abort();
    this.#go();
  }

  /** One after the other, and behind everything else that the page wants. */
  async #go() {
    // Whoever pays for every megabyte loads only what is shown.
    const sparing = /** @type {any} */ (navigator).connection?.saveData;
    if (this.#running || sparing) return;
    const running = new AbortController();
    this.#running = running;
    while (this.#allowed && this.#waiting.length > 0) {
      const address = this.#waiting[0];
      try {
        const response = await fetch(address, /** @type {RequestInit} */ ({ priority: "low", signal: running.signal }));
        await response.blob();
      } catch {
        if (running.signal.aborted) break; // later
        // The scene itself will try it again, and tell.
      }
      this.#waiting.shift();
    }
    this.#running = null;
    // It may have been allowed again in the meantime.
    if (running.signal.aborted && this.#allowed) this.#go();
  }
}
