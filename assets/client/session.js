/**
 * One participant in one page: says hello, follows the service from scene to scene.
 *
 * The only module that knows the connection, the identity, the engine and the scenes together; each of them knows
 * none of the others.
 */
import { Connection } from "./connection.js";
import { Drawer } from "./drawer.js";
import { Engine } from "./game/engine.js";
import { allParameters } from "./identity.js";
import { Notice } from "./notice.js";
import { Preloader } from "./preload.js";
import { DismissedScene } from "./scenes/dismissed.js";
import { EmbeddedScene } from "./scenes/embedded.js";
import { EndScene } from "./scenes/end.js";
import { FormScene } from "./scenes/form.js";
import { GymScene } from "./scenes/gym.js";
import { PageScene } from "./scenes/page.js";
import { reloadAction, showTrouble } from "./scenes/trouble.js";
import { text } from "./text.js";

/** @typedef {import("./identity.js").Identity} Identity */
/** @typedef {import("./scenes/scene.js").Scene} Scene */
/** @typedef {import("./status.js").Status} Status */
/** @typedef {import("./wire").FromBrowser} FromBrowser */
/** @typedef {import("./wire").SceneShown} SceneShown */
/** @typedef {import("./wire").ToBrowser} ToBrowser */
/** @typedef {import("./wire").Welcome} Welcome */

/**
 * @typedef {object} Config what the service writes into the page
 * @property {string} base
 * @property {string | null} subject
 * @property {string} experiment
 * @property {string} subject_parameter of the link, which names the participant
 * @property {string} client
 * @property {string} vendor
 * @property {string} python
 * @property {string} socket
 * @property {{tag: string, words: import("./text.js").Words}} language for `text.js`
 */

/** The protocol's version that this client speaks. */
const VERSION = 1;

/** A newer tab acts for this participant. */
const REPLACED = 4000;

/** Too many refused messages, or no acceptable hello. */
const UNWANTED = [4001, 4002];

/** So often in a row, it is no longer chance. */
const MOST_UNWANTED = 3;

/** Remembers that the page was reloaded for a new version, so that it is not reloaded for ever. */
const RELOADED = "greenroom:reloaded";

export class Session {
  #config;
  #identity;
  #root;
  #status;
  #connection;
  #notice;
  #tabs;
  #parameters = new URLSearchParams(location.search);
  /** @type {string | null} */
  #subject;
  /** @type {Engine | null} */
  #engine = null;
  /** @type {Scene | null} */
  #scene = null;
  /** What the scene shows. @type {string | null} */
  #kind = null;
  /** @type {import("./connection.js").ConnectionState} */
  #state = "connecting";
  #preloader = new Preloader();
  #unwanted = 0;

  /** @param {Config} config @param {Identity} identity @param {HTMLElement} root @param {Status} status */
  constructor(config, identity, root, status) {
    this.#config = config;
    this.#identity = identity;
    this.#root = root;
    this.#status = status;
    this.#subject = identity.subject(config.subject, this.#parameters);
    this.#tabs = new BroadcastChannel(`greenroom:${config.base}:${config.experiment}`);
    this.#tabs.onmessage = ({ data }) => {
      if (data !== this.#subject || this.#kind === "end") return;
      this.#connection.stop();
      this.#replaced();
    };
    this.#notice = new Notice(root, (visit, visible) => {
      this.#connection.send({ type: "sight", body: { visit, visible } });
    });
    const address = new URL(config.socket, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.#connection = new Connection(address.href, {
      hello: () => this.#hello(),
      message: (message) => this.#receive(message),
      state: (state, attempt) => {
        this.#state = state;
        this.#status.connection(state, attempt);
        this.#scene?.connection?.(state === "open");
      },
      closed: (code) => this.#closed(code),
    });
  }

  start() {
    this.#connection.start();
  }

  /** @returns {FromBrowser} */
  #hello() {
    return {
      type: "hello",
      body: {
        version: VERSION,
        subject: this.#subject,
        token: this.#identity.token(this.#subject),
        parameters: allParameters(this.#parameters),
        browser: {
          user_agent: navigator.userAgent,
          language: navigator.language,
          time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? "",
          // A zoomed page has fractions of pixels.
          window: [Math.round(innerWidth), Math.round(innerHeight)],
          screen: [Math.round(screen.width), Math.round(screen.height)],
          pixel_ratio: devicePixelRatio,
          touch_points: navigator.maxTouchPoints,
          clock: Date.now(),
        },
      },
    };
  }

  /** @param {ToBrowser} message */
  #receive(message) {
    switch (message.type) {
      case "welcome":
        this.#welcome(message.body);
        break;
      case "scene":
        this.#show(message.body);
        break;
      case "warning":
        this.#notice.warn(message.body);
        break;
      case "round_trip":
        this.#status.roundTrip(message.body.milliseconds);
        break;
      case "draining":
        this.#connection.expectRestart();
        this.#status.announce(text.draining);
        break;
      case "refused":
        console.warn(`refused: ${message.body.code}: ${message.body.message}`);
        this.#handleRefusal(message.body.code, message.body.message);
        this.#scene?.receive?.(message);
        break;
      default:
        this.#scene?.receive?.(message);
    }
  }

  /** @param {Welcome} welcome */
  #welcome({ subject, token, engine, preload: early }) {
    this.#subject = subject;
    this.#unwanted = 0;
    this.#identity.remember(subject, token);
    // The service replaces the connection of an older tab; one that has none at the moment hears it from us.
    this.#tabs.postMessage(subject);
    mayReload();
    this.#preloader.want(early ?? []);
    if (!engine || this.#engine) return;
    const { client, vendor, python } = this.#config;
    const absolute = (/** @type {string} */ url) => new URL(url, document.baseURI).href;
    this.#engine = new Engine(absolute(`${client}worker/engine_worker.js`), {
      vendor: absolute(vendor),
      python: absolute(python),
      wheels: engine.wheels.map(absolute),
    });
  }

  /** @param {SceneShown} shown */
  #show({ visit, scene, progress, watched, view }) {
    this.#notice.scene(visit, watched);
    // The same visit with another view: the service lost its game, say, and offers a way onward.
    if (this.#scene?.visit === visit && this.#kind === view.kind) {
      this.#scene.reconnected?.(view);
      return;
    }
    this.#kind = view.kind;
    this.#scene?.leave();
    // Begun before anybody needs it; who needs it is told about a failure. Not beside a game that runs on the service.
    const wanted = ["page", "form"].includes(view.kind) || (view.kind === "gym" && view.environment !== null);
    if (wanted) this.#engine?.load().catch(() => {});
    this.#preloader.allow(["page", "form", "embedded", "trouble"].includes(view.kind));
    document.documentElement.dataset.scene = scene;
    document.documentElement.dataset.progress = progress.join("/");
    const context = {
      root: this.#root,
      engine: this.#engine,
      subject: this.#subject ?? "",
      link: {
        send: (/** @type {FromBrowser} */ message) => this.#connection.send(message),
        post: (/** @type {FromBrowser} */ message) => this.#connection.post(message),
        connected: () => this.#state === "open",
      },
      drawer: new Drawer(`${this.#config.base}:${this.#config.experiment}:${this.#subject}`),
      response: (/** @type {number | null} */ milliseconds) => this.#status.response(milliseconds),
    };
    if (view.kind === "gym") this.#scene = new GymScene(context, visit, view);
    else if (view.kind === "embedded") this.#scene = new EmbeddedScene(context, visit, view);
    else if (view.kind === "form") this.#scene = new FormScene(context, visit, view);
    else if (view.kind === "end") {
      this.#scene = new EndScene(context, visit, view);
      // Nothing is left to be said, and nobody needs to hear of a service that stops after that.
      this.#connection.stop();
    }
    else if (view.kind === "trouble") this.#scene = new DismissedScene(context, visit, view);
    else this.#scene = new PageScene(context, visit, view, view.kind);
  }

  /** @param {import("./wire").RefusalCode} code @param {string} message */
  #handleRefusal(code, message) {
    switch (code) {
      case "wrong_version":
        this.#connection.stop();
        if (reloadedOnce()) this.#giveWay("version", [reloadAction], message);
        else location.reload();
        break;
      case "finished":
        this.#connection.stop();
        this.#giveWay("finished", []);
        break;
      case "subject_taken":
        this.#connection.stop();
        this.#giveWay("taken", [reloadAction], message);
        break;
      case "wrong_token":
        this.#connection.stop();
        this.#giveWay(this.#identity.knows(this.#subject) ? "token" : "taken", [reloadAction], message);
        break;
      case "unavailable":
        this.#status.mention(text.unavailable);
        break;
      case "too_many":
        this.#status.mention(text.tooMany);
        break;
    }
  }

  /** @param {number} code @returns {boolean} whether to connect again */
  #closed(code) {
    if (code === REPLACED) {
      this.#replaced();
      return false;
    }
    if (UNWANTED.includes(code) && ++this.#unwanted >= MOST_UNWANTED) {
      this.#giveWay("refused", [reloadAction], `close code ${code}`);
      return false;
    }
    return true;
  }

  /** A newer tab goes on with the study. */
  #replaced() {
    this.#giveWay("replaced", [{ id: "take-over", label: text.takeOver, act: () => this.#takeOver() }]);
  }

  /** Leaves the scene for a page of our own. @param {Parameters<typeof showTrouble>[1]} what
   * @param {import("./scenes/trouble.js").Action[]} actions @param {string} [details] */
  #giveWay(what, actions, details) {
    this.#notice.scene(0, false);
    this.#scene?.leave();
    this.#scene = null;
    showTrouble(this.#root, what, actions, details);
  }

  #takeOver() {
    this.#connection.start();
  }
}

/** The service accepts this version: a later one may reload the page once again. */
function mayReload() {
  try {
    sessionStorage.removeItem(RELOADED);
  } catch {
    // Without storage the page is never reloaded by itself.
  }
}

/** Whether the page was reloaded for this reason before; from now on it was. */
function reloadedOnce() {
  try {
    const before = sessionStorage.getItem(RELOADED) !== null;
    sessionStorage.setItem(RELOADED, "1");
    return before;
  } catch {
    return true; // without storage nobody could count the reloads
  }
}
