//! A game for several players, or on the service, in both directions: its episodes, its frames and its players.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use ts_rs::TS;

use super::{Dismissal, Finite};
use crate::ids::GameId;

/// Make ready for an episode: reset the copy and say `prepared`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Prepare {
    /// The visit it belongs to.
    pub visit: u32,
    /// The game.
    pub game: GameId,
    /// Episode, counted from 0.
    pub episode: u32,
    /// Seed for `reset`, the same for all players.
    pub seed: u32,
    /// The player's seat: an index into the agents of the scene's `group`.
    pub seat: u32,
    /// Frames between a key press and the frame it is for, for this player.
    pub input_delay: u32,
    /// Who is not ready after this time, in milliseconds, ends the game.
    pub milliseconds: u32,
    /// Values that scenes share, by agent, as JSON; absent in a study without, and in a streamed game.
    pub globals: Option<String>,
    /// The player's score in the episodes before that count, where the score that is shown goes on from episode to episode.
    pub score_before: Option<Finite>,
}

/// The frame clock starts, or goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Begin {
    /// The episode.
    pub episode: u32,
    /// The frame with which it starts: 0, or after a pause the first one that is not confirmed.
    pub frame: u32,
    /// When, in milliseconds from now.
    pub in_ms: u32,
    /// Frames that the copy simulates at once when the clock starts, so that this player's inputs arrive in time.
    pub head_start: u32,
}

/// Another player's inputs for consecutive frames.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Relayed {
    /// The episode.
    pub episode: u32,
    /// Whose.
    pub seat: u32,
    /// The frame that the first of them is for.
    pub first: u32,
    /// One action each, as MessagePack.
    #[ts(type = "Array<Uint8Array>")]
    pub inputs: Vec<ByteBuf>,
}

/// Consecutive frames that are fixed for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Confirmed {
    /// The episode.
    pub episode: u32,
    /// The first of the frames.
    pub first: u32,
    /// Of each frame the action of each seat, as MessagePack.
    #[ts(type = "Array<Array<Uint8Array>>")]
    pub frames: Vec<Vec<ByteBuf>>,
}

/// How far a copy of a game for several players has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
    /// Number of confirmed frames that it knows: the first one that it lacks.
    pub confirmed: u32,
}

/// Tells that a copy stands at the beginning of an episode.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Prepared {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
}

/// A player's inputs for consecutive frames. What was sent before may come again: the first input for a frame counts.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
    /// The frame that the first of these inputs is for.
    pub first: u32,
    /// One action each, as MessagePack, of at most 1024 bytes.
    #[ts(type = "Array<Uint8Array>")]
    pub inputs: Vec<ByteBuf>,
}

/// How fast a player's clock shall run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct PaceAdvice {
    /// The episode.
    pub episode: u32,
    /// Factor on the scene's frames per second, from 0.95 to 1.05.
    pub factor: f64,
    /// How early the player's inputs arrive, in milliseconds; absent when none came lately.
    pub margin_ms: Option<i32>,
    /// Inputs of this player in this episode that came after their frame was confirmed: they did not count for it.
    pub late: u32,
}

/// The game waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Paused {
    /// The episode.
    pub episode: u32,
    /// The seats it waits for.
    pub waiting_for: Vec<u32>,
    /// The game ends after this time, in milliseconds.
    pub left_ms: u32,
}

/// A player is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Away {
    /// Which.
    pub seat: u32,
    /// The game ends if it is not back after this time, in milliseconds.
    pub left_ms: u32,
}

/// A player is back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Back {
    /// Which.
    pub seat: u32,
}

/// The game is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Over {
    /// Why, if it did not end as planned.
    pub reason: Option<Dismissal>,
    /// The number of confirmed frames of the last episode.
    pub frames: u32,
}
