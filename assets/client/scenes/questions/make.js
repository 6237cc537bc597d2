/**
 * From a question to what stands on the page.
 */
import { choiceQuestion } from "./choice.js";
import { consentQuestion } from "./consent.js";
import { dropdownQuestion } from "./dropdown.js";
import { gridQuestion } from "./grid.js";
import { numberQuestion } from "./number.js";
import { scaleQuestion } from "./scale.js";
import { sliderQuestion } from "./slider.js";
import { textQuestion } from "./text.js";

/** @typedef {import("./frame.js").Asked} Asked */

/**
 * @param {import("../../wire").QuestionView} question
 * @param {string} id of the question's element
 * @param {import("./frame.js").Tell} tell
 * @returns {Asked}
 */
export function ask(question, id, tell) {
  const { ask } = question;
  switch (ask.kind) {
    case "text":
      return textQuestion({ ...question, ask }, id, tell);
    case "number":
      return numberQuestion({ ...question, ask }, id, tell);
    case "choice":
      return (ask.look === "dropdown" && !ask.several ? dropdownQuestion : choiceQuestion)({ ...question, ask }, id, tell);
    case "scale":
      return (ask.slider ? sliderQuestion : scaleQuestion)({ ...question, ask }, id, tell);
    case "grid":
      return gridQuestion({ ...question, ask }, id, tell);
    case "consent":
      return consentQuestion({ ...question, ask }, id, tell);
  }
}
