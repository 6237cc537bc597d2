/**
 * The worker in which the environment runs and the clock ticks.
 *
 * A worker, because loading Python and a heavy step would freeze the page, and because its timers go on where the
 * page's are throttled. It owns the fixed-step clock and the key state, so that a step needs no answer from the page. A
 * game for several players has another loop: copy.js.
 */
import { KeyState } from "../input/keys.js";
import { FrameClock, quantile } from "./clock.js";
import { Copy } from "./copy.js";
import { EngineError, Python } from "./python.js";

/** @typedef {import("./messages").FromWorker} FromWorker */
/** @typedef {import("./messages").Output} Output */
/** @typedef {import("./messages").ToWorker} ToWorker */
/** @typedef {import("../wire").FailedStage} FailedStage */

/** @type {Python} */
let python;
/** @type {import("./copy.js").Surroundings["codec"]} */
let codec;
/** Set while the environment is one of a game for several players. @type {Copy | null} */
let copy = null;
let run = 0;
let agent = "";
let fps = 0;
let keys = new KeyState([], "pressed_keys");
let clock = new FrameClock(1);
let going = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** @type {number[]} */
let durations = [];
let played = 0;
let since = 0;

// A port's message comes in the next turn of the event loop, where setTimeout would wait 4 ms.
const soon = new MessageChannel();
soon.port1.onmessage = () => {
  const work = due.shift();
  if (work) attempt("step", work);
  else tick();
};
/** What the copy wants done in the next turn. @type {Array<() => void>} */
const due = [];

addEventListener("message", (event) => {
  const message = /** @type {ToWorker} */ (event.data);
  attempt(stageOf(message), () => handle(message));
});

/** What fails when a message cannot be handled. @param {ToWorker} message @returns {FailedStage} */
function stageOf({ type }) {
  if (type === "load" || type === "create" || type === "reset") return type;
  return type === "prepare" ? "reset" : "step";
}

/** @param {ToWorker} message */
function handle(message) {
  switch (message.type) {
    case "load":
      return load(message.files);
    case "create":
      pause();
      run = message.run;
      agent = message.input.agent;
      fps = message.fps;
      keys = new KeyState(message.input.bindings, message.input.mode);
      create(message.environment, message.group);
      return tell({ type: "created", run });
    case "reset": {
      pause();
      clock = new FrameClock(fps);
      durations = [];
      played = 0;
      keys.releaseAll();
      const output = python.reset(message.seed, message.episode, message.rows);
      return tell({ type: "begun", run, id: null, output }, output);
    }
    case "go":
      if (message.run !== run || going) return undefined;
      going = true;
      since = performance.now();
      clock.start(since);
      return tick();
    case "pause":
      return pause();
    case "keys":
      if (message.event === "down") keys.down(message, message.repeat);
      else if (message.event === "up") keys.up(message);
      else keys.releaseAll();
      return undefined;
    case "prepare": {
      if (message.run !== run || !copy) return undefined;
      const output = copy.prepare(message.start);
      return tell({ type: "begun", run, id: message.start.id, output }, output);
    }
    default:
      if (message.type === "visible" || message.run === run) copy?.handle(message);
      return undefined;
  }
}

/** @param {import("../wire").EnvironmentView} environment @param {import("../wire").GroupView | null} group */
function create({ code, filename, settings }, group) {
  copy = null;
  if (!group) return python.create(code, filename, settings);
  python.createCopy(code, filename, settings);
  copy = new Copy(fps, group.max_prediction, {
    python,
    codec,
    keys,
    tell: (message) => tell({ ...message, run }, message.output),
    now: () => performance.now(),
    later: (milliseconds, work) => {
      const timeout = setTimeout(() => attempt("step", work), milliseconds);
      return () => clearTimeout(timeout);
    },
    soon: (work) => {
      due.push(work);
      soon.port2.postMessage(null);
    },
  });
}

/** @param {import("./messages").EngineFiles} files */
async function load(files) {
  const began = performance.now();
  // The page's names of modules do not hold in a worker.
  codec = await import(`${files.vendor}lib/msgpack.mjs`);
  python = await Python.load(files, (stage, loaded, total) => tell({ type: "progress", stage, loaded, total }));
  tell({ type: "loaded", milliseconds: performance.now() - began });
}

function pause() {
  if (going) played += performance.now() - since;
  going = false;
  clearTimeout(timer);
  copy?.pause();
}

/** One step if it is due; then waits for the next. One step a turn, so that key events get in between. */
function tick() {
  if (!going) return;
  const now = performance.now();
  const wait = clock.wait(now);
  if (wait > 0) {
    timer = setTimeout(tick, wait);
    return;
  }
  clock.step(now);
  attempt("step", () => {
    const output = python.step(JSON.stringify({ [agent]: keys.take() }));
    durations.push(performance.now() - now);
    tell({ type: "stepped", run, output, at: Date.now() }, output);
    if (output.done) finish();
  });
  if (going) soon.port2.postMessage(null);
}

function finish() {
  pause();
  const timing = {
    // The first step is made at once, so n steps take n - 1 periods.
    fps: played > 0 ? ((durations.length - 1) * 1000) / played : 0,
    step_p50: quantile(durations, 0.5),
    step_p99: quantile(durations, 0.99),
    late: clock.late,
  };
  tell({ type: "finished", run, timing });
}

/**
 * Runs it; what it throws is told to the page.
 * @param {FailedStage} stage
 * @param {() => unknown} work
 */
async function attempt(stage, work) {
  try {
    const pending = work();
    // Awaited only if it is a promise: a step must not be put off to a later turn.
    if (pending instanceof Promise) await pending;
  } catch (error) {
    pause();
    if (error instanceof EngineError) {
      tell({ type: "failed", run, problem: error.problem });
      return;
    }
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    tell({ type: "failed", run: stage === "load" ? null : run, problem: { stage, message, traceback: stack ?? "" } });
  }
}

/**
 * @param {FromWorker} message
 * @param {Output | import("./messages").CopyOutput} [output] whose bytes are handed over instead of copied
 */
function tell(message, output) {
  const parts = output ? [output.frame, ...("row" in output ? [output.row] : output.rows)] : [];
  const bytes = parts.flatMap((part) => (part ? [part.buffer] : []));
  postMessage(message, { transfer: /** @type {ArrayBuffer[]} */ (bytes) });
}
