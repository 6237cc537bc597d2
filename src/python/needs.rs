//! What a scene needs that can be told without running its environment: packages on the service, and functions in the
//! environment's code. Where it cannot be told, nothing is said: the environment itself will.

use std::ffi::CStr;

use pyo3::prelude::*;

/// Asks the virtual environment. What pip cannot read is pip's to complain of.
const SOURCE: &CStr = cr#"
from importlib import metadata


def why_not(text):
    try:
        from packaging.requirements import Requirement
    except ImportError:
        from pip._vendor.packaging.requirements import Requirement
    wanted = Requirement(text)
    if wanted.url or (wanted.marker and not wanted.marker.evaluate()):
        return None
    try:
        found = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        return "which the service's virtual environment does not have"
    if wanted.specifier.contains(found, prereleases=True):
        return None
    return f"but the service's virtual environment has version {found}"


def defines_no(source, name):
    import ast

    if any(word in source for word in ("import *", "globals(", "exec(", "__getattr__", "setattr(")):
        return False
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name:
            return False
        if isinstance(node, ast.alias) and (node.asname or node.name) == name:
            return False
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Store):
            if getattr(node, "id", None) == name or getattr(node, "attr", None) == name:
                return False
    return True


def has_no(source, name):
    if any(word in source for word in ("import *", "globals(", "exec(", "__getattr__")):
        return False
    return name not in compile(source, "environment", "exec").co_names
"#;

/// Requirements that the service's own Python does not meet; each completes "the scene ...".
pub(super) fn lacking(py: Python<'_>, requirements: &[String]) -> Vec<String> {
    let why = |requirement: &String| -> PyResult<Option<String>> {
        module(py)?.call_method1("why_not", (requirement,))?.extract()
    };
    let told = |requirement: &String| {
        why(requirement).ok().flatten().map(|why| {
            format!(
                "needs {requirement:?} on the service, which runs its environment, {why}: install it there with \
                 `pip install {requirement:?}`"
            )
        })
    };
    requirements.iter().filter_map(told).collect()
}

/// Whether source that compiles certainly leaves nothing of that name.
pub(super) fn has_no(py: Python<'_>, source: &str, name: &str) -> bool {
    let asked = || -> PyResult<bool> { module(py)?.call_method1("has_no", (source, name))?.extract() };
    asked().unwrap_or(false)
}

/// Whether source that compiles certainly defines no function or method of that name.
pub(super) fn defines_no(py: Python<'_>, source: &str, name: &str) -> bool {
    let asked = || -> PyResult<bool> { module(py)?.call_method1("defines_no", (source, name))?.extract() };
    asked().unwrap_or(false)
}

fn module(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    PyModule::from_code(py, SOURCE, c"needs.py", c"_greenroom_needs")
}
