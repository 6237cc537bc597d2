/**
 * What keeps an answer from being taken: the service's rules (`src/rules/answers.rs`) once more, so that hardly anybody
 * has to wait for its verdict. Pure. The service's word counts.
 */

/** @typedef {import("../wire").Answer} Answer */
/** @typedef {import("../wire").Lack} Lack */
/** @typedef {import("../wire").QuestionView} QuestionView */

/**
 * @param {Pick<QuestionView, "required" | "ask">} question
 * @param {Answer | undefined} answer
 * @returns {Lack | null}
 */
export function lack({ required, ask }, answer) {
  const missing = required ? "missing" : null;
  if (answer === undefined) return missing;
  switch (ask.kind) {
    case "text":
      if (typeof answer !== "string") return null;
      if (answer.trim() === "") return missing;
      return [...answer].length > ask.max_length ? "too_long" : null;
    case "number":
      if (typeof answer !== "number") return null;
      if (ask.whole && !Number.isInteger(answer)) return "not_whole";
      if (ask.min !== null && answer < ask.min) return "too_small";
      return ask.max !== null && answer > ask.max ? "too_large" : null;
    case "choice":
      if (!ask.several || !Array.isArray(answer)) return null;
      if (answer.length === 0) return missing;
      if (answer.length < ask.at_least) return "too_few";
      return answer.length > ask.at_most ? "too_many" : null;
    case "grid":
      return typeof answer === "object" && Object.keys(answer).length < ask.rows.length ? missing : null;
    case "consent":
      // Whoever does not agree has answered, but may not go on where consent is required.
      return answer === false ? missing : null;
    default:
      return null;
  }
}

/**
 * The number that somebody has written; `NaN` for what is none, or could be read in two ways: in some countries `1,250` is
 * a little more than one.
 * @param {string} written @param {boolean} whole whether a whole number is asked for
 */
export function readNumber(written, whole) {
  const plain = [...written.trim()].map(plainDigit).join("").replaceAll("\u2212", "-").replaceAll("\u066b", ".");
  if (!/^[+-]?(\d+[.,]?\d*|[.,]\d+)$/.test(plain)) return NaN;
  if ((whole ? /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/ : /^[+-]?[1-9]\d{0,2},\d{3}$/).test(plain)) return NaN;
  const number = Number(plain.replace(",", "."));
  return Number.isFinite(number) ? number : NaN;
}

/** Arabic, Persian and Devanagari digits as those of ASCII. @param {string} character */
function plainDigit(character) {
  for (const zero of [0x660, 0x6f0, 0x966]) {
    const digit = (character.codePointAt(0) ?? 0) - zero;
    if (digit >= 0 && digit <= 9) return String(digit);
  }
  return character;
}
