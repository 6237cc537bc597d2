/** What a document gives to keep, until the service has it. */
import assert from "node:assert/strict";
import test from "node:test";
import { packSaves, Saves, unfit, unpackSaves } from "../../assets/client/scenes/saves.js";

/** @param {Saves} saves @param {number} [most] */
function sent(saves, most = Infinity) {
  /** @type {string[]} */
  const out = [];
  saves.flush((message) => out.length < most && out.push(`${message.body.number} ${message.body.name}`) > 0);
  return out;
}

test("things go out once, in order, and again after a broken connection", () => {
  const saves = new Saves(2, 4);
  assert.deepEqual([saves.add("a", "1"), saves.add("b", "2"), saves.add("c", "3")], [5, 6, 7]);
  assert.deepEqual(sent(saves, 2), ["5 a", "6 b"]);
  assert.deepEqual(sent(saves), ["7 c"]);
  saves.acknowledge(5);
  saves.rewind();
  assert.deepEqual(sent(saves), ["6 b", "7 c"]);
  saves.acknowledge(7);
  assert.ok(saves.settled);
});

test("what a page before this one could not hand over goes on, and what is stored meanwhile does not", () => {
  const first = new Saves(2, 0);
  ["a", "b"].forEach((name) => first.add(name, "{}"));
  const kept = unpackSaves(packSaves(2, first.kept), 2);
  const second = new Saves(2, 1, kept);
  assert.equal(second.add("c", "{}"), 3);
  assert.deepEqual(sent(second), ["2 b", "3 c"]);
  assert.deepEqual(unpackSaves(packSaves(2, first.kept), 3), [], "of another visit");
  for (const odd of [null, "", "{", "[]", '{"visit":2,"saves":[{"number":"1"}]}', '{"visit":2,"entries":[]}']) {
    assert.deepEqual(unpackSaves(odd, 2), []);
  }
});

test("what the service does not take is not sent for ever", () => {
  const saves = new Saves(2, 0);
  ["a", "b"].forEach((name) => saves.add(name, "{}"));
  assert.equal(saves.drop(), null, "nothing was sent yet");
  sent(saves);
  assert.equal(saves.drop(), 1);
  assert.deepEqual(saves.kept.map(({ name }) => name), ["b"]);
});

test("what cannot be saved is told before it is sent", () => {
  assert.equal(unfit("trial", "{}", 100), null);
  for (const name of ["", "x".repeat(65), "ä".repeat(33), "a\nb"]) assert.match(unfit(name, "{}", 100) ?? "", /name/);
  assert.match(unfit("a", `"${"x".repeat(256 * 1024)}"`, 1e9) ?? "", /too much/);
  assert.match(unfit("a", "{}", 1) ?? "", /as much as it may/);
});
