//! What of a browser's messages is for a game.

use super::{
    Acts, Adopted, CaughtUp, EpisodeEnded, FromBrowser, Hashes, Healed, Inputs, Prepared, Seen, Snapshot, Steps,
    Timing, Witnessed,
};

/// What a player's browser says to its game.
#[derive(Debug, Clone)]
pub enum FromPlayer {
    /// Steps of the episode.
    Steps(Steps),
    /// The episode is over.
    EpisodeEnded(EpisodeEnded),
    /// How well the frame rate was kept.
    Timing(Timing),
    /// The copy stands at the beginning of an episode.
    Prepared(Prepared),
    /// Inputs for coming frames.
    Inputs(Inputs),
    /// Hashes of the copy.
    Hashes(Hashes),
    /// How the copy came by frames.
    Witnessed(Witnessed),
    /// The copy has caught up.
    CaughtUp(CaughtUp),
    /// A state of the copy.
    Snapshot(Snapshot),
    /// The copy has adopted a state.
    Healed(Healed),
    /// The copy has adopted a state that all adopt.
    Adopted(Adopted),
    /// What the player of a streamed game does.
    Acts(Acts),
    /// A picture is on the screen.
    Seen(Seen),
}

impl FromPlayer {
    /// What a message means for a game.
    ///
    /// # Errors
    /// The message, when it is for somebody else.
    pub fn read(message: FromBrowser) -> Result<Self, Box<FromBrowser>> {
        Ok(match message {
            FromBrowser::Steps(steps) => Self::Steps(steps),
            FromBrowser::EpisodeEnded(ended) => Self::EpisodeEnded(ended),
            FromBrowser::Timing(timing) => Self::Timing(timing),
            FromBrowser::Prepared(prepared) => Self::Prepared(prepared),
            FromBrowser::Inputs(inputs) => Self::Inputs(inputs),
            FromBrowser::Hashes(hashes) => Self::Hashes(hashes),
            FromBrowser::Witnessed(witnessed) => Self::Witnessed(witnessed),
            FromBrowser::CaughtUp(caught_up) => Self::CaughtUp(caught_up),
            FromBrowser::Snapshot(snapshot) => Self::Snapshot(snapshot),
            FromBrowser::Healed(healed) => Self::Healed(healed),
            FromBrowser::Adopted(adopted) => Self::Adopted(adopted),
            FromBrowser::Acts(acts) => Self::Acts(acts),
            FromBrowser::Seen(seen) => Self::Seen(seen),
            other => return Err(Box::new(other)),
        })
    }
}
