//! What scripts of another system say that the builders' own options cannot: for `assets/python/compat` only.

use std::path::PathBuf;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::files;
use super::gym::GymScene;
use super::study::Experiment;
use crate::experiment::{RESERVED, StaticDirectory};

/// Serves a directory at an address that is not its path below the script's folder: such scripts name what they serve as it
/// is seen from a folder above.
#[pyfunction]
#[pyo3(name = "_serve")]
pub fn serve(experiment: &Bound<'_, Experiment>, address: &str, directory: PathBuf) -> PyResult<()> {
    let wrong =
        |why: &str| Err(PyValueError::new_err(format!("Experiment.static_files: directories: {address:?} {why}")));
    let segments: Vec<_> = address.split('/').collect();
    if segments.iter().any(|segment| segment.is_empty() || *segment == "." || *segment == "..") {
        return wrong("must be a relative path without `..`, and not the folder of the script itself");
    }
    if segments.first().is_some_and(|first| RESERVED.contains(first)) {
        return wrong(&format!("begins with `{}`, which the service needs for itself: rename the folder", segments[0]));
    }
    let directory = files::directory("Experiment.static_files", "directories", &directory)?;
    // A link may lead out of the folder that the address is seen from, and with it everything that lies there onto the internet.
    let seen_from = directory.ancestors().nth(segments.len()).and_then(|folder| folder.canonicalize().ok());
    let inside = seen_from.zip(directory.canonicalize().ok()).is_some_and(|(folder, real)| real.starts_with(folder));
    if !inside {
        return wrong("is a link that leads elsewhere: copy the files instead");
    }
    let mut study = experiment.borrow_mut();
    if study.static_directories.iter().any(|known| known.address == address) {
        return wrong("is named twice");
    }
    study.static_directories.push(StaticDirectory { address: address.to_owned(), directory });
    Ok(())
}

/// Appends lines to a scene's environment, which keeps its name and its own lines.
#[pyfunction]
#[pyo3(name = "_append_code")]
pub fn append_code(scene: &Bound<'_, GymScene>, lines: &str) {
    if let Some((_, source)) = &mut scene.borrow_mut().code {
        source.push_str(lines);
    }
}
