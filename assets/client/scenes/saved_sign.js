/**
 * The discreet word on whether everything is saved. What is saved at once is not first called unsaved.
 */
import { text } from "../text.js";
import { element } from "./dom.js";

/** What is saved within this time was never on its way, to the eye. */
const PATIENCE_MS = 400;

export class SavedSign {
  element = element("p", { id: "saved", className: "saved-sign" });
  /** Nothing is said before there was something to save. */
  #begun = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #soon;

  constructor() {
    this.element.setAttribute("role", "status");
  }

  /** @param {boolean} settled whether the service has everything @param {boolean} connected */
  tell(settled, connected) {
    if (settled && !this.#begun) return;
    this.#begun = true;
    const state = settled ? "saved" : connected ? "saving" : "offline";
    if (state === this.element.dataset.state) return;
    this.element.dataset.state = state;
    clearTimeout(this.#soon);
    // Without a connection it is said at once; else only when it takes its time.
    if (state === "saving") this.#soon = setTimeout(() => this.#say(state), PATIENCE_MS);
    else this.#say(state);
  }

  close() {
    clearTimeout(this.#soon);
  }

  /** @param {"saving" | "saved" | "offline"} state */
  #say(state) {
    if (this.element.dataset.said === state) return;
    this.element.dataset.said = state;
    this.element.textContent = text.form.saved[state];
  }
}
