/**
 * Several participants at once, each in a browser profile and behind a network of its own, who play whatever the page
 * offers until the study is over; and what has to hold of the data that they leave.
 */

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { chromium } from "playwright-core";

import { Impaired, randomness, seedOf } from "./impair.mjs";
import { PATIENCE, Participant, ROOT, Service, browserPath, json, rows } from "./support.mjs";

/** All that these tests know of the page, beside the phases in `data-phase`. */
const PAGE = { onward: "#continue", start: "#start", giveUp: "#give-up", next: "#next-round" };

/** Numbers that the page tells of its copy in `globalThis.greenroomStats`, beside `episode`, since that began. */
const STATS = { rollbacks: "rollbacks", waited: "waitedFrames" };

export const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];

const PYTHON = path.join(ROOT, ".venv/bin/python");

const sum = (values) => values.reduce((a, b) => a + b, 0);

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The same weather in both directions; half of the round trip in each. */
export function roundTrip(milliseconds, more = {}) {
  const way = { delay: milliseconds / 2, ...more };
  return { up: way, down: way };
}

/**
 * A browser whose tabs can really be hidden. Playwright pretends in every page that it is in sight; only the first
 * profile of a browser that it did not start itself is left alone. There, another tab in front hides the page as it
 * does for people: timers once a second, no animation frames.
 * @param {import("node:test").TestContext} test
 */
export async function launchTabs(test) {
  const profile = mkdtempSync(path.join(tmpdir(), "greenroom-profile-"));
  const browser = spawn(browserPath(), [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update",
    "--disable-background-networking", "--disable-sync", "--window-size=1280,800", "--remote-debugging-port=0",
    `--user-data-dir=${profile}`, "about:blank",
  ], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => browser.on("close", resolve));
  test.after(async () => {
    browser.kill();
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  const address = await new Promise((resolve, reject) => {
    let out = "";
    browser.stderr.on("data", (text) => {
      out += text;
      const found = out.match(/DevTools listening on (ws:\S+)/);
      if (found) resolve(found[1]);
    });
    ended.then(() => reject(new Error(`the browser ended: ${out}`)));
  });
  const connected = await chromium.connectOverCDP(address, { noDefaults: true });
  return { newContext: async () => connected.contexts()[0] };
}

/** A participant who does what the page asks for, and presses keys at random while a game is on. */
export class Robot {
  /** Where the page was, one after the other, each as `phase scene/episode`. @type {string[]} */
  seen = [];
  /** Pages that told of something gone wrong. @type {{scene: string, text: string}[]} */
  troubles = [];
  /** The last page. */
  farewell = "";
  /** By scene and episode, the last word of the page. @type {Map<string, Record<string, number>>} */
  #stats = new Map();
  #down = new Set();
  #random;
  #gone = false;
  #moved = performance.now();
  /** Whether it presses the button before an episode. */
  keen = true;

  /**
   * @param {string} name @param {Participant} participant @param {Impaired} network
   * @param {string[]} keys @param {number} seed
   * @param {(robot: Robot, random: () => number) => Promise<void>} [hands] what it does for a moment of a game, instead of
   *   pressing keys
   */
  constructor(name, participant, network, keys, seed, hands) {
    this.hands = hands;
    this.name = name;
    this.participant = participant;
    this.network = network;
    this.keys = keys;
    this.#random = randomness(seed);
    /** @type {{phase?: string, scene?: string, episode?: string}} */
    this.now = {};
    this.hidden = false;
    this.walked = this.#walk();
    this.walked.catch(() => {}); // told by whoever waits for it
  }

  get page() {
    return this.participant.page;
  }

  /** Plays until the study is over, or until it has left. */
  async #walk() {
    while (!this.#gone) {
      try {
        await this.#look();
        if (this.now.phase === "end") {
          this.farewell = await this.page.innerText("body");
          return;
        }
        await this.#act();
      } catch (error) {
        if (this.#gone) return;
        // The page is being reloaded, say. What is really wrong shows as a standstill.
        if (error instanceof assert.AssertionError) throw error;
        this.lastError = error;
        await pause(100);
      }
      const still = performance.now() - this.#moved;
      assert.ok(still < 2 * PATIENCE, `${this.name} came no further than ${this.seen.at(-1)}: ${this.#story()}`);
    }
  }

  /** Waits until the page, as this robot sees it, is so. @param {(now: Robot["now"]) => unknown} so */
  async until(so, patience = PATIENCE) {
    const began = performance.now();
    while (!so(this.now)) {
      if (this.#gone) throw new Error(`${this.name} has left`);
      const took = performance.now() - began;
      assert.ok(took < patience, `${this.name} waits for ${so}: ${this.#story()}`);
      await pause(50);
    }
  }

  /** Waits until somebody would be a partner. */
  async waiting() {
    await this.until((now) => now.phase === "waiting");
  }

  /** Waits until it has played an episode for so long. @param {number} milliseconds */
  async playing(milliseconds, episode = "0") {
    await this.until((now) => now.phase === "playing" && (now.episode ?? "0") === episode);
    await pause(milliseconds);
  }

  /** What it does takes long, and is no standstill. */
  stirs() {
    this.#moved = performance.now();
  }

  /** Does no more. */
  leave() {
    this.#gone = true;
  }

  /** Loads the page anew; what it was is no longer known. */
  async reload() {
    await this.page.reload();
    this.now = {};
  }

  /** Closes the page for good. */
  async vanish() {
    this.leave();
    await this.page.close();
  }

  /** Puts another tab in front; needs a browser of `launchTabs`. */
  async hide() {
    this.hidden = true; // people press no keys in a page that they do not see
    this.other = await this.participant.context.newPage();
    await this.other.bringToFront();
    assert.equal(await this.page.evaluate(() => document.hidden), true);
  }

  /** Takes it away again. */
  async show() {
    await this.page.bringToFront();
    await this.other?.close();
    assert.equal(await this.page.evaluate(() => document.hidden), false);
    this.hidden = false;
  }

  /** What the page told of its copies in a scene, over all episodes; null if it told nothing. @param {string} scene */
  stats(scene) {
    const told = [...this.#stats].filter(([place]) => place.startsWith(`${scene}/`)).map(([, stats]) => stats);
    const total = (name) => (told.length ? sum(told.map((stats) => stats[name] ?? 0)) : null);
    return { rollbacks: total(STATS.rollbacks), waited: total(STATS.waited) };
  }

  async #look() {
    const { stats, ...now } = await this.page.evaluate(() => {
      const { phase, scene, episode } = document.documentElement.dataset;
      return { phase, scene, episode, stats: globalThis.greenroomStats ?? null };
    });
    this.now = now;
    const place = `${now.phase} ${now.scene}/${now.episode ?? "-"}`;
    if (place !== this.seen.at(-1)) {
      this.seen.push(place);
      this.#moved = performance.now();
    }
    // They stay when the scene is over.
    if (stats && now.episode === String(stats.episode)) this.#stats.set(`${now.scene}/${stats.episode}`, stats);
  }

  async #act() {
    switch (this.now.phase) {
      case "page":
      case "form": // a page to read, or with nothing that has to be answered
        await this.#click(PAGE.onward);
        break;
      case "ready":
        await this.#click(PAGE.start);
        break;
      case "trouble": {
        const text = await this.page.innerText("body");
        if (await this.page.$(`${PAGE.onward}, ${PAGE.giveUp}`)) {
          this.troubles.push({ scene: this.now.scene ?? "", text });
          await this.#click(`${PAGE.onward}, ${PAGE.giveUp}`);
        } else {
          await this.#look();
          assert.notEqual(this.now.phase, "trouble", `${this.name} is stuck: ${text}`);
        }
        break;
      }
      case "asking":
        if (this.keen) await this.#click(PAGE.next);
        else await this.#rest();
        break;
      case "playing":
        if (this.hidden) await this.#rest();
        else if (this.hands) await this.hands(this, this.#random);
        else await this.#press();
        break;
      default:
        await this.#rest();
    }
  }

  /** Clicks once, and waits for what follows. @param {string} selector */
  async #click(selector) {
    const before = this.seen.at(-1);
    await this.page.click(`:is(${selector}):enabled`, { timeout: 2000 });
    for (let waited = 0; waited < 2000 && this.seen.at(-1) === before && !this.#gone; waited += 50) {
      await pause(50);
      await this.#look();
    }
  }

  /** Other keys than before, held for a while: one, two together, or none. */
  async #press() {
    await this.#release();
    const share = this.#random();
    const first = Math.floor(this.#random() * this.keys.length);
    const second = Math.floor(this.#random() * this.keys.length);
    const wanted = share < 0.15 ? [] : share < 0.75 ? [first] : [first, second];
    for (const key of new Set(wanted.map((index) => this.keys[index]))) {
      await this.page.keyboard.down(key);
      this.#down.add(key);
    }
    await pause(60 + 500 * this.#random());
  }

  async #rest() {
    await this.#release();
    await pause(100);
  }

  async #release() {
    for (const key of this.#down) {
      this.#down.delete(key);
      await this.page.keyboard.up(key);
    }
  }

  #story() {
    const { now, seen, participant: { complaints } } = this;
    return `${JSON.stringify({ now, seen, complaints })} ${this.lastError ?? ""}`;
  }
}

/** A study with several robots in it. */
export class Table {
  /** @type {Robot[]} */
  robots = [];
  /** @type {Promise<void>[]} */
  #photographs = [];
  #began = performance.now();
  #test;
  #browser;

  constructor(test, browser, scenario, service, study, folder) {
    this.#test = test;
    this.#browser = browser;
    this.scenario = scenario;
    this.service = service;
    this.study = study;
    this.folder = folder;
  }

  /**
   * Starts the service with a study of tests/browser/experiments, or of another folder.
   * @param {import("node:test").TestContext} test
   * @param {import("playwright-core").Browser} browser
   * @param {string} scenario names the screenshots and the report's line
   * @param {string} study
   * @param {{folder?: string, args?: string[]}} [options]
   */
  static async open(test, browser, scenario, study, { folder = "tests/browser/experiments", ...options } = {}) {
    const service = await Service.start(test, `${folder}/${study}.py`, options);
    return new Table(test, browser, scenario, service, study, folder);
  }

  /**
   * Somebody opens the study's page.
   * @param {string} name
   * @param {{up?: import("./impair.mjs").Impairment, down?: import("./impair.mjs").Impairment, host?: string,
   *   keys?: string[], browser?: {newContext: () => Promise<any>}, tap?: {attach: (page: any) => void},
   *   hands?: (robot: Robot, random: () => number) => Promise<void>}} [options]
   */
  async seat(name, options = {}) {
    const { up, down, host, keys = ARROWS.slice(0, 3), browser = this.#browser, tap, hands } = options;
    const seed = seedOf(this.scenario, name);
    const network = await Impaired.start(this.service.url, { seed, up, down });
    this.#test.after(() => network.close());
    const participant = await Participant.arrive(this.#test, browser, network.url(host) + name, tap);
    const robot = new Robot(name, participant, network, keys, seed, hands);
    this.robots.push(robot);
    this.#test.after(() => robot.leave());
    if (this.robots.length <= 4) this.#photographs.push(this.#photograph(robot));
    this.#photographs.at(-1)?.catch(() => {}); // not everybody comes to play
    return robot;
  }

  /**
   * Everybody plays to the end, while `meanwhile` happens.
   * @param {() => Promise<unknown>} [meanwhile]
   */
  async play(meanwhile) {
    // Whoever fails, fails the test at once; who comes meanwhile is waited for, too.
    await Promise.all([meanwhile?.(), ...this.robots.map((robot) => robot.walked)]);
    await Promise.all(this.robots.map((robot) => robot.walked));
    await Promise.allSettled(this.#photographs);
  }

  /** The service dies as in a power cut, and is started again. */
  async killService() {
    const { data, url } = this.service;
    await this.service.kill();
    const options = { data, port: new URL(url).port };
    this.service = await Service.start(this.#test, `${this.folder}/${this.study}.py`, options);
  }

  /** The robot whose copy is the reference at the moment. */
  host() {
    const seats = this.facts("game_matched").at(-1).seats;
    const { player } = this.facts("host_moved").at(-1);
    return this.robots.find(({ name }) => name === seats[player].player.subject);
  }

  /** Of the running game, once. @param {Robot} robot */
  async #photograph(robot) {
    await robot.until(({ phase }) => phase === "playing" || phase === "end");
    if (robot.now.phase === "end") return;
    await pause(2000);
    await robot.participant.screenshot(`together-${this.scenario}-${robot.name}`);
  }

  /**
   * Stops the service and checks the record of every game of a scene by native replay.
   * @param {string} scene
   * @param {{partial?: boolean, tolerance?: number}} options see replay_together.py
   */
  async verify(scene, options = {}) {
    assert.equal(await this.service.stop(), 0, this.service.log);
    return this.check(scene, options);
  }

  /**
   * The same when the service has been stopped.
   * @param {string} scene @param {{partial?: boolean, tolerance?: number}} options
   */
  check(scene, options = {}) {
    const folder = this.service.file(`${this.study}/${scene}`);
    const files = readdirSync(path.join(folder, "games")).filter((name) => name.endsWith(".json"));
    const games = files.map((name) => {
      const file = path.join(folder, "games", name);
      const record = json(file);
      const people = record.players.filter(({ visit }) => visit !== null);
      const tables = people.map(({ subject }) => rows(path.join(folder, `${subject}.csv`)));
      return { file, record, tables, compared: replay(file, options) };
    });
    report(this, scene, games, (performance.now() - this.#began) / 1000);
    return games;
  }

  /** Facts of a kind, as the journal has them. @param {string} kind */
  facts(kind) {
    const python = `
import json, sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute("SELECT stream, body FROM facts WHERE fact = ? ORDER BY id", sys.argv[2:])
print(json.dumps([{"stream": stream, **json.loads(body)} for stream, body in rows]))`;
    const journal = this.service.file(`${this.study}/journal.sqlite`);
    return JSON.parse(execFileSync(PYTHON, ["-c", python, journal, kind], { encoding: "utf8" }));
  }

  /**
   * A participant was given a code for this reason, and the code was on the pages that it saw.
   * @param {Robot} robot @param {string} reason
   */
  assertCode(robot, reason) {
    const given = this.facts("dismissed").filter(({ stream }) => stream === `participant/${robot.name}`);
    assert.deepEqual(given.map((fact) => fact.reason), [reason]);
    const [{ code }] = given;
    assert.ok(robot.troubles.some(({ text }) => text.includes(code)), `${code}: ${JSON.stringify(robot.troubles)}`);
    assert.ok(robot.farewell.includes(code), `${code}: ${robot.farewell}`);
  }

  /** Nobody's page complained, and everything came from the service itself. */
  assertContent() {
    for (const { name, participant, troubles } of this.robots) {
      assert.deepEqual([participant.complaints, participant.foreign, troubles], [[], [], []], name);
    }
  }
}

/** Plays a game again natively; throws with the first difference. */
function replay(file, { partial = false, tolerance = 0 }) {
  const script = path.join(ROOT, "tests/browser/replay_together.py");
  const command = [script, file, "--tolerance", String(tolerance), ...(partial ? ["--partial"] : [])];
  const env = { ...process.env, PYTHONPATH: path.join(ROOT, "assets/python") };
  return JSON.parse(execFileSync(PYTHON, command, { encoding: "utf8", env, maxBuffer: 1 << 28 }));
}

const HEAD = [
  "scenario", "game", "frames", "deepest", "rollbacks", "waited", "late", "stood in", "healed", "hashes", "s",
];
const LEGEND = `Numbers are by player, in the order of seats.

- deepest: frames of the deepest rollback, by the data; rollbacks: how many, by the page (not before its last reload)
- waited: frames held up by the bound on prediction
- late: inputs that came after their frame was confirmed; stood in: frames with a stand-in input
- healed: copies that adopted the reference's state
- hashes: states on which the copies agreed, and native Python with them`;

/** @type {string[][]} */
const lines = [];

/** One line a game: by player, in the order of seats. */
function report(table, scene, games, seconds) {
  for (const [index, { record, tables, compared }] of games.entries()) {
    const people = record.players.filter(({ visit }) => visit !== null);
    const told = people.map(({ subject }) => table.robots.find(({ name }) => name === subject)?.stats(scene) ?? {});
    const depths = tables.map((table) => table.map((row) => Number(row["own.rollback_depth"] || 0)));
    const total = (name) => people.map(({ seat }) => sum(record.episodes.map((episode) => episode[name][seat] ?? 0)));
    lines.push([
      table.scenario,
      people.map(({ subject }) => subject).join(" "),
      compared.steps.join(" + "),
      depths.map((depths) => Math.max(0, ...depths)),
      told.map(({ rollbacks }, player) => rollbacks ?? `${depths[player].filter((depth) => depth > 0).length} frames`),
      told.map(({ waited }) => waited ?? "?"),
      total("late"),
      total("stood_in"),
      sum(record.episodes.map(({ desyncs }) => desyncs.filter(({ healed }) => healed).length)),
      compared.hashes,
      index === 0 ? seconds.toFixed(0) : "",
    ].map((cell) => (Array.isArray(cell) ? cell.join(" / ") : String(cell))));
  }
}

/** @type {string[][]} */
const notes = [];

/** Something else that a scenario measured, for the report. @param {Table} table @param {string} what */
export function note(table, what, value) {
  notes.push([table.scenario, what, String(value)]);
}

/** Writes what all scenarios of this run came to. @param {string} name of the file in test-output */
export function writeReport(name) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const made = (head, rows) => [line(head), line(head.map(() => "---")), ...rows.map(line), ""].join("\n");
  const text = [
    `${LEGEND}\n`,
    made(HEAD, lines),
    ...(notes.length ? [made(["scenario", "measured", "value"], notes)] : []),
  ].join("\n");
  mkdirSync(path.join(ROOT, "test-output"), { recursive: true });
  writeFileSync(path.join(ROOT, "test-output", name), text);
  console.log(text);
}
