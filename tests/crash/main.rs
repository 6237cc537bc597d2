//! The service is killed, again and again, under people who come, wait, play and finish; in the end nothing may be lost.
//!
//! `make crash KILLS=300 SEED=1` runs the long one. What is done, and when, follows from the seed; how far things are by
//! then does not, and no time decides what is right.

mod audit;
mod book;
mod copy;
mod person;
mod rounds;
mod server;
#[path = "../protocol/support.rs"]
#[allow(dead_code, reason = "the tests of the protocol use more of it")]
mod support;
mod troubles;
mod world;
