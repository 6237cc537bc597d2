//! The actors in virtual time: tokio's clock is paused and jumps whenever all of them are idle.

mod admission;
mod assigning;
mod callbacks;
mod crowd;
mod disk;
mod gates;
mod hosting;
mod house;
mod page;
mod recording;
mod returning;
#[path = "../support/studies.rs"]
mod studies;
mod troubles;
mod waiting;
