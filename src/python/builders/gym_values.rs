//! The options of `GymScene` that have a form of their own.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyList, PyString, PyTuple};
use rmpv::Value;

use super::given::{Given, shown};
use super::{keys, value};
use crate::experiment::{KeyCombination, OnScreen};

/// Longest CSS colour accepted; the longest sensible one is shorter.
const COLOUR_LIMIT: usize = 64;

/// The name of something in the environment's code.
pub fn identifier(given: &Given<'_>, option: &str) -> PyResult<Option<String>> {
    let (Some(value), Some(name)) = (given.raw(option), given.text(option)?) else { return Ok(None) };
    match value.call_method0("isidentifier")?.is_truthy()? {
        true => Ok(Some(name)),
        false => Err(given.refusal(option, value, false)),
    }
}
/// Longest label of a key, in characters: it stands on a button.
const LABEL_LIMIT: usize = 24;

/// Key combinations and their actions.
pub fn action_mapping(given: &Given<'_>) -> PyResult<Option<Vec<(KeyCombination, Value)>>> {
    const OPTION: &str = "action_mapping";
    let Some(mapping) = given.raw(OPTION) else { return Ok(None) };
    let Ok(mapping) = mapping.cast::<PyDict>() else { return Err(given.refusal(OPTION, mapping, true)) };
    let mut bindings: Vec<(KeyCombination, Value)> = Vec::new();
    for (key, action) in mapping {
        let combination = combination(given, OPTION, &key)?;
        if bindings.iter().any(|(known, _)| *known == combination) {
            return Err(given.wrong(OPTION, &format!("maps the keys {} twice, in another order", shown(&key))));
        }
        let Some(action) = value::action(&action) else {
            let why = format!("must map {} to {}, but {} was given", shown(&key), value::ALLOWED, shown(&action));
            return Err(given.wrong(OPTION, &why));
        };
        let same = |(known, other): &&(KeyCombination, Value)| *other != action && known.is_pressed_with(&combination);
        if let Some((known, _)) = bindings.iter().find(same) {
            let why = format!(
                "maps {} and {}, which are the same keys to a keyboard, to different actions: keep one",
                known.keys().join(" + "),
                combination.keys().join(" + ")
            );
            return Err(given.wrong(OPTION, &why));
        }
        bindings.push((combination, action));
    }
    if bindings.is_empty() {
        return Err(given.wrong(OPTION, "is empty: map at least one key to an action"));
    }
    Ok(Some(bindings))
}

fn combination(given: &Given<'_>, option: &str, key: &Bound<'_, PyAny>) -> PyResult<KeyCombination> {
    let names = match key.cast::<PyTuple>() {
        Ok(names) => names.iter().collect(),
        Err(_) => vec![key.clone()],
    };
    let mut keys = Vec::with_capacity(names.len());
    for name in names {
        let Ok(text) = name.extract::<String>() else {
            let why = format!("has the key {}: a key is a str or a tuple of str", shown(key));
            return Err(given.wrong(option, &why));
        };
        if !keys::exists(&text) {
            let advice = match keys::meant(&text) {
                Some(meant) => format!("did you mean '{meant}'?"),
                None if keys::of_gamepad(&text) => format!("a gamepad has {}", keys::gamepad()),
                None => "use the name that KeyboardEvent.key has in browsers, such as 'ArrowLeft', 'w' or ' '".into(),
            };
            let lacking = if keys::of_gamepad(&text) { "gamepad has" } else { "keyboard sends" };
            return Err(given.wrong(option, &format!("has the key {}, which no {lacking}; {advice}", shown(&name))));
        }
        keys.push(text);
    }
    KeyCombination::new(keys).ok_or_else(|| {
        given.wrong(option, &format!("has the keys {}: a combination is of one or more different keys", shown(key)))
    })
}

/// What keys are called on the page.
pub fn key_labels(given: &Given<'_>) -> PyResult<Option<Vec<(KeyCombination, String)>>> {
    const OPTION: &str = "key_labels";
    let Some(labels) = given.raw(OPTION) else { return Ok(None) };
    let Ok(labels) = labels.cast::<PyDict>() else { return Err(given.refusal(OPTION, labels, true)) };
    let mut known = Vec::new();
    for (key, label) in labels {
        let combination = combination(given, OPTION, &key)?;
        let text = label.extract::<String>().ok().map(|text| text.trim().to_owned());
        match text.filter(|text| !text.is_empty() && text.chars().count() <= LABEL_LIMIT) {
            Some(text) => known.push((combination, text)),
            None => {
                let why = format!(
                    "must map {} to text of 1 to {LABEL_LIMIT} characters, but {} was given",
                    shown(&key),
                    shown(&label)
                );
                return Err(given.wrong(OPTION, &why));
            }
        }
    }
    Ok(Some(known))
}

/// Whether buttons for fingers are shown.
pub fn on_screen_controls(given: &Given<'_>) -> PyResult<Option<OnScreen>> {
    const OPTION: &str = "on_screen_controls";
    let Some(value) = given.raw(OPTION) else { return Ok(None) };
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(Some(if flag.is_true() { OnScreen::Always } else { OnScreen::Never }));
    }
    match value.extract::<String>() {
        Ok(word) if word == "auto" => Ok(Some(OnScreen::Auto)),
        Ok(_) => Err(given.refusal(OPTION, value, false)),
        Err(_) => Err(given.refusal(OPTION, value, true)),
    }
}

/// The default action.
pub fn default_action(given: &Given<'_>) -> PyResult<Option<Value>> {
    const OPTION: &str = "default_action";
    let Some(action) = given.raw(OPTION) else { return Ok(None) };
    value::action(action).map(Some).ok_or_else(|| given.refusal(OPTION, action, true))
}

/// Requirements of the environment.
pub fn packages(given: &Given<'_>) -> PyResult<Option<Vec<String>>> {
    const OPTION: &str = "packages_to_install";
    let Some(value) = given.raw(OPTION) else { return Ok(None) };
    let items: Vec<_> = match (value.cast::<PyList>(), value.cast::<PyTuple>()) {
        (Ok(list), _) => list.iter().collect(),
        (_, Ok(tuple)) => tuple.iter().collect(),
        _ => return Err(given.refusal(OPTION, value, true)),
    };
    let mut packages = Vec::with_capacity(items.len());
    for item in items {
        match item.extract::<String>() {
            Ok(text) if text.starts_with(|first: char| first.is_ascii_alphanumeric()) && !text.contains('\n') => {
                packages.push(text);
            }
            _ => return Err(given.refusal(OPTION, &item, !item.is_instance_of::<PyString>())),
        }
    }
    Ok(Some(packages))
}

/// A CSS colour. Only its characters are checked: they must not be able to end the style that they stand in.
pub fn colour(given: &Given<'_>, option: &str) -> PyResult<Option<String>> {
    let Some(value) = given.raw(option) else { return Ok(None) };
    let text = given.text(option)?.unwrap_or_default();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "#(),.%/ -".contains(c);
    if text.trim().is_empty() || text.len() > COLOUR_LIMIT || !text.chars().all(allowed) {
        return Err(given.refusal(option, value, false));
    }
    Ok(Some(text))
}
