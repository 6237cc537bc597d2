/** The drawing protocol without a screen: what is shown, what vanishes, what glides. */
import assert from "node:assert/strict";
import test from "node:test";
import { frameAt } from "../../assets/client/render/animation.js";
import { atlasFrames, atlasParts, sheetFrames } from "../../assets/client/render/atlas.js";
import { fit, frameFit } from "../../assets/client/render/fit.js";
import { normalise } from "../../assets/client/render/normalise.js";
import { moves, positionAt, SceneGraph } from "../../assets/client/render/scene_graph.js";

const common = { persistent: false, depth: 0, tween: null, alpha: 1 };
const paint = { color: "#112233", stroke_color: null, stroke_width: 0 };
/** @param {string} id @param {object} [more] @returns {any} */
const circle = (id, more = {}) => ({ id, kind: "circle", x: 0, y: 0, radius: 5, ...common, ...paint, ...more });
/** @param {any[]} objects @param {object} [more] @returns {any} */
const packet = (objects, more = {}) => ({ width: 600, height: 400, full: false, objects, removed: [], ...more });
const ids = (/** @type {any[]} */ list) => list.map((shown) => shown.id);

test("objects vanish unless they are persistent; those stay until removed or until all is new", () => {
  const graph = new SceneGraph(400);
  graph.apply(packet([circle("stays", { persistent: true }), circle("goes")]), 0);
  assert.deepEqual(graph.apply(packet([]), 1).removed, ["goes"]);
  assert.deepEqual(graph.apply(packet([], { removed: ["stays"] }), 2).removed, ["stays"]);
  graph.apply(packet([circle("a", { persistent: true }), circle("b", { persistent: true })]), 3);
  assert.deepEqual(graph.apply(packet([circle("b", { persistent: true })], { full: true }), 4).removed, ["a"]);
  assert.deepEqual(ids([...graph.shown]), ["b"]);
});

test("a shape is redrawn only when it changes, not when it moves", () => {
  const graph = new SceneGraph(400);
  assert.deepEqual(ids(graph.apply(packet([circle("a")]), 0).added), ["a"]);
  const moved = graph.apply(packet([circle("a", { x: 9, alpha: 0.5 })]), 1);
  assert.deepEqual([ids(moved.kept), ids(moved.reshaped)], [["a"], []]);
  assert.deepEqual(ids(graph.apply(packet([circle("a", { radius: 6 })]), 2).reshaped), ["a"]);
  const other = graph.apply(packet([{ ...circle("a"), kind: "rect", w: 1, h: 1 }]), 3);
  assert.deepEqual([other.removed, ids(other.added)], [["a"], ["a"]], "another kind under the same id is a new object");
});

test("a moved line or polygon keeps its shape", () => {
  const graph = new SceneGraph(400);
  const polygon = (/** @type {number} */ dx) => ({
    ...circle("p"), kind: "polygon", points: [[0.1 + dx, 0], [10.3 + dx, 0], [5 + dx, 7.7]],
  });
  graph.apply(packet([polygon(0)]), 0);
  assert.deepEqual(ids(graph.apply(packet([polygon(1 / 3)]), 1).kept), ["p"]);
});

test("objects glide from where they are seen, also when the last glide is not over", () => {
  const graph = new SceneGraph(400);
  graph.apply(packet([circle("a", { tween: 100 })]), 0);
  const [first] = graph.shown;
  assert.deepEqual(positionAt(first, 0), { x: 0, y: 0 }, "a new object is at its place at once");
  graph.apply(packet([circle("a", { x: 100, tween: 100 })]), 1000);
  const [second] = graph.shown;
  assert.deepEqual(positionAt(second, 1050), { x: 50, y: 0 });
  assert.deepEqual(positionAt(second, 1200), { x: 100, y: 0 });
  graph.apply(packet([circle("a", { x: 0, tween: 100 })]), 1050);
  const [third] = graph.shown;
  assert.deepEqual(positionAt(third, 1050), { x: 50, y: 0 });
  graph.apply(packet([circle("a", { x: 7 })]), 1060);
  const [fourth] = graph.shown;
  assert.deepEqual(positionAt(fourth, 1060), { x: 7, y: 0 }, "without a tween it jumps");
});

test("depth decides what covers what, then the draw order", () => {
  const graph = new SceneGraph(400);
  const objects = [circle("top", { depth: 2 }), circle("one"), circle("two"), circle("low", { depth: -0.5 })];
  graph.apply(packet([circle("ground", { persistent: true }), ...objects]), 0);
  const order = () => [...graph.shown].sort((a, b) => a.z - b.z).map((shown) => shown.id);
  assert.deepEqual(order(), ["low", "ground", "one", "two", "top"]);
  graph.apply(packet([objects[0], objects[2], objects[1], objects[3]]), 1);
  assert.deepEqual(order(), ["low", "ground", "two", "one", "top"]);
});

test("an unknown kind is left out, the rest is drawn", () => {
  const graph = new SceneGraph(400);
  const warn = console.warn;
  console.warn = () => {};
  const changes = graph.apply(packet([{ ...circle("x"), kind: "hologram" }, circle("a")]), 0);
  console.warn = warn;
  assert.deepEqual(ids(changes.added), ["a"]);
});

test("each kind has one form", () => {
  const shape = (/** @type {any} */ object) => normalise({ ...common, id: "i", ...object }, 400);
  const plain = { color: "#112233", stroke: null, strokeWidth: 0 };
  assert.deepEqual(shape(circle("c", { x: 3 })), {
    id: "c", persistent: false, depth: 0, alpha: 1, tween: 0, x: 3, y: 0,
    shape: { kind: "ellipse", rx: 5, ry: 5, ...plain },
  });
  assert.deepEqual(shape({ kind: "rect", x: 1, y: 2, w: 3, h: 4, border_radius: 5, ...paint })?.shape, {
    kind: "rect", w: 3, h: 4, radius: 5, ...plain,
  });
  assert.deepEqual(shape({ kind: "ellipse", x: 1, y: 2, rx: 3, ry: 4, ...paint })?.shape, {
    kind: "ellipse", rx: 3, ry: 4, ...plain,
  });
  const arc = { kind: "arc", x: 1, y: 2, radius: 3, start_angle: 0, end_angle: 1, color: null };
  assert.deepEqual(shape({ ...arc, stroke_color: "red", stroke_width: 2 })?.shape, {
    kind: "arc", radius: 3, from: 0, to: 1, color: null, stroke: "red", strokeWidth: 2,
  });
  const line = { kind: "line", points: [[10, 20], [30, 50]], color: "red", width: 2, fill_below: "blue" };
  assert.deepEqual(shape({ ...line, fill_above: "green" }), {
    id: "i", persistent: false, depth: 0, alpha: 1, tween: 0, x: 10, y: 20,
    shape: {
      kind: "line", points: [[0, 0], [20, 30]], color: "red", width: 2, below: { color: "blue", edge: 380 },
      above: { color: "green", edge: -20 },
    },
  });
  const text = { kind: "text", text: "hi", x: 1, y: 2, size: 9, color: "red", font: "serif", align: "center" };
  assert.deepEqual(shape({ ...text, anchor: [0.5, 1] })?.shape, {
    kind: "text", text: "hi", size: 9, color: "red", font: "serif", align: "center", anchor: [0.5, 1],
  });
  const image = { kind: "image", image: "bird", x: 10, y: 20, w: 30, h: 40, frame: 2, angle: 90, flip_x: true };
  const { x, y, shape: bird } = /** @type {any} */ (shape({ ...image, flip_y: false }));
  assert.deepEqual([x, y], [25, 40], "placed by its middle, about which it turns");
  assert.deepEqual(bird, {
    kind: "image", image: "bird", w: 30, h: 40, frame: 2, animation: null, angle: 90, flipX: true, flipY: false,
  });
});

test("objects written by hand may leave out what has a default", () => {
  const sides = { x: 1, y: 2, w: 3, h: NaN };
  const rect = /** @type {any} */ ({ id: 7, kind: "rect", ...sides, color: "red", stroke_color: "blue" });
  assert.deepEqual(normalise(rect, 400), {
    id: "7", persistent: false, depth: 0, alpha: 1, tween: 0, x: 1, y: 2,
    shape: { kind: "rect", w: 3, h: 0, radius: 0, color: "red", stroke: "blue", strokeWidth: 1 },
  });
});

test("sheets are cut in rows, atlases by name", () => {
  assert.deepEqual(sheetFrames(35, 20, 10, 10).map(({ x, y }) => [x, y]), [
    [0, 0], [10, 0], [20, 0], [0, 10], [10, 10], [20, 10],
  ]);
  const frame = { x: 1, y: 2, w: 3, h: 4 };
  const trimmed = {
    frame, rotated: true, trimmed: true, spriteSourceSize: { x: 5, y: 6, w: 3, h: 4 }, sourceSize: { w: 20, h: 30 },
  };
  const expected = { x: 1, y: 2, w: 3, h: 4, rotated: false, trim: null };
  assert.deepEqual(atlasFrames({ frames: { a: { frame }, b: trimmed } }), new Map([
    ["a", expected], ["b", { ...expected, rotated: true, trim: { x: 5, y: 6, w: 20, h: 30 } }],
  ]));
  assert.deepEqual(atlasFrames({ frames: [{ filename: "a", frame }] }), new Map([["a", expected]]));
  assert.deepEqual(atlasFrames({ textures: [{ frames: [{ filename: "a", frame }] }] }), new Map([["a", expected]]));
});

test("the game fills the window; pixels of a picture cover whole device pixels", () => {
  assert.equal(fit({ width: 600, height: 400 }, { width: 1200, height: 700 }), 1.75);
  const scale = frameFit({ width: 600, height: 400 }, { width: 120, height: 80 }, { width: 1290, height: 900 }, 1);
  assert.equal((600 * scale) / 120, 10);
  const small = frameFit({ width: 600, height: 400 }, { width: 600, height: 400 }, { width: 900, height: 900 }, 1);
  assert.equal(small, 1.5);
});

test("what a rollback moved drifts to its place, and corrections add up", () => {
  const graph = new SceneGraph(400, 100);
  const place = (/** @type {number} */ now) => {
    const [shown] = graph.shown;
    return [positionAt(shown, now), moves(shown, now)];
  };
  graph.apply(packet([circle("a", { x: 50 })]), 0);
  graph.apply(packet([circle("a", { x: 30 })], { corrections: { a: [20, -4], gone: [1, 1] } }), 1000);
  assert.deepEqual(place(1000), [{ x: 50, y: -4 }, true], "where it was seen");
  assert.deepEqual(place(1050), [{ x: 40, y: -2 }, true]);
  graph.apply(packet([circle("a", { x: 40 })]), 1050);
  assert.deepEqual(place(1050), [{ x: 50, y: -2 }, true], "the game moves it all the same");
  graph.apply(packet([circle("a", { x: 40 })], { corrections: { a: [6, 0] } }), 1050);
  assert.deepEqual(place(1050), [{ x: 56, y: -2 }, true], "what was left and what is new");
  assert.deepEqual(place(1150), [{ x: 40, y: 0 }, false]);
  graph.apply(packet([circle("a", { x: 40 })]), 1200);
  assert.equal([...graph.shown][0].offset, null);
});

test("a glide needs no correction, and without smoothing there is none", () => {
  const gliding = new SceneGraph(400, 100);
  gliding.apply(packet([circle("a", { x: 0 })]), 0);
  gliding.apply(packet([circle("a", { x: 10, tween: 100 })], { corrections: { a: [-30, 0] } }), 10);
  assert.deepEqual(positionAt([...gliding.shown][0], 10), { x: 0, y: 0 });
  const plain = new SceneGraph(400);
  plain.apply(packet([circle("a", { x: 0 })], { corrections: { a: [5, 5] } }), 0);
  assert.deepEqual(positionAt([...plain.shown][0], 0), { x: 0, y: 0 });
});

test("an atlas may be spread over several pictures", () => {
  const frame = { x: 1, y: 2, w: 3, h: 4 };
  const parts = atlasParts({ textures: [
    { image: "a.png", frames: [{ filename: "one", frame }] }, { image: "b.png", frames: [{ filename: "two", frame }] },
  ] });
  assert.deepEqual(parts.map(({ image, frames }) => [image, [...frames.keys()]]), [["a.png", ["one"]], ["b.png", ["two"]]]);
});

test("an animation shows its frames one after the other, again and again or once", () => {
  const walk = { image: "hero", frames: [3, 1, 2], fps: 10, repeat: true };
  const shown = (/** @type {any} */ animation) => [0, 99, 100, 250, 300, 1000].map((elapsed) => frameAt(animation, elapsed));
  assert.deepEqual(shown(walk), [3, 3, 1, 2, 3, 1]);
  assert.deepEqual(shown({ ...walk, repeat: false }), [3, 3, 1, 2, 2, 2]);
  assert.equal(frameAt(walk, -5), 3);
});
