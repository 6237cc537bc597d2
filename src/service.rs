//! The service: puts the rooms together and runs them until it is told to stop.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::actors::clock::Clock;
use crate::actors::host::{AskError, Failure};
use crate::actors::house::{self, Plan};
use crate::actors::{Site, house::DRAIN_STEP};
use crate::actors::{worker, workers};
use crate::experiment::{Experiment, GymScene, Mode};
use crate::export;
use crate::facts::{Journal, JournalError};
use crate::gateway::{
    self, AssetError, Assets, Films, Gateway, GatewayConfig, KeyError, Message as GatewayMessage, OperatorKey,
    Operators, OperatorsConfig, PageError, PageTemplate, Places, documents,
};
use crate::handover::{self, Door};
use crate::ids::SceneId;
use crate::rules::events::Callbacks;
use crate::rules::functions::Functions;
use crate::rules::matchers::Suggesters;
use crate::store::{Definition, Files, KeptError, SqliteJournal, StoreError};
use crate::time::Timestamp;
use crate::wire::EngineNeeds;

/// The journal's file name in a study's folder of data.
pub const JOURNAL: &str = "journal.sqlite";

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

/// A path that begins and ends in `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasePath(String);

impl std::str::FromStr for BasePath {
    type Err = String;
    fn from_str(given: &str) -> Result<Self, String> {
        let inner = given.trim_matches('/');
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
        if !inner.chars().all(allowed) || inner.contains("//") || inner.split('/').any(|part| part == "..") {
            return Err("use letters, digits, `_`, `-`, `.` and `/`, for example /study1/".into());
        }
        Ok(Self(if inner.is_empty() { "/".into() } else { format!("/{inner}/") }))
    }
}

impl BasePath {
    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
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

/// A service that lacks nothing but its journal and its listening socket, which another may still have.
pub struct Prepared {
    experiment: Experiment,
    definition: Definition,
    accept_changes: bool,
    data: PathBuf,
    folder: PathBuf,
    base: BasePath,
    origins: Vec<String>,
    suggesters: Suggesters,
    functions: Functions,
    callbacks: Callbacks,
    workers: Option<workers::Plan>,
    assets: Assets,
    site: Site,
    page: PageTemplate,
    places: Places,
    client: PathBuf,
    films: Option<worker::Launch>,
}

/// Reads and compresses all that browsers load: what takes long.
///
/// # Errors
/// When something is missing or cannot be read.
pub fn prepare(settings: Settings) -> Result<Prepared, ServiceError> {
    let Settings { experiment, definition, accept_changes, data, base, assets: assets_folder, .. } = settings;
    let Settings { wheels, origins, suggesters, functions, callbacks, workers, films, .. } = settings;
    let needed = experiment.stager.gyms().find(|gym| gym.mode.has_runner()).map(|gym| gym.scene_id.clone());
    let workers = match needed {
        Some(scene) => Some(workers.ok_or(ServiceError::NoWorkers(scene))?),
        None => None,
    };
    let mut assets = Assets::default();
    let (site, places) = furnish(&mut assets, &experiment, &base, &assets_folder, &wheels)?;
    let page = PageTemplate::read(&assets_folder.join("client/page.html"), places.clone(), &experiment)?;

    let folder = data.join(experiment.id.as_str());
    Ok(Prepared {
        experiment,
        definition,
        accept_changes,
        data,
        folder,
        base,
        origins,
        suggesters,
        functions,
        callbacks,
        workers,
        assets,
        site,
        page,
        places,
        client: assets_folder.join("client"),
        films,
    })
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

impl Prepared {
    /// Where its record is.
    pub fn journal(&self) -> PathBuf {
        self.folder.join(JOURNAL)
    }

    /// Its study.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// Compares the study with the record once more; see [`compare`].
    ///
    /// # Errors
    /// When it has changed since its participants began, and nobody accepts that.
    pub fn compare(&self) -> Result<(), KeptError> {
        compare(&self.definition, &self.experiment, &self.data, self.accept_changes)
    }

    /// Runs on a listening socket until `shutdown` completes or a successor takes over, then drains. `taken` is when a
    /// predecessor was told to let go, if there is one: its journal is waited for.
    ///
    /// # Errors
    /// When it cannot start, or had to stop by itself.
    pub async fn run(
        self,
        listener: TcpListener,
        taken: Option<Instant>,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), ServiceError> {
        let Self {
            experiment,
            definition,
            accept_changes,
            folder,
            base,
            origins,
            suggesters,
            functions,
            callbacks,
            workers,
            ..
        } = self;
        let Self { assets, site, page, places, client, films, .. } = self;
        let key = OperatorKey::of_study(&folder)?;
        let patience = if taken.is_some() { handover::PATIENCE } else { Duration::ZERO };
        let mut journal = open_journal(&folder.join(JOURNAL), patience).await?;
        let clock = clock_after(journal.newest()?);
        if let Err(error) = definition.note(&experiment, &mut journal, accept_changes, clock.now()) {
            if !journal.was_cut_off() {
                // Nothing was begun that would have to be caught up.
                journal.settle()?;
            }
            return Err(error.into());
        }
        drop(definition);
        let mut files = Files::new(&folder.join(JOURNAL), folder.clone(), &experiment)?;
        if let Err(error) = export::write_codebook(&folder, experiment.id.as_str()) {
            tracing::warn!(%error, "the codebook of the data files could not be written");
        }
        let overdue = if journal.was_cut_off() { files.overdue()? } else { Vec::new() };
        if !overdue.is_empty() {
            tracing::info!(
                files = overdue.len(),
                "the last service was cut off: writing the files of what it had stored"
            );
        }
        let draining = CancellationToken::new();
        let operators = Operators::new(OperatorsConfig {
            experiment: experiment.id.clone(),
            modes: gateway::modes(&experiment),
            journal: folder.join(JOURNAL),
            client,
            places,
            key,
            films: films.map(|launch| Films { launch, study: folder.clone() }),
            closing: draining.clone(),
        });
        let plan = Plan {
            experiment: Arc::new(experiment),
            site: Arc::new(site),
            journal: Box::new(journal),
            projector: Box::new(files),
            overdue,
            clock,
            suggesters,
            functions,
            callbacks,
            workers,
        };
        let (house, broken) = house::open(plan).await.map_err(ServiceError::Start)?;
        let nursery = house::doors(&house).await?.nursery;
        let door = Door::open(&folder, &listener, base.as_str());
        let door =
            door.inspect_err(|error| tracing::warn!(%error, "no successor can take over from this service")).ok();
        let config = GatewayConfig {
            listener,
            base: base.as_str().to_owned(),
            page,
            assets,
            origins,
            operators,
            draining,
            house: house.clone(),
            clock,
        };
        let gateway = nursery.spawn(Gateway::new(config)).await.map_err(ServiceError::Start)?;

        if let Some(taken) = taken {
            let pause_ms = taken.elapsed().as_millis();
            tracing::info!(pause_ms, "taken over; who came in the meantime has waited no longer than that");
        }

        let asked = tokio::select! {
            biased;
            () = shutdown => true,
            () = broken.cancelled() => false,
            () = successor(door.as_ref()) => {
                tracing::info!("a successor takes over");
                true
            }
        };
        // Before the journal is closed: the successor opens a door of its own.
        drop(door);
        tracing::info!("stopping: telling browsers, storing what is on its way");
        match gateway.ask(2 * DRAIN_STEP, GatewayMessage::Drain).await {
            Ok(drained) if drained.left == 0 => {}
            Ok(drained) => tracing::warn!(left = drained.left, "connections did not end in time and are cut off"),
            Err(error) => tracing::warn!(%error, "the gateway does not answer"),
        }
        let drained = house.ask(Duration::from_secs(90), house::Message::Drain).await;
        house.drain(DRAIN_STEP).await;
        match (asked, drained) {
            (true, Ok(true)) => {
                tracing::info!(data = %folder.display(), "stopped; everything is stored");
                Ok(())
            }
            (true, Ok(false)) => Err(ServiceError::FilesDue),
            (false, _) => Err(ServiceError::Broken),
            (true, Err(error)) => Err(error.into()),
        }
    }
}

/// Completes when a successor is ready.
async fn successor(door: Option<&Door>) {
    match door {
        Some(door) => door.asked().await,
        None => std::future::pending().await,
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

/// Puts everything that browsers load under its address.
fn furnish(
    assets: &mut Assets,
    experiment: &Experiment,
    base: &BasePath,
    folder: &Path,
    wheels: &[PathBuf],
) -> Result<(Site, Places), ServiceError> {
    for needed in ["client/main.js", "python/greenroom/engine.py", "vendor/pyodide/pyodide.mjs"] {
        let path = folder.join(needed);
        if !path.is_file() {
            return Err(ServiceError::Missing(path));
        }
    }
    let below = |path: String| format!("{}{path}", base.as_str());
    let client = below(assets.add_immutable("client", &folder.join("client"))?);
    let vendor = below(assets.add_immutable("vendor", &folder.join("vendor"))?);
    let archive = archive(&folder.join("python"), experiment)?;
    let python = below(assets.add_made("python", "greenroom.tar", archive));
    let places = Places { base: base.as_str().to_owned(), client, vendor, python };

    let mut site = Site::default();
    let mut urls = Vec::new();
    for wheel in wheels {
        let name = wheel.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let contents = std::fs::read(wheel).map_err(|cause| ServiceError::Read { path: wheel.clone(), cause })?;
        urls.push(below(assets.add_made("wheel", &name, contents)));
    }
    for gym in experiment.stager.gyms() {
        if let Some(pictures) = &gym.assets_dir {
            let files = below(assets.add_immutable("scene", pictures)?);
            site.files.insert(gym.scene_id.clone(), files);
        }
        let models = add_models(assets, gym)?.into_iter().map(|(agent, path)| (agent, below(path))).collect();
        site.models.insert(gym.scene_id.clone(), models);
    }
    let own = folder.join("client/embed");
    for scene in experiment.stager.documents() {
        let files = documents::files(scene, &own)?;
        let early = documents::preloaded(scene, &files);
        let prefix = below(assets.add_document(documents::PREFIX, files)?);
        site.preload.extend(early.iter().map(|name| format!("{prefix}{}", Site::address(name))));
        site.documents.insert(scene.scene_id.clone(), prefix);
    }
    let library = own.join(documents::LIBRARY);
    if library.is_file() {
        let contents = std::fs::read(&library).map_err(|cause| ServiceError::Read { path: library, cause })?;
        // For whoever wants an address that does not change.
        assets.add_file(&format!("assets/{}", documents::LIBRARY), contents);
    }
    let in_browser = experiment.stager.gyms().any(|gym| gym.mode.in_browser());
    site.engine = in_browser.then_some(EngineNeeds { wheels: urls });
    for directory in &experiment.static_directories {
        assets.add_folder(&format!("{}/", directory.address), &directory.directory)?;
    }
    Ok((site, places))
}

/// The networks that play in the browser, by agent: where they are found below the base path. Those of other scenes stay on
/// the service.
fn add_models(assets: &mut Assets, gym: &GymScene) -> Result<BTreeMap<String, String>, ServiceError> {
    let models = gym.policies.iter().filter_map(|(agent, policy)| Some((agent, policy.model()?)));
    let mut found = BTreeMap::new();
    for (agent, model) in models.filter(|_| gym.mode == Mode::Browser) {
        let contents =
            std::fs::read(&model.path).map_err(|cause| ServiceError::Read { path: model.path.clone(), cause })?;
        let name = model.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        found.insert(agent.clone(), assets.add_made("model", &name, contents));
    }
    Ok(found)
}

/// The shared Python package as a tar archive, the same bytes for the same sources. With what environments of another system
/// import, if there is one that does.
fn archive(packages: &Path, experiment: &Experiment) -> Result<Vec<u8>, ServiceError> {
    let mut folders = vec!["greenroom"];
    if experiment.stager.gyms().any(|gym| gym.runtime.code.contains("greenroom_compat")) {
        folders.extend(["compat/greenroom_compat", "compat/interactive_gym", "compat/mug"]);
    }
    let mut archive = tar::Builder::new(Vec::new());
    for folder in folders {
        add_sources(&mut archive, &packages.join(folder), folder)?;
    }
    archive.into_inner().map_err(|cause| ServiceError::Read { path: packages.to_owned(), cause })
}

/// Adds the Python files of a folder under its name.
fn add_sources(archive: &mut tar::Builder<Vec<u8>>, package: &Path, folder: &str) -> Result<(), ServiceError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |cause| ServiceError::Read { path, cause }
    };
    let mut sources: Vec<PathBuf> = std::fs::read_dir(package)
        .map_err(failed(package))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .filter(|path| !path.file_stem().is_some_and(|stem| stem.to_string_lossy().starts_with("doctor")))
        .collect();
    sources.sort();
    for path in sources {
        let source = std::fs::read(&path).map_err(failed(&path))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut header = tar::Header::new_ustar();
        header.set_size(source.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append_data(&mut header, format!("{folder}/{name}"), &source[..]).map_err(failed(&path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_path_has_slashes_at_both_ends() {
        for (given, path) in [("/", "/"), ("", "/"), ("study1", "/study1/"), ("/a/b/", "/a/b/")] {
            assert_eq!(given.parse::<BasePath>().unwrap().as_str(), path);
        }
        for bad in ["/a//b/", "/../", "/a b/", "/<x>/"] {
            assert!(bad.parse::<BasePath>().is_err(), "{bad}");
        }
    }
}
