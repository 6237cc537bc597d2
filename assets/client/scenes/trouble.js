/**
 * Pages of the client's own for what can go wrong: kind, and always with a way onward.
 */
import { text } from "../text.js";
import { element, setPhase, show } from "./dom.js";

/**
 * @typedef {object} Action
 * @property {string} id
 * @property {string} label
 * @property {() => void} act
 */

/**
 * @param {HTMLElement} root
 * @param {keyof typeof text.trouble} what
 * @param {Action[]} actions the first is the one to recommend
 * @param {string} [details] for the researcher who looks over the participant's shoulder
 */
export function showTrouble(root, what, actions, details) {
  const { header, body } = text.trouble[what];
  const made = element(
    "article",
    { id: "trouble", className: "page" },
    element("h1", { textContent: header, tabIndex: -1 }),
    element("p", { textContent: body }),
  );
  made.dataset.trouble = what;
  const buttons = actions.map(({ id, label, act }, index) => {
    const button = element("button", { id, type: "button", className: index === 0 ? "primary" : "" }, label);
    button.addEventListener("click", () => {
      button.disabled = true;
      act();
    });
    return button;
  });
  if (buttons.length > 0) made.append(element("div", { className: "actions" }, ...buttons));
  if (details) {
    made.append(element("details", {}, element("summary", {}, text.details), element("pre", { textContent: details })));
  }
  setPhase("trouble");
  show(root, made);
}

/** @type {Action} */
export const reloadAction = { id: "reload", label: text.reload, act: () => location.reload() };
