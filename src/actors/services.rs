//! What every participant and game needs of the house.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::clock::Clock;
use super::health::Health;
use super::host::{Address, AskError, Failure};
use super::lateness::Lateness;
use super::{assigner, recorder, workers};
use crate::experiment::Experiment;
use crate::facts::{Entry, JournalError, Recorded, Stream, Target};
use crate::ids::SceneId;
use crate::rules::functions::{Argument, FunctionKey, Functions};
use crate::rules::matchers::Suggesters;
use crate::wire::EngineNeeds;

/// Longest that storing facts may take. A disk that takes longer is broken: whoever waits is made anew from what was
/// stored in the end.
const STORE_DEADLINE: Duration = Duration::from_secs(15);

/// Longest that a function of the researcher's may take. It cannot be broken off; whoever asked goes on without it.
const CALL_DEADLINE: Duration = Duration::from_secs(5);

/// What stays as it is in an address.
const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The addresses under which browsers find what they load.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// What environments need, if any scene runs one in the browser.
    pub engine: Option<EngineNeeds>,
    /// Address of each scene's pictures, ending in `/`.
    pub files: BTreeMap<SceneId, String>,
    /// Address of each scene's documents, ending in `/`.
    pub documents: BTreeMap<SceneId, String>,
    /// Addresses of files that are to be loaded before their scene.
    pub preload: Vec<String>,
    /// Addresses of the networks that play in the browser, by scene and agent.
    pub models: BTreeMap<SceneId, BTreeMap<String, String>>,
}

impl Site {
    /// A path of a file as it stands in its address.
    pub fn address(path: &str) -> String {
        let parts = path.split('/').map(|part| utf8_percent_encode(part, &PLAIN).to_string());
        parts.collect::<Vec<_>>().join("/")
    }
}

/// What every participant and game needs of the house. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Services {
    /// The study.
    pub experiment: Arc<Experiment>,
    /// Where browsers find things.
    pub site: Arc<Site>,
    /// The time.
    pub clock: Clock,
    /// The researcher's own rules for who plays with whom.
    pub suggesters: Suggesters,
    /// The researcher's own functions that decide something.
    pub functions: Functions,
    /// Who numbers participants and assigns levels; absent when nothing is drawn.
    pub assigner: Option<Address<assigner::Message>>,
    /// Where environments run on the service; absent when no scene needs that.
    pub workers: Option<Address<workers::Message>>,
    /// How late the frame clocks of all games tick.
    pub lateness: Arc<Lateness>,
    /// Whether facts can be stored.
    pub health: Arc<Health>,
    /// The only writer of the store.
    pub recorder: Address<recorder::Message>,
}

impl Services {
    /// Stores facts durably.
    ///
    /// # Errors
    /// The inner error: nothing was stored, and the actor can go on. The outer one: nobody knows whether it was stored,
    /// and the actor has to end, to be made anew from the journal.
    pub async fn store(&self, entries: Vec<Entry>) -> Result<Result<(), JournalError>, Failure> {
        if entries.is_empty() {
            return Ok(Ok(()));
        }
        let stored = self.recorder.ask(STORE_DEADLINE, |reply| recorder::Message::Append(entries, reply)).await;
        Ok(stored.map_err(|error| format!("storing facts: {error}"))?)
    }

    /// Reads all facts of a stream.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn read(&self, stream: Stream) -> Result<Vec<Recorded>, JournalError> {
        let failed = |error: AskError| JournalError { doing: "read a stream", cause: error.to_string() };
        self.recorder.ask(STORE_DEADLINE, |reply| recorder::Message::Read(stream, reply)).await.map_err(failed)?
    }

    /// Has a function of the researcher's called, on a thread of its own.
    ///
    /// # Errors
    /// What was wrong, in words for the researcher; it is logged already.
    pub async fn call(&self, key: &FunctionKey, arguments: Vec<Argument>) -> Result<serde_json::Value, String> {
        let Some(function) = self.functions.get(key).cloned() else {
            // A module that was changed under a running study.
            return Err(format!("{key} is not there any more"));
        };
        let call = tokio::task::spawn_blocking(move || function.call(&arguments));
        let result = match tokio::time::timeout(CALL_DEADLINE, call).await {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => Err(format!("the call failed: {error}")),
            Err(_) => Err(format!("it has taken longer than {CALL_DEADLINE:?}")),
        };
        result.inspect_err(|error| tracing::error!(function = %key, error, "a function of the study failed"))
    }

    /// Has the files of a visit written anew, some time soon.
    pub async fn project(&self, target: Target) {
        // Without a recorder the house is about to stop, and the files can be written from the journal later.
        let _ = self.recorder.send(recorder::Message::Project(target)).await;
    }
}
