/** Somebody who plays whatever a page offers until the study is over. */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { randomness } from "./impair.mjs";
import { PATIENCE, sum } from "./support.mjs";

/** All that these tests know of the page, beside the phases in `data-phase`. */
const PAGE = { onward: "#continue", start: "#start", giveUp: "#give-up", next: "#next-round" };

/** Numbers that the page tells of its copy in `globalThis.greenroomStats`, beside `episode`, since that began. */
const STATS = { rollbacks: "rollbacks", waited: "waitedFrames" };

export const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];

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
   * @param {string} name @param {import("./support.mjs").Participant} participant
   * @param {import("./impair.mjs").Impaired} network
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
