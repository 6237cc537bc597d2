//! The worker processes: who runs what, and whether there is room for another game.

use super::host::{Address, Reply};
use super::runner;
use crate::ids::{GameId, SceneId};

/// What can be said to the workers.
#[derive(Debug)]
pub enum Message {
    /// May so many further games of this scene begin? What is granted is kept free for a minute.
    Reserve(SceneId, u32, Reply<Room>),
    /// So many games of this scene, granted before, do not begin after all.
    Return(SceneId, u32),
    /// A game needs an environment. It gets one on some worker in any case, and what was granted to its scene counts as
    /// used. The answer goes to the runner.
    Place(GameId, SceneId, Address<runner::Message>),
    /// A game needs its environment no longer.
    Leave(GameId),
}

/// What there is room for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Room {
    /// How many further games may begin.
    pub games: u32,
    /// Why no more, for the operator.
    pub reason: Option<String>,
}
