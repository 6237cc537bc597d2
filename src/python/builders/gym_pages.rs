//! Texts beside the running game: one for all, or one for each agent's player.

use std::collections::BTreeMap;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::files;
use super::given::{Given, shown};
use super::options::Kind;

pub(super) const KIND: Kind = Kind::Other {
    annotation: "str | Mapping[Any, str]",
    allowed: "a str, or a dict from agents to a str each, such as {'left': 'You play left'}",
};

/// A text for all, and those of agents.
pub(super) type Texts = (String, BTreeMap<String, String>);

/// What was given for an option, if anything.
pub(super) fn by_agent(given: &Given<'_>, option: &str) -> PyResult<Option<Texts>> {
    let Some(value) = given.raw(option) else { return Ok(None) };
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(Some((text.to_string(), BTreeMap::new())));
    }
    let Ok(texts) = value.cast::<PyDict>() else { return Err(given.refusal(option, value, true)) };
    let mut by_agent = BTreeMap::new();
    for (agent, text) in texts {
        let Ok(text) = text.cast::<PyString>() else {
            let why = format!("must map {} to a str, but {} was given", shown(&agent), shown(&text));
            return Err(given.wrong(option, &why));
        };
        by_agent.insert(agent.str()?.to_string(), text.to_string());
    }
    Ok(Some((String::new(), by_agent)))
}

/// The same for the HTML, which a file may hold for all.
pub(super) fn bodies(given: &Given<'_>) -> PyResult<Option<Texts>> {
    const OPTION: &str = "in_game_scene_body";
    const FILE: &str = "in_game_scene_body_filepath";
    if given.raw(OPTION).is_some_and(|value| value.is_instance_of::<PyDict>()) && given.raw(FILE).is_none() {
        return by_agent(given, OPTION);
    }
    Ok(files::body(given, OPTION, FILE)?.map(|body| (body, BTreeMap::new())))
}
