/**
 * One visit's game that runs on the service: pictures come, and what the keys mean goes back.
 *
 * What `shared_player.js` is for games with a copy here. There is nothing to load and nothing to keep: whatever the
 * service says, this page can follow at once.
 */
import { Acts } from "./acts.js";
import { PictureLine } from "./picture_line.js";
import { Response } from "./response.js";

/** @typedef {import("../wire").Dismissal} Dismissal */
/** @typedef {import("../wire").FromBrowser} FromBrowser */
/** @typedef {import("../wire").GroupView} GroupView */
/** @typedef {import("../wire").GymView} GymView */
/** @typedef {import("../wire").Picture} Picture */
/** @typedef {import("../wire").Prepare} Prepare */
/** @typedef {import("../wire").ToBrowser} ToBrowser */
/** @typedef {import("../worker/messages").InputEvent} InputEvent */
/** @typedef {import("../worker/messages").Problem} Problem */
/** @typedef {import("./player.js").Link} Link */

/**
 * @typedef {object} Drawing what the player asks of the page beside what a game with a copy does
 * @property {(picture: Picture, image: ImageBitmap | null, score: number | null) => Promise<void>} picture
 * @property {() => Promise<unknown>} drawn
 */

/** @typedef {Omit<import("./shared_player.js").SharedScreen, "draw"> & Drawing} StreamedScreen */

/**
 * @typedef {object} Browser what it needs of the browser
 * @property {(image: import("../wire").Image) => Promise<ImageBitmap>} decode
 * @property {() => Promise<number>} painted when the present frame is over, with the time of it
 */

/** How long the end of an episode stays before the next begins, in milliseconds. */
const BETWEEN_MS = 1800;

/** How often it is looked whether the connection is there, in milliseconds. */
const LOOK_MS = 500;

export class StreamedPlayer {
  #view;
  #screen;
  #link;
  #told;
  #line;
  #acts;
  /** The episode that runs. @type {Prepare | null} */
  #start = null;
  /** @type {"idle" | "preparing" | "prepared" | "counting" | "playing" | "paused" | "over" | "stopped"} */
  #state = "idle";
  /** The frame with which the clock starts, or started. */
  #frame = 0;
  #number = 0;
  #response = new Response();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #starting;
  /** Pictures of the next episode, while the end of the last is still shown. @type {Picture[]} */
  #held = [];
  /** Whether there is an end of the last to be shown. */
  #holds = false;
  #slow = false;
  #looker;
  #life = new AbortController();
  #counted = fresh();

  /**
   * @param {GymView & {group: GroupView}} view @param {StreamedScreen} screen @param {Link} link
   * @param {{failed: (problem: Problem) => void, response: (milliseconds: number | null) => void}} told
   * @param {Browser} [browser]
   */
  constructor(view, screen, link, told, browser = { decode, painted }) {
    this.#view = view;
    this.#screen = screen;
    this.#link = link;
    this.#told = told;
    this.#line = new PictureLine({
      ...browser,
      draw: (picture, image) => screen.picture(picture, image, picture.score),
      drawn: () => screen.drawn(),
      hidden: () => document.hidden,
    }, {
      seen: (picture, skipped) => this.#seen(picture, skipped),
      shown: (picture, time) => this.#shown(picture, time),
      failed: (error) => this.#trouble(error),
    });
    this.#acts = new Acts(view.input, view.fps, {
      tell: (deed, at) => this.#act(deed, at),
      now: () => performance.now(),
      later: (milliseconds, work) => {
        const timer = setTimeout(work, milliseconds);
        return () => clearTimeout(timer);
      },
    });
    this.#looker = setInterval(() => this.#look(), LOOK_MS);
    document.addEventListener("visibilitychange", () => this.#visible(), { signal: this.#life.signal });
  }

  /** Nothing of the game is here. */
  get has() {
    return null;
  }

  /** @param {ToBrowser} message */
  receive(message) {
    if (this.#state === "stopped") return;
    const { type } = message;
    if (type === "prepare") this.#prepareAgain(message.body);
    else if (type === "catch_up") this.#catchUp(message.body);
    else if (type === "over") this.#over(message.body.reason);
    else if (type === "away" || type === "back") this.#away(message);
    else if (this.#start) this.#inEpisode(this.#start, message);
  }

  /** @param {Prepare} start @param {ToBrowser} message */
  #inEpisode(start, message) {
    if (!("body" in message) || !("episode" in message.body) || message.body.episode !== start.episode) return;
    if (this.#state === "over") return;
    switch (message.type) {
      case "picture":
        this.#picture(message.body);
        break;
      case "echo":
        this.#response.echo(message.body.number, message.body.frame);
        break;
      case "begin":
        this.#begin(message.body);
        break;
      case "paused":
        this.#paused(start, message.body);
        break;
    }
  }

  // ------------------------------------------------------------------------------------------------ an episode

  /** The service repeats itself after a reconnection. @param {Prepare} start */
  #prepareAgain(start) {
    const same = this.#start?.game === start.game && this.#start.episode === start.episode;
    if (same && this.#state === "preparing") return; // it is told in a moment
    if (same && this.#state === "prepared") this.#say("prepared", start);
    else this.#prepare(start).catch((error) => this.#trouble(error));
  }

  /** @param {Prepare} start */
  async #prepare(start) {
    const before = this.#start;
    if (before) this.#ended();
    this.#make(start);
    this.#holds = before !== null;
    const until = performance.now() + start.milliseconds;
    this.#state = "preparing";
    if (before && before.episode !== start.episode && !document.hidden) {
      this.#screen.finished(before.episode, this.#counted.score);
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
      if (this.#start !== start || this.#state !== "preparing") return;
    }
    if (this.#view.ready_check && start.episode > 0) {
      if (!before) this.#screen.episode(start.episode, start.score_before);
      await this.#screen.ask(start.episode, until - performance.now());
      if (this.#start !== start || this.#state !== "preparing") return;
    }
    this.#release();
    this.#screen.episode(start.episode, start.score_before);
    this.#state = "prepared";
    this.#screen.ready();
    this.#say("prepared", start);
  }

  /** @param {Prepare} start */
  #make(start) {
    this.#acts.begin(); // first, so that letting go of the keys is not told: that episode is over
    this.#halt();
    this.#start = start;
    this.#frame = this.#number = 0;
    this.#held = [];
    this.#response = new Response();
    this.#line.clear();
    this.#counted = { ...fresh(), score: this.#counted.score };
    this.#screen.role(this.#view.group.agents[start.seat]);
    this.#show();
  }

  /** @param {import("../wire").Begin} begin */
  #begin({ frame, in_ms }) {
    this.#halt();
    this.#release();
    this.#state = "counting";
    this.#frame = frame;
    this.#screen.countdown(in_ms - (frame === 0 ? this.#view.freeze_seconds * 1000 : 0));
    this.#starting = setTimeout(() => this.#go(), in_ms);
  }

  /** The clock runs. */
  #go() {
    clearTimeout(this.#starting);
    this.#state = "playing";
    this.#counted.since = performance.now();
    this.#acts.active = true;
    this.#screen.playing(true);
    // Whatever the service heard before the clock stood still, this is what is held now.
    if (this.#number > 0) this.#acts.repeat();
  }

  /** The clock stands still. */
  #halt() {
    clearTimeout(this.#starting);
    const { since } = this.#counted;
    if (since !== null) this.#counted.played += performance.now() - since;
    this.#counted.since = null;
    this.#acts.active = false;
    this.#response.forget();
    this.#screen.playing(false);
  }

  /** @param {Prepare} start @param {import("../wire").Paused} paused */
  #paused(start, { waiting_for, left_ms }) {
    if (this.#state === "preparing") return;
    this.#halt();
    this.#state = "paused";
    const others = waiting_for.filter((seat) => seat !== start.seat);
    this.#screen.waiting(others.map((seat) => this.#view.group.agents[seat]), left_ms);
    if (waiting_for.includes(start.seat)) this.#say("caught_up", start);
  }

  /** @param {import("../wire").CatchUp} catchUp */
  #catchUp({ start, running }) {
    const kept = this.#start?.game === start.game && this.#start.episode === start.episode;
    if (kept) {
      this.#halt();
    } else {
      if (this.#start) this.#ended();
      this.#make(start);
      this.#screen.episode(start.episode, start.score_before);
    }
    this.#state = "paused";
    this.#release();
    this.#say("caught_up", start);
    if (running) this.#go();
    else this.#screen.catchingUp();
  }

  /** @param {Dismissal | null} reason */
  #over(reason) {
    if (this.#state === "over") return;
    this.#ended();
    this.#state = "over";
    this.#halt();
    if (reason === null && this.#start) this.#screen.finished(this.#start.episode, this.#counted.score);
    this.#screen.over(reason);
  }

  /** @param {Extract<ToBrowser, {type: "away" | "back"}>} message */
  #away(message) {
    const { seat } = message.body;
    if (!this.#start || seat === this.#start.seat) return;
    const left = message.type === "away" ? message.body.left_ms : 0;
    this.#screen.away(this.#view.group.agents[seat], message.type === "away", left);
  }

  /** The episode is over: how it was shown. Once for each; only where there was something to be seen. */
  #ended() {
    const { since, played, shown, skipped, reported } = this.#counted;
    if (!this.#start || reported) return;
    const time = played + (since === null ? 0 : performance.now() - since);
    if (shown === 0 || time <= 0) return;
    this.#counted.reported = true;
    const { game, episode } = this.#start;
    this.#link.send({
      type: "timing",
      body: {
        game, episode, fps: (shown * 1000) / time, step_p50: 0, step_p99: 0, late: skipped, first_frame: null,
        photon_p50: this.#response.quantile(0.5), photon_p99: this.#response.quantile(0.99),
      },
    });
  }

  // ------------------------------------------------------------------------------------------------ pictures and keys

  /** @param {Picture} picture */
  #picture(picture) {
    // A page's timers may be slow, but a picture of a later frame says that the clock runs.
    if (this.#state === "counting" && picture.frame > this.#frame) this.#go();
    if (this.#state === "preparing" && this.#holds) this.#held.push(picture);
    else this.#line.push(picture);
  }

  /** Pictures of this episode may be shown. */
  #release() {
    for (const picture of this.#held.splice(0)) this.#line.push(picture);
  }

  /** @param {Picture} picture @param {number} skipped */
  #seen({ episode, number }, skipped) {
    if (!this.#start || this.#start.episode !== episode) return;
    this.#counted.skipped += skipped;
    this.#link.send({ type: "seen", body: { game: this.#start.game, episode, number } });
  }

  /** @param {Picture} picture @param {number} time */
  #shown(picture, time) {
    this.#counted.score = picture.score;
    if (this.#state === "playing") this.#counted.shown += 1;
    this.#response.shown(picture.frame, time);
    this.#show();
    // The service's word on the end comes when the game is gone; this is the end that can be known before.
    if (picture.frame >= this.#view.max_steps) this.#ended();
  }

  /** Of the page: a key, or the pointer. @param {InputEvent} event */
  input(event) {
    this.#acts.input(event);
  }

  /** @param {import("../input/hands.js").Deed} deed @param {number | null} at */
  #act(deed, at) {
    if (!this.#start || this.#state === "over" || this.#state === "stopped") return;
    const { game, episode } = this.#start;
    const number = ++this.#number;
    const binding = typeof deed === "number" ? deed : null;
    const pointer = typeof deed === "object" ? deed : null;
    if (at !== null && this.#state === "playing" && !document.hidden) this.#response.acted(number, at);
    this.#link.send({ type: "acts", body: { game, episode, number, binding, pointer } });
  }

  #show() {
    const { shown, skipped } = this.#counted;
    const response = this.#response.lately;
    this.#told.response(response);
    Object.assign(stats(), { episode: this.#start?.episode ?? 0, shown, skipped, response });
  }

  // ------------------------------------------------------------------------------------------------ the page

  #visible() {
    if (!document.hidden) return;
    this.#response.forget();
    this.#line.hide();
  }

  #look() {
    const slow = this.#state === "playing" && !this.#link.connected();
    if (slow === this.#slow) return;
    this.#slow = slow;
    if (slow) this.#response.forget();
    this.#screen.slow(slow);
  }

  /** @param {"prepared" | "caught_up"} type @param {Prepare} start */
  #say(type, { game, episode }) {
    this.#link.send({ type, body: { game, episode } });
  }

  /** Nothing of this page is stored, so nothing can be missing. */
  gap() {
    return true;
  }

  unavailable() {}

  /** The game cannot go on here. */
  stop() {
    this.#halt();
    this.#state = "stopped";
  }

  close() {
    this.#life.abort();
    clearTimeout(this.#starting);
    clearInterval(this.#looker);
    this.#acts.begin();
    this.#line.clear();
    this.#told.response(null);
  }

  /** @param {unknown} error */
  #trouble(error) {
    if (this.#life.signal.aborted) return;
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    this.#told.failed({ stage: "render", message, traceback: stack ?? "" });
  }
}

/** @param {import("../wire").Image} image */
function decode({ mime, data }) {
  return createImageBitmap(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (data)], { type: mime }));
}

/** @returns {Promise<number>} */
function painted() {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    // A message that is sent while a frame is drawn comes when that frame is on its way to the screen.
    port1.onmessage = () => {
      port1.close();
      resolve(performance.now());
    };
    port2.postMessage(null);
  });
}

/** What is counted in an episode: time and pictures. */
function fresh() {
  return {
    since: /** @type {number | null} */ (null), played: 0, shown: 0, skipped: 0, reported: false,
    score: /** @type {number | null} */ (null),
  };
}

/** How the pictures come, for tests and for whoever looks at the browser's console. */
function stats() {
  const page = /** @type {any} */ (globalThis);
  page.greenroomStats ??= {};
  return page.greenroomStats;
}
