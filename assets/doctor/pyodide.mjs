// The browser's Python under Node, for `greenroom check`: runs `greenroom.doctor` there.
//
// stdin:  {"vendor": folder of Pyodide, "package": folder of greenroom, "wheels": [path], "trace": path or null, "request"}
// stdout: what `greenroom.doctor.examine` writes, one JSON object a line

import { existsSync, readFileSync, readdirSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { vendor, package: source, wheels, trace, request } = JSON.parse(readFileSync(0, "utf8"));
const say = (line) => void writeSync(1, `${line}\n`);
const complain = (line) => console.error(line);

say(JSON.stringify({ kind: "progress", text: "starts the browser's Python" }));
const { loadPyodide } = await import(pathToFileURL(join(vendor, "pyodide.mjs")).href);
const python = await loadPyodide({ stdout: complain, stderr: complain });
if (wheels.length > 0) {
  await python.loadPackage(wheels.map((wheel) => pathToFileURL(wheel).href), { messageCallback: () => {}, errorCallback: complain });
}
function put(source, site) {
  python.FS.mkdirTree(site);
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), `${site}/${entry.name}`];
    if (entry.isDirectory() && entry.name !== "__pycache__") put(from, to);
    else if (entry.name.endsWith(".py")) python.FS.writeFile(to, readFileSync(from));
  }
}
put(source, "/lib/greenroom-package/greenroom");
put(join(source, "../compat"), "/lib/greenroom-package/compat");
python.runPython("import sys; sys.path.insert(0, '/lib/greenroom-package')");
python.pyimport("greenroom.browser").prepare();
if (trace !== null && existsSync(trace)) python.FS.writeFile("/trace", readFileSync(trace));
python.pyimport("greenroom.doctor").examine_text(JSON.stringify({ ...request, folder: null, trace: "/trace" }), say);
process.exit(0);
