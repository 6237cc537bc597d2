/**
 * A box to tick beside what is consented to.
 */
import { element } from "../dom.js";
import { frame, requiredMark, words } from "./frame.js";

/** @param {import("./frame.js").Of<"consent">} question @param {string} id @param {import("./frame.js").Tell} tell
 * @returns {import("./frame.js").Asked} */
export function consentQuestion(question, id, tell) {
  const made = frame({ ...question, required: false }, id, "text");
  const box = element("input", { id: `${id}-field`, type: "checkbox" });
  const label = words(question.ask.label, "words");
  const line = element("span", { className: "option-line" }, box, label);
  made.body.append(element("label", { className: "option", htmlFor: box.id }, line));
  if (question.required) {
    box.ariaRequired = "true";
    label.append(" ", requiredMark());
  }
  box.addEventListener("change", () => tell.give(box.checked));
  return {
    element: made.element,
    show: (answer) => (box.checked = answer === true),
    complain: (complaint) => made.say(complaint, [box]),
    target: () => box,
  };
}
