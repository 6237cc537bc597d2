/** A game that runs on the service: pictures in order, acts from keys, and the time from a key to its picture. */
import assert from "node:assert/strict";
import test, { mock } from "node:test";
import { Acts } from "../../assets/client/game/acts.js";
import { PictureLine } from "../../assets/client/game/picture_line.js";
import { Response } from "../../assets/client/game/response.js";
import { StreamedPlayer } from "../../assets/client/game/streamed_player.js";
import { Time } from "./toy_copy.mjs";

const page = Object.assign(new EventTarget(), { hidden: false, hasFocus: () => true });
Object.assign(globalThis, { document: page });

const settle = () => new Promise((resolve) => setImmediate(resolve));
const image = (/** @type {number} */ n) => ({ mime: "image/jpeg", data: new Uint8Array([n]) });
const picture = (/** @type {number} */ number, more = {}) => ({
  episode: 0, number, frame: number + 9, draw: "{}", image: null, hud: null, score: null, assets: null, ...more,
});
const down = (/** @type {string} */ key, at = 0, repeat = false) =>
  /** @type {any} */ ({ type: "keys", event: "down", key, code: key, repeat, at });
const up = (/** @type {string} */ key, at = 0) => /** @type {any} */ ({ type: "keys", event: "up", key, code: key, at });
const ALL_UP = /** @type {any} */ ({ type: "keys", event: "release_all" });

/** A screen whose frames and decoding come when the test says so. */
function screen() {
  const it = {
    hidden: false,
    /** @type {any[]} */ drawn: [],
    /** @type {any[]} */ closed: [],
    /** @type {Array<() => void>} */ decoding: [],
    /** @type {Array<() => void>} */ frames: [],
    time: 0,
    frame: async () => {
      it.frames.splice(0).forEach((draw) => draw());
      await settle();
    },
    decoded: async () => {
      it.decoding.shift()?.();
      await settle();
    },
    canvas: /** @type {any} */ ({
      decode: ({ data }) => new Promise((resolve) => {
        it.decoding.push(() => resolve({ of: data[0], close: () => it.closed.push(data[0]) }));
      }),
      draw: async ({ number }, bitmap) => void it.drawn.push([number, bitmap?.of ?? null]),
      drawn: () => new Promise((resolve) => it.frames.push(() => resolve(undefined))),
      painted: async () => it.time,
      hidden: () => it.hidden,
    }),
  };
  return it;
}

function line() {
  const it = screen();
  /** @type {any[]} */
  const seen = [];
  /** @type {any[]} */
  const shown = [];
  /** @type {any[]} */
  const errors = [];
  const made = new PictureLine(it.canvas, {
    seen: ({ number }, skipped) => seen.push([number, skipped]),
    shown: ({ number }, time) => shown.push([number, time]),
    failed: (error) => errors.push(error),
  });
  return Object.assign(it, { line: made, seen, shown, errors });
}

test("packets are applied one after the other, and answered when they are drawn", async () => {
  const it = line();
  it.line.push(picture(1));
  await settle();
  assert.deepEqual([it.drawn, it.seen], [[[1, null]], []]);
  it.time = 16;
  await it.frame();
  assert.deepEqual([it.seen, it.shown], [[[1, 0]], [[1, 16]]]);
  for (const number of [2, 3, 4]) it.line.push(picture(number));
  await settle();
  it.time = 33;
  await it.frame();
  assert.deepEqual(it.drawn.map(([number]) => number), [1, 2, 3, 4], "all of them: each changes what was before");
  assert.deepEqual([it.seen.at(-1), it.shown.at(-1)], [[4, 2], [4, 33]], "two of them were never on the screen");
});

test("of images only the newest is decoded, and none comes behind a newer one", async () => {
  const it = line();
  for (const number of [1, 2, 3, 4]) it.line.push(picture(number, { draw: null, image: image(number) }));
  await settle();
  assert.equal(it.decoding.length, 1, "one at a time");
  await it.decoded();
  await it.decoded();
  assert.deepEqual(it.drawn, [[1, 1], [2, null], [3, null], [4, 4]]);
  assert.equal(it.decoding.length, 0);
  await it.frame();
  assert.deepEqual(it.seen, [[4, 3]]);
});

test("in a hidden page pictures are answered at once", async () => {
  const it = line();
  it.line.push(picture(1));
  await settle();
  it.hidden = true;
  it.line.hide();
  assert.deepEqual(it.seen, [[1, 0]], "also what waited for its frame");
  it.line.push(picture(2));
  await settle();
  assert.deepEqual(it.seen.at(-1), [2, 0]);
  it.hidden = false;
  await it.frame();
  assert.deepEqual([it.seen.length, it.shown], [2, []], "and not once more");
});

test("what is under way from an episode that is over is dropped", async () => {
  const it = line();
  it.line.push(picture(7, { image: image(7) }));
  await settle();
  it.line.clear();
  it.line.push(picture(1, { episode: 1 }));
  await settle();
  await it.decoded();
  await it.frame();
  assert.deepEqual([it.drawn, it.seen, it.closed, it.errors], [[[1, null]], [[1, 0]], [7], []]);
});

function acts(mode = "pressed_keys", pointer = /** @type {string | null} */ (null)) {
  const time = new Time();
  /** @type {any[]} */
  const said = [];
  const input = /** @type {any} */ ({ mode, bindings: [["a"], ["b"], ["a", "b"]], agent: "x", pointer });
  const made = new Acts(input, 10, { tell: (...what) => said.push(what), now: () => time.now, later: time.later });
  made.active = true;
  return { time, said, acts: made };
}

test("what is held is told when it changes", () => {
  const { acts: keys, said, time } = acts();
  keys.input(down("a", 1));
  keys.input(down("a", 2, true));
  time.pass(300);
  keys.input(down("b", 3));
  time.pass(300);
  keys.input(up("a", 4));
  time.pass(300);
  keys.input(up("b", 5));
  assert.deepEqual(said, [[0, 1], [2, 3], [1, 4], [null, 5]]);
});

test("a tap lasts for a frame, and letting go of all keys is told", () => {
  const { acts: keys, said, time } = acts();
  keys.input(down("a", 1));
  time.pass(30);
  keys.input(up("a", 31));
  assert.deepEqual(said, [[0, 1]]);
  time.pass(69);
  assert.equal(said.length, 1);
  time.pass(1);
  assert.deepEqual(said.at(-1), [null, null]);
  keys.input(down("b", 101));
  keys.active = false;
  keys.input(ALL_UP);
  assert.deepEqual(said.slice(2), [[1, 101], [null, null]], "at once when the game stands still");
  keys.input(down("b", 140, true));
  assert.equal(said.length, 4, "and keys do not count then");
  keys.active = true;
  keys.repeat();
  assert.deepEqual(said.at(-1), [1, null], "but are held when it goes on");
});

test("a single keystroke is one message", () => {
  const { acts: keys, said } = acts("single_keystroke");
  keys.input(down("a", 1));
  keys.input(down("a", 2, true));
  keys.input(up("a", 3));
  keys.input(down("a", 4));
  keys.active = false;
  keys.input(up("a", 5));
  keys.input(down("a", 6));
  assert.deepEqual(said, [[0, 1], [0, 4]]);
});

const point = (/** @type {string} */ event, /** @type {number} */ x, /** @type {number} */ at) =>
  /** @type {any} */ ({ type: "pointer", event, x, y: 0, at });

test("a pointer that moves is told once a frame, and at once when it is pressed", () => {
  const { acts: hands, said, time } = acts("pressed_keys", "move");
  const at = (/** @type {number} */ x, pressed = false) => ({ x, y: 0, pressed });
  for (let step = 0; step < 25; step += 1) {
    hands.input(point("move", step, step * 10));
    time.pass(10);
  }
  assert.deepEqual(said.map(([deed]) => deed.x), [0, 9, 19], "the newest of each tenth of a second");
  time.pass(100);
  assert.deepEqual(said.at(-1)?.[0], at(24));
  hands.input(point("press", 30, 400));
  assert.deepEqual(said.at(-1), [at(30, true), 400]);
  hands.input(down("a", 410));
  assert.deepEqual(said.at(-1), [0, 410], "a key goes before a place");
});

test("each click is one message, whatever keys are held", () => {
  const { acts: hands, said } = acts("pressed_keys", "click");
  hands.input(down("a", 1));
  hands.input(point("press", 5, 2));
  hands.input(point("release", 5, 3));
  hands.input(point("press", 6, 4));
  assert.deepEqual(said, [[0, 1], [{ x: 5, y: 0, pressed: true }, 2], [{ x: 6, y: 0, pressed: true }, 4]]);
});

test("the response is the time from the key to the first picture that shows it, in whatever order word and picture come", () => {
  const it = new Response();
  assert.equal(it.lately, null);
  it.acted(1, 100);
  it.acted(2, 110);
  it.echo(2, 12);
  it.shown(11, 150);
  assert.equal(it.lately, null);
  it.shown(13, 170);
  assert.equal(it.lately, 60, "that of the newest act");
  it.shown(14, 190);
  it.acted(3, 180);
  it.shown(15, 210);
  it.shown(16, 230);
  it.echo(3, 15);
  assert.deepEqual([it.quantile(0), it.quantile(0.99)], [30, 60]);
  it.acted(4, 240);
  it.forget();
  it.echo(4, 17);
  it.shown(17, 9000);
  assert.equal(it.quantile(0.99), 60);
});

const START = { visit: 3, game: "g", episode: 0, seed: 1, seat: 0, input_delay: 0, milliseconds: 9000, score_before: null };

/** @param {(it: any) => Promise<void>} play */
async function sit(play, more = {}) {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const it = /** @type {any} */ (screen());
  const clock = { now: 0 };
  mock.method(performance, "now", () => clock.now);
  /** @type {any[]} */
  const shown = [];
  const names = ["role", "episode", "ready", "countdown", "playing", "waiting", "catchingUp", "away", "slow", "finished", "over"];
  const view = /** @type {any} */ ({
    fps: 10, max_steps: 50, freeze_seconds: 0.5, input: { mode: "pressed_keys", bindings: [["a"], ["b"]], agent: "x" },
    group: { agents: ["x"], people: 1 }, ...more,
  });
  Object.assign(it, {
    sent: [], problems: [], up: true, shown, responses: [],
    hear: (/** @type {string} */ type, /** @type {any} */ body) => it.player.receive({ type, body }),
    said: (/** @type {string} */ type) => it.sent.filter((/** @type {any} */ m) => m.type === type).map((/** @type {any} */ m) => m.body),
    saw: (/** @type {string} */ name) => shown.filter(([known]) => known === name).map(([, ...args]) => args),
    pass: (/** @type {number} */ milliseconds) => {
      clock.now += milliseconds;
      it.time = clock.now;
      mock.timers.tick(milliseconds);
    },
    show: async (/** @type {any} */ made) => {
      it.hear("picture", made);
      await settle();
      await it.frame();
      await settle();
    },
  });
  const { decode, painted, draw, drawn } = it.canvas;
  it.player = new StreamedPlayer(view, /** @type {any} */ ({
    ...Object.fromEntries(names.map((name) => [name, (/** @type {any[]} */ ...args) => shown.push([name, ...args])])),
    picture: draw, drawn,
    ask: (/** @type {any[]} */ ...args) => {
      shown.push(["ask", ...args]);
      return new Promise((resolve) => { it.press = resolve; });
    },
  }), /** @type {any} */ ({
    send: (/** @type {any} */ message) => it.up && it.sent.push(message) > 0, connected: () => it.up,
  }), {
    failed: (problem) => it.problems.push(problem), response: (value) => it.responses.push(value),
  }, { decode, painted });
  try {
    await play(it);
    assert.deepEqual(it.problems, []);
  } finally {
    it.player.close();
    mock.timers.reset();
    mock.restoreAll();
  }
}

test("an episode: ready at once, keys while it runs, the response on the page and in the report", () => sit(async (it) => {
  it.hear("prepare", START);
  assert.deepEqual(it.said("prepared"), [{ game: "g", episode: 0 }]);
  it.player.input(down("a", 0));
  it.hear("begin", { episode: 0, frame: 0, in_ms: 1500, head_start: 0 });
  assert.deepEqual(it.saw("countdown"), [[1000]], "the stillness is not counted down");
  it.pass(1500);
  assert.deepEqual(it.saw("playing").at(-1), [true]);
  it.player.input(up("a", 1500));
  it.pass(200);
  assert.deepEqual(it.said("acts"), [], "what was pressed too early");
  it.player.input(down("b", 1690));
  assert.deepEqual(it.said("acts"), [{ game: "g", episode: 0, number: 1, binding: 1, pointer: null }]);
  it.pass(50);
  it.hear("echo", { episode: 0, number: 1, frame: 3 });
  await it.show(picture(1, { frame: 2 }));
  it.pass(14);
  await it.show(picture(2, { frame: 3 }));
  assert.deepEqual(it.responses.at(-1), 74);
  assert.deepEqual(it.said("seen").map((/** @type {any} */ { number }) => number), [1, 2]);
  it.hear("picture", picture(9, { episode: 4 }));
  await settle();
  assert.equal(it.drawn.length, 2, "pictures of other episodes are not drawn");
  it.pass(736);
  const { sent } = it;
  it.hear("prepare", { ...START, episode: 1 });
  const [timing] = it.said("timing");
  assert.deepEqual(timing, {
    game: "g", episode: 0, fps: 2, step_p50: 0, step_p99: 0, late: 0, first_frame: null, photon_p50: 74, photon_p99: 74,
  });
  assert.equal(sent.at(-1).type, "timing", "the keys are let go of without a word");
  assert.deepEqual(it.saw("finished"), [[0, null]]);
  it.hear("picture", picture(1, { episode: 1, frame: 0 }));
  await settle();
  assert.equal(it.drawn.length, 2, "the end of an episode stays in sight for a moment");
  it.pass(1800);
  await settle();
  assert.equal(it.drawn.length, 3);
  assert.deepEqual(it.said("prepared").at(-1), { game: "g", episode: 1 });
  it.hear("begin", { episode: 1, frame: 0, in_ms: 0, head_start: 0 });
  it.pass(1);
  it.player.input(down("a", 0));
  assert.equal(it.said("acts").at(-1).number, 1, "counted anew");
  it.hear("over", { reason: "failed", frames: 0 });
  assert.deepEqual([it.saw("over"), it.said("timing").length], [[["failed"]], 1]);
}));

test("an episode of full length is reported while the game is still there", () => sit(async (it) => {
  it.hear("prepare", START);
  it.hear("begin", { episode: 0, frame: 0, in_ms: 0, head_start: 0 });
  it.pass(1);
  it.pass(5000);
  await it.show(picture(1, { frame: 50 }));
  assert.equal(it.said("timing").length, 1);
  it.hear("over", { reason: null, frames: 50 });
  assert.deepEqual([it.said("timing").length, it.saw("finished"), it.saw("over")], [1, [[0, null]], [[null]]]);
}));

test("pauses, lost connections and reloads", () => sit(async (it) => {
  it.hear("prepare", START);
  it.hear("begin", { episode: 0, frame: 0, in_ms: 0, head_start: 0 });
  it.pass(1);
  it.player.input(down("a", 1));
  it.pass(200);
  it.hear("paused", { episode: 0, waiting_for: [0], left_ms: 9000 });
  assert.deepEqual([it.saw("waiting"), it.said("caught_up").length], [[[[], 9000]], 1]);
  it.player.input(ALL_UP); // as the keyboard does when it counts no longer
  assert.deepEqual(it.said("acts").map((/** @type {any} */ { binding }) => binding), [0, null]);
  it.hear("begin", { episode: 0, frame: 7, in_ms: 500, head_start: 0 });
  it.hear("picture", picture(3, { frame: 7 }));
  assert.deepEqual(it.saw("playing").at(-1), [false]);
  it.hear("picture", picture(4, { frame: 8 }));
  assert.deepEqual(it.saw("playing").at(-1), [true], "a picture says that the clock runs");
  assert.deepEqual(it.said("acts").at(-1), { game: "g", episode: 0, number: 3, binding: null, pointer: null });
  it.up = false;
  it.pass(600);
  assert.deepEqual(it.saw("slow"), [[true]]);
  it.up = true;
  it.hear("catch_up", { start: START, snapshot: null, confirmed: { episode: 0, first: 9, frames: [] }, running: true, head_start: 0 });
  assert.deepEqual([it.said("caught_up").length, it.player.has, it.saw("playing").at(-1)], [2, null, [true]]);
  assert.equal(it.said("acts").at(-1).number, 4);
  it.pass(600);
  assert.deepEqual(it.saw("slow"), [[true], [false]]);
  it.hear("catch_up", {
    start: { ...START, episode: 2 }, snapshot: null, confirmed: { episode: 2, first: 9, frames: [] }, running: false, head_start: 0,
  });
  assert.deepEqual([it.saw("episode"), it.saw("catchingUp").length], [[[0, null], [2, null]], 1]);
}));

test("where everybody is asked before an episode, it is ready when the button is pressed", () => sit(async (it) => {
  it.hear("prepare", START);
  await settle();
  assert.deepEqual([it.said("prepared").length, it.saw("ask").length], [1, 0]);
  it.hear("prepare", { ...START, episode: 1, score_before: 2 });
  await settle();
  it.pass(2000);
  await settle();
  assert.deepEqual([it.said("prepared").length, it.saw("ask")], [1, [[1, 7000]]], "what is left of the time");
  it.press();
  await settle();
  assert.deepEqual(it.said("prepared").at(-1), { game: "g", episode: 1 });
  assert.deepEqual(it.saw("episode").at(-1), [1, 2]);
}, { ready_check: true }));

test("a prepare that is repeated is answered again", () => sit(async (it) => {
  it.hear("prepare", START);
  it.hear("prepare", START);
  assert.deepEqual([it.said("prepared").length, it.saw("episode").length], [2, 1]);
}));

test("a picture that cannot be read is told", async () => {
  const it = line();
  it.canvas.decode = () => Promise.reject(new Error("no image"));
  it.line.push(picture(1, { image: image(1) }));
  await settle();
  assert.deepEqual(it.errors.map(({ message }) => message), ["no image"]);
});
