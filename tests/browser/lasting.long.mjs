/**
 * A service that dies as in a power cut wherever a participant can be without playing: a page half filled in, the wait for
 * a partner, the ready check, the last page. It is started again with the same data, and everybody is where they were.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { PHONE, Participant, Service, launch, json, rows } from "./support.mjs";

const STUDY = "lasting";
const MODULE = `tests/browser/experiments/${STUDY}.py`;

let browser;
before(async () => (browser = await launch()));
after(async () => await browser.close());

/** Kills the service; `meanwhile` happens while there is none. */
async function again(t, service, meanwhile = async () => {}) {
  await service.kill();
  await meanwhile();
  return await Service.start(t, MODULE, { data: service.data, port: new URL(service.url).port });
}

const connected = ({ page }) => page.waitForFunction(() => document.documentElement.dataset.connection === "open");
const lost = ({ page }) => page.waitForFunction(() => document.documentElement.dataset.connection !== "open");

const ask = ({ page }, id) => page.locator(`[data-question="${id}"].ask`);

const saved = ({ page }) => page.waitForSelector('#saved[data-state="saved"]');

/** What the page of questions shows as answered. */
async function answers(person) {
  return {
    age: await ask(person, "age").locator("input").inputValue(),
    tools: await ask(person, "tools").locator("input:checked").evaluateAll((all) => all.map((one) => one.value)),
    hopes: await ask(person, "hopes").locator("textarea").inputValue(),
  };
}

async function half(person) {
  await person.page.click("#continue");
  await person.phase("form", "survey");
  await ask(person, "age").locator("input").fill("34");
  await ask(person, "tools").locator('input[value="pen"]').check();
  await saved(person);
}

async function rest(person) {
  await ask(person, "tools").locator('input[value="chalk"]').check();
  await person.page.click("#continue");
  await person.phase("ready", "field");
}

const EXPECTED = { age: "34", tools: ["pen"], hopes: "a good\ngame" };

test("a service killed at every page that is no game", { timeout: 400_000 }, async (t) => {
  let service = await Service.start(t, MODULE);
  const ann = await Participant.arrive(t, browser, `${service.url}ann`);
  const bob = await Participant.arrive(t, browser, `${service.url}bob`, undefined, PHONE);
  const people = [ann, bob];

  // A page half filled in, and typed on while there is no service. One of the two loads it anew.
  for (const person of people) await half(person);
  service = await again(t, service, async () => {
    await Promise.all(people.map(lost));
    for (const person of people) await ask(person, "hopes").locator("textarea").fill(EXPECTED.hopes);
    await ann.screenshot("lasting-1-form-without-service");
    await bob.screenshot("lasting-1-form-without-service-phone");
  });
  await Promise.all(people.map(async (person) => {
    await connected(person);
    await saved(person);
  }));
  await bob.page.reload();
  await bob.phase("form", "survey");
  for (const person of people) assert.deepEqual(await answers(person), EXPECTED);
  for (const person of people) await rest(person);

  // A wait for a partner, in the page as it was and in one loaded anew.
  await ann.page.click("#start");
  await ann.phase("waiting");
  const waited = ann.page.locator("#waiting-room");
  await waited.getByText("Please keep this page open").waitFor();
  service = await again(t, service, () => ann.screenshot("lasting-2-waiting-without-service"));
  await connected(ann);
  await waited.getByText("Please keep this page open").waitFor();
  await ann.screenshot("lasting-3-waits-again");
  assert.equal((await ann.page.evaluate(() => document.documentElement.dataset.phase)), "waiting");
  await connected(bob);
  await bob.page.click("#start");
  await Promise.all(people.map((person) => person.phase("playing", "field")));

  // The ready check: ann has pressed, bob has not.
  await Promise.all(people.map((person) => person.phase("asking", "field")));
  await ann.page.click("#next-round");
  await ann.page.getByText("Waiting until everybody is ready").waitFor();
  service = await again(t, service, async () => {
    await Promise.all(people.map(lost));
    await ann.screenshot("lasting-4-ready-without-service");
  });
  await Promise.all(people.map(connected));
  await bob.page.waitForTimeout(1500);
  await ann.screenshot("lasting-5-ready-again");
  await bob.screenshot("lasting-5-asked-again-phone");
  assert.equal(await bob.page.evaluate(() => document.documentElement.dataset.phase), "asking");
  // Nothing but a page that is loaded anew forgets that the button was pressed.
  await bob.page.reload();
  await bob.phase("asking", "field");
  await bob.screenshot("lasting-6-asked-after-the-reload-phone");
  await bob.page.click("#next-round");
  await Promise.all(people.map((person) => person.phase("playing", "field")));
  await Promise.all(people.map((person) => person.phase("end")));

  // The page with the code.
  const codes = await Promise.all(people.map((person) => person.page.innerText("#code code")));
  assert.notEqual(codes[0], codes[1]);
  service = await again(t, service);
  await Promise.all(people.map(async (person) => {
    await person.page.reload();
    await person.phase("end");
  }));
  assert.deepEqual(await Promise.all(people.map((person) => person.page.innerText("#code code"))), codes, "the same codes");
  await ann.screenshot("lasting-7-end");
  assert.equal(await service.stop(), 0, service.log);

  for (const name of ["ann", "bob"]) {
    const told = Object.fromEntries(rows(service.file(`${STUDY}/survey/${name}.csv`)).map((row) => [row.question_id, row.answer]));
    assert.deepEqual(told, { age: "34", tools: JSON.stringify(["pen", "chalk"]), hopes: EXPECTED.hopes }, name);
    const steps = rows(service.file(`${STUDY}/field/${name}.csv`)).map(({ episode_num, t: step }) => `${episode_num}/${step}`);
    assert.deepEqual(steps, [0, 1].flatMap((episode) => Array.from({ length: 80 }, (_, step) => `${episode}/${step}`)), name);
    const facts = json(service.file(`${STUDY}/field/${name}_metadata.json`)).participant.map(({ fact }) => fact.fact);
    assert.ok(!facts.includes("dismissed"), `${name}: ${facts}`);
  }
});

test("one who never presses the button: the other goes on with a code, and so does he", { timeout: 200_000 }, async (t) => {
  const service = await Service.start(t, MODULE);
  const [ann, bob] = await Promise.all(["ann", "bob"].map((name) => Participant.arrive(t, browser, service.url + name)));
  const people = [ann, bob];
  for (const person of people) {
    await half(person);
    await ask(person, "hopes").locator("textarea").fill(EXPECTED.hopes);
    await rest(person);
    await person.page.click("#start");
  }
  await Promise.all(people.map((person) => person.phase("asking", "field")));
  await ann.page.click("#next-round");
  await ann.phase("trouble", "field");
  await bob.phase("trouble", "field");
  await ann.screenshot("lasting-8-partner-not-ready");
  await bob.screenshot("lasting-9-not-ready");
  assert.match(await ann.page.innerText("#trouble"), /The other player is no longer there/);
  assert.match(await bob.page.innerText("#trouble"), /not ready in time/);
  const codes = await Promise.all(people.map((person) => person.page.innerText("#trouble .code")));
  for (const person of people) await person.page.click("#continue");
  await Promise.all(people.map((person) => person.phase("end")));
  await ann.screenshot("lasting-10-partner-not-ready-end");
  for (const [index, person] of people.entries()) assert.ok((await person.page.innerText("body")).includes(codes[index]));
  assert.equal(await service.stop(), 0, service.log);
  const why = (name) => json(service.file(`${STUDY}/field/${name}_metadata.json`)).participant
    .map(({ fact }) => fact).find(({ fact }) => fact === "dismissed")?.reason;
  assert.deepEqual([why("ann"), why("bob")], ["partner_lost", "absent"]);
  for (const name of ["ann", "bob"]) assert.equal(rows(service.file(`${STUDY}/field/${name}.csv`)).length, 80, name);
});
