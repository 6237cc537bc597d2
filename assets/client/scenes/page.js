/**
 * A page to read, left with a button: the start page, and the page after a failed scene.
 */
import { text } from "../text.js";
import { article, element, setPhase, show } from "./dom.js";
import { loadingBar } from "./loading_bar.js";
import { RETRY_MS } from "./scene.js";

/** @typedef {import("./scene.js").Context} Context */
/** @typedef {import("./scene.js").Scene} Scene */

/** Time after which somebody who wants to go on is asked for patience, in milliseconds. */
const PATIENCE_MS = 700;

/** @implements {Scene} */
export class PageScene {
  #link;
  #pressed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #patience;
  #bar;

  /**
   * @param {Context} context @param {number} visit @param {import("../wire").Page} page
   * @param {"page" | "trouble"} kind
   * @param {...HTMLElement} more below the page's text
   */
  constructor({ root, link, engine }, visit, page, kind, ...more) {
    this.visit = visit;
    this.#link = link;
    const button = element("button", { id: "continue", className: "primary", type: "button" }, text.continue);
    button.addEventListener("click", () => {
      this.#pressed = true;
      button.disabled = true;
      this.#ask();
      // The service may still be measuring the connection.
      this.#patience = setTimeout(() => { wait.textContent = text.moment; }, PATIENCE_MS);
    });
    const wait = element("p", { className: "hint" });
    wait.setAttribute("role", "status");
    const made = article(page);
    if (kind === "trouble") made.id = "trouble";
    made.append(...more, element("div", { className: "actions" }, button), wait);
    this.#bar = engine && loadingBar(engine, true);
    if (this.#bar) made.append(this.#bar.element);
    setPhase(kind);
    show(root, made);
  }

  /** The press may have been lost with the connection. The visit's number keeps it from counting twice. */
  reconnected() {
    if (this.#pressed) this.#ask();
  }

  /** @param {import("../wire").ToBrowser} message */
  receive(message) {
    if (message.type !== "refused" || !["unavailable", "too_many"].includes(message.body.code)) return;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.reconnected(), RETRY_MS);
  }

  leave() {
    clearTimeout(this.#again);
    clearTimeout(this.#patience);
    this.#bar?.close();
  }

  #ask() {
    this.#link.send({ type: "continue", body: { visit: this.visit } });
  }
}
