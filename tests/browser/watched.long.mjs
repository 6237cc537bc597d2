/**
 * A function of the study that watches a running game of two: it warns one, then excludes him; the other goes on.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { json, launch } from "./support.mjs";
import { Table } from "./together.mjs";

let browser;
before(async () => (browser = await launch()));
after(async () => await browser.close());

test("one of two is warned by a function of the study, then excluded; the other goes on", { timeout: 300_000 }, async (t) => {
  const table = await Table.open(t, browser, "watched", "watched");
  const ann = await table.seat("ann");
  const bob = await table.seat("bob");
  const warned = [];
  await table.play(async () => {
    await bob.until(({ phase, scene }) => phase === "playing" && scene === "field");
    await bob.page.waitForFunction(() => document.querySelector("#notice").textContent !== "");
    assert.equal(await bob.page.innerHTML("#notice"), "<p>Please play on <b>your side</b>.</p>");
    assert.equal(await bob.page.getAttribute("#notice", "role"), "alert");
    await bob.participant.screenshot("watched-1-warned");
    warned.push(await ann.page.textContent("#notice"));
    assert.equal(ann.now.phase, "playing", "the game goes on meanwhile");
    await bob.until(({ phase }) => phase === "trouble" || phase === "end");
    await bob.participant.screenshot("watched-2-excluded");
    await ann.until(({ phase }) => phase === "trouble" || phase === "end");
    await ann.participant.screenshot("watched-3-the-other");
  });
  assert.deepEqual(warned, [""], "nobody else is warned");
  table.assertCode(bob, "excluded");
  assert.ok(bob.troubles[0].text.includes("You were not on your side."), bob.troubles[0].text);
  assert.ok(!bob.seen.some((place) => place.includes("walk/")), `${bob.seen}: excluded from the study, not only from the game`);
  table.assertCode(ann, "partner_lost");
  assert.ok(ann.seen.some((place) => place.startsWith("playing walk/")), `${ann.seen}: goes on with the next scene`);
  await ann.participant.screenshot("watched-4-end");
  for (const { name, participant } of table.robots) assert.deepEqual(participant.complaints, [], name);

  const [{ record, compared }] = await table.verify("field", { partial: true });
  assert.ok(["left", "lost"].includes(record.ended.reason), JSON.stringify(record.ended));
  assert.deepEqual(record.ended.by, record.players.filter(({ subject }) => subject === "bob").map(({ seat }) => seat));
  assert.ok(compared.steps[0] > 40);
  const facts = json(table.service.file("watched/field/bob_metadata.json")).participant.map(({ fact }) => fact);
  const of = (kind) => facts.filter(({ fact }) => fact === kind);
  assert.match(JSON.stringify(of("warned")), /referee/, JSON.stringify(facts));
  assert.match(JSON.stringify(of("excluded")), /referee/, JSON.stringify(facts));
});
