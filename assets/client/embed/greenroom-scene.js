/**
 * The way from a page of the researcher's own, or a WebGL build, to the study around it; see docs/embedding.md.
 *
 *     await greenroom.ready();             // I am loaded: show me. Gives what is known: settings, globals, saved, ...
 *     await greenroom.save({ rt: 512 });   // stored for good when the promise is kept
 *     await greenroom.advance();           // on to the next scene, once everything is stored
 *
 * An ordinary script without imports, so that it can stand in any page. Opened outside of a study, it writes to the
 * console what would be saved.
 */
(() => {
  "use strict";

  const alone = window.parent === window;
  const origin = location.origin;
  let lastRef = 0;
  /** Promises of what was saved, by number. @type {Map<number, {keep: (value?: any) => void, break: (error: Error) => void}>} */
  const promises = new Map();
  /** @type {Map<string, ((value: any) => void)[]>} */
  const listeners = new Map();
  /** Messages that came before anybody listened. @type {any[]} */
  let unheard = [];
  /** What is known, once the study has said it. @type {any} */
  let info = null;
  /** @type {(info: any) => void} */
  let inform = () => {};
  /** @type {Promise<any>} */
  const informed = new Promise((resolve) => (inform = resolve));

  /** @param {object} message */
  function say(message) {
    if (!alone) window.parent.postMessage(message, origin);
  }

  /** @param {any} value */
  function json(value) {
    const text = JSON.stringify(value === undefined ? null : value);
    if (text === undefined) throw new TypeError("greenroom: functions and symbols cannot be saved");
    // Halves of characters are no text anywhere else.
    return text.replace(/(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g, "$1\ufffd");
  }

  /** @param {string} kind @param {any} data @param {object} more @returns {Promise<void>} */
  function send(kind, data, more) {
    const message = { greenroom: kind, data: json(data), ref: ++lastRef, ...more };
    if (alone) {
      console.info(`greenroom, outside of a study: ${kind}`, more, data);
      return Promise.resolve();
    }
    return new Promise((keep, fail) => {
      promises.set(message.ref, { keep, break: fail });
      say(message);
    });
  }

  /** @param {string} name @param {any} value */
  function emit(name, value) {
    const heard = listeners.get(name) ?? [];
    if (name === "message" && heard.length === 0) unheard = [...unheard, value].slice(-100);
    heard.forEach((listener) => listener(value));
  }

  const greenroom = {
    /** What is known: `{subject_id, parameters, settings, globals, saved, episodes, episodes_done, scores, language}`. */
    info: () => informed,

    /** Says that the page can be shown, and tells what is known. @returns {Promise<any>} */
    async ready() {
      const known = await informed;
      say({ greenroom: "ready" });
      return known;
    },

    /** How far loading has come, from 0 to 1, before `ready`. @param {number} fraction */
    progress(fraction) {
      say({ greenroom: "progress", fraction: Number(fraction) });
    },

    /** Saves something. The promise is kept when it is stored for good, and broken when it cannot be stored.
     * @param {any} data anything that JSON can hold @param {string} [name] what it is */
    async save(data, name = "data") {
      await send("save", data, { name: String(name) });
      if (info) info.saved[name] = data;
    },

    /** On to the next scene, once everything is stored. @param {any} [data] */
    advance: (data = {}) => send("advance", data, {}),

    /** An episode begins. @param {any} [data] */
    episodeStart: (data = {}) => greenroom.save(data, "episode_start"),

    /** An episode is over. @param {any} [data] what `score_fn` is called with */
    episodeEnd: (data = {}) => greenroom.save(data, "episode_end"),

    /** Says something to the experiment module's `on_message`. @param {any} data */
    message: (data) => greenroom.save(data, "message"),

    /** Sets a value that scenes share. @param {string} name @param {any} value */
    async setGlobal(name, value) {
      if (info) info.globals[name] = value;
      await greenroom.save({ [name]: value }, "globals");
    },

    /** Listens: "message" is what functions of the experiment module say, "state" how far the episodes have come.
     * @param {"message" | "state"} name @param {(value: any) => void} listener */
    on(name, listener) {
      if (name !== "message" && name !== "state") throw new Error(`greenroom.on: there is no ${JSON.stringify(name)}`);
      listeners.set(name, [...(listeners.get(name) ?? []), listener]);
      if (name === "message") unheard.splice(0).forEach((value) => listener(value));
    },

    /** The page cannot go on: the participant is asked whether to try again or to go on without it. @param {any} error */
    fail(error) {
      say({ greenroom: "failed", message: String(error?.message ?? error), stack: error?.stack ?? "", fatal: true });
    },

    get subject() { return info?.subject_id; },
    get parameters() { return info?.parameters; },
    get settings() { return info?.settings; },
    get globals() { return info?.globals; },
    get saved() { return info?.saved; },
    get scores() { return info?.scores; },
    get episodesDone() { return info?.episodes_done; },
  };

  addEventListener("message", ({ source, origin: from, data }) => {
    if (source !== window.parent || from !== origin || !data) return;
    switch (data.greenroom) {
      case "welcome":
        if (info) return;
        info = data.info;
        if (data.told) emit("message", data.told.data);
        inform(info);
        break;
      case "stored":
        promises.get(data.ref)?.keep();
        promises.delete(data.ref);
        break;
      case "refused":
        promises.get(data.ref)?.break(new Error(`greenroom: ${data.message}`));
        promises.delete(data.ref);
        break;
      case "told":
        emit("message", data.told.data);
        break;
      case "state": {
        const { episodes_done, scores, may_leave } = data;
        if (info) Object.assign(info, { episodes_done, scores });
        emit("state", { episodes_done, scores, may_leave });
        break;
      }
    }
  });

  // The researcher sees what went wrong in the service's log.
  addEventListener("error", ({ message, error }) => {
    say({ greenroom: "failed", message: String(message), stack: error?.stack ?? "" });
  });
  addEventListener("unhandledrejection", ({ reason }) => {
    say({ greenroom: "failed", message: String(reason?.message ?? reason), stack: reason?.stack ?? "" });
  });

  // The frame is as high as the page, where the study does not say otherwise.
  const measure = () => say({ greenroom: "size", height: document.documentElement.offsetHeight });
  if (!alone && "ResizeObserver" in window) new ResizeObserver(measure).observe(document.documentElement);

  Object.assign(window, { greenroom });
  if (alone) {
    info = {
      subject_id: "nobody", parameters: Object.fromEntries(new URLSearchParams(location.search)), settings: {}, globals: {},
      saved: {}, episodes: null, episodes_done: 0, scores: [], language: document.documentElement.lang, build: null,
    };
    inform(info);
  }
  say({ greenroom: "hello" });
})();
