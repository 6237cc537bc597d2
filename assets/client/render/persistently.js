/** Tries of one file before a game is given up for it. */
const TRIES = 4;

/**
 * Tries again after a pause: one lost request must not end anybody's game.
 * @template T
 * @param {() => Promise<T>} load
 */
export async function persistently(load) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await load();
    } catch (error) {
      if (attempt === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250 * 2 ** attempt));
    }
  }
}
