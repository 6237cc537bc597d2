//! Options that are functions of the experiment module.

use pyo3::prelude::*;

use super::given::{Given, shown};
use super::place::{caller, definition};
use crate::experiment::Place;

/// A function of the experiment module.
#[derive(Debug)]
pub struct Function {
    /// The function, or another object that can be called.
    pub callable: Py<PyAny>,
    /// What the researcher calls it.
    pub name: String,
    /// Where it is defined, or where that cannot be told, where it was given.
    pub place: Option<Place>,
}

impl Clone for Function {
    fn clone(&self) -> Self {
        let callable = Python::attach(|py| self.callable.clone_ref(py));
        Self { callable, name: self.name.clone(), place: self.place.clone() }
    }
}

/// The function that was given for an option, if one was; it is called with these arguments.
///
/// # Errors
/// When it is something else, is `async`, or cannot be called like that.
pub fn read(given: &Given<'_>, option: &str, arguments: &[&str]) -> PyResult<Option<Function>> {
    match given.raw(option) {
        Some(value) if !value.is_none() => of(given, option, value, arguments).map(Some),
        Some(_) | None => Ok(None),
    }
}

/// A value that was given for an option, as a function that is called with these arguments.
///
/// # Errors
/// When it is something else, is `async`, or cannot be called like that.
pub fn of(given: &Given<'_>, option: &str, value: &Bound<'_, PyAny>, arguments: &[&str]) -> PyResult<Function> {
    if !value.is_callable() {
        return Err(given.refusal(option, value, true));
    }
    if let Some(why) = unfit(value, arguments)? {
        return Err(given.wrong(option, &why));
    }
    Ok(function(value))
}

/// Why an object that can be called cannot be called with these arguments.
fn unfit(callable: &Bound<'_, PyAny>, arguments: &[&str]) -> PyResult<Option<String>> {
    let inspect = callable.py().import("inspect")?;
    let waits = |what: &Bound<'_, PyAny>| -> PyResult<bool> {
        inspect.call_method1("iscoroutinefunction", (what,))?.is_truthy()
    };
    if waits(callable)? || callable.getattr("__call__").is_ok_and(|call| waits(&call).unwrap_or(false)) {
        return Ok(Some(format!("must answer at once, but {} is `async`: write it with `def`", shown(callable))));
    }
    // What is not written in Python may have no signature; then only the first call can tell.
    let Ok(signature) = inspect.call_method1("signature", (callable,)) else { return Ok(None) };
    let stand_ins = pyo3::types::PyTuple::new(callable.py(), arguments)?;
    if signature.getattr("bind")?.call1(stand_ins).is_ok() {
        return Ok(None);
    }
    let count = match arguments.len() {
        1 => "one argument".to_owned(),
        2 => "two arguments".to_owned(),
        more => format!("{more} arguments"),
    };
    let names = arguments.join(", ");
    Ok(Some(format!(
        "must be a function that can be called with {count} ({names}), but {} takes {signature}",
        shown(callable)
    )))
}

fn function(callable: &Bound<'_, PyAny>) -> Function {
    let named = |what| callable.getattr(what).ok().and_then(|name| name.extract::<String>().ok());
    let class = || callable.get_type().name().map_or_else(|_| "function".into(), |name| name.to_string());
    let name = named("__qualname__").or_else(|| named("__name__")).unwrap_or_else(class);
    let place = definition(callable).or_else(|| caller(callable.py()));
    Function { callable: callable.clone().unbind(), name, place }
}
