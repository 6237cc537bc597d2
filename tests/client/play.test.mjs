/** Keys and clock: what becomes of the participant's presses, and when. */
import assert from "node:assert/strict";
import test from "node:test";
import { isBound, KeyState, QUEUE_LIMIT } from "../../assets/client/input/keys.js";
import { byLabel, legend } from "../../assets/client/input/legend.js";
import { finished, place, title } from "../../assets/client/scenes/episode_names.js";
import { CATCH_UP, FrameClock, quantile } from "../../assets/client/worker/clock.js";

const LEFT = { key: "ArrowLeft", code: "ArrowLeft" };
const UP = { key: "ArrowUp", code: "ArrowUp" };
const RIGHT = { key: "ArrowRight", code: "ArrowRight" };
const BINDINGS = [["ArrowLeft"], ["ArrowRight"], ["ArrowUp"], ["ArrowLeft", "ArrowUp"], ["w"], [" "]];

test("held keys act until they are released", () => {
  const keys = new KeyState(BINDINGS, "pressed_keys");
  assert.equal(keys.take(), null);
  keys.down(LEFT);
  assert.deepEqual([keys.take(), keys.take()], [0, 0]);
  keys.up(LEFT);
  assert.equal(keys.take(), null);
});

test("the longest combination wins, among equals the latest press", () => {
  const keys = new KeyState(BINDINGS, "pressed_keys");
  keys.down(LEFT);
  keys.down(RIGHT);
  assert.equal(keys.take(), 1);
  keys.down(UP);
  assert.equal(keys.take(), 3);
  keys.up(UP);
  assert.equal(keys.take(), 1);
  keys.up(RIGHT);
  assert.equal(keys.take(), 0);
});

test("a tap shorter than a frame counts for one step", () => {
  const keys = new KeyState(BINDINGS, "pressed_keys");
  keys.down(UP);
  keys.up(UP);
  assert.deepEqual([keys.take(), keys.take()], [2, null]);
});

test("no key stays stuck when Shift or the layout changes between press and release", () => {
  const keys = new KeyState(BINDINGS, "pressed_keys");
  keys.down({ key: "w", code: "KeyW" });
  keys.up({ key: "W", code: "KeyW" });
  keys.take();
  assert.equal(keys.take(), null);
  keys.down({ key: "w", code: "KeyW" });
  keys.up({ key: "ц", code: "KeyW" });
  keys.take();
  assert.equal(keys.take(), null);
});

test("letters match in either case, on other alphabets by their place, and never against their own", () => {
  assert.ok(isBound(BINDINGS, { key: "W", code: "KeyW" }));
  assert.ok(isBound(BINDINGS, { key: "ц", code: "KeyW" }));
  assert.ok(isBound(BINDINGS, { key: "w", code: "KeyZ" }), "w on another Latin layout");
  assert.ok(!isBound(BINDINGS, { key: "z", code: "KeyW" }), "what is printed on the key counts");
  assert.ok(!isBound(BINDINGS, { key: "ArrowDown", code: "ArrowDown" }));
});

test("a key whose layout gives no Latin letter counts by its place: Hebrew, Greek, dead keys, input methods", () => {
  for (const [name, key, code] of [
    ["w", "'", "KeyW"], // Hebrew
    ["q", ";", "KeyQ"], // Greek
    ["e", "Dead", "KeyE"],
    ["a", "Process", "KeyA"],
    ["1", "&", "Digit1"], // French
  ]) {
    assert.ok(isBound([[name]], { key, code }), `${key} on ${code} is ${name}`);
  }
  assert.ok(!isBound([["w"]], { key: "z", code: "KeyW" }), "a French Z is no W");
  assert.ok(!isBound([["e"]], { key: "Enter", code: "KeyE" }));
});

test("losing the window releases everything", () => {
  const keys = new KeyState(BINDINGS, "pressed_keys");
  keys.down(LEFT);
  keys.releaseAll();
  assert.equal(keys.take(), null);
});

test("a key held since before the game counts by its auto-repeat, but is no keystroke", () => {
  const held = new KeyState(BINDINGS, "pressed_keys");
  held.down(LEFT, true);
  assert.equal(held.take(), 0);
  const strokes = new KeyState(BINDINGS, "single_keystroke");
  strokes.down(LEFT, true);
  assert.equal(strokes.take(), null);
});

test("single keystrokes wait in order, one a step, and not without bound", () => {
  const keys = new KeyState(BINDINGS, "single_keystroke");
  keys.down(LEFT);
  keys.down(LEFT);
  keys.down(LEFT, true);
  keys.up(LEFT);
  keys.down(RIGHT);
  assert.deepEqual([keys.take(), keys.take(), keys.take()], [0, 1, null]);
  keys.releaseAll();
  for (let i = 0; i < QUEUE_LIMIT + 3; i += 1) {
    keys.down(UP);
    keys.up(UP);
  }
  const taken = Array.from({ length: QUEUE_LIMIT + 1 }, () => keys.take());
  assert.deepEqual(taken, [...Array(QUEUE_LIMIT).fill(2), null]);
});

test("the legend names keys for people and lists no combination twice", () => {
  assert.deepEqual(legend([["w"], ["W"], [" "], ["ArrowLeft", "ArrowUp"], ["ArrowUp", "ArrowLeft"], []]), [
    { names: ["W"], label: "" }, { names: ["Space"], label: "" }, { names: ["←", "↑"], label: "" },
  ]);
  assert.deepEqual(legend([["ArrowLeft", "Shift"]])[0].names, ["Shift", "←"], "modifiers come first, as everybody says it");
  const named = legend([["w"], ["ArrowUp"], [" "], ["w", " "]], ["Go", "Go", "", "Leap"]);
  assert.deepEqual(byLabel(named), [
    { label: "Go", ways: [["W"], ["↑"]] }, { label: "", ways: [["Space"]] }, { label: "Leap", ways: [["W", "Space"]] },
  ]);
});

test("steps are due at fixed times from the start, whatever the timers do", () => {
  const clock = new FrameClock(50);
  clock.start(1000);
  const begun = [];
  for (let now = 1000; now < 1200; now += 7) {
    if (clock.wait(now) > 0) continue;
    clock.step(now);
    begun.push(now);
  }
  assert.equal(begun.length, 10);
  assert.equal(clock.late, 0);
  assert.equal(clock.wait(1200), 0);
});

test("a few late steps are caught up, more stretch the clock", () => {
  const clock = new FrameClock(50);
  clock.start(0);
  clock.step(0);
  let caught = 0;
  for (; clock.wait(60) <= 0; caught += 1) clock.step(60);
  assert.equal(caught, 3);
  assert.equal(clock.stretched, 0);
  let burst = 0;
  for (; clock.wait(10_000) <= 0; burst += 1) clock.step(10_000);
  assert.equal(burst, CATCH_UP + 1);
  assert.ok(clock.stretched > 9000);
  assert.ok(clock.late > 0);
  clock.start(20_000);
  assert.equal(clock.wait(20_000), 0, "a pause is not lateness");
});

test("quantiles", () => {
  assert.equal(quantile([], 0.5), 0);
  assert.equal(quantile([3, 1, 2], 0.5), 2);
  assert.equal(quantile([3, 1, 2], 0.99), 3);
});

test("practice is counted by itself, and what counts begins at one", () => {
  const length = { episodes: 5, tutorial: 2 };
  assert.deepEqual([0, 1, 2, 4].map((episode) => place(length, episode)), [[1, 2], [2, 2], [1, 3], [3, 3]]);
  assert.deepEqual([1, 2].map((episode) => title(length, episode)), ["Practice 2 of 2", "Episode 1 of 3"]);
  assert.equal(title({ episodes: 2, tutorial: 1 }, 0), "Practice");
  assert.deepEqual([0, 1, 2, 4].map((episode) => finished(length, episode)[0]), [
    "Practice finished", "Practice finished", "Episode 1 finished", "Finished",
  ]);
  assert.match(finished(length, 1)[1], /counts/);
});
