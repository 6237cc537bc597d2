/**
 * One visit's game with others: what the service says goes to the copy, what the copy says to the service.
 *
 * What `player.js` is for single games. Nothing that happens in each frame waits for a timer of the page or for its
 * drawing: a hidden page plays on, driven by the socket and by the worker.
 */
import { EngineFailure } from "./engine.js";
import { HostRows } from "./host_rows.js";
import { Witness } from "./witness.js";

/** @typedef {import("../wire").CatchUp} CatchUp */
/** @typedef {import("../wire").Confirmed} Confirmed */
/** @typedef {import("../wire").Dismissal} Dismissal */
/** @typedef {import("../wire").FromBrowser} FromBrowser */
/** @typedef {import("../wire").GroupView} GroupView */
/** @typedef {import("../wire").GymView} GymView */
/** @typedef {import("../wire").Prepare} Prepare */
/** @typedef {import("../wire").ToBrowser} ToBrowser */
/** @typedef {import("../worker/messages").CopyOutput} CopyOutput */
/** @typedef {import("../worker/messages").EpisodeTiming} EpisodeTiming */
/** @typedef {import("../worker/messages").FromCopy} FromCopy */
/** @typedef {import("../worker/messages").Problem} Problem */
/** @typedef {import("../worker/messages").Sent} Sent */
/** @typedef {import("./engine.js").Engine} Engine */
/** @typedef {import("./player.js").Link} Link */

/**
 * @typedef {object} SharedScreen what the player asks of the page
 * @property {(agent: string) => void} role which agent the player is
 * @property {(episode: number, before: number | null) => void} episode a new episode is prepared; the score before it, if
 *   it goes on
 * @property {(episode: number, left_ms: number) => Promise<void>} ask before it begins: resolves when a button is pressed
 * @property {(output: CopyOutput) => Promise<void>} draw
 * @property {() => void} ready this player's copy is prepared; others may not be
 * @property {(milliseconds: number) => void} countdown until the clock starts
 * @property {(active: boolean) => void} playing the clock runs and keys count, or not
 * @property {(agents: string[], left_ms: number) => void} waiting the game waits, for these others or for nobody
 * @property {() => void} catchingUp
 * @property {(agent: string, away: boolean, left_ms: number) => void} away another player is away, or back
 * @property {(slow: boolean) => void} slow the copy waits for the network, or no longer
 * @property {(episode: number, score: number | null) => void} finished
 * @property {(reason: Dismissal | null) => void} over
 */

/** @typedef {Prepare & {id: number, confirmed: number}} CopyHere the episode that the copy in the worker is in */

/** How often rows go out, in milliseconds. */
const FLUSH_MS = 400;

/** How long the score of an episode stays before the next begins, in milliseconds. */
const BETWEEN_MS = 1800;

/**
 * How long the next episode, or the end of the game, waits for the last frames of this one, in milliseconds. Where the service plays the copy that
 * counts, it knows of an episode's end before the copy here has come to it.
 */
const LAST_FRAMES_MS = 1000;

/** Largest state that fits into a message. */
const STATE_BYTES = 500 * 1024;

/** Most lines that tell how an adopted state differed, and their length: enough to find the fault, little to send. */
const DIFFERENCES = 20;
const DIFFERENCE_LENGTH = 200;

/**
 * Counts the episodes that were prepared, so that what is said of an earlier one is known. For all games of the page, so
 * that no two scenes share a number.
 */
let prepared = 0;

export class SharedPlayer {
  #engine;
  #group;
  #view;
  #screen;
  #link;
  #failed;
  /** @type {CopyHere | null} */
  #copy = null;
  /** @type {"idle" | "preparing" | "prepared" | "catching" | "counting" | "playing" | "paused" | "ended" | "over" | "stopped"} */
  #state = "idle";
  #rows = new HostRows();
  /** Number of frames of the episode, when it is over. @type {number | null} */
  #end = null;
  #endedAt = -Infinity;
  #witness = new Witness("", 0, 0);
  #flushed = 0;
  #flusher;
  /** What came since the service was through with this episode, while its last frames are played. @type {ToBrowser[] | null} */
  #held = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #holding;
  #life = new AbortController();

  /**
   * @param {Engine} engine @param {GymView & {group: GroupView}} view @param {SharedScreen} screen @param {Link} link
   * @param {(problem: Problem) => void} failed
   */
  constructor(engine, view, screen, link, failed) {
    this.#engine = engine;
    this.#view = view;
    this.#group = view.group;
    this.#screen = screen;
    this.#link = link;
    this.#failed = failed;
    // For what is left when no frame comes any more; while the game runs, the frames themselves drive it.
    this.#flusher = setInterval(() => this.#flush(), FLUSH_MS);
    const visibility = () => engine.visible(!document.hidden);
    document.addEventListener("visibilitychange", visibility, { signal: this.#life.signal });
    visibility();
  }

  /** How far the copy here has come; null if there is none. @returns {import("../wire").Progress | null} */
  get has() {
    if (!this.#copy || this.#state === "stopped") return null;
    const { game, episode, confirmed } = this.#copy;
    return { game, episode, confirmed };
  }

  /** @param {ToBrowser} message */
  receive(message) {
    if (this.#state === "stopped") return;
    const { type } = message;
    if (this.#held) this.#held.push(message);
    else if (this.#early(message)) this.#hold(message);
    else if (type === "prepare") this.#prepareAgain(message.body);
    else if (type === "catch_up") this.#catchUp(message.body);
    else if (type === "over") this.#over(message.body.reason);
    else if (type === "acknowledged") this.#rows.acknowledged(message.body);
    else if (type === "away" || type === "back") this.#away(message);
    else if (this.#copy) this.#inEpisode(this.#copy, message);
  }

  /** @param {CopyHere} copy @param {ToBrowser} message */
  #inEpisode(copy, message) {
    if (!("body" in message) || !("episode" in message.body) || message.body.episode !== copy.episode) return;
    switch (message.type) {
      case "relayed": {
        const { seat, first, inputs } = message.body;
        for (const [index, input] of inputs.entries()) this.#engine.feed(["input", seat, first + index, input]);
        break;
      }
      case "confirmed":
        this.#confirm(copy, message.body);
        break;
      case "begin":
        this.#begin(message.body);
        break;
      case "pace":
        this.#engine.pace(message.body.factor);
        stats().lateInputs = message.body.late;
        break;
      case "paused":
        this.#paused(message.body);
        break;
      case "host":
        this.#host(copy, message.body.rows_from);
        break;
      case "snapshot_wanted":
        this.#engine.snapshot(message.body.frame);
        break;
      case "heal":
        this.#engine.heal(message.body.frame, message.body.state, true);
        break;
      case "adopt":
        this.#engine.feed(["adopt", message.body.frame, message.body.state]);
        break;
    }
  }

  // ------------------------------------------------------------------------------------------------ an episode

  /** Whether an episode that is over for the service is still played here. @param {ToBrowser} message */
  #early(message) {
    const copy = this.#copy;
    if (this.#state !== "playing" || this.#end !== null || !copy) return false;
    if (message.type === "over") return message.body.reason === null;
    return message.type === "prepare" && copy.game === message.body.game && copy.episode < message.body.episode;
  }

  /** @param {ToBrowser} message */
  #hold(message) {
    this.#held = [message];
    this.#holding = setTimeout(() => this.#letGo(), LAST_FRAMES_MS);
  }

  /** The episode is over, whether the copy here has come to its end or not. */
  #letGo() {
    clearTimeout(this.#holding);
    const held = this.#held ?? [];
    this.#held = null;
    if (this.#state === "playing") {
      this.#state = "ended";
      this.#screen.playing(false);
    }
    for (const message of held) this.receive(message);
  }

  /** The service repeats itself after a reconnection. @param {Prepare} start */
  #prepareAgain(start) {
    const copy = this.#copy;
    const same = copy?.game === start.game && copy.episode === start.episode && copy.seat === start.seat;
    if (same && this.#state === "preparing") return; // it is told when it is done
    if (same && this.#state === "prepared") this.#say({ type: "prepared", body: { game: copy.game, episode: copy.episode } });
    else this.#prepare(start).catch((error) => this.#trouble(error));
  }

  /** @param {Prepare} start */
  async #prepare(start) {
    const fresh = this.#copy === null;
    const copy = this.#make(start);
    const until = performance.now() + start.milliseconds;
    this.#state = "preparing";
    const output = await this.#engine.prepare(copy);
    // The score of the episode before stays for a moment; nobody looks at a hidden page, and its timers are slow.
    const wait = this.#endedAt + BETWEEN_MS - performance.now();
    if (wait > 0 && !document.hidden) await new Promise((resolve) => setTimeout(resolve, wait));
    const current = () => this.#copy === copy && this.#state === "preparing";
    if (!current()) return;
    const show = async () => {
      this.#screen.episode(copy.episode, copy.score_before);
      const drawn = this.#screen.draw(output);
      if (document.hidden) drawn.catch((error) => this.#trouble(error));
      else await drawn;
    };
    const asks = this.#view.ready_check && copy.episode > 0;
    // What was played stays in sight until the button is pressed; a page that was loaded anew has nothing of it.
    if (asks && fresh) await show();
    if (asks && current()) await this.#screen.ask(copy.episode, until - performance.now());
    if (!(asks && fresh) && current()) await show();
    if (!current()) return;
    this.#state = "prepared";
    this.#screen.ready();
    this.#say({ type: "prepared", body: { game: copy.game, episode: copy.episode } });
  }

  /** @param {Prepare} start @param {number} [from] frames before this one were played by an earlier page */
  #make(start, from = 0) {
    this.#copy = { ...start, id: ++prepared, confirmed: 0 };
    this.#rows.drop();
    this.#end = null;
    this.#witness = new Witness(start.game, start.episode, from);
    Object.assign(stats(), FRESH, { episode: start.episode });
    this.#screen.role(this.#group.agents[start.seat]);
    return this.#copy;
  }

  /** @param {import("../wire").Begin} begin */
  #begin({ frame, in_ms, head_start }) {
    if (this.#end !== null || this.#state === "over") return;
    this.#state = "counting";
    this.#screen.playing(false);
    this.#screen.countdown(in_ms - (frame === 0 ? this.#view.freeze_seconds * 1000 : 0));
    this.#engine.begin(in_ms, head_start);
  }

  /** @param {import("../wire").Paused} paused */
  #paused({ waiting_for, left_ms }) {
    if (this.#end !== null || this.#state === "over") return;
    this.#engine.pause();
    if (this.#state !== "preparing" && this.#state !== "catching") this.#state = "paused";
    this.#screen.playing(false);
    const others = waiting_for.filter((seat) => seat !== this.#copy?.seat);
    this.#screen.waiting(others.map((seat) => this.#group.agents[seat]), left_ms);
    // The service has not heard of this page for a while: it was frozen, or the line was dead. It says that it is there.
    if (this.#copy && waiting_for.includes(this.#copy.seat)) {
      const { game, episode } = this.#copy;
      this.#say({ type: "caught_up", body: { game, episode } });
    }
  }

  /** @param {CopyHere} copy @param {Confirmed} confirmed */
  #confirm(copy, { first, frames }) {
    if (frames.length === 0) return;
    if (first <= copy.confirmed) copy.confirmed = Math.max(copy.confirmed, first + frames.length);
    this.#engine.feed(["confirmed", first, frames]);
  }

  /** @param {CatchUp} catchUp */
  #catchUp({ start, snapshot, confirmed, running, head_start }) {
    let copy = this.#copy;
    const kept = copy?.game === start.game && copy.episode === start.episode && !snapshot;
    if (!copy || !kept) {
      copy = this.#make(start, confirmed.first + confirmed.frames.length);
      this.#screen.episode(copy.episode, copy.score_before);
      this.#engine.prepare(copy).then(
        (output) => this.#screen.draw(output),
      ).catch((error) => this.#trouble(error));
      if (snapshot) {
        copy.confirmed = snapshot.frame;
        this.#engine.heal(snapshot.frame, snapshot.state, false);
      }
    }
    this.#state = "catching";
    if (this.#end === null) this.#screen.playing(false);
    if (this.#end === null) this.#screen.catchingUp();
    this.#confirm(copy, confirmed);
    // A copy that has ended has no use for a clock.
    this.#engine.catchUp(running && this.#end === null ? head_start : null);
  }

  /** @param {Dismissal | null} reason */
  #over(reason) {
    this.#engine.pause();
    this.#state = "over";
    this.#flush(true);
    this.#screen.playing(false);
    this.#screen.over(reason);
  }

  /** @param {Extract<ToBrowser, {type: "away" | "back"}>} message */
  #away(message) {
    const { seat } = message.body;
    if (!this.#copy || seat === this.#copy.seat) return;
    const left = message.type === "away" ? message.body.left_ms : 0;
    this.#screen.away(this.#group.agents[seat], message.type === "away", left);
  }

  // ------------------------------------------------------------------------------------------------ from the copy

  /** @param {FromCopy} message */
  told(message) {
    const copy = this.#copy;
    if (!copy || message.id !== copy.id || this.#state === "stopped") return;
    const { game, episode } = copy;
    switch (message.type) {
      case "ticked":
        this.#ticked(copy, message);
        break;
      case "started":
        if (this.#end !== null || this.#state === "over") break;
        this.#state = "playing";
        this.#screen.playing(true);
        break;
      case "stalled":
        this.#screen.slow(message.stalled);
        break;
      case "caught_up":
        this.#caughtUp(copy);
        break;
      case "pending":
        this.#sendInputs(copy, message.sent);
        break;
      case "snapshot":
        if (message.state.length > STATE_BYTES) {
          console.warn(`the game's state of ${message.state.length} bytes is too large to be sent`);
          break;
        }
        this.#say({ type: "snapshot", body: { game, episode, frame: message.frame, state: message.state } });
        break;
      case "healed":
        if (message.fields === null) break;
        this.#say({ type: "healed", body: { game, episode, frame: message.frame, fields: message.fields } });
        break;
    }
  }

  /** @param {CopyHere} copy @param {FromCopy & {type: "ticked"}} message */
  #ticked(copy, { output, send, at, rows_from, stats: counted }) {
    const { game, episode } = copy;
    const now = { at, focused: document.hasFocus() };
    this.#sendInputs(copy, send);
    if (output.hashes.length > 0) this.#say({ type: "hashes", body: { game, episode, hashes: output.hashes } });
    if (output.healed !== null) copy.confirmed = Math.max(output.confirmed, output.healed);
    if (output.adopted) {
      copy.confirmed = Math.max(copy.confirmed, output.confirmed);
      this.#adopted(copy, output.adopted);
    }
    this.#witness.show(output.t, now);
    const wrong = this.#rows.keep(rows_from, output.rows, (frame) => this.#witness.moment(frame, now));
    if (wrong) this.#failed({ stage: "step", message: wrong, traceback: "" });
    for (const [frame, predicted, depth] of output.timing) this.#witness.confirm(frame, predicted, depth, now);
    this.#screen.draw(output).catch((error) => this.#trouble(error));
    Object.assign(stats(), counted);
    if (output.done && output.end !== null) this.#ended(copy, output.end, output.score);
    else if (output.healed !== null || output.adopted) this.#end = null;
    this.#flush();
  }

  /** @param {CopyHere} copy @param {NonNullable<CopyOutput["adopted"]>} adopted */
  #adopted({ game, episode }, [frame, difference, fields]) {
    // A number of the protocol is finite, whatever the environment has reckoned.
    const endless = typeof difference === "number" && !Number.isFinite(difference);
    const largest = endless ? Number.MAX_VALUE : difference ?? null;
    const told = fields.slice(0, DIFFERENCES).map((field) => field.slice(0, DIFFERENCE_LENGTH));
    this.#say({ type: "adopted", body: { game, episode, frame, largest, fields: told } });
  }

  /** @param {CopyHere} copy @param {number} end @param {number} score */
  #ended(copy, end, score) {
    const again = this.#end !== null;
    this.#end = end;
    if (again) {
      this.#rows.end(end); // a new host, that makes the rows again
      return;
    }
    this.#endedAt = performance.now();
    if (this.#state !== "catching" && this.#state !== "over") this.#state = "ended";
    this.#screen.playing(false);
    this.#screen.finished(copy.episode, score);
  }

  /** The clock has stopped after the last frame. @param {EpisodeTiming} timing */
  timed(timing) {
    const copy = this.#copy;
    if (!copy || this.#end === null || this.#state === "stopped") return;
    const { game, episode } = copy;
    for (const body of this.#witness.take(performance.now(), true)) this.#say({ type: "witnessed", body });
    // From opening the page to the first frame: that would measure the others, not this browser.
    const body = { game, episode, ...timing, first_frame: null, photon_p50: null, photon_p99: null };
    if (timing.fps > 0) this.#say({ type: "timing", body }); // else it was only caught up with
    this.#tellEnd(copy);
    if (this.#held) this.#letGo();
  }

  /** @param {CopyHere} copy */
  #caughtUp(copy) {
    const { game, episode } = copy;
    const over = this.#end !== null;
    this.#state = over ? "ended" : "paused";
    this.#say({ type: "caught_up", body: { game, episode } });
    this.#engine.pending();
    this.#rows.rewind();
    if (over) this.#tellEnd(copy);
    else this.#flush(true);
  }

  /** @param {CopyHere} copy */
  #tellEnd({ game, episode }) {
    const steps = this.#end ?? 0;
    // The host's word comes behind its rows.
    if (this.#rows.hosting) this.#rows.end(steps);
    else this.#say({ type: "episode_ended", body: { game, episode, steps } });
    this.#flush(true);
  }

  /** @param {CopyHere} copy @param {Sent | null} sent */
  #sendInputs({ game, episode }, sent) {
    if (sent) this.#say({ type: "inputs", body: { game, episode, ...sent } });
  }

  // ------------------------------------------------------------------------------------------------ rows

  /** @param {CopyHere} copy @param {number | null} from */
  #host({ game, episode }, from) {
    if (from === null) this.#rows.drop();
    if (from === null || this.#rows.begin(game, episode, from)) this.#engine.feed(["rows", from]);
    this.#flush(true);
  }

  /** The service misses rows. @returns {boolean} false when sending again does not help */
  gap() {
    const useful = this.#rows.gap(performance.now());
    this.#flush(true);
    return useful;
  }

  /** The service could not store what it was sent. */
  unavailable() {
    this.#rows.unavailable(performance.now());
  }

  /** @param {boolean} [at_once] */
  #flush(at_once = false) {
    const now = performance.now();
    if (!at_once && now - this.#flushed < FLUSH_MS) return;
    this.#flushed = now;
    for (const body of this.#witness.take(now)) this.#say({ type: "witnessed", body });
    this.#rows.flush(now, (message) => this.#link.send(message));
  }

  /**
   * Says it now or never: what matters of it is known anew after a reconnection (see `caught_up`).
   * @param {FromBrowser} message
   */
  #say(message) {
    this.#link.send(message);
  }

  // ------------------------------------------------------------------------------------------------ the end

  /** The game cannot go on. Rows that were made still go out. */
  stop() {
    this.#engine.pause();
    this.#flush(true);
    this.#state = "stopped";
  }

  close() {
    this.#life.abort();
    clearTimeout(this.#holding);
    clearInterval(this.#flusher);
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

const FRESH = { episode: 0, maxDepth: 0, rollbacks: 0, depths: [], waitedFrames: 0, lateInputs: 0, stalls: 0 };

/** How the copy fares, for tests and for whoever looks at the browser's console. @returns {typeof FRESH} */
function stats() {
  const page = /** @type {any} */ (globalThis);
  page.greenroomStats ??= { ...FRESH };
  return page.greenroomStats;
}
