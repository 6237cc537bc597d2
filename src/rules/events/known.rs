//! What is remembered of earlier facts, because later ones do not say it.

use std::collections::BTreeMap;

use crate::facts::{SeatTaken, Visitor};
use crate::ids::{SceneId, SubjectId};

/// Participants, games and groups that are remembered, each. Older ones are asked for again.
const KEPT: usize = 20_000;

/// Where a participant is.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub visit: u32,
    pub scene: SceneId,
    /// Why the visit ends in another way than planned.
    pub trouble: Option<String>,
}

/// A game. It is remembered when it is over, too: late news of its copies may follow.
#[derive(Debug, Clone)]
pub(super) struct Game {
    pub scene: SceneId,
    pub seats: Vec<SeatTaken>,
    /// Whether its inputs are fixed by the service: then the lobby tells when episodes begin.
    pub shared: bool,
    /// The episode that runs.
    pub running: Option<u32>,
    pub over: bool,
}

impl Game {
    pub fn new(scene: &SceneId, seats: Vec<SeatTaken>, shared: bool) -> Self {
        Self { scene: scene.clone(), seats, shared, running: None, over: false }
    }

    pub fn players(&self) -> BTreeMap<String, Option<SubjectId>> {
        let of = |seat: &SeatTaken| (seat.agent.clone(), seat.player.as_ref().map(|player| player.subject.clone()));
        self.seats.iter().map(of).collect()
    }

    /// The only person of the game.
    pub fn alone(&self) -> Option<&Visitor> {
        let mut people = self.seats.iter().filter_map(|seat| seat.player.as_ref());
        people.next().filter(|_| people.next().is_none())
    }

    /// The person of the lobby's number: it counts people only.
    pub fn person(&self, player: usize) -> Option<&Visitor> {
        self.seats.iter().filter_map(|seat| seat.player.as_ref()).nth(player)
    }
}

/// Remembers something, and forgets something else when that is too much. Returns what was known of it before.
pub(super) fn keep<K: Ord + Clone, V>(known: &mut BTreeMap<K, V>, key: K, value: V) -> Option<V> {
    if known.len() >= KEPT && !known.contains_key(&key) {
        let other = known.keys().find(|other| **other != key).cloned();
        other.and_then(|other| known.remove(&other));
    }
    known.insert(key, value)
}
