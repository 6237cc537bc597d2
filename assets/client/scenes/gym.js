/**
 * A game scene: its page with the start button, then the game, and the way onward when something fails.
 */
import { Abandoned, EngineFailure } from "../game/engine.js";
import { Player } from "../game/player.js";
import { legendElement } from "../input/legend.js";
import { wantsControls } from "../input/on_screen.js";
import { Library } from "../render/library.js";
import { text } from "../text.js";
import { article, element, setPhase, show } from "./dom.js";
import { backgroundSpec } from "../render/stage.js";
import { GameView } from "./game_view.js";
import { loadingBar } from "./loading_bar.js";
import { RETRY_MS } from "./scene.js";
import { Together } from "./together.js";
import { reloadAction, showTrouble } from "./trouble.js";

/** @typedef {import("../game/engine.js").Engine} Engine */
/** @typedef {import("../wire").GymView} GymView */
/** @typedef {import("../worker/messages").Problem} Problem */
/** @typedef {import("./scene.js").Context} Context */
/** @typedef {import("./scene.js").Scene} Scene */

/** @implements {Scene} */
export class GymScene {
  #root;
  #link;
  /** Null where the game runs on the service and is only shown here. @type {Engine | null} */
  #engine;
  #view;
  #button;
  #bar;
  /** @type {Player | null} */
  #player = null;
  /** @type {GameView | null} */
  #game = null;
  /** Set in a scene for several players. @type {Together | null} */
  #together = null;
  #asked = false;
  /** The scene's pictures and sounds, which outlive its pages. */
  #library = new Library();
  /** How far they are loaded. */
  #loading = element("p", { className: "loading-words", role: "status" });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;
  /** @type {import("../wire").Failed | null} set when the participant goes on without the game */
  #givenUp = null;

  /** @param {Context} context @param {number} visit @param {GymView} view */
  constructor({ root, link, engine: loaded, response }, visit, view) {
    const engine = view.environment === null ? null : loaded;
    if (view.environment && !engine) throw new Error("a game scene, but the service named no engine");
    if (!view.environment && !view.group) throw new Error("a streamed scene without a group");
    this.visit = visit;
    this.#root = root;
    this.#link = link;
    this.#engine = engine;
    this.#view = view;
    const { group } = view;
    if (group) {
      const context = { root, link, engine, response };
      this.#together = new Together(context, visit, { ...view, group }, this.#library, (problem) => this.#fail(problem));
    }
    const label = view.begun ? text.resume : group && group.people > 1 ? text.readyTogether : text.start;
    this.#button = element("button", { id: "start", className: "primary", type: "button", disabled: true }, label);
    this.#button.addEventListener("click", () => this.#start());
    this.#bar = engine && loadingBar(engine, false);
    this.#intro();
    this.#open();
  }

  /** @param {import("../wire").ToBrowser} message */
  receive(message) {
    switch (message.type) {
      case "game_page":
        if (message.body.visit === this.visit) this.#game?.page(message.body.header, message.body.body);
        this.#together?.receive(message);
        break;
      case "play":
        if (message.body.visit === this.visit) this.#player?.play(message.body);
        break;
      case "acknowledged":
        this.#player?.acknowledged(message.body);
        this.#together?.receive(message);
        break;
      case "refused":
        this.#refused(message.body);
        break;
      default:
        this.#together?.receive(message);
    }
  }

  reconnected() {
    if (this.#givenUp) {
      this.#link.post({ type: "failed", body: this.#givenUp });
      return;
    }
    this.#together?.reconnected();
    if (this.#player?.begun) this.#player.reconnected();
    // Between two episodes the answer may have been lost with the connection: then it is asked for.
    if (this.#asked && (!this.#player?.begun || this.#player.waiting)) this.#ask();
  }

  leave() {
    clearTimeout(this.#again);
    this.#bar?.close();
    this.#player?.close();
    this.#game?.close();
    this.#together?.close();
    this.#engine?.release();
    delete document.documentElement.dataset.episode;
  }

  /** The page before the game. */
  #intro() {
    const made = article(this.#view.page);
    const { input } = this.#view;
    made.append(wantsControls(input) ? element("p", { className: "legend", textContent: text.touch }) : legendElement(input));
    if (this.#bar) made.append(this.#bar.element);
    made.append(this.#loading);
    made.append(element("div", { className: "actions" }, this.#button));
    setPhase("loading");
    show(this.#root, made);
  }

  /** @param {import("../wire").Refused} refused */
  #refused({ code, message }) {
    const player = this.#player ?? this.#together;
    if (code === "gap" && player && !player.gap()) {
      this.#fail({ stage: "step", message: `gap: ${message}`, traceback: "" });
    }
    if (code === "malformed" && player) {
      this.#fail({ stage: "step", message, traceback: "" });
      return;
    }
    if (code === "unavailable" || code === "too_many") {
      player?.unavailable();
      clearTimeout(this.#again);
      this.#again = setTimeout(() => this.reconnected(), RETRY_MS);
    }
  }

  /** Loads the engine, if it is not there yet, and makes the environment. A game on the service needs neither. */
  async #open() {
    const { environment, input, fps, group } = this.#view;
    try {
      const first = this.#load(this.#firstAssets());
      first.catch(() => {}); // awaited below
      const assets = environment && await this.#engine?.open(environment, input, fps, {
        stepped: (output, at) => this.#player?.stepped(output, at),
        finished: (timing) => (this.#player ?? this.#together)?.timed(timing),
        failed: (problem) => this.#fail(problem),
        warned: (problem) => this.#warn(problem),
        told: (message) => this.#together?.told(message),
      }, group);
      await first;
      if (assets) await this.#load(JSON.parse(assets));
      this.#loading.textContent = "";
      this.#bar?.say(text.ready);
      this.#button.disabled = false;
      setPhase("ready");
      // The others are playing, or wait for this player.
      if (group && this.#view.begun) this.#start();
    } catch (error) {
      if (error instanceof EngineFailure) this.#fail(error.problem);
      else if (!(error instanceof Abandoned)) throw error;
    }
  }

  /** @returns {import("../render/packet").AssetSpec[]} */
  #firstAssets() {
    const { preload, background_image } = this.#view;
    return background_image === null ? preload : [...preload, backgroundSpec(background_image)];
  }

  /** @param {import("../render/packet").AssetSpec[]} specs */
  async #load(specs) {
    try {
      await this.#library.load(specs, this.#view.files, (loaded, total) => {
        this.#loading.textContent = text.pictures(loaded, total);
      });
    } catch (error) {
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      throw new EngineFailure({ stage: "load", message, traceback: stack ?? "" });
    }
  }

  #start() {
    this.#button.disabled = true;
    this.#bar?.close();
    if (this.#together) {
      this.#together.start();
      return;
    }
    const engine = this.#engine;
    if (!engine) return;
    const game = new GameView(this.#view, (event) => engine.input(event), this.#library);
    this.#game = game;
    this.#player = new Player(engine, this.#view, game, this.#link, (problem) => this.#fail(problem));
    show(this.#root, game.element);
    game.episode(0);
    this.#ask();
  }

  #ask() {
    this.#asked = true;
    this.#link.send({ type: "ready", body: { visit: this.visit, has: null } });
  }

  /** Tells the service, and gives the participant the choice of going on. @param {Problem} problem */
  #fail(problem) {
    if (this.#givenUp) return;
    console.error(`${problem.stage}: ${problem.message}\n${problem.traceback}`);
    const failed = { visit: this.visit, ...problem, give_up: false };
    this.#link.post({ type: "failed", body: failed });
    // It keeps its buffer, and sends it, until the scene is left.
    this.#player?.stop();
    this.#together?.stop();
    this.#game?.close();
    this.#game = null;
    const goOn = {
      id: "give-up",
      label: text.goOn,
      act: () => {
        this.#givenUp = { ...failed, give_up: true };
        this.#link.post({ type: "failed", body: this.#givenUp });
      },
    };
    const tryAgain = { id: "retry", label: text.tryAgain, act: () => this.#retry() };
    const details = `${problem.stage}: ${problem.message}\n${problem.traceback}`;
    if (problem.stage === "load") showTrouble(this.#root, "load", [tryAgain, goOn], details);
    else if (this.#engine?.broken) showTrouble(this.#root, "game", [{ ...reloadAction, id: "retry" }, goOn], details);
    else showTrouble(this.#root, "game", [goOn], details);
  }

  /** The researcher is told; the game goes on. @param {Problem} problem */
  #warn(problem) {
    console.warn(`${problem.message}\n${problem.traceback}`);
    this.#link.post({ type: "failed", body: { visit: this.visit, ...problem, give_up: false } });
  }

  #retry() {
    this.#intro();
    this.#open();
  }
}
