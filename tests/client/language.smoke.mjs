/**
 * Other languages in a real browser against the stand-in: German words, and pages from right to left.
 *
 * `npm run smoke`; needs Chromium. SHOTS=folder keeps screenshots to look at.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { chromium } from "playwright-core";
import { gym, language, page as reading, start } from "./stand_in.mjs";

const SHOTS = process.env.SHOTS;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const VIEWPORTS = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

const GAME = `
from greenroom import Surface

class Walk:
    def __init__(self):
        self.surface = Surface(600, 400)

    def reset(self, seed=None, options=None):
        self.x = 300
        return [self.x], {}

    def step(self, action):
        self.x += 5 * (action - 1)
        return [self.x], 0.5, False, False, {}

    def render(self):
        self.surface.circle(id="me", x=self.x, y=200, radius=20, color="navy")
        return self.surface.commit()

env = Walk()
`;

const choice = (/** @type {string[]} */ labels, /** @type {string} */ look) => ({
  kind: "choice", options: labels.map((label, index) => ({ id: String(index), label, image: null })),
  several: false, at_least: 1, at_most: labels.length, shuffle: false, look,
});

/** A form with a question of each look. @param {any} said what the researcher has written */
function form(said) {
  const question = (/** @type {string} */ id, /** @type {any} */ ask, required = true) =>
    ({ id, prompt: said[id], required, ask });
  return {
    id: "form",
    view: {
      kind: "form", answers: {}, tries_left: null, wrong: [],
      page: { header: said.header, subheader: said.subheader, body: `<p>${said.body}</p>` },
      questions: [
        question("age", { kind: "number", min: 18, max: 1500, whole: true, unit: said.years }),
        question("hand", choice(said.hands, "list")),
        question("home", choice(said.hands, "dropdown"), false),
        question("fun", { kind: "scale", points: 7, labels: said.ends, slider: false }),
        question("effort", { kind: "scale", points: 21, labels: said.ends, slider: true }),
        question("partner", {
          kind: "grid", rows: [{ id: "a", label: said.fun }, { id: "b", label: said.effort }], columns: said.agree, shuffle: false,
        }),
        question("story", { kind: "text", lines: 3, max_length: 200, placeholder: "" }, false),
      ],
    },
  };
}

const ENGLISH = {
  header: "After the game", subheader: "A few questions", body: "There are no right or wrong answers.", years: "years",
  age: "How old are you?", hand: "Which hand do you write with?", home: "And at home?", fun: "How was it?",
  effort: "How hard was it?", partner: "Do you agree?", story: "Anything else?", hands: ["Left", "Right"],
  ends: ["Not at all", "Very"], agree: ["No", "Partly", "Yes"],
};
const ARABIC = {
  header: "بعد اللعبة", subheader: "بعض الأسئلة", body: "لا توجد إجابات صحيحة أو خاطئة.", years: "سنة",
  age: "كم عمرك؟", hand: "بأي يد تكتب؟", home: "وفي البيت؟", fun: "كيف كانت اللعبة؟",
  effort: "ما مدى صعوبتها؟", partner: "هل توافق؟", story: "هل تريد أن تضيف شيئًا؟", hands: ["اليسرى", "اليمنى"],
  ends: ["إطلاقًا", "كثيرًا"], agree: ["لا", "جزئيًا", "نعم"],
};

/** English, and some texts in Arabic, as a researcher gives them. */
function arabic() {
  const words = language("en");
  Object.assign(words, {
    continue: "متابعة", start: "ابدأ اللعبة", readyTogether: "جاهز", keys: "المفاتيح", score: "النقاط", timeLeft: "الوقت المتبقي",
    hudEpisode: "الجولة", episode: "الجولة {number} من {of}", ready: "اللعبة جاهزة.", seconds: "{seconds} ث", moment: "لحظة…",
  });
  Object.assign(words.waitingRoom, {
    header: "في انتظار لاعبين آخرين", position: "مكانك في الطابور", count: "عدد المنتظرين الآن", size: "عدد اللاعبين المطلوب",
    waited: "مدة انتظارك", left: "أقصى مدة متبقية", leave: "إنهاء الانتظار",
    keepOpen: "يرجى إبقاء هذه الصفحة مفتوحة وظاهرة. تبدأ اللعبة تلقائيًا عند وجود عدد كافٍ من اللاعبين.",
    leaveQuestion: "هل تريد حقًا إنهاء الانتظار؟ لن تشارك في هذه اللعبة.", leaveYes: "نعم، إنهاء الانتظار", leaveNo: "مواصلة الانتظار",
  });
  Object.assign(words.form, {
    required: "(مطلوب)", choose: "يرجى الاختيار…",
    summary: {
      one: "سؤال واحد ما زال بحاجة إليك:", two: "سؤالان ما زالا بحاجة إليك:", few: "{count} أسئلة ما زالت بحاجة إليك:",
      other: "{count} سؤالًا ما زال بحاجة إليك:",
    },
  });
  words.form.missing.number = "يرجى كتابة رقم هنا.";
  words.form.faults.too_large = "يجب ألا يزيد العدد على {bound}.";
  return words;
}

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  });
});
after(() => browser?.close());

/** @param {any} options of the stand-in @param {{width: number, height: number}} viewport @param {(tools: any) => Promise<void>} play */
async function study(options, viewport, play) {
  const service = await start(options);
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  /** @type {string[]} */
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error.stack)));
  const shot = async (/** @type {string} */ name, fullPage = true) =>
    SHOTS && page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage });
  const phase = (/** @type {string} */ value) => page.waitForFunction(
    (wanted) => document.documentElement.dataset.phase === wanted, value, { timeout: 60_000 },
  );
  try {
    await page.goto(`${service.url}ann`);
    await play({ service, page, shot, phase });
    assert.deepEqual(errors, []);
  } catch (error) {
    await shot("failed");
    throw error;
  } finally {
    await context.close();
    await service.stop();
  }
}

/** Nothing sticks out at a side, and axe-core finds nothing serious. @param {any} page */
async function sound(page) {
  assert.equal(await page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0);
  await page.evaluate(AXE);
  const { violations } = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })");
  const serious = violations.filter((/** @type {any} */ { impact }) => ["serious", "critical"].includes(impact));
  assert.deepEqual(serious.map((/** @type {any} */ { id, nodes }) => `${id}: ${nodes.map((/** @type {any} */ n) => n.html)}`), []);
}

test("German: the words, the plural, and numbers", { timeout: 60_000 }, async () => {
  await study({ scenes: [form(ENGLISH)], lang: "de", texts: "de" }, VIEWPORTS.desktop, async ({ page, shot, phase }) => {
    await phase("form");
    assert.equal(await page.getAttribute("html", "lang"), "de");
    assert.equal(await page.textContent("#continue"), "Weiter");
    await page.click("#continue");
    assert.match(await page.textContent("#summary"), /^5 Fragen sind noch offen:/);
    await page.fill("#q0-field", "2000");
    assert.match(await page.textContent('[data-question="age"] .complaint'), /höchstens 1\.500 sein/);
    await page.fill("#q0-field", "30");
    for (const label of ["Left"]) await page.locator(".option", { hasText: label }).click();
    await page.locator(".point").first().click();
    await page.locator(".ask-slider input").focus();
    await page.keyboard.press("Enter");
    await page.click("#continue");
    assert.match(await page.textContent("#summary"), /^Eine Frage ist noch offen:/);
    await sound(page);
    await shot("de-form");
  });
});

for (const [name, viewport] of Object.entries(VIEWPORTS)) {
  test(`from right to left: form, game and waiting room, ${name}`, { timeout: 150_000 }, async () => {
    const group = { agents: ["left", "right"], max_prediction: 8, smoothing_ms: 120, hide_lobby_count: false };
    const intro = reading(ARABIC.header, `<p>${ARABIC.body}</p>`);
    const game = gym(GAME, {
      page: { header: ARABIC.header, subheader: ARABIC.subheader, body: `<p>${ARABIC.body}</p>` }, max_steps: 3000,
      in_game_body: `<p>${ARABIC.body}</p>`,
    });
    const together = { ...gym(GAME, { policies: { left: "human", right: "human" }, group }), page: game.page };
    const common = { lang: "ar", texts: arabic() };
    await study({ ...common, scenes: [{ id: "start", view: intro }, form(ARABIC)] }, viewport, async ({ page, shot, phase }) => {
      await phase("page");
      assert.equal(await page.getAttribute("html", "dir"), "rtl");
      await shot(`rtl-page-${name}`);
      await page.click("#continue");
      await phase("form");
      await page.click("#continue");
      assert.match(await page.textContent("#summary"), /^(5|٥) أسئلة/);
      await page.locator(".option").first().click();
      await page.locator(".point").nth(1).click();
      await page.locator(".ask-slider input").focus();
      await page.keyboard.press("Enter");
      await sound(page);
      await shot(`rtl-form-${name}`);
    });
    await study({ ...common, scenes: [{ id: "game", view: game }] }, viewport, async ({ page, shot, phase }) => {
      await phase("ready");
      await sound(page);
      await shot(`rtl-intro-${name}`);
      await page.click("#start");
      await phase("playing");
      const place = () => page.locator("#game").boundingBox();
      const { x, width } = await place();
      assert.ok(x >= 0 && x + width <= viewport.width + 1, "the game is in sight");
      assert.match(await page.textContent("#hud"), /الجولة/);
      await sound(page);
      await shot(`rtl-game-${name}`, false);
    });
    await study({ ...common, scenes: [{ id: "game", view: together }] }, viewport, async ({ page, shot, phase }) => {
      await phase("ready");
      await page.click("#start");
      await phase("waiting");
      await page.click("#leave");
      await sound(page);
      await shot(`rtl-waiting-${name}`);
    });
  });
}
