//! The episode that is being played: its clock, its inputs, its copies.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde_bytes::ByteBuf;

use super::bots::choice;
use super::clock::FrameClock;
use super::out::{Out, Seats};
use super::terms::{COUNTDOWN, Terms};
use super::{SharedGame, milliseconds};
use crate::facts::{GameFact, Payload};
use crate::rules::ledger::{Ledger, Replica, Verdict};
use crate::rules::lobby::{self, Phase, Presence};
use crate::rules::pacing::{Pacing, head_start};
use crate::rules::timeline::{Closed, Fallback, Offer, Timeline};
use crate::time::Timestamp;
use crate::wire::{
    Begin, CatchUp, Confirmed, Heal, HostRole, PaceAdvice, Paused, Progress, Relayed, SnapshotWanted, ToBrowser,
};

/// Frames beyond a copy's bound for which inputs are taken: generous, for a bound on memory is all it has to be.
const HORIZON: u32 = 128;

/// Time between two notes of how the connections do.
const SAMPLE_EVERY: Duration = Duration::from_secs(2);

/// Frames between two states that are kept for whoever comes back: it has at most that many to simulate.
const KEEP_EVERY: u32 = 1800;

/// How long a state is waited for that the host was asked for.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long the host's word is waited for when an episode has no frames left.
const END_PATIENCE: Duration = Duration::from_secs(20);

/// Hashes of the host that are kept until the others have told theirs.
const HASHES_KEPT: usize = 64;

/// What a state is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A copy that differs.
    Heal(usize),
    /// A copy that comes back.
    CatchUp(usize),
    /// To be kept.
    Keep,
}

#[derive(Debug, Clone, Copy)]
struct Wanted {
    purpose: Purpose,
    until: Timestamp,
}

/// What a player was told of its pace last.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Told {
    factor: f64,
    late: u32,
    at: Timestamp,
}

/// An episode that is being played.
#[derive(Debug, Clone)]
pub(super) struct Playing {
    pub number: u32,
    pub timeline: Timeline,
    pub ledger: Ledger,
    pub clock: FrameClock,
    /// Frames whose rows are stored.
    pub rows: u32,
    /// By seat, frames that its player has told about.
    pub witnessed: Vec<u32>,
    /// How many frames the episode had by the word of each player.
    pub ends: BTreeMap<usize, u32>,
    /// The newest state that is kept, as bytes.
    pub kept: Option<(u32, ByteBuf)>,
    pub host: Option<usize>,
    /// The host's hashes by state.
    pub hashes: BTreeMap<u32, u64>,
    max_steps: u32,
    wanted: VecDeque<Wanted>,
    pacing: Vec<Pacing>,
    told: Vec<Told>,
    sampled: Timestamp,
    /// Frames for which bots have chosen.
    bots_until: u32,
    /// Since when there has been no frame left to play.
    exhausted: Option<Timestamp>,
}

impl Playing {
    pub(super) fn new(number: u32, terms: &Terms, delays: &[u32]) -> Self {
        let seats = delays.len();
        let longest = delays.iter().copied().max().unwrap_or(0);
        let horizon = HORIZON + terms.multiplayer.max_prediction + longest;
        Self {
            number,
            timeline: Timeline::new(seats, terms.fallback, vec![terms.default.clone(); seats], horizon),
            ledger: Ledger::new(terms.multiplayer.hash_interval),
            clock: FrameClock::new(terms.frame),
            rows: 0,
            witnessed: vec![0; seats],
            ends: BTreeMap::new(),
            kept: None,
            host: None,
            hashes: BTreeMap::new(),
            max_steps: terms.max_steps,
            wanted: VecDeque::new(),
            pacing: delays.iter().map(|delay| Pacing::new(terms.frame, *delay)).collect(),
            told: vec![Told::default(); seats],
            sampled: Timestamp(0),
            bots_until: 0,
            exhausted: None,
        }
    }

    pub(super) fn runs(&self) -> bool {
        self.clock.runs()
    }

    pub(super) fn stop(&mut self) {
        self.clock.stop();
        self.wanted.clear();
    }

    pub(super) fn open(&self) -> u32 {
        self.timeline.open()
    }

    pub(super) fn host(&self) -> Option<usize> {
        self.host
    }

    pub(super) fn rows_missing(&self) -> bool {
        self.rows < self.timeline.open()
    }

    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let frame = if self.exhausted.is_none() { self.clock.closes(self.timeline.open()) } else { None };
        let end = self.exhausted.map(|since| since + END_PATIENCE);
        let wanted = self.wanted.iter().map(|wanted| wanted.until).min();
        [frame, end, wanted].into_iter().flatten().min()
    }

    pub(super) fn set_fallback(&mut self, seat: usize, fallback: Fallback) {
        self.timeline.set_fallback(seat, fallback);
    }

    pub(super) fn measured(&mut self, seat: usize, round_trip: Duration) {
        self.pacing[seat].measured(round_trip);
    }

    /// A player's connection is gone.
    pub(super) fn lost(&mut self, seat: usize) {
        self.pacing[seat].forget();
        self.ledger.present(Replica::Player(seat), false);
        self.wanted.retain(|wanted| !matches!(wanted.purpose, Purpose::CatchUp(of) | Purpose::Heal(of) if of == seat));
    }

    /// A player is back where the others are.
    pub(super) fn returned(&mut self, seat: usize) {
        self.pacing[seat].forget();
        self.ledger.present(Replica::Player(seat), true);
    }

    /// The input of a player came.
    pub(super) fn offer(&mut self, now: Timestamp, seat: usize, frame: u32, input: bytes::Bytes) -> Offer {
        let margin = self.clock.margin(now, frame);
        let offer = self.timeline.offer(seat, frame, input);
        if let (Offer::Accepted | Offer::Late { .. }, Some(margin)) = (offer, margin) {
            self.pacing[seat].arrived(now, margin);
        }
        offer
    }

    pub(super) fn margin(&self, seat: usize) -> Option<i32> {
        self.pacing[seat].margin()
    }

    /// The oldest request for a state is answered.
    pub(super) fn answered(&mut self) -> Option<Purpose> {
        self.wanted.pop_front().map(|wanted| wanted.purpose)
    }

    fn want(&mut self, now: Timestamp, purpose: Purpose, frame: u32, out: &mut Out) {
        let Some(host) = self.host else { return };
        self.wanted.push_back(Wanted { purpose, until: now + PATIENCE });
        out.tell(Seats::one(host), ToBrowser::SnapshotWanted(SnapshotWanted { episode: self.number, frame }));
    }

    pub(super) fn confirmed(&self, from: u32) -> Option<Confirmed> {
        let frames = self.timeline.confirmed(from)?.map(inputs_of).collect();
        Some(Confirmed { episode: self.number, first: from, frames })
    }
}

fn inputs_of(closed: &Closed) -> Vec<ByteBuf> {
    closed.inputs.iter().map(|input| ByteBuf::from(input.to_vec())).collect()
}

impl SharedGame {
    /// The frame clock of an episode starts after the countdown.
    pub(super) fn begin(&mut self, now: Timestamp, episode: u32, out: &mut Out) {
        let host = self.lobby.host().map(|player| self.people(player));
        let people: Vec<usize> = (0..self.seats.len()).filter(|seat| self.seats[*seat].player.is_some()).collect();
        let round_trips: Vec<_> = self.seats.iter().map(|seat| seat.round_trip()).collect();
        let Some(playing) = self.playing.as_mut().filter(|playing| playing.number == episode) else { return };
        for seat in people {
            playing.ledger.present(Replica::Player(seat), true);
            playing.pacing[seat].measured(round_trips[seat]);
        }
        playing.sampled = now;
        playing.host = host;
        if let Some(host) = host {
            playing.ledger.set_reference(Replica::Player(host));
            out.tell(Seats::one(host), ToBrowser::Host(HostRole { episode, rows_from: Some(0) }));
        }
        self.start_clock(now, COUNTDOWN + self.terms.freeze, out);
    }

    pub(super) fn go_on(&mut self, now: Timestamp, out: &mut Out) {
        self.start_clock(now, COUNTDOWN, out);
    }

    fn start_clock(&mut self, now: Timestamp, after: Duration, out: &mut Out) {
        let Some(playing) = &mut self.playing else { return };
        let (episode, frame) = (playing.number, playing.open());
        playing.clock.start(now + after, frame);
        playing.pacing.iter_mut().for_each(Pacing::forget);
        for seat in self.listeners().iter() {
            let begin =
                Begin { episode, frame, in_ms: milliseconds(after), head_start: self.head_start(seat, episode) };
            out.tell(Seats::one(seat), ToBrowser::Begin(begin));
        }
    }

    fn head_start(&self, seat: usize, episode: u32) -> u32 {
        let taken = &self.seats[seat];
        head_start(taken.round_trip(), self.terms.frame, taken.delay_of(episode).unwrap_or(0))
    }

    pub(super) fn pause(&mut self, now: Timestamp, waiting_for: &[usize], out: &mut Out) {
        let until = self.lobby.deadline().unwrap_or(now);
        let waiting_for = waiting_for.iter().map(|player| self.people(*player) as u32).collect();
        let Some(playing) = &mut self.playing else { return };
        playing.clock.stop();
        let paused = Paused { episode: playing.number, waiting_for, left_ms: milliseconds(until.since(now)) };
        out.tell(self.listeners(), ToBrowser::Paused(paused));
    }

    /// Sees to everything of the episode that is due.
    pub(super) fn play(&mut self, now: Timestamp, out: &mut Out) {
        self.give_up_waiting(now, out);
        self.let_bots_choose(out);
        let Some(playing) = &mut self.playing else { return };
        let mut closed = Vec::new();
        while playing.exhausted.is_none() && playing.clock.due(now, playing.timeline.open()) {
            closed.push(playing.timeline.close());
            if playing.timeline.open() >= playing.max_steps {
                playing.exhausted = Some(now);
            }
        }
        let Some(first) = closed.first().map(|closed| closed.frame) else {
            let hung = playing.exhausted.is_some_and(|since| since + END_PATIENCE <= now);
            if hung && matches!(self.lobby.phase(), Phase::Playing { .. }) {
                self.lobby_says(now, lobby::Input::Stop(lobby::Reason::Failed), out);
            }
            return;
        };
        let (episode, count) = (playing.number, closed.len() as u32);
        playing.ledger.confirmed(first + count - 1);
        let confirmed = Confirmed { episode, first, frames: closed.iter().map(inputs_of).collect() };
        let fact = GameFact::FramesConfirmed { episode, first, count };
        out.fact(self.id, now, fact, Payload::Frames(closed));
        out.tell(self.listeners(), ToBrowser::Confirmed(confirmed));
        self.advise(now, out);
        self.sample(now, out);
        self.keep_states(now, out);
    }

    /// Tells players how fast to run, where that has changed.
    fn advise(&mut self, now: Timestamp, out: &mut Out) {
        let listeners = self.listeners();
        let Some(playing) = &mut self.playing else { return };
        for seat in listeners.iter() {
            let factor = playing.pacing[seat].advise(now).factor();
            let late = playing.timeline.punctuality(seat).late;
            let told = &mut playing.told[seat];
            let moved = (told.factor - factor).abs() > 0.004 || told.late != late;
            if moved || now.since(told.at) > SAMPLE_EVERY {
                *told = Told { factor, late, at: now };
                let margin_ms = playing.pacing[seat].margin();
                let advice = PaceAdvice { episode: playing.number, factor, margin_ms, late };
                out.relay(Seats::one(seat), ToBrowser::Pace(advice));
            }
        }
    }

    /// Notes now and then how the connections do.
    fn sample(&mut self, now: Timestamp, out: &mut Out) {
        let people: Vec<(usize, usize)> =
            self.seats.iter().enumerate().filter_map(|(seat, taken)| Some((seat, taken.player_index?))).collect();
        let Some(playing) = &mut self.playing else { return };
        if now.since(playing.sampled) < SAMPLE_EVERY {
            return;
        }
        playing.sampled = now;
        let (episode, frame) = (playing.number, playing.open());
        for (seat, player) in people {
            let margin_ms = playing.margin(seat);
            let late = playing.timeline.punctuality(seat).late;
            self.lobby.measured(player, margin_ms);
            let rtt_ms = self.seats[seat].round_trip.map(milliseconds);
            out.fact(
                self.id,
                now,
                GameFact::LinkSampled { episode, frame, seat, rtt_ms, margin_ms, late },
                Payload::None,
            );
        }
    }

    /// Asks for a state to keep, so that neither memory nor catching up grows with the episode.
    fn keep_states(&mut self, now: Timestamp, out: &mut Out) {
        let Some(playing) = &mut self.playing else { return };
        let since = playing.kept.as_ref().map_or(0, |(frame, _)| *frame);
        let asked = playing.wanted.iter().any(|wanted| wanted.purpose == Purpose::Keep);
        // A copy that begins here must be able to give every row that is not stored yet.
        if !asked && playing.rows >= since + KEEP_EVERY && playing.open().is_multiple_of(30) {
            playing.want(now, Purpose::Keep, playing.rows, out);
        }
    }

    /// Whoever waits for a state that does not come is helped in another way.
    fn give_up_waiting(&mut self, now: Timestamp, out: &mut Out) {
        let Some(playing) = &mut self.playing else { return };
        let mut late = Vec::new();
        while playing.wanted.front().is_some_and(|wanted| wanted.until <= now) {
            late.extend(playing.answered());
        }
        self.serve_without_host(now, late, out);
    }

    fn serve_without_host(&mut self, now: Timestamp, purposes: Vec<Purpose>, out: &mut Out) {
        for purpose in purposes {
            match purpose {
                Purpose::Heal(seat) | Purpose::CatchUp(seat) => self.send_kept(now, seat, out),
                Purpose::Keep => {}
            }
        }
    }

    /// Bots choose ahead of time, so that nobody has to guess what they do.
    fn let_bots_choose(&mut self, out: &mut Out) {
        let bots = self.bots();
        let listeners = self.listeners();
        let Some(playing) = &mut self.playing else { return };
        if bots.is_empty() || !playing.clock.runs() {
            return;
        }
        let until = playing.open() + self.terms.multiplayer.max_prediction + 4;
        let first = playing.bots_until.max(playing.open());
        for seat in bots.iter() {
            let mut inputs = Vec::new();
            for frame in first..until {
                let Some(action) = choice(&self.terms.bot_actions, self.id, playing.number, seat, frame) else {
                    continue;
                };
                playing.timeline.offer(seat, frame, action.clone());
                inputs.push(ByteBuf::from(action.to_vec()));
            }
            if !inputs.is_empty() {
                let relayed = Relayed { episode: playing.number, seat: seat as u32, first, inputs };
                out.relay(listeners, ToBrowser::Relayed(relayed));
            }
        }
        playing.bots_until = until;
    }

    /// What the ledger finds is seen to.
    pub(super) fn judge(&mut self, now: Timestamp, verdicts: Vec<Verdict>, out: &mut Out) {
        for verdict in verdicts {
            let Some(playing) = &mut self.playing else { return };
            let episode = playing.number;
            match verdict {
                Verdict::Agreed(frame) => {
                    let state = frame + 1;
                    let Some(hash) = playing.hashes.get(&state).copied() else { continue };
                    self.lobby.agreed_on(frame);
                    let hash = crate::wire::StateHash(hash);
                    self.fact(now, GameFact::CopiesAgreed { episode, frame: state, hash }, out);
                }
                Verdict::Differs { frame, copy: Replica::Player(seat) } => {
                    self.fact(now, GameFact::CopyDiffers { episode, frame: frame + 1, seat }, out);
                    self.ill(now, seat, frame + 1, self.terms.ends_on_desync(), out);
                }
                Verdict::Hopeless { frame, copy: Replica::Player(seat) } => {
                    self.fact(now, GameFact::CopyDiffers { episode, frame: frame + 1, seat }, out);
                    self.ill(now, seat, frame + 1, true, out);
                }
                Verdict::Differs { .. } | Verdict::Hopeless { .. } => {}
            }
        }
    }

    /// A copy differs: it is healed, or the game ends.
    fn ill(&mut self, now: Timestamp, seat: usize, state: u32, hopeless: bool, out: &mut Out) {
        if let Some(player) = self.seats[seat].player_index {
            self.lobby.judged(player, false);
        }
        if hopeless {
            self.lobby_says(now, lobby::Input::Stop(lobby::Reason::Desync), out);
        } else if let Some(playing) = &mut self.playing {
            playing.want(now, Purpose::Heal(seat), state, out);
        }
    }

    /// The host's hash of a state is kept until the others have told theirs.
    pub(super) fn keep_hash(&mut self, state: u32, hash: u64) {
        if let Some(playing) = &mut self.playing {
            playing.hashes.insert(state, hash);
            while playing.hashes.len() > HASHES_KEPT {
                playing.hashes.pop_first();
            }
        }
    }

    /// Brings a player's copy to where the others are.
    pub(super) fn catch_up(&mut self, now: Timestamp, seat: usize, has: Option<Progress>, out: &mut Out) {
        self.seats[seat].listening = true;
        let here = self.seats[seat].player_index.is_some_and(|player| self.lobby.presence(player) == Presence::Here);
        let Some(playing) = &mut self.playing else { return };
        let known = has.filter(|has| has.game == self.id && has.episode == playing.number);
        let lacks = known.and_then(|has| playing.confirmed(has.confirmed));
        if let Some(confirmed) = lacks {
            self.send_catch_up(now, seat, None, confirmed, out);
            return;
        }
        let few = playing.open() <= self.terms.multiplayer.hash_interval.max(60) && playing.kept.is_none();
        let host = playing.host.filter(|host| *host != seat && self.seats[*host].listening);
        match host {
            Some(_) if !few => playing.want(now, Purpose::CatchUp(seat), playing.rows, out),
            _ => self.send_kept(now, seat, out),
        }
        if here && self.lobby.host().map(|player| self.people(player)) == Some(seat) {
            self.tell_host(seat, out);
        }
    }

    /// From the last state that is kept here, or from the episode's start.
    pub(super) fn send_kept(&mut self, now: Timestamp, seat: usize, out: &mut Out) {
        let Some(playing) = &self.playing else { return };
        let episode = playing.number;
        let kept = playing.kept.clone();
        let from = kept.as_ref().map_or(0, |(frame, _)| *frame);
        let Some(confirmed) = playing.confirmed(from) else { return };
        let snapshot = kept.map(|(frame, state)| Heal { episode, frame, state });
        self.send_catch_up(now, seat, snapshot, confirmed, out);
    }

    pub(super) fn send_catch_up(
        &mut self,
        now: Timestamp,
        seat: usize,
        snapshot: Option<Heal>,
        confirmed: Confirmed,
        out: &mut Out,
    ) {
        let episode = confirmed.episode;
        let until = self.lobby.deadline().unwrap_or(now);
        let start = self.start_of(now, seat, episode, until, out);
        let running = self.running();
        let head_start = self.head_start(seat, episode);
        out.tell(Seats::one(seat), ToBrowser::CatchUp(CatchUp { start, snapshot, confirmed, running, head_start }));
    }

    /// Another copy is the reference from now on.
    pub(super) fn move_host(&mut self, now: Timestamp, host: Option<usize>, out: &mut Out) {
        let phase = self.lobby.phase();
        let Some(playing) = &mut self.playing else { return };
        if phase != (Phase::Playing { episode: playing.number }) {
            return; // The host of the coming episode is told when it begins.
        }
        let old = std::mem::replace(&mut playing.host, host);
        // Whoever waits for a state of the old host's copy waits for one of the new host's.
        let purposes: Vec<Purpose> = playing.wanted.drain(..).map(|wanted| wanted.purpose).collect();
        let Some(host) = host else { return self.serve_without_host(now, purposes, out) };
        let verdicts = playing.ledger.set_reference(Replica::Player(host));
        let (frame, others) = (playing.rows, |purpose: &Purpose| *purpose != Purpose::CatchUp(host));
        for purpose in purposes.into_iter().filter(others) {
            playing.want(now, purpose, frame, out);
        }
        if let Some(old) = old.filter(|old| self.seats[*old].listening && *old != host) {
            let role = HostRole { episode: playing.number, rows_from: None };
            out.tell(Seats::one(old), ToBrowser::Host(role));
        }
        self.tell_host(host, out);
        self.judge(now, verdicts, out);
    }

    pub(super) fn tell_host(&self, host: usize, out: &mut Out) {
        if let Some(playing) = &self.playing {
            let role = HostRole { episode: playing.number, rows_from: Some(playing.rows) };
            out.tell(Seats::one(host), ToBrowser::Host(role));
        }
    }
}
