// The measurements of bench_rollback.py in the vendored Pyodide under Node: node tests/python/bench_rollback_pyodide.mjs
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { loadPyodide } = await import(pathToFileURL(join(root, "assets/vendor/pyodide/pyodide.mjs")).href);
const python = await loadPyodide();
const put = (path, from) => python.FS.writeFile(path, readFileSync(join(root, from)));
for (const folder of ["assets/python/greenroom", "experiments/environments", "tests/python"]) {
  python.FS.mkdirTree(`/checkout/${folder}`);
  for (const name of readdirSync(join(root, folder)).filter((name) => name.endsWith(".py"))) {
    put(`/checkout/${folder}/${name}`, `${folder}/${name}`);
  }
}
python.runPython(`
import sys
sys.path.insert(0, "/checkout/tests/python")
import bench_rollback as bench
code = lambda name: open(f"/checkout/experiments/environments/{name}.py").read()
bench.report({name: bench.measure(name, code(name)) for name in bench.GAMES}, "pyodide")
`);
