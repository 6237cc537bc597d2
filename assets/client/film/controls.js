/**
 * The player's buttons and choices: shows what is so, says what is wanted, decides nothing.
 */
import { element } from "../scenes/dom.js";
import { text } from "../operator/text.js";
import { icon } from "./icons.js";
import { clock, SPEEDS } from "./transport.js";

/** @typedef {import("../wire").FilmView} FilmView */
/** @typedef {import("./keys.js").Command} Command */

/**
 * @typedef {object} State
 * @property {boolean} playing
 * @property {boolean} live
 * @property {number} speed
 * @property {number} episode
 * @property {number} frame
 * @property {number} last
 * @property {number} view
 */

export class Controls {
  #film;
  #play = button("play", "play");
  #live = element("button", { type: "button", id: "live", className: "live" }, element("i"), text.film.live);
  #speed = element(
    "select", { id: "speed" }, ...SPEEDS.map((speed) => element("option", { value: `${speed}` }, text.film.times(speed))),
  );
  #episode = element("select", { id: "episode" });
  #time = element("span", { className: "time" });
  #frame = element("b", { id: "frame" });
  #last = element("span");
  #views = element("div", { className: "choice", id: "views" });
  #episodes = label(text.film.episode, this.#episode);
  #shown = "";

  /**
   * @param {FilmView} film @param {(command: Command) => void} command
   * @param {{episode: (episode: number) => void, speed: (speed: number) => void, view: (view: number) => void}} choose
   */
  constructor(film, command, choose) {
    this.#film = film;
    const jumps = /** @type {const} */ ([
      ["start", { do: "start" }], ["back", { do: "step", frames: -1 }], ["forward", { do: "step", frames: 1 }],
      ["end", { do: "end" }],
    ]);
    const [start, back, forward, end] = jumps.map(([name, does]) => {
      const made = button(name, name);
      made.addEventListener("click", () => command(does));
      return made;
    });
    this.#play.classList.add("primary");
    this.#play.addEventListener("click", () => command({ do: "toggle" }));
    this.#live.addEventListener("click", () => command({ do: "live" }));
    this.#speed.addEventListener("change", () => choose.speed(Number(this.#speed.value)));
    this.#episode.addEventListener("change", () => choose.episode(Number(this.#episode.value)));
    this.#speed.title = this.#speed.ariaLabel = text.film.speed;
    this.#makeViews(film, choose.view);
    this.element = element(
      "div", { className: "controls" },
      element("div", { className: "buttons" }, start, back, this.#play, forward, end, this.#live),
      element("div", { className: "numbers-now" }, this.#time, element("span", {}, `${text.film.frame} `, this.#frame, this.#last)),
      element("div", { className: "choices" }, this.#episodes, this.#views, this.#speed),
    );
  }

  /** @param {FilmView} film */
  film(film) {
    this.#film = film;
    const { episodes, ended } = film;
    if (this.#episode.options.length !== episodes.length) {
      const value = this.#episode.value;
      this.#episode.replaceChildren(...episodes.map(({ episode }, index) =>
        element("option", { value: `${episode}` }, text.film.episodeOf(index + 1, episodes.length))));
      this.#episode.value = value;
    }
    this.#episodes.hidden = episodes.length < 2;
    this.#live.hidden = ended !== null;
  }

  /** @param {State} state */
  show(state) {
    const key = JSON.stringify(state);
    if (key === this.#shown) return;
    this.#shown = key;
    const { playing, live, speed, episode, frame, last, view } = state;
    const name = playing ? "pause" : "play";
    if (this.#play.dataset.is !== name) {
      this.#play.dataset.is = name;
      this.#play.replaceChildren(icon(name));
      this.#play.ariaLabel = this.#play.title = text.film[name];
    }
    this.#live.ariaPressed = `${live}`;
    this.#live.title = live ? text.film.liveOn : text.film.liveGo;
    if (document.activeElement !== this.#speed || this.#speed.value !== `${speed}`) this.#speed.value = `${speed}`;
    this.#episode.value = `${episode}`;
    const { fps } = this.#film;
    this.#time.textContent = `${clock(frame, fps)} / ${clock(last, fps)}`;
    this.#frame.textContent = `${frame}`;
    this.#last.textContent = ` / ${last}`;
    for (const input of this.#views.querySelectorAll("input")) input.checked = input.value === `${view}`;
  }

  /** @param {FilmView} film @param {(view: number) => void} choose */
  #makeViews({ views, seats }, choose) {
    this.#views.hidden = views.length < 2;
    this.#views.setAttribute("role", "radiogroup");
    this.#views.setAttribute("aria-label", text.film.view);
    const names = views.map((of) => of.map((seat) => seats[seat]?.agent ?? `${seat}`).join(", "));
    const every = views.length === 2 ? text.film.both : text.film.all;
    for (const [view, name] of [...names.entries(), /** @type {[number, string]} */ ([-1, every])]) {
      const input = element("input", { type: "radio", name: "view", value: `${view}` });
      input.addEventListener("change", () => choose(view));
      this.#views.append(element("label", {}, input, element("span", {}, name)));
    }
  }
}

/** @param {"play" | "back" | "forward" | "start" | "end"} name @param {string} id */
function button(name, id) {
  const made = element("button", { type: "button", id, className: "sign-button", title: text.film[name] }, icon(name));
  made.ariaLabel = text.film[name];
  return made;
}

/** @param {string} words @param {HTMLElement} control */
function label(words, control) {
  return element("label", {}, element("span", {}, words), control);
}
