//! A game of several players: the shell around [`crate::rules::shared_game`].
//!
//! What the rule wants stored goes to the recorder while the game goes on; what it wants said is held back until that is
//! safe. Under load several frames are stored, and told, at once; relayed inputs never wait.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::clock::Alarm;
use super::connection::{Connection, ConnectionId};
use super::game::{Attachment, Message, Wants};
use super::host::{Address, Ended, Failure, Id, Me, Room};
use super::lateness::{Lateness, LatenessReading};
use super::participant;
use super::runner::{self, Life, Runner};
use super::services::Services;
use crate::experiment::GymScene;
use crate::facts::{Entry, Recorded, Target};
use crate::ids::GameId;
use crate::rules::memory::EpisodeResult;
use crate::rules::restart::{RestartLimit, Verdict};
use crate::rules::session::Ending;
use crate::rules::shared_game::{BrokenGame, Effect, Input, News, Out, SharedGame as Rule, Terms};
use crate::time::Timestamp;
use crate::wire::{FromPlayer, Timing, ToBrowser, close, encode};

/// Time after which facts that could not be stored are tried again.
const STORE_AGAIN: Duration = Duration::from_secs(1);

/// Least time between two wakings: a rule that could not see to what was due must not keep a core busy.
const LEAST_NAP: Duration = Duration::from_millis(5);

/// A runner that crashes more often than this would crash again.
const RUNNER_CRASHES: usize = 3;
/// The time in which it may crash that often.
const RUNNER_WINDOW: Duration = Duration::from_secs(60);

/// Waiting that the log tells of: more than what a restarted worker costs once is not to be overlooked.
const SLOW: Duration = Duration::from_millis(200);

/// Least time between two such lines of a game.
const WARN_EVERY: Duration = Duration::from_secs(5);

/// A game of several players.
pub struct SharedGame {
    rule: Rule,
    services: Services,
    seats: Vec<Option<Seated>>,
    /// What waits for the facts that are being stored.
    held: Vec<Effect>,
    /// What is stored and done after that.
    next: Out,
    storing: bool,
    alarm: Option<Alarm>,
    lateness: Lateness,
    /// The link to the service's own copy, if the scene has one.
    runner: Option<Address<runner::Message>>,
    wants_runner: bool,
    runner_crashes: RestartLimit,
    /// Which of its environments the game has heard of last.
    environment: Life,
    /// Gone when this actor is: what it could not store is the next one's to make anew.
    life: Arc<()>,
    /// How long the clock had waited for the environment when the log told it last, and when that was.
    slowness: (Duration, Timestamp),
}

struct Seated {
    connection: Connection,
    participant: Address<participant::Message>,
    round_trip: Option<Duration>,
}

impl SharedGame {
    /// A game in the state that its facts make, the first of which tells who plays.
    ///
    /// # Errors
    /// When they are not the facts of a game of this scene.
    pub fn resume(gym: &GymScene, game: GameId, facts: &[Recorded], services: Services) -> Result<Self, BrokenGame> {
        let terms = Terms::of(gym).ok_or(BrokenGame::NotShared)?;
        let rule = Rule::resume(game, terms, facts)?;
        let seats = rule.taken().map(|_| None).collect();
        Ok(Self {
            rule,
            services,
            seats,
            held: Vec::new(),
            next: Out::default(),
            storing: false,
            alarm: None,
            lateness: Lateness::default(),
            runner: None,
            wants_runner: gym.mode.has_runner(),
            runner_crashes: RestartLimit::new(RUNNER_CRASHES, RUNNER_WINDOW),
            environment: Life::default(),
            life: Arc::new(()),
            slowness: (Duration::ZERO, Timestamp(0)),
        })
    }

    async fn run(&mut self, input: Input, me: &Me<Message>) {
        let mut out = self.rule.step(self.services.clock.now(), input);
        for effect in std::mem::take(&mut out.now) {
            self.carry_out(effect, me).await;
        }
        self.next.append(out);
        self.proceed(me).await;
        self.set_alarm();
    }

    /// Stores what is to be stored, unless something is being stored already, and does what needs no storing.
    async fn proceed(&mut self, me: &Me<Message>) {
        if self.storing {
            return;
        }
        let Out { entries, held, .. } = std::mem::take(&mut self.next);
        if entries.is_empty() {
            for effect in held {
                self.carry_out(effect, me).await;
            }
            return;
        }
        self.held = held;
        self.storing = true;
        let (services, address, life) = (self.services.clone(), me.address().clone(), Arc::downgrade(&self.life));
        let game = self.rule.id();
        tokio::spawn(async move {
            if let Some(stored) = store(&services, entries, game, &life).await {
                let _ = address.tell(Message::Stored(stored));
            }
        });
    }

    async fn stored(&mut self, me: &Me<Message>) {
        self.storing = false;
        let stalled = self.rule.stalls(false);
        self.rule.step(self.services.clock.now(), Input::Stored);
        for effect in std::mem::take(&mut self.held) {
            self.carry_out(effect, me).await;
        }
        self.proceed(me).await;
        if stalled {
            self.run(Input::Wake, me).await;
        }
    }

    async fn carry_out(&mut self, effect: Effect, me: &Me<Message>) {
        match effect {
            Effect::Tell(seats, message) => {
                let mut seated = seats.iter().filter_map(|seat| self.seats.get(seat)?.as_ref()).peekable();
                if let (Some(_), ToBrowser::Refused(_)) = (seated.peek(), &message) {
                    seated.for_each(|seated| seated.connection.send(&message));
                } else if seated.peek().is_some() {
                    let bytes = encode(&message);
                    seated.for_each(|seated| seated.connection.send_encoded(bytes.clone()));
                }
            }
            Effect::Project => {
                for player in self.rule.taken().filter_map(|seat| seat.player) {
                    let (scene, game) = (self.rule.scene().clone(), Some(self.rule.id()));
                    let target = Target { subject: player.subject, scene, visit: player.visit, game };
                    self.services.project(target).await;
                }
            }
            Effect::Finish(endings) => self.finish(endings, me),
            Effect::Run(order) => {
                if let Some(runner) = &self.runner {
                    // One that is gone is replaced, and the orders come again.
                    let _ = runner.send(runner::Message::Order(self.environment, order)).await;
                }
            }
        }
    }

    fn finish(&mut self, endings: Vec<(usize, Ending, Vec<EpisodeResult>)>, me: &Me<Message>) {
        for (seat, ending, results) in endings {
            if let Some(seated) = self.seats.get_mut(seat).and_then(Option::take) {
                seated.connection.enter_game(None);
                if let Some(values) = self.rule.globals_of(seat) {
                    let _ = seated.participant.tell(participant::Message::GlobalsLeft(self.rule.id(), values));
                }
                // Should the participant be gone, it learns of the end when it asks to play again.
                let _ = seated.participant.tell(participant::Message::GameOver(self.rule.id(), ending, results));
            }
        }
        self.report_clock();
        me.stop();
    }

    async fn attach(&mut self, attachment: Attachment, me: &Me<Message>) {
        let Attachment { connection, participant, subject, wants } = attachment;
        let Some(seat) = self.rule.seat_of(&subject) else {
            tracing::warn!(%subject, game = %self.rule.id(), "somebody came to a game of others");
            return;
        };
        connection.enter_game(Some(me.address().clone()));
        let known = self.seats[seat].as_ref().map(|seated| seated.connection.id());
        let new = known != Some(connection.id());
        if new {
            self.held.iter_mut().chain(&mut self.next.held).for_each(|effect| effect.spare(seat));
        }
        self.seats[seat] = Some(Seated { connection, participant, round_trip: None });
        self.measure(me).await;
        let wants = match wants {
            Wants::Nothing => None,
            Wants::Play(has) => Some(has),
        };
        self.run(Input::Joined { seat, new, wants }, me).await;
    }

    fn seat_of(&self, connection: ConnectionId) -> Option<usize> {
        let is = |seated: &Option<Seated>| seated.as_ref().is_some_and(|seated| seated.connection.id() == connection);
        self.seats.iter().position(is)
    }

    /// Hands on what the sockets have measured.
    async fn measure(&mut self, me: &Me<Message>) {
        for seat in 0..self.seats.len() {
            let Some(seated) = &mut self.seats[seat] else { continue };
            let round_trip = seated.connection.round_trip();
            if round_trip != seated.round_trip
                && let Some(measured) = round_trip
            {
                seated.round_trip = round_trip;
                self.run(Input::RoundTrip(seat, measured), me).await;
            }
        }
    }

    async fn wake(&mut self, me: &Me<Message>) {
        let now = self.services.clock.now();
        if let Some(due) = self.rule.deadline().filter(|_| self.rule.running()) {
            self.lateness.note(now, due);
            self.services.lateness.note(now, due);
        }
        self.measure(me).await;
        if self.storing && self.services.health.trouble().is_some() {
            self.rule.stalls(true);
        }
        self.run(Input::Wake, me).await;
        self.warn_of_slowness(now);
    }

    /// A game that has to wait for its environment is slower than the researcher wants it: the log says so.
    fn warn_of_slowness(&mut self, now: Timestamp) {
        let waited = self.rule.stretched();
        let (known, at) = self.slowness;
        if waited < known {
            self.slowness = (waited, at); // Another episode.
        } else if waited > known + SLOW && now.since(at) >= WARN_EVERY {
            self.slowness = (waited, now);
            tracing::warn!(
                game = %self.rule.id(),
                scene = %self.rule.scene(),
                more_ms = (waited - known).as_millis(),
                total_ms = waited.as_millis(),
                "a game's clock waits for its environment: frames come later than the scene's fps"
            );
        }
    }

    fn set_alarm(&mut self) {
        let now = self.services.clock.now();
        let due = self.rule.deadline().map(|due| if due <= now { now + LEAST_NAP } else { due });
        if let Some(alarm) = &self.alarm {
            alarm.set(due.map(|due| self.services.clock.instant(due)));
        }
    }

    /// Has the service's own copy made, if the scene has one.
    async fn start_runner(&mut self, me: &Me<Message>) -> Result<(), Failure> {
        if !self.wants_runner || self.rule.finished() {
            return Ok(());
        }
        match self.services.workers.clone() {
            Some(workers) => {
                let (game, scene) = (self.rule.id(), self.rule.scene().clone());
                let runner = Runner::new(game, scene, self.environment.runner, workers, me.address().clone());
                self.runner = Some(me.spawn(runner).await?);
            }
            None => self.run(Input::Runner(News::Failed("the service has no workers".into())), me).await,
        }
        Ok(())
    }

    async fn hear_runner(&mut self, environment: Life, news: News, me: &Me<Message>) {
        // The last words of a runner that crashed are about an environment that nobody plays in any more.
        if environment < self.environment {
            return;
        }
        self.environment = environment;
        self.run(Input::Runner(news), me).await;
    }

    async fn runner_crashed(&mut self, reason: String, me: &Me<Message>) -> Result<(), Failure> {
        if self.runner_crashes.crashed(self.services.clock.now()) == Verdict::GiveUp {
            return Err(format!("its runner crashed again and again: {reason}").into());
        }
        self.runner = None;
        self.environment = Life { runner: self.environment.runner + 1, place: 0 };
        self.run(Input::Runner(News::Lost), me).await;
        self.start_runner(me).await
    }

    fn report_clock(&self) {
        let Some(LatenessReading { ticks, p50, p99, max }) = self.lateness.take() else { return };
        tracing::info!(
            target: "greenroom::metrics",
            game = %self.rule.id(),
            ticks,
            late_p50_ms = p50,
            late_p99_ms = p99,
            late_max_ms = max,
            "a game's frame clock"
        );
    }

    /// Tells the operator how well a browser keeps up.
    fn report(&self, seat: usize, timing: &Timing) {
        let agent = self.rule.taken().nth(seat).map(|taken| taken.agent);
        tracing::info!(
            target: "greenroom::metrics",
            game = %self.rule.id(),
            agent,
            episode = timing.episode,
            fps = format_args!("{:.1}", timing.fps.get()),
            step_p50_ms = format_args!("{:.1}", timing.step_p50.get()),
            step_p99_ms = format_args!("{:.1}", timing.step_p99.get()),
            late_frames = timing.late,
            first_frame_ms = timing.first_frame.map(|first| first.get().round()),
            key_to_picture_p50_ms = timing.photon_p50.map(|time| time.get().round()),
            key_to_picture_p99_ms = timing.photon_p99.map(|time| time.get().round()),
            "an episode was played"
        );
    }
}

impl Drop for SharedGame {
    /// Whoever only waits would not notice that the game has crashed: the browsers come back, and find it made anew.
    fn drop(&mut self) {
        for seated in self.seats.iter().flatten() {
            seated.connection.close(close::RESTART, "the game is made anew");
        }
    }
}

/// Stores facts, again and again while the store refuses them. `None` when the game is gone meanwhile, `Some(false)` when
/// nobody knows whether they are stored.
async fn store(services: &Services, entries: Vec<Entry>, game: GameId, life: &Weak<()>) -> Option<bool> {
    loop {
        match services.store(entries.clone()).await {
            Ok(Ok(())) => return Some(true),
            Ok(Err(error)) => {
                tracing::debug!(%game, %error, "a game waits for the store");
                tokio::time::sleep(STORE_AGAIN).await;
                life.upgrade()?;
            }
            Err(error) => {
                tracing::error!(%game, %error, "a game's facts may be lost; it goes on from the journal");
                return Some(false);
            }
        }
    }
}

impl Room for SharedGame {
    type Message = Message;
    const KIND: &'static str = "shared_game";
    const DEPTH: usize = 256;

    async fn started(&mut self, me: &Me<Message>) -> Result<(), Failure> {
        self.alarm = Some(Alarm::new(me.address().clone(), Message::Wake));
        self.run(Input::Restarted, me).await;
        self.start_runner(me).await
    }

    async fn handle(&mut self, message: Message, me: &Me<Message>) -> Result<(), Failure> {
        match message {
            Message::Attach(attachment) => self.attach(attachment, me).await,
            Message::Heard(from, said) => {
                // An older connection of the same player has nothing to say any more.
                if let Some(seat) = self.seat_of(from) {
                    if let FromPlayer::Timing(timing) = &said {
                        self.report(seat, timing);
                    }
                    self.run(Input::Heard(seat, said), me).await;
                }
            }
            Message::Left(connection) => {
                if let Some(seat) = self.seat_of(connection) {
                    self.seats[seat] = None;
                    self.run(Input::Gone(seat), me).await;
                }
            }
            Message::Abandon(subject) => {
                if let Some(seat) = self.rule.seat_of(&subject) {
                    self.run(Input::Abandoned(seat), me).await;
                }
            }
            Message::Runner(environment, news) => self.hear_runner(environment, news, me).await,
            Message::Wake(reply) => {
                self.wake(me).await;
                reply.send(());
            }
            Message::Stored(true) => self.stored(me).await,
            Message::Stored(false) => return Err("facts may not be stored".into()),
        }
        Ok(())
    }

    async fn child_ended(&mut self, child: Id, ended: Ended, me: &Me<Message>) -> Result<(), Failure> {
        let mine = self.runner.as_ref().is_some_and(|runner| runner.id() == child);
        match ended {
            Ended::Crashed(reason) if mine => self.runner_crashed(reason, me).await,
            _ => Ok(()),
        }
    }
}
