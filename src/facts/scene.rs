//! What happens to a scene for several players, beside its waiting room.

use serde::{Deserialize, Serialize};

use super::Visitor;
use crate::ids::GameId;

/// What happens to a scene for several players, beside its waiting room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum SceneFact {
    /// A game was made.
    GameMade {
        /// The game.
        game: GameId,
        /// Its players.
        players: Vec<Visitor>,
    },
}
