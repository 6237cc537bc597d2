/**
 * Networks that play in the browser: ONNX Runtime, loaded only where a scene has such an agent.
 *
 * Python says what to feed them and what to make of their outputs; here they are only run. Everything that knows ONNX
 * Runtime is in `openNetworks`, so that the rest is tested without it.
 */
import { download } from "./download.js";

/** @typedef {import("../wire").ModelView} ModelView */
/** @typedef {import("./messages").NetworkFeeds} NetworkFeeds */

/** @typedef {{run: (feeds: NetworkFeeds) => Promise<NetworkOutputs>, close: () => void}} Network */
/** @typedef {[name: string, values: Float32Array][]} NetworkOutputs */
/** @typedef {(agent: string, names: string[], values: Uint8Array[]) => void} Answer gives an agent's outputs to Python */

export class Models {
  /** @type {Map<string, Network>} by agent */
  #networks;
  #answer;
  /** What is under way; null when all is answered. @type {Promise<void> | null} */
  #running = null;
  /** Counts what was asked for, so that the answer to a question that was dropped goes nowhere. */
  #asked = 0;

  /** @param {Map<string, Network>} networks @param {Answer} answer */
  constructor(networks, answer) {
    this.#networks = networks;
    this.#answer = answer;
  }

  /** Whether Python still waits for an answer. */
  get busy() {
    return this.#running !== null;
  }

  /**
   * Runs the networks that a step asks for; each agent's outputs go to Python as soon as they are there.
   * @param {[agent: string, feeds: NetworkFeeds][]} questions
   * @returns {Promise<void>} when all are answered, or dropped
   */
  ask(questions) {
    const asked = ++this.#asked;
    if (questions.length === 0) {
      this.#running = null;
      return Promise.resolve();
    }
    const running = this.#run(questions, asked).finally(() => {
      if (asked === this.#asked) this.#running = null;
    });
    this.#running = running;
    return running;
  }

  /** Nobody wants the answers any more: another episode begins. */
  drop() {
    this.#asked += 1;
    this.#running = null;
  }

  /** Another environment comes. */
  close() {
    this.drop();
    for (const network of new Set(this.#networks.values())) network.close();
    this.#networks.clear();
  }

  /** @param {[string, NetworkFeeds][]} questions @param {number} asked */
  async #run(questions, asked) {
    for (const [agent, feeds] of questions) {
      const network = this.#networks.get(agent);
      if (!network) throw new Error(`there is no network for agent ${agent}`);
      /** @type {NetworkOutputs} */
      let outputs;
      try {
        outputs = await network.run(feeds);
      } catch (error) {
        if (asked !== this.#asked) return;
        throw new Error(`the network of agent ${agent} failed: ${error instanceof Error ? error.message : error}`);
      }
      if (asked !== this.#asked) return;
      this.#answer(agent, outputs.map(([name]) => name), outputs.map(([, values]) => bytesOf(values)));
    }
  }
}

/** The module of ONNX Runtime without a graphics card, and its WebAssembly. */
const RUNTIME = ["ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"];

/**
 * Loads ONNX Runtime, once, and the networks of a scene. Agents that play by one file share it: a network keeps nothing
 * from one run to the next.
 * @param {string} vendor address of the vendored files
 * @param {Record<string, ModelView>} models by agent
 * @param {(loaded: number, total: number) => void} progress
 * @returns {Promise<Map<string, Network>>} by agent
 */
export async function openNetworks(vendor, models, progress) {
  const home = `${vendor}onnx/`;
  const urls = [...new Set(Object.values(models).map(({ url }) => url))];
  const files = await download([...RUNTIME.map((name) => home + name), ...urls], progress);
  const ort = await import(home + RUNTIME[0]);
  // By the file, not by its folder: else the runtime looks there for a module that it has in itself.
  ort.env.wasm.wasmPaths = { wasm: home + RUNTIME[1] };
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  ort.env.logLevel = "error";
  /** @type {Map<string, Network>} */
  const opened = new Map();
  for (const [index, url] of urls.entries()) {
    try {
      const session = await ort.InferenceSession.create(files[RUNTIME.length + index], { executionProviders: ["wasm"] });
      opened.set(url, overSession(session, ort.Tensor));
    } catch (error) {
      throw new Error(`the network ${url} could not be opened: ${error instanceof Error ? error.message : error}`);
    }
  }
  return new Map(Object.entries(models).map(([agent, { url }]) => [agent, /** @type {Network} */ (opened.get(url))]));
}

/**
 * A network over a session of ONNX Runtime.
 * @param {any} session @param {any} Tensor its class of tensors
 * @returns {Network}
 */
export function overSession(session, Tensor) {
  const types = new Map((session.inputMetadata ?? []).map((/** @type {any} */ { name, type }) => [name, type]));
  return {
    async run(feeds) {
      const tensors = entries(feeds).map(([name, [bytes, shape]]) => {
        const type = types.get(name) ?? "float32";
        return [name, new Tensor(type, asType(type, floats(bytes)), [...shape])];
      });
      const results = await session.run(Object.fromEntries(tensors));
      return session.outputNames.map((/** @type {string} */ name) => [name, asFloats(results[name].data)]);
    },
    close() {
      Promise.resolve(session.release()).catch(() => {}); // its memory is lost then, and nothing else
    },
  };
}

/** Python gives all numbers as 32-bit floats; some networks take lengths or masks as whole numbers. */
const KINDS = /** @type {Record<string, (values: Float32Array) => ArrayLike<number | bigint>>} */ ({
  float32: (values) => values,
  float64: (values) => Float64Array.from(values),
  int32: (values) => Int32Array.from(values),
  int64: (values) => BigInt64Array.from(values, (value) => BigInt(Math.round(value))),
  uint8: (values) => Uint8Array.from(values),
  bool: (values) => Uint8Array.from(values),
});

/** @param {string} type @param {Float32Array} values */
function asType(type, values) {
  const kind = KINDS[type];
  if (!kind) throw new Error(`a network takes an input of type ${type}; supported are ${Object.keys(KINDS).join(", ")}`);
  return kind(values);
}

/** @param {ArrayLike<number | bigint>} data */
function asFloats(data) {
  return data instanceof Float32Array ? data : Float32Array.from(Array.from(data, Number));
}

/** A copy, for the bytes may lie where no float can. @param {Uint8Array} bytes */
function floats(bytes) {
  return new Float32Array(bytes.slice().buffer);
}

/** A copy, for the runtime may use its memory again. @param {Float32Array} values */
function bytesOf(values) {
  return new Uint8Array(values.slice().buffer);
}

/** What Python gives as a dict comes as a map. @param {NetworkFeeds} feeds @returns {[string, [Uint8Array, number[]]][]} */
function entries(feeds) {
  return feeds instanceof Map ? [...feeds] : Object.entries(feeds);
}
