// Runs recorded ticks of a multiplayer copy in the vendored Pyodide under Node.
//
// stdin:  {"root": checkout, "jobs": [{"name", "code", "settings" (base64), "seed", "ticks": [base64, ...]}]}
// stdout: {name: [what each tick gave, as JSON of a list], ...}

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { root, jobs } = JSON.parse(readFileSync(0, "utf8"));
const { loadPyodide } = await import(pathToFileURL(join(root, "assets/vendor/pyodide/pyodide.mjs")).href);
const python = await loadPyodide({ stdout: (line) => console.error(line) });
const source = join(root, "assets/python/greenroom");
python.FS.mkdirTree("/lib/greenroom-package/greenroom");
for (const name of readdirSync(source).filter((name) => name.endsWith(".py"))) {
  python.FS.writeFile(`/lib/greenroom-package/greenroom/${name}`, readFileSync(join(source, name)));
}
python.runPython("import sys; sys.path.insert(0, '/lib/greenroom-package')");
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
