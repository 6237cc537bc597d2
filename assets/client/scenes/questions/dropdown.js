/**
 * A question with options in a list that opens.
 */
import { text } from "../../text.js";
import { element } from "../dom.js";
import { frame, plain } from "./frame.js";

/** @param {import("./frame.js").Of<"choice">} question @param {string} id @param {import("./frame.js").Tell} tell
 * @returns {import("./frame.js").Asked} */
export function dropdownQuestion(question, id, tell) {
  const made = frame(question, id, "field");
  const box = element("select", { id: `${id}-field` });
  box.append(element("option", { value: "", textContent: text.form.choose }));
  question.ask.options.forEach((option, index) => {
    box.append(element("option", { value: String(index), textContent: plain(option.label) || option.id }));
  });
  if (question.required) box.ariaRequired = "true";
  if (question.prompt === "") box.ariaLabel = text.form.answer;
  made.body.append(box);
  box.addEventListener("change", () => tell.give(box.value === "" ? null : question.ask.options[Number(box.value)].id));
  return {
    element: made.element,
    show: (answer) => {
      const index = question.ask.options.findIndex((option) => option.id === answer);
      box.value = index < 0 ? "" : String(index);
    },
    complain: (complaint) => made.say(complaint, [box]),
    target: () => box,
  };
}
