//! A Python exception as the researcher should see it: their own lines, without those of the service.

use std::path::{Path, PathBuf};

use pyo3::prelude::*;

use crate::experiment::Place;
use crate::wire::Trouble;

/// Most of a line that tells what happened, in characters.
const MESSAGE_LIMIT: usize = 600;

/// Most of a traceback, in characters; its end says most.
const TRACEBACK_LIMIT: usize = 16_000;

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

/// An exception of an environment, as it is told to others.
pub(super) fn trouble(py: Python<'_>, error: &PyErr, folder: &Path, packages: &Path) -> Trouble {
    let raised = read(py, error, folder, packages);
    let at = raised.place.map(|place| format!("{place}: ")).unwrap_or_default();
    let last = raised.summary.lines().last().unwrap_or_default();
    let message: String = format!("{at}{last}").chars().take(MESSAGE_LIMIT).collect();
    let whole = format!("{}\n{}", raised.traceback, raised.summary);
    let beyond = whole.chars().count().saturating_sub(TRACEBACK_LIMIT);
    Trouble { message, traceback: whole.trim().chars().skip(beyond).collect() }
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
