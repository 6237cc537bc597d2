/**
 * Pages and builds of a researcher's own, in a real browser with the real service: a page with the three functions, a WebGL
 * build in the form of Unity's, and an HTML build; with reloads in the middle, and then the data.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Participant, Service, WALK, json, launch, rows, serious } from "./support.mjs";

let browser;
before(async () => (browser = await launch()));
after(async () => await browser.close());

const PHONE = { width: 390, height: 844 };

/** The document in the frame, once it is shown. */
async function shown(participant, scene) {
  await participant.phase("document", scene);
  const frame = participant.page.frames().find((frame) => frame.parentFrame() !== null);
  assert.ok(frame, "there is a frame");
  return frame;
}

/** Waits for a number of episodes that the service has. */
async function episodes(participant, words) {
  await participant.page.waitForFunction((words) => document.querySelector("#episodes")?.textContent === words, words);
}

test("a page and a WebGL build, reloaded in the middle, and everything in the data", WALK, async (t) => {
  const service = await Service.start(t, "experiments/beacon.py");
  const participant = await Participant.arrive(t, browser, `${service.url}ann`);
  const { page } = participant;
  await participant.phase("page");
  assert.deepEqual(await serious(page), []);
  // The build is loaded while the participant reads, and then comes out of the cache.
  const early = (name) => participant.requests.some((url) => url.endsWith(name));
  while (!["beacon.wasm.br", "beacon.data.gz"].every(early)) await page.waitForTimeout(50);
  await page.click("#continue");

  let frame = await shown(participant, "reaction");
  const trial = async () => {
    await frame.waitForSelector("button.now");
    await frame.click("button");
  };
  await participant.screenshot("document-1-page");
  assert.deepEqual(await serious(page), [], "a page in a frame is accessible");
  await frame.click("button");
  await trial();
  await frame.waitForFunction(() => greenroom.saved.trial?.number === 1);
  await page.reload();
  frame = await shown(participant, "reaction");
  assert.match(await frame.textContent("#round"), /Trial 2 of 3/);
  await page.setViewportSize(PHONE);
  await participant.screenshot("document-2-page-phone");
  await page.setViewportSize({ width: 1280, height: 800 });
  await frame.click("button");
  await trial();
  await trial();

  frame = await shown(participant, "beacon");
  await episodes(participant, "Episode 1 of 3");
  assert.equal(await page.isDisabled("#continue"), true, "there are episodes to come");
  const sizes = await frame.evaluate(() => performance.getEntriesByType("resource")
    .filter(({ name }) => /\/Build\/.*\.(gz|br)$/.test(name)).map(({ transferSize }) => transferSize));
  assert.deepEqual(sizes, [0, 0, 0], "the build was there before its scene");
  const round = async (number, next) => {
    await page.keyboard.press("Space");
    await frame.waitForFunction(() => beacon.state === "turning" && beacon.angle >= beacon.mark - 4);
    if (number === 1) await participant.screenshot("document-3-build");
    await page.keyboard.press("Space");
    await episodes(participant, next);
    await frame.waitForFunction(() => beacon.state === "waiting");
  };
  await round(1, "Episode 2 of 3");
  await page.reload();
  frame = await shown(participant, "beacon");
  await episodes(participant, "Episode 2 of 3");
  await page.setViewportSize(PHONE);
  await participant.screenshot("document-4-build-phone");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  assert.ok(wide, "nothing is wider than the phone");
  await round(2, "Episode 3 of 3");
  await round(3, "You have finished this part.");
  await participant.screenshot("document-5-build-done");
  assert.deepEqual(await serious(page), [], "a build is accessible as far as its page goes");
  await page.click("#continue:enabled");
  await participant.phase("end");
  assert.deepEqual(await serious(page), []);
  assert.deepEqual(participant.complaints, []);
  assert.deepEqual(participant.foreign, []);
  assert.equal(await service.stop(), 0, service.log);

  const trials = rows(service.file("beacon/reaction/ann.csv"));
  assert.deepEqual(trials.map(({ name }) => name), ["trial", "trial", "trial", "advance"]);
  assert.deepEqual(trials.slice(0, 3).map((row) => row["data.number"]), ["1", "2", "3"]);
  assert.ok(trials.slice(0, 3).every((row) => Number(row["data.rt"]) > 0));
  const rounds = rows(service.file("beacon/beacon/ann.csv"));
  assert.deepEqual(rounds.map(({ name, episode }) => `${name} ${episode}`),
    [0, 1, 2].flatMap((episode) => [`episode_start ${episode}`, `episode_end ${episode}`]));
  const ends = rounds.filter(({ name }) => name === "episode_end");
  for (const [index, row] of ends.entries()) {
    assert.equal(Number(row.score), Number(row["data.points"]), "score_fn has made the score");
    const next = ends[index + 1];
    const speed = Number(row["data.speed"]) * (Number(row["data.points"]) >= 80 ? 1.25 : 0.8);
    // The function's answer has reached the build, also after the reload.
    if (next) assert.ok(Math.abs(Number(next["data.speed"]) - speed) < 1e-9, `${next["data.speed"]} after ${speed}`);
  }
  const { participant: facts } = json(service.file("beacon/beacon/ann_metadata.json"));
  const told = facts.map(({ fact }) => fact).filter(({ fact }) => fact === "page_told");
  assert.equal(told.length, 3);
});

test("an HTML build: messages both ways, shared values, nothing lost without a connection, and no way out", WALK, async (t) => {
  const service = await Service.start(t, "tests/browser/experiments/builds.py");
  const participant = await Participant.arrive(t, browser, `${service.url}bob?PROLIFIC_PID=p7`);
  const { page } = participant;
  await participant.phase("page");
  await page.click("#continue");
  let frame = await shown(participant, "orbit");
  const known = await frame.evaluate(() => window.info);
  assert.deepEqual([known.subject_id, known.settings, known.parameters], ["bob", { level: 3 }, { PROLIFIC_PID: "p7" }]);
  assert.ok((await page.locator("iframe").boundingBox()).height >= 900, "the frame is as high as its page");
  await frame.click("#play");
  await frame.waitForFunction(() => greenroom.episodesDone === 1 && greenroom.scores[0] === 10);
  await frame.click("#ask");
  await frame.waitForFunction(() => document.getElementById("heard").textContent.includes("how am I doing?"));
  const heard = JSON.parse(await frame.textContent("#heard"));
  assert.deepEqual(heard.results, [{ score: 10, steps: 5 }]);

  // Without a connection it is kept, also through a reload; then it is sent.
  await participant.context.setOffline(true);
  await page.evaluate(() => dispatchEvent(new Event("offline")));
  await frame.evaluate(() => void greenroom.save({ while: "away" }, "note"));
  await page.waitForFunction(() => Object.values(sessionStorage).some((kept) => kept.includes("away")));
  await participant.context.setOffline(false);
  await page.reload();
  frame = await shown(participant, "orbit");
  assert.equal((await frame.evaluate(() => greenroom.saved.note)).while, "away");
  await frame.waitForFunction(() => document.getElementById("heard").textContent.includes("how am I doing?"));
  await frame.click("#quit");
  await participant.phase("end");
  assert.deepEqual(participant.foreign.filter((url) => !url.startsWith("https://example.com")), []);
  assert.equal(await service.stop(), 0, service.log);
  assert.match(service.log, /a function that fails keeps nobody/);

  const saved = rows(service.file("builds/orbit/bob.csv"));
  const names = saved.map(({ name }) => name);
  assert.deepEqual(names, ["episode_start", "note", "note", "note", "episode_end", "message", "note", "globals", "advance"]);
  assert.deepEqual(saved.slice(1, 3).map(({ data }) => data), ["a\ufffdb", "<b>bold</b>"]);
  assert.deepEqual([saved[3]["data.deep.0"], saved[3]["data.deep.1"], saved[3]["data.deep.2"]], ["1", "2.5", ""]);
  const { participant: facts } = json(service.file("builds/orbit/bob_metadata.json"));
  const globals = facts.map(({ fact }) => fact).find(({ fact }) => fact === "globals_changed");
  assert.deepEqual(globals.values, { skill: 7 });
});

test("a build that cannot be loaded has ways onward: again, or without it", WALK, async (t) => {
  const service = await Service.start(t, "experiments/beacon.py");
  const participant = await Participant.arrive(t, browser, `${service.url}eve`);
  const { page } = participant;
  const lost = (route) => route.abort();
  await page.route("**/*.wasm.br", lost);
  await participant.phase("page");
  await page.click("#continue");
  const reaction = await shown(participant, "reaction");
  await reaction.evaluate(() => greenroom.advance());
  await participant.phase("trouble", "beacon");
  await participant.screenshot("document-6-trouble");
  assert.deepEqual(await serious(page), []);
  await page.unroute("**/*.wasm.br", lost);
  await page.click("#retry");
  await shown(participant, "beacon");
  await page.route("**/*.wasm.br", lost);
  await page.reload();
  await participant.phase("trouble", "beacon");
  await page.click("#give-up");
  await participant.phase("end");
  assert.equal(await service.stop(), 0, service.log);
  const { participant: facts } = json(service.file("beacon/beacon/eve_metadata.json"));
  const failures = facts.map(({ fact }) => fact).filter(({ fact }) => fact === "browser_failed");
  assert.deepEqual(failures.map(({ give_up }) => give_up), [false, false, true]);
});
