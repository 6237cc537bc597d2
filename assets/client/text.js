/**
 * Every text of the client that a participant can see, in the language of the study. The words are in `texts/`, a file for
 * each language; the service writes those of the study into the page. A text without holes needs no line here: one in each
 * file makes it `text.its.name`. A text with holes is a function here, which fills them.
 */

/** @typedef {typeof import("./texts/en.json")} Words */
/** A text, or one for each number that the language tells apart. @typedef {string | ({other: string} & {[form: string]: string})} Entry */

const { tag, words } = spoken();

/** The language of the page, as a tag such as `de-AT`. */
export const language = known(tag);

const numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 6 });
const twoDigits = new Intl.NumberFormat(language, { minimumIntegerDigits: 2 });
const plural = new Intl.PluralRules(language);
const list = new Intl.ListFormat(language, { type: "conjunction", style: "long" });

/** A number as the language writes it. @param {number} value */
export const number = (value) => numbers.format(value);

/** @typedef {import("./wire").Lack | "not_number" | "wrong"} Fault */

export const text = {
  ...words,
  loading: {
    ...words.loading,
    files: (/** @type {string} */ percent) => fill(words.loading.files, { percent }),
    models: (/** @type {string} */ percent) => fill(words.loading.models, { percent }),
  },
  pictures: (/** @type {number} */ loaded, /** @type {number} */ total) => fill(words.pictures, { loaded, total }),
  /** @param {number} seconds */
  seconds: (seconds) => fill(words.seconds, { seconds }),
  /** @param {number} minutes @param {number} seconds */
  minutes: (minutes, seconds) => fill(words.minutes, { minutes, seconds: twoDigits.format(seconds) }),
  fraction: (/** @type {number} */ part, /** @type {number} */ whole) => fill(words.fraction, { part, whole }),
  episode: (/** @type {number} */ number, /** @type {number} */ of) => fill(words.episode, { number, of }),
  episodeFinished: (/** @type {number} */ number) => fill(words.episodeFinished, { number }),
  practice: (/** @type {number} */ number, /** @type {number} */ of) =>
    (of === 1 ? words.hudPractice : fill(words.practice, { number, of })),
  nextRoundLeft: (/** @type {string} */ time) => fill(words.nextRoundLeft, { time }),
  gamepad: (/** @type {string} */ button) => fill(words.gamepad, { button: gamepadButtons[button] ?? button }),
  document: {
    ...words.document,
    progress: (/** @type {string} */ percent) => fill(words.document.progress, { percent }),
  },
  end: {
    ...words.end,
    seconds: (/** @type {number} */ seconds) => fill(words.seconds, { seconds }),
  },
  code: { ...words.code, select: (/** @type {string} */ keys) => fill(words.code.select, { keys }) },
  finalScore: (/** @type {string} */ score) => fill(words.finalScore, { score }),
  shared: {
    ...words.shared,
    role: (/** @type {string} */ agent) =>
      (/^\d+$/.test(agent) ? fill(words.shared.player, { number: agent }) : fill(words.shared.role, { name: agent })),
    waitingFor: (/** @type {string[]} */ agents) => fill(words.shared.waitingFor, { agents: list.format(agents) }),
    waitingHint: (/** @type {string} */ time) => fill(words.shared.waitingHint, { time }),
    away: (/** @type {string} */ agent, /** @type {string} */ time) => fill(words.shared.away, { agent, time }),
  },
  form: {
    ...words.form,
    question: (/** @type {number} */ number) => fill(words.form.question, { number }),
    point: (/** @type {number} */ point, /** @type {number} */ points) => fill(words.form.point, { point, points }),
    characters: (/** @type {number} */ count, /** @type {number} */ most) =>
      fill(words.form.characters, { count, most }),
    bounds: (/** @type {number} */ least, /** @type {number} */ most, /** @type {number} */ all) => {
      const { bounds } = words.form;
      if (least <= 1) return most >= all ? bounds.all : fill(bounds.up_to, { most });
      if (least === most) return fill(bounds.exactly, { most });
      return most >= all ? fill(bounds.at_least, { least }) : fill(bounds.between, { least, most });
    },
    /** Kind words at a question. @param {Fault} fault @param {import("./wire").Ask} ask */
    fault: (fault, ask) =>
      (fault === "missing" ? words.form.missing[ask.kind] : fill(words.form.faults[fault], { bound: bound(fault, ask) })),
    summary: (/** @type {number} */ count) => fill(words.form.summary, { count }),
    wrongSummary: (/** @type {number | null} */ left) =>
      [words.form.wrongSummary, left === null ? "" : fill(words.form.triesLeft, { count: left })].join(" ").trim(),
  },
  roundTrip: (/** @type {number} */ milliseconds) => fill(words.roundTrip, { milliseconds }),
  response: (/** @type {number} */ milliseconds) => fill(words.response, { milliseconds }),
};

/** Names of keys, by the browser's names. @type {Record<string, string>} */
export const keyNames = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  " ": words.keyNames.space,
  Control: words.keyNames.control,
  Shift: words.keyNames.shift,
  Enter: words.keyNames.enter,
  Escape: words.keyNames.escape,
};

/** What stands on a gamepad, by the names of the bindings. @type {Record<string, string>} */
const gamepadButtons = {
  Left: "←", Right: "→", Up: "↑", Down: "↓",
  LeftStick: words.gamepadSticks.left, RightStick: words.gamepadSticks.right,
};

/**
 * Fills the holes of a text; numbers as the language writes them. Where a text has several forms, `count` decides.
 * @param {Entry} entry @param {Record<string, string | number>} values
 */
function fill(entry, values) {
  const form = typeof entry === "string" ? entry : entry[plural.select(Number(values.count))] ?? entry.other;
  return form.replace(/\{(\w+)\}/g, (hole, name) => {
    const value = values[name];
    return value === undefined ? hole : typeof value === "number" ? number(value) : value;
  });
}

/** The number that an answer has passed. @param {Fault} fault @param {import("./wire").Ask} ask */
function bound(fault, ask) {
  switch (fault) {
    case "too_few": return ask.kind === "choice" ? ask.at_least : 1;
    case "too_many": return ask.kind === "choice" ? ask.at_most : 1;
    case "too_small": return (ask.kind === "number" && ask.min) || 0;
    case "too_large": return (ask.kind === "number" && ask.max) || 0;
    case "too_long": return ask.kind === "text" ? ask.max_length : 0;
    default: return "";
  }
}

/**
 * What the service wrote into the page; in unit tests, where there is no page, English.
 * @returns {{tag: string, words: Words}}
 */
function spoken() {
  const page = globalThis.document?.getElementById("greenroom");
  if (page) return JSON.parse(page.textContent ?? "").language;
  const { process } = /** @type {any} */ (globalThis);
  const file = process.getBuiltinModule("node:fs").readFileSync(new URL("texts/en.json", import.meta.url), "utf8");
  return { tag: "en", words: JSON.parse(file) };
}

/** A tag that the browser does not know is no reason to show nothing. @param {string} wanted */
function known(wanted) {
  try {
    return Intl.getCanonicalLocales(wanted)[0];
  } catch {
    return "en";
  }
}
