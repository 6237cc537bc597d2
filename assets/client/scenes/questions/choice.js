/**
 * A question with options, as a list or as boxes: one of them, or several.
 */
import { text } from "../../text.js";
import { element } from "../dom.js";
import { frame, plain, words } from "./frame.js";

/** @param {import("./frame.js").Of<"choice">} question @param {string} id @param {import("./frame.js").Tell} tell
 * @returns {import("./frame.js").Asked} */
export function choiceQuestion(question, id, tell) {
  const { options, several, at_least, at_most, look } = question.ask;
  const made = frame(question, id, several ? "group" : "radiogroup");
  const marks = options.map((option, index) =>
    element("input", { type: several ? "checkbox" : "radio", name: id, id: `${id}-${index}`, value: option.id }));
  const pictured = options.some((option) => option.image !== null);
  const list = element("div", { className: look === "boxes" || pictured ? "options boxes" : "options" });
  options.forEach((option, index) => {
    const label = element("label", { className: "option", htmlFor: marks[index].id });
    // The words beside the picture say what it is; where there are none, the option's name does.
    const alt = plain(option.label) === "" ? option.id : "";
    if (option.image !== null) label.append(element("img", { src: option.image, alt, className: "picture" }));
    label.append(element("span", { className: "option-line" }, marks[index], words(option.label, "words")));
    list.append(label);
  });
  const bounds = several ? text.form.bounds(at_least, Math.min(at_most, options.length), options.length) : "";
  if (bounds) {
    const hint = element("p", { id: `${id}-hint`, className: "hint", textContent: bounds });
    made.body.append(hint);
    made.describe(hint, made.element);
  }
  made.body.append(list);
  const chosen = () => marks.filter((mark) => mark.checked).map((mark) => mark.value);
  const told = () => {
    const ids = chosen();
    made.answered(ids.length > 0);
    tell.give(ids.length === 0 ? null : several ? ids : ids[0]);
  };
  list.addEventListener("change", told);
  if (!several) {
    made.clearable(() => {
      marks.forEach((mark) => (mark.checked = false));
      marks[0].focus();
      told();
    });
  }
  return {
    element: made.element,
    show: (answer) => {
      const ids = Array.isArray(answer) ? answer : [answer];
      marks.forEach((mark) => (mark.checked = ids.includes(mark.value)));
      made.answered(chosen().length > 0);
    },
    complain: (complaint) => {
      made.say(complaint, [made.element]);
      // Of several marks each can be invalid, of a group of which one is chosen only the group.
      if (several) marks.forEach((mark) => (mark.ariaInvalid = complaint === null ? null : "true"));
    },
    target: () => marks.find((mark) => mark.checked) ?? marks[0],
  };
}
