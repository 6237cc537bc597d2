/**
 * Several participants at once, each in a browser profile and behind a network of its own, and what has to hold of the data
 * that they leave.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { Impaired, seedOf } from "./impair.mjs";
import { report } from "./report.mjs";
import { ARROWS, Robot } from "./robot.mjs";
import { Participant, ROOT, Service, json, rows } from "./support.mjs";

const PYTHON = path.join(ROOT, ".venv/bin/python");

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
