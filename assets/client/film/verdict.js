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
    const before = rows > 0 ? words.before(rows) : "";
    return { tone: "bad", words: words.differs(words.where(frame, episode + 1, episodes.length), what) + before };
  }
  if (!done) return { tone: "open", words: words.comparing(rows, hashes) };
  if (rows + hashes === 0) return { tone: "open", words: words.none };
  const frames = episodes.reduce((sum, { frames }) => sum + frames, 0);
  return { tone: "good", words: words.equal(frames, rows, hashes) };
}

/** @param {string} value */
function shortly(value) {
  return value.length > 60 ? `${value.slice(0, 57)}…` : value;
}
