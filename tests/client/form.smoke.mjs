/**
 * Pages with questions in a real browser against the stand-in: every kind of question, by mouse and by keys; reloads, lost
 * connections, missing and wrong answers; and what axe-core says of the page.
 *
 * `npm run smoke`; needs Chromium. SHOTS=folder keeps screenshots to look at.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { chromium } from "playwright-core";
import { start } from "./stand_in.mjs";

const SHOTS = process.env.SHOTS;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const END = {
  id: "end",
  view: { kind: "end", page: { header: "Thank you", subheader: "", body: "" }, redirect: null, codes: [], bonuses: [] },
};
const picture = (/** @type {string} */ color, /** @type {string} */ shape) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 90"><rect width="120" height="90" fill="#eef2f4"/>${shape.replace("/>", ` fill="${color}"/>`)}</svg>`;
const FILES = {
  "circle.svg": picture("#2f7f9e", '<circle cx="60" cy="45" r="28"/>'),
  "square.svg": picture("#c2602c", '<rect x="35" y="20" width="50" height="50"/>'),
  "triangle.svg": picture("#5b7f2b", '<path d="M60 15 92 72H28z"/>'),
};
const option = (/** @type {string} */ id, label = id, /** @type {string | null} */ image = null) => ({ id, label, image });
const choice = (/** @type {any[]} */ options, more = {}) => ({
  kind: "choice", options, several: false, at_least: 1, at_most: options.length, shuffle: false, look: "list", ...more,
});
const question = (/** @type {string} */ id, /** @type {string} */ prompt, /** @type {any} */ ask, required = true) =>
  ({ id, prompt, required, ask });
const AGREE = ["Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree"];
const rows = [
  { id: "clear", label: "It was <b>clear</b> to me what the other player was going to do." },
  { id: "fair", label: "We shared the work fairly." }, { id: "again", label: "I would play with them again." },
];

const QUESTIONS = [
  question("consent", "<p><b>About this study.</b> You answer some questions about the game. It takes about three minutes. You "
    + "can stop at any time, and your answers are stored <i>without your name</i>.</p>",
    { kind: "consent", label: "I have read this, and I want to take part.", version: "2" }),
  question("age", "How old are you?", { kind: "number", min: 18, max: 99, whole: true, unit: "years" }),
  question("handle", "What shall we call you?", { kind: "text", lines: 1, max_length: 20, placeholder: "A name you like" }, false),
  question("hand", "With which hand do you write?", choice([option("left", "Left"), option("right", "Right"),
    option("both", "With <em>both</em>")])),
  question("devices", "What did you play on before?", choice(
    [option("pc", "A computer"), option("console", "A console"), option("phone", "A phone"), option("none", "Nothing yet")],
    { several: true, at_least: 1, at_most: 2 })),
  question("shape", "Which of these did you see in the game?", choice(
    [option("circle", "A circle", "files/circle.svg"), option("square", "A square", "files/square.svg"),
      option("triangle", "", "files/triangle.svg")], { look: "boxes" }), false),
  question("region", "Where do you live?", choice(
    [option("af", "Africa"), option("as", "Asia &amp; Oceania"), option("eu", "Europe"), option("am", "The Americas")],
    { look: "dropdown" })),
  question("fun", "How much fun was the game?", { kind: "scale", points: 7, labels: ["No fun at all", "Great fun"], slider: false }),
  question("speed", "How was the pace of it?",
    { kind: "scale", points: 5, labels: ["Far too slow", "A bit slow", "Just right", "A bit fast", "Far too fast"], slider: false }, false),
  question("effort", "How hard did you try?",
    { kind: "scale", points: 21, labels: ["Not at all", "Somewhat", "As hard as I could"], slider: true }),
  question("partner", "<p>Please think of the <b>other player</b>.</p><p>How far do you agree?</p>",
    { kind: "grid", rows, columns: AGREE, shuffle: false }),
  question("story", "Is there anything that you would like to tell us?",
    { kind: "text", lines: 4, max_length: 200, placeholder: "" }, false),
];
const form = (questions = QUESTIONS, more = {}) => ({
  id: "form",
  view: {
    kind: "form", questions, answers: {}, tries_left: null, wrong: [],
    page: { header: "After the game", subheader: "Your answers help us a lot", body: "<p>There are no right or wrong answers.</p>" },
    ...more,
  },
});

/** @type {string} */
let folder;
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "greenroom-form-"));
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content);
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  });
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @param {any[]} scenes @param {(tools: any) => Promise<void>} play @param {any} [settings] of the browser's context */
async function study(scenes, play, settings = {}) {
  const service = await start({ scenes, files: folder });
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...settings });
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  /** @type {string[]} */
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error.stack)));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) errors.push(message.text());
  });
  const data = (/** @type {string} */ name, /** @type {string} */ value) => page.waitForFunction(
    ([name, value]) => document.documentElement.dataset[name] === value, [name, value], { timeout: 20_000 },
  );
  const shot = async (/** @type {string} */ name, fullPage = true) =>
    SHOTS && page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage });
  try {
    await page.goto(`${service.url}ann`);
    await play({
      service, page, shot, phase: (/** @type {string} */ v) => data("phase", v),
      scene: (/** @type {string} */ v) => data("scene", v),
      online: (/** @type {string} */ v) => data("connection", v),
      saved: (/** @type {string} */ v) => page.waitForSelector(`#saved[data-state="${v}"]`),
      stored: () => service.people.get("ann").answers ?? {},
      said: (/** @type {string} */ type) =>
        service.log.filter((/** @type {any} */ entry) => entry.type === type).map((/** @type {any} */ { body }) => body),
    });
    assert.deepEqual(errors, []);
  } catch (error) {
    await shot("failed");
    throw error;
  } finally {
    await context.close();
    await service.stop();
  }
}

/** @param {any} page @param {string} id */
const of = (page, id) => page.locator(`[data-question="${id}"].ask`);

/** What axe-core finds serious or critical. @param {any} page */
async function axe(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })");
  return violations
    .filter((/** @type {any} */ { impact }) => ["serious", "critical"].includes(impact))
    .map((/** @type {any} */ { id, help, nodes }) => `${id}: ${help}: ${nodes.map((/** @type {any} */ n) => n.html).join(" | ").slice(0, 400)}`);
}

/** Presses on a slider at a part of its length. @param {any} page @param {string} id @param {number} share */
async function slide(page, id, share) {
  const slider = of(page, id).locator("input[type=range]");
  await slider.scrollIntoViewIfNeeded();
  const box = await slider.boundingBox();
  await page.mouse.click(box.x + box.width * share, box.y + box.height / 2);
}

/** Nothing sticks out at the side. @param {any} page */
const overhang = (page) => page.evaluate("document.documentElement.scrollWidth - innerWidth");

test("every kind of question is answered, survives a reload, and reaches the service once", { timeout: 90_000 }, async () => {
  await study([form(), END], async ({ service, page, shot, phase, scene, saved, stored, said }) => {
    await phase("form");
    assert.equal(await page.textContent("h1"), "After the game");
    assert.equal(await page.textContent("#saved"), "", "there is nothing to save yet");
    const named = /** @type {Array<[any, RegExp]>} */ ([
      ["checkbox", /I have read this.*required/], ["textbox", /How old are you/], ["textbox", /What shall we call you/],
      ["radiogroup", /With which hand.*required/], ["radio", /^With both$/], ["group", /What did you play on/],
      ["radio", /^triangle$/], ["combobox", /Where do you live/], ["radio", /^1 ?, No fun at all$/], ["radio", /^2$/],
      ["slider", /How hard did you try/], ["radiogroup", /We shared the work fairly/], ["textbox", /anything that you/],
    ]);
    for (const [role, name] of named) assert.equal(await page.getByRole(role, { name }).count(), 1, `${role} ${name}`);
    await shot("form-empty");
    await of(page, "consent").locator("input").check();
    await of(page, "age").locator("input").pressSequentially("34", { delay: 60 });
    await saved("saving");
    assert.equal(said("answered").length, 1, "typing waits for a pause");
    await of(page, "handle").locator("input").pressSequentially("Äda <b>", { delay: 20 });
    await of(page, "handle").locator("input").press("Enter");
    await of(page, "hand").getByText("both").click();
    await saved("saved");
    assert.deepEqual(stored(), { consent: true, age: 34, handle: "Äda <b>", hand: "both" });
    assert.equal(said("continue").length, 0, "Enter in a box does not leave the page");

    await of(page, "devices").getByText("A phone").click();
    await of(page, "devices").getByText("A computer").click();
    await of(page, "shape").locator("img").last().click();
    await of(page, "region").locator("select").selectOption({ label: "Asia & Oceania" });
    await saved("saved");
    await page.reload();
    await phase("form");
    assert.equal(await of(page, "age").locator("input").inputValue(), "34");
    assert.equal(await of(page, "handle").locator("input").inputValue(), "Äda <b>");
    assert.deepEqual(await page.evaluate("[...document.querySelectorAll('.form :checked')].map((mark) => mark.value)"),
      ["on", "both", "pc", "phone", "triangle", "1"]);
    assert.equal(await page.textContent("#saved"), "");

    const slider = of(page, "effort").locator("input");
    assert.equal(await slider.getAttribute("aria-valuetext"), "Not answered yet");
    await of(page, "fun").getByText("6").click();
    await of(page, "speed").getByText("Just right").click();
    await slide(page, "effort", 0.5);
    await saved("saved");
    assert.equal(stored().effort, 10, "a press where the handle would be is an answer");
    await slide(page, "effort", 0.9);
    assert.match(await slider.getAttribute("aria-valuetext"), /^19 of 21$|^18 of 21$/);
    for (const [row, column] of [[0, 3], [1, 4], [2, 4]]) await page.locator(`label[for="q10-${row}-${column}"]`).click();
    await of(page, "story").locator("textarea").fill("x".repeat(170));
    assert.equal(await of(page, "story").locator(".count-line").textContent(), "170 of at most 200 characters");
    // Left at once: what was typed goes first.
    await shot("form-filled");
    assert.deepEqual(await axe(page), []);
    await page.click("#continue");
    await scene("end");
    const last = new Map(said("answered").map((/** @type {any} */ { question, answer }) => [question, answer]));
    assert.deepEqual(last.get("devices"), ["pc", "phone"], "in the order of the question");
    assert.equal(last.get("shape"), "triangle");
    assert.equal(last.get("region"), "as");
    assert.equal(last.get("fun"), 5);
    assert.equal(last.get("speed"), 2);
    assert.deepEqual(last.get("partner"), { clear: 3, fair: 4, again: 4 });
    assert.equal(last.get("story"), "x".repeat(170));
    const times = said("answered").map((/** @type {any} */ { ms }) => ms);
    assert.ok(times.every((/** @type {number} */ ms) => ms >= 0 && ms < 60_000));
    const numbers = said("answered").map((/** @type {any} */ { number }) => number);
    assert.equal(numbers.filter((/** @type {number} */ number) => number === 1).length, 2, "counted anew after the reload");
    assert.equal(service.log.at(-1).type, "continue");
  });
});

test("what is missing is told at each question, in a summary, and only until it is mended", { timeout: 60_000 }, async () => {
  await study([form(), END], async ({ page, shot, phase, scene, said }) => {
    await phase("form");
    await of(page, "age").locator("input").fill("seventeen");
    await of(page, "devices").getByText("A phone").click();
    for (const label of ["A computer", "A console"]) await of(page, "devices").getByText(label).click();
    await page.locator('label[for="q10-0-1"]').click();
    await page.click("#continue");
    const complaints = () => page.evaluate(
      "[...document.querySelectorAll('.complaint:not([hidden])')].map((one) => one.closest('.ask').dataset.question)");
    assert.deepEqual(await complaints(), ["consent", "age", "hand", "devices", "region", "fun", "effort", "partner"]);
    assert.equal(said("continue").length, 0, "nobody needs the service for this");
    assert.equal(await page.evaluate("document.activeElement.id"), "q0-field", "the first has the focus");
    const age = of(page, "age");
    assert.match(await age.locator(".complaint").textContent(), /digits/);
    assert.equal(await age.locator("input").getAttribute("aria-invalid"), "true");
    assert.match(await age.locator("input").getAttribute("aria-describedby"), /q1-complaint/);
    assert.equal(await of(page, "hand").getAttribute("aria-invalid"), "true");
    assert.deepEqual(await page.locator(".grid-row[aria-invalid]").count(), 2, "the rows that lack an answer");
    assert.match(await page.textContent("#summary"), /8 questions still need you/);
    assert.equal(await page.getAttribute("#summary", "role"), "alert");
    await shot("form-lacks");
    assert.deepEqual(await axe(page), []);

    await page.click('#summary a:has-text("How old")');
    assert.equal(await page.evaluate("document.activeElement.id"), "q1-field");
    assert.match(page.url(), /\/ann$/, "the link stays on the page");
    await age.locator("input").fill("17");
    assert.match(await age.locator(".complaint").textContent(), /at least 18/);
    await age.locator("input").fill("18");
    assert.equal(await age.locator(".complaint").isVisible(), false);
    assert.equal(await age.locator("input").getAttribute("aria-invalid"), null);
    await of(page, "devices").getByText("A console").click();
    // The rest by keys alone.
    await page.focus("#q0-field");
    await page.keyboard.press("Space");
    await page.focus("#q3-0");
    await page.keyboard.press("ArrowDown");
    await page.focus("#q6-field");
    await page.keyboard.press("E");
    await page.focus("#q7-0");
    await page.keyboard.press("ArrowRight");
    await page.focus("#q9-field");
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowRight");
    for (const row of [1, 2]) {
      await page.focus(`#q10-${row}-2`);
      await page.keyboard.press("Space");
    }
    assert.deepEqual(await complaints(), []);
    assert.equal(await page.textContent("#summary"), "");
    await page.click("#continue");
    await scene("end");
    const last = new Map(said("answered").map((/** @type {any} */ { question, answer }) => [question, answer]));
    assert.deepEqual(last.get("partner"), { clear: 1, fair: 2, again: 2 });
    assert.equal(last.get("effort"), 11);
    assert.equal(last.get("hand"), "right");
  });
});

test("what is typed while the connection is lost arrives, once and in order, before the page is left", { timeout: 60_000 }, async () => {
  const questions = QUESTIONS.filter(({ id }) => ["age", "handle", "hand", "story"].includes(id));
  await study([form(questions), END], async ({ service, page, shot, phase, scene, online, saved, stored, said }) => {
    await phase("form");
    await of(page, "age").locator("input").fill("40");
    await saved("saved");
    // The service hears nothing any more; then the line is dead, too.
    service.control.mute = true;
    await of(page, "hand").getByText("Left").click();
    await page.waitForSelector("#saved:text-is('Saving…')");
    service.control.away = true;
    service.drop();
    await online("waiting");
    service.control.mute = false;
    await of(page, "handle").locator("input").pressSequentially("Ann", { delay: 150 });
    await saved("offline");
    assert.equal(await page.textContent("#saved"), "Not saved yet: no connection");
    await of(page, "age").locator("input").fill("41");
    await of(page, "story").locator("textarea").pressSequentially("lost and found", { delay: 5 });
    const status = page.locator("#status");
    assert.match(await status.textContent(), /connection is lost/);
    const place = await status.boundingBox();
    assert.ok(place.y + place.height <= 900, "it is in sight wherever one is on the page");
    await shot("form-offline", false);
    // Even a page that is loaded anew has it, once it can be loaded.
    service.control.away = false;
    await page.reload();
    await phase("form");
    await saved("saved");
    assert.deepEqual(stored(), { age: 41, hand: "left", handle: "Ann", story: "lost and found" });
    assert.equal(await page.evaluate("Object.keys(sessionStorage).filter((key) => key.includes('unsaved')).length"), 0);

    // A press on the button while there is no connection.
    service.control.away = true;
    service.drop();
    await online("waiting");
    await of(page, "story").locator("textarea").pressSequentially("!", { delay: 5 });
    await page.click("#continue");
    await saved("offline");
    service.control.away = false;
    await scene("end");
    assert.equal(said("answered").at(-1).answer, "lost and found!");
    assert.equal(service.log.at(-1).type, "continue");
    assert.equal(said("continue").length, 1);
  });
});

test("a service that cannot store is asked again, and everything before the button", { timeout: 60_000 }, async () => {
  const questions = QUESTIONS.filter(({ id }) => ["age", "hand"].includes(id));
  await study([form(questions), END], async ({ service, page, phase, scene, said }) => {
    await phase("form");
    service.control.full = true;
    await of(page, "age").locator("input").fill("40");
    await of(page, "hand").getByText("Left").click();
    await page.waitForTimeout(300);
    service.control.full = false;
    await page.waitForSelector('#saved[data-state="saved"]');
    const numbers = said("answered").map((/** @type {any} */ { number }) => number);
    assert.deepEqual(numbers.slice(-2), [1, 2]);
    await page.click("#continue");
    await scene("end");
  });
});

test("wrong answers may be mended, and a lost verdict costs no second try", { timeout: 60_000 }, async () => {
  const questions = [
    question("goal", "What is the goal of the game?", choice([option("coins", "To collect coins"), option("exit", "To find the exit")])),
    question("keys", "Which keys move you?", choice([option("arrows", "The arrow keys"), option("letters", "Letters")])),
  ];
  let lose = true;
  const judge = (/** @type {any} */ answers, /** @type {any} */ person) => {
    if (answers.goal === "exit") return null;
    person.tries = (person.tries ?? 3) - 1;
    if (lose) person.socket.terminate();
    lose = false;
    return { lacks: {}, wrong: ["goal"], tries_left: person.tries };
  };
  await study([form(questions, { judge, tries_left: 3 }), END], async ({ page, shot, phase, scene, said }) => {
    await phase("form");
    await of(page, "goal").getByText("coins").click();
    await of(page, "keys").getByText("arrow").click();
    await page.click("#continue");
    await page.waitForSelector("#summary:has-text('2 more times')");
    assert.equal(said("continue").length, 1);
    assert.match(await of(page, "goal").locator(".complaint").textContent(), /not the right answer yet/);
    assert.equal(await of(page, "keys").locator(".complaint").isVisible(), false);
    assert.equal(await page.evaluate("document.activeElement.id"), "q0-0");
    await shot("form-wrong");
    await page.reload();
    await phase("form");
    assert.ok(await of(page, "goal").locator(".complaint").isVisible(), "a reload does not hide what is wrong");
    await of(page, "goal").getByText("exit").click();
    assert.equal(await of(page, "goal").locator(".complaint").isVisible(), false);
    await page.click("#continue");
    await scene("end");
  });
});

test("an answer that nobody has to give can be taken back", { timeout: 60_000 }, async () => {
  const optional = QUESTIONS.filter(({ ask }) => ["scale", "grid"].includes(ask.kind) || ask.look === "list")
    .map((one) => ({ ...one, required: false }));
  await study([form(optional), END], async ({ page, phase, saved, stored }) => {
    await phase("form");
    await of(page, "hand").getByText("Left").click();
    await of(page, "fun").getByText("3").click();
    await slide(page, "effort", 0.2);
    await page.locator(".cell").first().click();
    await saved("saved");
    assert.deepEqual(Object.keys(stored()).sort(), ["effort", "fun", "hand", "partner"]);
    for (const id of ["hand", "fun", "effort", "partner"]) await of(page, id).locator(".clear").click();
    await page.waitForTimeout(200);
    await saved("saved");
    assert.deepEqual(stored(), {});
    assert.equal(await page.locator(".form :checked").count(), 0);
  });
});

for (const [name, settings, direction] of /** @type {Array<[string, any, string]>} */ ([
  ["phone", { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }, "ltr"],
  ["phone-dark", { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, colorScheme: "dark" }, "ltr"],
  ["rtl", {}, "rtl"], ["dark", { colorScheme: "dark" }, "ltr"],
  ["phone-rtl", { viewport: { width: 360, height: 740 } }, "rtl"],
])) {
  test(`the page fits and is accessible: ${name}`, { timeout: 60_000 }, async () => {
    await study([form(), END], async ({ page, shot, phase, saved }) => {
      await phase("form");
      if (direction === "rtl") await page.evaluate("document.documentElement.dir = 'rtl'");
      await of(page, "hand").getByText("Left").click();
      await of(page, "fun").getByText("3").click();
      await of(page, "shape").locator("img").first().click();
      await of(page, "speed").getByText("A bit fast").click();
      await slide(page, "effort", 0.25);
      await page.locator('label[for="q10-1-3"]').click();
      await saved("saved");
      assert.equal(await overhang(page), 0);
      assert.deepEqual(await axe(page), []);
      await page.click("#continue");
      assert.equal(await overhang(page), 0);
      await shot(`form-${name}`);
      assert.deepEqual(await axe(page), []);
      const small = await page.evaluate(`[...document.querySelectorAll(".form label, .form button, .form select, .form .field")]
        .map((one) => [one.className, one.getBoundingClientRect()]).filter(([, box]) => box.height > 0 && box.height < 24)`);
      assert.deepEqual(small.filter((/** @type {any} */ [kind]) => kind !== "head"), []);
    }, settings);
  });
}
