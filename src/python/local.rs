//! The Python files of a study: its module, its environments, and what those import from the module's own folder. They are
//! kept with the data, and a change of one is a change of the study.
//!
//! Found by reading, so that nothing has to run: imports are looked up as Python would, in the folder that the service puts
//! on the path. Modules that were loaded from the folder in another way are added.

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::path::{Path, PathBuf};

use pyo3::prelude::*;

use crate::experiment::Experiment;

const SOURCE: &CStr = cr#"
import ast
import os
import sys
from importlib import metadata


def imported(tree, package):
    """Names that the code imports, absolute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package[: len(package) - node.level + 1]
                base = ".".join([*parts, *([base] if base else [])])
            if base:
                yield base
            for alias in node.names:
                yield f"{base}.{alias.name}" if base else alias.name
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__") and isinstance(node.args[0].value, str):
                yield node.args[0].value


def files_of(name, folder):
    """Files that are run when a module of that name is imported from the folder."""
    path = folder
    for part in name.split("."):
        if not part.isidentifier():
            return
        path = os.path.join(path, part)
        for file in (os.path.join(path, "__init__.py"), path + ".py"):
            if os.path.isfile(file):
                yield file
                break
        if not os.path.isdir(path):
            return


def local_files(folder, roots, codes, apart):
    folder = os.path.abspath(folder)
    apart = [os.path.abspath(path) for path in (*apart, sys.prefix, sys.base_prefix)]
    apart = [path for path in apart if path != folder and not folder.startswith(path.rstrip(os.sep) + os.sep)]

    def is_local(file):
        if not file.startswith(folder.rstrip(os.sep) + os.sep):
            return False
        if any(part in ("site-packages", "dist-packages") for part in file.split(os.sep)):
            return False
        return not any(file.startswith(path.rstrip(os.sep) + os.sep) for path in apart)

    found = {}
    waiting = []

    def meet(source, package):
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            return
        for name in imported(tree, package):
            waiting.extend(files_of(name, folder))

    waiting.extend(roots)
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file.endswith(".py"):
            waiting.append(file)
    for code in codes:
        meet(code, [])
    while waiting:
        file = os.path.abspath(waiting.pop())
        if file in found or not is_local(file) or not os.path.isfile(file):
            continue
        found[file] = None
        with open(file, "rb") as opened:
            source = opened.read()
        # Relative imports are those of the file's own package.
        meet(source, os.path.relpath(os.path.dirname(file), folder).split(os.sep))
    return sorted(found)


def installed():
    found = {}
    for one in metadata.distributions():
        name = one.metadata["Name"]
        # The first on the path is the one that is imported.
        if name:
            found.setdefault(name.lower().replace("_", "-"), one.version or "")
    return found
"#;

fn module(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    PyModule::from_code(py, SOURCE, c"local.py", c"_greenroom_local")
}

/// The study's local Python files, absolute and sorted; none outside of the module's folder, and none of `apart`.
pub(super) fn files(
    py: Python<'_>,
    path: &Path,
    folder: &Path,
    experiment: &Experiment,
    apart: &[&Path],
) -> PyResult<Vec<PathBuf>> {
    let runtimes = || experiment.stager.gyms().map(|gym| &gym.runtime);
    let named = runtimes().map(|runtime| folder.join(&runtime.filename));
    let roots: Vec<PathBuf> = named.filter(|file| file.is_file()).chain([path.to_owned()]).collect();
    let codes: Vec<&str> = runtimes()
        .flat_map(|runtime| [Some(&runtime.code), runtime.on_game_step_code.as_ref()])
        .flatten()
        .map(String::as_str)
        .collect();
    module(py)?.call_method1("local_files", (folder, roots, codes, apart.to_vec()))?.extract()
}

/// Installed packages, with their versions.
pub(super) fn installed(py: Python<'_>) -> PyResult<BTreeMap<String, String>> {
    module(py)?.call_method0("installed")?.extract()
}
