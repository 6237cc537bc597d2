//! A study's record, opened: the journal, and the files that are written from it.

use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;

use super::ServiceError;
use crate::actors::clock::Clock;
use crate::experiment::Experiment;
use crate::export;
use crate::facts::{Journal, Target};
use crate::handover;
use crate::store::{Definition, Files, KeptError, SqliteJournal, StoreError};
use crate::time::Timestamp;

/// The journal's file name in a study's folder of data.
pub const JOURNAL: &str = "journal.sqlite";

/// Compares a study with the record of its data, if there is one: whether it may be served. Writes nothing, and works beside a
/// running service.
///
/// # Errors
/// When the study has changed since its participants began, and nobody accepts that.
pub fn compare(definition: &Definition, experiment: &Experiment, data: &Path, accept: bool) -> Result<(), KeptError> {
    let path = data.join(experiment.id.as_str()).join(JOURNAL);
    if !path.is_file() {
        return Ok(());
    }
    // A journal that cannot be read now, or is of an older version, is dealt with when it is opened to write.
    let Ok(mut journal) = SqliteJournal::open_to_read(&path) else { return Ok(()) };
    match definition.check(&experiment.id, &mut journal, accept) {
        Err(KeptError::Journal(_)) | Ok(_) => Ok(()),
        Err(error) => Err(error),
    }
}

/// A study's record, ready for a service.
pub(super) struct Record {
    /// The journal, in which the study stands as it is served now.
    pub journal: SqliteJournal,
    /// The files that people open.
    pub files: Files,
    /// Those that a service that was cut off has left behind.
    pub overdue: Vec<Target>,
    /// The time, which does not run behind what is on record.
    pub clock: Clock,
}

impl Record {
    /// Opens it, waiting this long for a service that has it still.
    pub async fn open(
        folder: &Path,
        experiment: &Experiment,
        definition: &Definition,
        accept_changes: bool,
        patience: Duration,
    ) -> Result<Self, ServiceError> {
        let path = folder.join(JOURNAL);
        let mut journal = open_journal(&path, patience).await?;
        let clock = clock_after(journal.newest()?);
        if let Err(error) = definition.note(experiment, &mut journal, accept_changes, clock.now()) {
            if !journal.was_cut_off() {
                // Nothing was begun that would have to be caught up.
                journal.settle()?;
            }
            return Err(error.into());
        }
        let mut files = Files::new(&path, folder.to_owned(), experiment)?;
        if let Err(error) = export::write_codebook(folder, experiment.id.as_str()) {
            tracing::warn!(%error, "the codebook of the data files could not be written");
        }
        let overdue = if journal.was_cut_off() { files.overdue()? } else { Vec::new() };
        if !overdue.is_empty() {
            tracing::info!(
                files = overdue.len(),
                "the last service was cut off: writing the files of what it had stored"
            );
        }
        Ok(Self { journal, files, overdue, clock })
    }
}

/// Opens the journal as soon as the service that has it has let go of it.
async fn open_journal(path: &Path, patience: Duration) -> Result<SqliteJournal, StoreError> {
    let until = Instant::now() + patience;
    loop {
        match SqliteJournal::open(path) {
            Err(StoreError::InUse { .. }) if Instant::now() < until => tokio::time::sleep(handover::LOOK).await,
            outcome => return outcome,
        }
    }
}

/// The system's clock, unless it runs behind what is on record.
fn clock_after(newest: Option<Timestamp>) -> Clock {
    let (system, newest) = (Clock::system(), newest.unwrap_or_default());
    let behind = newest.since(system.now());
    if !behind.is_zero() {
        tracing::warn!(
            seconds = behind.as_secs(),
            "the system's clock is behind the newest fact on record: times go on from that fact"
        );
    }
    system.no_earlier_than(newest)
}
