//! The house: the root of the tree. Starts the rooms in the order of their needs and drains them in the reverse one.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::assigner::{self, Assigner};
use super::callbacks::{self, Callbacks};
use super::clock::Clock;
use super::health::Health;
use super::host::{self, Address, Ended, Failure, Id, Me, Nursery, Reply, Room};
use super::meter::Meters;
use super::monitor::{self, Monitor};
use super::participants::{self, Participants};
use super::recorder::{self, Recorder};
use super::scene_managers::{self, SceneManagers};
use super::services::{Services, Site};
use super::workers::{self, Workers};
use crate::experiment::Experiment;
use crate::facts::{Journal, Projector, Target};
use crate::rules::events;
use crate::rules::functions::Functions;
use crate::rules::matchers::Suggesters;
use crate::rules::restart::{RestartLimit, Verdict};

/// Longest that one step of draining may take.
pub const DRAIN_STEP: Duration = Duration::from_secs(5);

/// Longest that the last facts and files may take to be written.
const DRAIN_STORE: Duration = Duration::from_secs(60);

/// Crashes of supervisors that are mended within [`CRASH_WINDOW`]; more mean that the next start has to.
const CRASHES: usize = 3;
/// The time in which they are counted.
const CRASH_WINDOW: Duration = Duration::from_secs(60);

/// Longest that a door may take to be shown.
const DOORS_DEADLINE: Duration = Duration::from_secs(5);

/// What a house is built of.
pub struct Plan {
    /// The study.
    pub experiment: Arc<Experiment>,
    /// Where browsers find things.
    pub site: Arc<Site>,
    /// The record.
    pub journal: Box<dyn Journal>,
    /// The files made from it.
    pub projector: Box<dyn Projector>,
    /// Files that are older than what the record knows.
    pub overdue: Vec<Target>,
    /// The time.
    pub clock: Clock,
    /// The researcher's own rules for who plays with whom.
    pub suggesters: Suggesters,
    /// The researcher's own functions that decide something.
    pub functions: Functions,
    /// The researcher's own code that is told of what happened.
    pub callbacks: events::Callbacks,
    /// The processes that host environments; absent when no scene needs them.
    pub workers: Option<workers::Plan>,
}

/// What can be said to the house.
#[derive(Debug)]
pub enum Message {
    /// Where do arriving browsers go?
    Doors(Reply<Doors>),
    /// Close down in order; the answer tells whether every data file was written. Facts that were acknowledged are stored in
    /// any case.
    Drain(Reply<bool>),
}

/// What the gateway needs of the house.
#[derive(Debug, Clone)]
pub struct Doors {
    /// Where arriving browsers go.
    pub participants: Address<participants::Message>,
    /// Where the gateway's own actors are born.
    pub nursery: Nursery,
    /// Whether facts can be stored.
    pub health: Arc<Health>,
}

/// What is inside the house once it is built.
struct Inside {
    services: Services,
    callbacks: Option<Address<callbacks::Message>>,
    workers: Option<workers::Plan>,
    rooms: Rooms,
    crashes: RestartLimit,
    broken: CancellationToken,
}

/// Builds the house.
///
/// # Errors
/// When an actor cannot be started.
pub async fn open(plan: Plan) -> Result<(Address<Message>, CancellationToken), Failure> {
    let broken = CancellationToken::new();
    let house = House { plan: Some(plan), broken: broken.clone(), inside: None };
    Ok((host::spawn_root(house, Meters::default()).await?, broken))
}

/// The root of the tree.
struct House {
    plan: Option<Plan>,
    broken: CancellationToken,
    inside: Option<Inside>,
}

impl House {
    async fn build(&mut self, me: &Me<Message>) -> Result<(), Failure> {
        let Some(plan) = self.plan.take() else { return Ok(()) };
        let health = Arc::new(Health::new(plan.clock));
        let recorder = me.spawn(Recorder::new(plan.journal, plan.projector, health.clone())).await?;
        let callbacks = Callbacks::start(plan.callbacks, &recorder, plan.clock, &me.nursery()).await?;
        let Plan { experiment, site, clock, suggesters, functions, workers, .. } = plan;
        let lateness = Default::default();
        let mut services = Services {
            experiment,
            site,
            clock,
            suggesters,
            functions,
            assigner: None,
            workers: None,
            lateness,
            health,
            recorder,
        };
        start_workers(&mut services, workers.as_ref(), me).await?;
        start_assigner(&mut services, me).await?;
        for target in plan.overdue {
            services.project(target).await;
        }
        let rooms = Rooms::furnish(&services, me).await?;
        self.inside = Some(Inside {
            services,
            callbacks,
            workers,
            rooms,
            crashes: RestartLimit::new(CRASHES, CRASH_WINDOW),
            broken: self.broken.clone(),
        });
        Ok(())
    }
}

/// The rooms that know each other, and so are made anew together.
struct Rooms {
    managers: Address<scene_managers::Message>,
    participants: Address<participants::Message>,
    monitor: Address<monitor::Message>,
}

impl Rooms {
    async fn furnish(services: &Services, me: &Me<Message>) -> Result<Self, Failure> {
        let managers = me.spawn(SceneManagers::new(services.clone())).await?;
        let participants = me.spawn(Participants::new(services.clone(), managers.clone())).await?;
        let monitor = me.spawn(Monitor::new(participants.clone(), managers.clone(), services)).await?;
        Ok(Self { managers, participants, monitor })
    }

    fn own(&self, child: Id) -> bool {
        [self.managers.id(), self.participants.id(), self.monitor.id()].contains(&child)
    }

    /// Ends what is left of them. Connections close with that, and browsers come back by themselves.
    async fn clear(&self) {
        self.participants.drain(DRAIN_STEP).await;
        self.managers.drain(DRAIN_STEP).await;
        self.monitor.drain(DRAIN_STEP).await;
    }
}

impl Drop for House {
    /// Nobody supervises the root: its end, however it comes about, is the end of the service.
    fn drop(&mut self) {
        self.broken.cancel();
    }
}

impl Room for House {
    type Message = Message;
    const KIND: &'static str = "house";

    async fn started(&mut self, me: &Me<Message>) -> Result<(), Failure> {
        self.build(me).await
    }

    async fn handle(&mut self, message: Message, me: &Me<Message>) -> Result<(), Failure> {
        let Some(inside) = &self.inside else { return Err("the house has no rooms".into()) };
        match message {
            Message::Doors(reply) => {
                let (participants, health) = (inside.rooms.participants.clone(), inside.services.health.clone());
                reply.send(Doors { participants, nursery: me.nursery(), health });
            }
            Message::Drain(reply) => {
                reply.send(inside.drain().await);
            }
        }
        Ok(())
    }

    async fn child_ended(&mut self, child: Id, ended: Ended, me: &Me<Message>) -> Result<(), Failure> {
        if let (Some(inside), Ended::Crashed(reason)) = (&mut self.inside, ended) {
            inside.child_crashed(child, reason, me).await?;
        }
        Ok(())
    }
}

impl Inside {
    async fn drain(&self) -> bool {
        let managers = self.rooms.managers.ask(DRAIN_STEP, scene_managers::Message::Drain).await;
        let participants = self.rooms.participants.ask(DRAIN_STEP, participants::Message::Drain).await;
        // Nobody steps an environment any more.
        let workers = match &self.services.workers {
            Some(workers) => workers.ask(DRAIN_STEP, workers::Message::Drain).await,
            None => Ok(()),
        };
        // Nobody asks for a level any more.
        let assigner = match &self.services.assigner {
            Some(assigner) => assigner.ask(DRAIN_STEP, assigner::Message::Drain).await,
            None => Ok(()),
        };
        let recorder = self.services.recorder.ask(DRAIN_STORE, recorder::Message::Drain).await;
        // What was stored is told, as far as that does not take too long.
        if let Some(callbacks) = &self.callbacks
            && callbacks.ask(DRAIN_STEP, callbacks::Message::Drain).await.is_err()
        {
            tracing::warn!("callbacks take too long: what was stored last is not told to them");
        }
        // Its end closes the store, so that another service may open it.
        self.services.recorder.drain(DRAIN_STEP).await;
        let late = [
            ("games", managers.err()),
            ("participants", participants.err()),
            ("workers", workers.err()),
            ("assigner", assigner.err()),
            ("recorder", recorder.err()),
        ];
        for (room, error) in late {
            if let Some(error) = error {
                tracing::error!(room, %error, "draining took too long; what was acknowledged is stored");
            }
        }
        recorder.unwrap_or(false)
    }

    fn owns(&self, child: Id) -> bool {
        self.rooms.own(child)
            || self.services.workers.as_ref().is_some_and(|workers| workers.id() == child)
            || self.services.assigner.as_ref().is_some_and(|assigner| assigner.id() == child)
    }

    /// A supervisor that crashes takes its children along, and all of them are made anew from the journal when they are
    /// next needed. Without the recorder nothing can be stored, so nothing may go on.
    async fn child_crashed(&mut self, child: Id, reason: String, me: &Me<Message>) -> Result<(), Failure> {
        tracing::error!(reason, "a room of the house crashed");
        if child == self.services.recorder.id() {
            tracing::error!("the recorder is gone: the service stops, nothing that was acknowledged is lost");
            self.broken.cancel();
        } else if self.callbacks.as_ref().is_some_and(|callbacks| callbacks.id() == child) {
            tracing::error!("callbacks are not called any more; the study goes on");
        } else if self.owns(child) && self.crashes.crashed(self.services.clock.now()) == Verdict::Restart {
            self.rooms.clear().await;
            // Workers outlive the rooms that use them. When they crash, everybody who knows them is made anew.
            if self.services.workers.as_ref().is_some_and(|workers| workers.id() == child) {
                start_workers(&mut self.services, self.workers.as_ref(), me).await?;
            }
            // The assigner hears from those who come back who is there; to a new one, all others are away.
            if let Some(assigner) = self.services.assigner.take() {
                // One that crashed has nothing to store.
                let _ = assigner.ask(DRAIN_STEP, assigner::Message::Drain).await;
                assigner.drain(DRAIN_STEP).await;
            }
            start_assigner(&mut self.services, me).await?;
            self.rooms = Rooms::furnish(&self.services, me).await?;
        } else {
            tracing::error!("the gateway is gone, or rooms crash again and again: the service stops");
            self.broken.cancel();
        }
        Ok(())
    }
}

/// Starts the workers, if there are to be any.
async fn start_workers(services: &mut Services, plan: Option<&workers::Plan>, me: &Me<Message>) -> Result<(), Failure> {
    if let Some(plan) = plan {
        let workers = Workers::new(plan.clone(), services.experiment.clone(), services.clock);
        services.workers = Some(me.spawn(workers).await?);
    }
    Ok(())
}

/// Starts the assigner, if anything is drawn.
async fn start_assigner(services: &mut Services, me: &Me<Message>) -> Result<(), Failure> {
    if services.experiment.stager.flow().draws() {
        services.assigner = Some(me.spawn(Assigner::new(services.clone())).await?);
    }
    Ok(())
}

/// Asks for the doors.
///
/// # Errors
/// When the house is gone or does not answer.
pub async fn doors(house: &Address<Message>) -> Result<Doors, host::AskError> {
    house.ask(DOORS_DEADLINE, Message::Doors).await
}
