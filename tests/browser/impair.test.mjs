/**
 * The impairing proxy itself: what it delays, holds up and cuts, and what it must leave alone.
 */

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { Impaired, Schedule } from "./impair.mjs";

/** Timers of a busy machine are late, never early; Node's count whole milliseconds. */
const LATE = 40;

/** A service that sends back what it gets; its address. @param {import("node:test").TestContext} t */
async function echo(t) {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}/`;
}

/** @param {import("node:test").TestContext} t */
async function impaired(t, options) {
  const proxy = await Impaired.start(await echo(t), options);
  t.after(() => proxy.close());
  return proxy;
}

/** @param {import("node:test").TestContext} t */
async function connect(t, proxy) {
  const socket = net.connect({ port: proxy.port, host: "127.0.0.1", noDelay: true });
  socket.on("error", () => {});
  t.after(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Resolves when it is closed, broken or not. */
const closed = (socket) => new Promise((resolve) => socket.on("close", resolve));

/** Milliseconds until the answer to one word. */
async function roundTrip(socket) {
  const began = performance.now();
  socket.write("word");
  await once(socket, "data");
  return performance.now() - began;
}

test("each direction has its own delay, and it can be changed while connected", async (t) => {
  const proxy = await impaired(t, { up: { delay: 50 }, down: { delay: 100 } });
  const socket = await connect(t, proxy);
  for (let i = 0; i < 5; i += 1) {
    const took = await roundTrip(socket);
    assert.ok(took >= 149 && took < 150 + LATE, `${took} ms`);
  }
  proxy.set({ up: {}, down: {} });
  const took = await roundTrip(socket);
  assert.ok(took < LATE, `${took} ms`);
});

test("bytes keep their order and arrive whole, whatever happens to them", async (t) => {
  const weather = { delay: 5, jitter: 5, stalls: { every: 60, least: 10, most: 40 } };
  const proxy = await impaired(t, { seed: 3, up: weather, down: weather });
  const socket = await connect(t, proxy);
  const sent = randomBytes(12 << 20); // more than may be in flight
  const got = [];
  socket.on("data", (data) => got.push(data));
  for (let at = 0; at < sent.length; ) {
    const length = 1 + Math.floor(Math.random() * 200_000);
    socket.write(sent.subarray(at, at + length));
    at += length;
    await pause(1);
  }
  socket.end();
  await once(socket, "end");
  const digest = (data) => createHash("sha256").update(data).digest("hex");
  assert.equal(digest(Buffer.concat(got)), digest(sent));
  assert.equal(proxy.counted.up, sent.length);
});

test("jitter spreads the delay evenly around it", () => {
  const schedule = new Schedule({ delay: 100, jitter: 75 }, 1);
  // Far apart, so that none waits for the one before it.
  const delays = Array.from({ length: 2000 }, (_, index) => schedule.arrival(index * 1000) - index * 1000);
  assert.ok(Math.min(...delays) >= 25 && Math.min(...delays) < 30);
  assert.ok(Math.max(...delays) <= 175 && Math.max(...delays) > 170);
  const mean = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
  assert.ok(Math.abs(mean - 100) < 4, `${mean}`);
});

test("nothing overtakes what was sent before it", () => {
  const schedule = new Schedule({ delay: 100, jitter: 100, stalls: { every: 300 } }, 2);
  let last = 0;
  for (let now = 0; now < 20_000; now += 7) {
    const arrives = schedule.free(schedule.arrival(now));
    assert.ok(arrives >= last && arrives >= now);
    last = arrives;
  }
});

test("pauses come as often and last as long as asked", () => {
  const schedule = new Schedule({ stalls: { every: 1000, least: 50, most: 600 } }, 5);
  const lengths = [];
  for (let now = 0; now < 2_000_000; now += 1) {
    const wait = schedule.free(now) - now;
    if (wait > 0) {
      lengths.push(wait);
      now += Math.ceil(wait);
    }
  }
  // On average one in a second of flow and 325 ms of pause.
  assert.ok(Math.abs(lengths.length - 2_000_000 / 1325) < 120, `${lengths.length} pauses`);
  assert.ok(Math.min(...lengths) >= 49 && Math.max(...lengths) <= 600);
});

test("a seed repeats the schedule, another seed makes another", () => {
  const weather = { delay: 80, jitter: 40, stalls: { every: 200 } };
  const run = (seed) => {
    const schedule = new Schedule(weather, seed);
    return Array.from({ length: 500 }, (_, index) => schedule.free(schedule.arrival(index * 33)));
  };
  assert.deepEqual(run(7), run(7));
  assert.notDeepEqual(run(7), run(8));
});

test("a stall holds everything up, then all comes at once", async (t) => {
  const proxy = await impaired(t, {});
  const socket = await connect(t, proxy);
  await roundTrip(socket);
  proxy.stall(300);
  const began = performance.now();
  const arrivals = [];
  socket.on("data", (data) => arrivals.push([performance.now() - began, String(data)]));
  for (const word of ["a", "b", "c"]) {
    socket.write(word);
    await pause(50);
  }
  await pause(300);
  assert.equal(arrivals.map(([, data]) => data).join(""), "abc");
  assert.ok(arrivals.every(([at]) => at >= 299 && at < 300 + LATE), JSON.stringify(arrivals));
});

test("a cut breaks what is there and refuses what comes, until the network is back", async (t) => {
  const proxy = await impaired(t, {});
  const socket = await connect(t, proxy);
  await roundTrip(socket);
  const broken = closed(socket);
  proxy.cut();
  await broken;
  const refused = net.connect({ port: proxy.port, host: "127.0.0.1" });
  refused.on("error", () => {});
  await closed(refused);
  assert.equal(proxy.counted.refused, 1);
  proxy.allow();
  const again = await connect(t, proxy);
  assert.ok((await roundTrip(again)) < LATE);
});

test("what the service said before it hung up still arrives", async (t) => {
  const server = net.createServer((socket) => socket.on("error", () => {}).end("farewell"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const proxy = await Impaired.start(`http://127.0.0.1:${server.address().port}/`, { down: { delay: 100 } });
  t.after(() => proxy.close());
  const socket = await connect(t, proxy);
  let heard = "";
  socket.on("data", (data) => (heard += data));
  await once(socket, "end");
  assert.equal(heard, "farewell");
});
