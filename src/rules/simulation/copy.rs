//! A copy that predicts, keeps states and rolls back, as the browser's does (`assets/python/greenroom/rollback.py`). Where
//! that would fail, or leave a gap, this one panics.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::Random;
use super::toy::{Length, Toy};
use crate::rules::timeline::{Fallback, Input};

/// How far back old states are kept, from which a new host can make rows again.
const FOR: u32 = 300;

/// Own inputs that are sent again with each new one.
const REDUNDANCY: u32 = 3;

/// What all copies of a game have in common.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub seats: usize,
    pub length: Length,
    pub default: Input,
    pub fallback: Fallback,
    /// Most frames that a copy runs ahead of what is confirmed.
    pub bound: u32,
    pub hash_every: u32,
    /// Frames between two states of the service's copy that all adopt.
    pub broadcast: u32,
    /// Players see pictures only.
    pub streamed: bool,
    /// By seat, whether a bot of the service's copy plays it.
    pub policies: Vec<bool>,
}

/// What happened to a copy since its last call.
#[derive(Debug, Clone)]
pub(super) enum Event {
    Confirmed(u32, Vec<Vec<Input>>),
    Relayed(usize, u32, Vec<Input>),
    Heal(Toy),
    Rows(Option<u32>),
}

/// What a call results in.
#[derive(Debug, Default)]
pub(super) struct Output {
    pub send: Option<(u32, Vec<Input>)>,
    pub hashes: Vec<(u32, u64)>,
    /// Number and hash of the state after it.
    pub rows: Vec<(u32, u64)>,
    /// Frames that have become final, and the hashes of the states after them.
    pub finals: Vec<(u32, u64)>,
    /// How many frames the episode had, when it is over.
    pub end: Option<u32>,
}

pub(super) struct Copy {
    rules: Rules,
    me: usize,
    delay: u32,
    random: Random,
    /// The key that is held.
    key: u8,
    state: Toy,
    /// States before frames: those that are not confirmed, and some older ones.
    states: BTreeMap<u32, Toy>,
    /// The first frame whose inputs are known, and the confirmed inputs from there.
    first: u32,
    log: Vec<Vec<Input>>,
    /// Inputs for frames that are not confirmed: own ones and relayed ones.
    known: BTreeMap<u32, BTreeMap<usize, Input>>,
    /// What frames that are not confirmed were simulated with.
    played: BTreeMap<u32, Vec<Input>>,
    wrong: Option<u32>,
    rows: Option<BTreeMap<u32, u64>>,
    next_row: u32,
    next_hash: u32,
    next_final: u32,
    end_hashed: bool,
    pub rollbacks: u32,
    pub deepest: u32,
    pub furthest: u32,
}

impl Copy {
    pub fn new(rules: &Rules, me: usize, delay: u32, seed: u32, random: Random) -> Self {
        let state = Toy::new(rules.seats, seed, rules.length);
        Self {
            rules: rules.clone(),
            me,
            delay,
            random,
            key: 2,
            states: [(0, state.clone())].into(),
            state,
            first: 0,
            log: Vec::new(),
            known: BTreeMap::new(),
            played: BTreeMap::new(),
            wrong: None,
            rows: None,
            next_row: 0,
            next_hash: 0,
            next_final: 0,
            end_hashed: false,
            rollbacks: 0,
            deepest: 0,
            furthest: 0,
        }
    }

    pub fn confirmed(&self) -> u32 {
        self.first + self.log.len() as u32
    }

    pub fn frame(&self) -> u32 {
        self.state.frame
    }

    /// One call: what happened, then so many frames.
    pub fn tick(&mut self, events: Vec<Event>, frames: u32) -> Output {
        let mut output = Output::default();
        events.into_iter().for_each(|event| self.take(event));
        let before = self.frame();
        if let Some(wrong) = self.wrong.take().filter(|wrong| *wrong < before) {
            self.rollbacks += 1;
            self.deepest = self.deepest.max(before - wrong);
            self.go_back(wrong);
        }
        self.simulate_to(before.max(self.confirmed()));
        for _ in 0..frames {
            let over = self.state.end.is_some_and(|end| end <= self.confirmed());
            if over || self.frame() - self.confirmed() >= self.rules.bound {
                break;
            }
            self.submit(&mut output);
            self.simulate_to(self.frame() + 1);
            self.furthest = self.furthest.max(self.frame() - self.confirmed());
        }
        self.promote(&mut output);
        output
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Confirmed(first, frames) => {
                for (frame, inputs) in (first..).zip(frames) {
                    self.confirm(frame, inputs);
                }
            }
            Event::Relayed(seat, first, inputs) => {
                for (frame, input) in (first..).zip(inputs) {
                    self.receive(seat, frame, input);
                }
            }
            Event::Heal(state) => self.heal(state),
            Event::Rows(None) => self.rows = None,
            Event::Rows(Some(first)) => self.ask_rows(first),
        }
    }

    fn confirm(&mut self, frame: u32, inputs: Vec<Input>) {
        if frame < self.confirmed() {
            let again = frame < self.first || self.log[(frame - self.first) as usize] == inputs;
            assert!(again, "frame {frame} is confirmed a second time, with other inputs");
            return;
        }
        assert_eq!(frame, self.confirmed(), "a confirmed frame is missing");
        self.known.remove(&frame);
        if self.played.remove(&frame).is_some_and(|played| played != inputs) {
            self.mark(frame);
        }
        self.log.push(inputs);
    }

    fn receive(&mut self, seat: usize, frame: u32, input: Input) {
        if frame < self.confirmed() {
            return;
        }
        let known = self.known.entry(frame).or_default();
        if known.contains_key(&seat) {
            return;
        }
        let wrong = self.played.get(&frame).is_some_and(|played| played[seat] != input);
        known.insert(seat, input);
        if wrong {
            self.mark(frame);
        }
    }

    fn mark(&mut self, frame: u32) {
        self.wrong = Some(self.wrong.map_or(frame, |wrong| wrong.min(frame)));
    }

    /// Adopts another copy's state, of a frame from which this one knows the confirmed inputs, or with which it begins.
    fn heal(&mut self, state: Toy) {
        let frame = state.frame;
        if self.confirmed() > 0 {
            assert!((self.first..=self.confirmed()).contains(&frame), "frame {frame} was adopted out of place");
        } else {
            self.first = frame;
            self.log.clear();
        }
        let until = self.frame().max(frame);
        self.wrong = None;
        self.states = [(frame, state)].into();
        self.go_back(frame);
        self.next_row = self.next_row.max(frame);
        self.next_hash = frame.div_ceil(self.rules.hash_every) * self.rules.hash_every;
        self.next_final = frame;
        self.end_hashed = false;
        self.simulate_to(until.min(self.confirmed() + self.rules.bound));
    }

    fn ask_rows(&mut self, first: u32) {
        if self.rows.is_some() && first >= self.next_row {
            return;
        }
        assert!(first >= self.first, "rows from {first} are wanted; this copy knows the game from {}", self.first);
        (self.rows, self.next_row) = (Some(BTreeMap::new()), first);
        if first < self.frame() {
            let frame = self.frame();
            let usable = self.states.range(..=first).next_back().map(|(frame, _)| *frame);
            self.go_back(usable.expect("rows are wanted from before the first state that is kept"));
            self.simulate_to(frame);
        }
    }

    /// The newest confirmed state at or before a frame.
    pub fn snapshot(&self, frame: u32) -> &Toy {
        let limit = frame.min(self.confirmed());
        let (_, state) = self.states.range(..=limit).next_back().expect("a state is wanted that is not kept");
        state
    }

    /// The state after so many confirmed frames, if it is kept.
    pub fn at(&self, frame: u32) -> Option<&Toy> {
        self.states.get(&frame).filter(|_| frame <= self.confirmed())
    }

    /// Own inputs that are sent again after a reconnection.
    pub fn pending(&self) -> Option<(u32, Vec<Input>)> {
        self.newest(0)
    }

    fn newest(&self, least: u32) -> Option<(u32, Vec<Input>)> {
        let own = |inputs: &BTreeMap<usize, Input>| inputs.get(&self.me).cloned();
        let last = self.known.iter().rev().find(|(_, inputs)| inputs.contains_key(&self.me))?.0;
        let run = (least..=*last).rev().map_while(|frame| self.known.get(&frame).and_then(own));
        let mut inputs: Vec<Input> = run.collect();
        inputs.reverse();
        (!inputs.is_empty()).then(|| (last + 1 - inputs.len() as u32, inputs))
    }

    fn submit(&mut self, output: &mut Output) {
        if self.random.chance(0.15) {
            self.key = self.random.below(5) as u8;
        }
        let frame = self.frame() + self.delay;
        let known = self.known.get(&frame).is_some_and(|inputs| inputs.contains_key(&self.me));
        if frame >= self.confirmed() && !known {
            self.receive(self.me, frame, Bytes::copy_from_slice(&[self.key]));
            output.send = self.newest(frame.saturating_sub(REDUNDANCY));
        }
    }

    fn go_back(&mut self, frame: u32) {
        self.state = self.states[&frame].clone();
        self.states.split_off(&(frame + 1));
        self.played.split_off(&frame);
    }

    fn simulate_to(&mut self, until: u32) {
        while self.frame() < until {
            let frame = self.frame();
            let inputs = if frame < self.confirmed() {
                self.log[(frame - self.first) as usize].clone()
            } else {
                let inputs: Vec<Input> = (0..self.rules.seats).map(|seat| self.guess(seat, frame)).collect();
                self.played.insert(frame, inputs.clone());
                inputs
            };
            let over = self.state.end.is_some();
            self.state.step(&inputs);
            self.states.insert(frame + 1, self.state.clone());
            if let Some(rows) = self.rows.as_mut().filter(|_| !over && frame >= self.next_row) {
                rows.insert(frame, self.state.hash());
            }
        }
    }

    fn guess(&self, seat: usize, frame: u32) -> Input {
        if let Some(input) = self.known.get(&frame).and_then(|known| known.get(&seat)) {
            return input.clone();
        }
        if self.rules.fallback == Fallback::Default || frame == self.first {
            return self.rules.default.clone();
        }
        let before = frame - 1;
        match before.checked_sub(self.first).and_then(|index| self.log.get(index as usize)) {
            Some(inputs) => inputs[seat].clone(),
            None => self.played[&before][seat].clone(),
        }
    }

    /// Hands out what has become final, and forgets what is no longer needed.
    fn promote(&mut self, output: &mut Output) {
        let confirmed = self.confirmed();
        let over = self.state.end.filter(|end| *end <= confirmed);
        let end = over.unwrap_or(confirmed);
        while let Some(hash) =
            self.rows.as_mut().filter(|_| self.next_row < end).and_then(|rows| rows.remove(&self.next_row))
        {
            output.rows.push((self.next_row, hash));
            self.next_row += 1;
        }
        let hash_of = |state: u32| self.states[&state].hash();
        output.finals.extend((self.next_final..end).map(|frame| (frame, hash_of(frame + 1))));
        self.next_final = self.next_final.max(end);
        while self.next_hash <= end {
            output.hashes.push((self.next_hash, hash_of(self.next_hash)));
            self.next_hash += self.rules.hash_every;
        }
        if over.is_some() && !self.end_hashed && !end.is_multiple_of(self.rules.hash_every) {
            output.hashes.push((end, hash_of(end)));
        }
        self.end_hashed |= over.is_some();
        output.end = over;
        let newest = *self.states.range(..=confirmed).next_back().expect("a state is kept").0;
        let (oldest, every) = (*self.states.keys().next().expect("a state is kept"), self.rules.hash_every);
        let gone = |frame: u32| frame + FOR < newest || !frame.is_multiple_of(every);
        self.states.retain(|frame, _| *frame == oldest || *frame >= newest || !gone(*frame));
    }

    /// Something that an environment must not do happens in this copy alone.
    pub fn corrupt(&mut self) {
        self.state.corrupt();
        self.states.values_mut().for_each(Toy::corrupt);
    }
}
