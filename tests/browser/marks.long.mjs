/**
 * Two people at one table, with all that stands around a game: practice, ready checks, a page and words for each, the pointer
 * in every mode, scores that go on, and bonuses. What they see, and what the files say of it.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { BINARY, ROOT, json, launch, rows } from "./support.mjs";
import { Table } from "./together.mjs";

const LONG = { timeout: 400_000 };
const SCENES = ["relay", "service", "streamed"];

let browser;
before(async () => (browser = await launch()));
after(async () => await browser.close());

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Points at a place of the picture, and presses there for a moment. */
async function point({ page }, random) {
  const box = await page.locator("#game canvas").first().boundingBox();
  await page.mouse.move(box.x + box.width * random(), box.y + box.height * random(), { steps: 3 });
  await page.mouse.down();
  await pause(80 + 200 * random());
  await page.mouse.up();
}

/** What stands on the page of a game. */
async function read({ page }) {
  return await page.evaluate(() => {
    const words = (selector) => document.querySelector(selector)?.innerText ?? null;
    return {
      beside: words(".play aside"), hud: words("#hud"), words: words(".hud-words"), overlay: words("#overlay"),
      score: Number(words("#hud b")), role: words(".role"),
    };
  });
}

/** Both wait for the button before this episode; what they read. */
async function asked(table, scene, episode) {
  await Promise.all(table.robots.map((robot) => robot.until(({ phase, scene: here, episode: last }) =>
    phase === "asking" && here === scene && last === String(episode - 1))));
  return await Promise.all(table.robots.map(read));
}

test("two at one table, in every mode", LONG, async (t) => {
  const table = await Table.open(t, browser, "marks", "marks");
  const ann = await table.seat("ann", { hands: point });
  const bob = await table.seat("bob", { hands: point });
  ann.keen = bob.keen = false;
  /** By scene, the score that each sees before the last episode, and in it. */
  const seen = {};
  await table.play(async () => {
    for (const scene of SCENES) await visit(table, scene, seen);
  });
  table.assertContent();
  for (const { name, participant, farewell } of table.robots) {
    await participant.screenshot(`marks-end-${name}`);
    for (const scene of SCENES) assert.match(farewell, new RegExp(`For ${scene}: \\d+\\.\\d\\d pounds`), name);
  }
  assert.equal(await table.service.stop(), 0, table.service.log);
  for (const scene of SCENES) assertGame(table, table.check(scene), scene, seen);
  assertBonuses(table);
});

/** One scene: what each reads, a reload while it is asked, and on. */
async function visit(table, scene, seen) {
  const [ann, bob] = table.robots;
  await Promise.all(table.robots.map((robot) => robot.until(({ phase, scene: here }) => phase === "playing" && here === scene)));
  await pause(1500);
  const practice = await Promise.all(table.robots.map(read));
  await ann.participant.screenshot(`marks-${scene}-1-practice`);
  const sides = practice.map(({ beside }) => beside.match(/You are on the (left|right)/)[1]);
  assert.deepEqual([...sides].sort(), ["left", "right"], "each has the header of its own agent");
  table.robots.forEach(({ name }, index) => {
    const { beside, words, hud } = practice[index];
    assert.ok(beside.includes(`${name} plays ${sides[index]} for no team.`), beside);
    assert.match(words, new RegExp(`^${sides[index]} has made \\d+ marks?`), "words for this player");
    assert.match(hud, /Practice 1\/1|Practice\s+1/, hud);
  });

  const before = await asked(table, scene, 1);
  for (const { overlay } of before) assert.match(overlay, /Next round|next round/, overlay);
  await ann.participant.screenshot(`marks-${scene}-2-asked`);
  await ann.reload();
  await ann.until(({ phase, scene: here }) => phase === "asking" && here === scene);
  await ann.participant.screenshot(`marks-${scene}-3-asked-after-the-reload`);
  const again = await read(ann);
  assert.equal(again.overlay.split("\n")[0], before[0].overlay.split("\n")[0], "it is asked the same again");
  assert.ok(again.beside.includes(`ann plays ${sides[0]}`), again.beside);
  ann.keen = true;
  await ann.until(({ phase }) => phase !== "asking");
  await pause(700);
  await ann.participant.screenshot(`marks-${scene}-4-waits-for-the-other`);
  assert.equal(bob.now.phase, "asking", "one alone begins nothing");
  bob.keen = true;
  await Promise.all(table.robots.map((robot) => robot.playing(500, "1")));
  ann.keen = bob.keen = false;

  const last = await asked(table, scene, 2);
  ann.keen = bob.keen = true;
  await Promise.all(table.robots.map((robot) => robot.playing(1500, "2")));
  const playing = await Promise.all(table.robots.map(read));
  await bob.participant.screenshot(`marks-${scene}-5-last`);
  seen[scene] = table.robots.map((robot, index) => ({ asked: last[index].score, playing: playing[index].score }));
  await Promise.all(table.robots.map((robot) => robot.until(({ scene: here }) => here !== scene)));
  ann.keen = bob.keen = scene === SCENES.at(-1);
}

/** The record is whole and replayed equal, both pointed, and the scores that were seen are those of the rows. */
function assertGame(table, games, scene, seen) {
  assert.equal(games.length, 1);
  const [{ record, compared, tables }] = games;
  assert.equal(record.ended.reason, "complete");
  assert.deepEqual(record.episodes.map(({ tutorial }) => tutorial === true), [true, false, false]);
  assert.deepEqual(compared.steps, [80, 80, 80]);
  for (const { subject, agent } of record.players) {
    const table_ = tables[record.players.findIndex((player) => player.subject === subject)];
    const own = (row) => Number(row[`rewards.${agent}`]);
    assert.ok(table_.filter((row) => row[`actions.${agent}.x`]).length > 10, `${scene}: ${agent} pointed`);
    const score = (episode) => table_.filter((row) => Number(row.episode_num) === episode).reduce((all, row) => all + own(row), 0);
    const index = table.robots.findIndex(({ name }) => name === subject);
    const { asked, playing } = seen[scene][index];
    assert.equal(asked, score(1), `${scene}: ${subject}: practice counts for nothing`);
    assert.ok(playing >= score(1) && playing <= score(1) + score(2), `${scene}: ${subject}: the score goes on`);
  }
}

/** Bonuses on the last page are those of the record, of the tables, and follow from the rows. */
function assertBonuses(table) {
  const study = table.service.file("marks");
  const out = path.join(study, "tables");
  execFileSync(BINARY, ["export", study, "--out", out], { cwd: ROOT });
  const participants = new Map(rows(path.join(out, "participants.csv")).map((row) => [row.subject_id, row]));
  const visits = rows(path.join(out, "visits.csv"));
  for (const { name, farewell } of table.robots) {
    let sum = 0;
    for (const scene of SCENES) {
      const [file] = readdirSync(path.join(study, scene, "games"));
      const { agent } = json(path.join(study, scene, "games", file)).players.find(({ subject }) => subject === name);
      const counted = rows(path.join(study, scene, `${name}.csv`)).filter((row) => row.tutorial !== "True");
      const bonus = 0.01 * counted.reduce((all, row) => all + Number(row[`rewards.${agent}`]), 0);
      const row = visits.find(({ subject_id, scene_id }) => subject_id === name && scene_id === scene);
      assert.ok(Math.abs(Number(row.bonus) - bonus) < 1e-9, `${name}: ${scene}: ${row.bonus}, not ${bonus}`);
      assert.ok(farewell.includes(`For ${scene}: ${bonus.toFixed(2)} pounds`), farewell);
      sum += bonus;
    }
    assert.ok(Math.abs(Number(participants.get(name).bonus) - 1 - sum) < 1e-9, name);
    assert.ok(farewell.includes(`You earn ${(1 + sum).toFixed(2)} pounds in all.`), farewell);
  }
}
