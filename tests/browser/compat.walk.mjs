/**
 * Scripts that were written for another system, played by real browsers: what their environments draw is seen, what they
 * do is recorded.
 */

import assert from "node:assert/strict";
import test from "node:test";

import { Participant, Service, WALK, launch, rows } from "./support.mjs";

const SCRIPTS = "tests/compat/examples";

test("one person drives the mountain car", WALK, async (t) => {
  const service = await Service.start(t, `${SCRIPTS}/mountain_car/mountain_car_experiment.py`);
  const browser = await launch();
  t.after(() => browser.close());
  const ann = await Participant.arrive(t, browser, `${service.url}ann`);
  await ann.begin();
  await ann.page.keyboard.down("ArrowLeft");
  await ann.page.waitForFunction(() => document.querySelector("canvas") !== null);
  await ann.screenshot("compat-mountain-car");
  await ann.phase("end");
  assert.deepEqual(ann.complaints, []);
  assert.deepEqual(ann.foreign, []);
  assert.equal(await service.stop(), 0);
  const table = rows(service.file("mountain_car_demo/mountain_car/ann.csv"));
  assert.ok(table.length > 100, `${table.length} rows`);
  assert.ok(table.some((row) => row["actions.human"] === "0"));
});

test("two people see the objects and the pictures of an older script", WALK, async (t) => {
  const service = await Service.start(t, `${SCRIPTS}/cogrid/overcooked_seed.py`);
  const browser = await launch();
  t.after(() => browser.close());
  const people = [];
  for (const name of ["ann", "bob"]) people.push(await Participant.arrive(t, browser, `${service.url}${name}`));
  await Promise.all(people.map(async (one) => {
    await one.page.click("#continue");
    await one.phase("ready");
    await one.page.click("#start");
  }));
  await Promise.all(people.map((one) => one.phase("playing")));
  await people[0].screenshot("compat-older");
  await Promise.all(people.map((one) => one.phase("end")));
  for (const one of people) {
    assert.deepEqual(one.complaints, []);
    assert.ok(one.requests.some((url) => url.endsWith("/examples/cogrid/assets/chefs.png")), one.requests.join("\n"));
  }
  assert.equal(await service.stop(), 0);
});
