//! `Experiment.globals`: values that scenes and environments share.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use serde_json::Value;

use super::given::{Given, nearest, shown};
use super::options::{Kind, Method, Opt};
use crate::experiment::{GLOBALS_LIMIT, Global, Globals, MOST_GLOBALS, Merge};

pub static GLOBALS: Method = Method {
    class: "Experiment",
    name: "globals",
    doc: "Declares values that scenes and environments share. Each participant has its own.",
    options: &[
        Opt::required(
            "values",
            Kind::Other {
                annotation: "Mapping[str, Any]",
                allowed: "a dict from names to what they are at first: None, bool, int, float, str, or lists and dicts of those",
            },
            "The values, by name, as they are for everybody who comes. Environments have them in the dict `globals_`.",
        ),
        Opt::new(
            "merge",
            Kind::Other {
                annotation: "Mapping[str, Literal['last', 'sum', 'max', 'min', 'append']]",
                allowed: "a dict from names to 'last', 'sum', 'max', 'min' or 'append'",
            },
            "How a value that is set meets the one that is there: 'last' replaces it, 'sum' is added, of 'max' and 'min' \
             the greater or smaller one stays, 'append' is put at the end of a list. 'last' unless set.",
        ),
    ],
    elsewhere: &[],
};

const RULES: [(&str, Merge); 5] =
    [("last", Merge::Last), ("sum", Merge::Sum), ("max", Merge::Max), ("min", Merge::Min), ("append", Merge::Append)];

/// The values that were declared.
pub(super) fn read(given: &Given<'_>) -> PyResult<Globals> {
    let name = "values";
    let Some(value) = given.raw(name) else { return Err(given.wrong(name, "are missing")) };
    let Ok(values) = value.cast::<PyDict>() else { return Err(given.refusal(name, value, true)) };
    let mut globals = Globals::default();
    for (key, value) in values {
        let Ok(key) = key.cast::<PyString>() else {
            return Err(given.wrong(name, &format!("has the name {}: a name is a text", shown(&key))));
        };
        let key = key.to_string();
        if key.is_empty() || key.len() > 64 {
            return Err(given.wrong(name, &format!("has the name '{key}': a name has 1 to 64 characters")));
        }
        let Some(initial) = plain(&value)? else {
            let why = format!(
                "has for '{key}' {}: it must be None, a bool, a finite number, a text, or a list or dict of those",
                shown(&value)
            );
            return Err(given.wrong(name, &why));
        };
        globals.0.insert(key, Global { initial, merge: Merge::Last });
    }
    if globals.0.len() > MOST_GLOBALS {
        return Err(given.wrong(name, &format!("has {} names; {MOST_GLOBALS} are allowed", globals.0.len())));
    }
    if !crate::rules::globals::fits(&globals.initial()) {
        return Err(given.wrong(name, &format!("has more than {GLOBALS_LIMIT} bytes")));
    }
    merges(given, &mut globals)?;
    Ok(globals)
}

fn merges(given: &Given<'_>, globals: &mut Globals) -> PyResult<()> {
    let name = "merge";
    let Some(value) = given.raw(name) else { return Ok(()) };
    let Ok(rules) = value.extract::<std::collections::BTreeMap<String, String>>() else {
        return Err(given.refusal(name, value, true));
    };
    for (key, word) in rules {
        let Some(merge) = RULES.iter().find(|(known, _)| *known == word).map(|(_, merge)| *merge) else {
            return Err(given.wrong(
                name,
                &format!("has '{word}' for '{key}': it must be 'last', 'sum', 'max', 'min' or 'append'"),
            ));
        };
        let known: Vec<String> = globals.0.keys().cloned().collect();
        let Some(global) = globals.0.get_mut(&key) else {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let near =
                nearest(value.py(), &key, &known).map_or_else(String::new, |near| format!("; did you mean '{near}'?"));
            return Err(given.wrong(name, &format!("names '{key}', which `values` does not have{near}")));
        };
        let fits = match merge {
            Merge::Last => true,
            Merge::Sum | Merge::Max | Merge::Min => global.initial.is_number(),
            Merge::Append => global.initial.is_array(),
        };
        if !fits {
            let needs = if merge == Merge::Append { "a list" } else { "a number" };
            return Err(given.wrong(name, &format!("has '{word}' for '{key}', which must be {needs} at first")));
        }
        global.merge = merge;
    }
    Ok(())
}

/// A value that Python and JavaScript both have; nothing for any other.
fn plain(value: &Bound<'_, PyAny>) -> PyResult<Option<Value>> {
    let json = value.py().import("json")?;
    let named = PyDict::new(value.py());
    named.set_item("allow_nan", false)?;
    let Ok(text) = json.call_method("dumps", (value,), Some(&named)) else { return Ok(None) };
    Ok(serde_json::from_str(&text.extract::<String>()?).ok())
}
