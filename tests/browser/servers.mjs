/**
 * What tests of games on the service need beside a table: its worker processes, and what a whole game has to be.
 */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import { note } from "./report.mjs";
import { Tap } from "./tap.mjs";

/** Messages about the environment's state, or what others do: nothing for a browser that is only shown pictures. */
const INSIDE = ["relayed", "confirmed", "heal", "adopt", "snapshot_wanted", "play"];

/** Processes with their parents and command lines. @returns {{pid: number, parent: number, line: string}[]} */
function processes() {
  const numbers = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return numbers.flatMap((pid) => {
    try {
      const parent = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"));
      const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      return [{ pid: Number(pid), parent: Number(parent?.[1]), line }];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

/** The service's worker processes. @param {import("./support.mjs").Service} service @returns {number[]} */
export function workers(service) {
  const all = processes();
  const family = new Set([service.process.pid]);
  // Children come after their parents sooner or later.
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  family.delete(service.process.pid);
  return all.filter(({ pid, line }) => family.has(pid) && /\bworker\b/.test(line)).map(({ pid }) => pid);
}

/** Kills every worker of the service, as lack of memory does. */
export function killWorkers(service) {
  const found = workers(service);
  assert.ok(found.length > 0, "the service has a worker");
  for (const pid of found) process.kill(pid, "SIGKILL");
  return found;
}

/** One game that was played to its end, natively the same. */
export function assertOneGame(games, frames) {
  assert.equal(games.length, 1);
  const [game] = games;
  assert.deepEqual(game.compared.steps, frames);
  assert.equal(game.record.ended.reason, "complete");
  return game;
}

/** Both sides' keys are in the rows. */
export function assertKeysActed(rows, agents, least = 3) {
  for (const agent of agents) {
    const actions = new Set(rows.map((row) => row[`actions.${agent}`]));
    assert.ok(actions.size >= least, `actions of ${agent}: ${[...actions]}`);
  }
}

/** The browser was shown pictures, and nothing of how they come about. @param {import("./tap.mjs").Tap} tap */
export function assertOnlyPictures(tap, participant) {
  const python = participant.requests.filter((url) => /pyodide|\.whl|python/i.test(url));
  assert.deepEqual(python, [], "no Python is loaded");
  for (const { view } of tap.of("scene")) {
    if (view.kind === "gym") assert.equal(view.environment ?? null, null, "the code stays on the service");
  }
  const told = tap.messages.filter(({ way, type }) => way === "down" && INSIDE.includes(type));
  assert.deepEqual(told.map(({ type }) => type), []);
  for (const { snapshot, confirmed } of tap.of("catch_up")) {
    assert.equal(snapshot ?? null, null);
    assert.deepEqual(confirmed.frames, []);
  }
}

/** A seat's pictures are numbered, and the first shows everything. @param {import("./tap.mjs").Tap} tap */
export function assertPictures(tap) {
  const pictures = tap.of("picture");
  assert.ok(pictures.length > 0, "there are pictures");
  let last = { episode: -1, number: 0 };
  for (const { episode, number } of pictures) {
    if (episode !== last.episode) last = { episode, number: 0 };
    assert.ok(number > last.number, `picture ${number} after ${last.number}`);
    last = { episode, number };
  }
  assert.ok(pictures[0].image || JSON.parse(pictures[0].draw).full, "the first picture is complete");
  return pictures;
}

/** Notes how long a key press took to the picture that shows it, as the page measured. */
export function notePhotons(table, name, tap) {
  const timings = tap.messages.filter(({ way, type }) => way === "up" && type === "timing").map(({ body }) => body);
  assert.ok(timings.length > 0, "the page told of its timing");
  const told = timings.filter(({ photon_p50 }) => typeof photon_p50 === "number");
  assert.ok(told.length > 0, `no latency in ${JSON.stringify(timings)}`);
  for (const { photon_p50, photon_p99 } of told) {
    const value = `${photon_p50.toFixed(0)}, ${photon_p99.toFixed(0)} ms`;
    note(table, `key to picture, ${name}: median, 99th percentile`, value);
    assert.ok(photon_p50 > 0 && photon_p50 < 2000, `${photon_p50} ms`);
  }
}

/** How far a copy was from the service's state when it adopted that: the largest number of all. */
export function noteAdopted(table, name, tap) {
  const adopted = tap.of("adopted");
  const known = adopted.map(({ largest }) => largest).filter((largest) => typeof largest === "number");
  const worst = Math.max(0, ...known);
  const fields = [...new Set(adopted.flatMap(({ fields }) => fields ?? []))];
  note(table, `states adopted by ${name}, compared, largest difference`, `${adopted.length}, ${known.length}, ${worst}`);
  return { adopted, known, worst, fields };
}

/** Rows and states come from the service's own copy: no browser is asked for any, and none sends any. */
export function assertRowsFromService(taps) {
  for (const tap of taps) {
    const own = tap.messages.filter(({ way, type }) => way === "up" && ["steps", "snapshot"].includes(type));
    assert.deepEqual(own.map(({ type }) => type), [], "no browser sends rows or states");
    const hosts = tap.of("host").filter(({ rows_from }) => (rows_from ?? null) !== null);
    assert.deepEqual(hosts, [], "no browser is asked for rows");
  }
}

/**
 * Kills the workers in the middle of a game and notes what the players noticed of it.
 * @param {import("./together.mjs").Table} table @param {Record<string, import("./tap.mjs").Tap>} taps
 * @param {string} sign the type of message that comes with every frame
 */
export async function killInTheMiddle(table, taps, sign) {
  await Promise.all(table.robots.map((robot) => robot.playing(3000)));
  const killed = performance.now();
  killWorkers(table.service);
  await pause(4000);
  for (const [name, tap] of Object.entries(taps)) {
    const times = tap.times(sign).filter((at) => at > killed - 2500);
    const before = tap.longestGap(sign, times[0], killed);
    const after = tap.longestGap(sign, Math.max(...times.filter((at) => at <= killed)), killed + 4000);
    note(table, `longest time between two of ${sign}, ${name}: before, around the kill`,
      `${before.toFixed(0)}, ${after.toFixed(0)} ms`);
    assert.ok(times.some((at) => at > killed + 50), `${name} plays on`);
  }
}

/** Two robots with taps. @param {import("./together.mjs").Table} table */
export async function pair(table, options = {}, kinds = undefined) {
  const taps = { ann: new Tap(kinds), bob: new Tap(kinds) };
  await Promise.all(Object.entries(taps).map(([name, tap]) => table.seat(name, { ...options, tap })));
  return taps;
}
