//! The rules: pure state machines. Time and randomness come in as arguments, maps are ordered, nothing is awaited, logged
//! or read, so that every rule can be tested by itself and replayed from the journal.
//!
//! A machine *decides* (`decide`: an input becomes facts and effects) and *applies* (`apply`: a fact changes the state).
//! Between the two, its actor stores the facts; so nothing happens that the journal does not know.

pub mod answers;
pub mod branching;
pub mod codes;
pub mod conditions;
pub mod embedded;
pub mod episodes;
pub mod events;
pub mod functions;
pub mod globals;
pub mod ledger;
pub mod lobby;
pub mod matchers;
pub mod memory;
pub mod pacing;
pub mod placement;
pub mod questionnaire;
pub mod restart;
pub mod round_trip;
pub mod scores;
pub mod screening;
pub mod seeds;
pub mod session;
pub mod shared_game;
pub mod stager;
pub mod timeline;
pub mod turnstile;
pub mod waitroom;
pub mod watch;

#[cfg(test)]
mod simulation;
