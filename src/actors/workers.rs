//! The worker processes: who runs what, and whether there is room for another game.
//!
//! Workers that end are started again, the next time later the sooner they ended. Their games hear of it and ask for
//! another place.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_bytes::ByteBuf;
use tokio::time::Instant;

use super::clock::Clock;
use super::host::{Address, Ended, Failure, Id, Me, Reply};
use super::worker::{self, Gauge, Launch, Worker};
use super::{host, runner, settings};
use crate::experiment::{Experiment, Globals, GymScene, Mode};
use crate::ids::{GameId, SceneId};
use crate::rules::placement::{Placement, SceneView};
use crate::time::Timestamp;
use crate::wire::{Learn, Trouble};

/// Most of a core's time that games get: what is left evens out what some frames take longer.
pub const FULL: f64 = 0.8;

/// A scene whose trial ends workers is tried so often.
const TRIALS: u32 = 3;

/// A worker that has taken games for so long has been started well.
const SOUND: Duration = Duration::from_secs(60);

/// Time until a worker is started again: none the first time, then doubled each time.
const FIRST_REST: Duration = Duration::from_millis(250);

/// Longest time until a worker is started again.
const LONGEST_REST: Duration = Duration::from_secs(30);

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

/// What the workers do.
#[derive(Debug, Clone, Default)]
pub struct Census {
    /// Each worker.
    pub workers: Vec<WorkerCensus>,
    /// Each scene that was tried out.
    pub scenes: BTreeMap<SceneId, SceneView>,
}

/// What a worker does.
#[derive(Debug, Clone, Default)]
pub struct WorkerCensus {
    /// Which one it is.
    pub number: usize,
    /// Whether it takes games.
    pub up: bool,
    /// Games on it.
    pub games: usize,
    /// The share of a core that it has used since the last census.
    pub load: f64,
    /// Median time of a frame since then.
    pub step_p50: Duration,
    /// 99th percentile of it.
    pub step_p99: Duration,
    /// How often it was started again.
    pub restarts: u64,
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

    fn reserve(&mut self, scene: &SceneId, want: u32) -> Room {
        if let Some(why) = self.broken.get(scene) {
            return Room { games: 0, reason: Some(why.clone()) };
        }
        let room = self.placement.reserve(self.clock.now(), scene, want);
        Room { games: room.games, reason: room.reason }
    }

    fn place(&mut self, game: GameId, scene: SceneId, runner: Address<runner::Message>) {
        self.leave(game);
        if let Some(why) = self.broken.get(&scene) {
            let _ = runner.tell(runner::Message::NoPlace(why.clone()));
            return;
        }
        self.games.insert(game, Guest { scene, runner, at: None });
        self.seat(game);
    }

    /// Gives a game a worker, if one takes games.
    fn seat(&mut self, game: GameId) {
        let Some(guest) = self.games.get_mut(&game) else { return };
        guest.at = self.placement.place(self.clock.now(), game, &guest.scene);
        if let Some(worker) = guest.at.and_then(|at| self.slots[at].worker.as_ref()) {
            let _ = guest.runner.tell(runner::Message::Placed(worker.clone()));
        }
    }

    fn leave(&mut self, game: GameId) {
        let Some(guest) = self.games.remove(&game) else { return };
        self.placement.leave(game);
        if let Some(worker) = guest.at.and_then(|at| self.slots[at].worker.as_ref()) {
            let _ = worker.tell(worker::Message::Close(game));
        }
    }

    fn ready(&mut self, number: usize) {
        self.slots[number].ready = Some(self.clock.now());
        self.placement.up(number);
        let waiting = self.games.iter().filter(|(_, guest)| guest.at.is_none());
        let waiting: Vec<(GameId, SceneId)> = waiting.map(|(game, guest)| (*game, guest.scene.clone())).collect();
        for (game, scene) in waiting {
            match self.broken.get(&scene).cloned() {
                Some(why) => {
                    if let Some(guest) = self.games.remove(&game) {
                        let _ = guest.runner.tell(runner::Message::NoPlace(why));
                    }
                }
                None => self.seat(game),
            }
        }
    }

    fn down(&mut self, down: Down, me: &Me<Message>) {
        let Down { number, culprit, learning, reason } = down;
        let now = self.clock.now();
        let slot = &mut self.slots[number];
        slot.worker = None;
        let ready = slot.ready.take();
        if ready.is_some_and(|since| now.since(since) >= SOUND) {
            slot.failures = 0;
        }
        let rest = rest(slot.failures);
        slot.failures = slot.failures.saturating_add(1);
        slot.restarts += 1;
        if self.draining {
            return;
        }
        let again_ms = u64::try_from(rest.as_millis()).unwrap_or(u64::MAX);
        match ready {
            Some(_) => tracing::error!(worker = number, reason, again_ms, "a worker has ended; it is started again"),
            None => tracing::error!(worker = number, reason, again_ms, "a worker cannot be started; it is tried again"),
        }
        if let Some(scene) = learning {
            self.blame(&scene, &reason);
        }
        self.placement.down(number);
        // Games that are to go on ask for another place.
        let lost: Vec<GameId> =
            self.games.iter().filter(|(_, guest)| guest.at == Some(number)).map(|(game, _)| *game).collect();
        for game in lost {
            if let Some(guest) = self.games.remove(&game) {
                let culprit = culprit == Some(game);
                let _ = guest.runner.tell(runner::Message::Lost { culprit, reason: reason.clone() });
            }
        }
        let address = me.address().clone();
        tokio::spawn(async move {
            tokio::time::sleep(rest).await;
            let _ = address.tell(Message::Start(number));
        });
    }

    /// Trying out a scene has ended a worker.
    fn blame(&mut self, scene: &SceneId, reason: &str) {
        let trials = self.trials.entry(scene.clone()).or_default();
        *trials += 1;
        if *trials >= TRIALS {
            let why = format!("trying out the scene {scene} has ended {TRIALS} workers: {reason}");
            tracing::error!(%scene, "there can be no games of a scene: {why}");
            self.broken.insert(scene.clone(), why);
        }
    }

    fn census(&mut self) -> Census {
        let now = Instant::now();
        let mut workers = Vec::with_capacity(self.slots.len());
        for (number, slot) in self.slots.iter_mut().enumerate() {
            let (micros, frames) = (slot.gauge.micros(), slot.gauge.frames.read());
            let load = slot
                .read
                .replace((now, micros))
                .map_or(0.0, |(at, before)| (micros - before) as f64 / (now - at).as_micros().max(1) as f64);
            workers.push(WorkerCensus {
                number,
                up: slot.ready.is_some(),
                games: self.games.values().filter(|guest| guest.at == Some(number)).count(),
                load,
                step_p50: frames.busy_p50,
                step_p99: frames.busy_p99,
                restarts: slot.restarts,
            });
        }
        Census { workers, scenes: self.placement.view().scenes }
    }

    async fn drain(&mut self) {
        self.draining = true;
        let workers = self.slots.iter().filter_map(|slot| slot.worker.clone());
        let ends = workers.map(|worker| async move { worker.ask(END, worker::Message::Shut).await });
        futures_util::future::join_all(ends).await;
    }
}

/// Time until a worker that has ended early so often before is started again.
fn rest(failures: u32) -> Duration {
    match failures.checked_sub(1) {
        None => Duration::ZERO,
        Some(doublings) => FIRST_REST.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST_REST),
    }
}

/// What workers have to know of a scene.
fn lesson(gym: &GymScene, globals: &Globals, folder: &std::path::Path) -> Result<Learn, String> {
    let mut models = BTreeMap::new();
    for (agent, policy) in &gym.policies {
        let Some(model) = policy.model() else { continue };
        let file = std::fs::read(&model.path);
        let file = file.map_err(|error| format!("the network {} cannot be read: {error}", model.path.display()))?;
        models.insert(agent.clone(), ByteBuf::from(file));
    }
    Ok(Learn {
        scene: gym.scene_id.clone(),
        code: gym.runtime.code.clone(),
        filename: gym.runtime.filename.clone(),
        folder: folder.to_string_lossy().into_owned(),
        settings: ByteBuf::from(settings::for_worker(gym, globals)),
        models,
        pictures: gym.mode == Mode::Streamed,
        frame_quality: gym.rendering.frame_quality,
        state_interval: gym.group.as_ref().map_or(30, |group| group.multiplayer.state_broadcast_interval),
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_that_end_early_rest_longer() {
        let rests: Vec<u128> = (0..5).map(|failures| rest(failures).as_millis()).collect();
        assert_eq!(rests, [0, 250, 500, 1000, 2000]);
        assert_eq!(rest(1000), LONGEST_REST);
    }
}
