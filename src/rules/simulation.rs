//! Whole games in one process, without sockets: the service's side made of the rules as they are, players with links that
//! delay, stall and break, and a toy environment whose state is a hash of everything that ever happened in it.
//!
//! One millisecond a step, everything from one seed: a schedule that fails is named by its number and fails again.

mod client;
mod toy;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;

use crate::rules::ledger::{Ledger, Replica, Verdict};
use crate::rules::pacing::{Pacing, head_start, input_delay};
use crate::rules::timeline::{Closed, Fallback, Input, Offer, Punctuality, Timeline};
use crate::time::Timestamp;
use client::{Client, Start};
use toy::{Random, Toy};

/// Milliseconds of a frame at 30 fps.
const FRAME: f64 = 1000.0 / 30.0;
/// Most frames that a client runs ahead of what is confirmed.
const BOUND: u32 = 8;
/// Frames between a press and the frame it is for, at least.
const DELAY: u32 = 2;
/// Frames between two hashes.
const HASH_EVERY: u32 = 10;
/// Frames between two snapshots of the service; what is confirmed before the last one is forgotten.
const SNAPSHOT_EVERY: u32 = 60;

/// What the service sends.
#[derive(Debug, Clone)]
enum ToClient {
    Confirmed(Closed, f64),
    Relayed(usize, u32, Input),
    CatchUp(Option<Toy>, Vec<Closed>),
}

/// What a client sends.
#[derive(Debug, Clone)]
enum FromClient {
    Inputs(Vec<(u32, Input)>),
    Hash(u32, u64),
    /// It has adopted the reference's state.
    Healed,
    /// It is connected again and knows what is confirmed before this frame.
    Resume(u32),
}

/// How bad a player's world is.
#[derive(Debug, Clone, Copy)]
struct Trouble {
    /// One way, in milliseconds.
    latency: f64,
    /// Up to that much is added to each message's way.
    jitter: f64,
    /// Stalls of a direction, and of the browser, per second; each takes up to 600 ms.
    stalls: f64,
    /// Cuts of the connection per second; each takes up to 5 s.
    cuts: f64,
    /// Parts per million by which the clock is fast.
    drift: f64,
}

/// One direction of a connection: in order, like TCP.
struct Way<M> {
    queue: VecDeque<(f64, M)>,
    last: f64,
}

impl<M> Way<M> {
    fn new() -> Self {
        Self { queue: VecDeque::new(), last: 0.0 }
    }

    fn send(&mut self, now: f64, trouble: &Trouble, random: &mut Random, message: M) {
        let arrival = now + trouble.latency + trouble.jitter * random.unit();
        self.last = self.last.max(arrival);
        self.queue.push_back((self.last, message));
    }

    fn receive(&mut self, now: f64) -> Option<M> {
        self.queue.front().is_some_and(|(arrival, _)| *arrival <= now).then(|| self.queue.pop_front().unwrap().1)
    }
}

struct Player {
    client: Client,
    trouble: Trouble,
    random: Random,
    up: Way<FromClient>,
    down: Way<ToClient>,
    /// The connection is down until then; the service learns of the return by a message.
    cut_until: Option<f64>,
    /// Whether the service sends to it.
    listening: bool,
    /// The browser does nothing until then.
    frozen_until: f64,
    next_tick: f64,
    pacing: Pacing,
    paces: Vec<f64>,
}

/// The service and its players.
struct World {
    timeline: Timeline,
    ledger: Ledger,
    /// What is true: stepped with the confirmed inputs only, like a runner or a replay.
    truth: Toy,
    snapshot: Toy,
    hashes: Vec<u64>,
    players: Vec<Player>,
    frames: u32,
    now: f64,
    differences: u32,
    snapshots_sent: u32,
}

impl World {
    fn new(seed: u64, frames: u32, fallback: Fallback, troubles: &[Trouble]) -> Self {
        let count = troubles.len();
        let default = vec![Bytes::from_static(&[2]); count];
        let truth = Toy::new(count, seed);
        let frame = Duration::from_secs_f64(FRAME / 1000.0);
        let player = |(seat, trouble): (usize, &Trouble)| {
            let round_trip = Duration::from_secs_f64((2.0 * trouble.latency + trouble.jitter) / 1000.0);
            let delay = input_delay(round_trip, frame, DELAY, BOUND);
            let start = Start {
                state: truth.clone(),
                default: default.clone(),
                fallback,
                delay,
                lead: head_start(round_trip, frame, delay),
            };
            let mut pacing = Pacing::new(frame, delay);
            pacing.measured(round_trip);
            Player {
                client: Client::new(seat, start, Random(seed ^ (seat as u64) << 32)),
                trouble: *trouble,
                random: Random(seed.rotate_left(17) ^ seat as u64),
                up: Way::new(),
                down: Way::new(),
                cut_until: None,
                listening: true,
                // When the word arrives that the episode begins.
                frozen_until: trouble.latency,
                next_tick: trouble.latency,
                pacing,
                paces: Vec::new(),
            }
        };
        let players = troubles.iter().enumerate().map(player).collect();
        let mut ledger = Ledger::new(HASH_EVERY);
        ledger.set_reference(Replica::Runner);
        (0..count).for_each(|seat| drop(ledger.present(Replica::Player(seat), true)));
        Self {
            timeline: Timeline::new(count, fallback, default, 2 * SNAPSHOT_EVERY),
            ledger,
            snapshot: truth.clone(),
            truth,
            hashes: Vec::new(),
            players,
            frames,
            now: 0.0,
            differences: 0,
            snapshots_sent: 0,
        }
    }

    /// Plays to the end, and on until everybody knows it.
    fn run(&mut self) {
        let end = f64::from(self.frames) * FRAME + 60_000.0;
        while self.now < end && !self.finished() {
            self.pass();
        }
        self.timeline.check().unwrap();
        self.ledger.check().unwrap();
    }

    /// Plays until so many frames are confirmed.
    fn play_to(&mut self, frames: u32) {
        while self.timeline.open() < frames {
            self.pass();
        }
    }

    /// One millisecond.
    fn pass(&mut self) {
        self.now += 1.0;
        for seat in 0..self.players.len() {
            self.hear(seat);
        }
        if self.timeline.open() < self.frames && self.now >= self.closing(self.timeline.open()) {
            self.close();
        }
        let now = self.now;
        let calm = self.timeline.open() >= self.frames;
        self.players.iter_mut().for_each(|player| player.live(now, calm));
    }

    fn finished(&self) -> bool {
        let done = |player: &Player| player.client.confirmed() == self.frames && player.up.queue.is_empty();
        self.timeline.open() == self.frames && self.players.iter().all(done)
    }

    /// When a frame closes.
    fn closing(&self, frame: u32) -> f64 {
        f64::from(frame + 1) * FRAME
    }

    fn hear(&mut self, seat: usize) {
        while let Some(message) = self.players[seat].up.receive(self.now) {
            match message {
                FromClient::Inputs(inputs) => {
                    inputs.into_iter().for_each(|(frame, input)| self.input(seat, frame, input))
                }
                FromClient::Hash(frame, hash) => {
                    let verdicts = self.ledger.report(Replica::Player(seat), frame, hash);
                    self.judge(&verdicts);
                }
                FromClient::Healed => self.ledger.healed(Replica::Player(seat)),
                FromClient::Resume(from) => self.resume(seat, from),
            }
        }
        if self.players[seat].cut_until.is_some() && self.players[seat].listening {
            self.players[seat].listening = false;
            self.ledger.present(Replica::Player(seat), false);
        }
    }

    fn input(&mut self, seat: usize, frame: u32, input: Input) {
        let margin = self.closing(frame) - self.now;
        let offer = self.timeline.offer(seat, frame, input.clone());
        assert!(offer != Offer::TooFar || self.timeline.open() == self.frames, "a client ran away");
        if matches!(offer, Offer::Accepted | Offer::Late { .. }) {
            self.players[seat].pacing.arrived(Timestamp(self.now as u64), margin.round() as i32);
        }
        if offer == Offer::Accepted {
            for other in (0..self.players.len()).filter(|other| *other != seat) {
                self.tell(other, ToClient::Relayed(seat, frame, input.clone()));
            }
        }
    }

    fn close(&mut self) {
        let closed = self.timeline.close();
        self.truth.step(&closed.inputs);
        self.hashes.push(self.truth.hash());
        self.ledger.confirmed(closed.frame);
        if self.ledger.due(closed.frame) {
            let verdicts = self.ledger.report(Replica::Runner, closed.frame, self.truth.hash());
            self.judge(&verdicts);
        }
        if self.truth.frame.is_multiple_of(SNAPSHOT_EVERY) {
            self.snapshot = self.truth.clone();
            self.timeline.prune(self.snapshot.frame);
        }
        for seat in 0..self.players.len() {
            let pace = self.players[seat].pacing.advise(Timestamp(self.now as u64)).factor();
            self.players[seat].paces.push(pace);
            self.tell(seat, ToClient::Confirmed(closed.clone(), pace));
        }
    }

    fn resume(&mut self, seat: usize, from: u32) {
        self.players[seat].listening = true;
        self.players[seat].pacing.forget();
        self.ledger.present(Replica::Player(seat), true);
        match self.timeline.confirmed(from).map(|frames| frames.cloned().collect()) {
            Some(frames) => self.tell(seat, ToClient::CatchUp(None, frames)),
            None => self.send_snapshot(seat),
        }
    }

    fn send_snapshot(&mut self, seat: usize) {
        self.snapshots_sent += 1;
        let since = self.timeline.confirmed(self.snapshot.frame).unwrap().cloned().collect();
        self.tell(seat, ToClient::CatchUp(Some(self.snapshot.clone()), since));
    }

    fn judge(&mut self, verdicts: &[Verdict]) {
        for verdict in verdicts {
            match verdict {
                Verdict::Differs { copy: Replica::Player(seat), .. } => {
                    self.differences += 1;
                    self.send_snapshot(*seat);
                }
                Verdict::Agreed(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    fn tell(&mut self, seat: usize, message: ToClient) {
        let player = &mut self.players[seat];
        if player.listening && player.cut_until.is_none() {
            player.down.send(self.now, &player.trouble, &mut player.random, message);
        }
    }

    fn punctuality(&self, seat: usize) -> Punctuality {
        self.timeline.punctuality(seat)
    }
}

impl Player {
    /// One millisecond of a browser and its connection; no new trouble once it is `calm`.
    fn live(&mut self, now: f64, calm: bool) {
        self.suffer(now, calm);
        if let Some(until) = self.cut_until
            && now >= until
        {
            self.cut_until = None;
            let resumed = [FromClient::Resume(self.client.confirmed()), FromClient::Inputs(self.client.unconfirmed())];
            resumed.into_iter().for_each(|message| self.up.send(now, &self.trouble, &mut self.random, message));
        }
        if now < self.frozen_until {
            return;
        }
        let mut out = Vec::new();
        while let Some(message) = self.down.receive(now) {
            self.client.hear(message, &mut out);
        }
        let missed = now - self.next_tick > 2.0 * FRAME;
        self.client.regain(missed, &mut out);
        if now >= self.next_tick {
            self.client.tick(&mut out);
            let period = FRAME / (self.client.pace() * (1.0 + self.trouble.drift / 1e6));
            self.next_tick = if missed { now } else { self.next_tick } + period;
        }
        if self.cut_until.is_none() {
            out.into_iter().for_each(|message| self.up.send(now, &self.trouble, &mut self.random, message));
        }
    }

    fn suffer(&mut self, now: f64, calm: bool) {
        let dice = [self.random.unit(), self.random.unit(), self.random.unit(), self.random.unit()];
        let stall = now + self.random.between(50.0, 600.0);
        let cut = now + self.random.between(100.0, 5000.0);
        if calm {
            return;
        }
        if dice[0] < self.trouble.stalls / 1000.0 {
            self.up.last = self.up.last.max(stall);
        }
        if dice[1] < self.trouble.stalls / 1000.0 {
            self.down.last = self.down.last.max(stall);
        }
        if dice[2] < self.trouble.stalls / 1000.0 {
            self.frozen_until = stall;
        }
        if dice[3] < self.trouble.cuts / 1000.0 && self.cut_until.is_none() {
            self.cut_until = Some(cut);
            (self.up, self.down) = (Way::new(), Way::new());
        }
    }
}

mod tests;
