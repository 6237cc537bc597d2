/** Films: which frames lead to a picture, which are fetched, when each is shown, and what the time line says. */
import assert from "node:assert/strict";
import test from "node:test";
import { Inputs } from "../../assets/client/film/inputs.js";
import { commandOf } from "../../assets/client/film/keys.js";
import { absences, colourOf, frameAt, marksNear, ticks, xOf } from "../../assets/client/film/lanes.js";
import { Loader, next } from "../../assets/client/film/loader.js";
import { Projector } from "../../assets/client/film/projector.js";
import { Reel } from "../../assets/client/film/reel.js";
import { BEHIND, clock, SPEEDS, Transport } from "../../assets/client/film/transport.js";
import { frameOf, verdictOf } from "../../assets/client/film/verdict.js";
import { Refusal } from "../../assets/client/operator/ask.js";
import { arrange, since } from "../../assets/client/operator/games.js";
import { ending } from "../../assets/client/operator/text.js";

const settle = () => new Promise((resolve) => setImmediate(resolve));
const START = { episode: 0, frame: 0 };

/** A frame with one picture, complete at every tenth; of view 1, complete at every fifteenth, and only at even frames. */
const frame = (/** @type {number} */ number, more = {}) => /** @type {any} */ ({
  episode: 0, frame: number, actions: number === 0 ? ["", ""] : [`${Math.floor(number / 4) % 3}`, "7"], rewards: [number, 0],
  pictures: [
    { view: 0, complete: number % 10 === 0, draw: JSON.stringify({ n: number }), image: null, hud: `${number}`, assets: null },
    ...(number % 2 === 0 || number % 15 === 0
      ? [{ view: 1, complete: number % 15 === 0, draw: JSON.stringify({ n: number }), image: null, hud: null, assets: null }] : []),
  ],
  ...more,
});
const frames = (/** @type {number} */ from, /** @type {number} */ to, more = {}) =>
  Array.from({ length: to - from + 1 }, (_, index) => frame(from + index, more));
const numbers = (/** @type {any} */ route) => route.pictures.map((/** @type {any} */ { draw }) => JSON.parse(draw).n);

test("a picture goes on from what it shows, or from the newest complete one", () => {
  const reel = new Reel();
  reel.put(frames(0, 99), START);
  const at = (/** @type {number} */ number) => ({ episode: 0, frame: number });
  assert.deepEqual(numbers(reel.route(0, null, at(33))), [30, 31, 32, 33]);
  assert.equal(reel.route(0, null, at(33))?.fresh, true);
  assert.deepEqual(numbers(reel.route(0, at(31), at(33))), [32, 33]);
  assert.equal(reel.route(0, at(31), at(33))?.fresh, false);
  // A complete picture on a short way is walked through, so that things glide; a long way begins with it.
  assert.deepEqual(numbers(reel.route(0, at(38), at(41))), [39, 40, 41]);
  assert.deepEqual(numbers(reel.route(0, at(12), at(71))), [70, 71]);
  assert.deepEqual(numbers(reel.route(0, at(71), at(12))), [10, 11, 12], "backwards");
  assert.deepEqual(numbers(reel.route(0, { episode: 1, frame: 30 }, at(33))), [30, 31, 32, 33], "from another episode");
  assert.deepEqual(reel.route(0, at(33), at(33)), { fresh: false, pictures: [] });
  // Each view has complete pictures of its own, and frames at which it has none at all.
  assert.deepEqual(numbers(reel.route(1, null, at(33))), [30, 32]);
  assert.deepEqual(numbers(reel.route(1, at(30), at(31))), []);
});

test("missing frames: no way through them, but one around them", () => {
  const reel = new Reel();
  reel.put([...frames(0, 12), ...frames(18, 40)], START);
  assert.equal(reel.route(0, null, { episode: 0, frame: 18 }), null, "its complete picture is missing");
  assert.equal(reel.route(0, { episode: 0, frame: 12 }, { episode: 0, frame: 19 }), null);
  const route = reel.route(0, { episode: 0, frame: 12 }, { episode: 0, frame: 21 });
  assert.deepEqual([route?.fresh, numbers(route)], [true, [20, 21]]);
  assert.equal(reel.route(0, null, { episode: 0, frame: 99 }), null);
  assert.equal(reel.reach(START), 12);
  assert.equal(reel.reach({ episode: 0, frame: 13 }), 12);
  assert.equal(reel.newest(0), 40);
});

test("what is fetched: what is shown, then what follows, then what is played now and the rest", () => {
  const [reel, inputs] = [new Reel(), new Inputs()];
  const put = (/** @type {any[]} */ some) => (reel.put(some, START), inputs.put(some));
  const need = (/** @type {number} */ at, more = {}) => ({
    place: { episode: 0, frame: at }, views: [0, 1], last: 400, open: false, live: false, horizon: 100, ...more,
  });
  assert.deepEqual(next(need(50), reel, inputs, true), { episode: 0, from: 50, count: 60, why: "now" });
  put(frames(45, 110));
  assert.deepEqual(next(need(50), reel, inputs, true), { episode: 0, from: 111, count: 39, why: "ahead" });
  put(frames(111, 200));
  assert.deepEqual(next(need(50), reel, inputs, true), { episode: 0, from: 201, count: 199, why: "rest" });
  put(frames(201, 400));
  assert.deepEqual(next(need(50), reel, inputs, true), { episode: 0, from: 0, count: 44, why: "rest" });
  const live = { episode: 0, from: 401, count: 60, why: "live" };
  assert.deepEqual(next(need(390, { open: true, live: true }), reel, inputs, false), live);
  assert.equal(next(need(390, { open: true, live: true }), reel, inputs, true)?.why, "rest", "in turns");
  put(frames(0, 44));
  assert.equal(next(need(50), reel, inputs, true), null);
  assert.equal(next(need(500), reel, inputs, true), null, "beyond the end");
});

test("memory is bounded: what is far away goes first, and what comes next is never asked for in circles", () => {
  const reel = new Reel(400_000);
  const heavy = (/** @type {number} */ from, /** @type {number} */ to) =>
    frames(from, to).map((one) => ({ ...one, pictures: [{ ...one.pictures[0], image: { mime: "image/png", data: new Uint8Array(2000) } }] }));
  for (let from = 0; from < 1000; from += 50) reel.put(heavy(from, from + 49), { episode: 0, frame: from });
  assert.ok(reel.bytes <= 400_000, `${reel.bytes}`);
  assert.ok(reel.get({ episode: 0, frame: 960 }) && !reel.get({ episode: 0, frame: 100 }));
  const place = { episode: 0, frame: 500 };
  for (let times = 0; times < 40; times += 1) {
    const range = reel.wanted(place, [0], 1000, 1000);
    if (!range) break;
    const key = range.from - (range.from % 10);
    reel.put(heavy(key, Math.min(1000, range.from + range.count)), place);
    assert.ok(times < 10, "asked for in circles");
  }
  assert.ok(reel.route(0, null, place));
});

test("inputs are kept as runs, also where frames come out of order, and gaps are known", () => {
  const inputs = new Inputs();
  assert.ok(inputs.put(frames(8, 14)));
  assert.ok(!inputs.put(frames(8, 14)));
  inputs.put(frames(0, 5));
  assert.deepEqual(inputs.runs(0, 0, 20), [
    { from: 1, to: 3, action: "0" }, { from: 4, to: 5, action: "1" }, { from: 8, to: 11, action: "2" }, { from: 12, to: 14, action: "0" },
  ]);
  assert.deepEqual(inputs.runs(0, 1, 20), [{ from: 1, to: 5, action: "7" }, { from: 8, to: 14, action: "7" }]);
  assert.deepEqual(inputs.runs(1, 0, 20), []);
  assert.deepEqual(inputs.loaded(0, 20), [{ from: 0, to: 5 }, { from: 8, to: 14 }]);
  assert.deepEqual(inputs.gap(0, 10, 20), { from: 15, to: 20 });
  assert.deepEqual(inputs.gap(0, 10, 14), { from: 6, to: 7 });
  assert.equal(inputs.gap(0, 0, 5), null);
  assert.deepEqual([inputs.at(0, 0, 9), inputs.at(0, 0, 6), inputs.at(0, 0, 5000)], ["2", null, null]);
  inputs.put([frame(70_000)]);
  assert.equal(inputs.at(0, 1, 70_000), "7");
});

test("playing goes by the clock, waits for frames, and stops at the end", () => {
  const transport = new Transport(30);
  const known = { reach: 300, last: 300, over: true };
  assert.equal(transport.tick(100, known), "still");
  transport.play(known);
  for (let times = 0; times < 60; times += 1) assert.equal(transport.tick(1000 / 60, known), "moved");
  assert.equal(transport.frame, 30);
  transport.setSpeed(16);
  transport.tick(100, known);
  assert.equal(transport.frame, 78);
  transport.tick(100, { ...known, reach: 90 });
  assert.equal(transport.frame, 90);
  assert.equal(transport.tick(100, { ...known, reach: 90 }), "waits");
  transport.tick(60_000, known);
  assert.equal(transport.frame, 210, "a page that was hidden does not catch up");
  transport.tick(250, known);
  assert.deepEqual([transport.frame, transport.tick(100, known)], [300, "ended"]);
  assert.equal(transport.tick(100, { reach: 300, last: 300, over: false }), "waits", "more may come");
  transport.pause();
  transport.play(known);
  assert.equal(transport.frame, 0, "from the start again");
});

test("steps, seeks and speeds", () => {
  const transport = new Transport(30);
  transport.seek(1e9, 300);
  assert.equal(transport.frame, 300);
  transport.play({ reach: 0, last: 600, over: false });
  transport.step(-1, 300);
  assert.deepEqual([transport.frame, transport.playing], [299, false]);
  transport.step(-1000, 300);
  assert.equal(transport.frame, 0);
  for (let times = 0; times < 20; times += 1) transport.change(1);
  assert.equal(transport.speed, 16);
  for (let times = 0; times < 20; times += 1) transport.change(-1);
  assert.equal(transport.speed, 0.25);
  assert.deepEqual([SPEEDS[0], SPEEDS[SPEEDS.length - 1]], [0.25, 16]);
  assert.deepEqual([clock(0, 30), clock(45, 30), clock(3925, 60)], ["0:00.0", "0:01.5", "1:05.4"]);
});

test("following keeps half a second behind, evenly, and jumps when it is far off", () => {
  const transport = new Transport(30);
  transport.open(0, 0);
  transport.follow();
  // Frames come in bursts of six.
  let time = 0;
  /** @type {number[]} */
  const strides = [];
  for (let tick = 0; tick < 600; tick += 1) {
    time += 1 / 60;
    const last = Math.floor((time * 30 + 300) / 6) * 6;
    const before = transport.frame;
    transport.tick(1000 / 60, { reach: last, last, over: false });
    if (tick > 120) strides.push(transport.frame - before);
    if (tick > 120) assert.ok(Math.abs(last - transport.frame - BEHIND * 30) <= 7, `${last - transport.frame} behind`);
  }
  assert.ok(Math.max(...strides) <= 1 && Math.min(...strides) >= 0, "no leaps");
  const last = 480 + 120;
  transport.seek(100, last);
  assert.equal(transport.live, false, "scrubbing ends it");
  transport.follow();
  transport.tick(16, { reach: last, last, over: false });
  assert.equal(transport.frame, last - 15);
  for (let tick = 0; tick < 60; tick += 1) transport.tick(1000 / 60, { reach: last, last, over: true });
  assert.deepEqual([transport.frame, transport.tick(16, { reach: last, last, over: true })], [last, "ended"], "to the very end");
  transport.follow();
  transport.setSpeed(2);
  assert.equal(transport.live, false);
});

test("the picture is taken over at once: nothing between is drawn, the newest wish wins", async () => {
  const reel = new Reel();
  reel.put(frames(0, 60).map((one) => ({
    ...one, pictures: [{ ...one.pictures[0], draw: JSON.stringify({ n: one.frame, objects: [{ tween: 40 }] }), image: { mime: "image/png", data: [one.frame] } }],
  })), START);
  /** @type {any[]} */
  const done = [];
  /** @type {Array<() => void>} */
  const decoding = [];
  const screen = /** @type {any} */ ({
    load: async () => {},
    decode: ({ data }) => new Promise((resolve) => decoding.push(() => resolve({ of: data[0], close: () => {} }))),
    apply: (packet) => done.push(packet.objects.length === 0 ? "nothing" : [packet.n, packet.objects[0].tween]),
    image: ({ of }) => done.push(`image ${of}`),
    hud: (words) => done.push(`hud ${words}`),
  });
  /** @type {number[]} */
  const shown = [];
  const projector = new Projector(screen, reel, 0, ({ frame }) => shown.push(frame));
  projector.show({ episode: 0, frame: 12 }, 0);
  projector.show({ episode: 0, frame: 40 }, 0);
  projector.show({ episode: 0, frame: 13 }, 2);
  assert.deepEqual(done, [], "not before the image is decoded");
  decoding.shift()?.();
  await settle();
  assert.deepEqual(done.splice(0), ["nothing", "image 12", [10, null], [11, null], [12, null], "hud 12"]);
  decoding.shift()?.();
  await settle();
  assert.deepEqual(done.splice(0), ["image 13", [13, 20], "hud 13"], "and glides as fast as the film");
  assert.deepEqual(shown, [12, 13]);
  await projector.show({ episode: 0, frame: 70 }, 1);
  assert.deepEqual([done, projector.at], [[], { episode: 0, frame: 13 }], "what is missing comes later");
});

test("the loader leaves what is less urgent for what is looked at, and goes on after a failure", async () => {
  const [reel, inputs, life] = [new Reel(), new Inputs(), new AbortController()];
  /** @type {any[]} */
  const asked = [];
  const source = /** @type {any} */ ({
    frames: (range, wait, signal) => new Promise((resolve, reject) => {
      asked.push({ ...range, resolve, reject });
      signal.addEventListener("abort", () => reject(signal.reason));
    }),
  });
  const need = { place: START, views: [0], last: 1000, open: false, live: false, horizon: 100, done: false };
  /** @type {any[]} */
  const arrived = [];
  const loader = new Loader(source, reel, inputs, () => need, (error) => arrived.push(error), life.signal);
  asked[0].resolve(frames(0, 60));
  await settle();
  assert.deepEqual([asked[1].from, asked[1].why], [61, "ahead"]);
  need.place = { episode: 0, frame: 777 };
  loader.look();
  await settle();
  assert.deepEqual([asked[2].from, asked[2].why], [777, "now"]);
  loader.look();
  await settle();
  assert.equal(asked.length, 3, "what is under way already is left alone");
  asked[2].reject(new Refusal(502, "the record is torn"));
  await settle();
  assert.deepEqual(arrived.map((error) => error?.message ?? null), [null, "the record is torn"]);
  assert.equal(asked.length, 3, "what is final is not asked for again");
  life.abort();
});

test("the time line's places, ticks, absences and colours", () => {
  for (const wanted of [0, 7, 300]) assert.equal(frameAt(xOf(wanted, 300, 977), 300, 977), wanted);
  assert.deepEqual([frameAt(-5, 300, 100), frameAt(105, 300, 100), frameAt(3, 0, 100)], [0, 300, 0]);
  assert.deepEqual(ticks(300, 30, 400).map(({ label }) => label), ["0:00", "0:02", "0:04", "0:06", "0:08", "0:10"]);
  assert.ok(ticks(200_000, 60, 300).length <= 5);
  assert.deepEqual(ticks(0, 30, 300).map(({ frame }) => frame), [0]);
  const mark = (/** @type {number} */ at, /** @type {any} */ kind, seat = 0) => ({ frame: at, seat, kind, text: kind });
  const marks = [mark(10, "away"), mark(12, "away", 1), mark(15, "away"), mark(20, "back"), mark(90, "away")];
  assert.deepEqual(absences(marks, 0, 100), [{ from: 10, to: 20, text: "away" }, { from: 90, to: 100, text: "away" }]);
  assert.deepEqual(marksNear(marks, 0, 17, 4).map(({ frame }) => frame), [15, 20]);
  assert.equal(colourOf("2", 0), colourOf("2", 9), "numbers have colours of their own");
  assert.notEqual(colourOf('"up"', 0), colourOf('"down"', 1));
});

test("keys: the player's own, but not where the browser or the focused element needs them", () => {
  const press = (/** @type {string} */ key, focused = "body", more = {}) =>
    commandOf({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more }, focused);
  assert.deepEqual(press(" "), { do: "toggle" });
  assert.deepEqual(press("ArrowRight"), { do: "step", frames: 1 });
  assert.deepEqual(press("ArrowLeft", "slider", { shiftKey: true }), { do: "second", direction: -1 });
  assert.deepEqual(press("]"), { do: "speed", direction: 1 });
  assert.deepEqual(press("L"), { do: "live" });
  assert.deepEqual([press("End"), press("Home")], [{ do: "end" }, { do: "start" }]);
  assert.equal(press(" ", "button"), null);
  assert.equal(press("ArrowLeft", "select"), null);
  assert.equal(press("ArrowLeft", "radio"), null);
  assert.equal(press("l", "input"), null);
  assert.equal(press("l", "body", { ctrlKey: true }), null);
  assert.equal(press("ArrowUp"), null, "the page is scrolled");
  assert.deepEqual(press("ArrowUp", "slider"), { do: "step", frames: 1 });
});

test("the verdict in a sentence", () => {
  const of = (/** @type {any} */ verdict, episodes = [{ frames: 300 }]) =>
    verdictOf(/** @type {any} */ ({ episodes, verdict: { rows: 300, hashes: 10, difference: null, done: true, ...verdict } }));
  assert.deepEqual(of({}), { tone: "good", words: "Replayed 300 frames: 300 rows and 10 states are equal to the record" });
  assert.equal(of({ hashes: 1 }).words, "Replayed 300 frames: 300 rows and 1 state are equal to the record");
  assert.equal(of({ hashes: 0 }).words, "Replayed 300 frames: 300 rows are equal to the record");
  assert.deepEqual(of({ done: false, rows: 7, hashes: 0 }), { tone: "open", words: "7 rows equal to the record so far" });
  assert.deepEqual(of({ rows: 0, hashes: 0 }).tone, "open");
  const difference = { episode: 1, frame: 42, field: "rewards.left", recorded: "1", replayed: "0" };
  assert.deepEqual(of({ difference, rows: 0 }, [{ frames: 9 }, { frames: 99 }]), {
    tone: "bad", words: "Differs from the record in the row with t = 42 of episode 2: rewards.left is 1 in the record, 0 in the replay",
  });
  assert.match(of({ difference: { ...difference, field: "state" } }).words, /at frame 42: the state is not/);
  assert.match(of({ difference: { ...difference, field: "frames", recorded: "9", replayed: "8" } }).words, /9 frames in the record, 8 in/);
  assert.deepEqual([frameOf(difference), frameOf({ ...difference, field: "state" })], [43, 42], "a row leads to the next frame");
  assert.match(of({ difference: { ...difference, recorded: "x".repeat(500) } }).words, /x{57}…/);
});

test("the list of games: running ones first, newest first, searched in all that is known", () => {
  const game = (/** @type {string} */ name, /** @type {number} */ at, more = {}) => /** @type {any} */ ({
    game: name, scene: "volley", mode: "browser", players: [{ agent: "left", subject: "ann" }, { agent: "right", subject: null }],
    begun_at: at, ended: "complete", frames: 3, episodes: 1, ...more,
  });
  const games = [game("a", 1), game("b", 3), game("c", 2, { ended: null }), game("d", 9, { scene: "kitchen" })];
  const names = (/** @type {string} */ words) => {
    const { running, ended } = arrange(games, words);
    return [running.map(({ game }) => game).join(""), ended.map(({ game }) => game).join("")];
  };
  assert.deepEqual(names(""), ["c", "dba"]);
  assert.deepEqual(names("  KITCHEN ann "), ["", "d"]);
  assert.deepEqual(names("playing bot"), ["c", ""]);
  assert.deepEqual(names("zoe"), ["", ""]);
  assert.deepEqual([ending(null), ending("left"), ending("some_new_reason")], ["playing", "a player left", "some new reason"]);
  const now = new Date(2026, 10, 23, 12, 0, 0).getTime();
  assert.equal(since(now - 3_600_000, now, "en-GB"), "11:00:00");
  assert.equal(since(now - 86_400_000, now, "en-GB"), "22 Nov 2026, 12:00:00");
});
