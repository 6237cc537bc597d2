/**
 * A study from right to left, walked by one participant at a desk and one with a phone, and by one who does not want to wait:
 * every kind of page and of question, a game of one and a game of two.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { DESKTOP, PHONE, Participant, Service, launch, rows, serious } from "./support.mjs";

let browser;
before(async () => (browser = await launch()));
after(async () => await browser.close());

class Reader {
  #number = 0;

  constructor(name, participant) {
    this.name = name;
    this.participant = participant;
    this.page = participant.page;
  }

  phase(...wanted) {
    return this.participant.phase(...wanted);
  }

  /** Keeps a picture; nothing sticks out at a side, and axe finds nothing serious. */
  async look(name) {
    this.#number += 1;
    await this.participant.screenshot(`rtl-${this.name}-${String(this.#number).padStart(2, "0")}-${name}`);
    const beyond = await this.page.evaluate(() => [
      document.documentElement.scrollWidth - innerWidth,
      // To the left of a page from right to left it can be scrolled, too.
      Math.round(-Math.min(...[...document.querySelectorAll("main *")].map((element) => element.getBoundingClientRect().left))),
    ]);
    assert.ok(beyond.every((pixels) => pixels <= 0), `${this.name}: ${name} sticks out: ${beyond}`);
    assert.deepEqual(await serious(this.page), [], `${this.name}: ${name}`);
  }

  async next() {
    await this.page.click("#continue");
  }

  question(id) {
    return this.page.locator(`[data-question="${id}"].ask`);
  }

  async survey() {
    await this.next();
    await this.page.waitForSelector("#summary li");
    await this.look("survey-lacks");
    await this.question("age").locator("input").fill("200");
    await this.question("age").locator("input").blur();
    await this.question("age").scrollIntoViewIfNeeded();
    await this.look("survey-too-large");
    await this.question("age").locator("input").fill("30");
    await this.question("remarks").locator("textarea").fill("הכול טוב (OK) 100%");
    await this.question("card").locator("label").first().click();
    for (const label of await this.question("tools").locator("label").all()) await label.click();
    await this.question("region").locator("select").selectOption({ index: 1 });
    await this.question("fun").locator(".point").first().click();
    await this.question("mood").locator(".point").first().click();
    await this.look("survey-scales");
    const slider = await this.question("effort").locator("input").boundingBox();
    await this.page.mouse.click(slider.x + slider.width * 0.9, slider.y + slider.height / 2);
    for (const row of await this.question("calm").locator(".grid-row").all()) await row.locator("label").first().click();
    await this.look("survey-end");
    await this.next();
  }

  async check() {
    await this.phase("form", "check");
    await this.page.click('label:has(input[value="home"])');
    await this.next();
    await this.page.waitForSelector(".complaint:not([hidden])");
    await this.look("check-wrong");
    await this.page.click('label:has(input[value="arrow"])');
    await this.next();
  }

  async alone() {
    await this.phase("ready", "alone");
    await this.look("alone-ready");
    await this.page.click("#start");
    await this.phase("playing");
    await this.page.keyboard.down("ArrowRight");
    await this.look("alone-playing");
    await this.page.keyboard.up("ArrowRight");
    assert.ok((await this.gap()) < 100, "a flat picture stands below its words, not in the middle of the window");
    await this.hide(true);
    await this.page.waitForSelector("#notice:not(:empty)");
    await this.look("alone-warned");
    await this.hide(false);
    await this.phase("asking");
    await this.look("alone-asking");
    await this.page.click("#overlay button");
  }

  /** Pixels between the line above the game and the picture. */
  async gap() {
    return await this.page.evaluate(() => {
      const [above, picture] = ["#hud", "#game canvas"].map((place) => document.querySelector(place).getBoundingClientRect());
      return picture.top - above.bottom;
    });
  }

  /** Makes the page believe that it is hidden, or seen again. */
  async hide(hidden) {
    await this.page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  }

  /** As far as the last page, from the waiting room of the game of two. */
  async end() {
    await this.phase("end");
    await this.look("end");
    await this.page.click(".copy");
    await this.page.waitForFunction(() => document.querySelector(".copied").textContent !== "");
    await this.look("end-copied");
  }
}

/** Where the parts of the legend, and the keys of a combination, stand from left to right. */
async function legend(page) {
  return await page.locator(".legend .combination").evaluateAll((combinations) => combinations
    .map((combination) => ({
      right: combination.getBoundingClientRect().right,
      top: combination.getBoundingClientRect().top,
      keys: [...combination.querySelectorAll("kbd")]
        .sort((a, b) => a.getBoundingClientRect().left - b.getBoundingClientRect().left).map((key) => key.textContent),
    }))
    .sort((a, b) => a.top - b.top || b.right - a.right)
    .map(({ keys }) => keys.join("+")));
}

test("a study from right to left, at a desk and with a phone", { timeout: 400_000 }, async (t) => {
  const service = await Service.start(t, "tests/browser/experiments/right_to_left.py");
  const people = await Promise.all([["ann", DESKTOP], ["bob", PHONE], ["eve", DESKTOP]].map(async ([name, device]) =>
    new Reader(name, await Participant.arrive(t, browser, `${service.url}${name}`, undefined, device))));
  const [ann, bob, eve] = people;

  const walk = async (person) => {
    await person.phase("page");
    assert.equal(await person.page.getAttribute("html", "dir"), "rtl");
    await person.look("start");
    await person.next();
    await person.phase("form", "consent");
    await person.next();
    await person.page.waitForSelector(".complaint:not([hidden])");
    await person.look("consent");
    await person.page.check("input");
    await person.next();
    await person.phase("form", "survey");
    await person.survey();
    await person.check();
    await person.alone();
    await person.phase("ready", "together");
  };
  await Promise.all(people.map(walk));
  await ann.look("together-ready");

  // Words in the order of reading, keys as they are on the keyboard.
  assert.deepEqual(await legend(ann.page), ["→", "←", "רווח", "Shift+←", "Shift+→"]);

  await eve.page.click("#start");
  await eve.page.waitForSelector(".numbers dd");
  await eve.look("waiting");
  await eve.page.click("#leave");
  await eve.look("waiting-leave");
  await eve.page.click("#leave-yes");
  await eve.phase("trouble");
  await eve.look("dismissed");
  await eve.next();
  await eve.phase("end");
  await eve.look("end-after-waiting");

  for (const person of [ann, bob]) await person.page.click("#start");
  await Promise.all([ann, bob].map((person) => person.phase("countdown")));
  await ann.look("together-countdown");
  await Promise.all([ann, bob].map((person) => person.phase("playing")));
  await Promise.all([ann, bob].map((person) => person.look("together-playing")));
  await Promise.all([ann, bob].map((person) => person.end()));
  for (const { name, participant } of people) assert.deepEqual(participant.complaints, [], name);
  assert.equal(await service.stop(), 0, service.log);

  const answers = new Map(rows(service.file("right_to_left/survey/ann.csv")).map((row) => [row.question_id, row.answer]));
  assert.deepEqual([answers.get("fun"), answers.get("mood")], ["0", "0"], "the first point is on the right, and is the first");
  assert.ok(Number(answers.get("effort")) < 15, `near the left end of a line from right to left is little: ${answers.get("effort")}`);
});
