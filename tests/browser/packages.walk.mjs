/**
 * A package from an operator's own folder reaches the environment in the browser, through the service alone.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";

import { Participant, ROOT, Service, WALK, launch, rows } from "./support.mjs";

let browser;
before(async () => (browser = await launch()));
after(async () => await browser.close());

const MAKE_WHEEL = `
import sys, zipfile
info = "tiny_physics-1.0.dist-info/"
with zipfile.ZipFile(sys.argv[1] + "/tiny_physics-1.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr("tiny_physics.py", "def fall(height):\\n    return height - 10.0\\n")
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: tiny-physics\\nVersion: 1.0\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "RECORD", "")
`;

test("a wheel from the operator's folder is used by the environment in the browser", WALK, async (t) => {
  const wheels = mkdtempSync(path.join(tmpdir(), "greenroom-wheels-"));
  t.after(() => rmSync(wheels, { recursive: true, force: true }));
  execFileSync(path.join(ROOT, ".venv/bin/python"), ["-c", MAKE_WHEEL, wheels]);
  const service = await Service.start(t, "tests/browser/experiments/packaged.py", { args: ["--wheels", wheels] });
  const participant = await Participant.arrive(t, browser, `${service.url}ann`);
  await participant.begin();
  await participant.phase("end");
  assert.deepEqual(participant.foreign, []);
  assert.equal(await service.stop(), 0, service.log);
  const heights = rows(service.file("packaged/drop/ann.csv")).map((row) => Number(row["observations.human"]));
  assert.deepEqual(heights, [100, 90, 80, 70, 60, 50, 40, 30, 20, 10], "the observation before each action");
});
