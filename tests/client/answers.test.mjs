/** What is answered, what is missing, what goes out again: without a browser. */
import assert from "node:assert/strict";
import test from "node:test";
import { Drawer } from "../../assets/client/drawer.js";
import { Answers, pack, TYPING_MS, unpack } from "../../assets/client/scenes/answers.js";
import { lack, readNumber } from "../../assets/client/scenes/lacks.js";
import { text } from "../../assets/client/text.js";

/** A line that takes the first so many messages. @param {number} [takes] */
function line(takes = Infinity) {
  /** @type {any[]} */
  const out = [];
  return {
    out,
    send: (/** @type {any} */ message) => {
      if (out.length >= takes) return false;
      out.push(message.body);
      return true;
    },
    numbers: () => out.map((body) => body.number),
  };
}

test("answers are numbered, carry visit and time, and go out once", () => {
  const answers = new Answers(3, {});
  const { out, send, numbers } = line();
  answers.give("age", 31, 1200);
  answers.give("hand", "left", 2500);
  assert.ok(answers.flush(send) && answers.flush(send));
  assert.deepEqual(out[0], { visit: 3, number: 1, question: "age", answer: 31, ms: 1200 });
  assert.deepEqual(numbers(), [1, 2]);
  assert.ok(!answers.settled);
  answers.acknowledge(1);
  answers.acknowledge(7);
  assert.ok(!answers.settled);
  answers.acknowledge(2);
  assert.ok(answers.settled);
});

test("typing waits for a pause, and is an answer to the page before that", () => {
  const answers = new Answers(1, { name: "A" });
  const { out, send } = line();
  answers.type("name", "An", 10, 1000);
  answers.type("name", "Ann", 20, 1100);
  assert.equal(answers.get("name"), "Ann");
  assert.equal(answers.wait(1100), TYPING_MS);
  answers.settle(1100 + TYPING_MS - 1);
  answers.flush(send);
  assert.deepEqual(out, []);
  assert.ok(!answers.settled, "what is being typed is not saved");
  answers.settle(1100 + TYPING_MS);
  answers.flush(send);
  assert.deepEqual(out, [{ visit: 1, number: 1, question: "name", answer: "Ann", ms: 20 }]);
  assert.equal(answers.wait(2000), null);
});

test("two boxes wait each for itself, and a choice sends what was typed before it", () => {
  const answers = new Answers(1, {});
  const { out, send } = line();
  answers.type("a", "x", 1, 0);
  answers.type("b", "y", 2, 300);
  assert.equal(answers.wait(300), 100);
  answers.settle(400);
  assert.equal(answers.wait(400), 300);
  answers.give("c", true, 3);
  answers.flush(send);
  assert.deepEqual(out.map(({ question }) => question), ["a", "b", "c"]);
});

test("what says nothing new is not sent, and an emptied box takes the answer back", () => {
  const answers = new Answers(1, { name: "Ann", rows: { b: 1, a: 0 } });
  const { out, send } = line();
  answers.give("name", "Ann", 1);
  answers.give("rows", { a: 0, b: 1 }, 1);
  answers.give("other", null, 1);
  answers.type("name", "Anne", 2, 0);
  answers.type("name", "Ann", 3, 10);
  answers.settle();
  answers.flush(send);
  assert.deepEqual(out, []);
  answers.type("name", null, 4, 20);
  assert.equal(answers.get("name"), undefined);
  answers.settle();
  answers.flush(send);
  assert.deepEqual(out, [{ visit: 1, number: 1, question: "name", answer: null, ms: 4 }]);
});

test("after a broken connection everything that is not acknowledged goes out again, in order", () => {
  const answers = new Answers(1, {});
  const first = line(2);
  for (const [place, question] of ["a", "b", "c"].entries()) answers.give(question, place, place);
  assert.ok(!answers.flush(first.send));
  answers.acknowledge(1);
  answers.rewind();
  const second = line();
  answers.give("a", 9, 9);
  assert.ok(answers.flush(second.send));
  assert.deepEqual(second.numbers(), [2, 3, 4]);
  // An acknowledgement of the first connection that comes late changes nothing.
  answers.acknowledge(1);
  for (const number of [2, 3, 4]) answers.acknowledge(number);
  assert.ok(answers.settled);
  assert.equal(answers.get("a"), 9);
});

test("what could not be handed over before a reload wins over what is stored, and is sent first", () => {
  const before = new Answers(2, {});
  before.give("name", "Ann", 5);
  before.give("age", 30, 6);
  before.give("name", null, 7);
  const kept = pack(2, before.kept);
  const after = new Answers(2, { name: "A", hand: "left" }, unpack(kept, 2, ["name", "age", "hand"]));
  assert.deepEqual([after.get("name"), after.get("age"), after.get("hand")], [undefined, 30, "left"]);
  after.give("hand", "right", 8);
  const { send, numbers } = line();
  after.flush(send);
  assert.deepEqual(numbers(), [1, 2, 3, 4]);
});

test("whatever else lies in the drawer is none of this visit's", () => {
  const entry = { number: 1, question: "q", answer: "x", ms: 1 };
  const packed = pack(1, [entry]);
  assert.deepEqual(unpack(packed, 1, ["q"]), [entry]);
  assert.deepEqual(unpack(packed, 2, ["q"]), []);
  assert.deepEqual(unpack(packed, 1, ["other"]), []);
  assert.equal(pack(1, []), null);
  for (const damaged of [null, "", "{", "[]", '{"visit":1}', '{"visit":1,"entries":[null,{"question":"q"}]}']) {
    assert.deepEqual(unpack(damaged, 1, ["q"]), [], String(damaged));
  }
});

test("the drawer survives a reload, and storage that is forbidden", () => {
  /** @type {Map<string, string>} */
  const map = new Map();
  const store = /** @type {any} */ ({
    getItem: (/** @type {string} */ key) => map.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => map.set(key, value),
    removeItem: (/** @type {string} */ key) => map.delete(key),
  });
  new Drawer("ann", () => store).write("kept");
  assert.equal(new Drawer("ann", () => store).read(), "kept");
  assert.equal(new Drawer("ben", () => store).read(), null);
  new Drawer("ann", () => store).write(null);
  assert.equal(map.size, 0);
  const forbidden = new Drawer("ann", () => {
    throw new Error("SecurityError");
  });
  forbidden.write("lost");
  assert.equal(forbidden.read(), null);
});

const options = ["a", "b", "c"].map((id) => ({ id, label: "", image: null }));
const asks = {
  text: { kind: "text", lines: 1, max_length: 10, placeholder: "" },
  whole: { kind: "number", min: 18, max: 99, whole: true, unit: "years" },
  number: { kind: "number", min: 18, max: 99, whole: false, unit: "" },
  free: { kind: "number", min: null, max: null, whole: false, unit: "" },
  one: { kind: "choice", options, several: false, at_least: 1, at_most: 3, shuffle: false, look: "list" },
  some: { kind: "choice", options, several: true, at_least: 2, at_most: 2, shuffle: false, look: "list" },
  scale: { kind: "scale", points: 5, labels: [], slider: true },
  grid: { kind: "grid", rows: [{ id: "x", label: "" }, { id: "y", label: "" }], columns: ["no", "yes"], shuffle: false },
  consent: { kind: "consent", label: "", version: "1" },
};

test("what is missing or out of range is what the service finds", () => {
  /** @type {Array<[keyof typeof asks, any, string | null]>} the first of them as in src/rules/answers/tests.rs */
  const cases = [
    ["text", "  ", "missing"], ["text", "eleven char", "too_long"], ["text", "ten charas", null],
    ["text", "😀".repeat(10), null], ["text", "😀".repeat(11), "too_long"],
    ["whole", 17, "too_small"], ["whole", 100, "too_large"], ["whole", 20.5, "not_whole"], ["whole", 17.5, "not_whole"],
    ["number", 20.5, null], ["number", 18, null], ["number", 99, null], ["free", -1e9, null], ["free", 0, null],
    ["one", "b", null],
    ["some", [], "missing"], ["some", ["a"], "too_few"], ["some", ["a", "b"], null], ["some", ["a", "b", "c"], "too_many"],
    ["scale", 0, null],
    ["grid", { x: 0 }, "missing"], ["grid", {}, "missing"], ["grid", { x: 0, y: 1 }, null],
    ["consent", false, "missing"], ["consent", true, null],
  ];
  for (const [name, answer, expected] of cases) {
    const ask = /** @type {any} */ (asks[name]);
    assert.equal(lack({ required: true, ask }, answer), expected, `${name} ${JSON.stringify(answer)}`);
    const optional = expected === "missing" ? null : expected;
    assert.equal(lack({ required: false, ask }, answer), optional, `optional ${name} ${JSON.stringify(answer)}`);
  }
  for (const ask of /** @type {any[]} */ (Object.values(asks))) {
    assert.equal(lack({ required: true, ask }, undefined), "missing");
    assert.equal(lack({ required: false, ask }, undefined), null);
    assert.ok(text.form.fault("missing", ask).length > 10, "there are words for it");
  }
});

test("numbers are read as people write them, and never otherwise than they mean", () => {
  /** @type {Array<[string, boolean, number]>} */
  const cases = [
    ["25", true, 25], [" 25 ", true, 25], ["-3", true, -3], ["+4", true, 4], ["\u22125", true, -5], ["007", true, 7],
    ["2,5", false, 2.5], ["2.5", true, 2.5], [".5", false, 0.5], ["5.", false, 5], ["0,125", false, 0.125],
    ["1.125", false, 1.125], ["٢٥", true, 25], ["۳۱", true, 31], ["٢٫٥", false, 2.5], ["25000", true, 25000],
    ["1,250", true, NaN], ["1.250", true, NaN], ["1,250", false, NaN], ["25 years", true, NaN], ["", true, NaN],
    ["1e5", true, NaN], ["0x10", true, NaN], ["1.2.3", false, NaN], ["-", true, NaN], ["Infinity", false, NaN],
    ["9".repeat(400), true, NaN],
  ];
  for (const [written, whole, number] of cases) assert.equal(readNumber(written, whole), number, written);
});

test("what may be chosen is told in words where it matters", () => {
  assert.equal(text.form.bounds(1, 5, 5), "Choose all that apply.");
  assert.equal(text.form.bounds(1, 2, 5), "Choose up to 2.");
  assert.equal(text.form.bounds(2, 2, 5), "Choose 2.");
  assert.equal(text.form.bounds(2, 5, 5), "Choose at least 2.");
  assert.equal(text.form.bounds(2, 3, 5), "Choose 2 to 3.");
});
