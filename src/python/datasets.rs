//! Datasets for learning: the Python class `greenroom.exporting.Datasets`.

use std::path::Path;

use bytes::Bytes;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};
use serde::Deserialize;

use super::{Interpreter, Play};

/// The datasets of a study on their way to disk.
pub struct Datasets {
    datasets: Py<PyAny>,
}

/// What there is in the end.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Finished {
    /// The datasets.
    pub datasets: Vec<Dataset>,
    /// Why there are not more of them, or not all episodes in them.
    pub problems: Vec<Problem>,
}

/// A dataset.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Dataset {
    /// What it is loaded by.
    pub dataset_id: String,
    /// Of which scene.
    pub scene_id: String,
    /// What which agent saw, did and got.
    pub agent: String,
    /// Number of episodes.
    pub episodes: u64,
    /// Number of steps in them.
    pub steps: u64,
}

/// Something that could not become part of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Problem {
    /// Of which scene.
    pub scene_id: String,
    /// Why.
    pub problem: String,
    /// How often.
    pub episodes: u64,
}

/// Python could not do it: a package is missing, or a file cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DatasetError(String);

impl Datasets {
    /// Datasets of a study in a folder.
    ///
    /// # Errors
    /// When what they need is not installed.
    pub fn new(_: &Interpreter, root: &Path, experiment_id: &str) -> Result<Self, DatasetError> {
        let made = Python::attach(|py| {
            let class = py.import("greenroom.exporting")?.getattr("Datasets")?;
            Ok(class.call1((root.to_string_lossy(), experiment_id))?.unbind())
        });
        made.map(|datasets| Self { datasets }).map_err(told)
    }

    /// The episodes to come are of this game. `about` is JSON of what is to be told of it.
    ///
    /// # Errors
    /// When Python fails; an environment that fails is a problem among others.
    pub fn game(&mut self, play: &Play<'_>, about: &str) -> Result<(), DatasetError> {
        self.call(|py, datasets| {
            let (settings, folder) = (PyBytes::new(py, play.settings), play.folder.to_string_lossy());
            let given = (play.code, play.filename, folder, settings, &play.seats, &play.people, play.mode, about);
            datasets.call_method1("game", given).map(drop)
        })
    }

    /// Plays an episode of the game again and adds it. `rows` are those of the record.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn episode<'a>(
        &mut self,
        number: u32,
        seed: u32,
        globals: Option<&str>,
        inputs: &[Vec<Bytes>],
        rows: impl Iterator<Item = &'a [u8]>,
    ) -> Result<(), DatasetError> {
        self.call(|py, datasets| {
            let frames = inputs.iter().map(|frame| PyList::new(py, frame.iter().map(|input| PyBytes::new(py, input))));
            let frames = PyList::new(py, frames.collect::<PyResult<Vec<_>>>()?)?;
            let rows = PyList::new(py, rows.map(|row| PyBytes::new(py, row)).collect::<Vec<_>>())?;
            datasets.call_method1("episode", (number, seed, globals, frames, rows)).map(drop)
        })
    }

    /// The game is over: lets go of its environment.
    ///
    /// # Errors
    /// When Python fails.
    pub fn end_of_game(&mut self) -> Result<(), DatasetError> {
        self.call(|_, datasets| datasets.call_method0("end_of_game").map(drop))
    }

    /// Puts everything in its place.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn finish(self) -> Result<Finished, DatasetError> {
        let json: String = self.call(|_, datasets| datasets.call_method0("finish")?.extract())?;
        serde_json::from_str(&json).map_err(|error| DatasetError(error.to_string()))
    }

    fn call<T>(&self, does: impl FnOnce(Python<'_>, &Bound<'_, PyAny>) -> PyResult<T>) -> Result<T, DatasetError> {
        Python::attach(|py| does(py, self.datasets.bind(py))).map_err(told)
    }
}

/// An error in words: its text alone where it was made to be read.
#[allow(clippy::needless_pass_by_value, reason = "it is handed on like this")]
fn told(error: PyErr) -> DatasetError {
    Python::attach(|py| {
        let kind = error.get_type(py).name().map(|name| name.to_string()).unwrap_or_default();
        let text = error.value(py).to_string();
        DatasetError(if kind == "Missing" { text } else { format!("{kind}: {text}") })
    })
}
