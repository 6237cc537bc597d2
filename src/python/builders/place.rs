//! Where in the researcher's file something was written.

use std::path::PathBuf;

use pyo3::prelude::*;

use crate::experiment::Place;

/// The package whose lines stand for those that call them: it turns the calls of other systems into those of builders.
const ON_BEHALF: &str = "greenroom_compat";

/// The line of Python that is being run: for a builder, the researcher's own line.
pub fn caller(py: Python<'_>) -> Option<Place> {
    let mut frame = py.import("sys").ok()?.call_method0("_getframe").ok()?;
    while frame
        .getattr("f_globals")
        .ok()?
        .get_item("__name__")
        .is_ok_and(|name| name.to_string().starts_with(ON_BEHALF))
    {
        frame = frame.getattr("f_back").ok().filter(|frame| !frame.is_none())?;
    }
    let file: PathBuf = frame.getattr("f_code").ok()?.getattr("co_filename").ok()?.extract().ok()?;
    let line: u32 = frame.getattr("f_lineno").ok()?.extract().ok()?;
    Some(Place { file, line })
}

/// Where a function, or the method that makes an object callable, is written.
pub fn definition(callable: &Bound<'_, PyAny>) -> Option<Place> {
    let code = match callable.getattr("__code__") {
        Ok(code) => code,
        Err(_) => callable.getattr("__call__").ok()?.getattr("__code__").ok()?,
    };
    let file: PathBuf = code.getattr("co_filename").ok()?.extract().ok()?;
    let line: u32 = code.getattr("co_firstlineno").ok()?.extract().ok()?;
    Some(Place { file, line })
}
