/** A copy in the worker: one call a tick, the bound, catching up, healing, without a browser and without Python. */
import assert from "node:assert/strict";
import test from "node:test";
import { Hands } from "../../assets/client/input/hands.js";
import { Copy, STALL_MS } from "../../assets/client/worker/copy.js";
import { codec, frames, Time, ToyPython } from "./toy_copy.mjs";

const FPS = 50;
const FRAME = 1000 / FPS;
const LEFT = { key: "ArrowLeft", code: "ArrowLeft" };

function copy(options = {}) {
  const time = new Time();
  const python = Object.assign(new ToyPython(), options);
  const hands = new Hands({ bindings: [["ArrowLeft"], ["ArrowRight"]], mode: "pressed_keys", pointer: "hold" });
  /** @type {any[]} */
  const told = [];
  const made = new Copy(FPS, python.bound, {
    python: /** @type {any} */ (python), codec, hands, tell: (message) => told.push(message), now: () => time.now,
    later: time.later, soon: time.soon,
  });
  const prepare = (/** @type {any} */ start = {}) =>
    made.prepare({ id: 7, seed: 1, episode: 0, seat: 1, input_delay: 2, ...start });
  const said = (/** @type {string} */ type) => told.filter((message) => message.type === type);
  return {
    time, python, hands, told, copy: made, prepare, said,
    feed: (/** @type {any[]} */ ...events) => made.handle({ type: "events", run: 1, events }),
    begin: (in_ms = 0, head_start = 0) => made.handle({ type: "begin", run: 1, in_ms, head_start }),
    last: () => said("ticked").at(-1)?.output,
  };
}

test("each tick is one call, with the news since the last and one input for each frame", () => {
  const it = copy();
  assert.equal(it.prepare().t, 0);
  assert.deepEqual([it.python.start.seat, it.python.start.input_delay], [1, 2]);
  it.begin(100, 2);
  it.time.pass(99);
  assert.equal(it.said("started").length, 0);
  it.time.pass(1);
  assert.equal(it.said("started").length, 1);
  assert.deepEqual(it.python.calls, [[["local", null], ["local", null], ["local", null], ["advance", 3]]]);
  it.time.pass(3 * FRAME);
  it.hands.handle({ type: "keys", event: "down", ...LEFT, repeat: false, at: 0 });
  it.feed(frames(0, 1));
  it.feed(["input", 0, 3, codec.encode(5)]);
  it.time.pass(FRAME);
  const call = it.python.calls.at(-1) ?? [];
  assert.deepEqual(call.map((event) => event[0]), ["confirmed", "input", "local", "advance"]);
  assert.deepEqual(call[2], ["local", 0]);
  assert.ok(call[1][3] instanceof Uint8Array, "inputs pass unread");
  const { send, id, output } = it.said("ticked").at(-1);
  assert.deepEqual([send.first, send.inputs.map((/** @type {any} */ bytes) => codec.decode(bytes)), id], [8, [0], 7]);
  assert.deepEqual([output.t, output.confirmed], [7, 1]);
});

test("a place on the picture is an action itself", () => {
  const it = copy();
  it.prepare();
  it.begin();
  it.hands.handle({ type: "pointer", event: "press", x: 3, y: 4, at: 0 });
  it.time.pass(FRAME);
  const place = { x: 3, y: 4, pressed: true };
  assert.ok(it.python.calls.flat().some((event) => JSON.stringify(event) === JSON.stringify(["local_value", place])));
});

test("at the bound Python is left alone, the keys are kept, and a long wait is told and taken back", () => {
  const it = copy({ bound: 4 });
  it.prepare();
  it.begin();
  it.time.pass(10 * FRAME);
  const calls = it.python.calls.length;
  assert.equal(it.last().t, 4);
  it.hands.handle({ type: "keys", event: "down", ...LEFT, repeat: false, at: 0 });
  it.hands.handle({ type: "keys", event: "up", ...LEFT, at: 0 });
  it.time.pass(STALL_MS + 2 * FRAME);
  assert.equal(it.python.calls.length, calls);
  assert.deepEqual(it.said("stalled").map((message) => message.stalled), [true]);
  it.time.pass(3000);
  assert.ok(it.said("alive").length >= 2, "the page hears that the worker lives");
  it.feed(frames(0, 3));
  it.time.pass(FRAME);
  assert.deepEqual(it.said("stalled").map((message) => message.stalled), [true, false]);
  assert.ok(it.python.calls.flat().some(([kind, key]) => kind === "local" && key === 0), "the tap was not lost");
  assert.ok(!it.said("ticked").some((message) => message.output.waiting));
  const { waitedFrames, stalls } = it.said("ticked").at(-1).stats;
  assert.ok(waitedFrames > 100 && stalls === 1, `${waitedFrames} ${stalls}`);
});

test("while the clock stands still, what is confirmed is taken soon after it comes", () => {
  const it = copy();
  it.prepare();
  it.feed(["rows", 0], frames(0, 5));
  it.time.pass(1);
  assert.deepEqual([it.last().t, it.last().rows.length], [5, 5]);
  it.begin();
  it.time.pass(3 * FRAME);
  it.copy.pause();
  const { t } = it.last();
  it.feed(frames(5, 1));
  it.time.pass(500);
  assert.deepEqual([it.last().t, it.last().confirmed], [t, 6]);
});

test("who has fallen behind goes on at once to where it usually is", () => {
  const it = copy();
  it.prepare();
  it.begin(0, 3);
  for (let frame = 0; frame < 20; frame += 1) {
    it.time.pass(FRAME);
    it.feed(frames(frame, 1));
  }
  const lead = it.last().t - it.last().confirmed;
  it.feed(frames(20, 40));
  it.time.pass(1);
  assert.equal(it.last().confirmed, 60);
  assert.ok(Math.abs(it.last().t - 60 - lead) <= 1, `${it.last().t - 60} instead of ${lead}`);
  const advances = it.python.calls.filter((call) => call.some(([kind]) => kind === "advance"));
  assert.ok(!advances.at(-1)?.some(([kind]) => kind === "confirmed"), "what may take several calls is taken by itself");
});

test("catching up takes slices, is told, and then the clock runs with its head start", () => {
  const it = copy({ slice: 30 });
  it.prepare();
  it.feed(frames(0, 100));
  it.copy.handle({ type: "catch_up", run: 1, head_start: 4 });
  it.time.pass(1);
  assert.deepEqual(it.said("caught_up").length, 1);
  const order = it.told.map((message) => message.type);
  assert.ok(order.indexOf("caught_up") < order.indexOf("started"));
  assert.ok(it.said("ticked").slice(0, 3).every((message) => message.output.behind > 0));
  assert.equal(it.last().t, 105);
  const waiting = copy();
  waiting.prepare();
  waiting.feed(frames(0, 10));
  waiting.copy.handle({ type: "catch_up", run: 1, head_start: null });
  waiting.time.pass(1000);
  assert.deepEqual([waiting.said("caught_up").length, waiting.said("started").length, waiting.last().t], [1, 0, 10]);
});

test("rows are numbered, also for a host that comes later or goes back", () => {
  const it = copy();
  it.prepare();
  const numbers = () => it.said("ticked").filter(({ output }) => output.rows.length > 0)
    .map(({ rows_from, output }) => [rows_from, output.rows.length, codec.decode(output.rows[0])]);
  it.feed(frames(0, 4), ["rows", 2]);
  it.time.pass(1);
  it.feed(frames(4, 1), ["rows", 4]); // known already
  it.time.pass(1);
  it.feed(["rows", 1]);
  it.time.pass(1);
  assert.deepEqual(numbers(), [[2, 2, { t: 2 }], [4, 1, { t: 4 }], [1, 4, { t: 1 }]]);
});

test("the end stops the clock and brings the timing; a healed copy that had ended alone goes on", () => {
  const it = copy({ length: 10 });
  it.prepare();
  it.begin(0, 2);
  for (let frame = 0; frame < 10; frame += 1) {
    it.time.pass(FRAME);
    it.feed(frames(frame, 1));
  }
  it.time.pass(FRAME);
  assert.deepEqual([it.last().done, it.last().end], [true, 10]);
  const [{ timing }] = it.said("finished");
  assert.ok(timing.fps > 45 && timing.fps < 75, `${timing.fps}`);
  const { t } = it.last();
  it.time.pass(1000);
  assert.equal(it.last().t, t);
  it.python.length = 50;
  it.copy.handle({ type: "heal", run: 1, frame: 10, state: codec.encode({}), compare: true });
  it.time.pass(3 * FRAME);
  assert.ok(it.last().t > t && !it.last().done);
});

test("a heal is compared first, and only if it is wanted", () => {
  const it = copy({ ill: true });
  it.prepare();
  it.feed(frames(0, 20));
  it.copy.handle({ type: "heal", run: 1, frame: 20, state: codec.encode({}), compare: true });
  assert.deepEqual(it.said("healed").map(({ frame, fields }) => [frame, fields]), [[20, ["ball.x: 1 != 2"]]]);
  it.copy.handle({ type: "heal", run: 1, frame: 20, state: codec.encode({}), compare: false });
  assert.equal(it.said("healed").at(-1).fields, null);
  it.copy.handle({ type: "snapshot", run: 1, frame: 15 });
  assert.equal(it.said("snapshot")[0].frame, 15);
});

test("nothing is drawn for a hidden page; seen again, it gets all of it, and the game has gone on", () => {
  const it = copy();
  it.prepare();
  it.begin(0, 2);
  it.time.pass(2 * FRAME);
  it.copy.handle({ type: "visible", visible: false });
  it.time.pass(2 * FRAME);
  assert.equal(it.last().draw, null);
  assert.ok(it.last().t > 4);
  const before = it.said("ticked").length;
  it.copy.handle({ type: "visible", visible: true });
  assert.deepEqual(it.said("ticked").slice(before).map(({ output }) => output.draw), ["{}", "{}"]);
  it.copy.handle({ type: "visible", visible: false });
  it.prepare({ id: 8 });
  it.begin();
  it.time.pass(FRAME);
  assert.equal(it.last().draw, null, "in the next episode, too");
});
