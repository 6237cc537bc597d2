//! Reading a whole study from its journal, also while a service writes to it: one moment of the record, stream by stream.

use std::path::Path;

use rusqlite::{OptionalExtension, params};

use super::{READABLE, SqliteJournal, StoreError, lock};
use crate::ids::{GameId, SubjectId};

impl SqliteJournal {
    /// From now on reads the record as it is at this moment, whatever is appended meanwhile. For a journal that was opened to
    /// be read.
    ///
    /// # Errors
    /// When the file cannot be read, or has another version.
    pub(crate) fn hold_still(&mut self, path: &Path) -> Result<(), StoreError> {
        let failed = |cause| StoreError::Open { path: path.to_owned(), cause };
        let found: u32 = self.db.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
        if !READABLE.contains(&found) {
            return Err(StoreError::Version { path: path.to_owned(), found });
        }
        // The moment is that of the first read.
        self.db.execute_batch("BEGIN; SELECT 1 FROM facts LIMIT 1;").map_err(failed)
    }

    /// The first game after this one, in the order of their making.
    pub(crate) fn next_game(&mut self, game: Option<GameId>) -> rusqlite::Result<Option<GameId>> {
        let mut after = game.map(|game| game.to_string()).unwrap_or_default();
        // A name that is no game's would be no reason to stop.
        while let Some(name) = self.name_after("game/", &after)? {
            match GameId::try_from(name.clone()) {
                Ok(game) => return Ok(Some(game)),
                Err(_) => after = name,
            }
        }
        Ok(None)
    }

    /// The first participant after this one, in the order of their names.
    pub(crate) fn next_participant(&mut self, subject: Option<&SubjectId>) -> rusqlite::Result<Option<SubjectId>> {
        let mut after = subject.map(ToString::to_string).unwrap_or_default();
        while let Some(name) = self.name_after("participant/", &after)? {
            match name.parse() {
                Ok(subject) => return Ok(Some(subject)),
                Err(_) => after = name,
            }
        }
        Ok(None)
    }

    /// The first stream of a kind after this one. Each is one step in the index, however long the streams are.
    fn name_after(&mut self, kind: &str, after: &str) -> rusqlite::Result<Option<String>> {
        let mut select = self
            .db
            .prepare_cached("SELECT stream FROM facts WHERE stream > ?1 AND stream < ?2 ORDER BY stream LIMIT 1")?;
        // The character after the slash ends the kind.
        let end = format!("{}0", kind.trim_end_matches('/'));
        let stream: Option<String> =
            select.query_row(params![format!("{kind}{after}"), end], |row| row.get(0)).optional()?;
        Ok(stream.and_then(|stream| stream.strip_prefix(kind).map(str::to_owned)))
    }
}

/// Keeps services away from a journal for as long as it is there, without being one.
#[derive(Debug)]
pub(crate) struct Quiet {
    file: std::fs::File,
    cut_off: bool,
}

impl Quiet {
    /// Makes sure that no service writes to the journal at `path`.
    ///
    /// # Errors
    /// When one does, or the folder cannot be written to.
    pub(crate) fn at(path: &Path) -> Result<Self, StoreError> {
        let (file, cut_off) = lock(path)?;
        Ok(Self { file, cut_off })
    }
}

impl Drop for Quiet {
    /// The next service shall not take this for one that was cut off.
    fn drop(&mut self) {
        if !self.cut_off {
            let _ = self.file.set_len(0);
        }
    }
}
