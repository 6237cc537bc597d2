//! The copies of a game for several players, in both directions: how they stay equal, catch up and are healed.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use ts_rs::TS;

use super::{Confirmed, Finite, Prepare, StateHash};
use crate::ids::GameId;

/// Whether a copy is the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HostRole {
    /// The episode.
    pub episode: u32,
    /// It is, and gives the rows from this frame on; absent when it is not, or no longer.
    pub rows_from: Option<u32>,
}

/// Asks for a state of the player's copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SnapshotWanted {
    /// The episode.
    pub episode: u32,
    /// Number of confirmed frames that led to it; the newest older one will do if it is not kept.
    pub frame: u32,
}

/// A state to adopt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Heal {
    /// The episode.
    pub episode: u32,
    /// Number of confirmed frames that led to it.
    pub frame: u32,
    /// The state, from another copy's `snapshot`.
    #[ts(type = "Uint8Array")]
    pub state: ByteBuf,
}

/// What a copy lacks to play on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CatchUp {
    /// As for a new episode. A page that has this copy already keeps it.
    pub start: Prepare,
    /// The state to begin with; absent when the copy is to begin at the episode's start, or to go on as it is.
    pub snapshot: Option<Heal>,
    /// The confirmed frames that it lacks.
    pub confirmed: Confirmed,
    /// Whether the frame clock runs: then the copy plays on by itself as soon as it has caught up; else `begin` comes.
    pub running: bool,
    /// As in `begin`.
    pub head_start: u32,
}

/// Hashes of a copy's states.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Hashes {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
    /// Number of confirmed frames that led to the state, and the state's hash.
    pub hashes: Vec<(u32, StateHash)>,
}

/// How a player's copy came by consecutive frames.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Witnessed {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
    /// The first of the frames.
    pub first: u32,
    /// The frames.
    pub frames: Vec<FrameSeen>,
}

/// How a player's copy came by a frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct FrameSeen {
    /// By seat, whether the input was a guess when the frame was first shown.
    pub predicted: Vec<bool>,
    /// How many frames the copy had gone on when it learnt that it had guessed wrong; 0 when it had not.
    pub depth: u32,
    /// Whether the page had the keyboard focus.
    pub focused: bool,
    /// The browser's clock when the frame was first shown, milliseconds since 1970.
    pub at: Finite,
}

/// Tells that a copy has caught up.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CaughtUp {
    /// The game from `catch_up`.
    pub game: GameId,
    /// The episode from `catch_up`.
    pub episode: u32,
}

/// A state of a copy.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
    /// Number of confirmed frames that led to the state.
    pub frame: u32,
    /// The state, in the form that copies exchange.
    #[ts(type = "Uint8Array")]
    pub state: ByteBuf,
}

/// Tells that a copy has adopted another one's state.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Healed {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
    /// The frame from `heal`.
    pub frame: u32,
    /// In which fields the copy's own state had differed, each with both values.
    pub fields: Vec<String>,
}

/// Tells how far a copy was from the state that the service had it adopt.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Adopted {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
    /// The frame from `adopt`.
    pub frame: u32,
    /// The largest difference between two numbers of the same place in the two states; 0 when they are equal, absent when the
    /// copy does not have its own state of that frame any more.
    pub largest: Option<Finite>,
    /// In which fields the copy's own state had differed by more than rounding explains, each with both values.
    pub fields: Vec<String>,
}
