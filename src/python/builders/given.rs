//! The arguments of one call, bound to the declared options and checked as they are taken.

use std::collections::BTreeMap;
use std::path::PathBuf;

use pyo3::exceptions::{PyAttributeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString};

use super::flow_options::SCENE_CLASS;
use super::options::{Class, Kind, Method};
use super::pages::END_CLASS;
use super::{Args, CLASSES, Named};

/// Longest piece of a researcher's value that a message shows.
const SHOWN: usize = 80;

/// The arguments of one call.
pub struct Given<'py> {
    method: &'static Method,
    values: BTreeMap<&'static str, Bound<'py, PyAny>>,
}

/// `value` as Python writes it, cut to a length that can be shown.
pub fn shown(value: &Bound<'_, PyAny>) -> String {
    let text = match value.repr() {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => format!("an object of {}", value.get_type()),
    };
    if text.chars().count() <= SHOWN {
        return text;
    }
    text.chars().take(SHOWN).chain("...".chars()).collect()
}

/// The word among `words` that `word` was probably meant to be.
pub fn nearest(py: Python<'_>, word: &str, words: &[&str]) -> Option<String> {
    let found = py.import("difflib").and_then(|difflib| difflib.call_method1("get_close_matches", (word, words, 1)));
    // A suggestion is a courtesy: without one the message is still complete.
    found.ok()?.extract::<Vec<String>>().ok()?.into_iter().next()
}

impl Method {
    /// Binds the arguments of a call.
    ///
    /// # Errors
    /// A `TypeError` that names the option which is unknown, missing or given twice.
    pub fn bind<'py>(&'static self, args: Args<'py>, named: Option<Named<'py>>) -> PyResult<Given<'py>> {
        let title = self.title();
        let py = args.py();
        let mut values = BTreeMap::new();
        let mut positions = self.options.iter().filter(|option| option.required);
        for value in args {
            let Some(option) = positions.next() else {
                let message = match self.options.first() {
                    None => format!("{title} takes no arguments, but {} was given", shown(&value)),
                    Some(first) => format!(
                        "{title}: {} was given without a name: write the option's name, for example {}=...",
                        shown(&value),
                        first.name
                    ),
                };
                return Err(PyTypeError::new_err(message));
            };
            values.insert(option.name, value);
        }
        for (name, value) in named.into_iter().flatten() {
            let name: String = name.extract()?;
            let Some(option) = self.option(&name) else { return Err(self.unknown(py, &name)) };
            if values.insert(option.name, value).is_some() {
                return Err(PyTypeError::new_err(format!("{title}: {name} was given twice")));
            }
        }
        if let Some(missing) = self.options.iter().find(|option| option.required && !values.contains_key(option.name)) {
            let message = format!("{title}: {} is missing: it must be {}", missing.name, missing.kind.allowed());
            return Err(PyTypeError::new_err(message));
        }
        Ok(Given { method: self, values })
    }

    fn unknown(&self, py: Python<'_>, name: &str) -> PyErr {
        let title = self.title();
        let advice = match self.elsewhere.iter().find(|(other, _)| *other == name) {
            Some((_, advice)) => {
                return PyTypeError::new_err(format!("`{name}` is not an option of {title} in this version; {advice}"));
            }
            None if self.options.is_empty() => "it has no options".to_owned(),
            None => {
                let names: Vec<_> = self.options.iter().map(|option| option.name).collect();
                match nearest(py, name, &names) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("its options are {}", names.join(", ")),
                }
            }
        };
        PyTypeError::new_err(format!("`{name}` is not an option of {title}; {advice}"))
    }
}

impl Class {
    /// Binds the arguments of a call of one of its methods, its own or a base's.
    ///
    /// # Errors
    /// As [`Method::bind`]; an `AttributeError` when there is no such method.
    pub fn bind<'py>(&self, method: &str, args: Args<'py>, named: Option<Named<'py>>) -> PyResult<Given<'py>> {
        match self.every_method().into_iter().find(|known| known.name == method) {
            Some(method) => method.bind(args, named),
            None => Err(self.no_attribute(args.py(), method)),
        }
    }

    /// Its methods, then those of its bases.
    fn every_method(&self) -> Vec<&'static Method> {
        let base = CLASSES.iter().find(|class| Some(class.name) == self.base);
        let inherited = base.map(|base| base.every_method()).unwrap_or_default();
        self.methods.iter().copied().chain(inherited).collect()
    }

    /// The exception for an attribute that the class does not have.
    pub fn no_attribute(&self, py: Python<'_>, name: &str) -> PyErr {
        let class = self.name;
        if let Some((_, advice)) = self.elsewhere.iter().find(|(other, _)| *other == name) {
            return PyAttributeError::new_err(format!("`{name}` is not a method of {class} in this version; {advice}"));
        }
        // No scene follows the last one: branches would have no effect there.
        let last = [Some(self.name), self.base].contains(&Some(END_CLASS.name));
        let apart = |method: &&str| last && SCENE_CLASS.methods.iter().any(|branch| branch.name == *method);
        let names = self.every_method().into_iter().map(|method| method.name);
        let names: Vec<_> = names.filter(|name| *name != "__init__" && !apart(name)).collect();
        let advice = match nearest(py, name, &names) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if names.is_empty() => "it has no methods".to_owned(),
            None => format!("its methods are {}", names.join(", ")),
        };
        PyAttributeError::new_err(format!("`{name}` is not a method of {class}; {advice}"))
    }
}

impl<'py> Given<'py> {
    /// What the researcher calls the method.
    pub fn title(&self) -> String {
        self.method.title()
    }

    /// The value as it was given.
    pub fn raw(&self, name: &str) -> Option<&Bound<'py, PyAny>> {
        debug_assert!(self.method.option(name).is_some(), "{name} is not declared for {}", self.title());
        self.values.get(name)
    }

    /// The options that were given.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.values.keys().copied()
    }

    /// The exception for a value that is not allowed: a `TypeError` when its type is wrong, else a `ValueError`.
    pub fn refusal(&self, name: &str, value: &Bound<'py, PyAny>, wrong_type: bool) -> PyErr {
        let allowed = self.method.option(name).map_or_else(String::new, |option| option.kind.allowed());
        let message = format!("{}: {name} must be {allowed}, but {} was given", self.title(), shown(value));
        if wrong_type { PyTypeError::new_err(message) } else { PyValueError::new_err(message) }
    }

    /// A `ValueError` about an option in other words.
    pub fn wrong(&self, name: &str, why: &str) -> PyErr {
        PyValueError::new_err(format!("{}: {name} {why}", self.title()))
    }

    /// A whole number.
    pub fn whole(&self, name: &str) -> PyResult<Option<u32>> {
        let (Some(value), Some(Kind::Whole(from, to))) = (self.raw(name), self.kind(name)) else { return Ok(None) };
        if !value.is_instance_of::<PyInt>() || value.is_instance_of::<PyBool>() {
            return Err(self.refusal(name, value, true));
        }
        match value.extract::<u32>() {
            Ok(number) if (from..=to).contains(&number) => Ok(Some(number)),
            _ => Err(self.refusal(name, value, false)),
        }
    }

    /// A number.
    pub fn number(&self, name: &str) -> PyResult<Option<f64>> {
        let (Some(value), Some(Kind::Number(from, to))) = (self.raw(name), self.kind(name)) else { return Ok(None) };
        let numeric = value.is_instance_of::<PyInt>() || value.is_instance_of::<PyFloat>();
        if !numeric || value.is_instance_of::<PyBool>() {
            return Err(self.refusal(name, value, true));
        }
        match value.extract::<f64>() {
            Ok(number) if (from..=to).contains(&number) => Ok(Some(number)),
            _ => Err(self.refusal(name, value, false)),
        }
    }

    /// True or False.
    pub fn flag(&self, name: &str) -> PyResult<Option<bool>> {
        let Some(value) = self.raw(name) else { return Ok(None) };
        match value.cast::<PyBool>() {
            Ok(flag) => Ok(Some(flag.is_true())),
            Err(_) => Err(self.refusal(name, value, true)),
        }
    }

    /// Text.
    pub fn text(&self, name: &str) -> PyResult<Option<String>> {
        let Some(value) = self.raw(name) else { return Ok(None) };
        if !value.is_instance_of::<PyString>() {
            return Err(self.refusal(name, value, true));
        }
        // Lone surrogates are text to Python, but no text that could be sent to a browser.
        value.extract().map(Some).map_err(|_| self.refusal(name, value, false))
    }

    /// One of the declared words.
    pub fn word(&self, name: &str) -> PyResult<Option<&'static str>> {
        let (Some(value), Some(Kind::OneOf(words))) = (self.raw(name), self.kind(name)) else { return Ok(None) };
        let Some(text) = self.text(name)? else { return Ok(None) };
        match words.iter().find(|word| **word == text) {
            Some(word) => Ok(Some(word)),
            None => Err(self.refusal(name, value, false)),
        }
    }

    /// A path as it was written.
    pub fn path(&self, name: &str) -> PyResult<Option<PathBuf>> {
        let Some(value) = self.raw(name) else { return Ok(None) };
        match value.extract::<PathBuf>() {
            Ok(path) if path.as_os_str().is_empty() => Err(self.refusal(name, value, false)),
            Ok(path) => Ok(Some(path)),
            Err(_) => Err(self.refusal(name, value, true)),
        }
    }

    /// Refuses two options that say the same thing in two ways.
    pub fn exclusive(&self, one: &str, other: &str) -> PyResult<()> {
        if self.raw(one).is_some() && self.raw(other).is_some() {
            return Err(PyValueError::new_err(format!(
                "{}: {one} and {other} were both given: give one of them",
                self.title()
            )));
        }
        Ok(())
    }

    fn kind(&self, name: &str) -> Option<Kind> {
        self.method.option(name).map(|option| option.kind)
    }
}
