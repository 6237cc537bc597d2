/**
 * The pages at the gates of a study, against the stand-in: why somebody is not let in, the code, and the way back to a
 * panel; and what axe-core says of them.
 *
 * `npm run smoke`; needs Chromium. SHOTS=folder keeps screenshots to look at.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { chromium } from "playwright-core";
import { start } from "./stand_in.mjs";

const SHOTS = process.env.SHOTS;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PANEL = "https://panel.example/done?cc=C0DE";
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const why = {
  kind: "trouble",
  page: { header: "Thank you for your interest", subheader: "", body: "<p>This study does not work on phones.</p>" },
  code: "SCREENED",
};
const end = (/** @type {number | null} */ after_s) => ({
  kind: "end", page: { header: "The end", subheader: "", body: "<p>Thank you.</p>" }, redirect: PANEL, after_s,
  code: { reason: "complete", code: "C0DE" }, codes: [{ reason: "partner_lost", code: "7KQ2MNPX" }],
});

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  });
});
after(async () => await browser?.close());

for (const [size, viewport] of Object.entries(SIZES)) {
  test(`${size}: why not, the code, and the way back`, async () => {
    const service = await start({ scenes: [{ id: "start", view: why }, { id: "end", view: end(2) }] });
    const context = await browser.newContext({ viewport });
    try {
      /** @type {string[]} */
      const asked = [];
      await context.route("https://panel.example/**", (route) => {
        asked.push(route.request().url());
        return route.fulfill({ contentType: "text/html", body: "<h1>The panel</h1>" });
      });
      const page = await context.newPage();
      /** @type {string[]} */
      const errors = [];
      page.on("pageerror", (error) => errors.push(String(error.stack)));
      const shot = async (/** @type {string} */ name) =>
        SHOTS && page.screenshot({ path: join(SHOTS, `gates-${size}-${name}.png`) });
      const accessible = async () => {
        await page.evaluate(AXE);
        const found = await page.evaluate(() => /** @type {any} */ (globalThis).axe.run());
        const serious = found.violations.filter((/** @type {any} */ of) => ["serious", "critical"].includes(of.impact));
        assert.deepEqual(serious.map((/** @type {any} */ of) => of.id), []);
      };
      await page.goto(service.url);
      await page.waitForSelector("#trouble .code");
      await accessible();
      await shot("why");
      await page.click("#continue");
      await page.waitForSelector("#code .code");
      assert.equal(await page.textContent("#code .code"), "C0DE");
      assert.equal(await page.getAttribute("#redirect", "href"), PANEL);
      await shot("end");
      await page.waitForURL(PANEL);
      assert.deepEqual(asked, [PANEL], "led back by itself");
      await page.goto(service.url);
      await page.waitForSelector("#code .code");
      assert.equal(await page.$("#leaving"), null, "but not a second time");
      await accessible();
      assert.deepEqual(errors, []);
    } finally {
      await context.close();
      await service.close?.();
    }
  });
}

test("whoever wants to stay stays, and a warning is seen above the page", async () => {
  const service = await start({ scenes: [{ id: "end", view: end(600) }] });
  const context = await browser.newContext({ viewport: SIZES.phone });
  try {
    const page = await context.newPage();
    await page.goto(service.url);
    await page.click("#stay");
    assert.match(await page.textContent("#leaving") ?? "", /You stay/);
    assert.equal(await page.$("#stay"), null);
    await page.evaluate(() => { /** @type {HTMLElement} */ (document.querySelector("#notice")).textContent = "Slow"; });
    assert.ok(await page.isVisible("#notice"));
    if (SHOTS) await page.screenshot({ path: join(SHOTS, "gates-notice.png") });
  } finally {
    await context.close();
    await service.close?.();
  }
});
