// Runs environments in the vendored Pyodide under Node, driven as the browser's worker drives them: one call a tick.
//
// stdin:  {"root": checkout, "jobs": [{"name", "code", "filename", "settings" (base64), "packages", "seed", "inputs"}]}
// stdout: {"load_ms", "jobs": {name: {"rows" (base64), "start_ms", "tick_us", "replayed_t", "diverged"}}}

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { root, jobs } = JSON.parse(readFileSync(0, "utf8"));
const since = (start) => performance.now() - start;

const { loadPyodide } = await import(pathToFileURL(join(root, "assets/vendor/pyodide/pyodide.mjs")).href);
let start = performance.now();
const python = await loadPyodide({ stdout: (line) => console.error(line), stderr: (line) => console.error(line) });
const report = { load_ms: since(start), jobs: {} };

const source = join(root, "assets/python/greenroom");
python.FS.mkdirTree("/lib/greenroom-package/greenroom");
for (const name of readdirSync(source).filter((name) => name.endsWith(".py"))) {
  python.FS.writeFile(`/lib/greenroom-package/greenroom/${name}`, readFileSync(join(source, name)));
}
python.runPython("import sys; sys.path.insert(0, '/lib/greenroom-package')");

for (const job of jobs) {
  start = performance.now();
  if (job.packages.length > 0) await python.loadPackage(job.packages, { messageCallback: () => {} });
  python.pyimport("greenroom.browser").prepare();
  const engine = python.pyimport("greenroom.engine").Engine(
    job.code, job.filename, new Uint8Array(Buffer.from(job.settings, "base64")));
  engine.reset(job.seed, 0).destroy();
  const start_ms = since(start);

  const rows = [];
  start = performance.now();
  for (const input of job.inputs) {
    const output = engine.step(input);
    const row = output.row;
    rows.push(row.toJs());
    row.destroy();
    const frame = output.frame;
    if (frame) {
      frame.toJs();
      frame.destroy();
    }
    const { draw, done } = { draw: output.draw, done: output.done };
    output.destroy();
    if (done) break;
  }
  const tick_us = (since(start) / rows.length) * 1000;

  engine.reset(job.seed, 0).destroy();
  const again = engine.replay(rows);
  report.jobs[job.name] = {
    rows: rows.map((row) => Buffer.from(row).toString("base64")),
    start_ms,
    tick_us,
    replayed_t: again.t,
    diverged: again.diverged ?? null,
  };
}
console.log(JSON.stringify(report));
