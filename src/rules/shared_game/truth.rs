//! What the service's own copy has made of the episode that is played: rows, hashes, states, and how it ended. It is the
//! reference, whatever players' copies come to.

use std::collections::{BTreeMap, VecDeque};

use super::SharedGame;
use super::copies::Copy;
use super::out::Out;
use crate::facts::{GameFact, Payload};
use crate::time::Timestamp;
use crate::wire::row::Row;
use crate::wire::{BotChoice, Finite, RunnerState, Step};

/// Rows that are stored at once: a picture does not wait for its row, and the store is not asked with every frame.
const RUN: usize = 12;

/// States that are kept for copies that differ or come back, and for another life of the service's own.
const STATES: usize = 10;

/// Most bytes of them; one is kept in any case.
const STATES_BYTES: usize = 32 << 20;

/// What has come of the service's own copy in an episode.
#[derive(Debug, Clone, Default)]
pub(super) struct Truth {
    /// Hashes, and how the episode ended by its word.
    pub copy: Copy,
    /// Rows that are not stored yet, following on those that are.
    rows: Vec<Step>,
    /// When the frames closed whose rows are not there yet.
    closed_at: BTreeMap<u32, Timestamp>,
    /// The newest states.
    states: VecDeque<RunnerState>,
    /// The newest one that is on record.
    pub kept: Option<RunnerState>,
    /// The newest state that all were told to adopt.
    pub broadcast: u32,
    /// The newest state on whose hash all copies agree, on record.
    pub agreed: u32,
    /// By seat, the frames for which the bot's choice is known.
    chosen: Vec<u32>,
}

impl Truth {
    pub(super) fn new(seats: usize) -> Self {
        Self { chosen: vec![0; seats], ..Self::default() }
    }

    /// How many frames the episode had.
    pub(super) fn end(&self) -> Option<u32> {
        self.copy.end
    }

    /// The newest state.
    pub(super) fn newest(&self) -> Option<&RunnerState> {
        self.states.back().or(self.kept.as_ref())
    }

    /// The state after so many frames, or else the newest one.
    pub(super) fn state(&self, frame: u32) -> Option<&RunnerState> {
        self.states.iter().rev().find(|state| state.frame == frame).or_else(|| self.newest())
    }

    /// Rows that are known, but not stored.
    pub(super) fn gathered(&self) -> u32 {
        self.rows.len() as u32
    }

    /// A frame was closed.
    pub(super) fn note_closed(&mut self, at: Timestamp, frame: u32) {
        self.closed_at.insert(frame, at);
    }

    /// Frames up to there are the past for the bots, too: whatever they choose for them is a choice made again.
    pub(super) fn chosen_until(&mut self, seats: usize, frame: u32) {
        self.chosen = vec![frame; seats];
    }

    /// Takes over the rows that follow on the known ones; `stored` of them are stored.
    ///
    /// # Errors
    /// When one is not the row of its frame.
    pub(super) fn take_rows(&mut self, stored: u32, first: u32, rows: Vec<serde_bytes::ByteBuf>) -> Result<(), String> {
        for (frame, row) in (first..).zip(rows) {
            let next = stored + self.gathered();
            if frame < next {
                continue;
            }
            match Row::try_from(&row) {
                Ok(read) if read.t == frame && frame == next => {}
                Ok(read) => return Err(format!("the row of frame {next} has t = {}", read.t)),
                Err(error) => return Err(format!("frame {frame}: {error}")),
            }
            let at = self.closed_at.remove(&frame).unwrap_or_default();
            // Milliseconds since 1970 are exact as a float for some hundred thousand years.
            let at = Finite::try_from(at.0 as f64).unwrap_or_default();
            self.rows.push(Step { row, at, focused: true });
        }
        Ok(())
    }

    /// Keeps a state if it is a new one. Tells whether it is.
    pub(super) fn keep(&mut self, state: RunnerState) -> bool {
        if self.newest().is_some_and(|newest| newest.frame >= state.frame) {
            return false;
        }
        self.states.push_back(state);
        let size = |state: &RunnerState| state.copy.len() + state.bots.len();
        while self.states.len() > STATES
            || (self.states.len() > 1 && self.states.iter().map(size).sum::<usize>() > STATES_BYTES)
        {
            self.states.pop_front();
        }
        true
    }

    /// Of what bots chose, what counts, as inputs of frames that are still open. A choice that comes too late for its frame
    /// is played in the open one if nothing newer is, so that it is delayed and not lost. What was chosen before counts once.
    pub(super) fn choices(&mut self, mut choices: Vec<BotChoice>, open: u32) -> Vec<BotChoice> {
        choices.sort_by_key(|choice| (choice.seat, choice.frame));
        let mut taken: Vec<BotChoice> = Vec::new();
        for mut choice in choices {
            let Some(until) = self.chosen.get_mut(choice.seat as usize) else { continue };
            if choice.frame < *until {
                continue;
            }
            *until = choice.frame.saturating_add(1);
            choice.frame = choice.frame.max(open);
            taken.retain(|other| (other.seat, other.frame) != (choice.seat, choice.frame));
            taken.push(choice);
        }
        taken
    }

    pub(super) fn check(&self, stored: u32, frames: u32) -> Result<(), &'static str> {
        if stored + self.gathered() > frames {
            return Err("there are rows of the service's own copy of frames that are not confirmed");
        }
        if self.states.iter().any(|state| state.frame > stored + self.gathered()) {
            return Err("a state of the service's own copy is kept from beyond its rows");
        }
        if self.states.len() > STATES || !self.states.iter().is_sorted_by_key(|state| state.frame) {
            return Err("too many states are kept, or in the wrong order");
        }
        Ok(())
    }
}

impl SharedGame {
    /// Stores the rows of the service's own copy, if there are enough of them, or nothing follows soon.
    pub(super) fn store_rows(&mut self, now: Timestamp, out: &mut Out) {
        let waits = self.running() && !self.lobby.over();
        let Some(playing) = &mut self.playing else { return };
        let Some(truth) = &mut playing.truth else { return };
        let wait = waits && truth.copy.end.is_none() && truth.rows.len() < RUN;
        if truth.rows.is_empty() || wait {
            return;
        }
        let steps = std::mem::take(&mut truth.rows);
        let (episode, first, count) = (playing.number, playing.rows, steps.len() as u32);
        let left = self.left_by(episode, &steps);
        self.fact_with(now, GameFact::StepsAccepted { episode, first, count }, Payload::Steps(steps), out);
        left.into_iter().for_each(|left| self.fact(now, left, out));
    }

    /// Puts the newest state on record now and then, so that neither memory nor another life's work grows with the episode.
    pub(super) fn record_state(&mut self, now: Timestamp, out: &mut Out) {
        let Some(playing) = &mut self.playing else { return };
        let episode = playing.number;
        let Some(state) = playing.truth.as_ref().and_then(Truth::newest) else { return };
        if state.frame < playing.keep_at {
            return;
        }
        let state = state.clone();
        self.store_all_rows(now, out);
        let fact = GameFact::RunnerSnapshot { episode, frame: state.frame };
        self.fact_with(now, fact, Payload::Runner(Box::new(state)), out);
    }

    /// Stores whatever rows there are.
    pub(super) fn store_all_rows(&mut self, now: Timestamp, out: &mut Out) {
        let Some(playing) = &mut self.playing else { return };
        let Some(truth) = &mut playing.truth else { return };
        let steps = std::mem::take(&mut truth.rows);
        if !steps.is_empty() {
            let (episode, first, count) = (playing.number, playing.rows, steps.len() as u32);
            let left = self.left_by(episode, &steps);
            self.fact_with(now, GameFact::StepsAccepted { episode, first, count }, Payload::Steps(steps), out);
            left.into_iter().for_each(|left| self.fact(now, left, out));
        }
    }
}
