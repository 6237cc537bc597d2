/**
 * The client in a real browser against the stand-in: every drawing, and what happens when things break.
 *
 * `npm run smoke`; needs Chromium and the vendored files. SHOTS=folder keeps screenshots to look at.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { chromium } from "playwright-core";
import { gym, page as text, start } from "./stand_in.mjs";

const SHOTS = process.env.SHOTS;
const CODE = `
from greenroom import Surface

class Gallery:
    def __init__(self):
        self.surface = Surface(600, 400)
        self.surface.register_image("sun", "sun.svg")
        self.surface.register_spritesheet("tiles", "tiles.svg", 32, 32)
        self.surface.register_atlas("things", "tiles.svg", "things.json")

    def reset(self, seed=None, options=None):
        self.t = 0
        self.surface.reset()
        s = self.surface
        s.rect(id="sky", x=0, y=0, w=600, h=400, color="#cfe3f5", depth=-5, persistent=True)
        s.line(id="hill", points=[(0, 330), (150, 290), (320, 340), (600, 300)], color="#35603a", width=4,
               fill_below="#7fb069", fill_above="#b8d4ee", depth=-4, persistent=True)
        return [0.0], {}

    def step(self, action):
        self.t += 1
        if FAIL_AT == self.t:
            raise ValueError("the environment of this test fails on purpose")
        if HANG_AT == self.t:
            while True:
                pass
        return [float(self.t)], float(action), False, False, {"note": "x" * 20}

    def render(self):
        s, t = self.surface, self.t
        s.rect(x=20, y=20, w=90, h=60, color="tomato" if False else "#ff6347", border_radius=12, stroke_color="black",
               stroke_width=3)
        s.circle(id="ball", x=60 + 8 * t, y=130, radius=22, color="gold", stroke_color="#7a5c00", stroke_width=2,
                 tween_duration=33)
        s.ellipse(x=200, y=50, rx=60, ry=25, color=(60, 90, 200, 160))
        s.arc(x=330, y=55, radius=32, start_angle=0, end_angle=4.2, color="purple")
        s.arc(x=420, y=55, radius=32, start_angle=-1.57, end_angle=2, stroke_color="teal", stroke_width=8)
        s.polygon(points=[(480, 85), (520, 20), (560, 85)], color="orange", stroke_color="brown", stroke_width=4)
        s.line(points=[(20, 200), (80, 170), (140, 215), (200, 180)], color="navy", width=5)
        s.text(text="Gallery\\nline two", x=300, y=200, size=24, color="navy", align="center", anchor=(0.5, 0.5))
        s.text(text=f"t={t}", x=590, y=390, size=18, color="white", anchor=(1, 1), depth=3)
        s.image(image_name="sun", x=400, y=120, w=60, h=60, angle=3 * t)
        for i in range(4):
            s.image(image_name="tiles", x=20 + 50 * i, y=240, w=40, h=40, frame=i, flip_x=i == 3)
        s.image(image_name="things", x=240, y=240, w=40, h=40, frame="boat")
        return s.commit()

env = Gallery()

def hud_text(env):
    return f"note {env.t}"
`;
const code = (/** @type {{fail?: number, hang?: number}} */ { fail = -1, hang = -1 } = {}) =>
  `FAIL_AT, HANG_AT = ${fail}, ${hang}\n${CODE}`;
const tile = (/** @type {number} */ x, /** @type {string} */ color, /** @type {string} */ letter) =>
  `<g transform="translate(${x} 0)"><rect width="32" height="32" fill="${color}"/>`
  + `<text x="9" y="24" font-size="22" fill="white">${letter}</text></g>`;
const FILES = {
  "sun.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><circle cx="32" cy="32" r="20" '
    + 'fill="#f5b301"/><path d="M30 0h4v14h-4zM30 50h4v14h-4z" fill="#f58801"/></svg>',
  "tiles.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="128" height="32">'
    + tile(0, "#c0392b", "1") + tile(32, "#27ae60", "2") + tile(64, "#2980b9", "3") + tile(96, "#8e44ad", "4")
    + "</svg>",
  "things.json": JSON.stringify({ frames: { boat: { frame: { x: 64, y: 0, w: 32, h: 32 } } } }),
};
const END = {
  id: "end",
  view: { kind: "end", page: { header: "Thank you", subheader: "", body: "" }, redirect: null, codes: [], bonuses: [] },
};

/** @type {string} */
let folder;
/** @type {import("playwright-core").BrowserContext} */
let browser;
/** @type {string[]} */
const errors = [];

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "greenroom-smoke-"));
  mkdirSync(join(folder, "files"));
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, "files", name), content);
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
  browser = await chromium.launchPersistentContext(join(folder, "profile"), {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    viewport: { width: 1440, height: 900 },
    deviceScaleFactor: 2,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @param {any[]} scenes @param {(tools: any) => Promise<void>} play */
async function study(scenes, play) {
  const service = await start({ scenes, files: join(folder, "files") });
  const page = await browser.newPage();
  errors.length = 0;
  page.on("pageerror", (error) => errors.push(String(error.stack)));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) errors.push(message.text());
  });
  const data = (/** @type {string} */ name, /** @type {string} */ value) => page.waitForFunction(
    ([name, value]) => document.documentElement.dataset[name] === value, [name, value], { timeout: 60_000 },
  );
  const shot = async (/** @type {string} */ name) => SHOTS && page.screenshot({ path: join(SHOTS, `${name}.png`) });
  try {
    await play({
      service, page, shot, phase: (/** @type {string} */ v) => data("phase", v),
      scene: (/** @type {string} */ v) => data("scene", v),
      said: (/** @type {string} */ type) => service.log.filter((entry) => entry.type === type),
    });
    assert.deepEqual(errors, []);
  } catch (error) {
    await shot("failed");
    throw error;
  } finally {
    await page.close();
    await service.stop();
  }
}

const BINDINGS = { mode: "pressed_keys", agent: "human", bindings: [["ArrowLeft"], ["s"], ["ArrowRight"]] };
const gallery = (options = {}, faults = {}) => ({
  id: "gallery",
  view: gym(code(faults), { input: BINDINGS, episodes: 1, files: "files/", background: "#223344", ...options }),
});

test("a whole study: every drawing, keys, and all rows arrive", async () => {
  const scenes = [{ id: "start", view: text("Welcome", "<p>Hello.</p>") }, gallery({ max_steps: 60 }), END];
  await study(scenes, async ({ service, page, phase, shot, said }) => {
    await page.goto(`${service.url}alice?PROLIFIC_PID=p1&STUDY=7`);
    await page.click("#continue");
    await phase("ready");
    await page.click("#start");
    await phase("countdown");
    await page.keyboard.down("ArrowRight");
    await phase("playing");
    await page.waitForTimeout(1200);
    await shot("gallery");
    await phase("end");
    await page.keyboard.up("ArrowRight");
    await shot("end");
    assert.equal(await page.textContent("#status"), "");
    assert.equal(service.people.get("alice").finished[0].length, 60);
    assert.deepEqual(said("hello")[0].body.parameters, { PROLIFIC_PID: "p1", STUDY: "7" });
    const { fps, late, first_frame } = said("timing")[0].body;
    const types = service.log.map((/** @type {any} */ entry) => entry.type);
    const ending = types.filter((/** @type {string} */ type) => type !== "steps").slice(-2);
    assert.deepEqual(ending, ["timing", "episode_ended"], "nothing is said of a game that is over");
    const engine = service.requests.filter((/** @type {string} */ path) => /\.(wasm|zip|whl|tar)$/.test(path));
    assert.equal(new Set(engine).size, engine.length, `nothing large is fetched twice: ${engine}`);
    assert.ok(fps > 25 && first_frame > 0, `fps ${fps}, late ${late}, first frame ${first_frame}`);
  });
});

test("practice, a button between rounds, a page for the player, the score that goes on, and a text that fails", async () => {
  const scene = gallery({ max_steps: 40, episodes: 2, tutorial: 1, ready_check: true, hud_text_fn: "words", in_game_header: "" });
  const words = "\ndef words(env, agent):\n    return f'{agent} {1 / (env.t - 20):.2f}'\n";
  scene.view.environment.code += words;
  const game_page = { header: "You are the gardener", body: "<p>Water the flowers.</p>" };
  await study([{ ...scene, game_page }, END], async ({ service, page, phase, shot, said }) => {
    await page.goto(`${service.url}gil`);
    await phase("ready");
    await page.click("#start");
    await phase("playing");
    await page.keyboard.down("ArrowRight");
    assert.match(await page.textContent("#hud"), /Practice 1\/1/);
    assert.equal(await page.textContent("aside h2"), "You are the gardener");
    await page.waitForFunction(() => document.querySelector(".hud-words")?.textContent?.startsWith("human "));
    await shot("practice");
    await phase("finished");
    assert.match(await page.textContent("#overlay"), /Practice finished/);
    await shot("practice-finished");
    await phase("asking");
    await shot("asking");
    await page.setViewportSize({ width: 390, height: 844 });
    await shot("asking-phone");
    await page.setViewportSize({ width: 1440, height: 900 });
    assert.equal(await page.evaluate(() => document.activeElement?.id), "next-round");
    assert.equal(said("ready").length, 1);
    await page.keyboard.press("Enter");
    await phase("playing");
    assert.match(await page.textContent("#hud"), /Episode 1\/1/);
    assert.ok(Number((await page.textContent("#hud b"))) >= 10, "the score goes on");
    await shot("counts");
    await phase("end");
    const [failed, ...more] = said("failed");
    assert.deepEqual([failed.body.stage, failed.body.give_up, more.length], ["render", false, 0], "told once");
    assert.match(failed.body.message, /ZeroDivisionError/);
    assert.match(failed.body.traceback, /in words/);
    assert.equal(service.people.get("gil").finished[1].length, 40, "it ended no game");
    await page.keyboard.up("ArrowRight");
  });
});

test("a broken connection costs nothing, and a reload continues where it was", async () => {
  await study([gallery({ max_steps: 180 }), END], async ({ service, page, phase, shot, said }) => {
    await page.goto(`${service.url}bob`);
    await phase("ready");
    await page.click("#start");
    await phase("playing");
    await page.waitForTimeout(700);
    service.drop();
    await page.waitForTimeout(150);
    await shot("reconnecting");
    await page.waitForTimeout(1500);
    assert.equal(await page.evaluate(() => document.documentElement.dataset.phase), "playing");
    assert.equal(said("ready").length, 1, "the game is not begun again");
    await page.evaluate(() => addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), true));
    page.on("dialog", (/** @type {any} */ dialog) => dialog.accept());
    await page.reload();
    await phase("ready");
    assert.match(await page.textContent("#start"), /Continue/);
    await shot("resume");
    await page.click("#start");
    await phase("end");
    assert.equal(service.people.get("bob").finished[0].length, 180);
  });
});

test("a failing step leads onward", async () => {
  await study([gallery({}, { fail: 10 }), END], async ({ service, page, phase, shot, said }) => {
    await page.goto(`${service.url}carol`);
    await phase("ready");
    await page.click("#start");
    await phase("trouble");
    await page.click("summary");
    await shot("trouble-step");
    const { stage, message, traceback, give_up } = said("failed")[0].body;
    assert.deepEqual([stage, give_up], ["step", false]);
    assert.match(message, /ValueError: the environment of this test fails on purpose/);
    assert.match(traceback, /environment\.py/);
    await page.click("#give-up");
    await phase("end");
    assert.equal(service.people.get("carol").rows.length, 0);
  });
});

test("code that does not run, and an engine that does not load, are told apart", async () => {
  const broken = gallery();
  broken.view.environment.code = "import nothing_of_this_name";
  await study([broken, END], async ({ service, page, phase, said }) => {
    await page.goto(`${service.url}dave`);
    await phase("trouble");
    assert.equal(said("failed")[0].body.stage, "create");
    await page.click("#give-up");
    await phase("end");
  });
  await study([gallery(), END], async ({ service, page, phase, shot, said }) => {
    await page.route("**/pyodide.asm.wasm", (/** @type {any} */ route) => route.abort());
    await page.route("**/greenroom.tar", (/** @type {any} */ route) => route.abort());
    await page.goto(`${service.url}erin`);
    await phase("trouble");
    await shot("trouble-load");
    assert.equal(said("failed")[0].body.stage, "load");
    await page.unroute("**/pyodide.asm.wasm");
    await page.unroute("**/greenroom.tar");
    await page.click("#retry");
    await phase("ready");
  });
});

test("a newer tab takes over, and the older one may take back", async () => {
  await study([{ id: "start", view: text("Welcome") }, END], async ({ service, page, phase, shot }) => {
    await page.goto(`${service.url}fred`);
    await phase("page");
    const other = await browser.newPage();
    await other.goto(`${service.url}fred`);
    await phase("trouble");
    await shot("trouble-replaced");
    await page.click("#take-over");
    await phase("page");
    await other.waitForSelector("[data-trouble=replaced]");
    await other.close();
    await page.evaluate(() => localStorage.clear());
    await page.reload();
    await page.waitForSelector("[data-trouble=taken]");
    await shot("trouble-taken");
  });
});

test("an answer that the connection lost is asked for again", async () => {
  await study([gallery({ max_steps: 30, episodes: 2 }), END], async ({ service, page, phase, said }) => {
    await page.goto(`${service.url}hans`);
    await phase("ready");
    service.control.cut = true;
    await page.click("#start");
    await phase("end");
    assert.deepEqual(service.people.get("hans").finished.map((/** @type {any[]} */ rows) => rows.length), [30, 30]);
    assert.equal(said("ready").length, 2);
  });
});

test("a service that cannot store for a while loses nothing", async () => {
  await study([gallery({ max_steps: 60 }), END], async ({ service, page, phase, shot }) => {
    await page.goto(`${service.url}ida`);
    await phase("ready");
    await page.click("#start");
    await phase("playing");
    service.control.full = true;
    await phase("finished");
    await page.waitForTimeout(6000);
    await shot("unavailable");
    assert.match(await page.textContent("#status"), /cannot save/);
    service.control.full = false;
    await phase("end");
    assert.equal(service.people.get("ida").finished[0].length, 60);
  });
});

test("a hidden tab pauses the game", async () => {
  await study([gallery({ max_steps: 90 }), END], async ({ service, page, phase, shot }) => {
    await page.goto(`${service.url}gina`);
    await phase("ready");
    await page.click("#start");
    await phase("playing");
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await phase("paused");
    await page.waitForTimeout(600);
    const steps = service.people.get("gina").rows.length;
    await shot("paused");
    await page.waitForTimeout(600);
    assert.ok(service.people.get("gina").rows.length - steps <= 1, "the clock stands still");
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: false, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await phase("countdown");
    await phase("end");
    assert.equal(service.people.get("gina").finished[0].length, 90);
  });
});
