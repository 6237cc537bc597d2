/**
 * The longer list of together.test.mjs, for `make test-all`: more weather, more people, longer absences.
 *
 * GREENROOM_CLIENTS says how many browsers' pages the largest test may open; a small machine holds about a dozen.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { roundTrip } from "./impair.mjs";
import { writeReport } from "./report.mjs";
import { ARROWS } from "./robot.mjs";
import { launch, rows, verifyByReplay } from "./support.mjs";
import { launchTabs } from "./tabs.mjs";
import { Table } from "./together.mjs";

const CLIENTS = Number(process.env.GREENROOM_CLIENTS ?? 12);

const LONG = { timeout: 600_000 };

let browser;
before(async () => (browser = await launch()));
after(async () => {
  await browser.close();
  writeReport("together-long.md");
});

/** All games are whole. */
function assertWhole(games, count, frames) {
  assert.equal(games.length, count);
  for (const { record, compared } of games) {
    assert.deepEqual(compared.steps, frames);
    assert.equal(record.ended.reason, "complete");
  }
}

test("who plays alone on a slow, rough network loses nothing", LONG, async (t) => {
  const table = await Table.open(t, browser, "alone-200ms", "short");
  const rough = roundTrip(200, { jitter: 40, stalls: { every: 1500 } });
  await table.seat("ann", { ...rough, keys: ARROWS.slice(0, 2) });
  await table.play();
  table.assertContent();
  assert.equal(await table.service.stop(), 0, table.service.log);
  const csv = table.service.file("short/walk/ann.csv");
  assert.equal(rows(csv).length, 240);
  verifyByReplay(csv, table.service.file("short/walk/ann_metadata.json"));
});

const WEATHER = {
  "50ms-and-200ms": [roundTrip(50), roundTrip(200)],
  "100ms": [roundTrip(100), roundTrip(100)],
  "200ms": [roundTrip(200), roundTrip(200)],
  jitter: [roundTrip(100, { jitter: 50 }), roundTrip(100, { jitter: 50 })],
  stalls: [roundTrip(50, { stalls: { every: 1500 } }), roundTrip(50, { stalls: { every: 1500 } })],
  "slow-up": [{ up: { delay: 150 } }, { down: { delay: 150 } }],
};

for (const [name, [ann, bob]] of Object.entries(WEATHER)) {
  test(`two on networks like this: ${name}`, LONG, async (t) => {
    const table = await Table.open(t, browser, name, "short_volley");
    await Promise.all([table.seat("ann", ann), table.seat("bob", bob)]);
    await table.play();
    table.assertContent();
    assertWhole(await table.verify("volley"), 1, [300]);
  });
}

test("a tab hidden for five seconds is no absence", LONG, async (t) => {
  const table = await Table.open(t, browser, "hidden-5s", "short_volley");
  const tabs = await launchTabs(t);
  const [, bob] = await Promise.all([table.seat("ann"), table.seat("bob", { browser: tabs })]);
  await table.play(async () => {
    await bob.playing(3000);
    await bob.hide();
    await pause(5000);
    await bob.show();
  });
  table.assertContent();
  const games = await table.verify("volley");
  assertWhole(games, 1, [300]);
  assert.deepEqual(games[0].record.episodes[0].absences, []);
});

test("a tab hidden for a minute plays on, into the next episode", LONG, async (t) => {
  const table = await Table.open(t, browser, "hidden-60s", "onward_volley");
  const tabs = await launchTabs(t);
  const [, bob] = await Promise.all([table.seat("ann"), table.seat("bob", { browser: tabs })]);
  await table.play(async () => {
    await bob.playing(3000);
    await bob.hide();
    await pause(60_000);
    await bob.show();
  });
  table.assertContent();
  const games = await table.verify("volley");
  assertWhole(games, 1, [300, 300]);
  assert.deepEqual(games[0].record.episodes.map(({ absences }) => absences), [[], []]);
});

test("the host's page reloaded in the middle of the game is in it again", LONG, async (t) => {
  const table = await Table.open(t, browser, "reload-host", "short_volley");
  const [ann, bob] = await Promise.all([table.seat("ann"), table.seat("bob", roundTrip(80))]);
  await table.play(async () => {
    await Promise.all([ann.playing(3000), bob.playing(3000)]);
    await table.host().page.reload();
  });
  table.assertContent();
  assertWhole(await table.verify("volley"), 1, [300]);
});

test("who closes the page leaves the other with a code, and with the rest of the study", LONG, async (t) => {
  const table = await Table.open(t, browser, "partner-gone", "onward_volley");
  const [ann, bob] = await Promise.all([table.seat("ann"), table.seat("bob")]);
  let left;
  await table.play(async () => {
    await Promise.all([ann.playing(2000, "1"), bob.playing(2000, "1")]);
    left = table.host();
    await (left === ann ? bob : ann).vanish();
  });
  assert.ok(left.seen.some((place) => /^playing walk/.test(place)), left.seen.join(", "));
  const [{ record, compared }] = await table.verify("volley", { partial: true });
  assert.equal(record.ended.reason, "lost");
  assert.equal(compared.steps[0], 300);
  assert.ok(compared.steps[1] >= 30, `${compared.steps}`);
  table.assertCode(left, "partner_lost");
  assert.equal(rows(table.service.file(`onward_volley/walk/${left.name}.csv`)).length, 240);
});

test("a network that is gone for three seconds is an absence, and nothing is lost", LONG, async (t) => {
  const table = await Table.open(t, browser, "cut-3s", "short_volley");
  const [ann, bob] = await Promise.all([table.seat("ann"), table.seat("bob")]);
  await table.play(async () => {
    await Promise.all([ann.playing(3000), bob.playing(3000)]);
    bob.network.cut();
    await pause(3000);
    bob.network.allow();
  });
  assert.deepEqual([...ann.troubles, ...bob.troubles], []);
  const games = await table.verify("volley");
  assertWhole(games, 1, [300]);
  const { absences } = games[0].record.episodes[0];
  const seat = games[0].record.players.find(({ subject }) => subject === "bob").seat;
  assert.deepEqual(absences.map((absence) => absence.seat), [seat]);
  assert.ok(absences[0].to, "bob came back");
});

test("a network that says nothing for three seconds loses nothing", LONG, async (t) => {
  const table = await Table.open(t, browser, "silent-3s", "short_volley");
  const [ann, bob] = await Promise.all([table.seat("ann"), table.seat("bob")]);
  await table.play(async () => {
    await Promise.all([ann.playing(3000), bob.playing(3000)]);
    bob.network.stall(3000);
  });
  table.assertContent();
  assertWhole(await table.verify("volley"), 1, [300]);
});

test("who closes the page in the waiting room is not matched", LONG, async (t) => {
  const table = await Table.open(t, browser, "left-waiting", "short_volley");
  const ann = await table.seat("ann");
  await ann.waiting();
  await ann.vanish();
  await Promise.all([table.seat("bob"), table.seat("cid")]);
  await table.play();
  const games = await table.verify("volley");
  assertWhole(games, 1, [300]);
  assert.deepEqual(games[0].record.players.map(({ subject }) => subject).sort(), ["bob", "cid"]);
});

test("three games at once", LONG, async (t) => {
  const table = await Table.open(t, browser, "three-games", "short_volley");
  await Promise.all(["ann", "bob", "cid", "dan", "eva", "fay"].map((name) => table.seat(name)));
  await table.play();
  table.assertContent();
  assertWhole(await table.verify("volley"), 3, [300]);
});

test("four in one game", LONG, async (t) => {
  const table = await Table.open(t, browser, "orchard", "short_orchard");
  const weather = [{}, roundTrip(50), roundTrip(100, { jitter: 30 }), roundTrip(200)];
  await Promise.all(["ann", "bob", "cid", "dan"].map((name, at) => table.seat(name, { ...weather[at], keys: ARROWS })));
  await table.play();
  table.assertContent();
  assertWhole(await table.verify("orchard"), 1, [80]);
});

test(`${CLIENTS} people make ${CLIENTS / 2} games`, LONG, async (t) => {
  const table = await Table.open(t, browser, "crowd", "crowd");
  const names = Array.from({ length: CLIENTS }, (_, number) => `p${String(number).padStart(2, "0")}`);
  const seats = names.map(async (name, number) => {
    await pause(300 * number);
    return await table.seat(name, { ...roundTrip(10 * (number % 5)), keys: ARROWS });
  });
  await Promise.all(seats);
  await table.play();
  table.assertContent();
  const games = await table.verify("orchard");
  assertWhole(games, CLIENTS / 2, [160]);
  const people = games.flatMap(({ record }) => record.players.map(({ subject }) => subject));
  assert.deepEqual(people.sort(), names, "everybody in one game");
});
