/**
 * The worker in which the environment runs and the clock ticks.
 *
 * A worker, because loading Python and a heavy step would freeze the page, and because its timers go on where the
 * page's are throttled. It owns the fixed-step clock and the key state, so that a step needs no answer from the page.
 */
import { KeyState } from "../input/keys.js";
import { FrameClock, quantile } from "./clock.js";
import { EngineError, Python } from "./python.js";

/** @typedef {import("./messages").FromWorker} FromWorker */
/** @typedef {import("./messages").Output} Output */
/** @typedef {import("./messages").ToWorker} ToWorker */
/** @typedef {import("../wire").FailedStage} FailedStage */

/** @type {Python} */
let python;
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
soon.port1.onmessage = () => tick();

addEventListener("message", (event) => {
  const message = /** @type {ToWorker} */ (event.data);
  attempt(message.type === "reset" ? "reset" : message.type === "create" ? "create" : "load", () => handle(message));
});

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
      python.create(message.environment.code, message.environment.filename, message.environment.settings);
      return tell({ type: "created", run });
    case "reset": {
      pause();
      clock = new FrameClock(fps);
      durations = [];
      played = 0;
      keys.releaseAll();
      const output = python.reset(message.seed, message.episode, message.rows);
      return tell({ type: "begun", run, output }, output);
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
  }
}

/** @param {import("./messages").EngineFiles} files */
async function load(files) {
  const began = performance.now();
  python = await Python.load(files, (stage, loaded, total) => tell({ type: "progress", stage, loaded, total }));
  tell({ type: "loaded", milliseconds: performance.now() - began });
}

function pause() {
  if (going) played += performance.now() - since;
  going = false;
  clearTimeout(timer);
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
 * @param {Output} [output] whose bytes are handed over instead of copied
 */
function tell(message, output) {
  const bytes = [output?.row, output?.frame].flatMap((part) => (part ? [part.buffer] : []));
  postMessage(message, { transfer: /** @type {ArrayBuffer[]} */ (bytes) });
}
