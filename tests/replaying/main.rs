//! Games of the record are played again by the program itself: what is equal is found equal, what is not is named.

mod films;
mod record;
mod served;
mod verdicts;
