//! A game's link to the worker that hosts its environment.

use crate::rules::shared_game::Order;

/// What can be said to a runner.
#[derive(Debug)]
pub enum Message {
    /// (From its game) something to do.
    Order(Order),
}
