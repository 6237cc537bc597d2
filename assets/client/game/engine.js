/**
 * The page's end of the engine: one worker with Python in it, used by all game scenes one after another.
 *
 * Turns messages into promises and watches the time: a worker that hangs tells nobody, so silence counts as failure.
 */

/** @typedef {import("../wire").EnvironmentView} EnvironmentView */
/** @typedef {import("../wire").InputView} InputView */
/** @typedef {import("../wire").FailedStage} FailedStage */
/** @typedef {import("../wire").GroupView} GroupView */
/** @typedef {import("../worker/messages").CopyEvent} CopyEvent */
/** @typedef {import("../worker/messages").CopyOutput} CopyOutput */
/** @typedef {import("../worker/messages").CopyStart} CopyStart */
/** @typedef {import("../worker/messages").EngineFiles} EngineFiles */
/** @typedef {import("../worker/messages").EpisodeTiming} EpisodeTiming */
/** @typedef {import("../worker/messages").FromCopy} FromCopy */
/** @typedef {import("../worker/messages").FromWorker} FromWorker */
/** @typedef {import("../worker/messages").InputEvent} InputEvent */
/** @typedef {import("../worker/messages").LoadingStage} LoadingStage */
/** @typedef {import("../worker/messages").Output} Output */
/** @typedef {import("../worker/messages").Problem} Problem */
/** @typedef {import("../worker/messages").ToWorker} ToWorker */
/** @typedef {{stage: LoadingStage, fraction: number}} Progress */

/**
 * @typedef {object} EngineUser whoever plays with the engine at the moment
 * @property {(output: Output, at: number) => void} stepped
 * @property {(timing: EpisodeTiming) => void} finished
 * @property {(problem: Problem) => void} failed
 * @property {(problem: Problem) => void} [warned] something of the researcher's failed, and the game goes on
 * @property {(message: FromCopy) => void} [told] what the copy of a game for several players says
 */

/** Longest silence in milliseconds. Loading: slow machines compile for long without a sign. */
const SILENCE = { load: 120_000, create: 60_000, reset: 60_000, step: 15_000 };

/** Where each stage of loading begins and ends on the progress bar. */
const SHARES = /** @type {Record<LoadingStage, [number, number]>} */ ({
  files: [0, 0.6], python: [0.6, 0.85], packages: [0.85, 0.95], environment: [0.95, 1],
  models: [0, 0.95], // of one scene, when all the others need is there
});

/** A failure as a value that promises can carry. */
export class EngineFailure extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** The scene was left while the engine worked for it. Nothing to report. */
export class Abandoned extends Error {}

/** @typedef {{resolve: (value: any) => void, reject: (error: Error) => void}} Pending */

export class Engine {
  #url;
  #files;
  /** @type {Worker | null} */
  #worker = null;
  /** @type {Promise<void> | null} */
  #loading = null;
  /** @type {Pending | null} the one answer awaited: load, create or reset */
  #pending = null;
  /** @type {EngineUser | null} */
  #user = null;
  #run = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #watchdog;
  /** @type {FailedStage} */
  #stage = "load";
  /** @type {Set<(progress: Progress) => void>} */
  #watchers = new Set();
  /** Whether the clock runs. */
  #going = false;
  /** Which episode of a game for several players is being prepared. */
  #awaited = 0;
  /** Whether the copy of a game for several players waits when it has caught up. */
  #staysQuiet = false;
  /** @type {Progress} */
  progress = { stage: "files", fraction: 0 };
  /** Milliseconds that loading took; null until loaded. @type {number | null} */
  loadedIn = null;

  /** @param {string} url of the worker @param {EngineFiles} files */
  constructor(url, files) {
    this.#url = url;
    this.#files = files;
  }

  /** Whether the worker was lost; nothing of the environment is left then. */
  get broken() {
    return this.#worker === null;
  }

  /** Loads Python, once; after a failure, again. */
  load() {
    this.#loading ??= /** @type {Promise<void>} */ (this.#ask("load", () => {
      const worker = new Worker(this.#url, { type: "module", name: "engine" });
      worker.onmessage = (event) => this.#receive(event.data);
      worker.onerror = (event) => this.#crash(event.message || "the worker could not be started");
      worker.onmessageerror = () => this.#crash("a message of the worker could not be read");
      this.#worker = worker;
      this.#post({ type: "load", files: this.#files });
    }));
    return this.#loading;
  }

  /**
   * Follows the loading. @param {(progress: Progress) => void} watcher
   * @returns {() => void} ends it
   */
  watch(watcher) {
    watcher(this.progress);
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /**
   * Makes the environment of a scene, for one user; the one before is let go.
   * @param {EnvironmentView} environment @param {InputView} input @param {number} fps @param {EngineUser} user
   * @param {GroupView | null} [group] of a game for several players
   * @returns {Promise<string | null>} the pictures and sounds that it names already, as JSON
   */
  async open(environment, input, fps, user, group = null) {
    const run = ++this.#run;
    await this.load();
    if (run !== this.#run) throw new Abandoned();
    this.#user = user;
    this.#step("environment", 0);
    const assets = await this.#ask("create", () => this.#post({ type: "create", run, environment, input, fps, group }));
    this.#step("environment", 1);
    return /** @type {string | null} */ (assets);
  }

  /**
   * @param {number} seed @param {number} episode @param {Uint8Array[]} rows recorded steps to go on after
   * @param {import("../wire").Play["globals"]} [globals] values that scenes share
   * @returns {Promise<Output>}
   */
  reset(seed, episode, rows, globals = null) {
    return this.#ask("reset", () => this.#post({ type: "reset", run: this.#run, seed, episode, rows, globals }));
  }

  go() {
    this.#expectSigns();
    this.#post({ type: "go", run: this.#run });
  }

  pause() {
    if (this.#stage === "step") clearTimeout(this.#watchdog);
    this.#going = false;
    this.#post({ type: "pause" });
  }

  /**
   * A copy of a game for several players begins an episode; its clock stands still.
   * @param {CopyStart} start @returns {Promise<CopyOutput>}
   */
  prepare(start) {
    this.#going = false;
    this.#awaited = start.id;
    return this.#ask("reset", () => this.#post({ type: "prepare", run: this.#run, start }));
  }

  /** @param {CopyEvent[]} events what came of the network */
  feed(...events) {
    this.#post({ type: "events", run: this.#run, events });
  }

  /** The clock of the copy starts. @param {number} in_ms milliseconds until then @param {number} head_start */
  begin(in_ms, head_start) {
    this.#expectSigns();
    this.#post({ type: "begin", run: this.#run, in_ms, head_start });
  }

  /** The clock of the copy shall run that much faster. @param {number} factor */
  pace(factor) {
    this.#post({ type: "pace", run: this.#run, factor });
  }

  /**
   * The copy catches up with all that it was fed.
   * @param {number | null} head_start with which its clock starts then; null if it is to wait for `begin`
   */
  catchUp(head_start) {
    this.#expectSigns();
    this.#staysQuiet = head_start === null;
    this.#post({ type: "catch_up", run: this.#run, head_start });
  }

  /** The copy adopts a state. @param {number} frame @param {Uint8Array} state @param {boolean} compare with its own */
  heal(frame, state, compare) {
    this.#post({ type: "heal", run: this.#run, frame, state, compare });
  }

  /** Asks the copy for its state; it comes by `told`. @param {number} frame */
  snapshot(frame) {
    this.#post({ type: "snapshot", run: this.#run, frame });
  }

  /** Asks the copy for its player's inputs that are not confirmed; they come by `told`. */
  pending() {
    this.#post({ type: "pending", run: this.#run });
  }

  /** Whether anybody sees what the copy draws. @param {boolean} visible */
  visible(visible) {
    this.#post({ type: "visible", visible });
  }

  #expectSigns() {
    this.#stage = "step";
    this.#going = true;
    this.#staysQuiet = false;
    this.#watch(SILENCE.step);
  }

  /** The clock stands still: silence is no fault. */
  #rest() {
    this.#going = false;
    clearTimeout(this.#watchdog);
  }

  /** Of the page: a key, or the pointer. @param {InputEvent} event */
  input(event) {
    this.#post(event);
  }

  /** The user leaves: whatever still comes for it is dropped. */
  release() {
    this.#user = null;
    this.#run += 1;
    this.#going = false;
    if (this.#stage === "load") return; // loading goes on, for the next user
    clearTimeout(this.#watchdog);
    this.#pending?.reject(new Abandoned());
    this.#pending = null;
    this.#post({ type: "pause" });
  }

  /** @param {ToWorker} message */
  #post(message) {
    this.#worker?.postMessage(message);
  }

  /** @param {FailedStage & keyof typeof SILENCE} stage @param {() => void} ask */
  #ask(stage, ask) {
    return new Promise((resolve, reject) => {
      this.#stage = stage;
      this.#pending = { resolve, reject };
      this.#watch(SILENCE[stage]);
      ask();
    });
  }

  /** @param {FromWorker} message */
  #receive(message) {
    if ("run" in message && message.run !== null && message.run !== this.#run) return;
    if ("output" in message && message.output.trouble) this.#warn(message.output.trouble);
    switch (message.type) {
      case "progress":
        this.#watch(SILENCE.load);
        this.#step(message.stage, message.total > 0 ? message.loaded / message.total : 0);
        break;
      case "loaded":
        this.loadedIn = message.milliseconds;
        this.#answer(undefined);
        break;
      case "created":
        this.#answer(message.assets);
        break;
      case "begun":
        if (message.id !== null && message.id !== this.#awaited) break; // of one that was given up for another
        this.#answer(message.output);
        this.#stage = "step";
        break;
      case "stepped":
        // A step that was under way when the clock was stopped is the last one for a while: silence then is no fault.
        if (this.#going) this.#watch(SILENCE.step);
        this.#user?.stepped(message.output, message.at);
        break;
      case "finished":
        this.#rest();
        this.#user?.finished(message.timing);
        break;
      case "failed":
        if (message.problem.stage === "load") this.#crash(message.problem.message, message.problem.traceback, "load");
        else this.#fail(message.problem);
        break;
      default:
        if (this.#going) this.#watch(SILENCE.step);
        if (message.type === "caught_up" && this.#staysQuiet) this.#rest();
        this.#user?.told?.(message);
    }
  }

  /** The text above the game failed; the game goes on without it. @param {string} traceback */
  #warn(traceback) {
    const last = traceback.slice(traceback.lastIndexOf("\n") + 1);
    this.#user?.warned?.({ stage: "render", message: `the text above the game: ${last}`.slice(0, 500), traceback });
  }

  /** @param {unknown} value */
  #answer(value) {
    clearTimeout(this.#watchdog);
    const pending = this.#pending;
    this.#pending = null;
    pending?.resolve(value);
  }

  /** @param {Problem} problem */
  #fail(problem) {
    clearTimeout(this.#watchdog);
    const pending = this.#pending;
    this.#pending = null;
    if (pending) pending.reject(new EngineFailure(problem));
    else this.#user?.failed(problem);
  }

  /**
   * The worker is of no more use; the next `load` makes a new one.
   * @param {string} message @param {string} [stack] @param {FailedStage} [stage]
   */
  #crash(message, stack = "", stage = this.#stage) {
    this.#worker?.terminate();
    this.#worker = null;
    this.#going = false;
    this.#loading = null;
    this.#step("files", 0);
    this.#fail({ stage, message, traceback: stack });
  }

  /** @param {number} milliseconds */
  #watch(milliseconds) {
    clearTimeout(this.#watchdog);
    const stage = this.#stage;
    this.#watchdog = setTimeout(
      () => this.#crash(`no sign of life for ${milliseconds / 1000} seconds (${stage})`),
      milliseconds,
    );
  }

  /** @param {LoadingStage} stage @param {number} part between 0 and 1 */
  #step(stage, part) {
    const [from, to] = SHARES[stage];
    this.progress = { stage, fraction: from + (to - from) * part };
    for (const watcher of this.#watchers) watcher(this.progress);
  }
}
