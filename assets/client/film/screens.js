/**
 * The pictures of a film: one for each view, drawn by the same stage that draws games, alone or side by side.
 */
import { Library } from "../render/library.js";
import { backgroundSpec, Stage } from "../render/stage.js";
import { element } from "../scenes/dom.js";
import { text } from "../operator/text.js";
import { Projector } from "./projector.js";

/** @typedef {import("../wire").FilmView} FilmView */
/** @typedef {import("./reel.js").Place} Place */

export class Screens {
  #screens;
  #choice = -1;

  /**
   * @param {FilmView} film @param {import("./reel.js").Reel} reel @param {string} files where the scene's pictures are
   * @param {(place: Place) => void} shown the first of the pictures shows a frame
   * @param {(error: unknown) => void} failed
   */
  constructor(film, reel, files, shown, failed) {
    this.#screens = film.views.map((seats, view) => new Screen(film, reel, files, seats, view, (place) => {
      if (view === this.views[0]) shown(place);
    }, failed));
    this.element = element("div", { className: "screens" }, ...this.#screens.map((screen) => screen.element));
    if (film.views.length === 0) this.element.append(element("p", { className: "undrawn" }, text.film.undrawn));
    this.choose(film.views.length > 1 ? -1 : 0);
  }

  /** Which view is shown alone; -1 for all of them. */
  get choice() {
    return this.#choice;
  }

  /** The views that are shown. */
  get views() {
    return [...(this.#screens.keys())].filter((view) => this.#choice < 0 || this.#choice === view);
  }

  /** @param {number} choice */
  choose(choice) {
    this.#choice = choice;
    const { views } = this;
    for (const [view, screen] of this.#screens.entries()) screen.element.hidden = !views.includes(view);
    this.element.classList.toggle("several", views.length > 1);
  }

  /** @param {Place} place @param {number} speed 0 when standing still */
  show(place, speed) {
    for (const view of this.views) this.#screens[view].show(place, speed);
  }

  /** What the first of the shown pictures shows. */
  get at() {
    return this.#screens[this.views[0]]?.at ?? null;
  }
}

class Screen {
  #stage = element("div", { className: "stage" });
  #hud = element("p", { className: "film-hud" });
  #failed;
  /** @type {Promise<Projector>} */
  #projector;
  /** @type {Projector | null} */
  #ready = null;
  #broken = false;

  /**
   * @param {FilmView} film @param {import("./reel.js").Reel} reel @param {string} files @param {number[]} seats
   * @param {number} view @param {(place: Place) => void} shown @param {(error: unknown) => void} failed
   */
  constructor(film, reel, files, seats, view, shown, failed) {
    this.#failed = failed;
    const agents = seats.map((seat) => film.seats[seat]?.agent ?? `${seat}`).join(", ");
    const everybody = seats.length === film.seats.length;
    const caption = everybody ? text.film.everybody : text.film.viewOf(agents);
    this.#stage.setAttribute("role", "img");
    this.#stage.setAttribute("aria-label", caption);
    this.#stage.style.setProperty("--shape", `${film.width} / ${film.height}`);
    this.element = element("figure", {}, this.#stage);
    const under = element("figcaption", {}, element("span", {}, everybody ? "" : caption), this.#hud);
    this.element.prepend(under);
    const { width, height, background, background_image } = film;
    const library = new Library(false);
    this.#projector = Promise.resolve()
      .then(() => library.load(background_image === null ? [] : [backgroundSpec(background_image)], files))
      .then(() => Stage.create(this.#stage, { width, height, background, background_image, group: null }, library))
      .then((stage) => (this.#ready = new Projector({
        load: (specs) => stage.load(specs, files, () => {}),
        decode: ({ mime, data }) => createImageBitmap(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (data)], { type: mime })),
        apply: (packet) => stage.apply(packet),
        image: (image) => stage.image(image),
        hud: (words) => {
          if (this.#hud.textContent !== words) this.#hud.textContent = words;
        },
      }, reel, view, shown)));
    this.#projector.catch((error) => this.#fail(error));
  }

  get at() {
    return this.#ready?.at ?? null;
  }

  /** @param {Place} place @param {number} speed */
  show(place, speed) {
    if (!this.#broken) this.#ready?.show(place, speed).catch((error) => this.#fail(error));
  }

  /** Told once: it would fail again with each frame. @param {unknown} error */
  #fail(error) {
    if (this.#broken) return;
    this.#broken = true;
    this.#failed(error);
  }
}
