//! Functions of the experiment module that say who plays with whom, as the waiting room asks them.
//!
//! What such a function returns is checked before anybody hears of it: a waiting room goes on after a wrong answer, and
//! the log tells the researcher which line it came from.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

use super::builders::{Function, shown_value, waiter};
use super::traceback;
use crate::experiment::Place;
use crate::ids::SubjectId;
use crate::rules::matchers::{Suggest, Waiter};

/// A function of the experiment module.
#[derive(Debug)]
pub struct Matchmaker {
    callable: Py<PyAny>,
    name: String,
    place: Option<Place>,
    folders: Folders,
}

/// Where lines of a traceback may come from.
#[derive(Debug, Clone)]
pub(super) struct Folders {
    /// The researcher's files.
    pub study: PathBuf,
    /// Ours.
    pub packages: PathBuf,
}

impl Matchmaker {
    pub(super) fn new(py: Python<'_>, function: &Function, folders: Folders) -> Self {
        let Function { callable, name, place } = function;
        Self { callable: callable.clone_ref(py), name: name.clone(), place: place.clone(), folders }
    }

    fn ask<'py>(&self, py: Python<'py>, waiting: &[Waiter], size: usize) -> PyResult<Bound<'py, PyAny>> {
        let waiters = PyList::empty(py);
        for one in waiting {
            let partners = one.partners.iter().map(SubjectId::as_str).collect();
            waiters.append(waiter(py, one.subject.as_str(), one.waited, one.rtt, partners)?)?;
        }
        self.callable.bind(py).call1((waiters, size))
    }

    fn wrong(&self, why: impl fmt::Display) -> String {
        format!("{}the matchmaker {} {why}", at(self.place.as_ref()), self.name)
    }

    fn raised(&self, py: Python<'_>, error: &PyErr) -> String {
        let raised = traceback::read(py, error, &self.folders.study, &self.folders.packages);
        let place = raised.place.or_else(|| self.place.clone());
        let last = raised.summary.lines().last().unwrap_or_default();
        format!("{}the matchmaker {} raised {last}", at(place.as_ref()), self.name)
    }

    /// The groups that an answer names, if they can be made.
    fn read(&self, answer: &Bound<'_, PyAny>, waiting: &[Waiter], size: usize) -> Result<Vec<Vec<SubjectId>>, String> {
        let shape = || {
            self.wrong(format_args!(
                "must return a list of {size} subject ids, a list of such lists, or None, but it returned {}",
                shown_value(answer)
            ))
        };
        if answer.is_none() {
            return Ok(Vec::new());
        }
        let items = list(answer).ok_or_else(shape)?;
        let groups = match items.first() {
            None => return Ok(Vec::new()),
            Some(first) if first.is_instance_of::<PyString>() => vec![items],
            Some(_) => items.iter().map(list).collect::<Option<_>>().ok_or_else(shape)?,
        };
        let mut taken = BTreeSet::new();
        let mut found = Vec::with_capacity(groups.len());
        for group in groups {
            if group.len() != size {
                let ids: Vec<_> = group.iter().map(shown_value).collect();
                return Err(self.wrong(format_args!(
                    "named a group of {}, [{}], where a game has {size} players",
                    group.len(),
                    ids.join(", ")
                )));
            }
            let mut members = Vec::with_capacity(size);
            for id in group {
                let Ok(name) = id.extract::<String>() else { return Err(shape()) };
                let Some(member) = waiting.iter().find(|one| one.subject.as_str() == name) else {
                    return Err(self.wrong(format_args!("named {}, who does not wait", shown_value(&id))));
                };
                if !taken.insert(&member.subject) {
                    return Err(self.wrong(format_args!("named {} twice", shown_value(&id))));
                }
                members.push(member.subject.clone());
            }
            found.push(members);
        }
        Ok(found)
    }
}

impl Suggest for Matchmaker {
    fn suggest(&self, waiting: &[Waiter], size: usize) -> Result<Vec<Vec<SubjectId>>, String> {
        Python::attach(|py| match self.ask(py, waiting, size) {
            Ok(answer) => self.read(&answer, waiting, size),
            Err(error) => Err(self.raised(py, &error)),
        })
    }
}

fn at(place: Option<&Place>) -> String {
    place.map_or_else(String::new, |place| format!("{place}: "))
}

/// The items of a list or a tuple.
fn list<'py>(value: &Bound<'py, PyAny>) -> Option<Vec<Bound<'py, PyAny>>> {
    if let Ok(list) = value.cast::<PyList>() {
        return Some(list.iter().collect());
    }
    value.cast::<PyTuple>().ok().map(|tuple| tuple.iter().collect())
}

#[cfg(test)]
mod tests;
