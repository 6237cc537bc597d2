// Runs recorded ticks of a multiplayer copy in the vendored Pyodide under Node.
//
// stdin:  {"root": checkout, "jobs": [{"name", "code", "settings" (base64), "seed", "ticks": [base64, ...],
//         "packages" (vendored ones, optional), "folders" (of installed packages, optional)}]}
// stdout: {name: [what each tick gave, as JSON of a list], ...}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { putGreenroom, putInstalled } from "./pyodide_files.mjs";

const { root, jobs } = JSON.parse(readFileSync(0, "utf8"));
const { loadPyodide } = await import(pathToFileURL(join(root, "assets/vendor/pyodide/pyodide.mjs")).href);
const python = await loadPyodide({ stdout: (line) => console.error(line) });
putGreenroom(python, root);
const describe = python.runPython(`
import json
def describe(output):
    rows = [row.hex() for row in output.rows]
    return json.dumps([output.t, output.confirmed, output.depth, output.replayed, output.waiting, output.done,
                       rows, output.hashes, output.send and output.send.hex(), output.scores, output.timing])
describe
`);

const report = {};
for (const job of jobs) {
  if (job.packages) await python.loadPackage(job.packages, { messageCallback: () => {} });
  if (job.folders) putInstalled(python, job.folders);
  python.pyimport("greenroom.browser").prepare();
  const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
  const copy = python.pyimport("greenroom.rollback").Rollback(job.code, "game.py", bytes(job.settings));
  copy.reset(job.seed, 0).destroy();
  report[job.name] = job.ticks.map((events) => {
    const output = copy.tick(bytes(events));
    const text = describe(output);
    output.destroy();
    return text;
  });
}
console.log(JSON.stringify(report));
