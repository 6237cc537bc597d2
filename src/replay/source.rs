//! Where a replay comes from: a game's facts, and the study as it was when the game was played.

use std::path::Path;

use tempfile::TempDir;

use super::script::{Opening, Script};
use super::{Places, ReplayError};
use crate::actors::settings;
use crate::experiment::{GymScene, Mode, Scene};
use crate::facts::Recorded;
use crate::ids::GameId;
use crate::python::{Interpreter, Performance, Play};
use crate::store::{Games, KeptStudy, SqliteJournal};
use crate::time::Timestamp;
use crate::wire::{FilmSeat, Trouble};

/// Most games that are named to somebody who looks for another one.
const NAMED_GAMES: usize = 5;

/// A game in a folder of data.
pub struct Source {
    /// The game.
    pub game: GameId,
    /// When it began.
    pub begun_at: Timestamp,
    /// The study of that time.
    pub study: KeptStudy,
    /// The game's scene.
    pub gym: GymScene,
    opening: Opening,
    journal: SqliteJournal,
    /// The number of the last fact that was read.
    read_to: i64,
    /// Facts that were read and not given out.
    facts: Vec<Recorded>,
    /// Has the study's files, and goes with this.
    _folder: TempDir,
}

impl Source {
    /// Opens the journal at a path, and takes the game's study out of it.
    ///
    /// # Errors
    /// When there is no such game, or the record does not have what it was made of.
    pub fn open(path: &Path, game: GameId) -> Result<Self, ReplayError> {
        let mut journal = SqliteJournal::open_to_read(path)?;
        let (facts, read_to) = journal.game_after(game, 0)?;
        let Some(opening) = Opening::of(&facts) else {
            let (newest, _) = Games::open(path)?.newest(NAMED_GAMES)?;
            return Err(ReplayError::NoGame(game, newest.into_iter().map(|played| played.game).collect()));
        };
        let folder = tempfile::Builder::new().prefix("greenroom-").tempdir().map_err(ReplayError::Folder)?;
        let study = KeptStudy::at(&mut journal, opening.at, folder.path())?;
        let Some(Scene::Gym(gym)) = study.experiment.stager.scene(&opening.scene) else {
            return Err(ReplayError::NoScene(game, opening.scene));
        };
        let gym = (**gym).clone();
        Ok(Self { game, begun_at: opening.at, study, gym, opening, journal, read_to, facts, _folder: folder })
    }

    /// The facts that were not given out yet.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn facts(&mut self) -> Result<Vec<Recorded>, ReplayError> {
        if !self.facts.is_empty() {
            return Ok(std::mem::take(&mut self.facts));
        }
        let (facts, last) = self.journal.game_after(self.game, self.read_to)?;
        self.read_to = self.read_to.max(last);
        Ok(facts)
    }

    /// The game before its first frame.
    pub fn script(&self) -> Script {
        Script::new(self.opening.clone(), &self.gym)
    }

    /// Starts Python, if it does not run, in the virtual environment.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn interpreter(&self, places: Places<'_>) -> Result<Interpreter, ReplayError> {
        Ok(Interpreter::start(places.venv, places.packages)?)
    }

    /// Makes the game's environment.
    ///
    /// # Errors
    /// When its code fails.
    pub fn perform(
        &self,
        interpreter: &Interpreter,
        seats: &[FilmSeat],
        people: Vec<&str>,
        pictures: bool,
    ) -> Result<Performance, Trouble> {
        let settings = settings::for_worker(&self.gym, &self.study.experiment.globals);
        let mut play = self.play(&settings, seats, people);
        play.pictures = pictures.then_some(self.gym.rendering.frame_quality);
        Performance::new(interpreter, &play)
    }

    /// What is to be played, without pictures. `settings` are those of the game's scene for a worker.
    pub(crate) fn play<'a>(&'a self, settings: &'a [u8], seats: &'a [FilmSeat], people: Vec<&'a str>) -> Play<'a> {
        let runtime = &self.gym.runtime;
        Play {
            code: &runtime.code,
            filename: &runtime.filename,
            folder: &self.study.module_folder,
            settings,
            seats: seats.iter().map(|seat| seat.agent.as_str()).collect(),
            people,
            mode: name_of(self.gym.mode),
            pictures: None,
        }
    }

    /// How Python and its packages differ from those that the game was played with, one a line. Packages that are only
    /// here cannot matter to a game that was played without them.
    pub fn moved(&self, interpreter: &Interpreter) -> Vec<String> {
        let mut moved = Vec::new();
        if self.study.python_version != interpreter.version() {
            moved.push(format!("Python {} -> {}", self.study.python_version, interpreter.version()));
        }
        let installed = interpreter.installed();
        for (name, before) in &self.study.packages {
            let now = installed.get(name);
            if now != Some(before) {
                moved.push(format!("{name} {before} -> {}", now.map_or("none", String::as_str)));
            }
        }
        moved
    }
}

/// A mode as it stands in the record.
pub(super) fn name_of(mode: Mode) -> &'static str {
    match mode {
        Mode::Browser => "browser",
        Mode::Authoritative => "authoritative",
        Mode::Streamed => "streamed",
    }
}
