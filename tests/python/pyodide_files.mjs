// Python files for Pyodide under Node: this project's package, and packages of pure Python from this machine's venv.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";

/** Copies a folder's Python files, with those of the folders in it. */
export function putFolder(python, from, to) {
  python.FS.mkdirTree(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const path = join(from, entry.name);
    if (entry.isDirectory() && entry.name !== "__pycache__") putFolder(python, path, `${to}/${entry.name}`);
    else if (entry.name.endsWith(".py")) python.FS.writeFile(`${to}/${entry.name}`, readFileSync(path));
  }
}

/** Makes the package greenroom importable. */
export function putGreenroom(python, root) {
  putFolder(python, join(root, "assets/python/greenroom"), "/lib/greenroom-package/greenroom");
  python.runPython("import sys; sys.path.insert(0, '/lib/greenroom-package')");
}

/** Makes installed packages importable that are named by their folders. */
export function putInstalled(python, folders) {
  for (const folder of folders) putFolder(python, folder, `/lib/installed/${basename(folder)}`);
  python.runPython("import sys; sys.path.append('/lib/installed')");
}

/** The folders of packages that a Python has installed, or null if one is missing. */
export function installedFolders(root, names) {
  const own = join(root, ".venv/bin/python");
  const command = process.env.PYTHON ?? (existsSync(own) ? own : "python3");
  const code = `
import importlib.util, json, pathlib, sys
specs = [importlib.util.find_spec(name) for name in sys.argv[1:]]
print(json.dumps([str(pathlib.Path(spec.origin).parent) for spec in specs] if all(specs) else None))`;
  return JSON.parse(execFileSync(command, ["-c", code, ...names], { encoding: "utf8" }));
}
