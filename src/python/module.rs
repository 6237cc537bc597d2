//! Runs the experiment module and takes the study that it leaves.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::PySyntaxError;
use pyo3::prelude::*;
use pyo3::types::PyModule;

use super::builders::{Experiment as Builder, Within};
use super::matchmaker::Folders;
use super::{Interpreter, compat, local, study, traceback};
use crate::experiment::{Experiment, Place, Problem};
use crate::ids::SceneId;
use crate::rules::events::Callbacks;
use crate::rules::functions::{Call, FunctionKey};
use crate::rules::matchers::Suggest;

/// The module's name inside Python. Not that of its file, which might be the name of some library.
const MODULE_NAME: &str = "experiment_module";

/// Held while a module is loaded.
static LOADING: Mutex<()> = Mutex::new(());

/// A study, as its module describes it.
#[derive(Clone)]
pub struct Loaded {
    /// The study.
    pub experiment: Experiment,
    /// The module's own functions that say who plays with whom, by scene.
    pub suggesters: BTreeMap<SceneId, Arc<dyn Suggest>>,
    /// The module's own functions that decide something.
    pub functions: BTreeMap<FunctionKey, Arc<dyn Call>>,
    /// The module's own objects that are told of what happened.
    pub callbacks: Callbacks,
    /// The module's file, absolute.
    pub module: PathBuf,
    /// The Python files that the study consists of, absolute: the module, its environments, and what those import from its
    /// folder.
    pub sources: Vec<PathBuf>,
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suggesters: Vec<_> = self.suggesters.keys().collect();
        f.debug_struct("Loaded")
            .field("experiment", &self.experiment)
            .field("suggesters", &suggesters)
            .field("functions", &self.functions)
            .field("callbacks", &self.callbacks)
            .field("module", &self.module)
            .finish()
    }
}

/// Why a study cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// There is no such file.
    #[error("there is no file {}: give the path of an experiment module, such as study.py", .0.display())]
    Missing(PathBuf),
    /// It is no Python file, by its name.
    #[error("{} is not an experiment module: its name must end in .py", .0.display())]
    NotPython(PathBuf),
    /// The file would hide the package.
    #[error("{} would hide the package `greenroom` that it imports: give the file another name", .0.display())]
    NameTaken(PathBuf),
    /// The file cannot be read.
    #[error("{} cannot be read: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The module, or one that it imports, is not Python.
    #[error("{place}: syntax error: {message}{}", .line.as_ref().map(|line| format!("\n    {line}")).unwrap_or_default())]
    Syntax {
        /// Where.
        place: Place,
        /// In Python's words.
        message: String,
        /// The line, as it stands in the file.
        line: Option<String>,
    },
    /// The module raised an exception.
    #[error("{}{summary}{}", .place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default(), indented(.traceback))]
    Raised {
        /// The researcher's own line.
        place: Option<Place>,
        /// The exception.
        summary: String,
        /// The frames that led there, as Python prints them.
        traceback: String,
    },
    /// The module leaves no `experiment`.
    #[error(
        "{} leaves no variable `experiment`: end it with \
         `experiment = Experiment().experiment(experiment_id=..., stager=...)`", .0.display()
    )]
    NoExperiment(PathBuf),
    /// `experiment` is something else.
    #[error("{}: `experiment` must be an Experiment, but it is {found}", .path.display())]
    WrongType {
        /// The module.
        path: PathBuf,
        /// What it is.
        found: String,
    },
    /// The study as a whole is not right.
    #[error("{}", .0.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n"))]
    Problems(Vec<Problem>),
}

fn indented(traceback: &str) -> String {
    if traceback.is_empty() { String::new() } else { format!("\n  Traceback:\n  {}", traceback.replace('\n', "\n  ")) }
}

impl Interpreter {
    /// Runs the experiment module at `path` and takes its study. Nothing is started by that.
    ///
    /// # Errors
    /// Everything that keeps the study from running; what concerns the study as a whole all at once.
    pub fn load(&self, path: &Path) -> Result<Loaded, LoadError> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if path.extension().is_none_or(|extension| extension != "py") {
            return Err(if path.exists() { LoadError::NotPython(path) } else { LoadError::Missing(path) });
        }
        if !path.is_file() {
            return Err(LoadError::Missing(path));
        }
        if path.file_stem().is_some_and(|stem| stem == "greenroom" || stem == "_greenroom") {
            return Err(LoadError::NameTaken(path));
        }
        let source = std::fs::read(&path).map_err(|source| LoadError::Unreadable { path: path.clone(), source })?;
        let folder = path.parent().unwrap_or(Path::new("/")).to_owned();
        // The builders know of one folder at a time.
        let _loading = LOADING.lock().unwrap_or_else(PoisonError::into_inner);
        Python::attach(|py| {
            let within = Within::folder(&folder);
            let ran = run(py, &path, &folder, &source);
            drop(within);
            let (module, found) = ran.map_err(|error| self.load_error(py, &error, &folder))?;
            let object = found.map_or_else(|| module.getattr("experiment"), Ok);
            let Ok(object) = object else { return Err(LoadError::NoExperiment(path)) };
            let Ok(builder) = object.cast::<Builder>() else {
                let kind = object.get_type().name().map_or_else(|_| "something else".into(), |name| name.to_string());
                return Err(LoadError::WrongType { path, found: format!("of type {kind}") });
            };
            let folders = Folders { study: folder.clone(), packages: self.packages().to_owned() };
            let study::Collected { experiment, suggesters, functions, callbacks } =
                study::collect(py, builder, &folders).map_err(LoadError::Problems)?;
            let sources = local::files(py, &path, &folder, &experiment, &[self.packages(), self.venv()]);
            let sources = sources.map_err(|error| self.load_error(py, &error, &folder))?;
            Ok(Loaded { experiment, suggesters, functions, callbacks, module: path, sources })
        })
    }

    /// Packages that are installed in the virtual environment, with their versions.
    pub fn installed(&self) -> BTreeMap<String, String> {
        // Where that cannot be told, nothing is kept of it: the study runs all the same.
        Python::attach(local::installed).unwrap_or_default()
    }

    fn load_error(&self, py: Python<'_>, error: &PyErr, folder: &Path) -> LoadError {
        if error.is_instance_of::<PySyntaxError>(py)
            && let Some(syntax) = syntax_error(py, error)
        {
            return syntax;
        }
        let traceback::Raised { place, summary, traceback } = traceback::read(py, error, folder, self.packages());
        LoadError::Raised { place, summary, traceback }
    }
}

/// A module that ran, and its study, if that is not in its variable `experiment`.
type Ran<'py> = (Bound<'py, PyModule>, Option<Bound<'py, PyAny>>);

/// Runs the module's source as a module that nobody has imported before.
fn run<'py>(py: Python<'py>, path: &Path, folder: &Path, source: &[u8]) -> PyResult<Ran<'py>> {
    let sys = py.import("sys")?;
    let search = sys.getattr("path")?;
    let folder = folder.to_string_lossy();
    if !search.contains(&folder)? {
        search.call_method1("insert", (0, &folder))?;
    }
    let of_others = compat::is_for(source);
    if of_others {
        compat::begin(py, path)?;
    }
    let builtins = py.import("builtins")?;
    let code = builtins.call_method1("compile", (source, path, "exec"))?;
    let module = PyModule::new(py, MODULE_NAME)?;
    module.setattr("__file__", path)?;
    // Dataclasses and the like look their module up by its name.
    sys.getattr("modules")?.set_item(MODULE_NAME, &module)?;
    builtins.call_method1("exec", (code, module.dict()))?;
    let found = if of_others { compat::take(&module, path, source)? } else { None };
    Ok((module, found))
}

fn syntax_error(py: Python<'_>, error: &PyErr) -> Option<LoadError> {
    let detail = error.value(py);
    let part = |name| detail.getattr(name).ok().filter(|value| !value.is_none());
    let place = Place { file: part("filename")?.extract().ok()?, line: part("lineno")?.extract().ok()? };
    // Source that the study itself compiles has no file: then the traceback tells where that was.
    if !place.file.is_file() {
        return None;
    }
    let message = part("msg")?.to_string();
    Some(LoadError::Syntax { place, message, line: part("text").map(|text| text.to_string().trim().to_owned()) })
}
