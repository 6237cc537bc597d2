/** Pointer, gamepad and buttons for fingers, as far as they decide something: no browser. */
import assert from "node:assert/strict";
import test from "node:test";
import { pressedOn } from "../../assets/client/input/gamepad.js";
import { Hands, sameDeed } from "../../assets/client/input/hands.js";
import { layout, pressedPad } from "../../assets/client/input/layout.js";
import { placeOn } from "../../assets/client/input/pointer.js";

/** @param {any} pointer @param {any} [mode] */
function hands(pointer, mode = "pressed_keys") {
  const made = new Hands({ bindings: [["a"]], mode, pointer });
  const point = (/** @type {any} */ event, x = 0, y = 0) => made.handle({ type: "pointer", event, x, y, at: 0 });
  const key = (/** @type {any} */ event) => made.handle({ type: "keys", event, key: "a", code: "KeyA", repeat: false, at: 0 });
  return { hands: made, point, key, take: () => made.take() };
}
const at = (/** @type {number} */ x, /** @type {number} */ y, pressed = true) => ({ x, y, pressed });

test("each click acts once, in order, before keys; more than four wait for nobody", () => {
  const it = hands("click");
  it.key("down");
  for (let x = 0; x < 9; x += 1) {
    it.point("press", x);
    it.point("release", x);
  }
  assert.deepEqual(Array.from({ length: 5 }, it.take), [at(0, 0), at(1, 0), at(2, 0), at(3, 0), 0]);
});

test("a held pointer acts where it is, a tap for one step, and a held key goes before", () => {
  const it = hands("hold");
  assert.equal(it.take(), null);
  it.point("press", 1, 2);
  it.point("move", 3, 4);
  assert.deepEqual([it.take(), it.take()], [at(3, 4), at(3, 4)]);
  it.key("down");
  assert.equal(it.take(), 0);
  it.key("up");
  it.point("release", 5, 6);
  assert.equal(it.take(), null);
  it.point("press", 7, 8);
  it.point("release", 7, 8);
  assert.deepEqual([it.take(), it.take()], [at(7, 8), null]);
});

test("a pointer that merely moves acts in every step once it was seen, and nowhere when it is gone", () => {
  const it = hands("move");
  assert.equal(it.take(), null);
  it.point("move", 1, 1);
  assert.deepEqual([it.take(), it.take()], [at(1, 1, false), at(1, 1, false)]);
  it.point("press", 2, 2);
  it.point("release", 2, 2);
  assert.deepEqual([it.take(), it.take()], [at(2, 2), at(2, 2, false)]);
  it.point("gone");
  assert.equal(it.take(), null);
});

test("a scene that takes no pointer has none", () => {
  const it = hands(null);
  it.point("press", 1, 1);
  assert.equal(it.take(), null);
  assert.ok(sameDeed(at(1, 1), at(1, 1)) && !sameDeed(at(1, 1), at(1, 2)) && !sameDeed(null, 0) && sameDeed(2, 2));
});

test("a place is in whole game pixels, within the picture, whatever its size on the screen", () => {
  const picture = { left: 100, top: 50, width: 300, height: 200 };
  const size = { width: 600, height: 400 };
  assert.deepEqual(placeOn(picture, size, 100, 50), { x: 0, y: 0, inside: true });
  assert.deepEqual(placeOn(picture, size, 250, 150), { x: 300, y: 200, inside: true });
  assert.deepEqual(placeOn(picture, size, 400, 250), { x: 599, y: 399, inside: false });
  assert.deepEqual(placeOn(picture, size, -10, 1000), { x: 0, y: 399, inside: false });
  assert.equal(placeOn({ ...picture, width: 0 }, size, 0, 0), null);
});

test("a gamepad's buttons, cross and stick have names, and a stick does not flicker at the edge", () => {
  /** @param {number[]} down @param {number[]} axes @returns {any} */
  const pad = (down, axes = [0, 0]) => ({
    connected: true, axes, buttons: Array.from({ length: 17 }, (_, index) => ({ pressed: down.includes(index) })),
  });
  assert.deepEqual([...pressedOn([null, pad([0, 14, 16])], new Set())], ["Gamepad.A", "Gamepad.Left"]);
  assert.deepEqual([...pressedOn([pad([], [0.6, -0.9])], new Set())], ["Gamepad.Right", "Gamepad.Up"]);
  assert.deepEqual([...pressedOn([pad([], [0.4, 0])], new Set())], []);
  assert.deepEqual([...pressedOn([pad([], [0.4, 0])], new Set(["Gamepad.Right"]))], ["Gamepad.Right"]);
});

test("arrows become a pad, keys that do the same one button", () => {
  const bindings = [["ArrowLeft"], ["ArrowRight"], ["a"], ["d"], [" "], ["Enter"], ["Gamepad.A"], ["ArrowLeft", " "]];
  assert.deepEqual(layout(bindings, [0, 1, 0, 1, 4, 5, 4, 7]), {
    pad: { left: "ArrowLeft", right: "ArrowRight" }, buttons: [" ", "Enter"],
  });
  assert.deepEqual(layout([["w"], ["a"], ["s"], ["d"]], [0, 1, 2, 3]).pad, { up: "w", down: "s", left: "a", right: "d" });
  assert.deepEqual(layout([["f"], ["j"]], [0, 1]), { pad: null, buttons: ["f", "j"] });
  assert.deepEqual(layout([["ArrowUp"]], [0]), { pad: null, buttons: ["ArrowUp"] }, "one direction is a button");
  assert.deepEqual(layout([["ArrowLeft"], ["ArrowRight"], ["Shift", "ArrowLeft"]], [0, 1, 2]).buttons, ["Shift"]);
  assert.deepEqual(layout([["Gamepad.Left"], ["Gamepad.Right"], ["Gamepad.X"]], [0, 1, 2]), {
    pad: { left: "Gamepad.Left", right: "Gamepad.Right" }, buttons: ["Gamepad.X"],
  });
});

test("a finger on the pad means the nearest direction, or two that the game knows together", () => {
  const pad = { up: "U", left: "L", right: "R" };
  const [never, ever] = [() => false, () => true];
  assert.deepEqual(pressedPad(pad, -0.9, 0.1, ever), ["L"]);
  assert.deepEqual(pressedPad(pad, -0.7, -0.6, ever), ["L", "U"]);
  assert.deepEqual(pressedPad(pad, -0.6, -0.7, never), ["U"]);
  assert.deepEqual(pressedPad(pad, 0.05, 0.05, ever), [], "the middle is nothing");
  assert.deepEqual(pressedPad(pad, 0, 0.9, ever), [], "nor is a direction that the game has not");
});
