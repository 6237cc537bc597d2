//! The store: the journal of facts in one SQLite file per study, and the files that people open, written from it.

pub(crate) mod files;
mod journal;

pub use files::Files;
pub(crate) use journal::Quiet;
pub use journal::{SqliteJournal, StoreError};
