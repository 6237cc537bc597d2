import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { chromium } from "playwright-core";

import { browserPath } from "./support.mjs";

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
