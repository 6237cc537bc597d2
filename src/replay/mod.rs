//! Games of the record, played again: to prove that the record is true, and to be watched.
//!
//! ```text
//! source    the game's facts and the study of its time, out of a folder of data
//! script    the facts as seeds and inputs, and what the outcome has to be   (pure)
//! run       goes through a script, frame by frame                          (pure)
//! compare   whether a row is the one that is recorded                      (pure)
//! marks     what befell a game, for a time line                            (pure)
//! verdict   `greenroom replay`: whether the whole game comes out as recorded
//! film      `greenroom film`: frame after frame for whoever watches, also of a game that is running
//! ```
//!
//! Nobody plays for it: it reads the journal beside the service, and has an environment of its own.

mod compare;
mod film;
mod marks;
mod run;
#[cfg(test)]
mod samples;
mod script;
mod source;
mod verdict;

use std::path::Path;

use bytes::Bytes;

pub use film::film;
pub use run::Counted;
pub use script::{BadScript, Part, Script};
pub use source::Source;
pub use verdict::{Episode, Verdict, verify};

use crate::facts::JournalError;
use crate::ids::{GameId, SceneId};
use crate::python::{InterpreterError, Performance};
use crate::store::{KeptError, StoreError};
use crate::wire::{StateHash, Trouble};

/// Why a game cannot be played again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The journal cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The study cannot be had as it was.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// A folder for its files cannot be made.
    #[error("a folder for the study's files cannot be made: {0}")]
    Folder(std::io::Error),
    /// There is no such game.
    #[error("there is no game {0} in these data; {newest}", newest = newest_of(.1))]
    NoGame(GameId, Vec<GameId>),
    /// The study of the time has no such scene.
    #[error("the game {0} is of the scene {1}, which is no game scene of the study as it was kept")]
    NoScene(GameId, SceneId),
    /// The game's record has holes.
    #[error("the record of the game is damaged: {0}")]
    Script(#[from] BadScript),
    /// Python cannot be started.
    #[error(transparent)]
    Interpreter(#[from] InterpreterError),
    /// The environment failed.
    #[error("the environment failed: {}\n{}", .0.message, .0.traceback)]
    Environment(Trouble),
    /// Whoever watches is gone.
    #[error("the film cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

fn newest_of(games: &[GameId]) -> String {
    if games.is_empty() {
        return "there is none yet".into();
    }
    let names: Vec<String> = games.iter().map(GameId::to_string).collect();
    format!("the newest are {}", names.join(", "))
}

/// Where Python and the package `greenroom` are.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// The virtual environment.
    pub venv: &'a Path,
    /// The folder that holds the package.
    pub packages: &'a Path,
}

impl run::Stage for Performance {
    fn begin(&mut self, episode: u32, seed: u32, globals: Option<&str>) -> Result<(), Trouble> {
        self.begin(episode, seed, globals)
    }

    fn step(&mut self, inputs: &[Bytes]) -> Result<Vec<u8>, Trouble> {
        self.step(inputs)
    }

    fn done(&self) -> bool {
        self.done()
    }

    fn hash(&mut self) -> Result<StateHash, Trouble> {
        self.hash()
    }
}
