//! The games that a waiting room has led to.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::{Recorded, Visitor};
use crate::ids::{GameId, SubjectId};

/// The games whose players the room still knows.
#[derive(Default)]
pub(super) struct Games {
    /// Who plays in each.
    pub players: BTreeMap<GameId, Vec<Visitor>>,
    /// In which visit somebody plays in which game.
    pub of: BTreeMap<SubjectId, (u32, GameId)>,
}

/// A game that was made.
pub(super) struct Made {
    /// Which.
    pub game: GameId,
    /// Its first fact.
    pub first: Recorded,
    /// The people in it.
    pub players: Vec<Visitor>,
}

impl Games {
    /// A game was made for these.
    pub fn made(&mut self, game: GameId, players: &[Visitor]) {
        self.of.extend(players.iter().map(|player| (player.subject.clone(), (player.visit, game))));
        self.players.insert(game, players.to_vec());
    }

    /// Somebody may come again.
    pub fn released(&mut self, subject: &SubjectId) {
        self.of.remove(subject);
    }

    /// Somebody's seat in a game: people sit on the first ones, in their order.
    pub fn place(&self, game: GameId, subject: &SubjectId) -> Option<usize> {
        self.players.get(&game)?.iter().position(|player| player.subject == *subject)
    }

    /// The others in a game.
    pub fn partners(&self, game: GameId, of: &SubjectId) -> BTreeSet<SubjectId> {
        let players = self.players.get(&game).into_iter().flatten();
        players.map(|player| player.subject.clone()).filter(|subject| subject != of).collect()
    }
}
