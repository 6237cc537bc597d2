/**
 * What happens to participants: reloads, killed services, second browsers, failing environments.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Participant, Service, WALK, launch, rows, verifyByReplay } from "./support.mjs";

const SHORT = "tests/browser/experiments/short.py";

let browser;
before(async () => (browser = await launch()));
after(async () => await browser.close());

/** The recorded game of the short study is whole, and follows from its actions. */
function assertWhole(service) {
  const csv = service.file("short/walk/ann.csv");
  assert.deepEqual(rows(csv).map((row) => Number(row.t)), [...Array(240).keys()]);
  assert.deepEqual(verifyByReplay(csv, service.file("short/walk/ann_metadata.json")), { episodes: 1, steps: 240 });
}

test("a page reloaded in the middle of a game goes on where it was", WALK, async (t) => {
  const service = await Service.start(t, SHORT, { args: ["--base-path", "/study1/"] });
  const participant = await Participant.arrive(t, browser, `${service.url}ann`);
  await participant.begin();
  await participant.page.keyboard.down("ArrowRight");
  await participant.page.waitForTimeout(3000);
  await participant.page.reload();
  await participant.phase("ready", "walk");
  await participant.screenshot("reload-ready");
  await participant.page.click("#start");
  await participant.phase("end");
  assert.deepEqual(participant.complaints, []);
  assert.equal(await service.stop(), 0, service.log);
  assertWhole(service);
});

test("a service killed in the middle of a game comes back, and the game goes on by itself", WALK, async (t) => {
  const service = await Service.start(t, SHORT);
  const participant = await Participant.arrive(t, browser, `${service.url}ann`);
  await participant.begin();
  await participant.page.keyboard.down("ArrowLeft");
  await participant.page.waitForTimeout(2500);
  await service.kill();
  await participant.page.waitForTimeout(1000);
  await participant.screenshot("killed");
  const again = await Service.start(t, SHORT, { data: service.data, port: new URL(service.url).port });
  await participant.phase("end");
  assert.equal(await again.stop(), 0, again.log);
  assertWhole(again);
});

test("a second tab takes over, and the first one is told", WALK, async (t) => {
  const service = await Service.start(t, SHORT);
  const participant = await Participant.arrive(t, browser, `${service.url}ann`);
  await participant.begin();
  const second = await participant.context.newPage();
  await second.goto(`${service.url}ann`);
  await second.waitForFunction(() => document.documentElement.dataset.phase === "ready");
  await participant.page.waitForSelector("#trouble[data-trouble=replaced]");
  await participant.screenshot("taken-over");
  await second.click("#start");
  await second.waitForFunction(() => document.documentElement.dataset.phase === "end");
  assert.equal(await service.stop(), 0, service.log);
  assertWhole(service);
});

test("a second browser without the secret is told kindly and disturbs nobody", WALK, async (t) => {
  const service = await Service.start(t, SHORT);
  const owner = await Participant.arrive(t, browser, `${service.url}ann`);
  await owner.phase("page");
  const other = await Participant.arrive(t, browser, `${service.url}ann`);
  await other.page.waitForSelector("#trouble[data-trouble=taken]");
  await other.screenshot("another-browser");
  await owner.begin();
  await owner.phase("end");
  assert.equal(await service.stop(), 0, service.log);
  assertWhole(service);
});

test("an environment that fails shows the traceback to the operator and the participant a way onward", WALK, async (t) => {
  const service = await Service.start(t, "tests/browser/experiments/failing.py");
  const participant = await Participant.arrive(t, browser, `${service.url}ann`);
  await participant.page.click("#continue");
  await participant.phase("ready");
  await participant.page.click("#start");
  await participant.phase("trouble");
  await participant.screenshot("trouble");
  assert.doesNotMatch(await participant.page.innerText("body"), /ZeroDivisionError|Traceback/);
  await participant.page.click("#give-up");
  await participant.phase("end");
  assert.equal(await service.stop(), 0);
  assert.match(service.log, /ZeroDivisionError/);
  assert.match(service.log, /return 0\.0, 1 \/ \(20 - self\.t\), False, False, \{\}/);
  assert.equal(rows(service.file("failing/fragile/ann.csv")).length, 19, "what was played is kept");
});

test("frames of an rgb_array environment are shown", WALK, async (t) => {
  const service = await Service.start(t, "experiments/pixel_catch.py");
  const participant = await Participant.arrive(t, browser, `${service.url}ann`);
  await participant.begin();
  await participant.page.waitForTimeout(1500);
  await participant.screenshot("pixel_catch");
  const picture = await participant.page.locator("#game canvas").first().screenshot();
  assert.ok(picture.length > 1000, "the canvas is not empty");
  assert.deepEqual(participant.complaints, []);
  assert.equal(await service.stop(), 0, service.log);
  const steps = rows(service.file("pixel_catch/pixel_catch/ann.csv"));
  assert.ok(steps.length > 10, `${steps.length} steps were stored when the service stopped`);
});
