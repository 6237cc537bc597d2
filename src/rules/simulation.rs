//! Whole games in one process, without sockets: the rule as it is, with a store that takes its time and a service that is
//! restarted now and then; players whose pages speak the protocol over connections that delay, stall and break; and a toy
//! environment whose state is a hash of everything that ever happened in it.
//!
//! Everything comes from one seed: a schedule that fails is named by its number and fails again. `PROPTEST_CASES` says how
//! many are played, `SCHEDULE` plays one alone.

mod copy;
mod host_rows;
mod pacer;
mod page;
mod player;
mod runner;
mod served;
mod service;
mod tests;
mod toy;
mod verdict;
mod viewer;
mod world;

use toy::Random;

/// Milliseconds of a frame at 30 fps.
const FRAME: f64 = 1000.0 / 30.0;
