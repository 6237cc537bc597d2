/**
 * One game's film on the page: what is known of it, where one is in it, and everything that shows that.
 *
 * The only module that knows transport, loader, screens, time line and buttons together; none of them knows another.
 */
import { element } from "../scenes/dom.js";
import { pause, Refusal } from "../operator/ask.js";
import { since } from "../operator/games.js";
import { ending, text } from "../operator/text.js";
import { troublePage } from "../operator/trouble.js";
import { Controls } from "./controls.js";
import { Inputs } from "./inputs.js";
import { commandOf } from "./keys.js";
import { Loader } from "./loader.js";
import { Reel } from "./reel.js";
import { Screens } from "./screens.js";
import { Timeline } from "./timeline.js";
import { BEHIND, Transport } from "./transport.js";
import { frameOf, verdictOf } from "./verdict.js";

/** @typedef {import("../wire").FilmEpisode} FilmEpisode */
/** @typedef {import("../wire").FilmView} FilmView */
/** @typedef {import("./keys.js").Command} Command */

/** How often the film is looked at for news, in milliseconds. */
const NEWS_MS = 1000;

/** Missing frames are told of when they take longer than this, in milliseconds. */
const PATIENCE_MS = 700;

/** Seconds of play that should be at hand. */
const AHEAD_SECONDS = 4;

export class Player {
  #root;
  #source;
  #film;
  #back;
  #life = new AbortController();
  #reel = new Reel();
  #inputs = new Inputs();
  #transport;
  #screens;
  #controls;
  #timeline;
  #loader;
  #title = element("h1", { tabIndex: -1 });
  #about = element("p", { className: "about" });
  #verdict = element("p", { className: "verdict" });
  #status = element("p", { className: "film-status" });
  #events = element("details", { className: "events" });
  #time = performance.now();
  /** Since when frames are missing. */
  #missing = Infinity;
  #looked = 0;
  /** What is wrong at the moment, and what will not be right again. */
  #trouble = "";
  #broken = "";
  /** Where a film ends before its record does, by episode. @type {Map<number, number>} */
  #ends = new Map();
  #told = { at: 0, place: "" };

  /** @param {HTMLElement} root @param {import("./fetch.js").Source} source @param {FilmView} film @param {string} back */
  constructor(root, source, film, back) {
    this.#root = root;
    this.#source = source;
    this.#film = film;
    this.#back = back;
    this.#transport = new Transport(film.fps);
    const failed = (/** @type {unknown} */ error) => this.#failed(error);
    this.#screens = new Screens(film, this.#reel, source.files, (place) => this.#shown(place), failed);
    this.#timeline = new Timeline(film.seats, this.#inputs, film.fps, (frame) => this.#seek(frame));
    this.#controls = new Controls(film, (command) => this.#do(command), {
      episode: (episode) => this.#open(episode, 0),
      speed: (speed) => this.#transport.setSpeed(speed),
      view: (view) => this.#choose(view),
    });
    this.#status.setAttribute("role", "status");
    root.replaceChildren(this.#page());
    this.#takeFilm(film);
    this.#begin();
    this.#loader = new Loader(
      source, this.#reel, this.#inputs, () => this.#need(), (...told) => this.#arrived(...told), this.#life.signal,
    );
    document.addEventListener("keydown", (event) => this.#key(event), { signal: this.#life.signal });
    this.#news();
    this.#loop();
  }

  // ------------------------------------------------------------------------------------------------ what is known

  /** @returns {FilmEpisode} */
  get #episode() {
    const none = { episode: this.#transport.episode, seed: 0, frames: 0, complete: false, marks: [] };
    return this.#film.episodes.find(({ episode }) => episode === this.#transport.episode) ?? none;
  }

  /** The episode's last frame, as far as it is known. */
  get #last() {
    const newest = this.#reel.newest(this.#transport.episode);
    return Math.max(Math.min(this.#episode.frames, this.#ends.get(this.#transport.episode) ?? Infinity), newest, 0);
  }

  /** Whether the episode will have no more frames. */
  get #over() {
    const { episodes, verdict } = this.#film;
    const newest = episodes[episodes.length - 1]?.episode ?? 0;
    return this.#episode.complete || this.#transport.episode < newest || verdict.done;
  }

  /** @returns {import("./loader.js").Need} */
  #need() {
    const { place, live, speed } = this.#transport;
    const horizon = Math.ceil(AHEAD_SECONDS * this.#film.fps * Math.max(1, speed));
    return { place, views: this.#screens.views, last: this.#last, open: !this.#over, live, horizon, done: this.#film.verdict.done };
  }

  async #news() {
    const { signal } = this.#life;
    while (!signal.aborted) {
      if (this.#film.verdict.done) return;
      await pause(NEWS_MS, signal);
      try {
        this.#takeFilm(await this.#source.view(signal));
      } catch (error) {
        if (signal.aborted) return;
        this.#failed(error);
        if (error instanceof Refusal && !error.passing) return;
      }
    }
  }

  /** @param {FilmView} film */
  #takeFilm(film) {
    this.#film = film;
    const { scene, experiment, mode, begun_at, ended } = film;
    document.title = `${scene} · ${experiment}`;
    this.#title.textContent = scene;
    const tone = ended === null ? "on" : ended === "complete" ? "good" : "bad";
    const badge = element("span", { className: `badge ${tone}` }, ending(ended));
    const runs = `${text.columns.mode.toLowerCase()} ${text.modes[mode] ?? mode}`;
    const about = [experiment, runs, since(begun_at, Date.now()), `${text.film.game.toLowerCase()} ${film.game}`];
    const key = JSON.stringify([about, ended]);
    if (this.#about.dataset.key !== key) {
      this.#about.dataset.key = key;
      this.#about.replaceChildren(badge, ...about.map((words) => element("span", {}, words)));
    }
    this.#controls.film(film);
    this.#showVerdict();
    this.#showLanes();
    this.#loader?.look();
  }

  /** @param {unknown | null} error @param {import("./reel.js").Range | null} missing */
  #arrived(error, missing) {
    if (error) {
      this.#failed(error);
      return;
    }
    // What the players did last may be more than can be played again.
    if (missing && missing.from === this.#reel.newest(missing.episode) + 1) this.#ends.set(missing.episode, missing.from - 1);
    this.#trouble = "";
    this.#showLanes();
  }

  // ------------------------------------------------------------------------------------------------ where one is

  /** Where the address says, or at what is being played, or at the start. */
  #begin() {
    const asked = new URLSearchParams(location.hash.slice(1));
    const episodes = this.#film.episodes.map(({ episode }) => episode);
    const frame = Number(asked.get("frame") ?? NaN);
    const episode = Number(asked.get("episode") ?? 1) - 1;
    if (Number.isInteger(frame) && episodes.includes(episode)) {
      this.#transport.open(episode);
      this.#transport.seek(frame, this.#last);
    } else if (this.#film.ended === null) {
      this.#follow();
    } else {
      this.#transport.open(episodes[0] ?? 0);
      this.#transport.playing = episodes.length > 0;
    }
    this.#showLanes();
  }

  #follow() {
    const { episodes, fps } = this.#film;
    this.#transport.open(episodes[episodes.length - 1]?.episode ?? 0);
    this.#transport.open(this.#transport.episode, Math.max(0, Math.floor(this.#last - BEHIND * fps)));
    this.#transport.follow();
    this.#moved();
  }

  /** @param {number} frame */
  #seek(frame) {
    this.#transport.seek(frame, this.#last);
    this.#moved();
  }

  /** @param {number} episode @param {number} frame */
  #open(episode, frame) {
    this.#transport.live = false;
    this.#transport.open(episode, frame);
    this.#moved();
  }

  /** @param {number} view */
  #choose(view) {
    this.#screens.choose(view);
    this.#moved();
  }

  #moved() {
    this.#showLanes();
    this.#loader?.look();
  }

  /** @param {Command} command */
  #do(command) {
    const transport = this.#transport;
    const last = this.#last;
    switch (command.do) {
      case "toggle":
        if (transport.playing) transport.pause();
        else transport.play({ reach: 0, last, over: this.#over });
        break;
      case "step":
        transport.step(command.frames, last);
        break;
      case "second":
        transport.seek(transport.frame + command.direction * this.#film.fps, last);
        break;
      case "start":
        transport.seek(0, last);
        break;
      case "end":
        transport.step(last, last);
        break;
      case "speed":
        transport.change(command.direction);
        break;
      case "live":
        if (this.#film.ended === null) this.#follow();
        break;
      case "view": {
        const { length } = this.#film.views;
        if (length > 1) this.#screens.choose(this.#screens.choice + 1 >= length ? -1 : this.#screens.choice + 1);
        break;
      }
    }
    this.#moved();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    const kind = target instanceof HTMLInputElement ? target.type : target.getAttribute("role") ?? target.tagName.toLowerCase();
    const command = commandOf(event, kind === "search" || kind === "text" ? "input" : kind);
    if (!command) return;
    event.preventDefault();
    this.#do(command);
  }

  // ------------------------------------------------------------------------------------------------ time passes

  #loop() {
    if (this.#life.signal.aborted) return;
    const now = performance.now();
    const passed = now - this.#time;
    this.#time = now;
    const transport = this.#transport;
    const { fps } = this.#film;
    const known = { reach: this.#reel.reach(transport.place, fps * 16), last: this.#last, over: this.#over };
    const what = transport.tick(passed, known);
    if (what === "ended") this.#ended();
    const lacking = this.#reel.get(transport.place) === undefined && this.#film.episodes.length > 0;
    const waits = lacking || (what === "waits" && !transport.live && !this.#over);
    if (!waits) this.#missing = Infinity;
    else if (this.#missing === Infinity) this.#missing = now;
    if (now - this.#looked > 250 && transport.playing) {
      this.#looked = now;
      this.#loader?.look();
    }
    this.#screens.show(transport.place, transport.playing ? transport.speed : 0);
    if (this.#film.views.length === 0 && !lacking) this.#shown(transport.place);
    this.#show(now);
    requestAnimationFrame(() => this.#loop());
  }

  /** At an episode's end: on to the next one, if there is one. */
  #ended() {
    const transport = this.#transport;
    const next = this.#film.episodes.find(({ episode }) => episode > transport.episode);
    if (next) {
      transport.open(next.episode);
      this.#moved();
    } else if (this.#film.ended !== null) {
      transport.pause();
    }
  }

  // ------------------------------------------------------------------------------------------------ what is shown

  /** @param {number} now */
  #show(now) {
    const { playing, live, speed, episode, frame } = this.#transport;
    this.#controls.show({ playing, live, speed, episode, frame, last: this.#last, view: this.#screens.choice });
    const place = `${episode}/${frame}`;
    const tell = place !== this.#told.place && (!playing || now - this.#told.at > 1000);
    this.#timeline.at(frame, tell);
    if (tell) {
      this.#told = { at: now, place };
      if (!playing) remember(live ? "live" : `episode=${episode + 1}&frame=${frame}`);
    }
    const { dataset } = document.documentElement;
    Object.assign(dataset, { playing: `${playing}`, live: `${live}` });
    const words = this.#broken || this.#trouble
      || (this.#film.episodes.length === 0 && this.#film.ended !== null ? text.film.nothing : "")
      || (now - this.#missing > PATIENCE_MS ? text.film.loading : "");
    if (this.#status.textContent !== words) this.#status.textContent = words;
  }

  /** The picture shows a frame: what the players did and have then. @param {import("./reel.js").Place} place */
  #shown(place) {
    const frame = this.#reel.get(place);
    this.#timeline.now(frame?.actions ?? [], frame?.rewards ?? []);
    Object.assign(document.documentElement.dataset, { episode: `${place.episode}`, frame: `${place.frame}` });
  }

  #showLanes() {
    const { episode, marks } = this.#episode;
    const { difference } = this.#film.verdict;
    const differs = difference?.episode === episode ? frameOf(difference) : null;
    this.#timeline.show({ episode, last: this.#last, marks, difference: differs });
    this.#showEvents(marks);
  }

  /** @param {import("../wire").FilmMark[]} marks */
  #showEvents(marks) {
    const key = JSON.stringify([this.#transport.episode, marks.length]);
    if (this.#events.dataset.key === key) return;
    this.#events.dataset.key = key;
    const list = marks.map(({ frame, seat, text: what }) => {
      const whose = seat === null ? "" : (this.#film.seats[seat]?.agent ?? "");
      const go = element("button", { type: "button" }, text.film.event(frame, whose, what));
      go.addEventListener("click", () => this.#seek(frame));
      return element("li", {}, go);
    });
    const body = list.length > 0 ? element("ul", {}, ...list) : element("p", {}, text.film.noEvents);
    this.#events.replaceChildren(element("summary", {}, text.film.events(marks.length)), body);
  }

  #showVerdict() {
    const { tone, words } = verdictOf(this.#film);
    if (this.#verdict.dataset.words === words) return;
    Object.assign(this.#verdict.dataset, { words, tone });
    this.#verdict.replaceChildren(element("span", {}, words));
    const { difference } = this.#film.verdict;
    if (!difference) return;
    const go = element("button", { type: "button", id: "difference" }, text.film.verdict.go);
    go.addEventListener("click", () => {
      this.#transport.pause();
      this.#open(difference.episode, 0);
      this.#seek(frameOf(difference));
    });
    this.#verdict.append(go);
  }

  /** @param {unknown} error */
  #failed(error) {
    console.warn(error);
    if (!(error instanceof Refusal)) {
      this.#broken ||= error instanceof Error ? error.message : String(error);
    } else if (error.passing) {
      this.#trouble = (error.status !== 0 && error.message) || text.film.lost;
    } else if (error.status === 502 && this.#screens.at !== null) {
      // What there is of the film can still be looked at.
      this.#broken ||= `${text.trouble[502].body} ${error.message}`;
    } else {
      this.#life.abort();
      this.#root.replaceChildren(troublePage(error, this.#back));
    }
  }

  #page() {
    const back = element("a", { href: this.#back, className: "back" }, `← ${text.film.games}`);
    const head = element("header", {}, back, this.#title, this.#about, this.#verdict);
    const keys = element("dl", {}, ...text.film.keyHelp.flatMap(([names, what]) => [
      element("dt", {}, .../** @type {string[]} */ (names).map((name) => element("kbd", {}, name))),
      element("dd", {}, /** @type {string} */ (what)),
    ]));
    const help = element("details", { className: "keys" }, element("summary", {}, text.film.keys), keys);
    const page = element(
      "div", { className: "film" }, head, this.#screens.element, this.#status, this.#controls.element, this.#timeline.element,
      element("div", { className: "below" }, this.#events, help),
    );
    // After a click the keys belong to the player, not to the button that was clicked.
    this.#controls.element.addEventListener("click", ({ detail, target }) => {
      if (detail > 0 && target instanceof Element && target.closest("button")) this.#timeline.slider.focus({ preventScroll: true });
    });
    return page;
  }
}

/** Writes the place into the page's address, so that it can be handed on. @param {string} hash */
function remember(hash) {
  history.replaceState(null, "", `${location.pathname}${location.search}#${hash}`);
}
