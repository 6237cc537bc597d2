//! A game in one browser, in both directions: which episode to play, and what became of it. The copy that is the host of
//! a game of several sends its rows in the same way.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use ts_rs::TS;

use super::Finite;
use crate::ids::GameId;

/// Play an episode.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Play {
    /// The visit it belongs to.
    pub visit: u32,
    /// The game.
    pub game: GameId,
    /// Episode, counted from 0.
    pub episode: u32,
    /// Seed for `reset`, below 2^31.
    pub seed: u32,
    /// Rows that are stored already, oldest first: replay their actions and go on after them.
    #[ts(type = "Array<Uint8Array>")]
    pub rows: Vec<ByteBuf>,
    /// Values that scenes share, by agent, as JSON; absent in a study without.
    pub globals: Option<String>,
    /// The score of the episodes before that count, where the score that is shown goes on from episode to episode.
    pub score_before: Option<Finite>,
}

/// Steps are stored for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Acknowledged {
    /// The game.
    pub game: GameId,
    /// The episode.
    pub episode: u32,
    /// How many steps of the episode are stored: steps 0 to this number, exclusive.
    pub steps: u32,
}

/// A run of consecutive steps of one episode.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// The game from `play`.
    pub game: GameId,
    /// The episode from `play`, counted from 0.
    pub episode: u32,
    /// Number of the first of these steps in its episode, counted from 0.
    pub first: u32,
    /// The steps.
    pub steps: Vec<Step>,
}

/// One step of the environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The row made by the environment's side: a MessagePack map, see `docs/protocol.md`. It is a blob of its own so
    /// that the values reach the data exactly as Python wrote them (JavaScript knows no difference between 1 and 1.0).
    #[ts(type = "Uint8Array")]
    pub row: ByteBuf,
    /// The browser's clock at the step, milliseconds since 1970.
    pub at: Finite,
    /// Whether the page had the keyboard focus.
    pub focused: bool,
}

/// Ends an episode.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EpisodeEnded {
    /// The game from `play`.
    pub game: GameId,
    /// The episode from `play`.
    pub episode: u32,
    /// How many steps the episode had.
    pub steps: u32,
}

/// How well the browser kept the frame rate in one episode.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// The game from `play`.
    pub game: GameId,
    /// The episode from `play`.
    pub episode: u32,
    /// Steps made per second of play.
    pub fps: Finite,
    /// Median time of one step, in milliseconds.
    pub step_p50: Finite,
    /// 99th percentile of the time of one step, in milliseconds.
    pub step_p99: Finite,
    /// Frames that began more than one frame late.
    pub late: u32,
    /// Milliseconds from opening the page to the first frame of the first episode; absent in later episodes.
    pub first_frame: Option<Finite>,
    /// Median time from a key event to the first picture that shows what followed, in milliseconds; absent where nothing
    /// was measured.
    #[serde(default)]
    pub photon_p50: Option<Finite>,
    /// 99th percentile of the same.
    #[serde(default)]
    pub photon_p99: Option<Finite>,
}
