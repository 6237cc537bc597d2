/**
 * What the time line shows and where. Pure.
 */

/** @typedef {import("../wire").FilmMark} FilmMark */
/** @typedef {import("../wire").FilmMarkKind} FilmMarkKind */
/** @typedef {{from: number, to: number, text: string}} Span */
/** @typedef {"left" | "down" | "circle" | "ring" | "bars" | "diamond" | "cross" | "plus" | "square" | "flag"} Shape */

/** Colours that can be told from each other on light and on dark ground. */
const COLOURS = [
  "#5b8def", "#e0913a", "#3fa66b", "#b565c9", "#d95f6a", "#2fa5b5", "#a3873c", "#7a77d4", "#c66a9b", "#6f9a2e",
  "#8a6d5c", "#4d88a8",
];

/**
 * How a kind of mark looks: by shape and by colour, so that neither alone has to be told apart.
 * @type {Record<FilmMarkKind, {shape: Shape, colour: string}>}
 */
export const LOOKS = {
  rollback: { shape: "left", colour: "#e0713a" },
  stood_in: { shape: "down", colour: "#c9972b" },
  away: { shape: "ring", colour: "#8a8f98" },
  back: { shape: "circle", colour: "#8a8f98" },
  pause: { shape: "bars", colour: "#5b8def" },
  host: { shape: "diamond", colour: "#b565c9" },
  desync: { shape: "cross", colour: "#d94b57" },
  healed: { shape: "plus", colour: "#3fa66b" },
  stretch: { shape: "square", colour: "#2fa5b5" },
};

/**
 * The colour of an action: small whole numbers, which most games have, look the same in every game.
 * @param {string} action @param {number} index among the actions of this game
 */
export function colourOf(action, index) {
  const number = /^\d{1,3}$/.test(action) ? Number(action) : index;
  return COLOURS[number % COLOURS.length];
}

/**
 * Where a player was away.
 * @param {FilmMark[]} marks in the order of frames @param {number} seat @param {number} last
 * @returns {Span[]}
 */
export function absences(marks, seat, last) {
  /** @type {Span[]} */
  const spans = [];
  let open = false;
  for (const mark of marks) {
    if (mark.seat !== seat) continue;
    if (mark.kind === "away" && !open) {
      spans.push({ from: mark.frame, to: last, text: mark.text });
      open = true;
    } else if (mark.kind === "back" && open) {
      spans[spans.length - 1].to = mark.frame;
      open = false;
    }
  }
  return spans;
}

/**
 * Times to write above the lanes: round ones, as many as there is room for.
 * @param {number} last @param {number} fps @param {number} width in pixels
 * @returns {Array<{frame: number, label: string}>}
 */
export function ticks(last, fps, width) {
  const seconds = last / fps;
  const most = Math.max(1, Math.floor(width / 64));
  const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 3600];
  const step = steps.find((length) => seconds / length <= most) ?? 7200;
  const found = [];
  for (let index = 0; index * step <= seconds + 1e-9; index += 1) {
    const time = index * step;
    const label = step < 1
      ? time.toFixed(1) : `${Math.floor(time / 60)}:${String(Math.round(time % 60)).padStart(2, "0")}`;
    found.push({ frame: time * fps, label });
  }
  return found;
}

/** @param {number} frame @param {number} last @param {number} width @returns {number} the middle of a frame, in pixels */
export function xOf(frame, last, width) {
  return ((frame + 0.5) / (last + 1)) * width;
}

/** @param {number} x @param {number} last @param {number} width @returns {number} the frame there */
export function frameAt(x, last, width) {
  return Math.max(0, Math.min(last, Math.floor((x / width) * (last + 1))));
}

/**
 * Marks near a place, the nearest first.
 * @param {FilmMark[]} marks @param {number | null} seat @param {number} frame @param {number} reach in frames
 */
export function marksNear(marks, seat, frame, reach) {
  return marks
    .filter((mark) => mark.seat === seat && Math.abs(mark.frame - frame) <= reach)
    .sort((a, b) => Math.abs(a.frame - frame) - Math.abs(b.frame - frame));
}
