/** The client's connection, identity and step buffer, without a browser. */
import assert from "node:assert/strict";
import test from "node:test";
import { delay, FIRST_MS, LONGEST_MS, RESTART_MS } from "../../assets/client/backoff.js";
import { StepBuffer, MESSAGE_BYTES, MOST_GAPS } from "../../assets/client/game/steps.js";
import { beats, duration } from "../../assets/client/scenes/time.js";
import { firstUsable, Identity, isSubjectName } from "../../assets/client/identity.js";

test("reconnecting waits grow, stay bounded and differ between browsers", () => {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const [least, most] = [delay(attempt, 0), delay(attempt, 0.999)];
    assert.ok(least >= FIRST_MS / 2 && most <= LONGEST_MS, `attempt ${attempt}: ${least} to ${most}`);
    assert.ok(most > least * 1.9, "the jitter spreads over half of the wait");
    assert.ok(delay(attempt + 1, 0.5) >= delay(attempt, 0.5));
  }
  assert.ok(delay(0, 0, true) >= RESTART_MS / 2, "a restarting server is given time");
  assert.ok(delay(1000, 0.5) <= LONGEST_MS);
});

/** @param {Record<string, string>} [entries] */
function memory(entries = {}) {
  return {
    entries,
    getItem: (/** @type {string} */ key) => entries[key] ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void (entries[key] = value),
  };
}

test("the address names the subject, else the panel's parameter, else who was here last", () => {
  const identity = new Identity(memory(), "/study1/", "lantern", "PROLIFIC_PID");
  const parameters = new URLSearchParams("PROLIFIC_PID=5f2a.b-C_9");
  assert.equal(identity.subject(null, new URLSearchParams()), null);
  identity.remember("carol", "t1");
  assert.equal(identity.subject(null, new URLSearchParams()), "carol");
  assert.equal(identity.subject(null, parameters), "5f2a.b-C_9");
  assert.equal(identity.subject("alice", parameters), "alice");
  const other = new Identity(memory(), "/study1/", "lantern", "workerId");
  assert.equal(other.subject(null, new URLSearchParams("PROLIFIC_PID=p1&workerId=A2XX")), "A2XX", "the study names the parameter");
  assert.equal(identity.subject(null, new URLSearchParams("PROLIFIC_PID=../x")), "carol", "not a name: ignored");
});

test("subjects' names are those that the service accepts", () => {
  for (const good of ["a", "A-1_b.c", "x".repeat(64)]) assert.ok(isSubjectName(good), good);
  for (const bad of ["", ".a", "a b", "x".repeat(65), "ä", "a/b", "a\n"]) assert.ok(!isSubjectName(bad), bad);
});

test("tokens are kept by subject, and apart for each study", () => {
  const store = memory();
  const [one, two] = [new Identity(store, "/a/", "x", "p"), new Identity(store, "/b/", "x", "p")];
  one.remember("alice", "t1");
  one.remember("bob", "t2");
  assert.equal(one.token("alice"), "t1");
  assert.equal(one.token("bob"), "t2");
  assert.ok(one.knows("alice") && !two.knows("alice") && !one.knows(null));
  assert.notEqual(two.token("alice"), "t1");
  assert.equal(two.subject(null, new URLSearchParams()), null);
});

test("a newcomer's secret is made once and kept until the welcome replaces it", () => {
  const store = memory();
  const identity = new Identity(store, "/a/", "x", "p");
  for (const subject of ["alice", null]) {
    const secret = identity.token(subject);
    assert.match(secret, /^[0-9a-f]{32}$/);
    assert.equal(new Identity(store, "/a/", "x", "p").token(subject), secret, "after a reload");
    assert.ok(!identity.knows(subject));
  }
  assert.notEqual(identity.token("alice"), identity.token("bob"));
  const secret = identity.token(null);
  identity.remember("chosen", secret);
  assert.equal(identity.token("chosen"), secret);
  assert.notEqual(identity.token(null), secret, "the next newcomer gets another one");
});

test("damaged or forbidden storage does not stop the study", () => {
  const damaged = new Identity(memory({ "greenroom:/a/:x": "{]" }), "/a/", "x", "p");
  assert.match(damaged.token("alice"), /^[0-9a-f]{32}$/);
  const forbidden = () => {
    throw new Error("SecurityError");
  };
  const fallback = new Identity(firstUsable([forbidden, forbidden]), "/a/", "x", "p");
  fallback.remember("alice", "t1");
  assert.equal(fallback.token("alice"), "t1");
});

const step = (size = 10) => ({ row: new Uint8Array(size), at: 0, focused: true });

/** @param {StepBuffer} buffer @param {boolean} [works] */
function flush(buffer, works = true) {
  /** @type {any[]} */
  const sent = [];
  buffer.flush((message) => {
    if (works) sent.push(message);
    return works;
  });
  return sent;
}

test("a step leaves the buffer only when it is acknowledged", () => {
  const buffer = new StepBuffer("g", 0, 0);
  for (let i = 0; i < 5; i += 1) buffer.push(step());
  assert.deepEqual(flush(buffer, false), []);
  const [first] = flush(buffer);
  assert.deepEqual([first.body.first, first.body.steps.length], [0, 5]);
  assert.deepEqual(flush(buffer), [], "nothing goes out twice by itself");
  buffer.acknowledge(3);
  assert.equal(buffer.unacknowledged, 2);
  buffer.rewind();
  const [again] = flush(buffer);
  assert.deepEqual([again.body.first, again.body.steps.length], [3, 2]);
  buffer.acknowledge(2);
  assert.equal(buffer.unacknowledged, 2, "an older acknowledgement changes nothing");
  assert.equal(buffer.acknowledge(99), false, "what this page never sent, somebody else did");
  assert.equal(buffer.unacknowledged, 2);
  assert.equal(buffer.acknowledge(5), true);
  assert.equal(buffer.unacknowledged, 0);
  assert.equal(buffer.length, 5);
});

test("an episode's end follows its steps, and is sent again after a break", () => {
  const buffer = new StepBuffer("g", 1, 7);
  buffer.push(step());
  buffer.end();
  assert.deepEqual(flush(buffer).map((m) => m.type), ["steps", "episode_ended"]);
  buffer.rewind();
  assert.deepEqual(flush(buffer).map((m) => m.type), ["steps", "episode_ended"]);
  buffer.acknowledge(8);
  buffer.rewind();
  const [end] = flush(buffer);
  assert.deepEqual(end, { type: "episode_ended", body: { game: "g", episode: 1, steps: 8 } });
});

test("large batches are cut into messages that the service takes", () => {
  const buffer = new StepBuffer("g", 0, 0);
  for (let i = 0; i < 10; i += 1) buffer.push(step(100_000));
  buffer.push(step(MESSAGE_BYTES * 2));
  const sent = flush(buffer);
  assert.deepEqual(sent.map((m) => m.body.steps.length), [2, 2, 2, 2, 2, 1]);
  assert.deepEqual(sent.map((m) => m.body.first), [0, 2, 4, 6, 8, 10]);
});

test("gaps without progress are told after a while, reconnections never", () => {
  const buffer = new StepBuffer("g", 0, 0);
  buffer.push(step());
  buffer.push(step());
  for (let i = 0; i < 50; i += 1) buffer.rewind();
  for (let i = 0; i < MOST_GAPS; i += 1) assert.ok(buffer.gap());
  assert.ok(!buffer.gap());
  flush(buffer);
  buffer.acknowledge(1);
  assert.ok(buffer.gap());
});

test("times are written for people, and a countdown has beats that can be read", () => {
  assert.deepEqual([duration(0), duration(900), duration(59_001), duration(65_000), duration(-5)], ["0 s", "1 s", "1:00", "1:05", "0 s"]);
  assert.deepEqual(beats(3000), { count: 3, length: 1000 });
  assert.deepEqual(beats(1200), { count: 2, length: 600 });
  assert.deepEqual([beats(100).count, beats(-1).count], [0, 0]);
});
