//! Games of the record are played again by the program itself: what is equal is found equal, what is not is named.

mod films;
mod record;
mod served;
#[path = "../protocol/support.rs"]
#[allow(dead_code, reason = "only its connection is needed")]
mod support;
mod verdicts;
