//! Packages for the environments in the browser: resolved and downloaded by the service before anybody is let in, so that
//! no participant's browser ever asks a foreign server, and a package that no browser can run is found out at the start.
//!
//! pip itself resolves them, for the platform of the browser's Python. What the vendored wheels satisfy needs no network.

use std::path::{Path, PathBuf};
use std::process::Command;

use xxhash_rust::xxh3::xxh3_64;

/// Python version and platform of the vendored Pyodide (PEP 783).
const BROWSER_PYTHON: &str = "3.14";
const BROWSER_ABI: &str = "cp314";
const BROWSER_PLATFORM: &str = "pyemscripten_2026_0_wasm32";

/// Where wheels come from and go to.
#[derive(Debug, Clone)]
pub struct WheelSources<'a> {
    /// The Python whose pip is used.
    pub venv: &'a Path,
    /// Folders with wheels that are used before the package index is asked.
    pub folders: &'a [PathBuf],
    /// Folder for what was downloaded; an unchanged list is not resolved again.
    pub cache: &'a Path,
}

/// The packages cannot be had for the browser.
#[derive(Debug, thiserror::Error)]
pub enum WheelError {
    /// No wheel of a package runs in the browser.
    #[error(
        "packages_to_install: {package} has no wheel that runs in the browser (pip looked for py3-none-any or \
         {BROWSER_PLATFORM} wheels for Python {BROWSER_PYTHON}). Use a version that has one, do without it, or give a \
         folder with such a wheel with --wheels DIR"
    )]
    NoWheel {
        /// Which, as the researcher or another package requires it.
        package: String,
    },
    /// pip failed otherwise.
    #[error("packages_to_install: pip could not resolve {requirements}:\n{output}")]
    Pip {
        /// What was asked for.
        requirements: String,
        /// What pip said.
        output: String,
    },
    /// A folder cannot be read or written, or pip cannot be started.
    #[error("packages_to_install: cannot use {path}: {cause}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
}

/// The wheels that satisfy `requirements` (as pip writes them), with all that they need, sorted by name.
///
/// # Errors
/// When a package has no wheel for the browser, or pip fails.
pub fn resolve(requirements: &[String], sources: &WheelSources<'_>) -> Result<Vec<PathBuf>, WheelError> {
    if requirements.is_empty() {
        return Ok(Vec::new());
    }
    let mut wanted = requirements.to_vec();
    wanted.sort();
    wanted.dedup();
    let offered = sources.folders.iter().map(|folder| wheels_in(folder)).collect::<Result<Vec<_>, _>>()?.concat();
    // With size and time: a wheel that was built anew often keeps its name.
    let stamp = |wheel: &PathBuf| std::fs::metadata(wheel).and_then(|file| Ok((file.len(), file.modified()?))).ok();
    let offered: Vec<_> = offered.iter().map(|wheel| (wheel, stamp(wheel))).collect();
    let key = xxh3_64(format!("{BROWSER_PLATFORM} {wanted:?} {offered:?}").as_bytes());
    let folder = sources.cache.join(format!("{key:016x}"));
    if !folder.is_dir() {
        tracing::info!(packages = wanted.join(", "), "resolving packages for the browser");
        // Renamed when complete, so that an interrupted download is never taken for a whole one.
        let partial = sources.cache.join(format!("{key:016x}.part"));
        let failed = |cause| WheelError::Io { path: partial.clone(), cause };
        if partial.exists() {
            std::fs::remove_dir_all(&partial).map_err(failed)?;
        }
        std::fs::create_dir_all(&partial).map_err(failed)?;
        let offline = download(&wanted, sources, &partial, &["--no-index"]);
        offline.or_else(|_| download(&wanted, sources, &partial, &[]))?;
        std::fs::rename(&partial, &folder).map_err(failed)?;
    }
    wheels_in(&folder)
}

fn download(wanted: &[String], sources: &WheelSources<'_>, to: &Path, extra: &[&str]) -> Result<(), WheelError> {
    let python = sources.venv.join("bin/python");
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input", "--only-binary=:all:"]);
    pip.args(["--python-version", BROWSER_PYTHON, "--implementation", "cp", "--abi", BROWSER_ABI]);
    pip.args(["--platform", BROWSER_PLATFORM]).args(extra).arg("--dest").arg(to);
    for folder in sources.folders {
        pip.arg("--find-links").arg(folder);
    }
    let output = pip.arg("--").args(wanted).output().map_err(|cause| WheelError::Io { path: python.clone(), cause })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let missing = said.lines().find_map(|line| line.split_once("No matching distribution found for "));
    Err(match missing {
        Some((_, package)) => WheelError::NoWheel { package: package.trim().to_owned() },
        None => WheelError::Pip { requirements: wanted.join(", "), output: said },
    })
}

fn wheels_in(folder: &Path) -> Result<Vec<PathBuf>, WheelError> {
    let failed = |cause| WheelError::Io { path: folder.to_owned(), cause };
    let mut wheels = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "whl") {
            wheels.push(path);
        }
    }
    wheels.sort();
    Ok(wheels)
}
