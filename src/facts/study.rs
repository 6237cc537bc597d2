//! What happens to the study as a whole: what was served, what callbacks did, when nothing could be stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{GameId, SubjectId};

/// What happens to the study as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum StudyFact {
    /// A service began to serve the study in a form that the record did not have yet. The entry's payload holds the archive
    /// of its files, with which its games can be played again.
    StudyOpened {
        /// SHA-256 of what the study consists of, in hexadecimal; the same for the same files.
        digest: String,
        /// All scenes with all options: [`Experiment`](crate::experiment::Experiment) as JSON.
        experiment: serde_json::Value,
        /// Version of this program.
        greenroom_version: String,
        /// Version of Python.
        python_version: String,
        /// Installed packages of the study's virtual environment, with their versions.
        packages: BTreeMap<String, String>,
    },
    /// A callback of the researcher's was told of an event.
    CallbackReturned {
        /// The name of its method.
        hook: String,
        /// Of whom the event told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<SubjectId>,
        /// Of which game.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        game: Option<GameId>,
        /// Of which episode.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        episode: Option<u32>,
        /// How long it took.
        milliseconds: u64,
        /// What it raised, if it did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// The store took no facts for some time, until now: the disk was full, for example.
    StoreFailed {
        /// For how long.
        milliseconds: u64,
        /// How often people were turned away meanwhile.
        turned_away: u64,
    },
}
