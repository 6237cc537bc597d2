/** The clock of a game with others: on time whatever the timers do, and back in its place after every trouble. */
import assert from "node:assert/strict";
import test from "node:test";
import { Pacer } from "../../assets/client/worker/pacer.js";

const FPS = 50;
const FRAME = 1000 / FPS;

/**
 * A copy and a service whose confirmations come `lag` milliseconds late.
 * @param {{lag?: number, bound?: number, headStart?: number, jitter?: number, factor?: number}} [options]
 */
function game({ lag = 60, bound = 8, headStart = 3, jitter = 4, factor = 1 } = {}) {
  const pacer = new Pacer(FPS, bound);
  let [now, frame, confirmed, begun] = [0, 0, 0, 0];
  let frozen = -Infinity;
  let silent = -Infinity;
  let dice = 1;
  const bursts = /** @type {number[]} */ ([]);
  pacer.begin(0, 0, headStart);
  pacer.factor = factor;
  const run = (/** @type {number} */ milliseconds, /** @type {(now: number) => void} */ check = () => {}) => {
    for (const until = now + milliseconds; now < until; now += 1) {
      const closed = Math.floor((now - begun - lag) / FRAME) + 1;
      const news = now >= silent && closed > confirmed;
      if (news) confirmed = Math.max(0, closed);
      dice = (dice * 48271) % 2147483647;
      const due = pacer.wait(now) <= 0 && (pacer.wait(now) <= -jitter || dice % 2 === 0);
      if (now < frozen || (!due && !(news && pacer.eager(frame, confirmed)))) continue;
      const frames = pacer.advance(now, frame, confirmed);
      bursts.push(frames);
      frame = Math.max(frame, confirmed) + frames;
      assert.ok(frame - confirmed <= bound, `${frame} is more than ${bound} ahead of ${confirmed}`);
      check(now);
    }
  };
  return {
    pacer, run, bursts,
    get lead() { return frame - confirmed; },
    get frame() { return frame; },
    freeze: (/** @type {number} */ milliseconds) => void (frozen = now + milliseconds),
    silence: (/** @type {number} */ milliseconds) => void (silent = now + milliseconds),
  };
}

test("the clock does not drift, however late the timers are", () => {
  const it = game({ jitter: 15 });
  it.run(60_000);
  assert.ok(Math.abs(it.frame - 3 - 60_000 / FRAME) <= 2, `${it.frame} frames in a minute`);
  assert.equal(it.pacer.waited, 0);
});

test("a head start is made at once, and not before the beginning", () => {
  const pacer = new Pacer(FPS, 8);
  pacer.begin(0, 500, 5);
  assert.equal(pacer.wait(0), 500);
  assert.equal(pacer.advance(499, 0, 0), 0);
  assert.equal(pacer.advance(500, 0, 0), 6, "the head start and the first frame");
  assert.equal(pacer.advance(501, 6, 0), 0);
  assert.equal(pacer.advance(520, 6, 0), 1);
  const short = new Pacer(FPS, 4);
  short.begin(0, 0, 100);
  assert.equal(short.advance(0, 0, 0), 4, "never beyond the bound");
});

test("it runs as much faster or slower as the service asks", () => {
  for (const factor of [0.95, 1.05]) {
    const pacer = new Pacer(FPS, 8);
    pacer.factor = factor;
    pacer.begin(0, 0, 0);
    let frames = 0;
    for (let now = 0; now < 10_000; now += 1) {
      if (pacer.wait(now) <= 0) frames += pacer.advance(now, frames, frames);
    }
    assert.ok(Math.abs(frames - 500 * factor) <= 2, `${frames} at ${factor}`);
  }
});

test("at the bound it waits, and the wait is known", () => {
  const it = game();
  it.run(2000);
  const usual = it.lead;
  it.silence(1000);
  it.run(900);
  assert.equal(it.lead, 8);
  assert.ok(it.pacer.waited > 20, `${it.pacer.waited} ticks`);
  it.run(1);
  let longest = 0;
  it.silence(100);
  it.run(99, (now) => { longest = Math.max(longest, it.pacer.waitedFor(now)); });
  assert.ok(longest > 800, `${longest} ms`);
  it.run(60);
  assert.ok(Math.abs(it.lead - usual) <= 1, `${it.lead} instead of ${usual} right after`);
  assert.equal(it.pacer.waitedFor(1e9), 0);
});

test("after a stall shorter than the bound the lead comes back with the confirmations, whatever parts they come in", () => {
  const pacer = new Pacer(FPS, 8);
  pacer.begin(0, 0, 3);
  let [frame, confirmed] = [0, 0];
  const tick = (/** @type {number} */ now) => { frame = Math.max(frame, confirmed) + pacer.advance(now, frame, confirmed); };
  for (let now = 0; now < 1000; now += FRAME) {
    tick(now);
    confirmed = frame - 4;
  }
  for (let now = 1000; now < 1200; now += FRAME) tick(now);
  assert.equal(frame - confirmed, 8);
  for (let part = 0; part < 10; part += 1) {
    confirmed += 1;
    assert.ok(pacer.eager(frame, confirmed));
    tick(1190);
  }
  assert.equal(frame - confirmed, 5, "as before, counted behind the tick");
});

test("a machine that stood still goes on where the others are", () => {
  const it = game();
  it.run(2000);
  const usual = it.lead;
  it.freeze(700);
  it.run(701 + 2 * FRAME);
  assert.ok(Math.abs(it.lead - usual) <= 1, `${it.lead} instead of ${usual}`);
  it.run(2000);
  assert.ok(Math.abs(it.lead - usual) <= 1);
  assert.ok(Math.max(...it.bursts) <= 8, "never more frames at once than may be guessed");
});

test("a pause stops the clock, and it begins anew", () => {
  const it = game();
  it.run(1000);
  it.pacer.pause();
  assert.equal(it.pacer.wait(1000), Infinity);
  assert.equal(it.pacer.advance(5000, it.frame, it.frame), 0);
  assert.ok(it.pacer.eager(0, 0), "news is taken all the same");
  it.pacer.begin(5000, 100, 2);
  assert.equal(it.pacer.advance(5050, 50, 50), 0);
  assert.equal(it.pacer.advance(5100, 50, 50), 3);
});
