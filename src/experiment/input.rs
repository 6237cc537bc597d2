//! What a game takes as input beside keys, and what a touch screen offers instead of them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// When the mouse or a finger on the game's picture acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Pointer {
    /// Each press acts once.
    Click,
    /// It acts as long as it is pressed.
    Hold,
    /// Its place acts in every frame, pressed or not, once it has been over the picture.
    Move,
}

impl Pointer {
    /// Whether it goes on acting until it is told otherwise.
    pub fn lasts(self) -> bool {
        self != Self::Click
    }
}

/// Where buttons for fingers are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OnScreen {
    /// Where the finger is the main pointer.
    #[default]
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}
