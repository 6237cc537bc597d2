/**
 * Python in the worker: Pyodide, the wheels and our own package, and the calls into the engine.
 *
 * Everything that knows Pyodide is here.
 */
import { download } from "./download.js";
import { COPY_FIELDS, FIELDS, GLUE, IMPORT_EARLY } from "./glue.js";

/** @typedef {import("./messages").CopyOutput} CopyOutput */
/** @typedef {import("./messages").CopyStart} CopyStart */
/** @typedef {import("./messages").EngineFiles} EngineFiles */
/** @typedef {import("./messages").LoadingStage} LoadingStage */
/** @typedef {import("./messages").Output} Output */
/** @typedef {import("./messages").Problem} Problem */
/** @typedef {import("./messages").Wanted} Wanted */
/** Values that scenes share, as JSON. @typedef {import("../wire").Play["globals"]} Shared */

/** The engine's failure, with the stage and traceback that go to the researcher. */
export class EngineError extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.message);
    this.problem = problem;
  }
}

export class Python {
  /** @type {any} */
  #call;

  /** @param {any} call the proxy of `greenroom_call` */
  constructor(call) {
    this.#call = call;
  }

  /**
   * @param {EngineFiles} files
   * @param {(stage: LoadingStage, loaded: number, total: number) => void} progress
   */
  static async load(files, progress) {
    const home = `${files.vendor}pyodide/`;
    const own = ["pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"].map((name) => home + name);
    const contents = await download(
      [files.python, ...own, ...files.wheels],
      (loaded, total) => progress("files", loaded, total),
    );
    progress("python", 0, 1);
    const { loadPyodide } = await import(`${home}pyodide.mjs`);
    const pyodide = await loadPyodide({ indexURL: home });
    progress("packages", 0, 1);
    if (files.wheels.length > 0) await pyodide.loadPackage(files.wheels, { messageCallback: () => {} });
    const site = pyodide.runPython("import site; site.getsitepackages()[0]");
    pyodide.unpackArchive(contents[0], "tar", { extractDir: site });
    pyodide.runPython(GLUE);
    if (files.wheels.length > 0) pyodide.runPython(IMPORT_EARLY);
    return new Python(pyodide.globals.get("greenroom_call"));
  }

  /** @param {string} code @param {string} filename @param {Uint8Array} settings */
  create(code, filename, settings) {
    return this.#run("create", code, filename, settings) ?? null;
  }

  /** @param {number} seed @param {number} episode @param {Uint8Array[]} rows @param {Shared} shared */
  reset(seed, episode, rows, shared) {
    return single(this.#run("reset", seed, episode, rows, shared ?? undefined));
  }

  /** @param {string} inputs */
  step(inputs) {
    return single(this.#run("step", inputs));
  }

  /** After a reset that waits for networks: when they have answered. */
  replayOn() {
    return single(this.#run("replay_on"));
  }

  /** What a network gave. @param {string} agent @param {string[]} names @param {Uint8Array[]} values of each output */
  answer(agent, names, values) {
    this.#run("answer", agent, names, values);
  }

  /** A copy of a game for several players. @param {string} code @param {string} filename @param {Uint8Array} settings */
  createCopy(code, filename, settings) {
    return this.#run("create_copy", code, filename, settings) ?? null;
  }

  /** @param {CopyStart} start */
  resetCopy({ seed, episode, seat, input_delay, globals }) {
    const values = this.#run("reset_copy", seed, episode, seat, input_delay, globals ?? undefined);
    return /** @type {CopyOutput} */ (named(COPY_FIELDS, values));
  }

  /** @param {Uint8Array} events */
  tick(events) {
    return /** @type {CopyOutput} */ (named(COPY_FIELDS, this.#run("tick", events)));
  }

  redraw() {
    return /** @type {CopyOutput} */ (named(COPY_FIELDS, this.#run("redraw")));
  }

  /** @param {number} frame @returns {[number, Uint8Array]} the frame of the state, and the state */
  snapshot(frame) {
    return this.#run("snapshot", frame);
  }

  /** @param {number} frame @param {Uint8Array} state another copy's @returns {string[]} in what the own one differs */
  differences(frame, state) {
    return this.#run("differences", frame, state);
  }

  /** @returns {Uint8Array | null} */
  pending() {
    return this.#run("pending") ?? null;
  }

  /**
   * @param {string} name @param {...unknown} parameters
   * @returns {any}
   */
  #run(name, ...parameters) {
    const answer = this.#call(name, ...parameters);
    const [problem, value] = answer.toJs({ create_pyproxies: false });
    answer.destroy();
    if (problem) {
      const [failed, message, traceback] = problem;
      throw new EngineError({ stage: failed, message, traceback });
    }
    return value;
  }
}

/**
 * What a call of the single player's engine gave: what the page is told, and what only the worker needs.
 * @param {unknown[]} values @returns {{output: Output, wanted: Wanted}}
 */
function single(values) {
  const { models, ...output } = named(FIELDS, values);
  return { output, wanted: { models: models ?? [], replaying: Boolean(values[FIELDS.length]) } };
}

/** @param {readonly string[]} fields @param {unknown[]} values @returns {any} */
function named(fields, values) {
  return Object.fromEntries(fields.map((field, index) => [field, values[index] ?? null]));
}
