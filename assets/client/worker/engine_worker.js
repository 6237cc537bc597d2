/**
 * The worker in which the environment runs and the clock ticks.
 *
 * A worker, because loading Python and a heavy step would freeze the page, and because its timers go on where the
 * page's are throttled. It owns the fixed-step clock and the key state, so that a step needs no answer from the page. A
 * game for several players has another loop: copy.js.
 */
import { Hands } from "../input/hands.js";
import { FrameClock, quantile } from "./clock.js";
import { Copy } from "./copy.js";
import { Models, openNetworks } from "./models.js";
import { EngineError, Python } from "./python.js";

/** @typedef {import("./messages").FromWorker} FromWorker */
/** @typedef {import("./messages").Output} Output */
/** @typedef {import("./messages").ToWorker} ToWorker */
/** @typedef {import("../wire").FailedStage} FailedStage */

/** @type {Python} */
let python;
/** @type {import("./copy.js").Surroundings["codec"]} */
let codec;
let vendor = "";
/** The networks of the environment. */
let models = new Models(new Map(), () => {});
/** Set while the environment is one of a game for several players. @type {Copy | null} */
let copy = null;
let run = 0;
let agent = "";
let fps = 0;
let hands = new Hands({ bindings: [], mode: "pressed_keys", pointer: null });
let clock = new FrameClock(1);
let going = false;
/** Whether a step is due, but waits for a network. */
let waits = false;
let resets = 0;
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
      hands = new Hands(message.input);
      return create(message.environment, message.group);
    case "reset":
      pause();
      clock = new FrameClock(fps);
      durations = [];
      played = 0;
      hands.releaseAll();
      return reset(message.seed, message.episode, message.rows, message.globals);
    case "go":
      if (message.run !== run || going) return undefined;
      going = true;
      since = performance.now();
      clock.start(since);
      return tick();
    case "pause":
      return pause();
    case "keys":
    case "pointer":
      hands.handle(message);
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
async function create({ code, filename, settings, models: views }, group) {
  copy = null;
  models.close();
  const own = run;
  /** @type {Map<string, import("./models.js").Network>} */
  let networks = new Map();
  if (Object.keys(views).length > 0) {
    try {
      networks = await openNetworks(vendor, views, (loaded, total) => {
        tell({ type: "progress", run: own, stage: "models", loaded, total });
      });
    } catch (error) {
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      if (own === run) throw new EngineError({ stage: "load", message, traceback: stack ?? "" });
    }
    if (own !== run) return; // the scene was left meanwhile
  }
  models = new Models(networks, (agent, names, values) => python.answer(agent, names, values));
  const assets = group ? createCopy(code, filename, settings, group) : python.create(code, filename, settings);
  tell({ type: "created", run, assets });
}

/**
 * @param {string} code @param {string} filename @param {Uint8Array} settings
 * @param {import("../wire").GroupView} group
 */
function createCopy(code, filename, settings, group) {
  const assets = python.createCopy(code, filename, settings);
  copy = new Copy(fps, group.max_prediction, {
    python,
    codec,
    hands,
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
  return assets;
}

/** @param {import("./messages").EngineFiles} files */
async function load(files) {
  const began = performance.now();
  vendor = files.vendor;
  // The page's names of modules do not hold in a worker.
  codec = await import(`${files.vendor}lib/msgpack.mjs`);
  python = await Python.load(files, (stage, loaded, total) => tell({ type: "progress", run: null, stage, loaded, total }));
  tell({ type: "loaded", milliseconds: performance.now() - began });
}

/** @param {number} seed @param {number} episode @param {Uint8Array[]} rows @param {import("./python.js").Shared} shared */
async function reset(seed, episode, rows, shared) {
  models.drop();
  const own = ++resets;
  let { output, wanted } = python.reset(seed, episode, rows, shared);
  while (wanted.replaying) {
    await models.ask(wanted.models);
    if (own !== resets) return;
    ({ output, wanted } = python.replayOn());
  }
  tell({ type: "begun", run, id: null, output }, output);
  await ask(wanted.models);
}

function pause() {
  if (going) played += performance.now() - since;
  going = waits = false;
  clearTimeout(timer);
  copy?.pause();
}

/**
 * One step if it is due; then waits for the next. One step a turn, so that key events get in between. Networks are run
 * right after the step that asks for them, and have the rest of its frame; a step that has to wait for them is late.
 */
function tick() {
  if (!going) return;
  const now = performance.now();
  const wait = clock.wait(now);
  if (wait > 0) {
    timer = setTimeout(tick, wait);
    return;
  }
  if (models.busy) {
    waits = true;
    return;
  }
  clock.step(now);
  attempt("step", () => {
    const { output, wanted } = python.step(JSON.stringify({ [agent]: hands.take() }));
    durations.push(performance.now() - now);
    tell({ type: "stepped", run, output, at: Date.now() }, output);
    if (output.done) finish();
    return wanted.models.length > 0 ? ask(wanted.models) : undefined;
  });
  if (going) soon.port2.postMessage(null);
}

/** @param {import("./messages").Wanted["models"]} questions */
async function ask(questions) {
  await models.ask(questions);
  if (!waits || models.busy) return;
  waits = false;
  tick();
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
