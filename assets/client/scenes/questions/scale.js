/**
 * A point on a scale, as a row of buttons.
 */
import { number } from "../../text.js";
import { element } from "../dom.js";
import { frame, words } from "./frame.js";

/** More buttons than this stand in several rows: with numbers on them, with words, on a phone. */
const MOST_IN_ROW = { numbers: 11, words: 7, phone: 7 };

/** @param {import("./frame.js").Of<"scale">} question @param {string} id @param {import("./frame.js").Tell} tell
 * @returns {import("./frame.js").Asked} */
export function scaleQuestion(question, id, tell) {
  const { points, labels } = question.ask;
  const made = frame(question, id, "radiogroup");
  const marks = Array.from({ length: points }, (_, point) =>
    element("input", { type: "radio", name: id, id: `${id}-${point}`, value: String(point) }));
  const each = labels.length === points;
  const buttons = element("div", { className: each ? "points worded" : "points" });
  buttons.style.setProperty("--points", inRow(points, each ? MOST_IN_ROW.words : MOST_IN_ROW.numbers));
  buttons.style.setProperty("--points-narrow", inRow(points, MOST_IN_ROW.phone));
  marks.forEach((mark, point) => {
    const label = element("label", { className: "point", htmlFor: mark.id }, mark);
    if (each) label.append(words(labels[point], "words"));
    else label.append(element("span", { className: "words", textContent: number(point + 1) }), ...spoken(point));
    buttons.append(label);
  });
  /** The words at a point belong to its name. @param {number} point */
  function spoken(point) {
    const place = labels.length > 1 ? (point * (labels.length - 1)) / (points - 1) : NaN;
    return Number.isInteger(place) ? [words(`, ${labels[place]}`, "unseen")] : [];
  }
  made.body.append(buttons);
  if (!each && labels.length > 0) made.body.append(scaleLabels(labels));
  const told = () => {
    const mark = marks.find((one) => one.checked);
    made.answered(mark !== undefined);
    tell.give(mark ? Number(mark.value) : null);
  };
  buttons.addEventListener("change", told);
  made.clearable(() => {
    marks.forEach((mark) => (mark.checked = false));
    marks[0].focus();
    told();
  });
  return {
    element: made.element,
    show: (answer) => {
      marks.forEach((mark, point) => (mark.checked = point === answer));
      made.answered(marks.some((mark) => mark.checked));
    },
    complain: (complaint) => made.say(complaint, [made.element]),
    target: () => marks.find((mark) => mark.checked) ?? marks[0],
  };
}

/** So that the rows are as even as can be. @param {number} points @param {number} most */
function inRow(points, most) {
  return String(Math.ceil(points / Math.ceil(points / most)));
}

/** Words along a scale; they are spoken with its points. @param {string[]} labels */
export function scaleLabels(labels) {
  const made = element("div", { className: "scale-labels" }, ...labels.map((label) => words(label)));
  made.setAttribute("aria-hidden", "true");
  return made;
}
