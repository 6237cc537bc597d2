//! The inputs of one episode: what each player did in which frame, fixed once and for all when the frame closes.
//!
//! A frame is *open* until it is closed, and *confirmed* from then on: its inputs never change again, whatever arrives
//! later. So everybody who replays the confirmed frames sees the same game, whatever the network does.

use std::collections::{BTreeMap, VecDeque, vec_deque};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// What a player did in a frame: MessagePack of any action the environment takes. Nobody on this floor looks inside.
pub type Input = Bytes;

/// Longest input, in bytes; the wire refuses longer ones. An action of a few hundred numbers fits; with the horizon it
/// bounds what a player can make the service keep.
pub const INPUT_LIMIT: usize = 1024;

/// What stands in for an input that did not come before its frame closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fallback {
    /// The newest input the player has submitted, and the default before the first.
    Previous,
    /// The environment's default action.
    Default,
}

/// What became of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// It will be used; the other players may be told at once.
    Accepted,
    /// There is one for this frame already, and it stays.
    Duplicate,
    /// Its frame was closed without it; `closed` is the last closed frame. The past does not change, but with
    /// [`Fallback::Previous`] it is what the player does from now on, so that a late key press is delayed, not lost.
    Late {
        /// The last closed frame.
        closed: u32,
    },
    /// It is for a frame beyond the horizon.
    TooFar,
}

/// A confirmed frame. This is what the journal keeps, and all that a replay needs beside the seed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Its number, counted from 0 in each episode.
    pub frame: u32,
    /// The input of each player, by seat.
    pub inputs: Vec<Input>,
    /// Frames between the one that the input was meant for and this one, by seat: 0 when it came in time, more when an
    /// older one of the player stands in for it, nothing when the default does.
    pub age: Vec<Option<u32>>,
}

impl Closed {
    /// Whether a player's own input for this frame came in time.
    pub fn on_time(&self, player: usize) -> bool {
        self.age.get(player) == Some(&Some(0))
    }
}

/// Frames that do not follow one another, or are of another number of players.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the record of confirmed frames is broken at frame {0}")]
pub struct BrokenRecord(pub u32);

/// What is known of one player's punctuality.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Punctuality {
    /// Frames closed with the player's own input.
    pub on_time: u32,
    /// Frames closed with a stand-in.
    pub stood_in: u32,
    /// Inputs that came after their frame had closed.
    pub late: u32,
    /// Frames between the one that the input in use was meant for and the last closed one; `None` before the first.
    pub age: Option<u32>,
}

/// What can be seen of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    /// The frame that closes next.
    pub open: u32,
    /// Confirmed frames that are kept.
    pub kept: usize,
    /// Inputs for open frames.
    pub ahead: usize,
    /// By seat.
    pub players: Vec<Punctuality>,
}

/// The inputs of one episode.
#[derive(Debug, Clone)]
pub struct Timeline {
    horizon: u32,
    open: u32,
    confirmed: VecDeque<Closed>,
    seats: Vec<Seat>,
}

#[derive(Debug, Clone)]
struct Seat {
    fallback: Fallback,
    default: Input,
    ahead: BTreeMap<u32, Input>,
    /// The newest input that was submitted for a frame that is closed now, and the frame it was meant for.
    held: Input,
    meant_for: Option<u32>,
    /// The newest frame for which lateness was reported, so that it is counted once however often it is sent.
    late_to: Option<u32>,
    on_time: u32,
    stood_in: u32,
    late: u32,
}

impl Timeline {
    /// An episode in which no frame is closed. `default` has the default action of each of the `players`; inputs are
    /// taken for at most `horizon` frames, counted from the one that closes next.
    pub fn new(players: usize, fallback: Fallback, default: Vec<Input>, horizon: u32) -> Self {
        debug_assert_eq!(players, default.len(), "each player has a default action");
        let seat = |default: Input| Seat {
            fallback,
            held: default.clone(),
            default,
            ahead: BTreeMap::new(),
            meant_for: None,
            late_to: None,
            on_time: 0,
            stood_in: 0,
            late: 0,
        };
        let seats = default.into_iter().take(players).map(seat).collect();
        Self { horizon: horizon.max(1), open: 0, confirmed: VecDeque::new(), seats }
    }

    /// Puts back what was confirmed before a restart: all frames of the episode, or those since a snapshot. Inputs for
    /// open frames are not part of the record: nobody was told that they count, and the browsers send them again.
    pub fn restore(mut self, frames: impl IntoIterator<Item = Closed>) -> Result<Self, BrokenRecord> {
        for closed in frames {
            let follows = self.confirmed.is_empty() || closed.frame == self.open;
            if !follows || closed.inputs.len() != self.seats.len() || closed.age.len() != self.seats.len() {
                return Err(BrokenRecord(closed.frame));
            }
            self.apply(closed);
        }
        Ok(self)
    }

    /// An input came. The first one for a player and frame wins. `player` is a seat that the service gave out.
    pub fn offer(&mut self, player: usize, frame: u32, input: Input) -> Offer {
        let open = self.open;
        if frame < open {
            return self.offer_closed(player, frame, input);
        }
        if frame - open >= self.horizon {
            return Offer::TooFar;
        }
        match self.seats[player].ahead.entry(frame) {
            std::collections::btree_map::Entry::Occupied(_) => Offer::Duplicate,
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(input);
                Offer::Accepted
            }
        }
    }

    /// An input for a closed frame: sent again after a reconnection, or late.
    fn offer_closed(&mut self, player: usize, frame: u32, input: Input) -> Offer {
        // What is pruned is older than a snapshot: only a retransmission can be that old.
        let again = self.closed(frame).is_none_or(|closed| closed.on_time(player));
        let seat = &mut self.seats[player];
        if again || seat.late_to >= Some(frame) {
            return Offer::Duplicate;
        }
        seat.late_to = Some(frame);
        seat.late += 1;
        if seat.meant_for < Some(frame) {
            seat.held = input;
            seat.meant_for = Some(frame);
        }
        Offer::Late { closed: self.open - 1 }
    }

    /// Closes the next frame: each player's input, or what stands in for it.
    pub fn close(&mut self) -> Closed {
        let frame = self.open;
        let (mut inputs, mut age) = (Vec::new(), Vec::new());
        for seat in &self.seats {
            let (input, meant_for) = match seat.ahead.get(&frame) {
                Some(own) => (own, Some(frame)),
                None => seat.stand_in(),
            };
            inputs.push(input.clone());
            age.push(meant_for.map(|meant_for| frame.saturating_sub(meant_for)));
        }
        let closed = Closed { frame, inputs, age };
        self.apply(closed.clone());
        closed
    }

    /// The one way in which a frame becomes confirmed, when running and when restoring.
    fn apply(&mut self, closed: Closed) {
        for ((seat, input), age) in self.seats.iter_mut().zip(&closed.inputs).zip(&closed.age) {
            if *age == Some(0) {
                seat.on_time += 1;
            } else {
                seat.stood_in += 1;
            }
            if let Some(age) = age {
                seat.meant_for = Some(closed.frame.saturating_sub(*age));
                seat.held = input.clone();
            }
            seat.ahead.remove(&closed.frame);
        }
        self.open = closed.frame.saturating_add(1);
        self.confirmed.push_back(closed);
    }

    /// What stands in for a player's inputs from the next frame on: for somebody who is away another choice may be right
    /// than for somebody whose packet is late.
    pub fn set_fallback(&mut self, player: usize, fallback: Fallback) {
        self.seats[player].fallback = fallback;
    }

    /// The frame that closes next.
    pub fn open(&self) -> u32 {
        self.open
    }

    /// The confirmed frames from `from` on, for somebody who catches up; `None` when some of them are pruned, so that a
    /// snapshot has to come first.
    pub fn confirmed(&self, from: u32) -> Option<vec_deque::Iter<'_, Closed>> {
        let first = self.first();
        (from >= first).then(|| self.confirmed.range(((from - first) as usize).min(self.confirmed.len())..))
    }

    /// A confirmed frame, if it is kept.
    pub fn closed(&self, frame: u32) -> Option<&Closed> {
        self.confirmed.get(frame.checked_sub(self.first())? as usize)
    }

    /// Forgets the confirmed frames before `frame`, of which there is a snapshot.
    pub fn prune(&mut self, frame: u32) {
        let gone = frame.saturating_sub(self.first()) as usize;
        self.confirmed.drain(..gone.min(self.confirmed.len()));
    }

    /// The first confirmed frame that is kept, or the open one.
    fn first(&self) -> u32 {
        self.confirmed.front().map_or(self.open, |closed| closed.frame)
    }

    /// How punctual a player is.
    pub fn punctuality(&self, player: usize) -> Punctuality {
        let seat = &self.seats[player];
        let age = seat.meant_for.map(|frame| (self.open - 1).saturating_sub(frame));
        Punctuality { on_time: seat.on_time, stood_in: seat.stood_in, late: seat.late, age }
    }

    /// What can be seen of the timeline.
    pub fn view(&self) -> View {
        View {
            open: self.open,
            kept: self.confirmed.len(),
            ahead: self.seats.iter().map(|seat| seat.ahead.len()).sum(),
            players: (0..self.seats.len()).map(|player| self.punctuality(player)).collect(),
        }
    }

    /// What always holds.
    pub fn check(&self) -> Result<(), &'static str> {
        let mut kept = self.first();
        for closed in &self.confirmed {
            if closed.frame != kept || closed.inputs.len() != self.seats.len() {
                return Err("the confirmed frames have a hole");
            }
            kept += 1;
        }
        if kept != self.open {
            return Err("the confirmed frames do not reach the open one");
        }
        let end = self.open.saturating_add(self.horizon);
        if self.seats.iter().any(|seat| seat.ahead.keys().any(|frame| *frame < self.open || *frame >= end)) {
            return Err("an input is kept for a frame that is closed or beyond the horizon");
        }
        Ok(())
    }
}

impl Seat {
    /// What is played without an input, and the frame that it was meant for.
    fn stand_in(&self) -> (&Input, Option<u32>) {
        match self.fallback {
            Fallback::Previous => (&self.held, self.meant_for),
            Fallback::Default => (&self.default, None),
        }
    }
}

#[cfg(test)]
mod tests;
