//! The episode that is being played: its clock, its inputs, its copies.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use serde_bytes::ByteBuf;

use super::clock::FrameClock;
use super::copies::Copy;
use super::states::Wanted;
use super::terms::Terms;
use super::truth::Truth;
use crate::rules::ledger::{Ledger, Replica};
use crate::rules::pacing::Pacing;
use crate::rules::timeline::{Closed, Offer, Timeline};
use crate::time::Timestamp;
use crate::wire::Confirmed;

/// Frames beyond a copy's bound for which inputs are taken: generous, for a bound on memory is all it has to be.
const HORIZON: u32 = 128;

/// Frames between two states that are kept for whoever comes back: it has at most that many to simulate.
pub(super) const KEEP_EVERY: u32 = 1800;

/// How long the host's word is waited for when an episode has no frames left.
const END_PATIENCE: Duration = Duration::from_secs(20);

/// How long the clock waits for the service's own copy, while it is lost or stuck, before the game ends.
const RUNNER_PATIENCE: Duration = Duration::from_secs(60);

/// What a player was told of its pace last.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Told {
    pub factor: f64,
    pub late: u32,
    pub at: Timestamp,
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
    /// How many frames the episode had, when it is over.
    pub end: Option<u32>,
    /// The newest state that is kept, as bytes.
    pub kept: Option<(u32, ByteBuf)>,
    /// A state is to be kept once so many rows are stored.
    pub keep_at: u32,
    pub host: Option<usize>,
    /// By seat.
    pub copies: Vec<Copy>,
    /// States that the host was asked for, in this order.
    pub wanted: VecDeque<Wanted>,
    /// By seat.
    pub pacing: Vec<Pacing>,
    /// By seat.
    pub told: Vec<Told>,
    /// When it was last noted how the connections do.
    pub sampled: Timestamp,
    /// Frames for which bots have chosen, by seat.
    pub bots_until: Vec<u32>,
    /// It is on record that all copies ended alike.
    pub agreed: bool,
    max_steps: u32,
    /// Since when the clock has run without a frame left to play.
    exhausted: Option<Timestamp>,
    /// What the service's own copy has made of it, if there is one.
    pub truth: Option<Truth>,
    /// Since when the open frame should have closed, but waits for the service's own copy.
    waiting: Option<Timestamp>,
    /// How long the clock has waited so far, and how much of it is on record since when.
    pub stretched: Duration,
    pub stretch_told: (Duration, Timestamp),
}

impl Playing {
    pub(super) fn new(number: u32, terms: &Terms, delays: &[u32]) -> Self {
        let seats = delays.len();
        let longest = delays.iter().copied().max().unwrap_or(0);
        let horizon = HORIZON + terms.multiplayer.max_prediction + longest;
        let mut ledger = Ledger::new(terms.multiplayer.hash_interval);
        let truth = terms.mode.has_runner().then(|| {
            ledger.present(Replica::Runner, true);
            ledger.set_reference(Replica::Runner);
            Truth::new(seats)
        });
        Self {
            number,
            timeline: Timeline::new(seats, terms.fallback, vec![terms.default.clone(); seats], horizon),
            ledger,
            clock: FrameClock::new(terms.frame),
            rows: 0,
            end: None,
            kept: None,
            keep_at: KEEP_EVERY,
            host: None,
            copies: vec![Copy::default(); seats],
            wanted: VecDeque::new(),
            pacing: delays.iter().map(|delay| Pacing::new(terms.frame, *delay)).collect(),
            told: vec![Told::default(); seats],
            sampled: Timestamp(0),
            bots_until: vec![0; seats],
            agreed: false,
            max_steps: terms.max_steps,
            exhausted: None,
            truth,
            waiting: None,
            stretched: Duration::ZERO,
            stretch_told: (Duration::ZERO, Timestamp(0)),
        }
    }

    pub(super) fn runs(&self) -> bool {
        self.clock.runs()
    }

    /// The open frame begins at `at`.
    pub(super) fn start(&mut self, at: Timestamp) {
        self.clock.start(at, self.open());
        self.exhausted = self.is_exhausted().then_some(at);
        self.pacing.iter_mut().for_each(Pacing::forget);
    }

    pub(super) fn pause(&mut self) {
        self.clock.stop();
        self.exhausted = None;
        self.waiting = None;
    }

    /// No frame is played any more.
    pub(super) fn stop(&mut self) {
        self.pause();
        self.wanted.clear();
    }

    pub(super) fn open(&self) -> u32 {
        self.timeline.open()
    }

    /// Frames that have a row: those of the episode, as far as it is known.
    pub(super) fn frames(&self) -> u32 {
        self.end.unwrap_or(self.open())
    }

    pub(super) fn rows_missing(&self) -> bool {
        self.rows < self.frames()
    }

    fn is_exhausted(&self) -> bool {
        self.open() >= self.max_steps
    }

    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let frame = match (self.exhausted, self.waiting) {
            (Some(since), _) => Some(since + self.end_patience()),
            (None, Some(since)) => Some(since + RUNNER_PATIENCE),
            (None, None) => self.clock.closes(self.open()),
        };
        let wanted = self.wanted.front().map(|wanted| wanted.until);
        [frame, wanted].into_iter().flatten().min()
    }

    fn end_patience(&self) -> Duration {
        if self.truth.is_some() { RUNNER_PATIENCE } else { END_PATIENCE }
    }

    /// Whether the open frame closes now. Frames from `limit` on wait for the service's own copy: the clock stands still
    /// meanwhile, and goes on from there without a hurry.
    pub(super) fn is_due(&mut self, now: Timestamp, limit: u32) -> bool {
        let open = self.open();
        if self.is_exhausted() {
            self.waiting = None;
            if self.runs() && self.exhausted.is_none() {
                self.exhausted = Some(now);
            }
            return false;
        }
        if open >= limit && self.clock.closes(open).is_some_and(|closes| closes <= now) {
            self.waiting.get_or_insert(now);
            return false;
        }
        if self.waiting.take().is_some() {
            self.stretched += self.clock.delay_to(now, open);
        }
        self.clock.due(now, open)
    }

    /// What the clock waits for is not late yet.
    pub(super) fn waits_anew(&mut self, now: Timestamp) {
        if let Some(since) = &mut self.waiting {
            *since = now;
        }
    }

    /// Whether there is no frame left to play, and nobody has said for long that the episode is over; or the service's own
    /// copy does not go on.
    pub(super) fn hangs(&self, now: Timestamp) -> bool {
        self.exhausted.is_some_and(|since| since + self.end_patience() <= now)
            || self.waiting.is_some_and(|since| since + RUNNER_PATIENCE <= now)
    }

    pub(super) fn measured(&mut self, seat: usize, round_trip: Duration) {
        self.pacing[seat].measured(round_trip);
    }

    /// A player's connection is gone, or another page has taken over.
    pub(super) fn lost(&mut self, seat: usize) {
        self.pacing[seat].forget();
        self.ledger.present(Replica::Player(seat), false);
        self.wanted.retain(|wanted| wanted.of() != Some(seat));
        self.copies[seat].lost();
    }

    /// The input of a player came.
    pub(super) fn offer(&mut self, now: Timestamp, seat: usize, frame: u32, input: Bytes) -> Offer {
        let mut margin = self.clock.margin(now, frame);
        if self.waiting.is_some()
            && let (Some(margin), Some(due)) = (&mut margin, self.clock.closes(self.open()))
        {
            // At the earliest the open frame closes now.
            *margin = margin.saturating_add(i32::try_from(now.since(due).as_millis()).unwrap_or(i32::MAX));
        }
        let offer = self.timeline.offer(seat, frame, input);
        if let (Offer::Accepted | Offer::Late { .. }, Some(margin)) = (offer, margin) {
            self.pacing[seat].arrived(now, margin);
        }
        offer
    }

    /// The confirmed frames from `from` on; `None` when some of them are not kept, or not confirmed yet.
    pub(super) fn confirmed(&self, from: u32) -> Option<Confirmed> {
        if from > self.open() {
            return None;
        }
        let frames = self.timeline.confirmed(from)?.map(inputs_of).collect();
        Some(Confirmed { episode: self.number, first: from, frames })
    }

    /// What always holds.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        self.timeline.check()?;
        self.ledger.check()?;
        self.pacing.iter().try_for_each(Pacing::check)?;
        if self.rows > self.frames() || self.frames() > self.open() || self.open() > self.max_steps {
            return Err("there are rows of frames that are not confirmed, or frames beyond the last one");
        }
        if self.kept.as_ref().is_some_and(|(frame, _)| *frame > self.rows) {
            return Err("a state is kept from which not all missing rows can be given");
        }
        if let Some(truth) = &self.truth {
            truth.check(self.rows, self.frames())?;
        }
        if self.wanted.iter().is_sorted_by_key(|wanted| wanted.until) && (self.host.is_some() || self.wanted.is_empty())
        {
            return Ok(());
        }
        Err("a state is wanted of nobody, or in the wrong order")
    }
}

/// The inputs of a frame, as the wire has them.
pub(super) fn inputs_of(closed: &Closed) -> Vec<ByteBuf> {
    closed.inputs.iter().map(|input| ByteBuf::from(input.to_vec())).collect()
}
