//! A scripted player of a game for several people: speaks the protocol as the browser does, in real time.
//!
//! Its "environment" is the sequence of confirmed inputs itself: a state's hash is that of all inputs until then, so copies
//! agree exactly when the service has told all of them the same.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use greenroom::ids::{GameId, ResumeToken};
use greenroom::wire::*;
use rmpv::Value;
use serde_bytes::ByteBuf;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::support::{Browser, hello};

/// What a player does, and for how long.
#[derive(Debug, Clone)]
pub struct Script {
    /// Frames of each episode.
    pub frames: u32,
    /// Frames per second.
    pub fps: u32,
    /// Leaves for good when this frame of the first episode is confirmed.
    pub quits_at: Option<u32>,
    /// Loses its connection once when this frame is confirmed, and comes back.
    pub cut_at: Option<(u32, Absence)>,
    /// Whether it comes back without what it knew, like a reloaded page.
    pub forgets: bool,
    /// From this frame of the first episode on its copy differs until it is healed.
    pub ill_from: Option<u32>,
}

/// How long a player is without a connection.
#[derive(Debug, Clone)]
pub enum Absence {
    /// For this long.
    For(Duration),
    /// It tells that it is gone, and comes back when it is told.
    Until { gone: Arc<Semaphore>, back: watch::Receiver<bool> },
}

impl Script {
    pub fn of(frames: u32, fps: u32) -> Self {
        Self { frames, fps, quits_at: None, cut_at: None, forgets: false, ill_from: None }
    }
}

/// What a player has lived through.
#[derive(Debug, Default)]
pub struct Played {
    pub game: Option<GameId>,
    pub seat: usize,
    pub seeds: Vec<u32>,
    /// Confirmed frames of each episode: the action of each seat.
    pub episodes: Vec<Vec<Vec<i64>>>,
    pub over: Option<Over>,
    /// What was shown after the game.
    pub after: Option<SceneShown>,
    pub healed: u32,
    pub pauses: u32,
    pub late: u32,
    /// Frames whose rows this player gave.
    pub rows_given: u32,
}

/// What others may want to know while the game runs.
pub trait Watcher: Send {
    /// An input goes out.
    fn sends(&mut self, _game: GameId, _seat: u32, _frame: u32) {}
    /// Another player's input arrived.
    fn hears(&mut self, _game: GameId, _seat: u32, _frame: u32) {}
}

impl Watcher for () {}

pub fn packed(action: i64) -> ByteBuf {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &Value::from(action)).unwrap();
    ByteBuf::from(bytes)
}

fn unpacked(bytes: &ByteBuf) -> i64 {
    rmpv::decode::read_value(&mut &bytes[..]).unwrap().as_i64().unwrap()
}

fn unpacked_state(state: &[u8]) -> (bool, Vec<Vec<i64>>) {
    serde_json::from_slice(state).unwrap()
}

/// Goes through the study until the scene after the game is shown, or as the script says.
pub async fn play(url: &str, subject: &str, script: Script, watcher: &mut dyn Watcher) -> Played {
    let mut player = Player::enter(url, subject, script).await;
    player.run(watcher).await;
    player.played
}

struct Player {
    url: String,
    subject: String,
    token: ResumeToken,
    browser: Browser,
    script: Script,
    played: Played,
    start: Option<Prepare>,
    /// The next frame to send an input for.
    next: u32,
    /// When the clock starts, and whether it runs.
    begins: Option<Instant>,
    host_from: Option<u32>,
    ill: bool,
    ended: bool,
}

enum Next {
    On,
    Done,
}

impl Player {
    async fn enter(url: &str, subject: &str, script: Script) -> Self {
        let mut browser = Browser::connect(url).await;
        browser.say(FromBrowser::Hello(hello(Some(subject), None))).await;
        let token = browser.welcome().await.token;
        browser.scene().await;
        browser.say(FromBrowser::Continue(Continue { visit: 1 })).await;
        browser.scene().await;
        browser.say(FromBrowser::Ready(Ready { visit: 2, has: None })).await;
        Self {
            url: url.to_owned(),
            subject: subject.to_owned(),
            token,
            browser,
            script,
            played: Played::default(),
            start: None,
            next: 0,
            begins: None,
            host_from: None,
            ill: false,
            ended: false,
        }
    }

    async fn run(&mut self, watcher: &mut dyn Watcher) {
        let mut clock = interval(Duration::from_secs(1) / self.script.fps);
        clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
        loop {
            let heard = tokio::select! {
                heard = self.browser.hear() => Some(heard),
                _ = clock.tick() => None,
            };
            match heard {
                None => self.tick(watcher).await,
                Some(message) => {
                    if let Next::Done = self.hear(message, watcher).await {
                        return;
                    }
                }
            }
        }
    }

    fn known(&mut self) -> &mut Vec<Vec<i64>> {
        self.played.episodes.last_mut().expect("an episode")
    }

    async fn tick(&mut self, watcher: &mut dyn Watcher) {
        let Some(start) = self.start.clone() else { return };
        let ahead = self.next.saturating_sub(self.known().len() as u32);
        if self.begins.is_none_or(|at| Instant::now() < at) || ahead > 8 + start.input_delay || self.ended {
            return;
        }
        let first = self.next.saturating_sub(2);
        let action = |frame: u32| packed(i64::from((frame / 7 + start.seat * 3) % 5));
        let inputs = (first..=self.next).map(action).collect();
        let said = Inputs { game: start.game, episode: start.episode, first, inputs };
        watcher.sends(start.game, start.seat, self.next);
        self.browser.say(FromBrowser::Inputs(said)).await;
        self.next += 1;
    }

    async fn hear(&mut self, message: ToBrowser, watcher: &mut dyn Watcher) -> Next {
        match message {
            ToBrowser::Check(check) => {
                let present = Present { visit: check.visit, proposal: Some(check.proposal), visible: true };
                self.browser.say(FromBrowser::Present(present)).await;
            }
            ToBrowser::Prepare(start) => {
                self.begin_copy(start.clone());
                self.played.seeds.push(start.seed);
                let prepared = Prepared { game: start.game, episode: start.episode };
                self.browser.say(FromBrowser::Prepared(prepared)).await;
            }
            ToBrowser::Begin(begin) => {
                self.begins = Some(Instant::now() + Duration::from_millis(begin.in_ms.into()));
                self.next = self.next.max(begin.frame);
            }
            ToBrowser::Paused(_) => {
                self.played.pauses += 1;
                self.begins = None;
            }
            ToBrowser::Relayed(relayed) => {
                if let Some(start) = &self.start {
                    let frames = relayed.first..relayed.first + relayed.inputs.len() as u32;
                    frames.for_each(|frame| watcher.hears(start.game, relayed.seat, frame));
                }
            }
            ToBrowser::Confirmed(confirmed) => return self.confirm(confirmed).await,
            ToBrowser::Pace(pace) => self.played.late = pace.late,
            ToBrowser::Host(role) => {
                self.host_from = role.rows_from;
                self.give_rows().await;
            }
            ToBrowser::SnapshotWanted(wanted) => self.give_state(wanted.frame).await,
            ToBrowser::Heal(heal) => {
                (self.ill, _) = unpacked_state(&heal.state);
                self.played.healed += 1;
                let Some(start) = &self.start else { return Next::On };
                let fields = vec!["inputs: differ".to_owned()];
                let healed = Healed { game: start.game, episode: heal.episode, frame: heal.frame, fields };
                self.browser.say(FromBrowser::Healed(healed)).await;
                self.tell_hash().await;
            }
            ToBrowser::CatchUp(catch_up) => return self.catch_up(catch_up).await,
            ToBrowser::Over(over) => self.played.over = Some(over),
            // The scene that the game belongs to is shown again after a reconnection.
            ToBrowser::Scene(shown) if shown.visit > 2 || matches!(shown.view, SceneView::Trouble(_)) => {
                self.played.after = Some(shown);
                return Next::Done;
            }
            // As the browser does: the service stops, or hands over.
            ToBrowser::Draining => self.come_back_after(Absence::For(Duration::ZERO)).await,
            ToBrowser::Acknowledged(acknowledged) => self.played.rows_given = acknowledged.steps,
            ToBrowser::Refused(refused) => panic!("{}: {refused:?}", self.subject),
            _ => {}
        }
        Next::On
    }

    fn begin_copy(&mut self, start: Prepare) {
        self.played.game = Some(start.game);
        self.played.seat = start.seat as usize;
        if self.played.episodes.len() <= start.episode as usize {
            self.played.episodes.push(Vec::new());
        }
        self.known().clear();
        self.next = start.input_delay;
        self.begins = None;
        self.host_from = None;
        self.ended = false;
        self.start = Some(start);
    }

    async fn confirm(&mut self, confirmed: Confirmed) -> Next {
        for (frame, inputs) in (confirmed.first..).zip(confirmed.frames) {
            let known = self.known();
            if frame < known.len() as u32 {
                continue;
            }
            assert_eq!(frame, known.len() as u32, "a confirmed frame is missing");
            known.push(inputs.iter().map(unpacked).collect());
            self.ill |= self.script.ill_from.take_if(|from| *from == frame).is_some();
            if self.known().len().is_multiple_of(30) {
                self.tell_hash().await;
            }
            self.give_rows().await;
            if self.script.quits_at == Some(frame) {
                return Next::Done;
            }
            if let Some((_, absence)) = self.script.cut_at.take_if(|(at, _)| *at == frame) {
                self.come_back_after(absence).await;
                return Next::On;
            }
        }
        self.maybe_end().await;
        Next::On
    }

    async fn maybe_end(&mut self) {
        let Some(start) = self.start.clone() else { return };
        if self.known().len() as u32 >= self.script.frames && !self.ended {
            self.ended = true;
            let ended = EpisodeEnded { game: start.game, episode: start.episode, steps: self.script.frames };
            self.browser.say(FromBrowser::EpisodeEnded(ended)).await;
        }
    }

    fn hash(&mut self, state: usize) -> StateHash {
        let mut hasher = DefaultHasher::new();
        self.known()[..state].hash(&mut hasher);
        StateHash(hasher.finish() ^ u64::from(self.ill))
    }

    async fn tell_hash(&mut self) {
        let Some(start) = self.start.clone() else { return };
        let state = self.known().len() / 30 * 30;
        let hashes = vec![(state as u32, self.hash(state))];
        self.browser.say(FromBrowser::Hashes(Hashes { game: start.game, episode: start.episode, hashes })).await;
    }

    async fn give_rows(&mut self) {
        let (Some(from), Some(start)) = (self.host_from, self.start.clone()) else { return };
        let until = (self.known().len() as u32).min(self.script.frames);
        // In small batches, as the browser does, and the last ones before the end is told.
        if from < until && (until - from >= 10 || until == self.script.frames) {
            let steps: Vec<Step> = (from..until).map(|t| self.row(t)).collect();
            self.host_from = Some(until);
            let said = Steps { game: start.game, episode: start.episode, first: from, steps };
            self.browser.say(FromBrowser::Steps(said)).await;
        }
    }

    fn row(&mut self, t: u32) -> Step {
        let inputs = self.known()[t as usize].clone();
        let actions = inputs.iter().enumerate().map(|(seat, action)| (format!("a{seat}").into(), (*action).into()));
        let row = Value::Map(vec![("t".into(), t.into()), ("actions".into(), Value::Map(actions.collect()))]);
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &row).unwrap();
        Step { row: bytes.into(), at: f64::from(t).try_into().unwrap(), focused: true }
    }

    async fn give_state(&mut self, frame: u32) {
        let Some(start) = self.start.clone() else { return };
        let frames = self.known()[..frame as usize].to_vec();
        let state = ByteBuf::from(serde_json::to_vec(&(self.ill, frames)).unwrap());
        let said = Snapshot { game: start.game, episode: start.episode, frame, state };
        self.browser.say(FromBrowser::Snapshot(said)).await;
    }

    async fn catch_up(&mut self, told: CatchUp) -> Next {
        let same = self.start.as_ref().is_some_and(|start| start.episode == told.start.episode);
        if !same || told.snapshot.is_some() {
            self.begin_copy(told.start.clone());
            if let Some(snapshot) = &told.snapshot {
                (self.ill, *self.known()) = unpacked_state(&snapshot.state);
            }
        }
        let step = self.confirm(told.confirmed).await;
        self.next = self.next.max(self.known().len() as u32 + told.start.input_delay);
        if told.running {
            self.begins = Some(Instant::now());
        }
        let said = CaughtUp { game: told.start.game, episode: told.start.episode };
        self.browser.say(FromBrowser::CaughtUp(said)).await;
        step
    }

    async fn come_back_after(&mut self, absence: Absence) {
        self.begins = None;
        self.host_from = None;
        self.browser.cut().await;
        match absence {
            Absence::For(pause) => tokio::time::sleep(pause).await,
            Absence::Until { gone, mut back } => {
                gone.add_permits(1);
                back.wait_for(|back| *back).await.unwrap();
            }
        }
        self.browser = Browser::connect(&self.url).await;
        self.browser.say(FromBrowser::Hello(hello(Some(&self.subject), Some(&self.token)))).await;
        self.browser.welcome().await;
        self.browser.scene().await;
        let has = self.start.as_ref().filter(|_| !self.script.forgets).map(|start| Progress {
            game: start.game,
            episode: start.episode,
            confirmed: self.played.episodes.last().map_or(0, |known| known.len() as u32),
        });
        if has.is_none() {
            self.start = None;
        }
        self.browser.say(FromBrowser::Ready(Ready { visit: 2, has })).await;
    }
}
