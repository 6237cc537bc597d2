/**
 * What a game is played with and how it shows and sounds, in a real browser: fingers, mouse, gamepad, phone, sounds.
 *
 * Part of `npm run smoke`. SHOTS=folder keeps screenshots to look at.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { decode } from "@msgpack/msgpack";
import { chromium } from "playwright-core";
import { gym, page as text, start } from "./stand_in.mjs";

const SHOTS = process.env.SHOTS;
const CODE = `
from greenroom import Surface

class Meadow:
    def __init__(self):
        self.surface = s = Surface(600, 400)
        s.register_spritesheet("tiles", "tiles.svg", 32, 32)
        s.register_multi_atlas("world", "maps/world.json")
        s.register_animation("walk", "tiles", [0, 1, 2, 3], fps=8)
        s.register_sound("ding", "ding.wav")

    def reset(self, seed=None, options=None):
        self.t, self.last = 0, None
        self.surface.reset()
        return [0.0], {}

    def step(self, action):
        self.t += 1
        if isinstance(action, dict):
            self.last = action
        if isinstance(action, dict) and action["pressed"] or action == 3:
            self.surface.sound("ding", volume=0.2)
        return [0.0], 0.0, False, False, {}

    def render(self):
        s = self.surface
        s.image(id="hero", animation="walk", x=270, y=170, w=60, h=60)
        s.image(image_name="world", frame="tree", x=40, y=40, w=64, h=64)
        s.image(image_name="world", frame="rock", x=500, y=300, w=64, h=64)
        if self.last:
            s.circle(x=self.last["x"], y=self.last["y"], radius=12, color="red")
        s.text(text=str(self.last), x=300, y=390, anchor=(0.5, 1), size=16)
        return s.commit()

env = Meadow()
`;
const square = (/** @type {string} */ color) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32"><rect width="32" height="32" fill="${color}"/></svg>`;
const tile = (/** @type {number} */ x, /** @type {string} */ color) =>
  `<rect x="${x}" width="32" height="32" fill="${color}"/>`;
const frame = { x: 0, y: 0, w: 32, h: 32 };
/** A tenth of a second of silence, as 8-bit PCM. */
const WAV = Buffer.concat([
  Buffer.from("RIFF"), Buffer.from([0x44, 3, 0, 0]), Buffer.from("WAVEfmt "),
  Buffer.from([16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x40, 0x1f, 0, 0, 1, 0, 8, 0]), Buffer.from("data"),
  Buffer.from([0x20, 3, 0, 0]), Buffer.alloc(800, 128),
]);
const FILES = {
  "tiles.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="128" height="32">'
    + tile(0, "#c0392b") + tile(32, "#27ae60") + tile(64, "#2980b9") + tile(96, "#8e44ad") + "</svg>",
  "sky.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><rect width="60" height="24" fill="#bfe0f7"/>'
    + '<rect y="24" width="60" height="16" fill="#8cc084"/></svg>',
  "maps/a.svg": square("#1e5631"),
  "maps/b.svg": square("#777777"),
  "maps/world.json": JSON.stringify({ textures: [
    { image: "a.svg", frames: [{ filename: "tree", frame }] }, { image: "b.svg", frames: [{ filename: "rock", frame }] },
  ] }),
  "ding.wav": WAV,
};
const END = {
  id: "end",
  view: { kind: "end", page: { header: "Thank you", subheader: "", body: "" }, redirect: null, codes: [] },
};
const BINDINGS = [["ArrowLeft"], ["ArrowUp"], ["ArrowRight"], [" "], ["ArrowLeft", "ArrowUp"], ["Gamepad.A"]];

/** @type {string} */
let folder;
/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "greenroom-play-"));
  mkdirSync(join(folder, "maps"));
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content);
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  });
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/**
 * @param {any} options of the game's view @param {any} device of the browser's context
 * @param {(tools: any) => Promise<void>} play
 */
async function game(options, device, play) {
  const view = gym(CODE, {
    episodes: 1, max_steps: 5000, files: "files/", actions: [0, 1, 2, 3, 4, 5, 6], default_action: 6, background_image: "sky.svg",
    ...options, input: { bindings: BINDINGS, labels: ["", "", "", "Jump", "", ""], alike: [0, 1, 2, 3, 4, 5], ...options.input },
  });
  const service = await start({ scenes: [{ id: "start", view: text("Welcome") }, { id: "meadow", view }, END], files: folder });
  const context = await browser.newContext(device);
  const page = await context.newPage();
  /** @type {string[]} */
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error.stack)));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) errors.push(message.text());
  });
  const phase = (/** @type {string} */ value) => page.waitForFunction(
    (value) => document.documentElement.dataset.phase === value, value, { timeout: 60_000 },
  );
  const shot = async (/** @type {string} */ name) => SHOTS && page.screenshot({ path: join(SHOTS, `${name}.png`) });
  /** Recorded actions. */
  const actions = () => [...service.people.values()][0].rows.map(
    (/** @type {Uint8Array} */ row) => /** @type {any} */ (decode(row)).actions.human,
  );
  /** Waits until an action is recorded that answers. */
  const acted = async (/** @type {(action: any) => boolean} */ wanted, since = 0) => {
    const end = Date.now() + 20_000;
    while (!actions().slice(since).some(wanted)) {
      assert.ok(Date.now() < end, `never done; last: ${JSON.stringify(actions().slice(-5))}`);
      await page.waitForTimeout(50);
    }
    return actions().findLastIndex(wanted);
  };
  try {
    await page.goto(`${service.url}someone`);
    await phase("page");
    await page.click("#continue");
    await phase("ready");
    await play({ page, phase, shot, actions, acted, service, begin: async () => {
      await page.click("#start");
      await phase("playing");
    } });
    assert.deepEqual(errors, []);
  } catch (error) {
    await shot("failed");
    throw error;
  } finally {
    await context.close();
    await service.stop();
  }
}

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
const LANDSCAPE = { ...PHONE, viewport: { width: 844, height: 390 } };

/** Fingers, which Playwright only lets tap. @param {any} page */
async function fingers(page) {
  const session = await page.context().newCDPSession(page);
  const touch = (/** @type {string} */ type, /** @type {any[]} */ touchPoints) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints });
  return {
    press: (/** @type {any[]} */ ...points) => touch("touchStart", points),
    move: (/** @type {any[]} */ ...points) => touch("touchMove", points),
    lift: () => touch("touchEnd", []),
  };
}

/** The middle of an element, as a finger. @param {any} page @param {string} selector */
async function middle(page, selector, id = 1) {
  const { x, y, width, height } = await page.locator(selector).first().boundingBox();
  return { x: x + width / 2, y: y + height / 2, id };
}

test("before the game everything is loaded; sounds are heard and can be turned off", async () => {
  await game({ preload: [{ kind: "sound", name: "more", path: "ding.wav" }] }, { viewport: { width: 1280, height: 800 } },
    async ({ page, service, shot, begin, acted }) => {
      for (const file of ["tiles.svg", "maps/a.svg", "maps/b.svg", "maps/world.json", "ding.wav", "sky.svg"]) {
        assert.ok(service.requests.some((/** @type {string} */ path) => path.endsWith(`files/${file}`)), file);
      }
      const before = service.requests.length;
      assert.match(await page.textContent(".legend"), /Space\s*Jump/);
      await shot("play-intro");
      await begin();
      await page.keyboard.press(" ");
      await acted((/** @type {any} */ action) => action === 3);
      await page.waitForFunction(() => /** @type {any} */ (globalThis).greenroomSounds > 0);
      await shot("play-desktop");
      await page.click(".mute");
      assert.equal(await page.textContent(".mute"), "Sound is off");
      const heard = await page.evaluate(() => /** @type {any} */ (globalThis).greenroomSounds);
      const jumped = await acted((/** @type {any} */ action) => action === 3);
      await page.keyboard.press(" ");
      await acted((/** @type {any} */ action) => action === 3, jumped + 1);
      assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).greenroomSounds), heard);
      const later = service.requests.slice(before).filter((/** @type {string} */ path) => path.includes("/files/"));
      assert.deepEqual(later, [], "nothing is loaded during the game");
    });
});

test("a mouse on the picture: where it is, in game pixels, and when it is pressed", async () => {
  await game({ input: { pointer: "move" } }, { viewport: { width: 1280, height: 800 } }, async ({ page, begin, acted }) => {
    await begin();
    const { x, y, width, height } = await page.locator("#game canvas").boundingBox();
    await page.mouse.move(x + width / 4, y + height / 2);
    const near = (/** @type {any} */ action, pressed = false) => Math.abs(action.x - 150) < 2 && Math.abs(action.y - 200) < 2
      && action.pressed === pressed;
    await acted((/** @type {any} */ action) => near(action));
    await page.mouse.down();
    await acted((/** @type {any} */ action) => near(action, true));
    await page.mouse.move(x - 50, y + height + 50);
    await acted((/** @type {any} */ action) => action.x === 0 && action.y === 399 && action.pressed);
    await page.mouse.up();
    await page.keyboard.down("ArrowLeft");
    await acted((/** @type {any} */ action) => action === 0);
  });
});

test("a click acts once", async () => {
  await game({ input: { pointer: "click" } }, { viewport: { width: 1280, height: 800 } }, async ({ page, begin, acted, actions }) => {
    await begin();
    const { x, y, width, height } = await page.locator("#game canvas").boundingBox();
    for (const share of [0.25, 0.5, 0.75]) await page.mouse.click(x + width * share, y + height / 2);
    await acted((/** @type {any} */ action) => action.x > 440);
    const clicks = actions().filter((/** @type {any} */ action) => typeof action === "object");
    assert.deepEqual(clicks.map((/** @type {any} */ { x }) => Math.round(x / 150)), [1, 2, 3]);
  });
});

test("a phone: a pad and buttons for two thumbs, and nothing scrolls", async () => {
  await game({}, PHONE, async ({ page, begin, acted, shot }) => {
    assert.match(await page.textContent(".legend"), /buttons on the screen/);
    await shot("play-phone-intro");
    await begin();
    await shot("play-phone");
    const hand = await fingers(page);
    const left = await middle(page, ".touch-pad .left");
    const jump = await middle(page, ".touch-buttons button", 2);
    await hand.press(left);
    const first = await acted((/** @type {any} */ action) => action === 0);
    await shot("play-phone-held");
    const pad = await page.locator(".touch-pad").boundingBox();
    await hand.move({ ...left, x: pad.x + pad.width * 0.2, y: pad.y + pad.height * 0.2 });
    await acted((/** @type {any} */ action) => action === 4, first);
    await hand.lift();
    await hand.press(jump);
    await acted((/** @type {any} */ action) => action === 3, first);
    await hand.lift();
    const idle = await acted((/** @type {any} */ action) => action === 3);
    await acted((/** @type {any} */ action) => action === 6, idle);
    const touched = await middle(page, "#game canvas");
    await hand.press(touched);
    await hand.move({ ...touched, y: touched.y - 200 });
    await hand.lift();
    assert.deepEqual(await page.evaluate(() => [scrollX, scrollY]), [0, 0]);
    const [wide, high] = await page.evaluate(() => [document.documentElement.scrollWidth, document.body.scrollHeight]);
    assert.ok(wide <= 390 && high <= 844, `${wide} x ${high}`);
    const canvas = await page.locator("#game canvas").boundingBox();
    assert.ok(canvas.width > 350, "the picture takes the width");
    await page.setViewportSize(LANDSCAPE.viewport);
    await page.waitForFunction(() => document.querySelector("#game canvas")?.getBoundingClientRect().height < 390);
    await shot("play-phone-landscape");
    const lying = await page.locator("#game canvas").boundingBox();
    assert.ok(lying.height > 270, `the picture takes the height: ${lying.height}`);
    for (const selector of [".touch-pad", ".touch-buttons"]) {
      const box = await page.locator(selector).boundingBox();
      assert.ok(box.y >= 0 && box.y + box.height <= 390 && box.x >= 0 && box.x + box.width <= 844, selector);
    }
  });
});

test("a gamepad's button is a key", async () => {
  await game({}, { viewport: { width: 1280, height: 800 } }, async ({ page, begin, acted }) => {
    await page.evaluate(() => {
      const buttons = Array.from({ length: 17 }, () => ({ pressed: false }));
      Object.assign(globalThis, { buttons });
      navigator.getGamepads = () => /** @type {any} */ ([{ connected: true, axes: [0, 0], buttons }]);
    });
    await begin();
    await page.evaluate(() => void (/** @type {any} */ (globalThis).buttons[0].pressed = true));
    const at = await acted((/** @type {any} */ action) => action === 5);
    await page.evaluate(() => void (/** @type {any} */ (globalThis).buttons[0].pressed = false));
    await acted((/** @type {any} */ action) => action === 6, at);
  });
});
