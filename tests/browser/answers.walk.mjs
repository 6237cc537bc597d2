/**
 * Questions of every kind, answered in a real browser against the real service, with reloads in the middle; then the data,
 * compared with what was entered. And games that share values, whose replay finds the same.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Participant, Service, WALK, json, launch, rows } from "./support.mjs";

let browser;
before(async () => (browser = await launch()));
after(async () => await browser.close());

const REMARKS = '=1+1, "quoted" <b>bold</b>\nand a second line';

test("what was entered is in the data, across reloads, and games find the values of those before", WALK, async (t) => {
  const service = await Service.start(t, "tests/browser/experiments/asking.py");
  const ann = await Participant.arrive(t, browser, `${service.url}ann`);
  const { page } = ann;
  const ask = (id) => page.locator(`[data-question="${id}"]`);
  const saved = () => page.waitForSelector('#saved[data-state="saved"]');
  await ann.phase("page");
  await page.click("#continue");

  await ann.phase("form", "consent");
  await page.waitForSelector("text=You can stop at any time.");
  await page.click("#continue");
  assert.match(await page.textContent("#summary"), /take part/, "the box has to be ticked");
  await ask("consent").locator("input").check();
  await page.click("#continue");

  await ann.phase("form", "survey");
  const shown = await page.$$eval("[data-question]", (all) => all.map((one) => one.dataset.question).filter(Boolean));
  const tools = await ask("tools").locator("input").evaluateAll((all) => all.map((one) => one.value));
  await page.waitForFunction(() => [...document.querySelectorAll("img.picture")].every((one) => one.naturalWidth > 0));
  assert.equal(await page.locator("img.picture").count(), 2, "the pictures are served");
  await ask("age").locator("input").fill("17");
  await ask("remarks").locator("textarea").fill(REMARKS);
  await ask("card").locator('input[value="boat"]').check();
  await ask("tools").locator('input[value="pen"]').check();
  await saved();
  await ann.screenshot("answers-1-before-the-reload");

  await page.reload();
  await ann.phase("form", "survey");
  const again = await page.$$eval("[data-question]", (all) => all.map((one) => one.dataset.question).filter(Boolean));
  assert.deepEqual(again, shown, "the order stays");
  assert.equal(await ask("remarks").locator("textarea").inputValue(), REMARKS);
  assert.ok(await ask("card").locator('input[value="boat"]').isChecked());
  await page.click("#continue");
  await page.waitForSelector("#summary li");
  await ask("age").locator("input").fill("27");
  await ask("card").locator('input[value="house"]').check();
  await ask("tools").locator('input[value="paint"]').check();
  await ask("region").locator("select").selectOption({ index: 2 });
  await ask("fun").locator("input").nth(3).check();
  await ask("effort").locator("input").focus();
  await page.keyboard.press("End");
  await ask("mood").locator('input[type="radio"]').nth(2).check();
  await ask("mood").locator('input[type="radio"]').nth(3).check();
  const moods = await ask("mood").locator("input:checked").evaluateAll((all) => all.length);
  assert.equal(moods, 2);
  await ann.screenshot("answers-2-filled-in");
  await page.setViewportSize({ width: 390, height: 844 });
  await ann.screenshot("answers-3-on-a-phone");
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.click("#continue");

  for (const scene of ["first", "second"]) {
    await ann.phase("ready", scene);
    await page.click("#start");
  }
  await ann.phase("end");
  assert.deepEqual(ann.complaints, []);
  assert.equal(await service.stop(), 0, service.log);

  const [consent] = rows(service.file("asking/consent/ann.csv"));
  assert.deepEqual([consent.question_id, consent.answer, consent.version], ["consent", "True", "2024-05"]);
  const table = rows(service.file("asking/survey/ann.csv"));
  const of = (id, item = "") => table.find((row) => row.question_id === id && row.item === item);
  const order = [...table].sort((a, b) => a.position - b.position).map((row) => row.question_id);
  assert.deepEqual([...new Set(order)], shown);
  assert.deepEqual(JSON.parse(of("tools").options), tools);
  const answers = Object.fromEntries(table.map((row) => [`${row.question_id}${row.item && `.${row.item}`}`, row.answer]));
  const first = JSON.parse(of("mood", "calm").options)[0];
  const second = first === "calm" ? "busy" : "calm";
  assert.deepEqual(answers, {
    age: "27", remarks: REMARKS, card: "house", tools: JSON.stringify(tools.filter((tool) => tool !== "chalk")), region: "south", fun: "3", effort: "100",
    [`mood.${first}`]: "2", [`mood.${second}`]: "0",
  });
  assert.equal(of("fun").label, "Good");
  assert.equal(of("card").changes, "1");
  const metadata = json(service.file("asking/survey/ann_metadata.json"));
  assert.deepEqual(metadata.answers.card.map(({ answer }) => answer), ["boat", "house"]);
  assert.equal(metadata.handed_in.length, 1);

  const played = ["first", "second"].map((scene) => rows(service.file(`asking/${scene}/ann.csv`)));
  const found = played.flatMap((game) => [game[0], game[20]]).map((row) => row["infos.human.found"]);
  assert.deepEqual(found, ["5", "25", "45", "65"], "each episode finds what the one before has left");
  const { globals } = json(service.file("asking/second/ann_globals.json"));
  assert.deepEqual(globals, { level: 5, coins: 85, note: null });
});
