//! A Python exception as the researcher should see it: their own lines, without those of the service.

use std::path::{Path, PathBuf};

use pyo3::prelude::*;

use crate::experiment::Place;

/// An exception, ready to be shown.
#[derive(Debug)]
pub(super) struct Raised {
    /// The researcher's line that led to it.
    pub place: Option<Place>,
    /// Its kind and words, on one line where they are.
    pub summary: String,
    /// The frames, as Python prints them; ends without a line break.
    pub traceback: String,
}

/// Reads an exception. `folder` holds the researcher's files, `packages` ours.
pub(super) fn read(py: Python<'_>, error: &PyErr, folder: &Path, packages: &Path) -> Raised {
    let fallback = || Raised { place: None, summary: error.to_string(), traceback: String::new() };
    try_read(py, error, folder, packages).unwrap_or_else(|_| fallback())
}

fn try_read(py: Python<'_>, error: &PyErr, folder: &Path, packages: &Path) -> PyResult<Raised> {
    let traceback = py.import("traceback")?;
    let whole =
        traceback.call_method1("TracebackException", (error.get_type(py), error.value(py), error.traceback(py)))?;
    let mut last = None;
    let mut last_of_study = None;
    let kept = pyo3::types::PyList::empty(py);
    for frame in whole.getattr("stack")?.try_iter()? {
        let frame = frame?;
        let file: PathBuf = frame.getattr("filename")?.extract()?;
        // Python's import machinery and our package say nothing about the study.
        if file.to_string_lossy().starts_with("<frozen ") || file.starts_with(packages) {
            continue;
        }
        let place = Place { file, line: frame.getattr("lineno")?.extract().unwrap_or(0) };
        // Packages in a virtual environment below the study's folder are not the researcher's own lines.
        if place.file.starts_with(folder) && !place.file.components().any(|part| part.as_os_str() == "site-packages") {
            last_of_study = Some(place.clone());
        }
        last = Some(place);
        kept.append(frame)?;
    }
    let frames: Vec<String> = match kept.is_empty() {
        true => Vec::new(),
        false => traceback.call_method1("format_list", (kept,))?.extract()?,
    };
    let words: Vec<String> = whole
        .call_method0("format_exception_only")?
        .try_iter()?
        .map(|line| line?.extract())
        .collect::<PyResult<_>>()?;
    let summary = words.concat().trim_end().to_owned();
    Ok(Raised { place: last_of_study.or(last), summary, traceback: frames.concat().trim_end().to_owned() })
}
