//! The list of games, made at most once a second however many pages ask for it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::Instant;

use bytes::Bytes;
use serde::Serialize;
use tokio::sync::Mutex;

use crate::experiment::Mode;
use crate::ids::{ExperimentId, GameId, SceneId};
use crate::store::{Games, PlayedGame};

/// Most games in the list.
pub const GAMES: usize = 500;

/// A list may be so old.
const FRESH: Duration = Duration::from_secs(1);

/// The list as the page gets it.
#[derive(Serialize)]
struct List<'a> {
    experiment: &'a ExperimentId,
    games: Vec<Line<'a>>,
    more: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    game: &'a PlayedGame,
    /// Absent for a scene that the study has no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<Mode>,
}

/// Reads games from a journal, off the threads that serve.
#[derive(Debug)]
pub struct GameList {
    journal: PathBuf,
    experiment: ExperimentId,
    modes: BTreeMap<SceneId, Mode>,
    made: Mutex<Option<(Instant, Bytes)>>,
}

impl GameList {
    /// The games of a journal. `modes` tells where the environment of each scene runs.
    pub fn new(journal: PathBuf, experiment: ExperimentId, modes: BTreeMap<SceneId, Mode>) -> Self {
        Self { journal, experiment, modes, made: Mutex::new(None) }
    }

    /// The newest games as JSON.
    ///
    /// # Errors
    /// When the journal cannot be read, as a text for the operator.
    pub async fn json(&self) -> Result<Bytes, String> {
        let mut made = self.made.lock().await;
        if let Some((at, list)) = &*made
            && at.elapsed() < FRESH
        {
            return Ok(list.clone());
        }
        let (games, more) = self.read(|games| games.newest(GAMES)).await?;
        let mode = |game: &PlayedGame| self.modes.get(&game.scene).copied();
        let lines = games.iter().map(|game| Line { game, mode: mode(game) });
        let list = List { experiment: &self.experiment, games: lines.collect(), more };
        let list = Bytes::from(serde_json::to_vec(&list).map_err(|error| error.to_string())?);
        *made = Some((Instant::now(), list.clone()));
        Ok(list)
    }

    /// One game; `None` when there is none of that name.
    ///
    /// # Errors
    /// When the journal cannot be read, as a text for the operator.
    pub async fn find(&self, game: GameId) -> Result<Option<PlayedGame>, String> {
        self.read(move |games| games.find(game)).await
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Games) -> Result<T, crate::facts::JournalError> + Send + 'static,
    ) -> Result<T, String> {
        let path = self.journal.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let games = Games::open(&path).map_err(|error| error.to_string())?;
            read(&games).map_err(|error| error.to_string())
        });
        reading.await.unwrap_or_else(|error| Err(error.to_string()))
    }
}
