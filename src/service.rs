//! The service: puts the rooms together and runs them until it is told to stop.

use std::path::PathBuf;

use tokio::net::TcpListener;

use crate::actors::host::{AskError, Failure};
use crate::actors::{worker, workers};
use crate::experiment::Experiment;
use crate::facts::JournalError;
use crate::gateway::{AssetError, KeyError, PageError};
use crate::ids::SceneId;
use crate::rules::events::Callbacks;
use crate::rules::functions::Functions;
use crate::rules::matchers::Suggesters;
use crate::store::{Definition, KeptError, StoreError};

mod base_path;
mod furnish;
mod prepared;
mod record;

pub use base_path::BasePath;
pub use prepared::{Prepared, prepare};
pub use record::{JOURNAL, compare};

/// What a service needs.
#[derive(Debug)]
pub struct Settings {
    /// The study.
    pub experiment: Experiment,
    /// What the record keeps of it, with which its games can be played again.
    pub definition: Definition,
    /// Whether the study may have changed since its participants began.
    pub accept_changes: bool,
    /// Folder of all data; the study has its own in it.
    pub data: PathBuf,
    /// Path below which everything is served.
    pub base: BasePath,
    /// Folder of the client, the shared Python package and the vendored files.
    pub assets: PathBuf,
    /// Wheels that the environments need in the browser.
    pub wheels: Vec<PathBuf>,
    /// Origins besides its own from which browsers may connect.
    pub origins: Vec<String>,
    /// The researcher's own rules for who plays with whom.
    pub suggesters: Suggesters,
    /// The researcher's own functions that decide something.
    pub functions: Functions,
    /// The researcher's own code that is told of what happened.
    pub callbacks: Callbacks,
    /// The processes that host environments; they are started if a scene needs them.
    pub workers: Option<workers::Plan>,
    /// How the process of a film is started, for the operator's page; there are no films without it.
    pub films: Option<worker::Launch>,
}

/// Why a service cannot start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// A folder of files cannot be served.
    #[error(transparent)]
    Assets(#[from] AssetError),
    /// The page's template is missing.
    #[error(transparent)]
    Page(#[from] PageError),
    /// The operator's key cannot be had.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The study has changed, or cannot be kept.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// A file that the browser needs is missing.
    #[error("{0} is missing: run `make setup` first, or name the folder that has it with --assets")]
    Missing(PathBuf),
    /// A file cannot be read.
    #[error("cannot read {path}: {cause}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A scene needs workers.
    #[error("the environment of the scene {0} runs on the service, which has no workers")]
    NoWorkers(SceneId),
    /// An actor cannot be started.
    #[error("cannot start: {0}")]
    Start(Failure),
    /// The house does not answer.
    #[error("the house does not answer: {0}")]
    House(#[from] AskError),
    /// Some data files could not be written.
    #[error("every fact is stored, but some data files could not be written (see the log); the next start writes them")]
    FilesDue,
    /// Something broke that the service cannot go on without.
    #[error("the service had to stop; what was acknowledged is stored (see the log above)")]
    Broken,
}

/// Runs a service on a listening socket until `shutdown` completes, then drains it.
///
/// # Errors
/// When it cannot start, or had to stop by itself.
pub async fn run(
    settings: Settings,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServiceError> {
    prepare(settings)?.run(listener, None, shutdown).await
}
