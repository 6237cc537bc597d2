//! A game for several players.

use super::game;
use super::host::{Failure, Me, Room};
use super::services::Services;
use crate::experiment::GymScene;
use crate::facts::Recorded;
use crate::ids::GameId;

/// A record from which no game can be made.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the record of the game cannot be understood")]
pub struct BrokenRecord;

/// A game for several players.
pub struct SharedGame;

impl SharedGame {
    /// A game in the state that its facts make.
    ///
    /// # Errors
    /// When they make none.
    pub fn resume(_: &GymScene, _: GameId, facts: &[Recorded], _: Services) -> Result<Self, BrokenRecord> {
        if facts.is_empty() { Err(BrokenRecord) } else { Ok(Self) }
    }
}

impl Room for SharedGame {
    type Message = game::Message;
    const KIND: &'static str = "shared_game";

    async fn handle(&mut self, message: game::Message, me: &Me<game::Message>) -> Result<(), Failure> {
        match message {
            game::Message::Attach(attachment) => attachment.connection.enter_game(Some(me.address().clone())),
            game::Message::Abandon(_) => me.stop(),
            _ => {}
        }
        Ok(())
    }
}
