//! The store: the journal of facts in one SQLite file per study, and the files that people open, written from it.

mod files;
mod games;
mod journal;

pub use files::Files;
pub use games::{Games, PlayedGame, PlayedSeat};
pub use journal::{SqliteJournal, StoreError};
