/**
 * A code that a participant has to hand in somewhere: large, and easy to copy.
 */
import { text } from "../text.js";
import { element } from "./dom.js";

/** @param {string} code @returns {HTMLElement} */
export function codeElement(code) {
  // Selecting it is always allowed, writing to the clipboard is not.
  const shown = element("code", { className: "code", textContent: code, tabIndex: 0 });
  const button = element("button", { type: "button", className: "copy" }, text.code.copy);
  const words = element("span", { className: "copied" });
  words.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    getSelection()?.selectAllChildren(shown);
    try {
      await navigator.clipboard.writeText(code);
      words.textContent = text.code.copied;
    } catch {
      words.textContent = document.execCommand?.("copy") ? text.code.copied : text.code.select;
    }
  });
  return element("div", { className: "code-line" }, shown, button, words);
}
