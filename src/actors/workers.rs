//! The worker processes: who runs what, and whether there is room for another game.
//!
//! Workers that end are started again, the next time later the sooner they ended. Their games hear of it and ask for
//! another place.

mod census;
mod guests;
mod lesson;
mod restarts;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::clock::Clock;
use super::host::{Address, Ended, Failure, Id, Me, Reply};
use super::worker::{self, Gauge, Launch, Worker};
use super::{host, runner};
use crate::experiment::Experiment;
use crate::ids::{GameId, SceneId};
use crate::rules::placement::Placement;
use crate::time::Timestamp;
use crate::wire::{Learn, Trouble};

pub use census::{Census, WorkerCensus};

use lesson::lesson;

/// Most of a core's time that games get: what is left evens out what some frames take longer.
pub const FULL: f64 = 0.8;

/// A scene whose trial ends workers is tried so often.
const TRIALS: u32 = 3;

/// Longest that the end of a process may take.
const END: Duration = Duration::from_secs(3);

/// What can be said to the workers.
#[derive(Debug)]
pub enum Message {
    /// May so many further games of this scene begin? What is granted is kept free for a minute.
    Reserve(SceneId, u32, Reply<Room>),
    /// So many games of this scene, granted before, do not begin after all.
    Return(SceneId, u32),
    /// A game needs an environment. It gets one on some worker in any case, and what was granted to its scene counts as
    /// used. The answer goes to the runner.
    Place(GameId, SceneId, Address<runner::Message>),
    /// This runner of a game needs its environment no longer.
    Leave(GameId, Id),
    /// What do the workers do?
    Census(Reply<Census>),
    /// (From a worker) a scene was tried out: what a frame costs, in microseconds, or what is wrong.
    Learnt(SceneId, Result<u32, Trouble>),
    /// (From a worker) it takes games.
    Ready(usize),
    /// (From a worker) what a frame cost lately, in microseconds.
    Measured(Vec<(SceneId, f64)>),
    /// (From a worker) its process has ended.
    Down(Down),
    /// (From itself) it is time to start this worker again.
    Start(usize),
    /// End all processes; the answer comes when they have ended.
    Drain(Reply<()>),
}

/// What there is room for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Room {
    /// How many further games may begin.
    pub games: u32,
    /// Why no more, for the operator.
    pub reason: Option<String>,
}

/// The end of a process.
#[derive(Debug)]
pub struct Down {
    /// Which worker's.
    pub number: usize,
    /// Whose request it was working on.
    pub culprit: Option<GameId>,
    /// Which scene it was trying out.
    pub learning: Option<SceneId>,
    /// How it ended.
    pub reason: String,
}

/// What the workers are built of.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How many there are, at least 1.
    pub count: usize,
    /// How each is started.
    pub launch: Launch,
    /// The folder of the experiment module.
    pub folder: PathBuf,
}

/// Supervises the worker processes.
pub struct Workers {
    plan: Plan,
    experiment: Arc<Experiment>,
    clock: Clock,
    placement: Placement,
    lessons: Vec<Arc<Learn>>,
    slots: Vec<Slot>,
    games: BTreeMap<GameId, Guest>,
    /// Scenes that do not work, and why.
    broken: BTreeMap<SceneId, String>,
    /// How often trying out a scene has ended a worker.
    trials: BTreeMap<SceneId, u32>,
    draining: bool,
}

/// A worker's place.
#[derive(Default)]
struct Slot {
    worker: Option<Address<worker::Message>>,
    gauge: Arc<Gauge>,
    /// Since when it takes games.
    ready: Option<Timestamp>,
    /// How often it has ended early, one time after the other.
    failures: u32,
    restarts: u64,
    read: Option<(Instant, u64)>,
}

/// A game.
struct Guest {
    scene: SceneId,
    runner: Address<runner::Message>,
    /// Its worker; none while none takes games.
    at: Option<usize>,
}

impl Workers {
    /// Workers for the scenes whose environment runs on the service.
    pub fn new(plan: Plan, experiment: Arc<Experiment>, clock: Clock) -> Self {
        let count = plan.count.max(1);
        Self {
            plan,
            experiment,
            clock,
            placement: Placement::new(count, FULL),
            lessons: Vec::new(),
            slots: std::iter::repeat_with(Slot::default).take(count).collect(),
            games: BTreeMap::new(),
            broken: BTreeMap::new(),
            trials: BTreeMap::new(),
            draining: false,
        }
    }

    fn prepare(&mut self) {
        for gym in self.experiment.stager.gyms().filter(|gym| gym.mode.has_runner()) {
            match lesson(gym, &self.experiment.globals, &self.plan.folder) {
                Ok(lesson) => self.lessons.push(Arc::new(lesson)),
                Err(why) => {
                    tracing::error!(scene = %gym.scene_id, "there can be no games of a scene: {why}");
                    self.broken.insert(gym.scene_id.clone(), why);
                }
            }
        }
    }

    async fn start(&mut self, number: usize, me: &Me<Message>) -> Result<(), Failure> {
        if self.draining {
            return Ok(());
        }
        let given_up = |lesson: &&Arc<Learn>| self.trials.get(&lesson.scene).is_none_or(|trials| *trials < TRIALS);
        let start = worker::Start {
            number,
            launch: self.plan.launch.clone(),
            lessons: self.lessons.iter().filter(given_up).cloned().collect(),
            gauge: self.slots[number].gauge.clone(),
            supervisor: me.address().clone(),
            clock: self.clock,
        };
        self.slots[number].worker = Some(me.spawn(Worker::new(start)).await?);
        Ok(())
    }

    fn learnt(&mut self, scene: SceneId, cost: Result<u32, Trouble>) {
        match cost {
            Ok(micros) => {
                self.trials.remove(&scene);
                self.broken.remove(&scene);
                let fps = self.experiment.stager.gyms().find(|gym| gym.scene_id == scene).map(|gym| gym.rendering.fps);
                tracing::info!(%scene, micros_per_frame = micros, fps, "a worker has tried out a scene");
                self.placement.learnt(&scene, fps.unwrap_or(1), micros);
            }
            Err(trouble) => {
                let known = self.broken.insert(scene.clone(), trouble.message.clone());
                if known.as_ref() != Some(&trouble.message) {
                    tracing::error!(
                        %scene,
                        traceback = trouble.traceback,
                        "there can be no games of a scene: {}",
                        trouble.message
                    );
                }
            }
        }
    }

    async fn drain(&mut self) {
        self.draining = true;
        let workers = self.slots.iter().filter_map(|slot| slot.worker.clone());
        let ends = workers.map(|worker| async move { worker.ask(END, worker::Message::Shut).await });
        futures_util::future::join_all(ends).await;
    }
}

impl host::Room for Workers {
    type Message = Message;
    const KIND: &'static str = "workers";
    const DEPTH: usize = 1024;

    async fn started(&mut self, me: &Me<Message>) -> Result<(), Failure> {
        self.prepare();
        for number in 0..self.slots.len() {
            self.start(number, me).await?;
        }
        Ok(())
    }

    async fn handle(&mut self, message: Message, me: &Me<Message>) -> Result<(), Failure> {
        match message {
            Message::Reserve(scene, want, reply) => {
                let room = self.reserve(&scene, want);
                let granted = room.games;
                if !reply.send(room) {
                    self.placement.give_back(&scene, granted);
                }
            }
            Message::Return(scene, games) => self.placement.give_back(&scene, games),
            Message::Place(game, scene, runner) => self.place(game, scene, runner),
            // A game that was made anew has another runner by now.
            Message::Leave(game, runner) => {
                if self.games.get(&game).is_some_and(|guest| guest.runner.id() == runner) {
                    self.leave(game);
                }
            }
            Message::Census(reply) => {
                reply.send(self.census());
            }
            Message::Learnt(scene, cost) => self.learnt(scene, cost),
            Message::Ready(number) => self.ready(number),
            Message::Measured(costs) => {
                for (scene, micros) in costs {
                    self.placement.measured(&scene, micros);
                }
            }
            Message::Down(down) => self.down(down, me),
            Message::Start(number) => self.start(number, me).await?,
            Message::Drain(reply) => {
                self.drain().await;
                reply.send(());
            }
        }
        Ok(())
    }

    async fn child_ended(&mut self, child: Id, ended: Ended, me: &Me<Message>) -> Result<(), Failure> {
        let number = self.slots.iter().position(|slot| slot.worker.as_ref().is_some_and(|worker| worker.id() == child));
        // One that stops has told why.
        if let (Some(number), Ended::Crashed(reason)) = (number, ended) {
            self.down(Down { number, culprit: None, learning: None, reason }, me);
        }
        Ok(())
    }
}
