//! A client that predicts, takes snapshots and rolls back, as the browser's does (there in Python).

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;

use super::{BOUND, FromClient, HASH_EVERY, Random, ToClient, Toy};
use crate::rules::timeline::{Closed, Fallback, Input};

/// What a client is told when an episode begins.
pub(super) struct Start {
    pub state: Toy,
    pub default: Vec<Input>,
    pub fallback: Fallback,
    /// Frames between a press and the frame it is for.
    pub delay: u32,
    /// Frames to simulate at once.
    pub lead: u32,
}

pub(super) struct Client {
    seat: usize,
    delay: u32,
    default: Vec<Input>,
    fallback: Fallback,
    random: Random,
    /// The key that is held.
    key: u8,
    state: Toy,
    /// The first frame that is not confirmed.
    confirmed: u32,
    last: Vec<Input>,
    /// States before the frames that are not confirmed, and the inputs these were stepped with.
    snapshots: BTreeMap<u32, Toy>,
    used: BTreeMap<u32, Vec<Input>>,
    /// What is known of frames that are not confirmed: own inputs and relayed ones.
    known: BTreeMap<(usize, u32), Input>,
    /// The next frame to stamp an input for.
    stamp: u32,
    /// Frames ahead of what is confirmed, at the last ticks. Whoever falls behind or has waited goes back to the median of
    /// it at once: at five per cent it would take seconds, in which all inputs are late.
    leads: VecDeque<u32>,
    behind: bool,
    pace: f64,
    pub trajectory: BTreeMap<u32, u64>,
    pub waited: u32,
    pub deepest: u32,
    pub rollbacks: u32,
    pub furthest: u32,
}

impl Client {
    pub fn new(seat: usize, start: Start, random: Random) -> Self {
        let Start { state, default, fallback, delay, lead } = start;
        Self {
            seat,
            delay,
            last: default.clone(),
            default,
            fallback,
            random,
            key: 2,
            state,
            confirmed: 0,
            snapshots: BTreeMap::new(),
            used: BTreeMap::new(),
            known: BTreeMap::new(),
            stamp: 0,
            leads: [lead].into(),
            behind: true,
            pace: 1.0,
            trajectory: BTreeMap::new(),
            waited: 0,
            deepest: 0,
            rollbacks: 0,
            furthest: 0,
        }
    }

    pub fn confirmed(&self) -> u32 {
        self.confirmed
    }

    /// The state after all that is confirmed.
    pub fn truth(&self) -> &Toy {
        self.snapshots.get(&self.confirmed).unwrap_or(&self.state)
    }

    pub fn pace(&self) -> f64 {
        self.pace
    }

    /// Own inputs that are sent again after a reconnection.
    pub fn unconfirmed(&self) -> Vec<(u32, Input)> {
        let own = self.known.iter().filter(|((seat, _), _)| *seat == self.seat);
        own.map(|((_, frame), input)| (*frame, input.clone())).collect()
    }

    /// One frame of the client's own clock.
    pub fn tick(&mut self, out: &mut Vec<FromClient>) {
        if self.random.chance(0.15) {
            self.key = (self.random.next() % 5) as u8;
        }
        if self.state.frame - self.confirmed >= BOUND {
            self.waited += 1;
            self.behind = true;
            return;
        }
        self.advance(out);
        self.leads.push_back(self.state.frame - self.confirmed);
        if self.leads.len() > 30 {
            self.leads.pop_front();
        }
    }

    /// After the messages of a moment: whoever has fallen behind, has waited, or has `missed` ticks simulates at once what it
    /// is usually ahead.
    pub fn regain(&mut self, missed: bool, out: &mut Vec<FromClient>) {
        if std::mem::take(&mut self.behind) || missed {
            let mut leads: Vec<u32> = self.leads.iter().copied().collect();
            let (_, lead, _) = leads.select_nth_unstable(self.leads.len() / 2);
            while self.state.frame < self.confirmed + (*lead).min(BOUND) {
                self.advance(out);
            }
        }
    }

    fn advance(&mut self, out: &mut Vec<FromClient>) {
        let last = self.state.frame + self.delay;
        let first = self.stamp.max(self.confirmed).max(self.delay);
        let inputs: Vec<_> = (first..=last).map(|frame| (frame, Bytes::copy_from_slice(&[self.key]))).collect();
        self.known.extend(inputs.iter().map(|(frame, input)| ((self.seat, *frame), input.clone())));
        self.stamp = self.stamp.max(last + 1);
        if !inputs.is_empty() {
            out.push(FromClient::Inputs(inputs));
        }
        self.predict();
        self.furthest = self.furthest.max(self.state.frame - self.confirmed);
    }

    /// Steps one frame with what is known and, for the rest, guessed.
    fn predict(&mut self) {
        let frame = self.state.frame;
        let inputs: Vec<Input> = (0..self.last.len()).map(|seat| self.guess(seat, frame)).collect();
        self.snapshots.insert(frame, self.state.clone());
        self.state.step(&inputs);
        self.used.insert(frame, inputs);
    }

    fn guess(&self, seat: usize, frame: u32) -> Input {
        if let Some(input) = self.known.get(&(seat, frame)) {
            return input.clone();
        }
        match self.fallback {
            Fallback::Default => self.default[seat].clone(),
            Fallback::Previous => {
                let before = self.known.range((seat, self.confirmed)..(seat, frame)).next_back();
                before.map_or(&self.last[seat], |(_, input)| input).clone()
            }
        }
    }

    pub fn hear(&mut self, message: ToClient, out: &mut Vec<FromClient>) {
        match message {
            ToClient::Confirmed(closed, pace) => {
                self.pace = pace;
                self.confirm(&closed, out);
            }
            ToClient::Relayed(seat, frame, input) => {
                if frame >= self.confirmed {
                    self.known.insert((seat, frame), input);
                }
            }
            ToClient::CatchUp(snapshot, frames) => {
                let adopted = snapshot.is_some();
                if let Some(snapshot) = snapshot {
                    self.confirmed = snapshot.frame;
                    self.state = snapshot;
                    self.snapshots.clear();
                    self.used.clear();
                    self.behind = true;
                }
                if adopted {
                    out.push(FromClient::Healed);
                }
                frames.iter().for_each(|closed| self.confirm(closed, out));
            }
        }
    }

    fn confirm(&mut self, closed: &Closed, out: &mut Vec<FromClient>) {
        let frame = closed.frame;
        if frame < self.confirmed {
            return; // Confirmed on the old connection and again in the catching up.
        }
        assert_eq!(frame, self.confirmed, "a confirmed frame is missing");
        self.confirmed = frame + 1;
        self.last.clone_from(&closed.inputs);
        if self.state.frame <= frame {
            self.state.step(&closed.inputs);
            self.behind = true;
        } else if self.used.get(&frame) != Some(&closed.inputs) {
            self.roll_back(closed);
        }
        assert_eq!(self.truth().frame, self.confirmed);
        let hash = self.truth().hash();
        self.trajectory.insert(frame, hash);
        if self.confirmed.is_multiple_of(HASH_EVERY) {
            out.push(FromClient::Hash(frame, hash));
        }
        self.snapshots.retain(|of, _| *of >= self.confirmed);
        self.used.retain(|of, _| *of >= self.confirmed);
        self.known.retain(|(_, of), _| *of >= self.confirmed);
    }

    /// Goes back to the state before the frame, and from there steps with what is true and then with what is known now.
    fn roll_back(&mut self, closed: &Closed) {
        let target = self.state.frame;
        self.rollbacks += 1;
        self.deepest = self.deepest.max(target - closed.frame);
        self.state = self.snapshots[&closed.frame].clone();
        self.state.step(&closed.inputs);
        while self.state.frame < target {
            self.predict();
        }
    }

    /// Something that an environment must not do happens in this copy alone.
    pub fn corrupt(&mut self) {
        self.state.random ^= 1;
        self.snapshots.values_mut().for_each(|state| state.random ^= 1);
    }
}
