//! What of a browser's messages is for a game.

use super::*;
use crate::ids::GameId;

/// Messages of [`FromBrowser`] of the same names, which all tell the game and the episode that they are about.
macro_rules! from_player {
    ($($(#[$doc:meta])* $message:ident,)*) => {
        /// What a player's browser says to its game.
        #[derive(Debug, Clone)]
        pub enum FromPlayer {
            $($(#[$doc])* $message($message),)*
        }

        impl FromPlayer {
            /// What a message means for a game.
            ///
            /// # Errors
            /// The message, when it is for somebody else.
            pub fn read(message: FromBrowser) -> Result<Self, Box<FromBrowser>> {
                match message {
                    $(FromBrowser::$message(said) => Ok(Self::$message(said)),)*
                    other => Err(Box::new(other)),
                }
            }

            /// The game and the episode that it is about.
            pub fn about(&self) -> (GameId, u32) {
                match self {
                    $(Self::$message(said) => (said.game, said.episode),)*
                }
            }
        }
    };
}

from_player! {
    /// Steps of the episode.
    Steps,
    /// The episode is over.
    EpisodeEnded,
    /// How well the frame rate was kept.
    Timing,
    /// The copy stands at the beginning of an episode.
    Prepared,
    /// Inputs for coming frames.
    Inputs,
    /// Hashes of the copy.
    Hashes,
    /// How the copy came by frames.
    Witnessed,
    /// The copy has caught up.
    CaughtUp,
    /// A state of the copy.
    Snapshot,
    /// The copy has adopted a state.
    Healed,
    /// The copy has adopted a state that all adopt.
    Adopted,
    /// What the player of a streamed game does.
    Acts,
    /// A picture is on the screen.
    Seen,
}
