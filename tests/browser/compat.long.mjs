/**
 * A script that was written for another system, with a build of Unity's form, played to its end by a real browser.
 */

import assert from "node:assert/strict";
import test from "node:test";

import { Participant, Service, WALK, launch, rows } from "./support.mjs";

const SCRIPTS = "tests/compat/examples";

test("one person plays a build of Unity's form through a script, whose class answers it", WALK, async (t) => {
  const service = await Service.start(t, `${SCRIPTS}/lighthouse/lighthouse_experiment.py`);
  const browser = await launch();
  t.after(() => browser.close());
  const ann = await Participant.arrive(t, browser, `${service.url}ann`);
  const { page } = ann;
  await page.click("#continue");
  await ann.phase("form", "survey");
  await page.click("input[type=range]");
  await page.locator("textarea").fill("none");
  await page.click("#continue");
  const here = async () => await page.evaluate(() => document.documentElement.dataset.scene);
  /** Plays a scene's episodes; what the build was told after each. */
  const play = async (rounds) => {
    await ann.phase("document");
    await page.waitForSelector("iframe.here");
    const frame = await (await page.$("iframe")).contentFrame();
    await frame.evaluate(() => {
      window.told = [];
      greenroom.on("message", (message) => window.told.push(message));
    });
    for (let round = 1; round <= rounds; round += 1) {
      await page.keyboard.press("Space");
      await frame.waitForFunction(() => beacon.state === "turning" && beacon.angle >= beacon.mark - 4);
      await page.keyboard.press("Space");
      await frame.waitForFunction((done) => greenroom.episodesDone === done && beacon.state === "waiting", round);
    }
    await ann.screenshot(`compat-unity-${await here()}`);
    return frame;
  };
  const first = await here();
  await play(1);
  await page.click("#continue:enabled");
  await ann.phase("form", first === "plain" ? "rest" : "pause");
  await page.click("#continue");
  await ann.phase("document", "adaptive");
  const frame = await play(2);
  await frame.waitForFunction(() => window.told.length === 2);
  const told = await frame.evaluate(() => window.told);
  assert.deepEqual(told.map(({ name }) => name), ["updateBotSettings", "updateBotSettings"]);
  assert.deepEqual(told.map(({ data }) => data.stopped), [1, 1], "the class is told of beginnings, too");
  await page.click("#continue:enabled");
  await ann.phase("end");
  assert.deepEqual(ann.complaints, []);
  assert.deepEqual(ann.foreign, []);
  assert.equal(await service.stop(), 0, service.log);
  for (const [scene, episodes] of [[first, 1], ["adaptive", 2]]) {
    const ends = rows(service.file(`lighthouse/${scene}/ann.csv`)).filter(({ name }) => name === "episode_end");
    assert.equal(ends.length, episodes, scene);
    for (const row of ends) assert.equal(Number(row.score), Number(row["data.points"]), "score_fn has made the score");
  }
});
