//! Objects of the experiment module that are told of what happened, as their actor calls them.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::builders::Callback;
use super::matchmaker::Folders;
use super::traceback;
use crate::rules::events::{Event, Hook, Listen};

/// An object of the experiment module.
#[derive(Debug)]
pub(super) struct Listener {
    callback: Arc<Callback>,
    folders: Folders,
}

impl Listener {
    pub(super) fn new(callback: Arc<Callback>, folders: Folders) -> Self {
        Self { callback, folders }
    }

    fn call(&self, py: Python<'_>, event: &Event) -> PyResult<()> {
        let told = of_python(py, event)?;
        self.callback.object.bind(py).call_method1(event.hook.name(), (told,)).map(|_| ())
    }

    fn raised(&self, py: Python<'_>, hook: Hook, error: &PyErr) -> String {
        let raised = traceback::read(py, error, &self.folders.study, &self.folders.packages);
        let place = raised.place.map_or_else(String::new, |place| format!("{place}: "));
        let last = raised.summary.lines().last().unwrap_or_default().to_owned();
        format!("{place}the callback {}.{} raised {last}", self.callback.name, hook.name())
    }
}

impl Listen for Listener {
    fn hears(&self, hook: Hook) -> bool {
        self.callback.hooks.contains(&hook)
    }

    fn hear(&self, event: &Event) -> Result<(), String> {
        Python::attach(|py| self.call(py, event).map_err(|error| self.raised(py, event.hook, &error)))
    }
}

/// The event as `greenroom.callbacks.Event`.
fn of_python<'py>(py: Python<'py>, event: &Event) -> PyResult<Bound<'py, PyAny>> {
    let named = PyDict::new(py);
    named.set_item("hook", event.hook.name())?;
    named.set_item("at", event.at.0)?;
    named.set_item("subject_id", event.subject.as_ref().map(ToString::to_string))?;
    named.set_item("visit", event.visit)?;
    named.set_item("scene_id", event.scene.as_ref().map(ToString::to_string))?;
    named.set_item("game_id", event.game.as_ref().map(ToString::to_string))?;
    named.set_item("episode", event.episode)?;
    named.set_item("steps", event.steps)?;
    if let Some(players) = &event.players {
        let told = PyDict::new(py);
        for (agent, subject) in players {
            told.set_item(agent, subject.as_ref().map(ToString::to_string))?;
        }
        named.set_item("players", told)?;
    }
    named.set_item("reason", event.reason.as_deref())?;
    py.import("greenroom.callbacks")?.getattr("Event")?.call((), Some(&named))
}

#[cfg(test)]
mod tests;
