/**
 * The operator's list and the film player in a real browser, against the stand-in.
 *
 * `npm run smoke`; needs Chromium and the vendored files. Screenshots are kept in test-output/screenshots.
 */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { after, before } from "node:test";
import { chromium } from "playwright-core";
import { actionOf, film, listed, start, stateOf } from "./stand_in_film.mjs";

const SHOTS = fileURLToPath(new URL("../../test-output/screenshots", import.meta.url));
const DIFFERENCE = { episode: 0, frame: 119, field: "rewards.left", recorded: "1", replayed: "0" };

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  });
});
after(() => browser?.close());

/**
 * @param {any} study @param {string} where @param {(tools: any) => Promise<void>} look
 * @param {any} [options] of the browser's context
 */
async function visit(study, where, look, options = {}) {
  const service = await start(study);
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  /** @type {string[]} */
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error.stack)));
  page.on("console", (message) => {
    if (process.env.LOUD) console.log(message.text());
    if (/Content Security Policy/.test(message.text())) errors.push(message.text());
  });
  const shot = (/** @type {string} */ name, more = {}) => page.screenshot({ path: join(SHOTS, `${name}.png`), ...more });
  const data = (/** @type {string} */ name) => page.evaluate((key) => document.documentElement.dataset[key], name);
  /** Waits until the picture shows this frame. */
  const frame = (/** @type {number} */ wanted) => page.waitForFunction(
    (number) => document.documentElement.dataset.frame === String(number), wanted,
  );
  const has = (/** @type {string} */ selector, /** @type {RegExp} */ words) => page.waitForFunction(
    ([where, source]) => new RegExp(source).test(document.querySelector(where)?.textContent ?? ""), [selector, words.source],
  );
  /** The colour at a place of a view's picture, in game pixels. */
  const colour = async (/** @type {number} */ view, /** @type {number} */ x, /** @type {number} */ y) => {
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    const canvas = page.locator(".screens figure").nth(view).locator("canvas");
    const png = (await canvas.screenshot()).toString("base64");
    return page.evaluate(async ([base64, left, top]) => {
      const image = new Image();
      image.src = `data:image/png;base64,${base64}`;
      await image.decode();
      const shown = new OffscreenCanvas(image.width, image.height);
      const context = /** @type {any} */ (shown.getContext("2d"));
      context.drawImage(image, 0, 0);
      const scale = image.width / 600;
      return [...context.getImageData(Math.round(left * scale), Math.round(top * scale), 1, 1).data].slice(0, 3);
    }, /** @type {[string, number, number]} */ ([png, x, y]));
  };
  try {
    await page.goto(service.url + where);
    await look({ service, page, shot, data, frame, has, colour });
    assert.deepEqual(errors, []);
  } catch (error) {
    await shot("failed-film");
    console.log(errors);
    throw error;
  } finally {
    await context.close();
    await service.stop();
  }
}

const near = (/** @type {number[]} */ a, /** @type {number[]} */ b) => a.every((value, index) => Math.abs(value - b[index]) < 24);
const BALL = [242, 183, 5];

test("the list: running games first, kept up to date, searched, and what it says when there is nothing", async () => {
  /** @type {any[]} */
  let games = [];
  await visit({ games: () => games, films: { whole: film() } }, "", async ({ page, shot, has, service }) => {
    await has(".empty", /No game has been played yet/);
    await shot("operator-empty");
    games = [
      listed("whole"), listed("bots", { mode: "streamed", scene: "kitchen", players: [{ agent: "0", subject: "cleo" }, { agent: "1", subject: null }], begun_at: Date.now() - 9e7 }),
      listed("gone", { ended: "left", frames: 41, episodes: 1 }),
      listed("now", { ended: null, frames: 12, episodes: 1, players: [{ agent: "left", subject: "dora" }, { agent: "right", subject: "emil" }] }),
    ];
    await has("#game-now", /playing/);
    const order = await page.$$eval("tbody tr", (/** @type {any[]} */ rows) => rows.map(({ id }) => id));
    assert.deepEqual(order, ["game-now", "game-whole", "game-gone", "game-bots"]);
    assert.match(await page.textContent("#game-now"), /dora.*emil.*Watch live/s);
    assert.match(await page.textContent("#game-gone"), /a player left/);
    await shot("operator-games");
    await page.focus("#game-now a");
    games = games.map((game) => (game.game === "now" ? { ...game, ended: "complete", frames: 600 } : game));
    await has("#game-now", /complete/);
    assert.equal(await page.evaluate(() => document.activeElement?.closest("tr")?.id), "game-now", "the focus stays");
    await page.fill("#search", "cleo kit");
    await page.waitForFunction(() => document.documentElement.dataset.games === "1");
    await page.fill("#search", "");
    service.control.mute = true;
    await has(".trouble", /does not answer/);
    service.control.mute = false;
    await page.waitForSelector(".trouble", { state: "hidden" });
    await page.setViewportSize({ width: 390, height: 800 });
    await shot("operator-phone");
    await page.click("#game-whole a");
    await has(".verdict", /Replayed 600 frames/);
  });
});

test("a replay plays, is scrubbed, stepped and sped up, with both players' views", async () => {
  await visit({ films: { whole: film() } }, "games/whole/", async ({ page, shot, data, frame, has, colour }) => {
    await has(".verdict", /^Replayed 600 frames: 600 rows and 10 states are equal to the record$/);
    await page.waitForFunction(() => Number(document.documentElement.dataset.frame) > 20);
    assert.equal(await data("playing"), "true");
    await page.keyboard.press("Space");
    assert.equal(await data("playing"), "false");
    assert.equal(await page.locator(".screens figure:visible").count(), 2, "both players' views");

    // Scrubbing: what the picture shows is what that frame has, in both views, whatever was seen before.
    const tracks = /** @type {any} */ (await page.locator(".tracks").boundingBox());
    const click = async (/** @type {number} */ wanted) => {
      await page.mouse.click(tracks.x + ((wanted + 0.5) / 301) * tracks.width, tracks.y + 40);
      await frame(wanted);
    };
    for (const wanted of [200, 45, 286]) {
      await click(wanted);
      const { ball } = stateOf(0, wanted);
      for (const view of [0, 1]) {
        const seen = await colour(view, ball.x, ball.y);
        assert.ok(near(seen, BALL), `frame ${wanted}, view ${view}: ${seen}`);
      }
      assert.ok(near(await colour(0, 20, 20), [191, 224, 245]) && near(await colour(1, 20, 20), [246, 217, 184]), "each its own");
    }
    assert.equal(await page.textContent("#frame"), "286");
    const actions = await page.$$eval(".now-action", (/** @type {any[]} */ found) => found.map(({ textContent }) => textContent));
    assert.deepEqual(actions, [0, 1].map((seat) => String(actionOf(seat, 286))));
    assert.match(await page.textContent(".film-hud"), /Points 2 : 3/);
    assert.deepEqual(await page.$$eval(".now-reward", (/** @type {any[]} */ found) => found.map(({ textContent }) => textContent)), ["reward 2", "reward 3"]);
    await shot("film-replay");

    // Keys.
    await page.keyboard.press("ArrowLeft");
    await frame(285);
    await page.keyboard.press("Shift+ArrowLeft");
    await frame(255);
    await page.keyboard.press("Home");
    await frame(0);
    await page.keyboard.press("ArrowRight");
    await frame(1);
    await page.keyboard.press("End");
    await frame(300);
    assert.match(page.url(), /#episode=1&frame=300$/);
    for (let times = 0; times < 6; times += 1) await page.keyboard.press("]");
    assert.equal(await page.inputValue("#speed"), "16");
    for (let times = 0; times < 9; times += 1) await page.keyboard.press("[");
    assert.equal(await page.inputValue("#speed"), "0.25");

    // Marks: in the list, on the time line, and as a place to go to.
    assert.match(await page.textContent(".film-legend"), /rolled back.*took over|away.*rolled back/s);
    await page.click(".events summary");
    assert.equal(await page.locator(".events li").count(), 10);
    await page.click("text=Frame 200 · right: the state differed from the reference");
    await frame(200);
    await page.locator(".tracks").hover({ position: { x: (200.5 / 301) * tracks.width, y: 26 + 24 + 50 + 10 } });
    await has(".tip", /frame 200.*right: action.*the state differed from the reference/);
    await shot("film-marks");

    // One view.
    await page.click("#views label:has-text('right')");
    assert.equal(await page.locator(".screens figure:visible").count(), 1);
    const { ball } = stateOf(0, 200);
    assert.ok(near(await colour(1, ball.x, ball.y), BALL), "alone, too");
    await shot("film-one-view");

    // The second episode.
    await page.selectOption("#episode", "1");
    await frame(0);
    assert.equal(await data("episode"), "1");
  });
});

test("sixteen times as fast, the picture keeps up and nothing is left out", async (t) => {
  await visit({ films: { long: film({ frames: 3000 }) } }, "games/long/#episode=1&frame=0", async ({ page, data, frame, colour }) => {
    await frame(0);
    await page.selectOption("#speed", "16");
    const began = Date.now();
    await page.click("#play");
    await page.waitForFunction(() => Number(document.documentElement.dataset.frame) > 2400);
    const seconds = (Date.now() - began) / 1000;
    await page.click("#play");
    await page.waitForFunction(() => document.documentElement.dataset.frame === document.querySelector("#frame")?.textContent);
    const at = Number(await data("frame"));
    const { ball } = stateOf(0, at);
    const seen = await colour(0, ball.x, ball.y);
    assert.ok(near(seen, BALL), `frame ${at}: ${seen}`);
    t.diagnostic(`${at} frames in ${seconds.toFixed(1)} s; it would be ${(2400 / 30 / 16).toFixed(1)} s for 2400`);
  });
});

test("a replay that parts from the record says where, and goes there", async () => {
  await visit({ films: { parted: film({ difference: DIFFERENCE }) } }, "games/parted/", async ({ page, shot, frame, has, data }) => {
    await has(".verdict", /^Differs from the record in the row with t = 119 of episode 1: rewards.left is 1 in the record, 0 in the replay. 119 rows are equal/);
    await page.click("#difference");
    await frame(120);
    assert.equal(await data("playing"), "false");
    await page.mouse.move(5, 5);
    await shot("film-differs");
  });
});

test("the environment's own frames, and one picture for everybody", async () => {
  await visit({ films: { images: film({ images: true }) } }, "games/images/#episode=1&frame=100", async ({ page, shot, frame, colour }) => {
    for (const wanted of [100, 131, 130]) {
      if (wanted === 131) await page.keyboard.press("Shift+ArrowRight").then(() => page.keyboard.press("ArrowRight"));
      if (wanted === 130) await page.keyboard.press("ArrowLeft");
      await frame(wanted);
      const { ball } = stateOf(0, wanted);
      assert.ok(near(await colour(0, ball.x, ball.y), [250, 200, 60]), `frame ${wanted}`);
    }
    assert.ok(await page.locator("#views").isHidden());
    await shot("film-images");
  });
});

test("a game that is being played is followed, until one scrubs back; and it ends", async () => {
  const liveFrom = Date.now() - 3000;
  await visit({ films: { live: film({ liveFrom, frames: 270 }) } }, "games/live/", async ({ page, shot, data, frame, has }) => {
    await page.waitForFunction(() => document.documentElement.dataset.live === "true" && Number(document.documentElement.dataset.frame) > 90);
    await page.waitForTimeout(1500);
    const behind = ((Date.now() - liveFrom) * 30) / 1000 - Number(await data("frame"));
    assert.ok(behind > 5 && behind < 45, `${behind} frames behind`);
    await shot("film-live");
    await page.keyboard.press("Home");
    await frame(0).catch(() => {});
    assert.equal(await data("live"), "false");
    await page.click("#live");
    await page.waitForFunction(() => document.documentElement.dataset.live === "true" && Number(document.documentElement.dataset.frame) > 100);
    await page.waitForFunction(() => document.documentElement.dataset.episode === "1");
    await has(".about", /complete/);
    await page.waitForFunction(() => document.documentElement.dataset.playing === "false");
    await frame(270);
    assert.ok(await page.locator("#live").isHidden());
    await has(".verdict", /Replayed 540 frames/);
  });
});

test("what cannot be shown is told: preparing, a failed film, no such game, no key, a lost service", async () => {
  const study = { films: { whole: film(), growing: film({ liveFrom: Date.now() - 2000, frames: 3000 }) } };
  await visit(study, "games/none/film.json", async ({ service, page, shot, has, frame }) => {
    Object.assign(service.control, { status: 503, said: "the film is being made" });
    await page.goto(`${service.url}games/whole/#episode=1&frame=7`);
    await has(".preparing", /being made/);
    service.control.status = 200;
    await frame(7);
    Object.assign(service.control, { status: 502, said: "the study's data have no archive: they are from before version 0.6" });
    await page.reload();
    await has("#trouble", /cannot be shown.*no archive/);
    await shot("film-failed");
    service.control.status = 404;
    await page.reload();
    await has("#trouble", /no such game/);
    Object.assign(service.control, { status: 200, slow: 1500 });
    await page.reload();
    await has(".film-status", /Loading/);
    service.control.slow = 0;
    await frame(0).catch(() => {});
    service.control.mute = true;
    await page.click("#end");
    await page.selectOption("#episode", "1");
    await has(".film-status", /does not answer/);
    service.control.mute = false;
    await page.waitForFunction(() => document.documentElement.dataset.episode === "1");
    // A film that breaks off can be looked at as far as it goes.
    await page.goto(`${service.url}games/growing/#episode=1&frame=7`);
    await frame(7);
    Object.assign(service.control, { status: 502, said: "step(): division by zero" });
    await has(".film-status", /division by zero/);
    await page.keyboard.press("ArrowRight");
    await frame(8);
  });
  const service = await start(study);
  service.control.cookie = true;
  const page = await browser.newPage();
  await page.goto(service.url);
  service.control.cookie = false;
  await page.waitForSelector("#trouble");
  assert.match(await page.textContent("#trouble"), /for operators/);
  await page.close();
  await service.stop();
});

test("on a phone, and in the dark", async () => {
  const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, colorScheme: "dark", hasTouch: true };
  await visit({ films: { whole: film() } }, "games/whole/#episode=1&frame=150", async ({ page, shot, frame }) => {
    await frame(150);
    await page.waitForTimeout(400);
    await shot("film-phone", { fullPage: true });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.ok(!wide, "nothing sticks out");
  }, phone);
});
