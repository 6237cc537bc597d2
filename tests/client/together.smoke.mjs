/**
 * A game with others in two pages of a real browser, with the real Python, against the stand-in.
 *
 * `npm run smoke`; needs Chromium and the vendored files. SHOTS=folder keeps screenshots to look at.
 */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { decode } from "@msgpack/msgpack";
import { chromium } from "playwright-core";
import { gym, start } from "./stand_in.mjs";

const SHOTS = process.env.SHOTS;
const CODE = `
import random
from greenroom import Surface

class Chase:
    possible_agents = agents = ["left", "right"]

    def __init__(self):
        self.surface = Surface(600, 400)

    def reset(self, seed=None, options=None):
        self.agents = list(self.possible_agents)
        self.x = {"left": 100.0, "right": 500.0}
        self.surface.reset()
        return {a: [self.x[a]] for a in self.agents}, {a: {} for a in self.agents}

    def step(self, actions):
        for agent, action in actions.items():
            self.x[agent] += 6.0 * (action - 1) + random.random() - 0.5
        done = {a: False for a in self.agents}
        return {a: [self.x[a]] for a in self.agents}, {a: self.x[a] for a in self.agents}, done, dict(done), {a: {} for a in self.agents}

    def get_state(self):
        return dict(self.x)

    def set_state(self, state):
        self.x = dict(state)

    def render(self):
        self.surface.circle(id="left", x=self.x["left"], y=150, radius=20, color="navy")
        self.surface.circle(id="right", x=self.x["right"], y=250, radius=20, color="orange")
        return self.surface.commit()

env = Chase()
`;
const chase = (/** @type {any} */ options = {}) => ({
  id: "chase",
  view: gym(CODE, {
    policies: { left: "human", right: "human" }, fps: 30, episodes: 1, max_steps: 150,
    group: { agents: ["left", "right"], max_prediction: 8, smoothing_ms: 120, hide_lobby_count: false }, ...options,
  }),
});
const END = {
  id: "end",
  view: {
    kind: "end", page: { header: "Thank you", subheader: "", body: "" }, redirect: null, bonuses: [],
    codes: [{ reason: "partner_lost", code: "GR-1234-ABCD" }],
  },
};

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

/** @param {any[]} scenes @param {(tools: any) => Promise<void>} play */
async function pair(scenes, play) {
  const service = await start({ scenes });
  /** @type {string[]} */
  const errors = [];
  const people = await Promise.all(["ann", "ben"].map(async (name) => {
    const context = await browser.newContext({ viewport: { width: 1000, height: 700 } });
    const page = await context.newPage();
    page.on("pageerror", (error) => {
      if (process.env.LOUD) console.log(name, error.stack);
      errors.push(String(error.stack));
    });
    page.on("console", (message) => {
      if (process.env.LOUD) console.log(name, message.text());
      if (/Content Security Policy|Traceback/.test(message.text())) errors.push(message.text());
    });
    page.on("dialog", (dialog) => dialog.accept());
    await page.goto(`${service.url}${name}`);
    const phase = (/** @type {string} */ value) => page.waitForFunction(
      (wanted) => document.documentElement.dataset.phase === wanted, value, { timeout: 45_000 },
    );
    const shot = async (/** @type {string} */ what) => SHOTS && page.screenshot({ path: join(SHOTS, `${what}.png`) });
    return { page, phase, shot, name };
  }));
  try {
    await play({ service, ann: people[0], ben: people[1], table: () => service.tables.get(1) });
    assert.deepEqual(errors, []);
  } catch (error) {
    await Promise.all(people.map(({ shot, name }) => shot(`failed-${name}`)));
    throw error;
  } finally {
    await Promise.all(people.map(({ page }) => page.context().close()));
    await service.stop();
  }
}

/** @param {any} ann @param {any} ben */
async function begin(ann, ben) {
  await ann.phase("ready");
  await ann.page.click("#start");
  await ann.phase("waiting");
  await ben.phase("ready");
  await ben.page.click("#start");
}

/** @param {any} table */
function assertEqualCopies(table) {
  const both = [...table.hashes.values()].filter((known) => known[0] && known[1]);
  assert.ok(both.length >= 10, `${both.length} frames were hashed by both`);
  assert.ok(both.every(([one, other]) => one === other), "the copies are equal");
}

test("two people play to the end, and their copies are one game", async () => {
  await pair([chase({ episodes: 2, max_steps: 120 }), END], async ({ service, ann, ben, table }) => {
    await ann.phase("ready");
    assert.equal(await ann.page.textContent("#start"), "Ready");
    await begin(ann, ben);
    await ann.shot("waiting-room");
    await ann.phase("countdown");
    await Promise.all([ann.phase("playing"), ben.phase("playing")]);
    await ann.page.keyboard.down("ArrowRight");
    await ben.page.keyboard.down("ArrowLeft");
    await ann.page.waitForTimeout(1500);
    await ann.shot("together");
    assert.match(await ben.page.textContent(".role"), /You are: right/);
    await Promise.all([ann.phase("end"), ben.phase("end")]);
    await ann.shot("end-with-code");
    assert.match(await ann.page.textContent("#end"), /GR-1234-ABCD/);
    assert.deepEqual(table().played.map((/** @type {any[]} */ rows) => rows.length), [120, 120]);
    assertEqualCopies(table());
    const { actions } = /** @type {any} */ (decode(table().played[0][110].row));
    assert.deepEqual(actions, { left: 2, right: 0 }, "the keys of both arrived");
    const timing = service.log.filter((/** @type {any} */ entry) => entry.type === "timing");
    assert.equal(timing.length, 4);
    assert.ok(timing.every((/** @type {any} */ { body }) => body.fps > 27 && body.fps < 33), JSON.stringify(timing.map((/** @type {any} */ t) => t.body)));
  });
});

test("a lost connection and a reload: back in the same game, and the other one plays on", async () => {
  await pair([chase({ max_steps: 600 }), END], async ({ service, ann, ben, table }) => {
    await begin(ann, ben);
    await Promise.all([ann.phase("playing"), ben.phase("playing")]);
    await ann.page.waitForTimeout(1500);
    service.people.get("ann").socket.terminate();
    await ann.page.waitForTimeout(2500);
    await ann.phase("playing");
    await ben.page.reload();
    await ben.phase("playing");
    await ben.page.waitForTimeout(1500);
    const stats = await ben.page.evaluate(() => /** @type {any} */ (globalThis).greenroomStats);
    assert.equal(stats.stalls, 0, JSON.stringify(stats));
    await Promise.all([ann.phase("end"), ben.phase("end")]);
    assert.equal(table().rows.length, 600);
    assert.deepEqual(table().rows.map((/** @type {any} */ { row }) => /** @type {any} */ (decode(row)).t), [...Array(600).keys()]);
    assertEqualCopies(table());
  });
});

test("pauses and slow connections are told, hidden tabs play on", async () => {
  await pair([chase({ max_steps: 450 }), END], async ({ ann, ben, table }) => {
    await begin(ann, ben);
    await Promise.all([ann.phase("playing"), ben.phase("playing")]);
    await ann.page.waitForTimeout(1000);
    table().pause();
    await ann.phase("paused");
    await ann.page.waitForTimeout(300);
    await ann.shot("paused-for-other");
    assert.match(await ann.page.textContent("#overlay"), /Waiting for the other player/);
    table().resume();
    await ann.phase("countdown");
    await ann.phase("playing");
    await ben.phase("playing");
    await ann.page.waitForTimeout(500);
    table().stall();
    await ann.page.waitForSelector("html[data-slow]");
    await ann.shot("slow");
    assert.match(await ann.page.textContent("#notes"), /Connection slow/);
    table().unstall();
    await ann.page.waitForSelector("html:not([data-slow])");
    await ann.page.waitForFunction(() => document.querySelector("#notes")?.textContent === "");
    await ben.page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await Promise.all([ann.phase("end"), ben.phase("end")]);
    assert.equal(table().rows.length, 450);
    assertEqualCopies(table());
  });
});

test("whoever does not want to wait is asked once more, and led on", async () => {
  const dismissed = {
    kind: "trouble", page: { header: "No game", subheader: "", body: "<p>Nobody was there.</p>" }, code: "GR-77",
  };
  await pair([chase(), { id: "chase", view: dismissed }, END], async ({ service, ann }) => {
    await ann.phase("ready");
    await ann.page.click("#start");
    await ann.phase("waiting");
    await ann.page.waitForFunction(() => document.querySelectorAll(".numbers dd").length === 5);
    const presents = service.log.filter((/** @type {any} */ entry) => entry.type === "present");
    assert.deepEqual(presents.map((/** @type {any} */ { body }) => body), [{ visit: 1, proposal: 5, visible: true }]);
    await ann.page.click("#leave");
    await ann.page.click("#leave-no");
    await ann.page.click("#leave");
    await ann.shot("leave");
    await ann.page.click("#leave-yes");
    await ann.phase("trouble");
    await ann.page.click(".copy");
    await ann.page.waitForFunction(() => document.querySelector(".copied")?.textContent !== "");
    assert.equal(await ann.page.evaluate(() => String(getSelection())), "GR-77");
    await ann.shot("dismissed");
    await ann.page.click("#continue");
    await ann.phase("end");
  });
});
