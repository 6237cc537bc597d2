/**
 * How a replay compares with the record, in a sentence. Pure.
 */
import { text } from "../operator/text.js";

/** @typedef {{tone: "good" | "bad" | "open", words: string}} Verdict */

/** @param {import("../wire").FilmView} view @returns {Verdict} */
export function verdictOf({ verdict, episodes }) {
  const { rows, hashes, difference, done } = verdict;
  const words = text.film.verdict;
  if (difference) {
    const { episode, frame, field, recorded, replayed } = difference;
    const what = field === "state"
      ? words.state
      : field === "frames" ? words.frames(recorded, replayed) : words.value(field, shortly(recorded), shortly(replayed));
    const row = !OF_STATES.includes(field);
    const where = words.where(row, frame, episode + 1, episodes.length);
    const others = rows > 0 ? words.others(rows) : "";
    return { tone: "bad", words: words.differs(where, what) + others };
  }
  if (!done) return { tone: "open", words: words.comparing(rows, hashes) };
  if (rows + hashes === 0) return { tone: "open", words: words.none };
  const frames = episodes.reduce((sum, { frames }) => sum + frames, 0);
  return { tone: "good", words: words.equal(frames, rows, hashes) };
}

/** Fields of a difference that are not a row's. */
const OF_STATES = ["state", "frames"];

/**
 * The frame that shows a difference: a row tells what led to the frame after its own.
 * @param {import("../wire").FilmDifference} difference
 */
export function frameOf({ field, frame }) {
  return OF_STATES.includes(field) ? frame : frame + 1;
}

/** @param {string} value */
function shortly(value) {
  return value.length > 60 ? `${value.slice(0, 57)}…` : value;
}
