// The measurements of bench_rollback.py in the vendored Pyodide under Node:
//   node tests/python/bench_rollback_pyodide.mjs [GAME ...]
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { installedFolders, putFolder, putInstalled } from "./pyodide_files.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { loadPyodide } = await import(pathToFileURL(join(root, "assets/vendor/pyodide/pyodide.mjs")).href);
const python = await loadPyodide();
for (const folder of ["assets/python/greenroom", "experiments/environments", "tests/python"]) {
  putFolder(python, join(root, folder), `/checkout/${folder}`);
}
python.runPython("import sys; sys.path[:0] = ['/checkout/tests/python', '/checkout/assets/python']");

// First the games that need nothing: where numpy is loaded, its random generator belongs to every snapshot.
const games = process.argv.slice(2);
const wanted = (name) => games.length === 0 || games.includes(name);
const bench = python.pyimport("bench_rollback");
const pure = ["volley", "orchard"].filter(wanted);
if (pure.length > 0) bench.main(pure, "pyodide");

if (wanted("overcooked")) {
  const folders = installedFolders(root, ["cogrid", "pettingzoo"]);
  if (folders === null) {
    console.log("overcooked is left out: install requirements-dev.txt into .venv, or name a Python in PYTHON");
  } else {
    await python.loadPackage(["gymnasium"], { messageCallback: () => {} });
    putInstalled(python, folders);
    python.pyimport("greenroom.browser").prepare();
    const start = performance.now();
    python.runPython("import gymnasium, cogrid.cogrid_env, cogrid.envs");
    console.log(`pyodide: importing cogrid and what it needs took ${(performance.now() - start).toFixed(0)} ms`);
    bench.main(["overcooked"], "pyodide");
  }
}
