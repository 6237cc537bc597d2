/**
 * The page while the game runs: picture, score line, keys, and the words laid over the picture.
 *
 * Does what the player asks (see Screen in game/player.js) and decides nothing about the game.
 */
import { Devices } from "../input/devices.js";
import { legendElement } from "../input/legend.js";
import { Stage } from "../render/stage.js";
import { muteButton } from "./mute.js";
import { language, number, text } from "../text.js";
import { element, setPhase } from "./dom.js";
import { finished, label, place, title } from "./episode_names.js";
import { GamePage } from "./game_page.js";
import { askReady } from "./ready_check.js";
import { duration } from "./time.js";

/** @typedef {import("../game/player.js").PauseReason} PauseReason */
/** @typedef {import("../game/player.js").Screen} Screen */
/** @typedef {import("../render/library.js").Library} Library */
/** @typedef {import("../wire").GymView} GymView */
/** @typedef {Omit<import("../worker/messages").Output, "row" | "diverged">} Shown */

/** The beat of the countdown: quick, for participants are paid by the minute, but enough to find the keys. */
const BEAT_MS = 700;
const BEATS = 3;

const scores = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });

/** @implements {Screen} */
export class GameView {
  #view;
  #devices;
  #library;
  #mute;
  /** @type {Promise<Stage>} */
  #stage;
  #episode = 0;
  #game = element("div", { id: "game", tabIndex: 0 });
  #overlay = element("div", { id: "overlay", hidden: true });
  #score = element("b");
  /** Not shown while it is not known. */
  #scored = element("span", { hidden: true }, `${text.score} `, this.#score);
  #count = element("b");
  #label = element("span");
  /** The score of the episodes before, where it goes on from one to the next. */
  #before = 0;
  #page;
  #left = element("b");
  #words = element("span", { className: "hud-words" });
  #column = element("div", { className: "column" });

  /**
   * @param {GymView} view
   * @param {(event: import("../worker/messages").InputEvent) => void} input what is done with keys, pointer and the like
   * @param {Library} library the scene's pictures and sounds
   */
  constructor(view, input, library) {
    this.#view = view;
    this.#library = library;
    this.#mute = muteButton(library);
    const hud = element(
      "div",
      { id: "hud" },
      this.#scored,
      element("span", {}, this.#label, " ", this.#count),
      element("span", {}, `${text.timeLeft} `, this.#left),
      this.#words,
      this.#mute.element,
    );
    this.#overlay.setAttribute("role", "status");
    this.#game.setAttribute("role", "application");
    this.#game.setAttribute("aria-label", view.page.header || text.game);
    this.#devices = new Devices(this.#game, view, input);
    const { controls } = this.#devices;
    // Beside the picture or below it, as the window is wide or high.
    if (controls) this.#column.append(hud, field(this.#game, controls));
    else this.#column.append(hud, this.#game, legendElement(view.input));
    this.element = element("div", { className: "play" }, this.#column);
    this.#page = new GamePage(view.in_game_header, view.in_game_body);
    this.element.append(this.#page.element);
    // Made when the element is on the page: its size decides the size of the picture.
    this.#stage = Promise.resolve().then(() => Stage.create(this.#game, view, library)).then((stage) => {
      this.#game.append(this.#overlay);
      return stage;
    });
    this.#stage.catch(() => {}); // reported by whoever draws first
  }

  /** @param {number} episode @param {number | null} [before] the score so far, where it goes on from one to the next */
  episode(episode, before = null) {
    this.#episode = episode;
    this.#before = before ?? 0;
    document.documentElement.dataset.episode = String(episode);
    this.#label.textContent = label(this.#view, episode);
    this.#count.textContent = text.fraction(...place(this.#view, episode));
    this.#time(0);
    this.#game.focus({ preventScroll: true });
    setPhase("loading");
    this.say(title(this.#view, episode), text.moment);
  }

  /** @param {Shown} output */
  async draw(output) {
    const stage = await this.#stage;
    if (output.assets !== null) {
      await this.#load(output.assets, (loaded, total) => {
        this.say(title(this.#view, this.#episode), text.pictures(loaded, total));
      });
    }
    if (output.frame) stage.frame(output.frame, output.frame_width, output.frame_height);
    if (output.draw !== null) stage.apply(JSON.parse(output.draw));
    this.#hud(output, output.draw !== null || output.frame !== null);
  }

  /**
   * A picture of a streamed game.
   * @param {import("../wire").Picture} picture @param {ImageBitmap | null} image its image, or null to leave that out
   * @param {number | null} score
   */
  async picture({ assets, draw, hud, frame, image: sent }, image, score) {
    const stage = await this.#stage;
    if (assets !== null) await this.#load(assets, () => {});
    if (image) {
      stage.image(image);
      image.close();
    }
    if (draw !== null) stage.apply(JSON.parse(draw));
    this.#hud({ score, t: frame, hud }, draw !== null || sent !== null);
  }

  /** @param {string} assets as JSON @param {(loaded: number, total: number) => void} progress */
  async #load(assets, progress) {
    await this.#library.load(JSON.parse(assets), this.#view.files, progress);
    this.#mute.look();
  }

  async drawn() {
    return (await this.#stage).drawn();
  }

  /** @param {number} seconds of stillness after the countdown @param {AbortSignal} signal */
  async countdown(seconds, signal) {
    setPhase("countdown");
    const words = title(this.#view, this.#episode);
    for (let beat = BEATS; beat > 0 && !signal.aborted; beat -= 1) {
      this.say(words, number(beat), "count");
      await pause(BEAT_MS, signal);
    }
    if (signal.aborted) return;
    this.#overlay.hidden = true;
    await pause(seconds * 1000, signal);
  }

  /** @param {boolean} active */
  playing(active) {
    this.#devices.active = active;
    if (!active) return;
    this.#overlay.hidden = true;
    setPhase("playing");
  }

  /** @param {PauseReason} reason */
  paused(reason) {
    setPhase("paused");
    this.say(text.paused[reason], text.pausedHint[reason]);
  }

  /** @param {number} episode @param {number | null} score null where it is not known */
  finished(episode, score) {
    setPhase("finished");
    const [words, hint] = finished(this.#view, episode);
    const line = score === null ? "" : text.finalScore(scores.format(score + this.#before));
    this.say(words, line, "", this.#view.ready_check && episode + 1 < this.#view.episodes ? "" : hint);
  }

  /** Before an episode that begins when a button is pressed. @param {number} episode @param {number | null} left_ms */
  ask(episode, left_ms) {
    setPhase("asking");
    this.#devices.active = false; // a press on the button is none on the picture
    return askReady(this.#overlay, title(this.#view, episode), left_ms).then(() => setPhase("loading"));
  }

  /** What stands beside the game of this player. @param {string} header @param {string} body */
  page(header, body) {
    this.#page.write(header, body);
  }

  close() {
    this.#devices.close();
    this.#mute.close();
    this.#stage.then((stage) => stage.destroy(), () => {});
  }

  /**
   * @param {{score: number | null, t: number, hud: string | null}} output
   * @param {boolean} drew a call that drew nothing has not asked the environment for its words either
   */
  #hud({ score, t, hud }, drew) {
    this.#scored.hidden = score === null;
    if (score !== null) set(this.#score, scores.format(score + this.#before));
    this.#time(t);
    if (hud !== null || drew) set(this.#words, hud ?? "");
  }

  /** What is left of the episode. @param {number} t steps that were made */
  #time(t) {
    set(this.#left, duration((1000 * (this.#view.max_steps - t)) / this.#view.fps));
  }

  /** Adds to the line above the game, and below its keys. @param {HTMLElement} word @param {HTMLElement} below */
  add(word, below) {
    this.#words.before(word);
    this.#column.append(below);
  }

  /** Takes the words from the picture. */
  hush() {
    this.#overlay.hidden = true;
  }

  /**
   * Lays words over the picture.
   * @param {string} title @param {string} line @param {string} [className] @param {string} [hint]
   */
  say(title, line, className = "", hint = "") {
    this.#overlay.replaceChildren(
      element("h2", { textContent: title }),
      element("p", { className, textContent: line }),
      element("p", { className: "hint", textContent: hint }),
    );
    this.#overlay.hidden = false;
  }
}

/**
 * The picture with buttons for fingers.
 * @param {HTMLElement} game @param {import("../input/on_screen.js").OnScreenControls} controls
 */
function field(game, { pad, buttons }) {
  const made = element("div", { className: "field" });
  if (pad) made.append(pad);
  made.append(game, buttons);
  return made;
}

/**
 * Writes only what differs: many times a second, the layout is worth sparing.
 * @param {Node} node @param {string} words
 */
function set(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

/** @param {number} milliseconds @param {AbortSignal} signal @returns {Promise<void>} ends early on abort */
function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
