//! The files that a researcher opens, written from the journal: `{scene_id}/{subject_id}.csv`, `_metadata.json` and
//! `_globals.json`, and of a game of several players `{scene_id}/games/{game_id}.json`.
//!
//! Each is written whole to a temporary name and renamed, so that a reader never meets half a file. A visit that is not
//! the subject's first of its scene gets its own name, so that nothing is overwritten by something else.

pub(crate) mod answers;
mod metadata;
mod record;
pub(crate) mod saved;
pub(crate) mod shared;
pub(crate) mod table;
pub(crate) mod values;
pub(crate) mod visits;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use serde::Serialize;
use serde_json::json;

use self::answers::Replies;
use self::record::Record;
use self::shared::Shared;
use super::journal::{SqliteJournal, StoreError};
use crate::experiment::Experiment;
use crate::facts::{Journal, JournalError, Projector, Recorded, Stream, Target};
use crate::ids::{GameId, SceneId, SubjectId};
use crate::time::Timestamp;

/// Why a file cannot be written.
type Problem = Box<dyn std::error::Error>;

/// Writes the files of a study.
#[derive(Debug)]
pub struct Files {
    journal: SqliteJournal,
    folder: PathBuf,
    experiment: serde_json::Value,
}

impl Files {
    /// Files in `folder`, from the journal at `journal`.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn new(journal: &Path, folder: PathBuf, experiment: &Experiment) -> Result<Self, StoreError> {
        let scenes = experiment.stager.scenes().iter().map(|scene| (scene.id().to_string(), json!(scene))).collect();
        let experiment = json!({"experiment_id": experiment.id, "scenes": serde_json::Value::Object(scenes)});
        Ok(Self::of_recorded(SqliteJournal::open_to_read(journal)?, folder, experiment))
    }

    /// Files in `folder` of a study as the record knows it: its `experiment_id` and, by their ids, its `scenes`.
    pub(crate) fn of_recorded(journal: SqliteJournal, folder: PathBuf, experiment: serde_json::Value) -> Self {
        Self { journal, folder, experiment }
    }

    /// The journal that they are written from, and what is known of the study from now on.
    pub(crate) fn parts(&mut self) -> (&mut SqliteJournal, &mut serde_json::Value) {
        (&mut self.journal, &mut self.experiment)
    }

    /// The files that are older than the facts in them; for a start after the service was cut off.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn overdue(&mut self) -> Result<Vec<Target>, JournalError> {
        let unreadable = |cause: rusqlite::Error| JournalError { doing: "list participants", cause: cause.to_string() };
        let mut overdue = Vec::new();
        for (subject, last_fact) in self.journal.participants().map_err(unreadable)? {
            let Ok(subject) = subject.parse::<SubjectId>() else { continue };
            let person = self.journal.read(&Stream::Participant(subject.clone()))?;
            for target in visits::visits(&subject, &person) {
                let last_of_game = match target.game {
                    Some(game) => self.journal.last(&Stream::Game(game)).map_err(unreadable)?,
                    None => None,
                };
                let written = modified(&self.path(&person, &target, "_metadata.json"));
                if written < Some(last_fact.max(last_of_game.unwrap_or_default())) {
                    overdue.push(target);
                }
            }
        }
        Ok(overdue)
    }

    /// Where a file of a visit is.
    fn path(&self, person: &[Recorded], target: &Target, ending: &str) -> PathBuf {
        let name = match visits::occurrence(person, target) {
            1 => format!("{}{ending}", target.subject),
            // `~` is in no name, so that this is nobody else's file.
            nth => format!("{}~{nth}{ending}", target.subject),
        };
        self.folder.join(target.scene.as_str()).join(name)
    }

    /// Where the record of a game of several players is.
    fn record_path(&self, scene: &SceneId, game: GameId) -> PathBuf {
        self.folder.join(scene.as_str()).join("games").join(format!("{game}.json"))
    }

    fn try_project(&mut self, target: &Target) -> Result<(), Problem> {
        let person = self.journal.read(&Stream::Participant(target.subject.clone()))?;
        let game = match target.game {
            Some(game) => self.journal.read(&Stream::Game(game))?,
            None => Vec::new(),
        };
        let shared = Shared::of(&game)?;
        let tutorial = self.experiment["scenes"][target.scene.as_str()]["gameplay"]["tutorial_episodes"].as_u64();
        let tutorial = tutorial.map(table::tutorial_column);
        let globals = metadata::globals(target, &person);
        write_whole(&self.path(&person, target, "_globals.json"), |file| pretty(file, &globals))?;
        let replies = Replies::of(&person, target.visit);
        if let Some(replies) = &replies {
            let lines = replies.lines(answers::form_of(&self.experiment["scenes"][target.scene.as_str()]).as_ref());
            write_whole(&self.path(&person, target, ".csv"), |file| answers::write(file, &lines))?;
        }
        let saved = saved::items(&person, target.visit);
        if !saved.is_empty() {
            write_whole(&self.path(&person, target, ".csv"), |file| saved::write(file, &saved))?;
        }
        if let Some(id) = target.game {
            let table = self.path(&person, target, ".csv");
            match &shared {
                None => {
                    let (lines, mut columns) = table::of_one_player(&game);
                    columns.extend(tutorial);
                    write_whole(&table, |file| table::write(file, &lines, &columns, &[]))?;
                }
                Some(shared) => {
                    let (mut columns, own) = (shared.columns(), shared.own_columns(&target.subject));
                    columns.extend(tutorial);
                    write_whole(&table, |file| table::write(file, &shared.lines(), &columns, &own))?;
                    let record = Record::new(id, shared, &game, &self.experiment);
                    // On one line: indented, the inputs would take several for each frame.
                    let compact = |file: &mut dyn Write| Ok(serde_json::to_writer(file, &record)?);
                    write_whole(&self.record_path(shared.scene, id), compact)?;
                }
            }
        }
        // It is written last, and its time is that of the last fact in it: so the files are not taken for finished when the
        // service is cut off between two of them, or when facts come while they are being written.
        let metadata = metadata::metadata(&self.experiment, target, &person, &game, shared.as_ref(), replies.as_ref());
        let last = person.iter().chain(&game).map(|recorded| recorded.at).max();
        write_dated(&self.path(&person, target, "_metadata.json"), last, |file| pretty(file, &metadata))
    }
}

impl Projector for Files {
    fn project(&mut self, target: &Target) -> Result<(), JournalError> {
        self.try_project(target).map_err(|cause| JournalError { doing: "write data files", cause: cause.to_string() })
    }
}

/// When a file was last written.
fn modified(path: &Path) -> Option<Timestamp> {
    let modified = std::fs::metadata(path).and_then(|file| file.modified()).ok()?;
    modified.duration_since(UNIX_EPOCH).ok().map(|since| Timestamp::default() + since)
}

/// JSON for reading.
fn pretty(file: &mut dyn Write, value: &impl Serialize) -> Result<(), Problem> {
    Ok(serde_json::to_writer_pretty(file, value)?)
}

/// Writes a file under a temporary name and renames it, durably.
fn write_whole(path: &Path, contents: impl FnOnce(&mut dyn Write) -> Result<(), Problem>) -> Result<(), Problem> {
    write_dated(path, None, contents)
}

/// The same, as if it had been written at another time.
fn write_dated(
    path: &Path,
    at: Option<Timestamp>,
    contents: impl FnOnce(&mut dyn Write) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".part");
    let temporary = PathBuf::from(temporary);
    let mut file = BufWriter::new(File::create(&temporary)?);
    contents(&mut file)?;
    let file = file.into_inner()?;
    if let Some(at) = at {
        file.set_modified(UNIX_EPOCH + Duration::from_millis(at.0))?;
    }
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    Ok(File::open(folder)?.sync_all()?)
}

#[cfg(test)]
pub(crate) mod tests;
