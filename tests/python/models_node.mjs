// A network that plays an agent in the vendored Pyodide under Node: fed and answered as the browser's worker does it. In
// the place of a runtime for networks stands a rule that is easy to say.
//
// stdin:  {"root": checkout, "code", "settings" (base64), "seed", "steps", "cut"}
// stdout: {"rows" (base64), "again" (base64; after a replay of the first `cut`), "asked": models asked in the replay}

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { root, code, settings, seed, steps, cut } = JSON.parse(readFileSync(0, "utf8"));
const { loadPyodide } = await import(pathToFileURL(join(root, "assets/vendor/pyodide/pyodide.mjs")).href);
const python = await loadPyodide();
const source = join(root, "assets/python/greenroom");
python.FS.mkdirTree("/lib/greenroom-package/greenroom");
for (const name of readdirSync(source).filter((name) => name.endsWith(".py"))) {
  python.FS.writeFile(`/lib/greenroom-package/greenroom/${name}`, readFileSync(join(source, name)));
}
python.runPython("import sys; sys.path.insert(0, '/lib/greenroom-package')");
const engine = python.pyimport("greenroom.engine").Engine(
  code, "game.py", new Uint8Array(Buffer.from(settings, "base64")));

const floats = (bytes) => new Float32Array(bytes.slice().buffer);

/** The state adds up what is seen; the logits are three lines in it. */
function run(feeds) {
  const [seen] = floats(feeds.obs[0]);
  const [state] = floats(feeds.state[0]);
  const next = Math.fround((state + seen) % 7);
  return { logits: new Float32Array([3 - next, 1, next - 4]), next_state: new Float32Array([next]) };
}

function answer(output) {
  const models = output.models.toJs();
  for (const [agent, feeds] of models) engine.answer(agent, run(feeds));
  return models.length;
}

function play(output, count) {
  const rows = [];
  for (let step = 0; step < count; step++) {
    answer(output);
    output = engine.step('{"me":0}');
    rows.push(output.row.toJs());
  }
  return rows;
}

const written = (rows) => rows.map((row) => Buffer.from(row).toString("base64"));
const rows = play(engine.reset(seed), steps);
engine.reset(seed);
let asked = 0;
let output = engine.replay(rows.slice(0, cut));
while (engine.replaying) {
  asked += answer(output);
  output = engine.replay_on();
}
console.log(JSON.stringify({ rows: written(rows), again: written(play(output, steps - cut)), asked }));
