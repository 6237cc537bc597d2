//! The booth: keeps films of games for whoever watches.
//!
//! A film is made by a process of its own (`greenroom film`) from the journal alone: replaying a game takes a Python, may
//! take all of a core, and runs the researcher's code, none of which the service's own process should do. One film serves
//! any number of watchers, of a finished game and of one that is being played.

pub mod film;
pub mod reel;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::{CancellationToken, DropGuard};

pub use film::{Film, Told};

use crate::actors::worker::Launch;
use crate::ids::GameId;

/// Most films at once.
pub const FILMS: usize = 4;

/// A film that was asked for so lately is being watched, and is not ended for another one.
pub const WATCHED: Duration = Duration::from_secs(5);

/// Longest that a film's process may take to say anything: libraries are imported, and some compile themselves first.
pub const VIEW_DEADLINE: Duration = Duration::from_secs(120);

/// How a film's process is started.
#[derive(Debug, Clone)]
pub struct Films {
    /// The program and what it is told first. The study's folder and the game follow, and `--follow` while it is played.
    pub launch: Launch,
    /// Folder of the study's data.
    pub study: PathBuf,
}

/// The booth. Its films end with it.
#[derive(Debug)]
pub struct Booth {
    how: Films,
    films: Arc<Mutex<BTreeMap<GameId, Arc<Film>>>>,
    closing: CancellationToken,
    _closes: DropGuard,
}

/// Why there is no film.
#[derive(Debug, thiserror::Error)]
pub enum NoFilm {
    /// All places are taken.
    #[error("{FILMS} films are being watched, which is the most at once; please try again soon")]
    Full,
    /// The process cannot be started.
    #[error("the film's process cannot be started: {0}")]
    Start(#[from] std::io::Error),
}

impl Booth {
    /// A booth without films. They end when `closing` is cancelled.
    pub fn new(how: Films, closing: &CancellationToken) -> Self {
        let closing = closing.child_token();
        Self { how, films: Arc::default(), closing: closing.clone(), _closes: closing.drop_guard() }
    }

    /// The film of a game, if there is one.
    pub fn find(&self, game: GameId) -> Option<Arc<Film>> {
        let films = self.films.lock().unwrap_or_else(PoisonError::into_inner);
        let film = films.get(&game).filter(|film| !film.over.is_cancelled()).cloned();
        film.inspect(|film| film.touch())
    }

    /// The film of a game, which is begun if need be. `follow`: the game may go on.
    ///
    /// # Errors
    /// When all places are taken, or it cannot be begun.
    pub fn open(&self, game: GameId, follow: bool) -> Result<Arc<Film>, NoFilm> {
        let mut films = self.films.lock().unwrap_or_else(PoisonError::into_inner);
        films.retain(|_, film| !film.over.is_cancelled());
        if let Some(film) = films.get(&game) {
            film.touch();
            return Ok(film.clone());
        }
        if films.len() >= FILMS {
            let idlest = films.values().max_by_key(|film| film.idle()).filter(|film| film.idle() >= WATCHED);
            let idlest = idlest.ok_or(NoFilm::Full)?;
            idlest.over.cancel();
            let gone = idlest.game;
            films.remove(&gone);
        }
        let film = Film::start(game, &self.how, follow, self.closing.child_token())?;
        films.insert(game, film.clone());
        let (over, shelf) = (film.over.clone(), Arc::downgrade(&self.films));
        tokio::spawn(async move {
            over.cancelled().await;
            if let Some(films) = shelf.upgrade() {
                let mut films = films.lock().unwrap_or_else(PoisonError::into_inner);
                // It may be another one by now.
                films.retain(|_, film| !film.over.is_cancelled());
            }
        });
        Ok(film)
    }
}

#[cfg(test)]
mod tests;
