/**
 * The real service and real browsers, for tests that walk through a study as a participant does.
 *
 * Screenshots are kept in test-output/screenshots: they are part of what these tests produce, for people to look at.
 */

import { spawn, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const BINARY = process.env.GREENROOM ?? path.join(ROOT, "target/release/greenroom");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SCREENSHOTS = path.join(ROOT, "test-output/screenshots");

/** Nothing takes so long unless it hangs; Python starts slowly on a small, busy machine. */
export const PATIENCE = 90_000;

/** Options of a test that walks through a whole study. */
export const WALK = { timeout: 240_000 };

/** What participants look at the page with. */
export const DESKTOP = { viewport: { width: 1280, height: 800 } };
export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

/** A service with a data folder of its own. */
export class Service {
  /**
   * Starts a service that ends with the test, however that ends.
   * @param {import("node:test").TestContext} test
   * @param {string} experiment path from the root
   * @param {{data?: string, port?: string, args?: string[]}} options
   */
  static async start(test, experiment, options = {}) {
    const { data = mkdtempSync(path.join(tmpdir(), "greenroom-")), port = "0", args = [] } = options;
    const service = new Service();
    service.data = data;
    service.log = "";
    service.process = spawn(BINARY, ["run", experiment, "--port", port, "--data", data, ...args], { cwd: ROOT });
    service.ended = new Promise((resolve) => service.process.on("close", resolve));
    test.after(async () => {
      await service.kill();
      rmSync(data, { recursive: true, force: true });
    });
    service.process.stderr.on("data", (text) => (service.log += text));
    service.out = "";
    service.url = await new Promise((resolve, reject) => {
      service.process.stdout.on("data", (text) => {
        service.out += text;
        const found = service.out.match(/Open (http:\S+)/);
        if (found) resolve(found[1]);
      });
      service.ended.then((code) => reject(new Error(`the service ended with ${code}: ${service.log}`)));
    });
    return service;
  }

  /** The address of the operator's page, with its key. */
  async operators() {
    for (;;) {
      const found = this.out.match(/Operators: (http:\S+)/);
      if (found) return found[1];
      await new Promise((resolve) => this.process.stdout.once("data", resolve));
    }
  }

  /** Stops it as Ctrl-C does; its exit code. */
  async stop() {
    this.process.kill("SIGINT");
    return await this.ended;
  }

  /** Ends it as a power cut does. */
  async kill() {
    this.process.kill("SIGKILL");
    await this.ended;
  }

  /** A file of the study's data. */
  file(/** @type {string} */ name) {
    return path.join(this.data, name);
  }
}

/** Debian's browser, or the one that CHROMIUM names. */
export function browserPath() {
  const names = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const found = names.find((name) => name && existsSync(name));
  if (!found) throw new Error("no Chromium found: apt-get install chromium, or name one with CHROMIUM=...");
  return found;
}

/** Starts a browser. */
export async function launch() {
  return await chromium.launch({
    executablePath: browserPath(),
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
}

/** One participant's page, with everything it complained about. */
export class Participant {
  /**
   * Opens the page in a browser profile of its own, which ends with the test.
   * @param {import("node:test").TestContext} test
   * @param {import("playwright-core").Browser} browser
   * @param {string} url
   * @param {{attach: (page: import("playwright-core").Page) => void}} [tap] listens to what goes over the connection
   * @param {import("playwright-core").BrowserContextOptions} [device] what it looks at the page with
   */
  static async arrive(test, browser, url, tap, device = DESKTOP) {
    const participant = new Participant();
    participant.context = await browser.newContext(device);
    test.after(() => participant.context.close());
    participant.complaints = [];
    participant.foreign = [];
    participant.requests = [];
    participant.page = await participant.context.newPage();
    participant.page.setDefaultTimeout(PATIENCE);
    participant.page.on("pageerror", (error) => participant.complaints.push(String(error)));
    participant.page.on("console", (message) => {
      if (message.type() === "error") participant.complaints.push(message.text());
    });
    const origin = new URL(url).origin;
    tap?.attach(participant.page);
    participant.context.on("request", (request) => {
      participant.requests.push(request.url());
      const own = request.url().startsWith(origin) || /^(data|blob):/.test(request.url());
      if (!own) participant.foreign.push(request.url());
    });
    await participant.page.goto(url);
    return participant;
  }

  /** Waits until the page is in this phase, and in this scene if one is given. */
  async phase(name, scene) {
    await this.page.waitForFunction(
      ([name, scene]) => {
        const { phase, scene: now } = document.documentElement.dataset;
        return phase === name && (!scene || now === scene);
      },
      [name, scene],
      { timeout: PATIENCE },
    );
  }

  /** From the start page into the running game. */
  async begin() {
    await this.page.click("#continue");
    await this.phase("ready");
    await this.page.click("#start");
    await this.phase("playing");
  }

  async screenshot(/** @type {string} */ name) {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`) });
  }
}

/** The rows of a CSV file as objects. The files of games have no quoted fields with commas that matter here. */
export function rows(file) {
  const python = "import csv, json, sys; print(json.dumps(list(csv.DictReader(open(sys.argv[1])))))";
  return JSON.parse(execFileSync(path.join(ROOT, ".venv/bin/python"), ["-c", python, file], { maxBuffer: 1 << 28 }));
}

/**
 * What axe finds serious or critical on a page, and in the documents that it shows.
 * @param {import("playwright-core").Page} page
 * @returns {Promise<string[]>}
 */
export async function serious(page) {
  for (const frame of page.frames()) await frame.evaluate(AXE);
  const { violations } = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })");
  const grave = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  return grave.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`);
}

/** A JSON file. */
export function json(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Plays a recorded game again in native Python and compares it step by step; throws with the first difference. */
export function verifyByReplay(csv, metadata) {
  const script = path.join(ROOT, "tests/browser/replay.py");
  return JSON.parse(execFileSync(path.join(ROOT, ".venv/bin/python"), [script, csv, metadata], { encoding: "utf8" }));
}

export const sum = (values) => values.reduce((a, b) => a + b, 0);
