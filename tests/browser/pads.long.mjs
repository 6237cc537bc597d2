/**
 * A gamepad in real games, of one and of two: pressed, leant, unplugged while a button is down, and plugged in again.
 *
 * A browser without a screen has no gamepads, so the page is given some: everything behind `navigator.getGamepads` is real.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Participant, Service, launch, rows } from "./support.mjs";

let browser;
before(async () => (browser = await launch()));
after(async () => await browser.close());

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Two sockets for gamepads; nothing is plugged in. Before the page's own scripts. */
const SOCKETS = {
  attach: (page) => page.addInitScript(() => {
    const sockets = [null, null];
    Object.defineProperty(navigator, "getGamepads", { value: () => sockets });
    const button = () => ({ pressed: false, touched: false, value: 0 });
    globalThis.pads = {
      plug(index) {
        const buttons = Array.from({ length: 17 }, button);
        sockets[index] = { id: "pad", index, connected: true, mapping: "standard", timestamp: 0, axes: [0, 0, 0, 0], buttons };
        dispatchEvent(new Event("gamepadconnected"));
      },
      unplug(index) {
        sockets[index].connected = false;
        sockets[index] = null;
        dispatchEvent(new Event("gamepaddisconnected"));
      },
      press: (index, number, pressed) => Object.assign(sockets[index].buttons[number], { pressed, value: Number(pressed) }),
      lean: (index, x) => (sockets[index].axes[0] = x),
    };
  }),
};

const [A, RIGHT] = [0, 15];
const [LEFT, STAY, MARK, WALK_RIGHT] = ["1", "0", "3", "2"];

/** Does one thing after the other, each for half a second. */
async function play({ page }, deeds) {
  for (const [name, ...args] of deeds) {
    await page.evaluate(([name, args]) => globalThis.pads[name](...args), [name, args]);
    await pause(600);
  }
}

/** What was done, one after the other: each action that lasted for a few frames, from the first that is not to stay. */
function told(table, agent) {
  const runs = [];
  for (const row of table) {
    const action = row[`actions.${agent}`];
    if (runs.at(-1)?.action === action) runs.at(-1).frames += 1;
    else runs.push({ action, frames: 1 });
  }
  const lasting = runs.filter(({ frames }) => frames >= 4).map(({ action }) => action);
  const done = lasting.filter((action, index) => action !== lasting[index - 1]);
  return done[0] === STAY ? done.slice(1) : done;
}

/** A press, a stick that leans, a pad that is taken away with its button down and another that is plugged in instead. */
const DEEDS = [
  ["plug", 0], ["press", 0, A, true], ["press", 0, A, false], ["lean", 0, -0.9], ["lean", 0, 0.1],
  ["press", 0, RIGHT, true], ["unplug", 0], ["plug", 1], ["press", 1, A, true], ["press", 1, A, false],
];
const DONE = [MARK, STAY, LEFT, STAY, WALK_RIGHT, STAY, MARK, STAY];

test("gamepads in a game of one and in a game of two", { timeout: 300_000 }, async (t) => {
  const service = await Service.start(t, "tests/browser/experiments/pads.py");
  const people = [];
  for (const name of ["ann", "bob"]) people.push(await Participant.arrive(t, browser, service.url + name, SOCKETS));
  await Promise.all(people.map(async (person) => {
    await person.page.click("#continue");
    await person.phase("ready", "alone");
    await person.page.click("#start");
    await person.phase("playing", "alone");
    await play(person, DEEDS);
    await person.phase("ready", "both");
  }));
  await people[0].screenshot("pads-ready");
  await Promise.all(people.map((person) => person.page.click("#start")));
  await Promise.all(people.map((person) => person.phase("playing", "both")));
  const [ann, bob] = people;
  // One plays with keys until a gamepad is plugged in: both work.
  await Promise.all([
    play(ann, [["press", 1, A, true], ["press", 1, A, false], ["unplug", 1], ...DEEDS]),
    (async () => {
      await play(bob, [["unplug", 1]]);
      await bob.page.keyboard.down("ArrowLeft");
      await pause(600);
      await bob.page.keyboard.up("ArrowLeft");
      await pause(600);
      await play(bob, [["plug", 0], ["press", 0, RIGHT, true], ["press", 0, RIGHT, false]]);
    })(),
  ]);
  await ann.screenshot("pads-together");
  await Promise.all(people.map((person) => person.phase("end")));
  assert.deepEqual(people.flatMap(({ complaints }) => complaints), []);
  assert.equal(await service.stop(), 0, service.log);

  for (const name of ["ann", "bob"]) assert.deepEqual(told(rows(service.file(`pads/alone/${name}.csv`)), "left"), DONE, name);
  const table = rows(service.file("pads/both/ann.csv"));
  const agent = (name) => (table[0]["player_subjects.left"] === name ? "left" : "right");
  assert.deepEqual(told(table, agent("ann")), [MARK, STAY, ...DONE]);
  assert.deepEqual(told(table, agent("bob")), [LEFT, STAY, WALK_RIGHT, STAY]);
});
