//! The browser's Python, under Node: the same Pyodide and the same wheels as in a participant's browser.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::child;
use super::report::Examination;

/// The oldest Node that the vendored Pyodide runs in.
const OLDEST: u32 = 20;

/// Why the browser's Python cannot be tried, in words, or nothing.
pub fn obstacle(assets: &Path) -> Option<String> {
    let how = format!(
        "install Node {OLDEST} or newer (https://nodejs.org, or your system's package `nodejs`) and check again, or say \
         --no-browser"
    );
    let output = Command::new("node").arg("--version").stderr(Stdio::null()).output();
    let version = output.ok().filter(|output| output.status.success()).map(|output| output.stdout);
    let Some(version) = version.map(|said| String::from_utf8_lossy(&said).trim().to_owned()) else {
        return Some(format!("The browser's Python was not tried, because there is no command `node`: {how}"));
    };
    let major: Option<u32> = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    if major.is_none_or(|major| major < OLDEST) {
        return Some(format!("The browser's Python was not tried, because `node` is {version}: {how}"));
    }
    let needed = ["vendor/pyodide/pyodide.mjs", "doctor/pyodide.mjs"].map(|file| assets.join(file));
    let missing = needed.iter().find(|file| !file.is_file())?;
    Some(format!(
        "The browser's Python was not tried, because there is no file {}: the service's files are not complete",
        missing.display()
    ))
}

/// Examines in the browser's Python, with `wheels` loaded into it.
///
/// # Errors
/// When Node cannot be started.
pub fn examine(
    assets: &Path,
    wheels: &[PathBuf],
    trace: &Path,
    request: &Value,
    limit: Duration,
    progress: impl FnMut(&str),
) -> io::Result<Examination> {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let wheels: Vec<_> = wheels.iter().map(|wheel| absolute(wheel)).collect();
    let input = json!({
        "vendor": absolute(&assets.join("vendor/pyodide")),
        "package": absolute(&assets.join("python/greenroom")),
        "wheels": wheels,
        "trace": trace,
        "request": request,
    });
    let mut command = Command::new("node");
    command.arg(absolute(&assets.join("doctor/pyodide.mjs")));
    child::examine(command, input.to_string().as_bytes(), limit, progress)
}
