/**
 * A page to read, left with a button: the start page, and the page after a failed scene.
 */
import { text } from "../text.js";
import { article, element, setPhase, show } from "./dom.js";
import { loadingBar } from "./loading_bar.js";
import { RETRY_MS } from "./scene.js";

/** @typedef {import("./scene.js").Context} Context */
/** @typedef {import("./scene.js").Scene} Scene */

/** @implements {Scene} */
export class PageScene {
  #link;
  #pressed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;
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
    });
    const made = article(page);
    if (kind === "trouble") made.id = "trouble";
    made.append(...more, element("div", { className: "actions" }, button));
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
    this.#bar?.close();
  }

  #ask() {
    this.#link.send({ type: "continue", body: { visit: this.visit } });
  }
}
