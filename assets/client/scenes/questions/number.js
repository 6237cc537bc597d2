/**
 * A question that is answered with a number. A box for text, because browsers' own boxes for numbers change it by the
 * mouse wheel and hide what they cannot read.
 */
import { text } from "../../text.js";
import { element } from "../dom.js";
import { readNumber } from "../lacks.js";
import { frame } from "./frame.js";

/** @param {import("./frame.js").Of<"number">} question @param {string} id @param {import("./frame.js").Tell} tell
 * @returns {import("./frame.js").Asked} */
export function numberQuestion(question, id, tell) {
  const { whole, min, unit } = question.ask;
  const made = frame(question, id, "field");
  const box = element("input", { id: `${id}-field`, type: "text", autocomplete: "off", spellcheck: false });
  // Keyboards of phones for numbers often have no minus.
  if (min !== null && min >= 0) box.inputMode = whole ? "numeric" : "decimal";
  if (question.required) box.ariaRequired = "true";
  if (question.prompt === "") box.ariaLabel = text.form.answer;
  const line = element("div", { className: "number-line" }, box);
  made.body.append(line);
  if (unit) {
    const after = element("span", { id: `${id}-unit`, className: "unit", textContent: unit });
    line.append(after);
    made.describe(after, box);
  }
  const read = () => readNumber(box.value, whole);
  box.addEventListener("input", () => tell.type(Number.isNaN(read()) ? null : read()));
  box.addEventListener("blur", () => tell.settle());
  return {
    element: made.element,
    show: (answer) => (box.value = typeof answer === "number" ? String(answer) : ""),
    complain: (complaint) => made.say(complaint, [box]),
    target: () => box,
    fault: () => (box.value.trim() !== "" && Number.isNaN(read()) ? "not_number" : null),
  };
}
