/**
 * What all questions have in common: the prompt, the mark of those that must be answered, the place for a kind word when
 * something is missing, and a button that takes an answer back.
 */
import { text } from "../../text.js";
import { element, html } from "../dom.js";

/** @typedef {import("../../wire").Answer} Answer */
/** @typedef {import("../../wire").QuestionView} QuestionView */

/**
 * @typedef {object} Tell how a question says what it was answered
 * @property {(answer: Answer | null) => void} give due at once
 * @property {(answer: Answer | null) => void} type being typed
 * @property {() => void} settle what was typed is due
 */

/**
 * @typedef {object} Asked a question on the page
 * @property {HTMLElement} element
 * @property {(answer: Answer | undefined) => void} show what was answered before
 * @property {(words: string | null) => void} complain
 * @property {() => HTMLElement} target what gets the focus
 * @property {() => "not_number" | null} [fault] what only the page can know to be wrong
 */

/**
 * @template {import("../../wire").Ask["kind"]} K
 * @typedef {QuestionView & {ask: Extract<import("../../wire").Ask, {kind: K}>}} Of a question of one kind
 */

/**
 * @param {QuestionView} question
 * @param {string} id of the element, unlike that of any other
 * @param {"group" | "radiogroup" | "field" | "text"} form whether the prompt names a group of controls, or is the label of
 *   one, or is a text for itself
 */
export function frame({ id: name, prompt, required, ask }, id, form) {
  const grouped = form === "group" || form === "radiogroup";
  const made = element(grouped ? "fieldset" : "div", { id, className: `ask ask-${ask.kind}` });
  made.dataset.question = name;
  if (grouped && prompt.trim() === "") made.ariaLabel = text.form.answer;
  else if (grouped) made.setAttribute("aria-labelledby", `${id}-prompt`);
  if (form === "radiogroup") {
    made.setAttribute("role", "radiogroup");
    made.setAttribute("aria-required", String(required));
  }
  const words = html(prompt);
  words.className = "prompt";
  const head = element(grouped ? "legend" : form === "field" ? "label" : "div", { id: `${id}-prompt` }, words);
  head.classList.add("head");
  if (head instanceof HTMLLabelElement) head.htmlFor = `${id}-field`;
  if (required) head.append(" ", requiredMark());
  const body = element("div", { className: "answer" });
  const clear = element("button", { type: "button", className: "clear", hidden: true }, text.form.clear);
  const complaint = element("p", { id: `${id}-complaint`, className: "complaint", hidden: true });
  // Before the controls: at the foot of a long question it would be out of sight.
  made.append(head, complaint, body);
  return {
    element: made,
    body,
    /** @type {string[]} ids of further descriptions */
    described: [],
    /** An element whose text describes the answer. @param {HTMLElement} hint @param {HTMLElement} control */
    describe(hint, control) {
      this.described.push(hint.id);
      this.say(null, [control]);
    },
    /** Makes it possible to take the answer back, where none is required. @param {() => void} act */
    clearable(act) {
      if (required) return;
      made.append(clear); // from the beginning, so that nothing moves when an answer is given
      clear.addEventListener("click", () => {
        act();
        clear.hidden = true;
      });
    },
    /** @param {boolean} answered */
    answered(answered) {
      clear.hidden = !answered;
    },
    /** @param {string | null} words @param {HTMLElement[]} controls those that are to carry the complaint */
    say(words, controls) {
      complaint.hidden = words === null;
      complaint.textContent = words;
      made.classList.toggle("lacking", words !== null);
      for (const control of controls) {
        const ids = words === null ? this.described : [complaint.id, ...this.described];
        if (ids.length > 0) control.setAttribute("aria-describedby", ids.join(" "));
        else control.removeAttribute("aria-describedby");
        // A plain group can be described, but has no value that could be invalid.
        if (control instanceof HTMLFieldSetElement && form !== "radiogroup") continue;
        if (words === null) control.removeAttribute("aria-invalid");
        else control.setAttribute("aria-invalid", "true");
      }
    },
  };
}

export function requiredMark() {
  return element("span", { className: "must", textContent: text.form.required });
}

/** The researcher's words where only words can stand. @param {string} markup */
export function plain(markup) {
  // What stands below each other is not to run together.
  const spaced = markup.replace(/<(?=\/?(?:p|div|br|li|h\d|td|th|tr)\b)/gi, " <");
  const made = element("template", { innerHTML: spaced });
  return (made.content.textContent ?? "").replace(/\s+/g, " ").trim();
}

/** The researcher's HTML within a line. @param {string} markup @param {string} [className] */
export function words(markup, className = "") {
  return element("span", { className, innerHTML: markup });
}
