//! What a game of several players wants done.

use super::runner::Order;
use crate::facts::{Entry, Fact, GameFact, Payload, Stream};
use crate::ids::GameId;
use crate::rules::memory::EpisodeResult;
use crate::rules::session::Ending;
use crate::time::Timestamp;
use crate::wire::ToBrowser;

/// Some of a game's seats; a game has 32 at most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seats(u32);

impl Seats {
    /// The seats, in ascending order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..u32::BITS as usize).filter(move |seat| self.has(*seat))
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn one(seat: usize) -> Self {
        Self(1 << seat)
    }

    pub(super) fn bits(self) -> u32 {
        self.0
    }

    pub(super) fn has(self, seat: usize) -> bool {
        self.0 & (1 << seat) != 0
    }

    pub(super) fn without(self, seat: usize) -> Self {
        Self(self.0 & !(1 << seat))
    }
}

impl FromIterator<usize> for Seats {
    fn from_iter<I: IntoIterator<Item = usize>>(seats: I) -> Self {
        Self(seats.into_iter().fold(0, |all, seat| all | 1 << seat))
    }
}

/// Something to do.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Send a message to the players on these seats, encoded once.
    Tell(Seats, ToBrowser),
    /// Have the service's own copy do something.
    Run(Order),
    /// Write the files of the players anew.
    Project,
    /// The game is over: tell the participants how.
    Finish(Vec<(usize, Ending, Vec<EpisodeResult>)>),
}

impl Effect {
    /// A player has another page now: what was to be said to the one before is not said to this one, which would
    /// take it for its own.
    pub fn spare(&mut self, seat: usize) {
        if let Self::Tell(seats, _) = self {
            *seats = seats.without(seat);
        }
    }
}

/// What follows from an input: facts to store, what is done once they are stored, and what is done at once.
#[derive(Debug, Default)]
pub struct Out {
    /// To be stored, in this order.
    pub entries: Vec<Entry>,
    /// To be done, in this order, when all facts until now are stored.
    pub held: Vec<Effect>,
    /// To be done at once: nobody may rely on it.
    pub now: Vec<Effect>,
}

impl Out {
    /// Takes over what another input led to. Frames that follow one another become one fact.
    pub fn append(&mut self, other: Self) {
        for entry in other.entries {
            self.push(entry);
        }
        self.held.extend(other.held);
        self.now.extend(other.now);
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.held.is_empty() && self.now.is_empty()
    }

    fn push(&mut self, entry: Entry) {
        let Some(entry) = self.extend_last(entry) else { return };
        self.entries.push(entry);
    }

    /// Puts frames that follow those of the last entry into it; gives back every other entry.
    fn extend_last(&mut self, mut entry: Entry) -> Option<Entry> {
        let frames_of = |entry: &Entry| match entry.fact {
            Fact::Game(GameFact::FramesConfirmed { episode, first, count }) => Some((episode, first, count)),
            _ => None,
        };
        let Some(last) = self.entries.last_mut() else { return Some(entry) };
        let (Some((episode, first, count)), Some((of, next, more))) = (frames_of(last), frames_of(&entry)) else {
            return Some(entry);
        };
        let follows = last.stream == entry.stream && episode == of && first + count == next;
        if let (true, Payload::Frames(known), Payload::Frames(new)) = (follows, &mut last.payload, &mut entry.payload) {
            known.append(new);
            last.fact = GameFact::FramesConfirmed { episode, first, count: count + more }.into();
            return None;
        }
        Some(entry)
    }

    pub(super) fn fact(&mut self, game: GameId, at: Timestamp, fact: impl Into<Fact>, payload: Payload) {
        self.push(Entry { stream: Stream::Game(game), at, fact: fact.into(), payload });
    }

    /// Once everything is stored.
    pub(super) fn tell(&mut self, seats: Seats, message: ToBrowser) {
        if !seats.is_empty() {
            self.held.push(Effect::Tell(seats, message));
        }
    }

    /// At once: it acts on what is fixed, and what it finds is told when that is stored.
    pub(super) fn run(&mut self, order: Order) {
        self.now.push(Effect::Run(order));
    }

    /// At once.
    pub(super) fn relay(&mut self, seats: Seats, message: ToBrowser) {
        if !seats.is_empty() {
            self.now.push(Effect::Tell(seats, message));
        }
    }
}
