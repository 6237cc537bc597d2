/**
 * The line above a game that warns a player: the connection is slow, or the page was out of sight. And the word to the
 * service whether the page can be seen, in scenes where that is watched.
 */
import { text } from "./text.js";

/** How long a warning stays in sight that is over, in milliseconds. */
const STAYS_MS = 6000;

/** @typedef {import("./wire").Warning} Warning */

export class Notice {
  #element;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #title = "";
  /** The visit that is watched. @type {number | null} */
  #visit = null;
  #over = false;
  #tell;

  /**
   * @param {HTMLElement} before what the line stands above
   * @param {(visit: number, visible: boolean) => void} tell
   */
  constructor(before, tell) {
    this.#tell = tell;
    this.#element = document.createElement("div");
    this.#element.id = "notice";
    this.#element.setAttribute("role", "alert");
    before.before(this.#element);
    document.addEventListener("visibilitychange", () => this.#seen());
  }

  /** Another scene is shown, or the same on a new connection. @param {number} visit @param {boolean} watched */
  scene(visit, watched) {
    if (visit !== this.#visit || !watched) this.#hide();
    this.#visit = watched ? visit : null;
    if (watched) this.#tell(visit, !document.hidden);
  }

  /** @param {Warning} warning */
  warn({ visit, about, message }) {
    if (visit !== this.#visit) return;
    this.#over = about === null;
    if (about !== null) this.#show(about, message);
    else this.#leave();
  }

  /** @param {NonNullable<Warning["about"]>} about @param {string | null} message */
  #show(about, message) {
    clearTimeout(this.#timer);
    // The researcher's own HTML, as on every page; ours is plain text.
    if (message !== null) this.#element.innerHTML = message;
    else this.#element.textContent = text.warnings[about];
    // Whoever looks at another tab sees this one's title.
    if (document.hidden && this.#title === "") {
      this.#title = document.title;
      document.title = text.warnings.title;
    }
  }

  #seen() {
    if (this.#visit === null) return;
    this.#tell(this.#visit, !document.hidden);
    if (document.hidden) return;
    this.#restoreTitle();
    if (this.#over) this.#leave();
  }

  /** Goes away once it could be read. */
  #leave() {
    clearTimeout(this.#timer);
    if (!document.hidden) this.#timer = setTimeout(() => this.#hide(), STAYS_MS);
  }

  #hide() {
    clearTimeout(this.#timer);
    this.#over = false;
    this.#element.replaceChildren();
    this.#restoreTitle();
  }

  #restoreTitle() {
    if (this.#title !== "") document.title = this.#title;
    this.#title = "";
  }
}
