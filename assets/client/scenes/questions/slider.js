/**
 * A point on a scale, as a slider. It has no handle before it is touched, so that no answer is suggested.
 */
import { text } from "../../text.js";
import { element } from "../dom.js";
import { frame, plain } from "./frame.js";
import { scaleLabels } from "./scale.js";

/** @param {import("./frame.js").Of<"scale">} question @param {string} id @param {import("./frame.js").Tell} tell
 * @returns {import("./frame.js").Asked} */
export function sliderQuestion(question, id, tell) {
  const { points, labels } = question.ask;
  // No label of its own: a press on a label would count as a touch.
  const made = frame(question, id, "text");
  made.element.classList.add("ask-slider");
  const middle = String(Math.floor((points - 1) / 2));
  const slider = element("input", { id: `${id}-field`, type: "range", min: "0", max: String(points - 1), step: "1" });
  slider.value = middle;
  if (question.prompt.trim() === "") slider.ariaLabel = text.form.answer;
  else slider.setAttribute("aria-labelledby", `${id}-prompt`);
  const hint = element("p", { id: `${id}-hint`, className: "hint", textContent: text.form.slide });
  made.body.append(slider);
  if (labels.length > 0) made.body.append(scaleLabels(labels));
  made.body.append(hint);
  let touched = false;
  /** @param {boolean} now */
  const touch = (now) => {
    touched = now;
    slider.classList.toggle("untouched", !now);
    hint.classList.toggle("done", now);
    slider.ariaValueText = now ? spoken(Number(slider.value)) : text.form.unanswered;
    made.answered(now);
  };
  /** @param {number} point */
  const spoken = (point) => {
    const place = labels.length > 1 ? (point * (labels.length - 1)) / (points - 1) : NaN;
    const number = text.form.point(point + 1, points);
    return Number.isInteger(place) ? `${number}, ${plain(labels[place])}` : number;
  };
  const told = () => {
    touch(true);
    tell.give(Number(slider.value));
  };
  slider.addEventListener("input", () => touch(true));
  slider.addEventListener("change", told);
  // A press just where the handle would be changes nothing, but is an answer all the same.
  slider.addEventListener("click", () => touched || told());
  slider.addEventListener("keydown", (event) => {
    if (touched || (event.key !== " " && event.key !== "Enter")) return;
    event.preventDefault();
    told();
  });
  made.clearable(() => {
    slider.value = middle;
    touch(false);
    slider.focus();
    tell.give(null);
  });
  made.describe(hint, slider);
  touch(false);
  return {
    element: made.element,
    show: (answer) => {
      slider.value = typeof answer === "number" ? String(answer) : middle;
      touch(typeof answer === "number");
    },
    complain: (complaint) => made.say(complaint, [slider]),
    target: () => slider,
  };
}
