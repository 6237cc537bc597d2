/**
 * Games of several people, whole: real browsers behind networks of every kind, and a record that everybody shares.
 *
 * Whatever happens on the way, all players' files tell one game, and it is the one that native Python plays from the
 * recorded seed and inputs. The longer list is in together.long.mjs.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { roundTrip } from "./impair.mjs";
import { writeReport } from "./report.mjs";
import { WALK, launch } from "./support.mjs";
import { Table } from "./together.mjs";

let browser;
before(async () => (browser = await launch()));
after(async () => {
  await browser.close();
  writeReport("together.md");
});

/** One game, whole. */
function assertOneGame(games, frames) {
  assert.equal(games.length, 1);
  const [{ record, compared }] = games;
  assert.deepEqual(compared.steps, frames);
  assert.equal(record.ended.reason, "complete");
  assert.ok(compared.hashes >= frames.length * 5, `the copies agreed on ${compared.hashes} states`);
  return games[0];
}

test("two who meet play one game to the end", WALK, async (t) => {
  const table = await Table.open(t, browser, "basic", "short_volley");
  await Promise.all([table.seat("ann"), table.seat("bob")]);
  await table.play();
  table.assertContent();
  const { record, tables } = assertOneGame(await table.verify("volley"), [300]);
  assert.deepEqual(record.players.map(({ subject }) => subject).sort(), ["ann", "bob"]);
  for (const agent of ["left", "right"]) {
    const actions = new Set(tables[0].map((row) => row[`actions.${agent}`]));
    assert.ok(actions.size >= 3, `keys of ${agent} reached the game: ${[...actions]}`);
  }
});

test("one near, one far, on networks that jitter and stall", WALK, async (t) => {
  const table = await Table.open(t, browser, "rough", "short_volley");
  await Promise.all([
    table.seat("ann", roundTrip(50, { jitter: 20, stalls: { every: 3000 } })),
    table.seat("bob", roundTrip(200, { jitter: 60, stalls: { every: 3000 } })),
  ]);
  await table.play();
  table.assertContent();
  assertOneGame(await table.verify("volley"), [300]);
});

test("a page reloaded in the middle of the game is in it again", WALK, async (t) => {
  const table = await Table.open(t, browser, "reload", "short_volley");
  const [ann, bob] = await Promise.all([table.seat("ann"), table.seat("bob", roundTrip(80))]);
  await table.play(async () => {
    await Promise.all([ann.playing(3000), bob.playing(3000)]);
    await bob.page.reload();
  });
  table.assertContent();
  assertOneGame(await table.verify("volley"), [300]);
});

test("a service killed in the middle of a game comes back, and the game goes on by itself", WALK, async (t) => {
  const table = await Table.open(t, browser, "killed", "short_volley");
  const robots = await Promise.all(["ann", "bob"].map((name) => table.seat(name)));
  await table.play(async () => {
    await Promise.all(robots.map((robot) => robot.playing(3000)));
    await table.killService();
  });
  const { record } = assertOneGame(await table.verify("volley"), [300]);
  assert.ok(record.episodes[0].absences.length > 0, "both were away while there was no service");
});

test("when the host's page is closed for good, the other goes on with a code", WALK, async (t) => {
  const table = await Table.open(t, browser, "host-gone", "short_volley");
  const [ann, bob] = await Promise.all([table.seat("ann"), table.seat("bob")]);
  let left;
  await table.play(async () => {
    await Promise.all([ann.playing(3000), bob.playing(3000)]);
    const host = table.host();
    left = host === ann ? bob : ann;
    await host.vanish();
  });
  const [{ record, compared }] = await table.verify("volley", { partial: true });
  assert.equal(record.ended.reason, "lost");
  assert.ok(compared.steps[0] >= 60, `${compared.steps} frames are in the files`);
  assert.match(left.seen.at(-1), /^end /);
  table.assertCode(left, "partner_lost");
});

test("a copy that breaks the rules is healed, and the record names the field", WALK, async (t) => {
  const table = await Table.open(t, browser, "desync", "desync");
  // The reference is whoever is ready first; the copy that breaks the rules is the other.
  const ann = await table.seat("ann");
  await ann.waiting();
  await table.seat("bob", { ...roundTrip(200), host: "localhost" });
  await table.play();
  const { record } = assertOneGame(await table.verify("volley"), [300]);
  const { desyncs } = record.episodes[0];
  const seat = record.players.find(({ subject }) => subject === "bob").seat;
  assert.equal(desyncs.length, 1, JSON.stringify(desyncs));
  assert.equal(desyncs[0].seat, seat);
  assert.ok(desyncs[0].frame > 100 && desyncs[0].frame <= 130, JSON.stringify(desyncs));
  assert.match(desyncs[0].healed.fields.join("\n"), /^longest\b/m);
});
