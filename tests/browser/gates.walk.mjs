/**
 * The gates of a study in a real browser: who is not let in, who may not go on, and how everybody gets back to the panel.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Participant, Service, WALK, json, launch } from "./support.mjs";

let browser;
before(async () => (browser = await launch()));
after(async () => await browser.close());

const PHONE = {
  userAgent: "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile "
    + "Safari/537.36",
  viewport: { width: 390, height: 844 },
};

/** Answers in the panel's place, and tells which of its addresses were asked for. */
async function panel(context) {
  const asked = [];
  await context.route("https://app.prolific.com/**", (route) => {
    asked.push(route.request().url());
    return route.fulfill({ contentType: "text/html", body: "<h1>The panel</h1>" });
  });
  return asked;
}

async function open(test, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  test.after(() => context.close());
  const participant = new Participant();
  Object.assign(participant, { context, complaints: [], page: await context.newPage() });
  participant.page.on("pageerror", (error) => participant.complaints.push(String(error)));
  const asked = await panel(context);
  await participant.page.goto(url);
  return { participant, page: participant.page, asked, context };
}

const back = (code) => `https://app.prolific.com/submissions/complete?cc=${code}`;

/** Makes the page believe that it is hidden, or seen again. */
async function hide(page, hidden) {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

test("a panel's participants: one on a phone, one too young, one who looks away", WALK, async (t) => {
  const service = await Service.start(t, "tests/browser/experiments/gated.py");

  const phone = await open(t, `${service.url}?PROLIFIC_PID=5f9c01&STUDY_ID=s1`, PHONE);
  await phone.participant.phase("trouble", "start");
  assert.match(await phone.page.textContent("#trouble"), /does not work on phones and tablets/);
  assert.equal(await phone.page.textContent("#trouble .code"), "SCREEN3D");
  await phone.participant.screenshot("gates-1-phone");
  await phone.page.click("#continue");
  await phone.participant.phase("end");
  assert.equal(await phone.page.textContent("#code .code"), "SCREEN3D");
  await phone.participant.screenshot("gates-2-phone-end");
  await phone.page.click("#stay");
  assert.equal(await phone.page.getAttribute("#redirect", "href"), back("SCREEN3D"));
  await phone.page.click("#redirect");
  await phone.page.waitForURL(back("SCREEN3D"));

  const other = await open(t, `${service.url}?PROLIFIC_PID=5f9c01`);
  await other.page.waitForSelector("#trouble[data-trouble=finished]");
  await other.participant.screenshot("gates-3-other-browser");

  const young = await open(t, `${service.url}?PROLIFIC_PID=5f9c02&AGE=17`);
  await young.page.click("#continue");
  await young.participant.phase("trouble", "start");
  assert.match(await young.page.textContent("#trouble"), /cannot take part/);

  const away = await open(t, `${service.url}?PROLIFIC_PID=5f9c03&SESSION_ID=x1`);
  await away.page.click("#continue");
  await away.participant.phase("ready", "still");
  await away.page.click("#start");
  await away.participant.phase("playing");
  await hide(away.page, true);
  await away.page.waitForFunction(() => document.querySelector("#notice").textContent.includes("stay on this page"));
  await away.participant.screenshot("gates-4-warning");
  await away.participant.phase("trouble", "still");
  assert.equal(await away.page.textContent("#trouble .code"), "EXCLUD3D");
  await hide(away.page, false);
  await away.participant.screenshot("gates-5-excluded");
  await away.page.click("#continue");
  await away.page.waitForURL(back("EXCLUD3D"));
  assert.deepEqual(away.asked, [back("EXCLUD3D")], "led back by itself");
  await away.page.goto(`${service.url}?PROLIFIC_PID=5f9c03`);
  await away.participant.phase("end");
  assert.equal(await away.page.textContent("#code .code"), "EXCLUD3D", "the same for whoever comes back");
  assert.equal(await away.page.$("#leaving"), null, "and is not led away again");
  await away.participant.screenshot("gates-6-end");

  for (const { participant } of [phone, other, young, away]) assert.deepEqual(participant.complaints, []);
  assert.equal(await service.stop(), 0, service.log);
  const globals = json(service.file("gated/still/5f9c03_globals.json"));
  assert.deepEqual(globals.url_parameters, { PROLIFIC_PID: "5f9c03", SESSION_ID: "x1" });
  const metadata = json(service.file("gated/still/5f9c03_metadata.json"));
  const excluded = metadata.participant.map(({ fact }) => fact).find(({ fact }) => fact === "excluded");
  assert.match(excluded.reason, /^the page was out of sight for \d+ ms, 4000 ms or more$/);
});
