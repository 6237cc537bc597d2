//! One worker process: what is asked of it, in order, and what it answers.
//!
//! A process that leaves the oldest question without an answer for too long is wedged, and is killed. However a process
//! ends, whoever's question it was working on may have ended it; this tells the supervisor, which tells the runners.

pub(crate) mod lines;
mod process;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::Instant;

pub use process::Launch;
use process::{Process, frame};

use super::clock::{Alarm, Clock};
use super::host::{Address, Failure, Me, Reply, Room};
use super::meter::Meter;
use super::{runner, workers};
use crate::ids::{GameId, SceneId};
use crate::time::Timestamp;
use crate::wire::{Advance, FromWorker, Learn, Stand, ToWorker, Trouble, Turn, WORKER_VERSION};

/// Longest that a process may take to start, with its Python.
pub const HELLO: Duration = Duration::from_secs(60);

/// Longest that trying out a scene may take: libraries are imported, and some compile themselves first.
pub const LEARN: Duration = Duration::from_secs(120);

/// Longest that making an environment may take.
pub const OPEN: Duration = Duration::from_secs(60);

/// Longest that standing somewhere, or a run of frames, may take.
pub const STEP: Duration = Duration::from_secs(5);

/// Most frames in one request, so that [`STEP`] is enough for slow environments too.
pub const FRAMES_AT_ONCE: usize = 60;

/// Most unanswered requests: games bound what they ask, so more than that mean that nothing is answered.
const UNANSWERED: usize = 20_000;

/// Time between two reports of what frames cost.
const MEASURE_EVERY: Duration = Duration::from_secs(1);

/// What can be said to a worker.
#[derive(Debug)]
pub enum Message {
    /// (From a runner) make the environment of a game; answers go to the runner.
    Open(GameId, SceneId, Address<runner::Message>),
    /// (From a runner) stand somewhere.
    Begin(Box<Stand>),
    /// (From a runner) step.
    Advance(Advance),
    /// The game's environment is needed no longer.
    Close(GameId),
    /// End the process; the answer comes when it has ended.
    Shut(Reply<()>),
    /// (From its process) something was said.
    Heard(Box<FromWorker>),
    /// (From its process) it has ended, and how.
    Ended(String),
    /// (From itself) the oldest question may be without an answer for too long.
    Overdue(Reply<()>),
}

/// What a worker's process is busy with, read by the supervisor.
#[derive(Debug, Default)]
pub struct Gauge {
    micros: AtomicU64,
    /// Time of each frame.
    pub frames: Meter,
}

impl Gauge {
    /// The process's working time until now, in microseconds.
    pub fn micros(&self) -> u64 {
        self.micros.load(Relaxed)
    }
}

/// What a worker begins with.
#[derive(Debug, Clone)]
pub struct Start {
    /// Which one it is.
    pub number: usize,
    /// How its process is started.
    pub launch: Launch,
    /// The scenes it has to know.
    pub lessons: Vec<Arc<Learn>>,
    /// Its gauge.
    pub gauge: Arc<Gauge>,
    /// Who hears of it.
    pub supervisor: Address<workers::Message>,
    /// The time.
    pub clock: Clock,
}

/// A worker.
pub struct Worker {
    start: Start,
    process: Option<Process>,
    unanswered: VecDeque<Asked>,
    /// Since when the process has been at the oldest of them.
    since: Timestamp,
    games: BTreeMap<GameId, Client>,
    learning: usize,
    /// Why it is being killed.
    dying: Option<String>,
    shut: Option<Reply<()>>,
    alarm: Option<Alarm>,
    /// Frames and their time since the last report, by scene.
    costs: BTreeMap<SceneId, (u64, u64)>,
    measured: Instant,
}

#[derive(Debug, Clone)]
struct Client {
    scene: SceneId,
    runner: Address<runner::Message>,
}

/// A question without an answer.
#[derive(Debug)]
struct Asked {
    what: What,
    /// Who asked; nobody, if the game has left since.
    client: Option<Client>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Hello,
    Learn(SceneId),
    Open(GameId),
    Begin(GameId),
    Advance(GameId, usize),
}

impl What {
    fn limit(&self) -> Duration {
        match self {
            Self::Hello => HELLO,
            Self::Learn(_) => LEARN,
            Self::Open(_) => OPEN,
            Self::Begin(_) | Self::Advance(..) => STEP,
        }
    }

    fn game(&self) -> Option<GameId> {
        match self {
            Self::Open(game) | Self::Begin(game) | Self::Advance(game, _) => Some(*game),
            Self::Hello | Self::Learn(_) => None,
        }
    }

    /// Whether a message is the answer.
    fn is_answered_by(&self, said: &FromWorker) -> bool {
        match (self, said) {
            (Self::Hello, FromWorker::Hello { .. }) => true,
            (Self::Learn(scene), FromWorker::Learnt { scene: of, .. }) => scene == of,
            (Self::Open(game), FromWorker::Opened { game: of }) => game == of,
            (Self::Begin(game), FromWorker::Begun(turn)) => *game == turn.game,
            (Self::Advance(game, _), FromWorker::Advanced(turn)) => *game == turn.game,
            (_, FromWorker::Failed { game, .. }) => self.game() == Some(*game),
            _ => false,
        }
    }
}

impl Worker {
    /// A worker whose process starts with it.
    pub fn new(start: Start) -> Self {
        Self {
            since: start.clock.now(),
            learning: start.lessons.len(),
            start,
            process: None,
            unanswered: VecDeque::new(),
            games: BTreeMap::new(),
            dying: None,
            shut: None,
            alarm: None,
            costs: BTreeMap::new(),
            measured: Instant::now(),
        }
    }

    fn report(&self, message: workers::Message) {
        // Without its supervisor a worker ends too.
        let _ = self.start.supervisor.tell(message);
    }

    fn ask(&mut self, what: What, request: &ToWorker) {
        let client = what.game().and_then(|game| self.games.get(&game).cloned());
        let frame = match frame(request) {
            Ok(frame) => frame,
            Err(too_large) => return self.refuse(&what, client, &too_large.to_string()),
        };
        self.expect(what, client);
        if self.unanswered.len() > UNANSWERED {
            return self.kill(format!("it left {UNANSWERED} requests without an answer"));
        }
        if let Some(process) = &self.process {
            process.write(frame);
        }
    }

    fn expect(&mut self, what: What, client: Option<Client>) {
        if self.unanswered.is_empty() {
            self.since = self.start.clock.now();
        }
        self.unanswered.push_back(Asked { what, client });
        self.set_alarm();
    }

    /// Answers in place of the process.
    fn refuse(&mut self, what: &What, client: Option<Client>, why: &str) {
        let trouble = Trouble { message: format!("a worker cannot be told: {why}"), traceback: String::new() };
        match (what.game(), client) {
            (Some(game), Some(client)) => {
                let _ = client.runner.tell(runner::Message::Answer(FromWorker::Failed { game, trouble }));
                self.close(game);
            }
            _ => {
                if let What::Learn(scene) = what {
                    self.learnt(scene.clone(), Err(trouble));
                }
            }
        }
    }

    fn hear(&mut self, said: FromWorker) {
        if self.dying.is_some() || matches!(said, FromWorker::Here(_)) {
            return;
        }
        if !self.unanswered.front().is_some_and(|asked| asked.what.is_answered_by(&said)) {
            return self.kill("it answered what was not asked".into());
        }
        let Some(Asked { what, client }) = self.unanswered.pop_front() else { return };
        self.since = self.start.clock.now();
        match said {
            FromWorker::Hello { version, pid, python } => self.greet(version, pid, &python),
            FromWorker::Learnt { scene, cost } => self.learnt(scene, cost),
            answer => {
                if let (FromWorker::Begun(turn) | FromWorker::Advanced(turn), Some(client)) = (&answer, &client) {
                    self.measure(&what, turn, &client.scene);
                }
                if let FromWorker::Failed { game, .. } = &answer {
                    self.games.remove(game);
                }
                if let Some(client) = client {
                    let _ = client.runner.tell(runner::Message::Answer(answer));
                }
            }
        }
        self.set_alarm();
    }

    fn greet(&mut self, version: u16, pid: u32, python: &str) {
        if version != WORKER_VERSION {
            return self.kill(format!("it speaks version {version}, not {WORKER_VERSION}"));
        }
        tracing::info!(worker = self.start.number, pid, python, "a worker has started");
        for lesson in self.start.lessons.clone() {
            self.ask(What::Learn(lesson.scene.clone()), &ToWorker::Learn(Box::new(Learn::clone(&lesson))));
        }
        if self.start.lessons.is_empty() {
            self.report(workers::Message::Ready(self.start.number));
        }
    }

    fn learnt(&mut self, scene: SceneId, cost: Result<u32, Trouble>) {
        self.report(workers::Message::Learnt(scene, cost));
        self.learning = self.learning.saturating_sub(1);
        if self.learning == 0 {
            self.report(workers::Message::Ready(self.start.number));
        }
    }

    fn measure(&mut self, what: &What, turn: &Turn, scene: &SceneId) {
        let micros = u64::from(turn.micros);
        self.start.gauge.micros.fetch_add(micros, Relaxed);
        let What::Advance(_, frames @ 1..) = what else { return };
        self.start.gauge.frames.handled(Duration::from_micros(micros) / u32::try_from(*frames).unwrap_or(u32::MAX));
        let cost = self.costs.entry(scene.clone()).or_default();
        *cost = (cost.0 + *frames as u64, cost.1 + micros);
        if self.measured.elapsed() >= MEASURE_EVERY {
            self.measured = Instant::now();
            let costs = std::mem::take(&mut self.costs).into_iter();
            let costs = costs.map(|(scene, (frames, micros))| (scene, micros as f64 / frames as f64));
            self.report(workers::Message::Measured(costs.collect()));
        }
    }

    fn close(&mut self, game: GameId) {
        if self.games.remove(&game).is_none() {
            return;
        }
        for asked in self.unanswered.iter_mut().filter(|asked| asked.what.game() == Some(game)) {
            asked.client = None;
        }
        if let (Some(process), Ok(frame)) = (&self.process, frame(&ToWorker::Close { game })) {
            process.write(frame);
        }
    }

    fn kill(&mut self, why: String) {
        tracing::error!(worker = self.start.number, reason = why, "a worker is killed");
        self.dying.get_or_insert(why);
        if let Some(process) = &self.process {
            process.kill();
        }
    }

    fn overdue(&mut self) {
        let Some(oldest) = self.unanswered.front() else { return };
        let (waited, limit) = (self.start.clock.now().since(self.since), oldest.what.limit());
        if self.dying.is_none() && waited >= limit {
            let doing = match oldest.what {
                What::Hello => "to start",
                What::Learn(_) => "to try out a scene",
                What::Open(_) => "to make an environment",
                What::Begin(_) => "to reset an environment",
                What::Advance(..) => "to step an environment",
            };
            self.kill(format!("it takes longer than {} s {doing}", limit.as_secs()));
        }
        self.set_alarm();
    }

    fn set_alarm(&self) {
        let oldest = self.unanswered.front().filter(|_| self.dying.is_none());
        let due = oldest.map(|oldest| self.since + oldest.what.limit());
        if let Some(alarm) = &self.alarm {
            alarm.set(due.map(|due| self.start.clock.instant(due)));
        }
    }

    /// The process has ended: so does this.
    fn ended(&mut self, how: String, me: &Me<Message>) {
        let at = self.unanswered.front().map(|asked| asked.what.clone());
        let learning = match &at {
            Some(What::Learn(scene)) => Some(scene.clone()),
            _ => None,
        };
        let reason = match self.dying.take() {
            Some(why) => format!("{why} ({how})"),
            None => how,
        };
        if let Some(shut) = self.shut.take() {
            shut.send(());
        } else {
            let (number, culprit) = (self.start.number, at.and_then(|what| what.game()));
            self.report(workers::Message::Down(workers::Down { number, culprit, learning, reason }));
        }
        me.stop();
    }
}

impl Room for Worker {
    type Message = Message;
    const KIND: &'static str = "worker";
    const DEPTH: usize = 1024;

    async fn started(&mut self, me: &Me<Message>) -> Result<(), Failure> {
        self.alarm = Some(Alarm::new(me.address().clone(), Message::Overdue));
        match Process::start(&self.start.launch, self.start.number, me.address().clone()) {
            Ok(process) => {
                self.process = Some(process);
                self.expect(What::Hello, None);
            }
            Err(error) => {
                let program = self.start.launch.program.display();
                self.ended(format!("{program} cannot be started: {error}"), me);
            }
        }
        Ok(())
    }

    async fn handle(&mut self, message: Message, me: &Me<Message>) -> Result<(), Failure> {
        match message {
            Message::Open(game, scene, runner) => {
                self.close(game);
                self.games.insert(game, Client { scene: scene.clone(), runner });
                self.ask(What::Open(game), &ToWorker::Open { game, scene });
            }
            // Whoever has left meanwhile is answered no more.
            Message::Begin(stand) if self.games.contains_key(&stand.game) => {
                self.ask(What::Begin(stand.game), &ToWorker::Begin(stand));
            }
            Message::Advance(advance) if self.games.contains_key(&advance.game) => {
                self.ask(What::Advance(advance.game, advance.frames.len()), &ToWorker::Advance(advance));
            }
            Message::Begin(_) | Message::Advance(_) => {}
            Message::Close(game) => self.close(game),
            Message::Shut(reply) => {
                self.shut = Some(reply);
                if let Some(process) = &self.process {
                    process.kill();
                }
            }
            Message::Heard(said) => self.hear(*said),
            Message::Ended(how) => self.ended(how, me),
            Message::Overdue(reply) => {
                self.overdue();
                reply.send(());
            }
        }
        Ok(())
    }
}
