/**
 * How long to wait before connecting again.
 *
 * A module of its own because it is pure: a study's server that restarts meets all its participants again at once, so
 * the waits must grow and must differ from browser to browser, and that is worth testing without a clock.
 */

/** First wait, in milliseconds: short, for most drops are a blink of the Wi-Fi. */
export const FIRST_MS = 400;

/** Longest wait: a participant who sees the network return must not sit in front of a dead page. */
export const LONGEST_MS = 15_000;

/** Shortest wait after the server said that it restarts; it is certainly not back before. */
export const RESTART_MS = 1_500;

/**
 * @param {number} attempt failed attempts since the last good connection, counted from 0
 * @param {number} random a number in [0, 1)
 * @param {boolean} [restarting] whether the server announced a restart
 * @returns {number} milliseconds to wait
 */
export function delay(attempt, random, restarting = false) {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 20));
  const jittered = ceiling * (0.5 + random / 2);
  return restarting ? Math.max(jittered, RESTART_MS * (0.5 + random)) : jittered;
}
