/**
 * The part of a game scene that is played with others, or on the service: from the press on "Ready" through the waiting
 * room to the game.
 */
import { SharedPlayer } from "../game/shared_player.js";
import { StreamedPlayer } from "../game/streamed_player.js";
import { text } from "../text.js";
import { show } from "./dom.js";
import { SharedView } from "./shared_view.js";
import { WaitingRoom } from "./waiting_room.js";

/** @typedef {import("../game/engine.js").Engine} Engine */
/** @typedef {import("../wire").GroupView} GroupView */
/** @typedef {import("../wire").GymView} GymView */
/** @typedef {import("../wire").ToBrowser} ToBrowser */
/** @typedef {import("../worker/messages").EpisodeTiming} EpisodeTiming */
/** @typedef {import("../worker/messages").FromCopy} FromCopy */
/** @typedef {import("../worker/messages").Problem} Problem */

export class Together {
  #root;
  #link;
  /** Null in a streamed game. @type {Engine | null} */
  #engine;
  #response;
  #visit;
  #view;
  #failed;
  #library;
  #asked = false;
  #left = false;
  /** @type {WaitingRoom | null} */
  #room = null;
  /** @type {SharedView | null} */
  #game = null;
  /** @type {SharedPlayer | StreamedPlayer | null} */
  #player = null;
  #title = document.title;
  #life = new AbortController();

  /**
   * @param {Omit<import("./scene.js").Context, "drawer" | "subject">} context its engine is null in a streamed game @param {number} visit
   * @param {GymView & {group: GroupView}} view @param {import("../render/library.js").Library} library
   * @param {(problem: Problem) => void} failed
   */
  constructor({ root, link, engine, response }, visit, view, library, failed) {
    this.#library = library;
    this.#root = root;
    this.#link = link;
    this.#engine = engine;
    this.#response = response;
    this.#visit = visit;
    this.#view = view;
    this.#failed = failed;
    document.addEventListener("visibilitychange", () => this.#visible(), { signal: this.#life.signal });
  }

  /** The participant is ready, and so is the environment. */
  start() {
    this.#asked = true;
    this.#room = new WaitingRoom(this.#root, this.#view.group, {
      leave: () => {
        this.#left = true;
        this.#link.post({ type: "leave", body: { visit: this.#visit } });
      },
      here: () => this.#present(null),
    }, this.#view.begun ? text.shared.joining : undefined);
    this.#ask();
  }

  /** @param {ToBrowser} message */
  receive(message) {
    if (!this.#asked) return;
    switch (message.type) {
      case "game_page":
        if (message.body.visit !== this.#visit) break;
        this.#view = { ...this.#view, in_game_header: message.body.header, in_game_body: message.body.body };
        this.#game?.page(message.body.header, message.body.body);
        break;
      case "waiting":
        if (message.body.visit === this.#visit) this.#room?.update(message.body);
        break;
      case "check":
        if (message.body.visit === this.#visit) this.#present(message.body.proposal);
        break;
      case "prepare":
        if (message.body.visit === this.#visit) this.#play().receive(message);
        break;
      case "catch_up":
        if (message.body.start.visit === this.#visit) this.#play().receive(message);
        break;
      default:
        this.#player?.receive(message);
    }
  }

  reconnected() {
    if (this.#asked && !this.#left) this.#ask();
  }

  /** @param {FromCopy} message */
  told(message) {
    if (this.#player instanceof SharedPlayer) this.#player.told(message);
  }

  /** @param {EpisodeTiming} timing */
  timed(timing) {
    if (this.#player instanceof SharedPlayer) this.#player.timed(timing);
  }

  /** @returns {boolean} false when sending again does not help */
  gap() {
    return this.#player?.gap() ?? true;
  }

  unavailable() {
    this.#player?.unavailable();
  }

  /** The environment has failed; what was made of rows still goes out. */
  stop() {
    this.#player?.stop();
    this.#leaveRoom();
    this.#game?.close();
    this.#game = null;
  }

  close() {
    this.#life.abort();
    this.#leaveRoom();
    this.#player?.close();
    this.#game?.close();
    document.title = this.#title;
  }

  #ask() {
    this.#link.send({ type: "ready", body: { visit: this.#visit, has: this.#player?.has ?? null } });
  }

  /** @param {bigint | null} proposal */
  #present(proposal) {
    const visible = proposal === null || !document.hidden;
    this.#link.send({ type: "present", body: { visit: this.#visit, proposal, visible } });
  }

  #visible() {
    if (document.hidden) return;
    document.title = this.#title;
    if (this.#asked && !this.#left && !this.#player) this.#present(null);
  }

  /** From the waiting room to the game. */
  #play() {
    if (this.#player) return this.#player;
    this.#leaveRoom();
    if (document.hidden) document.title = text.waitingRoom.attention;
    const engine = this.#engine;
    if (engine) {
      const game = new SharedView(this.#view, (event) => engine.input(event), this.#library);
      this.#game = game;
      this.#player = new SharedPlayer(engine, this.#view, game, this.#link, (problem) => this.#failed(problem));
    } else {
      const game = new SharedView(this.#view, (event) => player.input(event), this.#library);
      const told = { failed: (/** @type {Problem} */ problem) => this.#failed(problem), response: this.#response };
      const player = new StreamedPlayer(this.#view, game, this.#link, told);
      this.#game = game;
      this.#player = player;
    }
    show(this.#root, this.#game.element);
    return this.#player;
  }

  #leaveRoom() {
    this.#room?.close();
    this.#room = null;
    delete document.documentElement.dataset.waiting;
  }
}
