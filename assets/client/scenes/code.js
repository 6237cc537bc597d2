/**
 * A code that a participant has to hand in somewhere: large, and easy to copy.
 */
import { text } from "../text.js";
import { element } from "./dom.js";

/**
 * The keys that copy, by what the browser says of its device; nothing where there is no keyboard as a rule.
 * @param {{platform: string, touch: boolean}} device newer iPads call themselves Macs, but know several fingers
 */
export function copyKeys({ platform, touch }) {
  if (/iphone|ipad|ipod|android/i.test(platform) || (touch && /^mac/i.test(platform))) return "";
  return /^mac/i.test(platform) ? "⌘C" : `${text.keyNames.control}+C`;
}

/** What to do with the selected code where the page may not copy it. */
function hint() {
  const { userAgent, platform, maxTouchPoints } = navigator;
  const keys = copyKeys({ platform: /android/i.test(userAgent) ? "android" : platform, touch: maxTouchPoints > 1 });
  return keys ? text.code.select(keys) : text.code.hold;
}

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
      words.textContent = document.execCommand?.("copy") ? text.code.copied : hint();
    }
  });
  return element("div", { className: "code-line" }, shown, button, words);
}
