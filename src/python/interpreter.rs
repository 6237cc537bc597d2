//! Starts the embedded Python. It has to be the one of the study's virtual environment, with its packages, whatever
//! the environment variables and the folder that the service was started from say.

#![allow(unsafe_code)]

use std::ffi::{CStr, CString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use pyo3::ffi;
use pyo3::prelude::*;

use super::builders::module as builders_module;

/// Oldest Python that works.
const OLDEST: (u32, u32) = (3, 11);

/// What a Python is asked about itself: version, prefix and base prefix, one a line.
const WHO: &str = "import sys; print('.'.join(map(str, sys.version_info[:3])), sys.prefix, sys.base_prefix, sep='\\n')";

/// Proof that Python runs, in the virtual environment that was asked for. It runs until the process ends.
#[derive(Debug, Clone)]
pub struct Interpreter {
    venv: PathBuf,
    packages: PathBuf,
    version: String,
}

/// Why Python cannot be started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InterpreterError {
    /// There is no virtual environment.
    #[error(
        "there is no virtual environment at {}: create it with `python3 -m venv {}` and install the study's packages \
         there, or name another one with --venv", .0.display(), .0.display()
    )]
    NoVenv(PathBuf),
    /// The environment's Python does not run.
    #[error(
        "{} does not run ({why}): its base Python may have been moved or removed; create the virtual environment again",
        .python.display()
    )]
    Broken {
        /// The environment's Python.
        python: PathBuf,
        /// What happened.
        why: String,
    },
    /// The environment's Python is too old.
    #[error(
        "the virtual environment {} is of Python {version}, but {}.{} or newer is needed: create it with a newer Python",
        .venv.display(), OLDEST.0, OLDEST.1
    )]
    TooOld {
        /// The environment.
        venv: PathBuf,
        /// Its version.
        version: String,
    },
    /// The service's library of Python is not that of the environment.
    #[error(
        "the virtual environment {} is of {theirs}, but this greenroom runs {ours}. Mixed, they fail in strange ways. \
         Create the virtual environment with the Python that greenroom was built with, or build greenroom again with \
         PYO3_PYTHON={}/bin/python", .venv.display(), .venv.display()
    )]
    Mixed {
        /// The environment.
        venv: PathBuf,
        /// Its Python.
        theirs: String,
        /// The service's Python.
        ours: String,
    },
    /// The service's own package is missing.
    #[error("the package `greenroom` is not in {}: the service's files are not complete, install them again", .0.display())]
    NoPackage(PathBuf),
    /// Python's own initialisation failed.
    #[error("Python cannot be started in {}: {why}", .venv.display())]
    NotStarted {
        /// The environment.
        venv: PathBuf,
        /// In Python's words.
        why: String,
    },
    /// Python runs already, elsewhere.
    #[error("Python runs in {} already, so it cannot run in {}: a process has one Python", .running.display(), .wanted.display())]
    Elsewhere {
        /// Where it runs.
        running: PathBuf,
        /// Where it was wanted.
        wanted: PathBuf,
    },
}

/// What came of starting Python: it can be tried only once in a process.
static OUTCOME: Mutex<Option<(PathBuf, Result<Interpreter, InterpreterError>)>> = Mutex::new(None);

impl Interpreter {
    /// Starts the Python of `venv`, with `packages` (the directory that holds the package `greenroom`) on its path.
    /// Starting the same one again does nothing.
    ///
    /// # Errors
    /// When there is no such environment, or its Python and the service's library of Python do not belong together.
    pub fn start(venv: &Path, packages: &Path) -> Result<Self, InterpreterError> {
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let (venv, packages) = (absolute(venv), absolute(packages));
        let mut outcome = OUTCOME.lock().unwrap_or_else(PoisonError::into_inner);
        match &*outcome {
            Some((running, outcome)) if *running == venv => return outcome.clone(),
            Some((running, _)) => return Err(InterpreterError::Elsewhere { running: running.clone(), wanted: venv }),
            None => {}
        }
        if !packages.join("greenroom").is_dir() {
            return Err(InterpreterError::NoPackage(packages));
        }
        let theirs = examine(&venv, &library_version())?;
        let started = start_as(&venv, &packages, theirs);
        *outcome = Some((venv, started.clone()));
        started
    }

    /// The virtual environment.
    pub fn venv(&self) -> &Path {
        &self.venv
    }

    /// The directory that holds the package `greenroom`.
    pub fn packages(&self) -> &Path {
        &self.packages
    }

    /// Python's version, for example `3.11.2`.
    pub fn version(&self) -> &str {
        &self.version
    }
}

/// What tells one Python from another.
#[derive(Debug, PartialEq, Eq)]
struct Who {
    version: String,
    prefix: String,
    base_prefix: String,
}

/// What the Python of `venv` is, if it can be run by a service with that version of Python's library.
fn examine(venv: &Path, library: &str) -> Result<Who, InterpreterError> {
    let python = venv.join("bin").join("python");
    if !venv.join("pyvenv.cfg").is_file() || std::fs::symlink_metadata(&python).is_err() {
        return Err(InterpreterError::NoVenv(venv.to_owned()));
    }
    let theirs = ask(&python)?;
    let version: Vec<u32> = theirs.version.split('.').filter_map(|part| part.parse().ok()).collect();
    if version.as_slice() < [OLDEST.0, OLDEST.1].as_slice() {
        return Err(InterpreterError::TooOld { venv: venv.to_owned(), version: theirs.version });
    }
    if library != theirs.version {
        return Err(mixed(venv, &theirs, format!("Python {library}")));
    }
    Ok(theirs)
}

/// Starts Python and makes sure that it is the one that was asked for: the version alone does not tell two builds of
/// one version apart.
fn start_as(venv: &Path, packages: &Path, theirs: Who) -> Result<Interpreter, InterpreterError> {
    let failed = |why| InterpreterError::NotStarted { venv: venv.to_owned(), why };
    initialize(&venv.join("bin").join("python")).map_err(failed)?;
    let ours = Python::attach(|py| who_runs(py, packages)).map_err(|error| failed(error.to_string()))?;
    if ours != theirs {
        return Err(mixed(venv, &theirs, ours.to_string()));
    }
    Ok(Interpreter { venv: venv.to_owned(), packages: packages.to_owned(), version: ours.version })
}

fn mixed(venv: &Path, theirs: &Who, ours: String) -> InterpreterError {
    InterpreterError::Mixed { venv: venv.to_owned(), theirs: theirs.to_string(), ours }
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Python {} in {}", self.version, self.base_prefix)
    }
}

/// Asks the environment's own Python, in a process of its own.
fn ask(python: &Path) -> Result<Who, InterpreterError> {
    let broken = |why: String| InterpreterError::Broken { python: python.to_owned(), why };
    let output = Command::new(python).args(["-I", "-c", WHO]).output().map_err(|error| broken(error.to_string()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = text.lines().collect();
    match lines.as_slice() {
        [version, prefix, base_prefix] if output.status.success() => Ok(Who {
            version: (*version).to_owned(),
            prefix: (*prefix).to_owned(),
            base_prefix: (*base_prefix).to_owned(),
        }),
        _ => Err(broken(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()))),
    }
}

/// Asks the embedded Python, and shows it the package `greenroom`.
fn who_runs(py: Python<'_>, packages: &Path) -> PyResult<Who> {
    let sys = py.import("sys")?;
    sys.getattr("path")?.call_method1("insert", (0, packages.to_string_lossy()))?;
    let (major, minor, micro): (u32, u32, u32) = {
        let info = sys.getattr("version_info")?;
        (info.get_item(0)?.extract()?, info.get_item(1)?.extract()?, info.get_item(2)?.extract()?)
    };
    Ok(Who {
        version: format!("{major}.{minor}.{micro}"),
        prefix: sys.getattr("prefix")?.extract()?,
        base_prefix: sys.getattr("base_prefix")?.extract()?,
    })
}

/// Version of the library that the process was linked with.
fn library_version() -> String {
    // SAFETY: `Py_GetVersion` may be called before Python is started, and returns a text that lives for ever.
    let text = unsafe { CStr::from_ptr(ffi::Py_GetVersion()) }.to_string_lossy();
    text.split_whitespace().next().unwrap_or_default().to_owned()
}

/// Starts Python as if `python` had been called, and lets go of the interpreter's lock.
fn initialize(python: &Path) -> Result<(), String> {
    let path = CString::new(python.as_os_str().as_bytes()).map_err(|_| "its path contains a zero byte".to_owned())?;
    pyo3::append_to_inittab!(builders_module);
    // UTF-8 everywhere: a study must not read its files differently under another locale.
    // SAFETY: the structure is initialised by Python before it is read, and Python is not started yet.
    let status = unsafe {
        let mut config = std::mem::zeroed::<ffi::PyPreConfig>();
        ffi::PyPreConfig_InitPythonConfig(&mut config);
        config.use_environment = 0;
        config.parse_argv = 0;
        config.utf8_mode = 1;
        ffi::Py_PreInitialize(&config)
    };
    succeeded(status)?;
    // SAFETY: as above; the strings that Python puts into the structure are given back by `PyConfig_Clear`, on success
    // and on failure. `path` outlives the calls.
    let status = unsafe {
        let mut config = std::mem::zeroed::<ffi::PyConfig>();
        ffi::PyConfig_InitPythonConfig(&mut config);
        config.use_environment = 0;
        config.parse_argv = 0;
        // Texts have the same hashes in each process: an environment that goes through a set plays on in another worker as
        // it would have in the one before.
        config.use_hash_seed = 1;
        config.hash_seed = 0;
        // The service has its own; Python's would take Ctrl-C away from it.
        config.install_signal_handlers = 0;
        // What a study prints must not stay in a buffer that nobody empties.
        config.buffered_stdio = 0;
        let mut status = ffi::PyConfig_SetBytesString(&mut config, &mut config.executable, path.as_ptr());
        if ffi::PyStatus_Exception(status) == 0 {
            status = ffi::Py_InitializeFromConfig(&config);
        }
        ffi::PyConfig_Clear(&mut config);
        status
    };
    succeeded(status)?;
    // SAFETY: this thread holds the lock, as it has just started Python. It never needs the state that is returned:
    // from here on threads enter by `Python::attach`, and Python is never finalised.
    unsafe { ffi::PyEval_SaveThread() };
    Ok(())
}

fn succeeded(status: ffi::PyStatus) -> Result<(), String> {
    // SAFETY: a plain question about a value.
    if unsafe { ffi::PyStatus_Exception(status) } == 0 {
        return Ok(());
    }
    if status.err_msg.is_null() {
        return Err(format!("it ended with code {}", status.exitcode));
    }
    // SAFETY: Python's messages are texts that live for ever.
    Err(unsafe { CStr::from_ptr(status.err_msg) }.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A virtual environment whose Python is the given shell script.
    fn venv(script: &str) -> tempfile::TempDir {
        let venv = tempfile::tempdir().unwrap();
        std::fs::create_dir(venv.path().join("bin")).unwrap();
        std::fs::write(venv.path().join("pyvenv.cfg"), "").unwrap();
        let python = venv.path().join("bin/python");
        std::fs::write(&python, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).unwrap();
        venv
    }

    #[test]
    fn a_folder_without_an_environment_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let error = examine(folder.path(), "3.11.2").unwrap_err();
        assert!(matches!(error, InterpreterError::NoVenv(_)), "{error}");
        assert!(error.to_string().contains("python3 -m venv"), "{error}");
    }

    #[test]
    fn another_version_is_refused() {
        let venv = venv("echo 3.12.1; echo /venv; echo /opt/python");
        let error = examine(venv.path(), "3.11.2").unwrap_err();
        assert!(matches!(error, InterpreterError::Mixed { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("is of Python 3.12.1 in /opt/python") && text.contains("runs Python 3.11.2"), "{text}");
        assert!(text.contains("PYO3_PYTHON="), "{text}");
    }

    #[test]
    fn an_old_version_is_refused() {
        for old in ["3.9.18", "2.7.1"] {
            let venv = venv(&format!("echo {old}; echo /venv; echo /opt/python"));
            let error = examine(venv.path(), old).unwrap_err();
            assert!(matches!(error, InterpreterError::TooOld { .. }), "{error}");
        }
    }

    #[test]
    fn a_python_that_does_not_run_is_refused() {
        let venv = venv("echo no such library >&2; exit 127");
        let error = examine(venv.path(), "3.11.2").unwrap_err();
        assert!(error.to_string().contains("no such library"), "{error}");
    }

    #[test]
    fn python_starts_once() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (venv, packages) = (root.join(".venv"), root.join("assets/python"));
        Interpreter::start(&venv, &packages).unwrap();
        let again = Interpreter::start(&venv, &packages).unwrap();
        assert_eq!(again.venv(), venv);
        let error = Interpreter::start(root, &packages).unwrap_err();
        assert!(matches!(error, InterpreterError::Elsewhere { .. }), "{error}");
    }
}
