//! The service's own copy of the environment, as the game sees it: what it is told to do, and what comes of that.

use serde_bytes::ByteBuf;

use crate::wire::{RunnerState, Turn};

/// Something for the service's own copy to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// Stand at the beginning of an episode, or where a state says.
    Stand {
        /// The episode.
        episode: u32,
        /// Its seed.
        seed: u32,
        /// The state to go on from; the episode's start when absent.
        from: Option<RunnerState>,
        /// Values that scenes share, by agent, as JSON.
        globals: Option<String>,
    },
    /// Step through confirmed frames.
    Advance {
        /// The episode.
        episode: u32,
        /// The first of them.
        first: u32,
        /// Of each frame the action of each seat, as MessagePack.
        frames: Vec<Vec<ByteBuf>>,
        /// Seats that need a complete picture, as a set of bits.
        complete: u32,
    },
}

/// What comes of the service's own copy.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// There is an environment, which stands nowhere yet: for the first time, or after it was lost.
    Opened,
    /// It is lost with everything that it was told to do; another one is being made.
    Lost,
    /// It stands where it was told to, or has stepped. Answers come in the order of the orders.
    Turn(Box<Turn>),
    /// There is none, and there will be none: the game cannot go on. In one line, why.
    Failed(String),
}
