//! A service from the moment in which it has all that browsers load until everything is stored.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::furnish::{Furniture, furnish};
use super::record::{JOURNAL, Record, compare};
use super::{ServiceError, Settings};
use crate::actors::host::{Address, AskError};
use crate::actors::house::{self, DRAIN_STEP, Plan};
use crate::experiment::Experiment;
use crate::gateway::{
    self, Films, Gateway, GatewayConfig, Message as GatewayMessage, OperatorKey, Operators, OperatorsConfig,
};
use crate::handover::{self, Door};
use crate::store::KeptError;

/// A service that lacks nothing but its journal and its listening socket, which another may still have.
pub struct Prepared {
    settings: Settings,
    folder: PathBuf,
    furniture: Furniture,
}

/// Reads and compresses all that browsers load: what takes long.
///
/// # Errors
/// When something is missing or cannot be read.
pub fn prepare(mut settings: Settings) -> Result<Prepared, ServiceError> {
    let needed = settings.experiment.stager.gyms().find(|gym| gym.mode.has_runner());
    settings.workers = match needed {
        Some(gym) => Some(settings.workers.ok_or_else(|| ServiceError::NoWorkers(gym.scene_id.clone()))?),
        None => None,
    };
    let Settings { experiment, base, assets, wheels, .. } = &settings;
    let furniture = furnish(experiment, base, assets, wheels)?;
    let folder = settings.data.join(experiment.id.as_str());
    Ok(Prepared { settings, folder, furniture })
}

impl Prepared {
    /// Where its record is.
    pub fn journal(&self) -> PathBuf {
        self.folder.join(JOURNAL)
    }

    /// Its study.
    pub fn experiment(&self) -> &Experiment {
        &self.settings.experiment
    }

    /// Compares the study with the record once more; see [`compare`].
    ///
    /// # Errors
    /// When it has changed since its participants began, and nobody accepts that.
    pub fn compare(&self) -> Result<(), KeptError> {
        let Settings { experiment, definition, data, accept_changes, .. } = &self.settings;
        compare(definition, experiment, data, *accept_changes)
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
        let Self { settings, folder, furniture } = self;
        let Settings { experiment, definition, accept_changes, base, assets: assets_folder, origins, .. } = settings;
        let Settings { suggesters, functions, callbacks, workers, films, .. } = settings;
        let Furniture { assets, page, places, site } = furniture;
        let key = OperatorKey::of_study(&folder)?;
        let patience = if taken.is_some() { handover::PATIENCE } else { Duration::ZERO };
        let record = Record::open(&folder, &experiment, &definition, accept_changes, patience).await?;
        drop(definition);
        let Record { journal, files, overdue, clock } = record;
        let draining = CancellationToken::new();
        let operators = Operators::new(OperatorsConfig {
            experiment: experiment.id.clone(),
            modes: gateway::modes(&experiment),
            journal: folder.join(JOURNAL),
            client: assets_folder.join("client"),
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
        match (asked, drain(&gateway, &house).await) {
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

/// Tells browsers, then stores what is on its way; whether all files are written, too.
async fn drain(gateway: &Address<GatewayMessage>, house: &Address<house::Message>) -> Result<bool, AskError> {
    tracing::info!("stopping: telling browsers, storing what is on its way");
    match gateway.ask(2 * DRAIN_STEP, GatewayMessage::Drain).await {
        Ok(drained) if drained.left == 0 => {}
        Ok(drained) => tracing::warn!(left = drained.left, "connections did not end in time and are cut off"),
        Err(error) => tracing::warn!(%error, "the gateway does not answer"),
    }
    let drained = house.ask(Duration::from_secs(90), house::Message::Drain).await;
    house.drain(DRAIN_STEP).await;
    drained
}

/// Completes when a successor is ready.
async fn successor(door: Option<&Door>) {
    match door {
        Some(door) => door.asked().await,
        None => std::future::pending().await,
    }
}
