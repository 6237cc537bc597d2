/**
 * A question that is answered with a text.
 */
import { text } from "../../text.js";
import { element } from "../dom.js";
import { frame } from "./frame.js";

/** The service takes no longer text (`LONGEST_TEXT`). */
const LONGEST_TEXT = 20_000;

/** From this part of the most characters on, it is told how many there are. */
const TELL_FROM = 0.8;

/** @param {import("./frame.js").Of<"text">} question @param {string} id @param {import("./frame.js").Tell} tell
 * @returns {import("./frame.js").Asked} */
export function textQuestion(question, id, tell) {
  const { lines, max_length, placeholder } = question.ask;
  const made = frame(question, id, "field");
  // Longer than allowed can be written, and is then told; what is pasted would be cut without a word otherwise.
  const common = { id: `${id}-field`, placeholder, dir: "auto", maxLength: LONGEST_TEXT };
  const box = lines > 1
    ? element("textarea", { ...common, rows: lines }) : element("input", { ...common, type: "text", autocomplete: "off" });
  if (question.required) box.ariaRequired = "true";
  if (question.prompt === "") box.ariaLabel = placeholder || text.form.answer;
  const count = element("p", { id: `${id}-count`, className: "count-line" });
  const tellCount = () => {
    const length = [...box.value].length;
    count.textContent = length >= max_length * TELL_FROM ? text.form.characters(length, max_length) : "";
  };
  made.body.append(box, count);
  made.describe(count, box);
  box.addEventListener("input", () => {
    tellCount();
    tell.type(box.value === "" ? null : box.value);
  });
  box.addEventListener("blur", () => tell.settle());
  return {
    element: made.element,
    show: (answer) => {
      box.value = typeof answer === "string" ? answer : "";
      tellCount();
    },
    complain: (complaint) => made.say(complaint, [box]),
    target: () => box,
  };
}
