/**
 * A series of pictures for people: two browsers in a game, the service killed in the middle and started again, and the
 * same game goes on. It is left in test-output/screenshots/series.png, a row of moments with both players' pages.
 */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { ROOT, WALK, launch } from "./support.mjs";
import { Table } from "./together.mjs";

const OUTPUT = path.join(ROOT, "test-output/screenshots");
const EVERY = 400;
const NOTHING = 1500; // how long there is no service, so that people can see it

let browser;
before(async () => (browser = await launch()));
after(async () => await browser.close());

test("the pictures of a game that outlives its service", WALK, async (t) => {
  const table = await Table.open(t, browser, "series", "short_volley");
  const robots = await Promise.all(["ann", "bob"].map((name) => table.seat(name)));
  const moments = [];
  let began = 0;
  let going = true;
  const look = async (label = "") => {
    const seconds = (performance.now() - began) / 1000;
    const pages = await Promise.all(robots.map((robot) => robot.page.screenshot({ type: "jpeg", quality: 70 })));
    moments.push({ seconds, label, pages });
  };
  await table.play(async () => {
    await Promise.all(robots.map((robot) => robot.playing(2000)));
    began = performance.now();
    await look("playing");
    const watch = (async () => {
      while (going && moments.length < 60) {
        await pause(EVERY);
        if (going) await look();
      }
    })();
    await pause(2 * EVERY);
    await table.service.kill();
    await look("service killed");
    await pause(NOTHING);
    await table.killService(); // it is dead already; this starts it again
    await look("service started");
    await Promise.all(robots.map((robot) => robot.until(({ phase }) => phase === "end" || phase === "page")));
    going = false;
    await watch;
    await look("the game is over");
  });
  const [{ compared }] = await table.verify("volley");
  assert.deepEqual(compared.steps, [300]);
  await contactSheet(moments);
});

/** @param {{seconds: number, label: string, pages: Buffer[]}[]} moments */
async function contactSheet(moments) {
  const shown = moments.filter(({ label }, index) => label || index % 2 === 0);
  const image = (/** @type {Buffer} */ data) => `<img src="data:image/jpeg;base64,${data.toString("base64")}">`;
  const cell = ({ seconds, label, pages }) =>
    `<figure>${pages.map(image).join("")}<figcaption>${seconds.toFixed(1)} s ${label}</figcaption></figure>`;
  const page = await browser.newPage({ viewport: { width: 1400, height: 800 } });
  await page.setContent(`<style>
    body { margin: 12px; display: grid; grid-template-columns: repeat(5, 1fr); gap: 10px; font: 14px sans-serif }
    figure { margin: 0 } img { width: 100%; display: block; border: 1px solid #888 } figcaption { font-weight: bold }
  </style>${shown.map(cell).join("")}`);
  mkdirSync(OUTPUT, { recursive: true });
  writeFileSync(path.join(OUTPUT, "series.png"), await page.screenshot({ fullPage: true }));
  await page.close();
}
