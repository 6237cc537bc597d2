/**
 * A scene with a document of the researcher's own in a frame: an HTML page, or a host page of ours with a WebGL build.
 *
 * The document speaks to this module in messages between windows (`embed/greenroom-scene.js` on its side). What it saves
 * is kept here until the service has it; what functions of the experiment module say is passed on to it.
 */
import { text } from "../text.js";
import { article, element, setPhase, show } from "./dom.js";
import { SavedSign } from "./saved_sign.js";
import { packSaves, Saves, unfit, unpackSaves } from "./saves.js";
import { RETRY_MS } from "./scene.js";
import { showTrouble } from "./trouble.js";

/** @typedef {import("../wire").EmbedView} EmbedView */
/** @typedef {import("../wire").PageState} PageState */
/** @typedef {import("../wire").Told} Told */
/** @typedef {import("./scene.js").Context} Context */
/** @typedef {import("./scene.js").Scene} Scene */

/** A document that gives no sign for so long while it loads may not come at all. */
const PATIENCE_MS = 30_000;

/** Failures of a document that are told to the service: one that fails in every frame has nothing new to tell. */
const MOST_FAILURES = 5;

/** What the frame may do: everything but lead the study's own page away. */
const SANDBOX = "allow-scripts allow-same-origin allow-forms allow-modals allow-pointer-lock allow-downloads allow-popups "
  + "allow-popups-to-escape-sandbox";

/** @implements {Scene} */
export class EmbeddedScene {
  #context;
  #view;
  /** @type {Saves} */
  #saves;
  /** Resolves a promise in the frame, by the number of what was saved. @type {Map<number, number>} */
  #refs = new Map();
  /** @type {PageState} */
  #state;
  /** Number of the newest thing that the frame was told. */
  #told = 0;
  /** @type {HTMLIFrameElement} */
  #frame;
  #button = element("button", { id: "continue", className: "primary", type: "button" }, text.continue);
  #episodes = element("p", { id: "episodes", className: "document-episodes" });
  #bar = element("progress", { max: 1, value: 0 });
  #words = element("p", { className: "loading-words" });
  #loading = element("div", { id: "loading", className: "loading" }, this.#bar, this.#words);
  #saved = new SavedSign();
  #life = new AbortController();
  /** The document uses our library. */
  #speaks = false;
  #ready = false;
  #failures = 0;
  /** The participant, or the document, wants to go on. */
  #leaving = false;
  /** @type {import("../wire").Failed | null} set when the participant goes on without the document */
  #givenUp = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #patience;

  /** @param {Context} context @param {number} visit @param {EmbedView} view */
  constructor(context, visit, view) {
    this.visit = visit;
    this.#context = context;
    this.#view = view;
    this.#state = view.state;
    this.#saves = new Saves(visit, view.state.number, unpackSaves(context.drawer.read(), visit));
    this.#frame = this.#makeFrame();
    this.#button.addEventListener("click", () => this.#press());
    this.#bar.setAttribute("aria-label", text.document.loading);
    this.#words.setAttribute("role", "status");
    this.#episodes.setAttribute("role", "status");
    addEventListener("message", (event) => this.#hear(event), { signal: this.#life.signal });
    this.#begin();
    this.#flush();
  }

  /** @param {import("../wire").ToBrowser} message */
  receive(message) {
    switch (message.type) {
      case "saved_stored":
        if (message.body.visit === this.visit) this.#stored(message.body);
        break;
      case "told":
        if (message.body.visit === this.visit) this.#tell(message.body);
        break;
      case "refused":
        this.#refused(message.body);
        break;
    }
  }

  /** @param {import("../wire").SceneView} [view] */
  reconnected(view) {
    if (this.#givenUp) {
      this.#context.link.post({ type: "failed", body: this.#givenUp });
      return;
    }
    if (view?.kind === "embedded") {
      this.#stored(view.state);
      // It may have been said while nobody heard it.
      if (view.told) this.#tell(view.told);
    }
    this.#flush();
  }

  /** @param {boolean} open */
  connection(open) {
    if (!open) this.#saves.rewind();
    this.#show();
  }

  leave() {
    clearTimeout(this.#again);
    clearTimeout(this.#patience);
    this.#life.abort();
    this.#saved.close();
    // Sounds and timers of the document end with it.
    this.#frame.remove();
  }

  #makeFrame() {
    const { src, width, height } = this.#view;
    const frame = element("iframe", { className: "document", title: text.document.title });
    frame.setAttribute("sandbox", SANDBOX);
    frame.allow = "autoplay; clipboard-write; fullscreen; gamepad; accelerometer; gyroscope";
    if (width !== null) frame.style.maxWidth = `${width}px`;
    // A picture keeps its form on a narrow screen; text may need more height there, which it then scrolls for.
    if (width !== null && height !== null) frame.style.aspectRatio = `${width} / ${height}`;
    else if (height !== null) frame.style.height = `${height}px`;
    frame.addEventListener("load", () => {
      // A page without our library is there when it is loaded.
      if (frame.isConnected && !this.#speaks) this.#appear();
    });
    frame.src = src;
    return frame;
  }

  /** Shows the document, which is loaded anew. */
  #begin() {
    this.#ready = false;
    this.#speaks = false;
    const made = article(this.#view.page);
    made.classList.add("with-document");
    const actions = element("div", { className: "actions" });
    if (this.#view.button) actions.append(this.#button);
    actions.append(this.#saved.element);
    this.#bar.removeAttribute("value");
    this.#words.textContent = text.document.loading;
    this.#loading.hidden = false;
    this.#frame.classList.remove("here");
    made.append(this.#episodes, this.#loading, this.#frame, actions);
    setPhase("loading");
    show(this.#context.root, made);
    this.#show();
    this.#expectSign();
  }

  /** The document is there. */
  #appear() {
    clearTimeout(this.#patience);
    if (this.#ready) return;
    this.#ready = true;
    this.#loading.hidden = true;
    this.#frame.classList.add("here");
    setPhase("document");
    if (this.#view.build) this.#frame.focus({ preventScroll: true });
  }

  #expectSign() {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#slow(), PATIENCE_MS);
  }

  /** It may still come: it goes on loading beside the ways out. */
  #slow() {
    this.#words.replaceChildren(text.document.slow, " ");
    const buttons = this.#waysOut("").map(({ id, label, act }) => {
      const button = element("button", { id, type: "button" }, label);
      button.addEventListener("click", act);
      return button;
    });
    this.#words.append(...buttons);
  }

  /** @param {MessageEvent} event */
  #hear({ source, origin, data }) {
    if (source !== this.#frame.contentWindow || origin !== location.origin || !data || this.#givenUp) return;
    const { ref } = data;
    switch (data.greenroom) {
      case "hello":
        this.#speaks = true;
        this.#told = this.#view.told?.number ?? 0;
        this.#say({ greenroom: "welcome", info: this.#info(), told: this.#view.told && parsed(this.#view.told) });
        this.#expectSign();
        break;
      case "ready":
        this.#appear();
        break;
      case "progress":
        if (this.#ready || !(data.fraction >= 0)) break;
        this.#bar.value = Math.min(data.fraction, 1);
        this.#words.textContent = text.document.progress(`${Math.floor(this.#bar.value * 10) * 10} %`);
        this.#expectSign();
        break;
      case "size":
        if (this.#view.height === null && data.height > 0) this.#frame.style.height = `${Math.ceil(data.height)}px`;
        break;
      case "save":
        this.#save(ref, String(data.name), String(data.data));
        break;
      case "advance":
        if (this.#save(ref, "advance", String(data.data))) this.#leave();
        break;
      case "failed":
        this.#failed(String(data.message), String(data.stack ?? ""), Boolean(data.fatal));
        break;
    }
  }

  /** What the document may know. */
  #info() {
    const { parameters, settings, globals, saved, episodes, build } = this.#view;
    const absolute = (/** @type {string} */ url) => new URL(url, document.baseURI).href;
    return {
      subject_id: this.#context.subject,
      parameters,
      settings: JSON.parse(settings),
      globals: JSON.parse(globals),
      saved: { ...JSON.parse(saved), ...this.#unsaved() },
      episodes,
      episodes_done: this.#state.ended,
      scores: this.#state.scores,
      language: document.documentElement.lang,
      build: build && {
        ...build,
        ...Object.fromEntries(["loader", "data", "framework", "wasm", "streaming"].map((part) => [part,
          absolute(build[/** @type {"loader"} */ (part)])])),
      },
    };
  }

  /** What is on its way was saved, to the document. */
  #unsaved() {
    return Object.fromEntries(this.#saves.kept.map(({ name, data }) => [name, JSON.parse(data)]));
  }

  /** @param {number} ref @param {string} name @param {string} data */
  #save(ref, name, data) {
    const fault = unfit(name, data, this.#state.room);
    if (fault) {
      this.#say({ greenroom: "refused", ref, message: fault });
      return false;
    }
    this.#refs.set(this.#saves.add(name, data), ref);
    this.#flush();
    return true;
  }

  #flush() {
    this.#saves.flush((message) => this.#context.link.send(message));
    this.#keep();
    this.#onward();
  }

  #keep() {
    this.#context.drawer.write(packSaves(this.visit, this.#saves.kept));
    this.#show();
  }

  /** @param {PageState} state */
  #stored(state) {
    this.#state = state;
    this.#saves.acknowledge(state.number);
    for (const [number, ref] of this.#refs) {
      if (number > state.number) continue;
      this.#refs.delete(number);
      this.#say({ greenroom: "stored", ref });
    }
    this.#say({ greenroom: "state", episodes_done: state.ended, scores: state.scores, may_leave: state.may_leave });
    this.#keep();
    this.#onward();
  }

  /** @param {Told} told */
  #tell(told) {
    if (told.number <= this.#told) return;
    this.#told = told.number;
    this.#say({ greenroom: "told", told: parsed(told) });
    // For a document that is loaded anew.
    this.#view = { ...this.#view, told };
  }

  /** @param {import("../wire").Refused} refused */
  #refused({ code, message }) {
    if (code === "unavailable" || code === "too_many") {
      this.#saves.rewind();
      clearTimeout(this.#again);
      this.#again = setTimeout(() => this.#flush(), RETRY_MS);
      return;
    }
    const number = this.#saves.drop();
    if (number === null) {
      this.#leaving = false;
    } else {
      const ref = this.#refs.get(number);
      this.#refs.delete(number);
      this.#say({ greenroom: "refused", ref, message });
    }
    this.#keep();
  }

  #press() {
    if (this.#state.may_leave) this.#leave();
  }

  #leave() {
    this.#leaving = true;
    this.#show();
    this.#onward();
  }

  /** Goes on as soon as everything is stored. The visit's number keeps it from counting twice. */
  #onward() {
    if (this.#leaving && this.#saves.settled) this.#context.link.send({ type: "continue", body: { visit: this.visit } });
  }

  #show() {
    this.#button.disabled = this.#leaving || !this.#state.may_leave;
    const { episodes } = this.#view;
    const { ended } = this.#state;
    const words = episodes === null ? "" : ended >= episodes ? text.document.done : text.episode(ended + 1, episodes);
    if (this.#episodes.textContent !== words) this.#episodes.textContent = words;
    this.#episodes.hidden = words === "";
    this.#saved.tell(this.#saves.settled, this.#context.link.connected());
  }

  /** @param {object} message */
  #say(message) {
    this.#frame.contentWindow?.postMessage(message, location.origin);
  }

  /** Something of the document's own went wrong. @param {string} message @param {string} stack @param {boolean} fatal */
  #failed(message, stack, fatal) {
    console.error(`document: ${message}\n${stack}`);
    this.#failures += 1;
    if (this.#failures > MOST_FAILURES && !fatal) return;
    this.#context.link.post({ type: "failed", body: this.#failure(message, stack, false) });
    if (!fatal) return;
    clearTimeout(this.#patience);
    showTrouble(this.#context.root, "document", this.#waysOut(message), message);
  }

  /** @param {string} message @param {string} traceback @param {boolean} give_up @returns {import("../wire").Failed} */
  #failure(message, traceback, give_up) {
    return { visit: this.visit, stage: this.#ready ? "step" : "load", message, traceback, give_up };
  }

  /** @param {string} message */
  #waysOut(message) {
    return [
      { id: "retry", label: text.tryAgain, act: () => this.#retry() },
      {
        id: "give-up",
        label: text.document.goOn,
        act: () => {
          this.#givenUp = this.#failure(message || "the page took too long to load", "", true);
          this.#context.link.post({ type: "failed", body: this.#givenUp });
        },
      },
    ];
  }

  #retry() {
    this.#frame.remove();
    this.#frame = this.#makeFrame();
    this.#begin();
  }
}

/** @param {Told} told */
function parsed({ hook, data }) {
  return { hook, data: JSON.parse(data) };
}
