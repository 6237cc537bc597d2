/**
 * The button that turns a game's sounds off: there only where there is something to be heard.
 */
import { text } from "../text.js";
import { element } from "./dom.js";

/**
 * @param {import("../render/library.js").Library} library
 * @returns {{element: HTMLElement, look: () => void, close: () => void}}
 */
export function muteButton({ sounds }) {
  const button = element("button", { type: "button", className: "mute", hidden: true });
  // The game keeps the keyboard.
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    if (sounds) sounds.muted = !sounds.muted;
    look();
  });
  const look = () => {
    button.hidden = !sounds || sounds.size === 0;
    button.textContent = text.sound[sounds?.muted ? "off" : "on"];
    button.setAttribute("aria-pressed", String(!sounds?.muted));
  };
  look();
  return { element: button, look, close: () => sounds?.close() };
}
