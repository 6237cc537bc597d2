/**
 * The button before an episode, laid over the picture: the next one begins when it is pressed.
 */
import { text } from "../text.js";
import { element } from "./dom.js";
import { duration } from "./time.js";

/** How often the time that is left is written anew, in milliseconds. */
const TELL_MS = 500;

/**
 * @param {HTMLElement} overlay taken over, until somebody else writes into it
 * @param {string} title
 * @param {number | null} left_ms the time for it, in milliseconds; null for as long as it takes
 * @returns {Promise<void>} when it is pressed
 */
export function askReady(overlay, title, left_ms) {
  const end = performance.now() + (left_ms ?? 0);
  const button = element("button", { id: "next-round", className: "primary", type: "button" }, text.nextRound);
  const line = element("p", { className: "hint" });
  // A clock that is read out every second helps nobody.
  line.setAttribute("aria-live", "off");
  const tell = () => {
    line.textContent = left_ms === null ? "" : text.nextRoundLeft(duration(Math.max(0, end - performance.now())));
  };
  tell();
  overlay.replaceChildren(element("h2", { textContent: title }), element("p", {}, button), line);
  overlay.hidden = false;
  button.focus({ preventScroll: true });
  return new Promise((resolve) => {
    const ticker = setInterval(() => (button.isConnected ? tell() : clearInterval(ticker)), TELL_MS);
    button.addEventListener("click", () => {
      clearInterval(ticker);
      overlay.hidden = true;
      resolve();
    }, { once: true });
  });
}
