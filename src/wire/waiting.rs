//! Waiting for other players, in both directions.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How the waiting goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Waiting {
    /// The visit that waits.
    pub visit: u32,
    /// What the participant is doing.
    pub state: WaitingState,
    /// Place in the queue, from 1.
    pub position: u32,
    /// How many wait, this participant included.
    pub count: u32,
    /// How many play together.
    pub size: u32,
    /// How long the participant has waited, in milliseconds.
    pub waited_ms: u32,
    /// How long it waits at most from now on, in milliseconds.
    pub left_ms: u32,
}

/// What a waiting participant is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WaitingState {
    /// It could be matched.
    Waiting,
    /// It is being asked whether it is there.
    Checking,
    /// It did not answer, and is not asked again before its page comes into sight.
    Asleep,
    /// Enough people are there, but the service has no room for another game at the moment.
    Full,
}

/// Asks a waiting participant's page whether it is visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Check {
    /// The visit that waits.
    pub visit: u32,
    /// To be named in the answer.
    pub proposal: u64,
    /// Time to answer, in milliseconds.
    pub milliseconds: u32,
}

/// Answers a `check`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Present {
    /// The visit that waits.
    pub visit: u32,
    /// The proposal from `check`; absent when a page, hidden before, comes into sight by itself.
    pub proposal: Option<u64>,
    /// Whether the page is visible.
    pub visible: bool,
}

/// Ends the waiting.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Leave {
    /// The visit that waits.
    pub visit: u32,
}
