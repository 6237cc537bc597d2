//! The embedded journal: SQLite with a write-ahead log.
//!
//! `synchronous = FULL`: a commit that has returned survives the loss of power. One file per study, readable with
//! `sqlite3` and any other of its tools while the service runs.

mod survey;

pub(crate) use survey::Quiet;

use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, params};
use serde::Deserialize;

use crate::facts::{Entry, Fact, Journal, JournalError, Payload, Recorded, Stream};
use crate::ids::GameId;
use crate::time::Timestamp;

/// Version of the tables; a file of another version is not touched.
const SCHEMA_VERSION: u32 = 3;
/// Versions whose facts are kept in the same way, so that they can be read as they are.
const READABLE: std::ops::RangeInclusive<u32> = 2..=SCHEMA_VERSION;
/// The tables and views of this version.
const TABLES: &str = include_str!("schema.sql");
/// What people ask of the record, since version 3.
const VIEWS: &str = include_str!("views.sql");
/// What makes a file of version 1 one of version 2.
const FROM_1: &str = "ALTER TABLE facts RENAME COLUMN steps TO payload;";

/// How many of the newest facts are looked at for the newest time: with a clock that was set back before this version
/// knew better, the last fact is not the newest one.
const NEWEST: u32 = 10_000;

/// How long a reader of the file may make the service wait.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The embedded journal.
#[derive(Debug)]
pub struct SqliteJournal {
    db: Connection,
    /// Held as long as the journal is open, so that no second service writes to it. A reader has none.
    lock: Option<File>,
    cut_off: bool,
}

/// The store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or its lock cannot be made.
    #[error("cannot write {path}: {cause}; give another data folder with --data")]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The file cannot be opened.
    #[error("cannot open the journal {path}: {cause}")]
    Open {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: rusqlite::Error,
    },
    /// The file is no journal any more.
    #[error(
        "the journal {path} is damaged ({cause}): nothing was changed. Put a back-up in its place, or try \
         `sqlite3 {path} .recover`; see \"Back-up\" in docs/operators.md"
    )]
    Damaged {
        /// Which.
        path: PathBuf,
        /// How that shows.
        cause: String,
    },
    /// Another service uses the file.
    #[error(
        "another greenroom uses the journal {path}: stop it first, take over from it with --take-over, or give another \
         data folder with --data"
    )]
    InUse {
        /// Which.
        path: PathBuf,
    },
    /// The file was written by another version.
    #[error(
        "the journal {path} has version {found}, this program writes version {SCHEMA_VERSION}: use the program that \
         wrote it, or another data folder"
    )]
    Version {
        /// Which.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
}

/// What of a stored fact tells its kind.
#[derive(Deserialize)]
struct Kind<'a> {
    fact: &'a str,
}

impl SqliteJournal {
    /// Opens the journal at `path`, or begins it.
    ///
    /// # Errors
    /// When the file or its folder cannot be made or read, or has another version.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|cause| StoreError::Folder { path: folder.to_owned(), cause })?;
        }
        let (lock, cut_off) = lock(path)?;
        let failed = |cause| broken(path, cause);
        refuse_what_is_left(path)?;
        let db = Connection::open(path).map_err(failed)?;
        db.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
        db.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        db.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
        let found: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
        let migration: &[&str] = match found {
            0 => &[TABLES, VIEWS],
            1 => &[FROM_1, VIEWS],
            2 => &[VIEWS],
            SCHEMA_VERSION => &[],
            found => return Err(StoreError::Version { path: path.to_owned(), found }),
        };
        if !migration.is_empty() {
            // All or nothing: whoever is cut off in between begins again.
            let all = migration.concat();
            db.execute_batch(&format!("BEGIN IMMEDIATE; {all} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"))
                .map_err(failed)?;
        }
        db.execute_batch(super::games::INDEX).map_err(failed)?;
        Ok(Self { db, lock: Some(lock), cut_off })
    }

    /// Opens an existing journal to read from it, beside its writer.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        let failed = |cause| StoreError::Open { path: path.to_owned(), cause };
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
        db.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
        Ok(Self { db, lock: None, cut_off: false })
    }

    /// Whether a service has the journal at `path` now.
    pub fn in_use(path: &Path) -> bool {
        let lock = File::open(path.with_extension("lock"));
        lock.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Whether the last service that wrote to it came to no good end, so that the data files may be older than the facts.
    pub fn was_cut_off(&self) -> bool {
        self.cut_off
    }

    /// Whether anybody has ever taken part.
    pub(super) fn has_participants(&mut self) -> rusqlite::Result<bool> {
        // A range, so that the index answers it; '0' follows '/'.
        let any = "SELECT EXISTS (SELECT 1 FROM facts WHERE stream >= 'participant/' AND stream < 'participant0')";
        self.db.query_row(any, [], |row| row.get(0))
    }

    /// The time of the newest fact; `None` when there is none.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn newest(&self) -> Result<Option<Timestamp>, JournalError> {
        let select = format!("SELECT max(at) FROM (SELECT at FROM facts ORDER BY id DESC LIMIT {NEWEST})");
        let at: rusqlite::Result<Option<i64>> = self.db.query_row(&select, [], |row| row.get(0));
        let at = at.map_err(|cause| JournalError { doing: "find its newest fact", cause: cause.to_string() })?;
        Ok(at.map(|at| Timestamp(u64::try_from(at).unwrap_or(0))))
    }

    /// The participants, each with the time of its last fact.
    pub(super) fn participants(&mut self) -> rusqlite::Result<Vec<(String, Timestamp)>> {
        let mut select = self.db.prepare(
            "SELECT substr(stream, 13), max(at) FROM facts WHERE stream LIKE 'participant/%' GROUP BY stream",
        )?;
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
        rows.map(|row| row.map(|(subject, at)| (subject, Timestamp(u64::try_from(at).unwrap_or(0))))).collect()
    }

    /// The time of a stream's last fact; `None` when there is no such stream.
    pub(super) fn last(&mut self, stream: &Stream) -> rusqlite::Result<Option<Timestamp>> {
        let mut select = self.db.prepare_cached("SELECT at FROM facts WHERE stream = ?1 ORDER BY id DESC LIMIT 1")?;
        let at: Option<i64> = select.query_row([stream.to_string()], |row| row.get(0)).optional()?;
        Ok(at.map(|at| Timestamp(u64::try_from(at).unwrap_or(0))))
    }

    /// The facts of a game behind the one of that number, oldest first, and the number of the last of them: for somebody who
    /// plays it again, also while it is running. States that were kept to go on from are left out.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn game_after(&mut self, game: GameId, after: i64) -> Result<(Vec<Recorded>, i64), JournalError> {
        let select = "SELECT at, body, payload, id FROM facts WHERE stream = ?1 AND id > ?2 \
                      AND fact NOT IN ('snapshot_taken', 'runner_snapshot') ORDER BY id";
        let read = self.facts(select, params![Stream::Game(game).to_string(), after]);
        read.map_err(|cause| JournalError { doing: "read a game", cause: cause.to_string() })
    }

    fn try_append(&mut self, entries: &[Entry]) -> Result<(), Box<dyn std::error::Error>> {
        let transaction = self.db.transaction()?;
        {
            let mut insert = transaction
                .prepare_cached("INSERT INTO facts (stream, at, fact, body, payload) VALUES (?1, ?2, ?3, ?4, ?5)")?;
            for Entry { stream, at, fact, payload } in entries {
                // Written once, and its kind found in the text: a value in between costs more than both.
                let body = serde_json::to_string(fact)?;
                let Kind { fact: kind } = serde_json::from_str(&body)?;
                let payload = payload.encode()?;
                let at = i64::try_from(at.0)?;
                insert.execute(params![stream.to_string(), at, kind, body, payload])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    fn try_read(&mut self, stream: &Stream) -> Result<Vec<Recorded>, Box<dyn std::error::Error>> {
        let select = "SELECT at, body, payload, id FROM facts WHERE stream = ?1 ORDER BY id";
        Ok(self.facts(select, params![stream.to_string()])?.0)
    }

    /// The facts that a query finds, and the number of the last of them.
    fn facts(
        &mut self,
        select: &str,
        given: &[&dyn rusqlite::ToSql],
    ) -> Result<(Vec<Recorded>, i64), Box<dyn std::error::Error>> {
        let mut select = self.db.prepare_cached(select)?;
        let mut rows = select.query(given)?;
        let (mut facts, mut last) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let at: i64 = row.get(0)?;
            let fact: Fact = serde_json::from_str(row.get_ref(1)?.as_str()?)?;
            let payload = match row.get_ref(2)?.as_blob_or_null()? {
                Some(blob) => Payload::decode(&fact, blob)?,
                None => Payload::None,
            };
            facts.push(Recorded { at: Timestamp(u64::try_from(at)?), fact, payload });
            last = row.get(3)?;
        }
        Ok((facts, last))
    }
}

/// Tells a damaged file from one that cannot be opened.
fn broken(path: &Path, cause: rusqlite::Error) -> StoreError {
    match cause.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            StoreError::Damaged { path: path.to_owned(), cause: cause.to_string() }
        }
        _ => StoreError::Open { path: path.to_owned(), cause },
    }
}

/// An empty file beside the rest of its log is not a study that begins: SQLite would throw that rest away.
fn refuse_what_is_left(path: &Path) -> Result<(), StoreError> {
    let length = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if length(path) == 0 && length(Path::new(&log)) > 0 {
        let cause = "it is empty or gone, and its journal.sqlite-wal is not".to_owned();
        return Err(StoreError::Damaged { path: path.to_owned(), cause });
    }
    Ok(())
}

/// Locks the journal for this process; the system lets go of it when the process ends, however it ends. The file is empty
/// unless a service is running or did not come to a good end, which the flag tells.
fn lock(path: &Path) -> Result<(File, bool), StoreError> {
    let path = path.with_extension("lock");
    let failed = |cause| StoreError::Folder { path: path.clone(), cause };
    let mut file = File::options().create(true).truncate(false).read(true).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {
            let cut_off = file.metadata().map_err(failed)?.len() > 0;
            file.write_all(b"running").map_err(failed)?;
            Ok((file, cut_off))
        }
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.with_extension("sqlite") }),
        Err(TryLockError::Error(cause)) => Err(failed(cause)),
    }
}

impl Drop for SqliteJournal {
    /// A journal that was closed is one file, which can be copied as it is.
    fn drop(&mut self) {
        if self.lock.is_some() {
            let _ = self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        }
    }
}

impl Journal for SqliteJournal {
    fn settle(&mut self) -> Result<(), JournalError> {
        let Some(lock) = &self.lock else { return Ok(()) };
        lock.set_len(0).map_err(|cause| JournalError { doing: "note a good end", cause: cause.to_string() })
    }

    fn append(&mut self, entries: &[Entry]) -> Result<(), JournalError> {
        self.try_append(entries).map_err(|cause| JournalError { doing: "store facts", cause: cause.to_string() })
    }

    fn read(&mut self, stream: &Stream) -> Result<Vec<Recorded>, JournalError> {
        self.try_read(stream).map_err(|cause| JournalError { doing: "read a stream", cause: cause.to_string() })
    }
}

#[cfg(test)]
mod tests;
