//! The actors in virtual time: tokio's clock is paused and jumps whenever all of them are idle.

mod admission;
mod assigning;
mod callbacks;
mod gates;
mod hosting;
mod recording;
mod troubles;
mod waiting;
