/**
 * The page while a game with others runs: the game's own page, with words on who is waited for and who is away.
 *
 * Does what the player asks (see SharedScreen in game/shared_player.js, StreamedScreen in game/streamed_player.js), also
 * where one person plays alone on the service: then the words are of nobody else. Counts time with the page's timers, which is
 * good enough for words: no frame depends on them.
 */
import { number, text } from "../text.js";
import { element, setPhase } from "./dom.js";
import { GameView } from "./game_view.js";
import { beats, duration } from "./time.js";

/** @typedef {import("../game/shared_player.js").SharedScreen} SharedScreen */
/** @typedef {import("../wire").Picture} Picture */
/** @typedef {import("../wire").Dismissal} Dismissal */
/** @typedef {import("../worker/messages").CopyOutput} CopyOutput */

/** @typedef {[title: string, line: string, className?: string]} Words */

/** How often words that count time are written anew, in milliseconds. */
const TELL_MS = 250;

/** @implements {SharedScreen} */
export class SharedView {
  #game;
  #alone;
  #role = element("span", { className: "role" });
  #notes = element("div", { id: "notes" });
  /** Notes beside the game, by what they are about. @type {Map<string, () => string>} */
  #told = new Map();
  /** @type {Promise<void>} */
  #drawing = Promise.resolve();
  #ticker;
  /** What is laid over the picture, as long as that changes with time; null takes it away. @type {(() => Words | null) | null} */
  #overlay = null;
  #shown = "";
  #begun = false;

  /**
   * @param {import("../wire").GymView & {group: import("../wire").GroupView}} view
   * @param {(event: import("../worker/messages").InputEvent) => void} input
   * @param {import("../render/library.js").Library} library the scene's pictures and sounds
   */
  constructor(view, input, library) {
    this.#game = new GameView(view, input, library);
    this.#alone = view.group.people === 1;
    this.#notes.setAttribute("role", "status");
    this.#game.add(this.#role, this.#notes);
    this.#ticker = setInterval(() => this.#tell(), TELL_MS);
  }

  get element() {
    return this.#game.element;
  }

  /** @param {string} agent */
  role(agent) {
    this.#role.textContent = this.#alone ? "" : text.shared.role(agent);
  }

  /** @param {number} episode @param {number | null} before */
  episode(episode, before) {
    this.#overlay = null;
    this.#begun = false;
    this.#game.episode(episode, before);
  }

  /** @param {number} episode @param {number} left_ms */
  ask(episode, left_ms) {
    this.#overlay = null;
    return this.#game.ask(episode, left_ms);
  }

  /** @param {string} header @param {string} body */
  page(header, body) {
    this.#game.page(header, body);
  }

  /** One after the other: the first may have to wait for pictures. @param {CopyOutput} output */
  draw(output) {
    this.#drawing = this.#drawing.catch(() => {}).then(() => this.#game.draw(output));
    return this.#drawing;
  }

  /**
   * A picture of a streamed game.
   * @param {Picture} picture @param {ImageBitmap | null} image @param {number | null} score
   */
  picture(picture, image, score) {
    return this.#game.picture(picture, image, score);
  }

  /** When all that was given is drawn. */
  drawn() {
    return this.#game.drawn();
  }

  ready() {
    this.#say(() => [text.shared.start, this.#alone ? text.moment : text.shared.preparing]);
  }

  /** @param {number} milliseconds */
  countdown(milliseconds) {
    const { count, length } = beats(milliseconds);
    const title = this.#begun ? text.shared.resume : text.shared.start;
    const end = performance.now() + milliseconds;
    setPhase("countdown");
    this.#say(() => {
      const left = end - performance.now();
      return count === 0 || left <= 0 ? null : [title, number(Math.min(count, Math.ceil(left / length))), "count"];
    });
  }

  /** @param {boolean} active */
  playing(active) {
    if (active) {
      this.#overlay = null;
      this.#begun = true;
    }
    this.#game.playing(active);
  }

  /** @param {string[]} agents @param {number} left_ms */
  waiting(agents, left_ms) {
    const end = performance.now() + left_ms;
    const title = agents.length > 1 ? text.shared.waitingFor(agents) : text.shared.waiting;
    setPhase("paused");
    if (agents.length === 0) this.#say(() => [text.moment, text.shared.goesOn]);
    else this.#say(() => [title, text.shared.waitingHint(duration(end - performance.now()))]);
  }

  catchingUp() {
    setPhase("loading");
    this.#say(() => [text.shared.catchingUp, this.#alone ? text.moment : text.shared.catchingUpHint]);
  }

  /** @param {string} agent @param {boolean} away @param {number} left_ms */
  away(agent, away, left_ms) {
    const end = performance.now() + left_ms;
    if (away) this.#told.set(`away ${agent}`, () => text.shared.away(agent, duration(end - performance.now())));
    else this.#told.delete(`away ${agent}`);
    this.#tell();
  }

  /** @param {boolean} slow */
  slow(slow) {
    if (slow) this.#told.set("slow", () => text.shared.slow);
    else this.#told.delete("slow");
    document.documentElement.toggleAttribute("data-slow", slow);
    this.#tell();
  }

  /** @param {number} episode @param {number | null} score */
  finished(episode, score) {
    this.#overlay = null;
    this.#game.finished(episode, score);
  }

  /** @param {Dismissal | null} reason */
  over(reason) {
    this.#told.clear();
    this.#tell();
    this.#overlay = null;
    if (reason === null) return; // the score of the last episode says it
    setPhase("finished");
    this.#game.say(text.over[reason], text.overHint);
  }

  close() {
    clearInterval(this.#ticker);
    document.documentElement.removeAttribute("data-slow");
    this.#game.close();
  }

  /** @param {() => Words | null} words */
  #say(words) {
    this.#overlay = words;
    this.#shown = "";
    this.#tell();
  }

  #tell() {
    this.#lay();
    const words = [...this.#told.values()].map((word) => word());
    if (words.join("\n") === [...this.#notes.children].map((line) => line.textContent).join("\n")) return;
    this.#notes.replaceChildren(...words.map((textContent) => element("p", { textContent })));
  }

  /** Writes only what differs: it is read out to whoever cannot see it. */
  #lay() {
    if (!this.#overlay) return;
    const said = this.#overlay();
    if (JSON.stringify(said) === this.#shown) return;
    this.#shown = JSON.stringify(said);
    if (said) this.#game.say(...said);
    else this.#game.hush();
  }
}
