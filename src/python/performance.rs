//! A recorded game that is played again: the Python class `greenroom.replaying.Replay`, and what it draws.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

use super::worker::pictures::{Drawn, Gallery};
use super::{Interpreter, traceback};
use crate::wire::{FilmPicture, StateHash, Trouble};

/// What is played.
#[derive(Debug)]
pub struct Play<'a> {
    /// Python source that leaves a variable `env`.
    pub code: &'a str,
    /// Its file name, for tracebacks.
    pub filename: &'a str,
    /// Folder of the experiment module.
    pub folder: &'a Path,
    /// MessagePack map of settings for the environment's side.
    pub settings: &'a [u8],
    /// The agents whose actions are told, in the order of the inputs.
    pub seats: Vec<&'a str>,
    /// Those of them that people play.
    pub people: Vec<&'a str>,
    /// Where the environment ran: `browser`, `authoritative` or `streamed`.
    pub mode: &'a str,
    /// Quality of the environment's own frames as JPEG counts it, if pictures are wanted.
    pub pictures: Option<u8>,
}

/// A game on its stage.
pub struct Performance {
    replay: Py<PyAny>,
    folder: PathBuf,
    packages: PathBuf,
    quality: u8,
    gallery: Gallery,
    views: Vec<Vec<u32>>,
    done: bool,
}

impl Performance {
    /// Makes the environment.
    ///
    /// # Errors
    /// When its code fails.
    pub fn new(interpreter: &Interpreter, play: &Play<'_>) -> Result<Self, Trouble> {
        let (folder, packages) = (play.folder.to_owned(), interpreter.packages().to_owned());
        let made = |py: Python<'_>| -> PyResult<_> {
            let class = py.import("greenroom.replaying")?.getattr("Replay")?;
            let options = PyDict::new(py);
            options.set_item("pictures", play.pictures.is_some())?;
            options.set_item("observing", false)?;
            let settings = PyBytes::new(py, play.settings);
            let folder = folder.to_string_lossy();
            let given = (play.code, play.filename, folder, settings, &play.seats, &play.people, play.mode);
            let replay = class.call(given, Some(&options))?;
            let views = replay.getattr("views")?.extract()?;
            Ok((replay.unbind(), views))
        };
        let (replay, views) = Python::attach(|py| {
            made(py).map_err(|error| traceback::trouble(py, &error, &folder, &packages)) //
        })?;
        let quality = play.pictures.unwrap_or_default();
        Ok(Self { replay, folder, packages, quality, gallery: Gallery::default(), views, done: false })
    }

    /// The pictures that are drawn of each frame: for each, the seats that see it.
    pub fn views(&self) -> &[Vec<u32>] {
        &self.views
    }

    /// Whether the episode is over.
    pub fn done(&self) -> bool {
        self.done
    }

    /// Stands at the start of an episode.
    ///
    /// # Errors
    /// When the environment fails.
    pub fn begin(&mut self, episode: u32, seed: u32, globals: Option<&str>) -> Result<(), Trouble> {
        self.done = self.call(|_, replay| {
            replay.call_method1("begin", (episode, seed, globals))?;
            replay.getattr("done")?.extract()
        })?;
        Ok(())
    }

    /// Plays a frame: the action of each seat as MessagePack. Returns the row.
    ///
    /// # Errors
    /// When the environment fails.
    pub fn step(&mut self, inputs: &[Bytes]) -> Result<Vec<u8>, Trouble> {
        let (row, done) = self.call(|py, replay| {
            let inputs = PyList::new(py, inputs.iter().map(|input| PyBytes::new(py, input)))?;
            let row = replay.call_method1("step", (inputs,))?;
            Ok((row.cast::<PyBytes>()?.as_bytes().to_vec(), replay.getattr("done")?.extract()?))
        })?;
        self.done = done;
        Ok(row)
    }

    /// The hash of the present state.
    ///
    /// # Errors
    /// When the environment fails.
    pub fn hash(&mut self) -> Result<StateHash, Trouble> {
        self.call(|_, replay| {
            let hash: String = replay.call_method0("hash")?.extract()?;
            StateHash::try_from(hash).map_err(|bad| pyo3::exceptions::PyValueError::new_err(bad.to_string()))
        })
    }

    /// Draws the present state, and returns the pictures that are new.
    ///
    /// # Errors
    /// When the environment fails.
    pub fn pictures(&mut self, complete: bool) -> Result<Vec<FilmPicture>, Trouble> {
        let drawn = self.call(|_, replay| {
            let shown = replay.call_method1("pictures", (complete,))?;
            shown.try_iter()?.map(|picture| Drawn::of(&picture?)).collect::<PyResult<Vec<_>>>()
        })?;
        let mut pictures = Vec::new();
        for (view, drawn) in (0..).zip(drawn) {
            let sent = self.gallery.send(drawn, self.quality);
            let sent = sent.map_err(|message| Trouble { message, traceback: String::new() })?;
            pictures.extend(sent.map(|sent| FilmPicture {
                view,
                complete: sent.complete,
                draw: sent.draw,
                image: sent.image,
                hud: sent.hud,
                assets: sent.assets,
            }));
        }
        Ok(pictures)
    }

    fn call<T>(&self, does: impl FnOnce(Python<'_>, &Bound<'_, PyAny>) -> PyResult<T>) -> Result<T, Trouble> {
        Python::attach(|py| {
            does(py, self.replay.bind(py)).map_err(|error| traceback::trouble(py, &error, &self.folder, &self.packages))
        })
    }
}
