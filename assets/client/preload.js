/**
 * Fetches what later scenes need while the participant reads, so that it is in the browser's cache when they come.
 */

/** @type {Set<string>} */
const asked = new Set();

/** One after the other, and behind everything else that the page wants. @param {string[]} addresses */
export async function preload(addresses) {
  const wanted = addresses.filter((address) => !asked.has(address));
  wanted.forEach((address) => asked.add(address));
  // Whoever pays for every megabyte loads only what is shown.
  if (/** @type {any} */ (navigator).connection?.saveData) return;
  for (const address of wanted) {
    try {
      const response = await fetch(address, /** @type {RequestInit} */ ({ priority: "low" }));
      await response.blob();
    } catch {
      asked.delete(address); // the next connection tries it again, and so does the scene itself
    }
  }
}
