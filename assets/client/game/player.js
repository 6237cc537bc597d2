/**
 * One visit's game: episodes from `play` to `episode_ended`, steps into the buffer, the buffer to the service.
 *
 * Decides when the game runs and when it waits; knows the screen and the keyboard only by what they are asked to do.
 */
import { EngineFailure } from "./engine.js";
import { ROW_BYTES, StepBuffer } from "./steps.js";

/** @typedef {import("../wire").FromBrowser} FromBrowser */
/** @typedef {import("../wire").GymView} GymView */
/** @typedef {import("../wire").Play} Play */
/** @typedef {import("../worker/messages").EpisodeTiming} EpisodeTiming */
/** @typedef {import("../worker/messages").Output} Output */
/** @typedef {import("../worker/messages").Problem} Problem */
/** @typedef {import("./engine.js").Engine} Engine */
/** @typedef {"hidden" | "saving" | "reconnecting"} PauseReason */

/**
 * @typedef {object} Screen what the player asks of the page
 * @property {(episode: number, before: number | null) => void} episode a new episode is prepared; the score before it, if
 *   it goes on
 * @property {(episode: number, left_ms: number | null) => Promise<void>} ask before it begins: resolves when a button is
 *   pressed
 * @property {(output: Output) => Promise<void>} draw resolves when pictures are loaded and the drawing is taken over
 * @property {() => Promise<number>} drawn resolves when it is on the screen, with the time of it
 * @property {(seconds: number, signal: AbortSignal) => Promise<void>} countdown then that long still; rejects on abort
 * @property {(active: boolean) => void} playing keys count, or not
 * @property {(reason: PauseReason) => void} paused
 * @property {(episode: number, score: number) => void} finished
 */

/**
 * @typedef {object} Link how the player reaches the service
 * @property {(message: FromBrowser) => boolean} send
 * @property {(message: FromBrowser) => void} post
 * @property {() => boolean} connected
 */

/** How often steps go out. Longer loses more in a crash; shorter costs the service a write each. */
const FLUSH_MS = 400;

/** Unacknowledged play that is worth a question when the page is left; with a good connection it is under a second. */
const ENDANGERED_SECONDS = 2;

/** Seconds of unacknowledged play after which the game waits, and down to which it waits. */
const BACKLOG_SECONDS = 30;
const BACKLOG_AGAIN_SECONDS = 5;

/** How long to wait, in milliseconds, before sending again what the service could not store. */
const AGAIN_MS = 2000;

/** How long the score of an episode stays before the next begins, in milliseconds. */
const BETWEEN_MS = 1800;

/** Whether the page's first frame was reported: it is measured from the opening of the page, so only once. */
let firstFrameTold = false;

export class Player {
  #engine;
  #view;
  #screen;
  #link;
  #failed;
  /** @type {StepBuffer | null} */
  #buffer = null;
  #episode = -1;
  #visit = 0;
  /** @type {Set<PauseReason>} */
  #reasons = new Set();
  /** @type {"idle" | "preparing" | "playing" | "over" | "stopped"} */
  #state = "idle";
  #running = new AbortController();
  #flusher;
  #overSince = -Infinity;
  #notBefore = -Infinity;
  /** @type {number | null} */
  #firstFrame = null;
  #life = new AbortController();

  /**
   * @param {Engine} engine @param {GymView} view @param {Screen} screen @param {Link} link
   * @param {(problem: Problem) => void} failed
   */
  constructor(engine, view, screen, link, failed) {
    this.#engine = engine;
    this.#view = view;
    this.#screen = screen;
    this.#link = link;
    this.#failed = failed;
    this.#flusher = setInterval(() => this.#flush(), FLUSH_MS);
    const options = { signal: this.#life.signal };
    document.addEventListener("visibilitychange", () => this.#visibility(), options);
    addEventListener("beforeunload", (event) => this.#endangered() && event.preventDefault(), options);
    this.#visibility();
  }

  /** Whether a game has begun here. */
  get begun() {
    return this.#state !== "idle";
  }

  /** Whether an episode is over and the service's word on what follows is awaited. */
  get waiting() {
    return this.#state === "over";
  }

  /** @param {Play} play */
  async play(play) {
    if (this.#state === "stopped") return;
    this.#visit = play.visit;
    const running = this.#buffer?.game === play.game && this.#buffer.episode === play.episode ? this.#buffer : null;
    // The service tells again what runs here already: what it lists, it has. If it has more, another tab played on.
    if (running?.acknowledge(play.rows.length)) {
      running.rewind();
      this.#flush();
      return;
    }
    if (running) this.#engine.pause();
    const first = this.#episode < 0; // the press on "Start" was for this one
    const buffer = new StepBuffer(play.game, play.episode, play.rows.length);
    this.#buffer = buffer;
    this.#episode = play.episode;
    this.#state = "preparing";
    const wait = Math.max(0, this.#overSince + BETWEEN_MS - performance.now());
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (this.#buffer !== buffer || this.#life.signal.aborted) return;
    if (this.#view.ready_check && play.episode > 0 && play.rows.length === 0 && !first) {
      await this.#screen.ask(play.episode, null);
      if (this.#buffer !== buffer || this.#life.signal.aborted) return;
    }
    this.#screen.episode(play.episode, play.score_before);
    try {
      const output = await this.#engine.reset(play.seed, play.episode, play.rows, play.globals);
      if (output.diverged !== null) console.warn(`replay: step ${output.diverged} differs from the record`);
      await this.#screen.draw(output);
      this.#firstFrame ??= await this.#screen.drawn();
      this.#state = "playing";
      if (output.done) {
        this.#over(output.score);
        this.#end();
      } else {
        await this.#run();
      }
    } catch (error) {
      this.#trouble(error);
    }
  }

  /** @param {Output} output @param {number} at */
  stepped(output, at) {
    if (!this.#buffer || !output.row || this.#state === "stopped") return;
    if (output.row.length > ROW_BYTES) {
      const size = `${Math.ceil(output.row.length / 1024)} KiB`;
      const message = `step ${this.#buffer.length} makes a row of ${size}; at most ${ROW_BYTES / 1024} KiB can be stored`;
      const traceback = "Leave the observations out (record_observations=False), or put less into them and into infos.";
      this.#failed({ stage: "step", message, traceback });
      return;
    }
    this.#buffer.push({ row: output.row, at, focused: document.hasFocus() });
    this.#screen.draw(output).catch((error) => this.#trouble(error));
    if (output.done) {
      this.#over(output.score);
    } else if (this.#buffer.unacknowledged > BACKLOG_SECONDS * this.#view.fps) {
      this.#hold(this.#link.connected() ? "saving" : "reconnecting");
    }
  }

  /** The clock has stopped after the last step. @param {EpisodeTiming} timing */
  timed(timing) {
    if (!this.#buffer || this.#state !== "over") return;
    const first_frame = firstFrameTold ? null : this.#firstFrame;
    firstFrameTold = true;
    const { game, episode } = this.#buffer;
    // Before the end is told: after the last episode's, the game is gone and nobody would take it.
    const photon = { photon_p50: null, photon_p99: null };
    this.#link.post({ type: "timing", body: { game, episode, ...timing, first_frame, ...photon } });
    this.#end();
  }

  /** @param {import("../wire").Acknowledged} acknowledged */
  acknowledged({ game, episode, steps }) {
    const buffer = this.#buffer;
    if (buffer?.game !== game || buffer.episode !== episode) return;
    if (!buffer.acknowledge(steps)) {
      this.#outrun();
      return;
    }
    if (buffer.unacknowledged <= BACKLOG_AGAIN_SECONDS * this.#view.fps) {
      this.#release("saving");
      this.#release("reconnecting");
    }
  }

  /** Another tab has played on in this game: what was played here since is void, and we go on where the record is. */
  #outrun() {
    this.#running.abort();
    this.#engine.pause();
    this.#buffer = null;
    this.#state = "preparing";
    this.#link.post({ type: "ready", body: { visit: this.#visit, has: null } });
  }

  /** The connection is back and the service still has us in this game. */
  reconnected() {
    this.#buffer?.rewind();
    this.#flush();
  }

  /** The service misses steps. @returns {boolean} false when sending again does not help */
  gap() {
    if (performance.now() < this.#notBefore) return true; // what was sent before that was not stored
    const useful = this.#buffer?.gap() ?? false;
    this.#flush();
    return useful;
  }

  /** The service could not store what it was sent: again, but later. */
  unavailable() {
    this.#notBefore = performance.now() + AGAIN_MS;
    this.#buffer?.rewind();
  }

  /** The game cannot go on. What was played still goes out. */
  stop() {
    this.#state = "stopped";
    this.#running.abort();
    this.#engine.pause();
    this.#flush();
  }

  close() {
    this.#life.abort();
    this.#running.abort();
    clearInterval(this.#flusher);
  }

  #flush() {
    if (performance.now() < this.#notBefore) return;
    this.#buffer?.flush((message) => this.#link.send(message));
  }

  /** Whether leaving now would lose more than a moment of play. */
  #endangered() {
    return (this.#buffer?.unacknowledged ?? 0) > ENDANGERED_SECONDS * this.#view.fps;
  }

  #visibility() {
    if (document.hidden) this.#flush();
    if (document.hidden) this.#hold("hidden");
    else this.#release("hidden");
  }

  /** @param {PauseReason} reason */
  #hold(reason) {
    if (this.#reasons.has(reason)) return;
    this.#reasons.add(reason);
    if (this.#state !== "playing") return;
    this.#running.abort();
    this.#engine.pause();
    this.#screen.playing(false);
    this.#screen.paused(reason);
  }

  /** @param {PauseReason} reason */
  #release(reason) {
    if (!this.#reasons.delete(reason) || this.#state !== "playing") return;
    this.#run().catch((error) => this.#trouble(error));
  }

  /** Counts down and lets the clock run, unless something holds the game. */
  async #run() {
    const [reason] = this.#reasons;
    if (reason) {
      this.#screen.paused(reason);
      return;
    }
    this.#running.abort();
    const running = new AbortController();
    this.#running = running;
    const untouched = this.#buffer?.length === 0;
    await this.#screen.countdown(untouched ? this.#view.freeze_seconds : 0, running.signal);
    if (running.signal.aborted) return;
    this.#screen.playing(true);
    this.#engine.go();
  }

  /** @param {number} score */
  #over(score) {
    this.#state = "over";
    this.#overSince = performance.now();
    this.#screen.playing(false);
    this.#screen.finished(this.#episode, score);
  }

  #end() {
    this.#buffer?.end();
    this.#flush();
  }

  /** @param {unknown} error */
  #trouble(error) {
    if (error instanceof EngineFailure) {
      this.#failed(error.problem);
    } else if (!this.#life.signal.aborted) {
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      this.#failed({ stage: "render", message, traceback: stack ?? "" });
    }
  }
}
