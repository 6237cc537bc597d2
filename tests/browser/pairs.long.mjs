/**
 * Conditions by group, with real pairs: both of a pair get the same level, and the exported tables say so.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { after, before, test } from "node:test";

import { BINARY, ROOT, launch, rows } from "./support.mjs";
import { Table } from "./together.mjs";

let browser;
before(async () => (browser = await launch()));
after(async () => await browser.close());

test("four play in two pairs, and each pair gets a level", { timeout: 300_000 }, async (t) => {
  const table = await Table.open(t, browser, "pairs", "pairs");
  for (const name of ["ann", "bob", "cat", "dan"]) await table.seat(name);
  await table.play();
  table.assertContent();
  const games = await table.verify("field");
  assert.equal(games.length, 2);

  const out = path.join(table.service.file("pairs"), "tables");
  execFileSync(BINARY, ["export", table.service.file("pairs"), "--out", out], { cwd: ROOT });
  const assignments = rows(path.join(out, "assignments.csv"));
  const participants = rows(path.join(out, "participants.csv"));
  const level = new Map(assignments.map(({ subject_id, level }) => [subject_id, level]));
  const pairs = games.map(({ record }) => record.players.map(({ subject }) => subject));
  assert.deepEqual(pairs.map(([one, other]) => level.get(one) === level.get(other)), [true, true], JSON.stringify([...level]));
  assert.deepEqual(pairs.map(([one]) => level.get(one)).sort(), ["cold", "warm"]);
  for (const { name, seen } of table.robots) {
    const told = seen.map((place) => place.match(/^form (warm|cold)\//)?.[1]).filter(Boolean);
    assert.deepEqual(told, [level.get(name)], `${name} saw the page of its level`);
  }
  // Of each pair one row is the choice, and the other shares it.
  assert.deepEqual(assignments.map((row) => [row.shared, row.replay_agrees]).sort(),
    [["False", "True"], ["False", "True"], ["True", ""], ["True", ""]]);
  assert.deepEqual(assignments.map(({ unit }) => unit).sort(), pairs.flatMap((pair) => {
    const unit = JSON.stringify([...pair].sort());
    return [unit, unit];
  }).sort());
  const cells = rows(path.join(out, "conditions.csv"));
  assert.deepEqual(cells.map(({ level, quota, assigned, completed, dropped, participants: people }) => [level, quota, assigned, completed, dropped, people]),
    [["warm", "1", "1", "1", "0", "2"], ["cold", "1", "1", "1", "0", "2"]]);
  assert.ok(participants.every(({ completed }) => completed === "True"));
});
