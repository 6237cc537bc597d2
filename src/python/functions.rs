//! Functions of the experiment module that decide something, as their actor calls them.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Value;

use super::builders::{Function, shown_value};
use super::matchmaker::Folders;
use super::traceback;
use crate::rules::functions::{Argument, Call};

/// Longest answer of a function, as JSON, in bytes.
const ANSWER_LIMIT: usize = 64 << 10;

/// A function of the experiment module.
#[derive(Debug)]
pub(super) struct Decider {
    option: String,
    function: Function,
    folders: Folders,
}

impl Decider {
    /// The function that was given for this option.
    pub(super) fn new(option: impl Into<String>, function: Function, folders: Folders) -> Self {
        Self { option: option.into(), function, folders }
    }

    fn answer(&self, py: Python<'_>, arguments: &[Argument]) -> Result<Value, String> {
        let raised = |error: PyErr| self.raised(py, &error);
        let given = arguments.iter().map(|argument| of_python(py, argument)).collect::<PyResult<Vec<_>>>();
        let given = pyo3::types::PyTuple::new(py, given.map_err(raised)?).map_err(raised)?;
        let answer = self.function.callable.bind(py).call1(given).map_err(raised)?;
        to_json(&answer).map_err(|_| {
            let at = self.function.place.as_ref().map_or_else(String::new, |place| format!("{place}: "));
            let (name, option) = (&self.function.name, &self.option);
            let returned = shown_value(&answer);
            format!(
                "{at}{name}, given for {option}, must return something that JSON can hold, but it returned {returned}"
            )
        })
    }

    fn raised(&self, py: Python<'_>, error: &PyErr) -> String {
        let raised = traceback::read(py, error, &self.folders.study, &self.folders.packages);
        let place = raised.place.or_else(|| self.function.place.clone());
        let at = place.map_or_else(String::new, |place| format!("{place}: "));
        let last = raised.summary.lines().last().unwrap_or_default().to_owned();
        format!("{at}{}, given for {}, raised {last}", self.function.name, self.option)
    }
}

impl Call for Decider {
    fn call(&self, arguments: &[Argument]) -> Result<Value, String> {
        Python::attach(|py| self.answer(py, arguments))
    }
}

/// A value as Python's own types; a participant as `greenroom.participant.Participant`.
fn of_python<'py>(py: Python<'py>, argument: &Argument) -> PyResult<Bound<'py, PyAny>> {
    let loads = py.import("json")?.getattr("loads")?;
    match argument {
        Argument::Plain(value) => loads.call1((value.to_string(),)),
        Argument::Participant(value) => {
            let fields = loads.call1((value.to_string(),))?;
            let class = py.import("greenroom.participant")?.getattr("Participant")?;
            class.call((), Some(fields.cast::<PyDict>()?))
        }
    }
}

/// What a function returned; numbers of numpy and the like are numbers.
fn to_json(answer: &Bound<'_, PyAny>) -> PyResult<Value> {
    let py = answer.py();
    let named = PyDict::new(py);
    named.set_item("allow_nan", false)?;
    named.set_item("default", py.import("greenroom.participant")?.getattr("plain")?)?;
    let text: String = py.import("json")?.getattr("dumps")?.call((answer,), Some(&named))?.extract()?;
    if text.len() > ANSWER_LIMIT {
        return Err(pyo3::exceptions::PyValueError::new_err("too long"));
    }
    serde_json::from_str(&text).map_err(|error| pyo3::exceptions::PyValueError::new_err(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn decider(source: &std::ffi::CStr) -> Decider {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        crate::python::Interpreter::start(&root.join(".venv"), &root.join("assets/python")).unwrap();
        Python::attach(|py| {
            let function = py.eval(source, None, None).unwrap();
            let function = Function { callable: function.unbind(), name: "f".into(), place: None };
            let folders = Folders { study: "/study".into(), packages: "/packages".into() };
            Decider::new("skip_if", function, folders)
        })
    }

    #[test]
    fn a_function_sees_a_participant_and_answers() {
        let memory = crate::rules::memory::Memory::default();
        let ann = Argument::Participant(memory.told(&"ann".parse().unwrap()));
        let answer = decider(c"lambda who, more: [who.subject_id, who.answers, more]");
        assert_eq!(answer.call(&[ann, Argument::Plain(json!(2.5))]).unwrap(), json!(["ann", {}, 2.5]));
    }

    #[test]
    fn what_goes_wrong_is_told_in_words() {
        let error = decider(c"lambda: 1 / 0").call(&[]).unwrap_err();
        assert!(error.contains("f, given for skip_if, raised ZeroDivisionError"), "{error}");
        let error = decider(c"lambda: object()").call(&[]).unwrap_err();
        assert!(error.contains("must return something that JSON can hold"), "{error}");
        let error = decider(c"lambda: float('nan')").call(&[]).unwrap_err();
        assert!(error.contains("must return"), "{error}");
    }
}
