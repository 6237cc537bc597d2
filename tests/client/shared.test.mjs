/** A game with others on the page's side: from `prepare` to the end, and through everything that may come between. */
import assert from "node:assert/strict";
import test, { mock } from "node:test";
import { MOST_FRAMES, Witness } from "../../assets/client/game/witness.js";
import { SharedPlayer } from "../../assets/client/game/shared_player.js";
import { Copy } from "../../assets/client/worker/copy.js";
import { codec, frames, Time, ToyPython } from "./toy_copy.mjs";

const FPS = 50;
const FRAME = 1000 / FPS;
const page = Object.assign(new EventTarget(), { hidden: false, hasFocus: () => true });
Object.assign(globalThis, { document: page });

/** Lets promises settle. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A player with its copy, and everything that it says. */
function table(options = {}) {
  const time = new Time();
  const python = Object.assign(new ToyPython(), options);
  /** @type {any[]} */
  const sent = [];
  /** @type {any[]} */
  const shown = [];
  /** @type {any[]} */
  const problems = [];
  const network = { up: true };
  /** @type {any} */
  let player;
  const copy = new Copy(FPS, python.bound, {
    python: /** @type {any} */ (python), codec, hands: { take: () => 1, releaseAll() {} }, now: () => time.now,
    later: time.later, soon: time.soon,
    tell: (message) => (message.type === "finished" ? player.timed(message.timing) : player.told(message)),
  });
  const handle = (/** @type {any} */ message) => copy.handle(message);
  const engine = /** @type {any} */ ({
    prepare: async (/** @type {any} */ start) => copy.prepare(start),
    feed: (/** @type {any[]} */ ...events) => handle({ type: "events", events }),
    begin: (/** @type {number} */ in_ms, /** @type {number} */ head_start) => handle({ type: "begin", in_ms, head_start }),
    pace: (/** @type {number} */ factor) => handle({ type: "pace", factor }),
    catchUp: (/** @type {number | null} */ head_start) => handle({ type: "catch_up", head_start }),
    heal: (/** @type {number} */ frame, /** @type {any} */ state, /** @type {boolean} */ compare) =>
      handle({ type: "heal", frame, state, compare }),
    snapshot: (/** @type {number} */ frame) => handle({ type: "snapshot", frame }),
    pending: () => handle({ type: "pending" }),
    visible: (/** @type {boolean} */ visible) => handle({ type: "visible", visible }),
    pause: () => copy.pause(),
  });
  const names = ["role", "episode", "ready", "countdown", "playing", "waiting", "catchingUp", "away", "slow", "finished", "over"];
  const screen = Object.fromEntries(names.map((name) => [name, (/** @type {any[]} */ ...args) => shown.push([name, ...args])]));
  const link = /** @type {any} */ ({
    send: (/** @type {any} */ message) => network.up && sent.push(codec.decode(codec.encode(message))) > 0,
  });
  mock.method(performance, "now", () => time.now);
  const view = /** @type {any} */ ({ freeze_seconds: 0.5, group: { agents: ["left", "right"], max_prediction: 8 }, ready_check: options.ready_check ?? false });
  /** @type {any} */
  const it0 = {};
  const ask = (/** @type {any[]} */ ...args) => {
    shown.push(["ask", ...args]);
    return new Promise((resolve) => { it0.press = resolve; });
  };
  player = new SharedPlayer(
    engine, view, /** @type {any} */ ({ ...screen, ask, draw: async () => {} }), link, (problem) => problems.push(problem),
  );
  const it = {
    time, python, sent, shown, problems, network, player, copy,
    press: async () => {
      it0.press();
      await settle();
    },
    hear: (/** @type {string} */ type, /** @type {any} */ body) => player.receive({ type, body }),
    said: (/** @type {string} */ type) => sent.filter((message) => message.type === type).map((message) => message.body),
    saw: (/** @type {string} */ name) => shown.filter(([shownName]) => shownName === name).map(([, ...args]) => args),
    prepare: async (/** @type {any} */ more = {}) => {
      it.hear("prepare", { ...START, ...more });
      await settle();
    },
    confirm: (/** @type {number} */ first, /** @type {number} */ count, episode = 0) =>
      it.hear("confirmed", { episode, first, frames: frames(first, count)[2] }),
    /** The service closes these frames, one each frame's time. */
    play: (/** @type {number} */ first, /** @type {number} */ count, episode = 0) => {
      for (let frame = first; frame < first + count; frame += 1) {
        time.pass(FRAME);
        it.confirm(frame, 1, episode);
      }
      time.pass(FRAME);
    },
    stored: (/** @type {number} */ steps, episode = 0) => it.hear("acknowledged", { game: "g", episode, steps }),
    /** Numbers of the rows that were sent. */
    rows: () => it.said("steps").flatMap(({ steps }) => steps.map(({ row }) => codec.decode(row).t)),
  };
  return it;
}

const START = { visit: 3, game: "g", episode: 0, seed: 11, seat: 1, input_delay: 2, milliseconds: 9000 };

/** @param {(it: ReturnType<typeof table>) => Promise<void>} play @param {object} [options] */
async function sit(play, options) {
  const it = table(options);
  try {
    await play(it);
    assert.deepEqual(it.problems, []);
  } finally {
    it.player.close();
    mock.restoreAll();
  }
}

const range = (/** @type {number} */ from, /** @type {number} */ to) => Array.from({ length: to - from }, (_, i) => from + i);

test("an episode of the host: inputs, hashes and rows in order, its timing and its end", () => sit(async (it) => {
  await it.prepare();
  assert.deepEqual(it.said("prepared"), [{ game: "g", episode: 0 }]);
  assert.deepEqual(it.saw("role"), [["right"]]);
  it.hear("host", { episode: 0, rows_from: 0 });
  it.hear("begin", { episode: 0, frame: 0, in_ms: 2600, head_start: 2 });
  assert.deepEqual(it.saw("countdown"), [[2100]], "the stillness is not counted down");
  it.time.pass(2599);
  assert.equal(it.said("inputs").length, 0);
  it.time.pass(1);
  assert.deepEqual(it.saw("playing").at(-1), [true]);
  it.hear("relayed", { episode: 0, seat: 0, first: 4, inputs: [codec.encode(1), codec.encode(2)] });
  it.play(0, 60);
  assert.deepEqual(it.python.calls.flat().filter(([kind]) => kind === "input").map(([, seat, frame]) => [seat, frame]), [
    [0, 4], [0, 5],
  ]);
  const inputs = it.said("inputs");
  assert.deepEqual(inputs.map(({ first }) => first), range(4, 4 + inputs.length), "one each frame, ahead by the delay");
  assert.ok(inputs[0].inputs[0] instanceof Uint8Array);
  const hashes = it.said("hashes").flatMap((body) => body.hashes);
  assert.deepEqual(hashes.map(([n]) => n), [10, 20, 30, 40, 50, 60]);
  assert.deepEqual(it.rows(), range(0, 60));
  assert.equal(it.said("episode_ended")[0].steps, 60);
  const order = it.sent.map(({ type }) => type).filter((type) => type !== "witnessed");
  assert.deepEqual(order.slice(-3), ["timing", "steps", "episode_ended"]);
  assert.deepEqual(it.saw("finished"), [[0, 60]]);
  const witnessed = it.said("witnessed");
  assert.deepEqual(witnessed.map(({ first, frames: seen }) => [first, first + seen.length]).flat().slice(-1), [60]);
  assert.equal(witnessed.reduce((sum, body) => sum + body.frames.length, 0), 60);
  assert.ok(witnessed.length <= 5, "about once a second");
  assert.equal(/** @type {any} */ (globalThis).greenroomStats.episode, 0);
}, { length: 60 }));

test("who is not the host ends the episode with a word, and goes on with the next", () => sit(async (it) => {
  await it.prepare();
  it.hear("begin", { episode: 0, frame: 0, in_ms: 0, head_start: 1 });
  it.play(0, 30);
  assert.deepEqual(it.said("episode_ended"), [{ game: "g", episode: 0, steps: 30 }]);
  assert.equal(it.rows().length, 0);
  it.time.pass(5000);
  await it.prepare({ episode: 1, seed: 12 });
  assert.deepEqual(it.said("prepared").at(-1), { game: "g", episode: 1 });
  it.hear("begin", { episode: 0, frame: 0, in_ms: 0, head_start: 1 }); // of an episode that is over
  it.time.pass(500);
  assert.equal(it.saw("countdown").length, 1);
  it.hear("begin", { episode: 1, frame: 0, in_ms: 0, head_start: 1 });
  it.confirm(0, 5, 0);
  it.play(0, 30, 1);
  assert.deepEqual(it.said("episode_ended").at(-1), { game: "g", episode: 1, steps: 30 });
}, { length: 30 }));

test("where everybody is asked before an episode, it is ready when the button is pressed", () => sit(async (it) => {
  await it.prepare({ score_before: null });
  assert.deepEqual([it.said("prepared").length, it.saw("ask").length], [1, 0], "the first one was asked for already");
  await it.prepare({ episode: 1, score_before: 4.5 });
  assert.deepEqual(it.saw("ask"), [[1, 9000]]);
  await it.prepare({ episode: 1, score_before: 4.5 });
  assert.deepEqual([it.said("prepared").length, it.saw("ask").length], [1, 1], "told again, it is not asked again");
  await it.press();
  assert.deepEqual(it.said("prepared").at(-1), { game: "g", episode: 1 });
  assert.deepEqual(it.saw("episode").at(-1), [1, 4.5]);
}, { ready_check: true }));

test("the next episode waits for the last frames of this one, and shows its score", () => sit(async (it) => {
  await it.prepare();
  it.hear("begin", { episode: 0, frame: 0, in_ms: 0, head_start: 1 });
  it.play(0, 28);
  // The service is through before the copy here, and says so at once.
  it.confirm(28, 2);
  await it.prepare({ episode: 1, score_before: 4.5 });
  assert.deepEqual([it.saw("ask").length, it.saw("finished").length], [0, 0]);
  it.time.pass(2 * FRAME);
  await settle();
  assert.deepEqual(it.saw("finished"), [[0, 30]]);
  assert.deepEqual(it.saw("playing").at(-1), [false], "neither keys nor the pointer count");
  assert.equal(it.said("witnessed").reduce((sum, body) => sum + body.frames.length, 0), 30);
  assert.equal(it.saw("ask").length, 0, "the score stays for a moment");
}, { length: 30, ready_check: true }));

test("the end of the game waits for the last frames too", () => sit(async (it) => {
  await it.prepare();
  it.hear("begin", { episode: 0, frame: 0, in_ms: 0, head_start: 1 });
  it.play(0, 28);
  it.confirm(28, 2);
  it.hear("over", { reason: null });
  assert.equal(it.saw("over").length, 0);
  it.time.pass(2 * FRAME);
  await settle();
  assert.deepEqual([it.saw("finished"), it.saw("over")], [[[0, 30]], [[null]]]);
  assert.equal(it.said("witnessed").reduce((sum, body) => sum + body.frames.length, 0), 30);
}, { length: 30 }));

test("a game that is broken off is over at once", () => sit(async (it) => {
  await it.prepare();
  it.hear("begin", { episode: 0, frame: 0, in_ms: 0, head_start: 1 });
  it.play(0, 10);
  it.hear("over", { reason: "partner_lost" });
  assert.deepEqual(it.saw("over"), [["partner_lost"]]);
}));

test("a page that is loaded anew while everybody is asked shows the episode that comes", () => sit(async (it) => {
  await it.prepare({ episode: 1, score_before: 4.5 });
  assert.deepEqual(it.saw("episode"), [[1, 4.5]]);
  assert.deepEqual(it.saw("ask").length, 1);
  await it.press();
  assert.deepEqual(it.saw("episode").length, 1, "once");
  assert.deepEqual(it.said("prepared"), [{ game: "g", episode: 1 }]);
}, { ready_check: true }));

test("a prepare that is repeated is answered again, not begun again", () => sit(async (it) => {
  await it.prepare();
  await it.prepare();
  assert.equal(it.said("prepared").length, 2);
  assert.deepEqual(it.saw("episode").length, 1);
}));

test("a broken connection: what was not acknowledged and not confirmed goes out again", () => sit(async (it) => {
  await it.prepare();
  it.hear("host", { episode: 0, rows_from: 0 });
  it.hear("begin", { episode: 0, frame: 0, in_ms: 0, head_start: 2 });
  it.play(0, 50);
  it.stored(20);
  it.network.up = false;
  it.time.pass(1000);
  assert.deepEqual(it.player.has, { game: "g", episode: 0, confirmed: 50 });
  it.network.up = true;
  it.sent.length = 0;
  it.hear("host", { episode: 0, rows_from: 20 });
  it.hear("catch_up", {
    start: START, snapshot: null, confirmed: { episode: 0, first: 50, frames: frames(50, 30)[2] }, running: true,
    head_start: 3,
  });
  it.time.pass(1);
  assert.deepEqual(it.said("caught_up"), [{ game: "g", episode: 0 }]);
  assert.deepEqual(it.player.has?.confirmed, 80);
  it.play(80, 30);
  const [again] = it.said("steps");
  assert.equal(again.first, 20);
  it.time.pass(500);
  it.confirm(110, 1);
  it.time.pass(FRAME);
  assert.deepEqual([...new Set(it.rows())], range(20, 111), "none is missing");
  assert.ok(it.said("inputs").some(({ first }) => first >= 80), "plays on by itself");
  assert.deepEqual(it.python.calls.flat().filter(([kind]) => kind === "rows"), [["rows", 0]], "and none is made again");
}));

test("inputs that the service may have missed are sent when the copy has caught up", () => sit(async (it) => {
  await it.prepare();
  it.hear("begin", { episode: 0, frame: 0, in_ms: 0, head_start: 4 });
  it.network.up = false;
  it.time.pass(3 * FRAME);
  it.network.up = true;
  it.hear("paused", { episode: 0, waiting_for: [1], left_ms: 9000 });
  it.hear("catch_up", {
    start: START, snapshot: null, confirmed: { episode: 0, first: 0, frames: frames(0, 3)[2] }, running: false,
    head_start: 0,
  });
  it.time.pass(1);
  const [{ first, inputs }] = it.said("inputs");
  assert.deepEqual([first, inputs.length], [3, 7]);
  it.time.pass(500);
  assert.equal(it.said("inputs").length, 1, "the clock waits for begin");
}));

test("a reloaded page catches up from a state and plays on", () => sit(async (it) => {
  assert.equal(it.player.has, null);
  it.hear("catch_up", {
    start: { ...START, episode: 2 }, snapshot: { episode: 2, frame: 100, state: codec.encode({}) },
    confirmed: { episode: 2, first: 100, frames: frames(100, 200)[2] }, running: true, head_start: 3,
  });
  assert.equal(it.python.start.seat, 1);
  it.time.pass(1);
  await settle();
  assert.deepEqual(it.said("caught_up"), [{ game: "g", episode: 2 }]);
  assert.equal(it.said("healed").length, 0, "that was no illness");
  assert.deepEqual(it.saw("catchingUp").length, 1);
  assert.deepEqual(it.saw("playing").at(-1), [true]);
  it.play(300, 60, 2);
  assert.deepEqual(it.player.has, { game: "g", episode: 2, confirmed: 360 });
  assert.equal(it.said("witnessed")[0].first, 300, "what an earlier page saw is not told again");
}, { slice: 50 }));

test("a copy that differs is healed and says in what; the host gives its state", () => sit(async (it) => {
  await it.prepare();
  it.hear("begin", { episode: 0, frame: 0, in_ms: 0, head_start: 2 });
  it.play(0, 20);
  it.hear("snapshot_wanted", { episode: 0, frame: 12 });
  const [{ frame, state, episode }] = it.said("snapshot");
  assert.deepEqual([frame, episode, codec.decode(state)], [12, 0, { frame: 12 }]);
  it.python.ill = true;
  it.hear("heal", { episode: 0, frame: 20, state });
  assert.deepEqual(it.said("healed"), [{ game: "g", episode: 0, frame: 20, fields: ["ball.x: 1 != 2"] }]);
  it.play(20, 20);
  assert.equal(it.player.has?.confirmed, 40);
}));

test("states of the service are adopted, and the copy says how far it was from them", () => sit(async (it) => {
  await it.prepare();
  it.hear("begin", { episode: 0, frame: 0, in_ms: 0, head_start: 2 });
  it.play(0, 20);
  const state = codec.encode({});
  it.hear("adopt", { episode: 0, frame: 20, state });
  it.hear("adopt", { episode: 3, frame: 20, state });
  it.play(20, 5);
  assert.deepEqual(it.said("adopted"), [{ game: "g", episode: 0, frame: 20, largest: 0, fields: [] }]);
  assert.deepEqual(it.python.calls.flat().filter(([kind]) => kind === "adopt").map(([, frame]) => frame), [20]);
  for (const [off, largest] of [[null, null], [0.5, 0.5], [Infinity, Number.MAX_VALUE], [NaN, Number.MAX_VALUE]]) {
    Object.assign(it.python, { ill: true, off });
    it.hear("adopt", { episode: 0, frame: 30, state });
    it.time.pass(FRAME);
    assert.deepEqual(it.said("adopted").at(-1), { game: "g", episode: 0, frame: 30, largest, fields: ["ball.x: 1 != 2"] });
  }
}));

test("a copy that has ended by itself alone goes on with the service's state", () => sit(async (it) => {
  await it.prepare();
  it.hear("begin", { episode: 0, frame: 0, in_ms: 0, head_start: 2 });
  it.play(0, 25);
  assert.equal(it.said("episode_ended").length, 1);
  it.python.ill = true;
  it.hear("adopt", { episode: 0, frame: 25, state: codec.encode({}) });
  it.play(25, 20);
  assert.deepEqual(it.saw("playing").at(-1), [true]);
  assert.ok((it.said("inputs").at(-1)?.first ?? 0) > 40, "it plays on");
}, { length: 25 }));

test("a pause stands still and tells why; then it goes on", () => sit(async (it) => {
  await it.prepare();
  it.hear("begin", { episode: 0, frame: 0, in_ms: 0, head_start: 2 });
  it.play(0, 20);
  it.hear("away", { seat: 0, left_ms: 5000 });
  it.hear("away", { seat: 1, left_ms: 5000 });
  it.hear("back", { seat: 0 });
  assert.deepEqual(it.saw("away"), [["left", true, 5000], ["left", false, 0]], "not of oneself");
  it.hear("paused", { episode: 0, waiting_for: [0], left_ms: 30_000 });
  assert.deepEqual([it.saw("playing").at(-1), it.saw("waiting")], [[false], [[["left"], 30_000]]]);
  const inputs = it.said("inputs").length;
  it.time.pass(2000);
  assert.equal(it.said("inputs").length, inputs);
  it.hear("begin", { episode: 0, frame: 20, in_ms: 1000, head_start: 2 });
  assert.deepEqual(it.saw("countdown").at(-1), [1000]);
  it.time.pass(1100);
  assert.ok(it.said("inputs").length > inputs);
  it.hear("pace", { episode: 0, factor: 1.05, margin_ms: 12, late: 4 });
  assert.equal(/** @type {any} */ (globalThis).greenroomStats.lateInputs, 4);
}));

test("the wait for a slow connection is shown, and goes away", () => sit(async (it) => {
  await it.prepare();
  it.hear("begin", { episode: 0, frame: 0, in_ms: 0, head_start: 2 });
  it.time.pass(1500);
  assert.deepEqual(it.saw("slow"), [[true]]);
  it.play(0, 10);
  assert.deepEqual(it.saw("slow"), [[true], [false]]);
}));

test("a new host makes the rows from the last stored one, also after the end", () => sit(async (it) => {
  await it.prepare();
  it.hear("begin", { episode: 0, frame: 0, in_ms: 0, head_start: 2 });
  it.play(0, 40);
  assert.equal(it.said("episode_ended").length, 1);
  it.sent.length = 0;
  it.hear("host", { episode: 0, rows_from: 25 });
  it.time.pass(500);
  await settle();
  it.player.told({ type: "alive" }); // nothing more comes of the copy
  it.stored(25);
  await new Promise((resolve) => setTimeout(resolve, 450)); // the page's own timer sends what is left
  assert.deepEqual(it.rows(), range(25, 40));
  assert.deepEqual(it.said("episode_ended"), [{ game: "g", episode: 0, steps: 40 }]);
}, { length: 40 }));

test("what the service could not store goes out again later, and gaps are filled", () => sit(async (it) => {
  await it.prepare();
  it.hear("host", { episode: 0, rows_from: 0 });
  it.hear("begin", { episode: 0, frame: 0, in_ms: 0, head_start: 2 });
  it.play(0, 30);
  it.player.unavailable();
  it.sent.length = 0;
  it.play(30, 60);
  assert.equal(it.rows().length, 0);
  it.play(90, 60);
  assert.deepEqual(it.rows(), range(0, it.rows().length));
  it.stored(40);
  it.sent.length = 0;
  assert.ok(it.player.gap());
  assert.equal(it.said("steps")[0].first, 40);
}));

test("when it is over the clock stops and what is left of the rows goes out", () => sit(async (it) => {
  await it.prepare();
  it.hear("host", { episode: 0, rows_from: 0 });
  it.hear("begin", { episode: 0, frame: 0, in_ms: 0, head_start: 2 });
  it.play(0, 33);
  it.hear("over", { reason: "partner_lost", frames: 33 });
  assert.deepEqual(it.saw("over"), [["partner_lost"]]);
  assert.deepEqual(it.rows(), range(0, 33));
  const inputs = it.said("inputs").length;
  it.hear("begin", { episode: 0, frame: 33, in_ms: 0, head_start: 2 });
  it.time.pass(1000);
  assert.equal(it.said("inputs").length, inputs);
}));

test("in a hidden page the game goes on, without drawing and without waiting for it", () => sit(async (it) => {
  await it.prepare();
  it.hear("begin", { episode: 0, frame: 0, in_ms: 0, head_start: 2 });
  it.play(0, 10);
  page.hidden = true;
  page.dispatchEvent(new Event("visibilitychange"));
  const inputs = it.said("inputs").length;
  it.play(10, 20);
  page.hidden = false;
  page.dispatchEvent(new Event("visibilitychange"));
  assert.ok(it.said("inputs").length >= inputs + 19);
  assert.deepEqual(it.python.calls.flat().filter(([kind]) => kind === "draw"), [["draw", false], ["draw", true]]);
}));

test("a row that is too large is a fault of the environment", async () => {
  const it = table();
  await it.prepare();
  it.hear("host", { episode: 0, rows_from: 0 });
  const id = it.python.start.id;
  const output = { ...it.copy.prepare({ ...START, id }), rows: [new Uint8Array(600_000)] };
  const stats = { maxDepth: 0, rollbacks: 0, depths: [], waitedFrames: 0, stalls: 0 };
  it.player.told({ type: "ticked", id, output, send: null, at: 0, rows_from: 0, stats });
  it.player.close();
  mock.restoreAll();
  assert.match(it.problems[0].message, /step 0 makes a row of 586 KiB/);
});

test("frames are witnessed when they are first shown", () => {
  const witness = new Witness("g", 0, 0);
  witness.show(3, { at: 10, focused: true });
  witness.show(4, { at: 20, focused: false });
  const late = { at: 99, focused: true };
  for (let frame = 0; frame < 6; frame += 1) witness.confirm(frame, [false], 0, late);
  const [report, ...more] = witness.take(0);
  assert.deepEqual(more, []);
  assert.deepEqual(report.frames.map(({ at }) => at), [10, 10, 10, 20, 99, 99]);
  assert.deepEqual([report.frames[3].focused, report.first], [false, 0]);
  witness.confirm(9, [true], 3, late);
  assert.deepEqual(witness.take(500), [], "not yet");
  assert.deepEqual(witness.take(1000).map(({ first, frames: seen }) => [first, seen.length]), [[9, 1]]);
  for (let frame = 10; frame < 20 + MOST_FRAMES; frame += 1) witness.confirm(frame, [true], 3, late);
  assert.deepEqual(witness.take(1500, true).map(({ first, frames: seen }) => [first, seen.length]), [
    [10, MOST_FRAMES], [10 + MOST_FRAMES, 10],
  ]);
});
