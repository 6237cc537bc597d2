//! The environments of a worker: requests become calls of `greenroom.hosting.Host`, and what it returns becomes answers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use serde_bytes::ByteBuf;
use tokio::time::Instant;

use super::super::traceback;
use super::pictures::{Drawn, Gallery};
use crate::ids::{GameId, SceneId};
use crate::wire::{Advance, BotChoice, FromWorker, Learn, RunnerState, Stand, StateHash, ToWorker, Trouble, Turn};

/// The environments.
pub(super) struct Hosted {
    host: Py<PyAny>,
    packages: PathBuf,
    scenes: BTreeMap<SceneId, Scene>,
    games: BTreeMap<GameId, Game>,
}

struct Scene {
    folder: PathBuf,
    quality: u8,
}

struct Game {
    scene: SceneId,
    gallery: Gallery,
}

/// What Python returns, before its pictures are made smaller.
struct Raw {
    turn: Turn,
    pictures: Vec<Drawn>,
}

impl Hosted {
    /// No scene is known yet.
    pub fn new(host: Py<PyAny>, packages: &Path) -> Self {
        // Tracebacks name files by where they are.
        let packages = std::path::absolute(packages).unwrap_or_else(|_| packages.to_owned());
        Self { host, packages, scenes: BTreeMap::new(), games: BTreeMap::new() }
    }

    /// Does what is asked.
    pub fn answer(&mut self, request: ToWorker) -> Option<FromWorker> {
        let began = Instant::now();
        match request {
            ToWorker::Learn(learn) => {
                let scene = learn.scene.clone();
                Some(FromWorker::Learnt { scene, cost: self.learn(*learn) })
            }
            ToWorker::Open { game, scene } => Some(match self.open(game, scene) {
                Ok(()) => FromWorker::Opened { game },
                Err(trouble) => self.failed(game, trouble),
            }),
            ToWorker::Begin(stand) => {
                let game = stand.game;
                let turn = self.stand(&stand);
                Some(self.turned(game, turn, began, FromWorker::Begun))
            }
            ToWorker::Advance(advance) => {
                let game = advance.game;
                let turn = self.advance(&advance);
                Some(self.turned(game, turn, began, FromWorker::Advanced))
            }
            ToWorker::Close { game } => {
                self.close(game);
                None
            }
            ToWorker::Ping(number) => Some(FromWorker::Here(number)),
        }
    }

    /// A game has no environment any more.
    pub fn close(&mut self, game: GameId) {
        if let Some(Game { scene, .. }) = self.games.remove(&game)
            && let Err(trouble) = self.call(&scene, |py, host| host.call_method1(py, "close", (game.to_string(),)))
        {
            eprintln!("closing an environment: {}\n{}", trouble.message, trouble.traceback);
        }
    }

    fn learn(&mut self, learn: Learn) -> Result<u32, Trouble> {
        let Learn { scene, code, filename, folder, settings, models, pictures, frame_quality, state_interval } = learn;
        self.scenes.insert(scene.clone(), Scene { folder: PathBuf::from(&folder), quality: frame_quality });
        let seconds: f64 = self.call(&scene, |py, host| {
            let files = PyDict::new(py);
            for (agent, model) in &models {
                files.set_item(agent, PyBytes::new(py, model))?;
            }
            let settings = PyBytes::new(py, &settings);
            let given = (scene.as_str(), code, filename, folder, settings, files, pictures, state_interval);
            host.call_method1(py, "learn", given)?.extract(py)
        })?;
        // A number that is none becomes 0, and no frame is for nothing.
        Ok(((seconds * 1e6) as u32).max(1))
    }

    fn open(&mut self, game: GameId, scene: SceneId) -> Result<(), Trouble> {
        self.call(&scene, |py, host| host.call_method1(py, "open", (game.to_string(), scene.as_str())))?;
        self.games.insert(game, Game { scene, gallery: Gallery::default() });
        Ok(())
    }

    fn stand(&mut self, stand: &Stand) -> Result<Turn, Trouble> {
        let Stand { game, episode, seed, from, globals } = stand;
        let raw = self.call(&self.scene_of(*game)?, |py, host| {
            let part = |bytes: fn(&RunnerState) -> &ByteBuf| from.as_ref().map(|from| PyBytes::new(py, bytes(from)));
            let (copy, bots) = (part(|from| &from.copy), part(|from| &from.bots));
            let given = (game.to_string(), *episode, *seed, copy, bots, globals.as_deref());
            let turn = host.call_method1(py, "stand", given)?;
            raw(turn.bind(py), *game, *episode)
        })?;
        self.shown(raw)
    }

    fn advance(&mut self, advance: &Advance) -> Result<Turn, Trouble> {
        let Advance { game, episode, first, frames, complete } = advance;
        let raw = self.call(&self.scene_of(*game)?, |py, host| {
            let frames = PyBytes::new(py, &crate::wire::encode(frames));
            let turn = host.call_method1(py, "advance", (game.to_string(), *episode, *first, frames, *complete))?;
            raw(turn.bind(py), *game, *episode)
        })?;
        self.shown(raw)
    }

    fn scene_of(&self, game: GameId) -> Result<SceneId, Trouble> {
        let missing = || Trouble { message: format!("there is no game {game} here"), traceback: String::new() };
        self.games.get(&game).map(|game| game.scene.clone()).ok_or_else(missing)
    }

    /// Finishes the pictures, while Python is free for others.
    fn shown(&mut self, raw: Raw) -> Result<Turn, Trouble> {
        let Raw { mut turn, pictures } = raw;
        let Some(game) = self.games.get_mut(&turn.game) else { return Ok(turn) };
        let quality = self.scenes.get(&game.scene).map_or(85, |scene| scene.quality);
        for drawn in pictures {
            let sent = game.gallery.send(drawn, quality);
            let sent = sent.map_err(|message| Trouble { message, traceback: String::new() })?;
            turn.pictures.extend(sent);
        }
        Ok(turn)
    }

    fn turned(
        &mut self,
        game: GameId,
        turn: Result<Turn, Trouble>,
        began: Instant,
        answer: impl FnOnce(Box<Turn>) -> FromWorker,
    ) -> FromWorker {
        match turn {
            Ok(mut turn) => {
                turn.micros = u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX);
                answer(Box::new(turn))
            }
            Err(trouble) => self.failed(game, trouble),
        }
    }

    fn failed(&mut self, game: GameId, trouble: Trouble) -> FromWorker {
        self.close(game);
        FromWorker::Failed { game, trouble }
    }

    fn call<T>(&self, scene: &SceneId, does: impl FnOnce(Python<'_>, &Py<PyAny>) -> PyResult<T>) -> Result<T, Trouble> {
        Python::attach(|py| does(py, &self.host).map_err(|error| self.trouble(py, &error, scene)))
    }

    fn trouble(&self, py: Python<'_>, error: &PyErr, scene: &SceneId) -> Trouble {
        let folder = self.scenes.get(scene).map_or(Path::new("/"), |scene| &scene.folder);
        traceback::trouble(py, error, folder, &self.packages)
    }
}

/// Reads a `Turn` of Python.
fn raw(turn: &Bound<'_, PyAny>, game: GameId, episode: u32) -> PyResult<Raw> {
    let mut rows = Vec::new();
    for row in turn.getattr("rows")?.try_iter()? {
        rows.push(bytes(&row?)?);
    }
    let mut hashes = Vec::new();
    for hash in turn.getattr("hashes")?.try_iter()? {
        let (frame, hash): (u32, String) = hash?.extract()?;
        let hash = StateHash::try_from(hash).map_err(|bad| pyo3::exceptions::PyValueError::new_err(bad.to_string()))?;
        hashes.push((frame, hash));
    }
    let mut states = Vec::new();
    for state in turn.getattr("states")?.try_iter()? {
        let (frame, copy, bots): (u32, Bound<'_, PyAny>, Bound<'_, PyAny>) = state?.extract()?;
        states.push(RunnerState { frame, copy: bytes(&copy)?, bots: bytes(&bots)? });
    }
    let mut choices = Vec::new();
    for choice in turn.getattr("choices")?.try_iter()? {
        let (seat, frame, action): (u32, u32, Bound<'_, PyAny>) = choice?.extract()?;
        choices.push(BotChoice { seat, frame, action: bytes(&action)? });
    }
    let mut pictures = Vec::new();
    for picture in turn.getattr("pictures")?.try_iter()? {
        pictures.push(Drawn::of(&picture?)?);
    }
    let (frame, end) = (turn.getattr("frame")?.extract()?, turn.getattr("end")?.extract()?);
    let turn = Turn { game, episode, frame, rows, hashes, states, choices, pictures: Vec::new(), end, micros: 0 };
    Ok(Raw { turn, pictures })
}

fn bytes(value: &Bound<'_, PyAny>) -> PyResult<ByteBuf> {
    Ok(ByteBuf::from(value.cast::<PyBytes>()?.as_bytes()))
}
