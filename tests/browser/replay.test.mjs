/**
 * The operator's pages in a real browser, on real games: watched while they are played, and replayed afterwards.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { writeReport } from "./report.mjs";
import { ARROWS } from "./robot.mjs";
import { Participant, WALK, launch } from "./support.mjs";
import { Table } from "./together.mjs";

let browser;
before(async () => (browser = await launch()));
after(async () => {
  await browser.close();
  writeReport("replay.md");
});

/** The operator in a browser of its own. */
class Operator {
  /** @param {import("node:test").TestContext} t @param {Table} table */
  static async arrive(t, table) {
    const operator = new Operator();
    operator.participant = await Participant.arrive(t, browser, await table.service.operators());
    operator.page = operator.participant.page;
    return operator;
  }

  /** What the page says of its picture. */
  async data() {
    return await this.page.evaluate(() => ({ ...document.documentElement.dataset }));
  }

  /** Waits until the picture shows this frame. @param {number} frame */
  async frame(frame) {
    await this.page.waitForFunction((number) => document.documentElement.dataset.frame === String(number), frame);
  }

  /** Waits until an element has these words. @param {string} selector @param {RegExp} words */
  async has(selector, words) {
    await this.page.waitForFunction(
      ([where, source]) => new RegExp(source).test(document.querySelector(where)?.textContent ?? ""), [selector, words.source],
    );
  }

  /** Goes to a frame by the time line. @param {number} frame @param {number} last */
  async scrub(frame, last) {
    const tracks = this.page.locator(".tracks");
    const { width } = await tracks.boundingBox();
    await tracks.click({ position: { x: ((frame + 0.5) / (last + 1)) * width, y: 40 } });
    await this.frame(frame);
  }

  /** What a view shows. @param {number} view */
  async picture(view) {
    await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    return await this.page.locator(".screens figure").nth(view).locator("canvas").screenshot();
  }

  assertContent() {
    assert.deepEqual(this.participant.complaints, []);
    assert.deepEqual(this.participant.foreign, []);
  }
}

/** The rewards of a seat over a game. */
const sum = (table, agent) => table.reduce((total, row) => total + Number(row[`rewards.${agent}`]), 0);

/** The rewards that the player shows. */
const shownRewards = (page) => page.$$eval(".now-reward", (found) => found.map((one) => Number(one.textContent.replace(/[^\d.-]/g, ""))));

test("a game of two is watched while it is played, and is the record when it is over", WALK, async (t) => {
  const table = await Table.open(t, browser, "watched", "short_volley");
  await Promise.all([table.seat("ann"), table.seat("bob")]);
  const operator = await Operator.arrive(t, table);
  const { page } = operator;
  await operator.has("#app", /No game has been played yet/);
  let rewards;
  await table.play(async () => {
    await page.click("text=Watch live");
    await page.waitForFunction(() => document.documentElement.dataset.live === "true" && Number(document.documentElement.dataset.frame) > 60);
    await operator.participant.screenshot("operator-live");
    await operator.has(".verdict", /Replayed 300 frames: 300 rows and \d+ states are equal to the record/);
    await operator.frame(300);
    rewards = await shownRewards(page);
    await page.waitForFunction(() => document.documentElement.dataset.playing === "false");
    // A moment is the same picture whatever was seen before.
    await operator.scrub(150, 300);
    const once = await operator.picture(0);
    await operator.scrub(20, 300);
    assert.notDeepEqual(await operator.picture(0), once);
    await operator.scrub(149, 300);
    await page.keyboard.press("ArrowRight");
    await operator.frame(150);
    assert.deepEqual(await operator.picture(0), once);
    await operator.participant.screenshot("operator-replay");
    await page.click("text=← Games");
    await operator.has("#app", /ann.*complete.*Replay/s);
  });
  table.assertContent();
  operator.assertContent();
  const [{ tables }] = await table.verify("volley");
  assert.deepEqual(rewards, ["left", "right"].map((agent) => sum(tables[0], agent)));
});

test("players who see different things are watched side by side", WALK, async (t) => {
  const table = await Table.open(t, browser, "watched-hideaway", "short_hideaway");
  await Promise.all(["ann", "bob"].map((name) => table.seat(name, { keys: ARROWS })));
  await table.play();
  const operator = await Operator.arrive(t, table);
  const { page } = operator;
  await page.click("text=Replay");
  await operator.has(".verdict", /Replayed 120 frames: 120 rows/);
  await page.keyboard.press("End");
  await operator.frame(120);
  assert.equal(await page.locator(".screens figure:visible").count(), 2);
  assert.notDeepEqual(await operator.picture(0), await operator.picture(1));
  await operator.participant.screenshot("operator-both");
  await page.click("#views label:has-text('seeker')");
  assert.equal(await page.locator(".screens figure:visible").count(), 1);
  operator.assertContent();
});

test("an environment that draws images, alone in its game", WALK, async (t) => {
  const table = await Table.open(t, browser, "watched-cartpole", "cartpole_streamed", { folder: "experiments" });
  await table.seat("ann", { keys: ["ArrowRight"] });
  await table.play();
  const operator = await Operator.arrive(t, table);
  await operator.page.click("text=Replay");
  await operator.has(".verdict", /Replayed \d+ frames: \d+ rows.* equal to the record/);
  await operator.page.selectOption("#episode", "1");
  await operator.page.keyboard.press("Home");
  await operator.frame(0);
  const start = await operator.picture(0);
  await operator.page.keyboard.press("End");
  await operator.page.waitForFunction(() => Number(document.documentElement.dataset.frame) > 5);
  assert.notDeepEqual(await operator.picture(0), start);
  await operator.participant.screenshot("operator-images");
  operator.assertContent();
});
