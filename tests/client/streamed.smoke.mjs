/**
 * A game that runs on the service, and networks in the browser, in a real browser against the stand-in.
 *
 * `npm run smoke`; needs Chromium and the vendored files. SHOTS=folder keeps screenshots to look at.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { decode } from "@msgpack/msgpack";
import { chromium } from "playwright-core";
import { linear } from "./onnx.mjs";
import { gym, start } from "./stand_in.mjs";

const SHOTS = process.env.SHOTS;
const END = {
  id: "end", view: { kind: "end", page: { header: "Thank you", subheader: "", body: "" }, redirect: null, codes: [], bonuses: [] },
};

/** Drawn with packets: the sky comes once and stays, the ball moves. */
const drawn = (/** @type {any} */ { x, frame }, /** @type {boolean} */ full) => {
  const common = { persistent: false, depth: 0, tween: null, alpha: 1, stroke_color: null, stroke_width: 0 };
  const sky = { ...common, id: "sky", kind: "rect", persistent: true, depth: -1, x: 0, y: 0, w: 600, h: 400, color: "#cfe3f5", border_radius: 0 };
  const sun = { ...common, id: "sun", kind: "circle", persistent: true, x: 520, y: 70, radius: 30, color: "#f5b301" };
  const ball = { ...common, id: "ball", kind: "circle", x, y: 220, radius: 24, color: "#b03a2e" };
  // The sun comes with one packet only: a page that left any out would miss it.
  const objects = [...(full ? [sky] : []), ...(frame === 7 ? [sun] : []), ball];
  return { draw: JSON.stringify({ width: 600, height: 400, full, objects, removed: [] }) };
};

/** @type {import("playwright-core").Browser} */
let browser;
/** Frames as files, by what they show. @type {Uint8Array[]} */
let files = [];
before(async () => {
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  });
  const page = await browser.newPage();
  const made = await page.evaluate(() => Array.from({ length: 150 }, (_, step) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 300, height: 200 });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.fillStyle = "#235";
    context.fillRect(0, 0, 300, 200);
    context.fillStyle = "#fc6";
    context.fillRect(2 * step - 20, 60, 40, 40);
    return canvas.toDataURL(step % 2 ? "image/png" : "image/jpeg", 0.9).split(",")[1];
  }));
  files = made.map((base64) => Buffer.from(base64, "base64"));
  await page.close();
});
after(() => browser?.close());

const image = (/** @type {any} */ { x }) => {
  const step = Math.max(0, Math.min(149, Math.round(x / 4)));
  return { image: { mime: step % 2 ? "image/png" : "image/jpeg", data: files[step] } };
};
const scene = (/** @type {any} */ options) => ({
  id: "stream",
  view: {
    ...gym("", {
      mode: "streamed", fps: 30, episodes: 1, max_steps: 240, in_game_body: "<p>Catch the sun.</p>",
      group: { agents: ["human"], people: 1, max_prediction: 0, smoothing_ms: 0, hide_lobby_count: false },
    }),
    full_ms: 0, length: 150, ...options,
  },
});

/** @param {any[]} scenes @param {(tools: any) => Promise<void>} play @param {any} [more] */
async function study(scenes, play, more = {}) {
  const service = await start({ scenes, ...more });
  const page = await (await browser.newContext({ viewport: { width: 1100, height: 760 } })).newPage();
  /** @type {string[]} */
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error.stack)));
  page.on("console", (message) => {
    if (process.env.LOUD) console.log(message.text());
    if (/Content Security Policy|Traceback/.test(message.text())) errors.push(message.text());
  });
  await page.goto(`${service.url}carl`);
  const phase = (/** @type {string} */ value) => page.waitForFunction(
    (wanted) => document.documentElement.dataset.phase === wanted, value, { timeout: 45_000 },
  );
  const shot = async (/** @type {string} */ what) => SHOTS && page.screenshot({ path: join(SHOTS, `${what}.png`) });
  try {
    await play({ service, page, phase, shot, stream: () => service.tables.get(1) });
    assert.deepEqual(errors, []);
  } catch (error) {
    await shot("failed-stream");
    console.log(errors);
    throw error;
  } finally {
    await page.context().close();
    await service.stop();
  }
}

test("a streamed game of one: no Python, a place to wait for, the picture follows the keys", async () => {
  await study([scene({ stream: drawn, full_ms: 2500, episodes: 2 }), END], async ({ service, page, phase, shot, stream }) => {
    await phase("ready");
    assert.equal(await page.textContent("#start"), "Start the game");
    await shot("stream-intro");
    await page.click("#start");
    await phase("waiting");
    await page.waitForFunction(() => document.querySelectorAll(".numbers dd").length > 0);
    await shot("stream-full");
    assert.match(await page.textContent("#waiting-room"), /All places are taken/);
    assert.doesNotMatch(await page.textContent("#waiting-room"), /players/);
    await phase("countdown");
    await shot("stream-countdown");
    await phase("playing");
    for (let times = 0; times < 4; times += 1) {
      await page.keyboard.down("ArrowRight");
      await page.waitForTimeout(350);
      await page.keyboard.up("ArrowRight");
      await page.waitForTimeout(120);
    }
    await shot("stream-packets");
    assert.match(await page.textContent("#response"), /^Response \d+ ms$/);
    assert.match(await page.textContent("#hud"), /x is \d+/);
    assert.doesNotMatch(await page.innerText("#hud"), /Score|You are/);
    assert.ok(stream().x > 420, `${stream().x}`);
    const acts = stream().acts.map((/** @type {any} */ { number, binding }) => [number, binding]);
    assert.deepEqual(acts.slice(0, 4), [[1, 2], [2, null], [3, 2], [4, null]]);
    await page.waitForFunction(() => document.documentElement.dataset.phase === "finished");
    await shot("stream-finished");
    await phase("playing");
    await page.reload();
    await phase("playing");
    await page.waitForTimeout(300);
    await page.keyboard.down("ArrowLeft");
    await page.waitForTimeout(500);
    assert.ok(stream().x < 300, "after a reload, too");
    await phase("end");
    const [timing] = service.log.filter((/** @type {any} */ { type }) => type === "timing").map((/** @type {any} */ { body }) => body);
    assert.ok(timing.fps > 25 && timing.fps < 32 && timing.photon_p50 > 5 && timing.photon_p50 < 300, JSON.stringify(timing));
    assert.ok(!service.requests.some((/** @type {string} */ path) => /pyodide|python|engine_worker/.test(path)), "no Python");
  });
});

test("images: JPEG and PNG come in order, and keep up", async () => {
  await study([scene({ stream: image, fps: 60, length: 300 }), END], async ({ service, page, phase, shot, stream }) => {
    await phase("ready");
    await page.click("#start");
    await phase("playing");
    await page.keyboard.down("ArrowLeft");
    await page.waitForTimeout(700);
    await shot("stream-images");
    const { number } = stream();
    await page.waitForTimeout(100);
    assert.ok(stream().seen >= number - 3, `${stream().seen} of ${number}`);
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await page.waitForTimeout(300);
    assert.equal(stream().binding, null, "a hidden page holds no keys");
    assert.ok(stream().seen >= stream().number - 3, "and answers at once");
    await phase("end");
    const [timing] = service.log.filter((/** @type {any} */ { type }) => type === "timing");
    assert.ok(timing);
  });
});

test("ONNX Runtime works under the page's policy, from our own files", async () => {
  const folder = mkdtempSync(join(tmpdir(), "greenroom-onnx-"));
  writeFileSync(join(folder, "twice.onnx"), linear([[2, 0, 1], [0, 2, 1]]));
  await study([scene({ stream: drawn }), END], async ({ page, service, phase }) => {
    await phase("ready");
    const outputs = await page.evaluate(async () => {
      const vendor = `${location.origin}/study1/assets/vendor-dev/`;
      const { openNetworks } = await import(`${location.origin}/study1/assets/client-dev/worker/models.js`);
      const view = { url: `${location.origin}/study1/files/twice.onnx` };
      /** @type {number[][]} */
      const progress = [];
      const networks = await openNetworks(vendor, { left: view, right: view }, (...told) => progress.push(told));
      const network = networks.get("left");
      const began = performance.now();
      const [[name, values]] = await network.run({ obs: [new Uint8Array(new Float32Array([3, 5]).buffer), [1, 2]] });
      const took = performance.now() - began;
      return { name, values: [...values], shared: network === networks.get("right"), steps: progress.length, took };
    });
    assert.deepEqual({ ...outputs, steps: 0, took: 0 }, { name: "logits", values: [6, 10, 8], shared: true, steps: 0, took: 0 });
    assert.ok(outputs.steps > 0 && outputs.took < 100, JSON.stringify(outputs));
    assert.ok(service.requests.every((/** @type {string} */ path) => path.startsWith("/study1/")));
  }, { files: folder });
  rmSync(folder, { recursive: true });
});

const MIRROR = `
import numpy as np
from greenroom import Surface

class Mirror:
    """The network sees where the ball is, and pushes it back to the middle."""
    possible_agents = agents = ["human", "bot"]

    def reset(self, seed=None, options=None):
        self.x = 0.0
        self.t = 0
        self.surface = Surface(600, 400)
        self.agents = list(self.possible_agents)
        return self._see(), {a: {} for a in self.agents}

    def step(self, actions):
        self.t += 1
        self.x += (actions["human"] - 1) + 2 * (actions["bot"] - 1)
        over = {a: False for a in self.agents}
        return self._see(), {a: self.x for a in self.agents}, over, dict(over), {a: {} for a in self.agents}

    def _see(self):
        return {a: np.array([self.x, 1.0], dtype=np.float32) for a in self.possible_agents}

    def render(self):
        self.surface.circle(id="ball", x=300 + 40 * self.x, y=200, radius=20, color="navy")
        return self.surface.commit()

env = Mirror()
`;

test("a network plays in the browser, also after a reload", async () => {
  const folder = mkdtempSync(join(tmpdir(), "greenroom-onnx-"));
  // Logits for left, stay, right: against the side on which the ball is.
  writeFileSync(join(folder, "mirror.onnx"), linear([[1, 0, -1], [0, 0.5, 0]]));
  const model = {
    obs_input: "obs", logit_output: "logits", state_inputs: [], state_outputs: [], state_shape: [], fixed_inputs: {},
    frame_skip: 1, choice: { kind: "argmax" },
  };
  const bot = { model: { onnx_path: "mirror.onnx", ...model } };
  const view = gym(MIRROR, { policies: { human: "human", bot }, episodes: 1, max_steps: 120, fps: 30 });
  view.environment.models = { bot: { url: "/study1/files/mirror.onnx", ...model } };
  await study([{ id: "mirror", view }, END], async ({ page, phase, shot, service }) => {
    await phase("ready");
    await page.click("#start");
    await phase("playing");
    await page.keyboard.down("ArrowRight");
    await page.waitForTimeout(1200);
    await shot("network");
    await page.reload();
    await phase("ready");
    await page.click("#start");
    await phase("playing");
    await phase("end");
    const rows = service.people.get("carl").finished[0].map((/** @type {any} */ row) => /** @type {any} */ (decode(row)));
    assert.equal(rows.length, 120);
    let x = 0;
    for (const { actions, rewards } of rows) {
      const bot = x > 0.5 ? 0 : x < -0.5 ? 2 : 1;
      assert.equal(actions.bot, bot, JSON.stringify({ x, actions }));
      x = rewards.human;
    }
    assert.ok(rows.some((/** @type {any} */ { actions }) => actions.bot === 0), "the network had something to do");
    const [timing] = service.log.filter((/** @type {any} */ { type }) => type === "timing").map((/** @type {any} */ { body }) => body);
    assert.ok(timing.fps > 27, JSON.stringify(timing));
  }, { files: folder });
  rmSync(folder, { recursive: true });
});

