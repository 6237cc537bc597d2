/**
 * Times for people. Pure.
 */
import { text } from "../text.js";

/** @param {number} milliseconds @returns {string} such as `1:05`, or `12 s` below a minute, in the language of the page */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return seconds >= 60 ? text.minutes(Math.floor(seconds / 60), seconds % 60) : text.seconds(seconds);
}

/**
 * The beats of a countdown: three if there is time for them, for shorter times fewer, none for hardly any.
 * @param {number} milliseconds @returns {{count: number, length: number}} how many, and milliseconds of each
 */
export function beats(milliseconds) {
  const count = Math.max(0, Math.min(3, Math.floor(milliseconds / LEAST_BEAT_MS)));
  return { count, length: count > 0 ? milliseconds / count : 0 };
}

/** A beat is long enough to be read. */
const LEAST_BEAT_MS = 500;
