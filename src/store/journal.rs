//! The embedded journal: SQLite with a write-ahead log.
//!
//! `synchronous = FULL`: a commit that has returned survives the loss of power. One file per study, readable with
//! `sqlite3` and any other of its tools while the service runs.

use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use serde::Deserialize;

use crate::facts::{Entry, Fact, Journal, JournalError, Payload, Recorded, Stream};
use crate::time::Timestamp;

/// Version of the tables; a file of another version is not touched.
const SCHEMA_VERSION: u32 = 2;
/// What makes a file of version 1 one of version 2.
const FROM_1: &str =
    "BEGIN IMMEDIATE; ALTER TABLE facts RENAME COLUMN steps TO payload; PRAGMA user_version = 2; COMMIT;";

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
        let failed = |cause| StoreError::Open { path: path.to_owned(), cause };
        let db = Connection::open(path).map_err(failed)?;
        db.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
        db.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        db.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
        let found: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
        match found {
            0 => {
                let schema = format!(
                    "BEGIN IMMEDIATE; {} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;",
                    include_str!("schema.sql")
                );
                db.execute_batch(&schema).map_err(failed)?;
            }
            1 => db.execute_batch(FROM_1).map_err(failed)?,
            SCHEMA_VERSION => {}
            found => return Err(StoreError::Version { path: path.to_owned(), found }),
        }
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
        let mut select = self.db.prepare_cached("SELECT at, body, payload FROM facts WHERE stream = ?1 ORDER BY id")?;
        let mut rows = select.query([stream.to_string()])?;
        let mut facts = Vec::new();
        while let Some(row) = rows.next()? {
            let at: i64 = row.get(0)?;
            let fact: Fact = serde_json::from_str(row.get_ref(1)?.as_str()?)?;
            let payload = match row.get_ref(2)?.as_blob_or_null()? {
                Some(blob) => Payload::decode(&fact, blob)?,
                None => Payload::None,
            };
            facts.push(Recorded { at: Timestamp(u64::try_from(at)?), fact, payload });
        }
        Ok(facts)
    }
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
