//! What a study was when its games were made: noted at each start that finds it changed, compared at every start, and
//! given back for replays and exports.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_bytes::ByteBuf;

use super::archive::{Archive, ArchiveError, MODULE};
use super::difference::Difference;
use super::journal::SqliteJournal;
use crate::experiment::Experiment;
use crate::facts::{Entry, Fact, Journal, JournalError, Payload, Recorded, Stream, StudyFact};
use crate::ids::ExperimentId;
use crate::time::Timestamp;

/// Version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a study is at a start, as the record keeps it.
#[derive(Debug, Clone)]
pub struct Definition {
    /// Its files.
    pub archive: Archive,
    /// Python's version.
    pub python_version: String,
    /// Installed packages, with their versions.
    pub packages: BTreeMap<String, String>,
}

/// A study as it was at some time, with its files in a folder.
#[derive(Debug, Clone)]
pub struct KeptStudy {
    /// The study. Pictures and networks are where [`KeptStudy::at`] has put them.
    pub experiment: Experiment,
    /// Folder of the experiment module and its local Python files.
    pub module_folder: PathBuf,
    /// What tells this form of the study from others.
    pub digest: String,
    /// Since when the record has this form. Later than the time that was asked for when the game is older than all forms:
    /// versions before this one kept none.
    pub since: Timestamp,
    /// Installed packages, with their versions.
    pub packages: BTreeMap<String, String>,
    /// Python's version.
    pub python_version: String,
    /// Version of the program.
    pub greenroom_version: String,
}

/// Why a study cannot be kept or given back, or may not go on in its present form.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// The journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The files cannot be packed, unpacked or written.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The record is older than this.
    #[error(
        "the data do not say what the study was: they were written by a version of greenroom that did not keep that. \
         Start the study once with this version (`greenroom run`), with the module as it was"
    )]
    NotKept,
    /// An archive is missing.
    #[error("the record names a form of the study ({0}) whose files it does not have: the journal is damaged")]
    NoArchive(String),
    /// The study is not the one that participants take part in.
    #[error(
        "the study {id} has changed since its participants began:\n\n{difference}\n\nIts data would mix two studies, so it \
         is not started. Either restore the files; or begin a new study, with another experiment_id or another --data \
         folder; or start it once with --accept-changes: then participants and games go on with the changed study, and the \
         record keeps both"
    )]
    Changed {
        /// Which study.
        id: ExperimentId,
        /// What has changed.
        difference: Box<Difference>,
    },
}

/// A study's present form, compared with the record.
#[derive(Debug)]
pub enum Standing {
    /// The record has it, and it is the one in force.
    Known,
    /// The same files, but other versions of packages, Python or this program.
    Moved {
        /// What is different, one a line; nothing that matters when empty.
        packages: Vec<String>,
    },
    /// Only another version of this program describes the same files in other words.
    Upgraded(Difference),
    /// The record has none yet.
    First {
        /// Whether participants are there all the same.
        participants: bool,
    },
    /// It has changed.
    Changed {
        /// What is different.
        difference: Difference,
        /// Whether participants have begun with the other form.
        participants: bool,
    },
}

/// One [`StudyFact::StudyOpened`].
struct Opened {
    at: Timestamp,
    digest: String,
    greenroom_version: String,
    python_version: String,
    packages: BTreeMap<String, String>,
    archive: Option<ByteBuf>,
}

impl Opened {
    fn of(recorded: Recorded) -> Option<Self> {
        let Fact::Study(StudyFact::StudyOpened { digest, greenroom_version, python_version, packages, .. }) =
            recorded.fact
        else {
            return None;
        };
        let archive = if let Payload::Archive(packed) = recorded.payload { Some(packed) } else { None };
        Some(Self { at: recorded.at, digest, greenroom_version, python_version, packages, archive })
    }
}

/// All forms that the record has, oldest first.
fn forms(journal: &mut SqliteJournal) -> Result<Vec<Opened>, JournalError> {
    Ok(journal.read(&Stream::Study)?.into_iter().filter_map(Opened::of).collect())
}

/// The archive of a form; one that came back is stored only once.
fn archive_of(forms: &[Opened], digest: &str) -> Result<Archive, KeptError> {
    let packed = forms.iter().filter(|form| form.digest == digest).find_map(|form| form.archive.as_ref());
    let packed = packed.ok_or_else(|| KeptError::NoArchive(digest.to_owned()))?;
    Ok(Archive::unpack(packed)?)
}

impl KeptStudy {
    /// The study as it was at a time, with its files written below `into`.
    ///
    /// # Errors
    /// When the record is older than such facts, or the files cannot be written.
    pub fn at(journal: &mut SqliteJournal, when: Timestamp, into: &Path) -> Result<Self, KeptError> {
        let forms = forms(journal)?;
        // The clock may have been set back since: then the first form is nearer than none.
        let form = forms.iter().rev().find(|form| form.at <= when).or(forms.first()).ok_or(KeptError::NotKept)?;
        let archive = archive_of(&forms, &form.digest)?;
        archive.write_to(into)?;
        Ok(Self {
            experiment: archive.experiment(into)?,
            module_folder: into.join(MODULE),
            digest: form.digest.clone(),
            since: form.at,
            packages: form.packages.clone(),
            python_version: form.python_version.clone(),
            greenroom_version: form.greenroom_version.clone(),
        })
    }
}

impl Definition {
    /// Compares it with what the record has.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn compare(&self, journal: &mut SqliteJournal) -> Result<Standing, KeptError> {
        let forms = forms(journal)?;
        let participants = |journal: &mut SqliteJournal| {
            let failed =
                |cause: rusqlite::Error| JournalError { doing: "look for participants", cause: cause.to_string() };
            journal.has_participants().map_err(failed)
        };
        let Some(last) = forms.last() else {
            return Ok(Standing::First { participants: participants(journal)? });
        };
        if last.digest == self.archive.digest() {
            return Ok(self.moved(last));
        }
        let difference = Difference::between(&archive_of(&forms, &last.digest)?, &self.archive);
        if difference.is_empty() || (last.greenroom_version != VERSION && difference.only_described()) {
            return Ok(Standing::Upgraded(difference));
        }
        Ok(Standing::Changed { difference, participants: participants(journal)? })
    }

    fn moved(&self, last: &Opened) -> Standing {
        let mut packages = Vec::new();
        if last.python_version != self.python_version {
            packages.push(format!("Python {} -> {}", last.python_version, self.python_version));
        }
        for name in last.packages.keys().chain(self.packages.keys().filter(|name| !last.packages.contains_key(*name))) {
            let (before, now) = (last.packages.get(name), self.packages.get(name));
            if before != now {
                let shown = |version: Option<&String>| version.map_or("none", String::as_str).to_owned();
                packages.push(format!("{name} {} -> {}", shown(before), shown(now)));
            }
        }
        if packages.is_empty() && last.greenroom_version == VERSION {
            return Standing::Known;
        }
        Standing::Moved { packages }
    }

    /// Compares it with what the record has, and says whether it may go on. Nothing is written.
    ///
    /// # Errors
    /// When it may not, or the record cannot be read.
    pub fn check(&self, id: &ExperimentId, journal: &mut SqliteJournal, accept: bool) -> Result<Standing, KeptError> {
        match self.compare(journal)? {
            Standing::Changed { difference, participants: true } if !accept => {
                Err(KeptError::Changed { id: id.clone(), difference: Box::new(difference) })
            }
            standing => Ok(standing),
        }
    }

    /// Notes in the record what the study is from now on, if that is new.
    ///
    /// # Errors
    /// When it has changed under its participants and nobody accepts that, or the record cannot be read or written.
    pub fn note(
        &self,
        experiment: &Experiment,
        journal: &mut SqliteJournal,
        accept: bool,
        now: Timestamp,
    ) -> Result<(), KeptError> {
        let standing = self.check(&experiment.id, journal, accept)?;
        match &standing {
            Standing::Known => return Ok(()),
            Standing::Moved { packages } if packages.is_empty() => {}
            Standing::Moved { packages } => tracing::warn!(
                changed = packages.join(", "),
                "packages are not those that the study ran with before: its games may play differently from here on"
            ),
            Standing::Upgraded(difference) if difference.is_empty() => {}
            Standing::Upgraded(difference) => {
                tracing::warn!("this version of greenroom describes the same study in another way:\n{difference}");
            }
            Standing::First { participants: false } => {}
            Standing::First { participants: true } => tracing::warn!(
                "the data are of a version that did not keep what the study was; it is taken to have been what it is now"
            ),
            Standing::Changed { difference, participants: true } => {
                tracing::warn!("the study has changed, which was accepted:\n{difference}");
            }
            Standing::Changed { participants: false, .. } => {
                tracing::info!("the study has changed since it was last started; nobody takes part yet");
            }
        }
        let digest = self.archive.digest();
        let kept = forms(journal)?.iter().any(|form| form.digest == digest && form.archive.is_some());
        let payload = if kept { Payload::None } else { Payload::Archive(ByteBuf::from(self.archive.pack()?)) };
        let experiment = serde_json::to_value(experiment).map_err(|error| ArchiveError::Damaged(error.to_string()))?;
        let fact = StudyFact::StudyOpened {
            digest,
            experiment,
            greenroom_version: VERSION.to_owned(),
            python_version: self.python_version.clone(),
            packages: self.packages.clone(),
        };
        journal.append(&[Entry { stream: Stream::Study, at: now, fact: fact.into(), payload }])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
