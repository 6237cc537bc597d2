//! Reads what calls say about the gates of a study.

use std::collections::BTreeMap;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use super::functions::{self, Function};
use super::gate_options::DEVICES;
use super::given::{Given, nearest, shown};
use super::{set, set_some};
use crate::experiment::{
    BROWSERS, BrowserRule, Device, Gates, Monitoring, Notice, Redirect, Requirement, Screening, check_address, holes,
};
use crate::ids::SceneId;
use crate::wire::Dismissal;

/// Where Prolific takes participants back.
const PROLIFIC: &str = "https://app.prolific.com/submissions/complete?cc={code}";

/// The codes that a call names.
pub fn codes(given: &Given<'_>) -> PyResult<BTreeMap<Dismissal, String>> {
    let mut words = BTreeMap::new();
    for (name, outcome) in Dismissal::OUTCOMES {
        let (Some(value), Some(word)) = (given.raw(name), given.text(name)?) else { continue };
        // The same letters that names of scenes have: they pass through any form and any address.
        if word.parse::<SceneId>().is_err() {
            return Err(given.refusal(name, value, false));
        }
        words.insert(outcome, word);
    }
    Ok(words)
}

/// What a study for Prolific has.
pub fn prolific(gates: &mut Gates, words: BTreeMap<Dismissal, String>, after_s: Option<f64>) {
    gates.codes.at_end = true;
    gates.codes.words.extend(words);
    let words = &gates.codes.words;
    let lost = Dismissal::OUTCOMES.into_iter().map(|(_, outcome)| outcome);
    let lost = lost.filter(|outcome| outcome.ends_study() && !words.contains_key(outcome));
    let outcomes = lost.map(|outcome| (outcome, None)).collect();
    gates.exit = Some(Redirect { url: PROLIFIC.into(), after_s, outcomes, ..Redirect::default() });
}

/// What one call says about a redirect, on top of what is known.
pub fn redirect(given: &Given<'_>, before: Option<Redirect>) -> PyResult<Redirect> {
    let mut redirect = before.unwrap_or_default();
    let url = given.text("url")?.unwrap_or_default();
    check(given, "url", &url)?;
    redirect.url = url;
    set(&mut redirect.append_subject_id, given.flag("append_subject_id")?);
    set(&mut redirect.append_code, given.flag("append_code")?);
    set_some(&mut redirect.after_s, given.number("after_s")?);
    for (name, value) in pairs(given, "parameters")?.unwrap_or_default() {
        let Ok(value) = value.extract::<String>() else { return Err(given.refusal("parameters", &value, true)) };
        redirect.parameters.retain(|(other, _)| *other != name);
        redirect.parameters.push((name, value));
    }
    for (name, value) in pairs(given, "outcomes")?.unwrap_or_default() {
        let outcome = word(given, "outcomes", &name, &Dismissal::OUTCOMES)?;
        let address = match value.extract::<Option<String>>() {
            Ok(address) => address,
            Err(_) => return Err(given.refusal("outcomes", &value, true)),
        };
        if let Some(address) = &address {
            check(given, "outcomes", address)?;
        }
        redirect.outcomes.insert(outcome, address);
    }
    // With what is appended, it must still be an address that leads to the same host.
    let option = if redirect.parameters.is_empty() { "url" } else { "parameters" };
    let whole = Redirect { outcomes: BTreeMap::new(), ..redirect.clone() }.template(Dismissal::Complete);
    check(given, option, &whole.unwrap_or_default())?;
    Ok(redirect)
}

fn check(given: &Given<'_>, option: &str, address: &str) -> PyResult<()> {
    let value = given.raw(option);
    if let Err(why) = check_address(address) {
        return Err(match value {
            // What is no address at all is told as for every other option.
            Some(value) if why.starts_with("must") && value.is_instance_of::<PyString>() => {
                given.refusal(option, value, false)
            }
            _ => given.wrong(option, &format!("has the address {address:?}, which {why}")),
        });
    }
    let known = ["subject_id", "code", "outcome"];
    for hole in holes(address).filter(|hole| !known.contains(hole)) {
        let meant = value.and_then(|value| nearest(value.py(), hole, &known));
        if let Some(meant) = meant {
            return Err(given.wrong(option, &format!("has {{{hole}}}; did you mean {{{meant}}}?")));
        }
    }
    Ok(())
}

/// What one call says about who may take part, on top of what is known.
pub fn screening(given: &Given<'_>, before: Option<Screening>) -> PyResult<(Screening, Option<Function>)> {
    let mut screening = before.unwrap_or_default();
    if let Some(value) = given.raw("device_exclusion") {
        screening.device_exclusion = match value.extract::<Option<String>>() {
            Ok(None) => None,
            Ok(Some(word)) if word == DEVICES[0] => Some(Device::Mobile),
            Ok(Some(word)) if word == DEVICES[1] => Some(Device::Desktop),
            Ok(Some(_)) => return Err(given.refusal("device_exclusion", value, false)),
            Err(_) => return Err(given.refusal("device_exclusion", value, true)),
        };
    }
    set(&mut screening.browser_requirements, browsers(given, "browser_requirements", true)?);
    let blocked = browsers(given, "browser_blocklist", false)?;
    set(&mut screening.browser_blocklist, blocked.map(|rules| rules.into_iter().map(|rule| rule.name).collect()));
    set_some(&mut screening.max_ping_ms, given.whole("max_ping")?);
    let measurements = given.whole("min_ping_measurements")?;
    if measurements.is_some() && screening.max_ping_ms.is_none() {
        return Err(
            given.wrong("min_ping_measurements", "takes effect only with max_ping: give that too, or remove it")
        );
    }
    set(&mut screening.min_ping_measurements, measurements);
    set_some(&mut screening.min_screen, size(given, "min_screen")?);
    set_some(&mut screening.min_window, size(given, "min_window")?);
    let messages: Vec<(Requirement, String)> = messages(given, &Requirement::ALL)?;
    screening.messages.extend(messages);
    let function = functions::read(given, "entry_callback", &["participant", "context"])?;
    if given.raw("entry_callback").is_some() {
        screening.callback = function.as_ref().map(|function| function.name.clone());
    }
    Ok((screening, function))
}

/// What one call says about what is watched, on top of what is known.
pub fn monitoring(given: &Given<'_>, before: Option<Monitoring>) -> PyResult<(Monitoring, Option<Function>)> {
    let mut terms = before.unwrap_or_default();
    set_some(&mut terms.max_ping_ms, given.whole("max_ping")?);
    set(&mut terms.ping_window, given.whole("ping_violation_window")?);
    set(&mut terms.ping_violations, given.whole("ping_required_violations")?);
    set_some(&mut terms.tab_warning_ms, given.whole("tab_warning_ms")?);
    set_some(&mut terms.tab_exclude_ms, given.whole("tab_exclude_ms")?);
    set(&mut terms.callback_interval_s, given.number("callback_interval_s")?);
    let messages: Vec<(Notice, String)> = messages(given, &Notice::ALL)?;
    terms.messages.extend(messages);
    let function = functions::read(given, "callback", &["participant", "context"])?;
    if given.raw("callback").is_some() {
        terms.callback = function.as_ref().map(|function| function.name.clone());
    }
    let named = |option: &str| given.raw(option).is_some();
    if terms.ping_violations > terms.ping_window {
        let why = format!("must be at most ping_violation_window, which is {}", terms.ping_window);
        return Err(given.wrong("ping_required_violations", &why));
    }
    for option in ["ping_violation_window", "ping_required_violations"] {
        if named(option) && terms.max_ping_ms.is_none() {
            return Err(given.wrong(option, "takes effect only with max_ping: give that too, or remove it"));
        }
    }
    if named("callback_interval_s") && terms.callback.is_none() {
        return Err(given.wrong("callback_interval_s", "takes effect only with callback: give that too, or remove it"));
    }
    if let (Some(warning), Some(exclude)) = (terms.tab_warning_ms, terms.tab_exclude_ms)
        && warning > exclude
    {
        return Err(given.wrong("tab_warning_ms", &format!("must be at most tab_exclude_ms, which is {exclude}")));
    }
    let limits = [terms.max_ping_ms, terms.tab_warning_ms, terms.tab_exclude_ms];
    if limits.iter().all(Option::is_none) && terms.callback.is_none() {
        let why = "is missing, and so are tab_warning_ms, tab_exclude_ms and callback: give one of them";
        return Err(given.wrong("max_ping", why));
    }
    Ok((terms, function))
}

fn browsers(given: &Given<'_>, option: &str, versions: bool) -> PyResult<Option<Vec<BrowserRule>>> {
    let Some(value) = given.raw(option) else { return Ok(None) };
    let mut rules = Vec::new();
    let items: Vec<(Bound<'_, PyAny>, Option<u32>)> = if let Ok(list) = value.cast::<PyList>() {
        list.iter().map(|name| (name, None)).collect()
    } else if let Ok(tuple) = value.cast::<PyTuple>() {
        tuple.iter().map(|name| (name, None)).collect()
    } else if let (Ok(dict), true) = (value.cast::<PyDict>(), versions) {
        let mut items = Vec::new();
        for (name, version) in dict.iter() {
            let Ok(from) = version.extract::<u32>() else {
                return Err(given.wrong(option, &format!("has {}, but a version is a whole number", shown(&version))));
            };
            items.push((name, Some(from)));
        }
        items
    } else if value.is_none() {
        Vec::new()
    } else {
        return Err(given.refusal(option, value, true));
    };
    for (name, from) in items {
        let Ok(text) = name.extract::<String>() else { return Err(given.refusal(option, value, true)) };
        // As other systems call it.
        let text = if text.eq_ignore_ascii_case("Mobile Safari") { "Safari" } else { text.as_str() };
        let Some(known) = BROWSERS.iter().find(|known| known.eq_ignore_ascii_case(text)) else {
            let advice = match nearest(name.py(), text, &BROWSERS) {
                Some(meant) => format!("did you mean '{meant}'?"),
                None => format!("those that can be told apart are {}", BROWSERS.join(", ")),
            };
            return Err(given.wrong(option, &format!("has the browser {}; {advice}", shown(&name))));
        };
        rules.push(BrowserRule { name: (*known).to_owned(), from });
    }
    Ok(Some(rules))
}

fn size(given: &Given<'_>, option: &str) -> PyResult<Option<[u32; 2]>> {
    let Some(value) = given.raw(option) else { return Ok(None) };
    match value.extract::<(u32, u32)>() {
        Ok((width, height)) if width <= 100_000 && height <= 100_000 => Ok(Some([width, height])),
        Ok(_) => Err(given.refusal(option, value, false)),
        Err(_) => Err(given.refusal(option, value, true)),
    }
}

/// The items of a dict, in its order.
type Pairs<'py> = Vec<(String, Bound<'py, PyAny>)>;

/// Names and values of a dict.
fn pairs<'py>(given: &Given<'py>, option: &str) -> PyResult<Option<Pairs<'py>>> {
    let Some(value) = given.raw(option) else { return Ok(None) };
    let Ok(dict) = value.cast::<PyDict>() else { return Err(given.refusal(option, value, true)) };
    let mut pairs = Vec::new();
    for (name, item) in dict.iter() {
        let Ok(name) = name.extract::<String>() else { return Err(given.refusal(option, value, true)) };
        pairs.push((name, item));
    }
    Ok(Some(pairs))
}

fn word<T: Copy>(given: &Given<'_>, option: &str, name: &str, words: &[(&str, T)]) -> PyResult<T> {
    if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == name) {
        return Ok(*meaning);
    }
    let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let advice = match given.raw(option).and_then(|value| nearest(value.py(), name, &names)) {
        Some(meant) => format!("did you mean '{meant}'?"),
        None => format!("its keys are {}", names.join(", ")),
    };
    Err(given.wrong(option, &format!("has the key '{name}'; {advice}")))
}

fn messages<T: Copy>(given: &Given<'_>, words: &[(&str, T)]) -> PyResult<Vec<(T, String)>> {
    const OPTION: &str = "exclusion_messages";
    let mut messages = Vec::new();
    for (name, value) in pairs(given, OPTION)?.unwrap_or_default() {
        let about = word(given, OPTION, &name, words)?;
        let Ok(text) = value.extract::<String>() else { return Err(given.refusal(OPTION, &value, true)) };
        messages.push((about, text));
    }
    Ok(messages)
}
