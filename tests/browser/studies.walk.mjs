/**
 * Whole studies, walked by a participant in a real browser: start page, game with real keys, end page; then the data,
 * compared step by step with the same actions in native Python.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Participant, Service, WALK, json, launch, rows, verifyByReplay } from "./support.mjs";

let browser;
before(async () => (browser = await launch()));
after(async () => await browser.close());

const STUDIES = [
  {
    name: "lantern",
    scene: "lantern",
    keys: ["ArrowUp", "ArrowRight", "ArrowDown", "ArrowLeft"],
    episodes: 2,
  },
  { name: "mountain_car", scene: "mountain_car", keys: ["ArrowLeft", "ArrowRight"], episodes: 2 },
];

for (const study of STUDIES) {
  test(`${study.name}: from the start page to the end page, and every step in the data`, WALK, async (t) => {
    const service = await Service.start(t, `experiments/${study.name}.py`);
    const url = `${service.url}ann?PROLIFIC_PID=p1&STUDY_ID=s1`;
    const participant = await Participant.arrive(t, browser, url);
    const { page } = participant;
    await participant.phase("page");
    await participant.screenshot(`${study.name}-1-start`);
    await page.click("#continue");
    await participant.phase("ready", study.scene);
    await participant.screenshot(`${study.name}-2-instructions`);
    await page.click("#start");
    await participant.phase("countdown");
    await participant.screenshot(`${study.name}-3-countdown`);

    let pictures = 0;
    let held = 0;
    for (;;) {
      const phase = await page.evaluate(() => document.documentElement.dataset.phase);
      if (phase === "end") break;
      assert.notEqual(phase, "trouble", service.log);
      if (phase === "playing") {
        // Two neighbouring keys overlap, so that combinations of keys are pressed too.
        const [first, second] = [held, held + 1].map((index) => study.keys[index % study.keys.length]);
        await page.keyboard.down(first);
        await page.waitForTimeout(250);
        await page.keyboard.down(second);
        await page.waitForTimeout(250);
        if (pictures < 2) await participant.screenshot(`${study.name}-4-playing-${++pictures}`);
        await page.keyboard.up(first);
        await page.keyboard.up(second);
        held += 1;
      } else {
        await page.waitForTimeout(100);
      }
    }
    await participant.screenshot(`${study.name}-5-end`);
    assert.deepEqual(participant.complaints, []);
    assert.deepEqual(participant.foreign, [], "everything comes from the service itself");
    assert.equal(await service.stop(), 0, service.log);

    const csv = service.file(`${study.name}/${study.scene}/ann.csv`);
    const metadata = service.file(`${study.name}/${study.scene}/ann_metadata.json`);
    const compared = verifyByReplay(csv, metadata);
    const recorded = rows(csv);
    assert.equal(compared.episodes, study.episodes);
    assert.equal(compared.steps, recorded.length);
    const actions = new Set(recorded.map((row) => row["actions.human"]));
    assert.ok(actions.size >= 3, `keys reached the game: ${[...actions]}`);
    assert.deepEqual(json(service.file(`${study.name}/${study.scene}/ann_globals.json`)), {
      subject_id: "ann",
      url_parameters: { PROLIFIC_PID: "p1", STUDY_ID: "s1" },
      globals: {},
    });
  });
}
