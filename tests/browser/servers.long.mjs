/**
 * The longer list of servers.test.mjs, for `make test-all`: thousands of frames, and more games than fit.
 *
 * GREENROOM_CROWD says how many people come at once in the last test.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { roundTrip } from "./impair.mjs";
import { note, writeReport } from "./report.mjs";
import { ARROWS } from "./robot.mjs";
import {
  assertOneGame, assertRowsFromService, killInTheMiddle, killWorkers, noteAdopted, pair,
} from "./servers.mjs";
import { WALK, launch } from "./support.mjs";
import { Tap } from "./tap.mjs";
import { Table } from "./together.mjs";

const CROWD = Number(process.env.GREENROOM_CROWD ?? 8);

let browser;
before(async () => (browser = await launch()));
after(async () => {
  await browser.close();
  writeReport("servers-long.md");
});

test("20,000 frames on rough networks: every state that is broadcast is the players' own", { timeout: 1_200_000 },
  async (t) => {
    const table = await Table.open(t, browser, "20000-frames", "long_volley");
    const taps = { ann: new Tap(["adopted", "host"]), bob: new Tap(["adopted", "host"]) };
    await Promise.all([
      table.seat("ann", { ...roundTrip(60, { jitter: 20, stalls: { every: 20_000 } }), tap: taps.ann }),
      table.seat("bob", { ...roundTrip(150, { jitter: 40, stalls: { every: 20_000 } }), tap: taps.bob }),
    ]);
    await table.play(async () => {
      // Longer in one place than a robot is patient.
      const begun = performance.now();
      while (performance.now() - begun < 900_000 && table.robots.some(({ now }) => now.phase !== "end")) {
        for (const robot of table.robots) robot.stirs();
        await pause(1000);
      }
    });
    table.assertContent();
    assertRowsFromService(Object.values(taps));
    for (const [name, tap] of Object.entries(taps)) {
      const { known, worst, fields } = noteAdopted(table, name, tap);
      assert.ok(known.length > 200, `${name} compared ${known.length} states`);
      assert.deepEqual([worst, fields], [0, []]);
    }
    const { record } = assertOneGame(await table.verify("volley"), [20_000]);
    assert.deepEqual(record.episodes.flatMap(({ desyncs }) => desyncs), []);
  });

test("a worker killed in the middle of an authoritative game is replaced, and the game goes on", WALK, async (t) => {
  const table = await Table.open(t, browser, "killed-worker-authoritative", "authoritative_volley");
  const taps = await pair(table);
  await table.play(async () => await killInTheMiddle(table, taps, "confirmed"));
  table.assertContent();
  const { record } = assertOneGame(await table.verify("volley"), [300]);
  assert.deepEqual(record.episodes[0].absences, [], "nobody was away");
});

test("an environment that hangs is replaced, and after three times the players go on with a code", WALK, async (t) => {
  const table = await Table.open(t, browser, "wedged", "wedged");
  const [ann, bob] = await Promise.all([table.seat("ann"), table.seat("bob")]);
  let hung = 0;
  await table.play(async () => {
    await Promise.all([ann.playing(2000), bob.playing(2000)]);
    hung = performance.now();
    await ann.page.keyboard.down(" ");
    await ann.until(({ phase }) => phase === "trouble" || phase === "end");
    note(table, "from the first hanging to the way onward", `${((performance.now() - hung) / 1000).toFixed(1)} s`);
  });
  const [{ record, compared }] = await table.verify("volley", { partial: true });
  assert.equal(record.ended.reason, "failed");
  assert.ok(compared.steps[0] >= 30, `${compared.steps} frames are in the files`);
  for (const robot of [ann, bob]) table.assertCode(robot, "failed");
});

test("workers killed again and again, seconds apart, cost no frame", { timeout: 600_000 }, async (t) => {
  const table = await Table.open(t, browser, "killed-often", "streamed_volley");
  const tap = new Tap(["picture"]);
  const [ann, bob] = await Promise.all([table.seat("ann", { tap }), table.seat("bob", roundTrip(100))]);
  await table.play(async () => {
    await Promise.all([ann.playing(1500), bob.playing(1500)]);
    for (let times = 0; times < 2; times += 1) {
      killWorkers(table.service);
      await pause(3000);
    }
  });
  table.assertContent();
  note(table, "longest time between two pictures", `${tap.longestGap("picture").toFixed(0)} ms`);
  assertOneGame(await table.verify("volley"), [300]);
});

test(`${CROWD} people come to games of which only some fit: the others wait, and get in`, { timeout: 900_000 },
  async (t) => {
    const table = await Table.open(t, browser, "no-room", "costly", { args: ["--workers", "1"] });
    const names = Array.from({ length: CROWD }, (_, number) => `p${String(number).padStart(2, "0")}`);
    const taps = names.map(() => new Tap(["waiting", "timing"]));
    await Promise.all(names.map((name, at) => table.seat(name, { keys: ARROWS.slice(0, 2), tap: taps[at] })));
    let told = "";
    await table.play(async () => {
      const kept = () => table.robots.find((_, at) => taps[at].of("waiting").at(-1)?.state === "full");
      for (let waited = 0; !kept() && waited < 120_000; waited += 100) await pause(100);
      const robot = kept();
      assert.ok(robot, "somebody is told that there is no room");
      told = await robot.page.innerText("body");
      await robot.participant.screenshot("no-room-waiting");
    });
    table.assertContent();
    assert.match(told, /All places are taken/);
    const full = taps.filter((tap) => tap.of("waiting").some(({ state }) => state === "full")).length;
    note(table, "people who had to wait for a place, of all", `${full}, ${CROWD}`);
    assert.ok(full > 0 && full < CROWD, `${full} had to wait`);
    const games = await table.verify("walk");
    assert.equal(games.length, CROWD);
    for (const { record, compared } of games) {
      assert.deepEqual(compared.steps, [300]);
      assert.equal(record.ended.reason, "complete");
    }
    // Whoever was let in played at the frame rate that the scene has: that is what the waiting is for.
    const rates = taps.flatMap((tap) => tap.of("timing").map(({ fps }) => fps));
    note(table, "frames per second, slowest", Math.min(...rates).toFixed(1));
  });
