//! A game that runs on the service, in both directions: pictures go to the player, what it does comes back.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use ts_rs::TS;

use super::Finite;
use crate::ids::GameId;

/// A picture of a streamed game. It changes what the picture before it showed, unless it is complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Picture {
    /// The episode.
    pub episode: u32,
    /// Counts a player's pictures from 1 in each episode; `seen` names it.
    pub number: u32,
    /// Number of frames that led to the state shown.
    pub frame: u32,
    /// A draw packet, as JSON (see `docs/protocol.md`); a complete one has `full` set.
    pub draw: Option<String>,
    /// The environment's own frame.
    pub image: Option<Image>,
    /// Text above the game.
    pub hud: Option<String>,
    /// The player's score so far in the episode.
    pub score: Option<Finite>,
    /// Pictures to be loaded for drawing, as JSON; only when they have changed, and in complete pictures.
    pub assets: Option<String>,
}

/// A frame of an environment that draws its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Image {
    /// Its MIME type, `image/jpeg` or `image/png`.
    pub mime: String,
    /// The file.
    #[ts(type = "Uint8Array")]
    pub data: ByteBuf,
}

/// What a player did has been played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Echo {
    /// The episode.
    pub episode: u32,
    /// The `number` of the newest `acts` that has been played.
    pub number: u32,
    /// The first picture that shows what followed is that of this frame, or of a later one.
    pub frame: u32,
}

/// What a player of a streamed game does.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Acts {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
    /// Counts these messages from 1 in each episode; `echo` names it.
    pub number: u32,
    /// Which of the scene's `bindings`; absent for no key. Held keys act until the next of these messages, a single press
    /// acts once.
    pub binding: Option<u32>,
    /// Where the mouse or a finger acts, instead of a key. Like a held key or a single press, as the scene's `pointer` says.
    #[serde(default)]
    pub pointer: Option<PointerAct>,
}

/// A place on the game's picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PointerAct {
    /// Game pixels from the left, less than the game's width.
    pub x: u32,
    /// Game pixels from the top, less than the game's height.
    pub y: u32,
    /// Whether it is pressed.
    pub pressed: bool,
}

/// Tells that a picture is on the screen, so that the service may send further ones.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
    /// The `number` of the newest `picture` that was drawn.
    pub number: u32,
}
