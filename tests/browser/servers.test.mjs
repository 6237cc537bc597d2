/**
 * Bots, and environments on the service, in real browsers: what participants see of them, what they are not sent, and
 * a record that is the one that native Python plays from seed and inputs. The longer list is in servers.long.mjs.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { roundTrip } from "./impair.mjs";
import { note, writeReport } from "./report.mjs";
import { ARROWS } from "./robot.mjs";
import {
  assertKeysActed, assertOneGame, assertOnlyPictures, assertPictures, assertRowsFromService, killInTheMiddle,
  noteAdopted, notePhotons, pair,
} from "./servers.mjs";
import { WALK, launch, rows, verifyByReplay } from "./support.mjs";
import { Tap } from "./tap.mjs";
import { Table } from "./together.mjs";

let browser;
before(async () => (browser = await launch()));
after(async () => {
  await browser.close();
  writeReport("servers.md");
});

test("a trained network plays in the browser against one person", WALK, async (t) => {
  const table = await Table.open(t, browser, "bot", "bot_volley");
  await table.seat("ann");
  await table.play();
  table.assertContent(); // no request left the origin
  assert.equal(await table.service.stop(), 0, table.service.log);
  const csv = table.service.file("bot_volley/volley/ann.csv");
  const recorded = rows(csv);
  assert.equal(recorded.length, 300);
  assertKeysActed(recorded, ["left", "right"]);
  const places = new Set(recorded.map((row) => row["observations.right.0"]));
  assert.ok(places.size >= 5, `the bot was at ${places.size} places`);
  const { steps } = verifyByReplay(csv, table.service.file("bot_volley/volley/ann_metadata.json"));
  assert.equal(steps, 300);
});

/** What the study's callback was told, in this order: the hook, and the scene if it is about one. */
function told(table) {
  return [...table.service.log.matchAll(/told: (\w+) \S+ (\S+)/g)].map(([, hook, scene]) => (scene === "None" ? hook : `${hook} ${scene}`));
}

test("a trained network plays on the service against one person", WALK, async (t) => {
  const table = await Table.open(t, browser, "streamed-bot", "streamed_bot");
  const tap = new Tap();
  const ann = await table.seat("ann", { tap });
  await table.play();
  table.assertContent();
  assertOnlyPictures(tap, ann.participant);
  const { tables } = assertOneGame(await table.verify("volley"), [300]);
  assertKeysActed(tables[0], ["left", "right"]);
  const places = new Set(tables[0].map((row) => row["observations.right.0"]));
  assert.ok(places.size >= 5, `the bot was at ${places.size} places`);
  assert.deepEqual(told(table), [
    "on_participant_join", "on_scene_start start", "on_scene_end start", "on_scene_start volley", "on_waitroom_join volley",
    "on_waitroom_end volley", "on_game_start volley", "on_episode_start volley", "on_episode_end volley",
    "on_game_end volley", "on_scene_end volley", "on_scene_start end",
  ]);
});

test("the service's copy is the record, and both players adopt its states", WALK, async (t) => {
  const table = await Table.open(t, browser, "authoritative", "authoritative_volley");
  const taps = await pair(table, roundTrip(100));
  await table.play();
  table.assertContent();
  assertRowsFromService(Object.values(taps));
  for (const [name, tap] of Object.entries(taps)) {
    const { adopted, worst, fields } = noteAdopted(table, name, tap);
    assert.ok(adopted.length >= 8, `${name} adopted ${adopted.length} states`);
    assert.deepEqual([worst, fields], [0, []], "the same arithmetic everywhere");
  }
  const { tables, compared } = assertOneGame(await table.verify("volley"), [300]);
  assertKeysActed(tables[0], ["left", "right"]);
  assert.ok(compared.hashes >= 5, `${compared.hashes} states are in the record`);
});

test("a kitchen on the service: no Python in the page, and keys act", WALK, async (t) => {
  const table = await Table.open(t, browser, "streamed", "streamed_kitchen");
  const taps = await pair(table, { ...roundTrip(100), keys: [...ARROWS, " "] });
  await table.play();
  table.assertContent();
  for (const { name, participant } of table.robots) {
    assertOnlyPictures(taps[name], participant);
    const pictures = assertPictures(taps[name]);
    note(table, `pictures of ${name}, of 120 frames`, pictures.length);
    assert.ok(pictures.length > 60, `${pictures.length} pictures`);
    notePhotons(table, name, taps[name]);
  }
  const { tables } = assertOneGame(await table.verify("kitchen"), [120]);
  assertKeysActed(tables[0], ["0", "1"]);
});

test("an environment that draws with pygame, alone, as pictures", WALK, async (t) => {
  const table = await Table.open(t, browser, "cartpole", "cartpole_streamed", { folder: "experiments" });
  const tap = new Tap();
  const ann = await table.seat("ann", { keys: ["ArrowRight"], tap });
  let canvas;
  await table.play(async () => {
    await ann.until(({ phase }) => phase === "playing" || phase === "end");
    canvas = await ann.page.locator("#game canvas").first().screenshot();
  });
  table.assertContent();
  assertOnlyPictures(tap, ann.participant);
  const pictures = assertPictures(tap);
  assert.ok(pictures.every(({ image }) => image), "each picture is an image");
  assert.equal(pictures[0].image.mime, "image/jpeg");
  assert.deepEqual([...pictures[0].image.data.subarray(0, 2)], [0xff, 0xd8]);
  assert.ok(canvas.length > 1000, "the canvas is not empty");
  const sizes = pictures.map(({ image }) => image.data.length);
  note(table, "images, bytes of the largest", `${sizes.length}, ${Math.max(...sizes)}`);
  const [{ record, tables, compared }] = await table.verify("cartpole");
  assert.equal(record.ended.reason, "complete");
  assert.equal(compared.steps.length, 3);
  assertKeysActed(tables[0], ["human"], 2);
});

test("a player is never sent what only the other may see", WALK, async (t) => {
  const table = await Table.open(t, browser, "hideaway", "short_hideaway");
  const taps = { ann: new Tap(undefined, true), bob: new Tap(undefined, true) };
  await Promise.all(Object.entries(taps).map(([name, tap]) => table.seat(name, { keys: ARROWS, tap })));
  await table.play();
  table.assertContent();
  const { record, tables } = assertOneGame(await table.verify("hideaway"), [120]);
  const tapOf = (agent) => taps[record.players.find((player) => player.agent === agent).subject];
  const [hider, seeker] = [tapOf("hider"), tapOf("seeker")];
  for (const { name, participant } of table.robots) assertOnlyPictures(taps[name], participant);

  // Acorns, and how many were gathered: in what the hider is sent, and in no byte of what the seeker is.
  const secrets = /acorn\d|acorns \d/;
  assert.ok(hider.raw.some((bytes) => secrets.test(bytes.toString("latin1"))), "the hider sees acorns");
  for (const bytes of seeker.raw) assert.doesNotMatch(bytes.toString("latin1"), secrets);

  // The other player: only in pictures of moments at which the record says that they were in sight.
  const inSight = tables[0].map((row) => row["infos.hider.in_sight"] === "True");
  const counted = { drawn: 0, of: 0 };
  for (const [tap, other] of [[hider, "body-seeker"], [seeker, "body-hider"]]) {
    for (const { frame, draw } of assertPictures(tap)) {
      const drawn = draw !== null && JSON.parse(draw).objects.some(({ id }) => id === other);
      const may = frame > 0 && inSight[frame - 1];
      assert.ok(!drawn || may, `${other} was sent in the picture of frame ${frame}, out of sight`);
      counted.drawn += Number(drawn);
      counted.of += 1;
    }
  }
  note(table, "pictures with the other player, of all", `${counted.drawn}, ${counted.of}`);
  note(table, "frames in sight", inSight.filter(Boolean).length);
  assert.ok(counted.drawn > 0 || !inSight.includes(true), "who is in sight is shown");

  // Who knows the seed and the source could reckon what is hidden.
  const { seed } = record.episodes[0];
  for (const tap of [hider, seeker]) {
    for (const prepare of [...tap.of("prepare"), ...tap.of("catch_up").map(({ start }) => start)]) {
      assert.notEqual(prepare.seed, seed, "the seed stays on the service");
    }
  }
});

test("a worker killed in the middle of a streamed game is replaced, and the game goes on", WALK, async (t) => {
  const table = await Table.open(t, browser, "killed-worker-streamed", "streamed_volley");
  const taps = await pair(table);
  await table.play(async () => await killInTheMiddle(table, taps, "picture"));
  table.assertContent();
  for (const tap of Object.values(taps)) assertPictures(tap);
  const { record } = assertOneGame(await table.verify("volley"), [300]);
  assert.deepEqual(record.episodes[0].absences, [], "nobody was away");
});
