/** Networks in the browser: what Python asks is run, answered, or dropped when nobody wants it any more. */
import assert from "node:assert/strict";
import test from "node:test";
import { Models, overSession } from "../../assets/client/worker/models.js";

const bytes = (/** @type {number[]} */ ...values) => new Uint8Array(new Float32Array(values).buffer);
const feeds = (/** @type {number[]} */ ...values) => new Map([["obs", /** @type {any} */ ([bytes(...values), [1, values.length]])]]);

class Tensor {
  /** @param {string} type @param {any} data @param {number[]} dims */
  constructor(type, data, dims) {
    Object.assign(this, { type, data, dims });
  }
}

/** Networks that answer when the test says so. @param {string[]} agents */
function models(...agents) {
  /** @type {any[]} */
  const answers = [];
  /** @type {any[]} */
  const running = [];
  const closed = { count: 0 };
  const network = {
    run: (/** @type {any} */ fed) => new Promise((resolve, reject) => running.push({ fed, resolve, reject })),
    close: () => void (closed.count += 1),
  };
  const made = new Models(new Map(agents.map((agent) => [agent, /** @type {any} */ (network)])), (agent, names, values) => {
    answers.push([agent, names, values.map((value) => [...new Float32Array(value.buffer)])]);
  });
  return { models: made, answers, running, closed };
}

test("each agent's outputs go to Python, one network after the other", async () => {
  const it = models("left", "right");
  assert.equal(it.models.busy, false);
  const asked = it.models.ask([["left", feeds(1, 2)], ["right", feeds(3)]]);
  assert.deepEqual([it.models.busy, it.running.length], [true, 1]);
  it.running[0].resolve([["logits", Float32Array.of(0.25, 0.5)], ["state", Float32Array.of(7)]]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(it.answers, [["left", ["logits", "state"], [[0.25, 0.5], [7]]]]);
  assert.ok(it.models.busy);
  it.running[1].resolve([["logits", Float32Array.of(1)]]);
  await asked;
  assert.deepEqual([it.answers.length, it.models.busy], [2, false]);
  await it.models.ask([]);
  assert.equal(it.models.busy, false);
});

test("an answer to a question that was dropped goes nowhere, and neither does its failure", async () => {
  const it = models("left");
  const first = it.models.ask([["left", feeds(1)]]);
  it.models.drop();
  assert.equal(it.models.busy, false);
  const second = it.models.ask([["left", feeds(2)]]);
  it.running[0].resolve([["logits", Float32Array.of(1)]]);
  await first;
  assert.deepEqual([it.answers, it.models.busy], [[], true]);
  it.models.close();
  it.running[1].reject(new Error("gone"));
  await second;
  assert.equal(it.closed.count, 1);
});

test("a network that fails, or is not there, is told by its agent", async () => {
  const it = models("left");
  await assert.rejects(it.models.ask([["nobody", feeds(1)]]), /no network for agent nobody/);
  const asked = it.models.ask([["left", feeds(1)]]);
  it.running[0].reject(new Error("wrong shape"));
  await assert.rejects(asked, /the network of agent left failed: wrong shape/);
  assert.equal(it.models.busy, false);
});

test("floats become what the network takes, and all outputs become floats", async () => {
  /** @type {any} */
  let fed;
  const session = {
    inputMetadata: [{ name: "obs", type: "float32" }, { name: "length", type: "int64" }, { name: "mask", type: "bool" }],
    outputNames: ["logits", "count"],
    run: async (/** @type {any} */ given) => {
      fed = given;
      return { logits: { data: Float32Array.of(0.5) }, count: { data: BigInt64Array.of(3n) } };
    },
  };
  // Bytes that begin where no float can.
  const whole = new Uint8Array(9);
  whole.set(bytes(1.5, 2.5), 1);
  const outputs = await overSession(session, Tensor).run({
    obs: [whole.subarray(1), [1, 2]], length: [bytes(4), [1]], mask: [bytes(1, 0), [2]],
  });
  assert.deepEqual([fed.obs.type, [...fed.obs.data], fed.obs.dims], ["float32", [1.5, 2.5], [1, 2]]);
  assert.deepEqual([fed.length.type, [...fed.length.data], [...fed.mask.data]], ["int64", [4n], [1, 0]]);
  assert.deepEqual(outputs.map(([name, values]) => [name, [...values]]), [["logits", [0.5]], ["count", [3]]]);
  const strange = overSession({ ...session, inputMetadata: [{ name: "obs", type: "string" }] }, Tensor);
  await assert.rejects(strange.run({ obs: [bytes(1), [1]] }), /input of type string/);
});
