//! Objects of the experiment module that are told of what happened.
//!
//! A method with a wrong name would never be called and never be missed, so every name that begins like a hook's has to be
//! one.

use std::collections::BTreeSet;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple, PyType};

use super::given::{Given, nearest, shown};
use super::options::Kind;
use crate::rules::events::Hook;

/// What the options accept.
pub(super) const KIND: Kind = Kind::Other {
    annotation: "GameCallback | Any | Sequence[GameCallback | Any]",
    allowed: "an object with methods such as on_game_end(event), or a list of such objects",
};

/// Hooks that other systems have, and what to do here.
const ELSEWHERE: [(&str, &str); 5] = [
    ("on_waitroom_start", "use on_waitroom_join"),
    ("on_game_tick_start", STEP),
    ("on_game_tick_end", STEP),
    ("on_graphics_start", DRAWN),
    ("on_graphics_end", DRAWN),
];
const STEP: &str = "write what happens at a step into the environment, or into on_game_step_code of .runtime(...)";
const DRAWN: &str = "draw in the environment's render()";

/// An object that is told of what happened.
#[derive(Debug)]
pub struct Callback {
    /// The object.
    pub object: Py<PyAny>,
    /// The name of its class.
    pub name: String,
    /// What it is told of.
    pub hooks: BTreeSet<Hook>,
}

/// The objects that an option gives.
pub(super) fn read(given: &Given<'_>, option: &str) -> PyResult<Option<Vec<Arc<Callback>>>> {
    let Some(value) = given.raw(option) else { return Ok(None) };
    let objects: Vec<_> = match (value.cast::<PyList>(), value.cast::<PyTuple>()) {
        (Ok(list), _) => list.iter().collect(),
        (_, Ok(tuple)) => tuple.iter().collect(),
        _ => vec![value.clone()],
    };
    let mut found: Vec<Arc<Callback>> = Vec::new();
    for object in objects {
        if found.iter().any(|known| known.object.is(&object)) {
            return Err(given.wrong(option, &format!("has {} twice", shown(&object))));
        }
        found.push(Arc::new(callback(given, option, &object)?));
    }
    Ok(Some(found))
}

fn callback(given: &Given<'_>, option: &str, object: &Bound<'_, PyAny>) -> PyResult<Callback> {
    if object.is_instance_of::<PyType>() {
        let why = format!("must be an object, but the class {} was given: write it with ()", shown(object));
        return Err(given.wrong(option, &why));
    }
    let py = object.py();
    let names: Vec<&str> = Hook::ALL.iter().map(|hook| hook.name()).collect();
    let mut hooks = BTreeSet::new();
    for attribute in object.dir()?.iter() {
        let name: String = attribute.extract()?;
        if !name.starts_with("on_") {
            continue;
        }
        let Some(hook) = Hook::ALL.iter().find(|hook| hook.name() == name) else {
            let advice = match (ELSEWHERE.iter().find(|(other, _)| *other == name), nearest(py, &name, &names)) {
                (Some((_, advice)), _) => format!("{advice}."),
                (None, Some(meant)) => format!("did you mean `{meant}`?"),
                (None, None) => "rename it.".to_owned(),
            };
            let why = format!(
                "has an object of {} with `{name}`, which nothing calls; {advice} The hooks are {}",
                object.get_type(),
                names.join(", ")
            );
            return Err(given.wrong(option, &why));
        };
        let method = object.getattr(&*name)?;
        if let Some(why) = unfit(&method)? {
            return Err(given.wrong(option, &format!("has an object of {} whose {name} {why}", object.get_type())));
        }
        if !inherited(&method, &name)? {
            hooks.insert(*hook);
        }
    }
    if hooks.is_empty() {
        let why =
            format!("has {}, which has no method for any hook. The hooks are {}", shown(object), names.join(", "));
        return Err(given.wrong(option, &why));
    }
    let name = object.get_type().name()?.to_string();
    Ok(Callback { object: object.clone().unbind(), name, hooks })
}

/// Why something cannot be called as a hook is.
fn unfit(method: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    if !method.is_callable() {
        return Ok(Some(format!("is no method but {}", shown(method))));
    }
    let inspect = method.py().import("inspect")?;
    if inspect.call_method1("iscoroutinefunction", (method,))?.is_truthy()? {
        return Ok(Some("is `async`: write it with `def`".into()));
    }
    // What is not written in Python may have no signature; then only the first call can tell.
    let Ok(signature) = inspect.call_method1("signature", (method,)) else { return Ok(None) };
    match signature.call_method1("bind", (py_none(method),)) {
        Ok(_) => Ok(None),
        Err(_) => Ok(Some(format!("must take one argument (event), but takes {signature}"))),
    }
}

fn py_none<'py>(method: &Bound<'py, PyAny>) -> Bound<'py, PyAny> {
    method.py().None().into_bound(method.py())
}

/// Whether a method is that of the base class, which does nothing.
fn inherited(method: &Bound<'_, PyAny>, name: &str) -> PyResult<bool> {
    let base = method.py().import("greenroom.callbacks")?.getattr("GameCallback")?;
    let Ok(function) = method.getattr("__func__") else { return Ok(false) };
    Ok(function.is(&base.getattr(name)?))
}
