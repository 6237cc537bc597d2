//! The store: the journal of facts in one SQLite file per study, the study itself as it was when they were written, and the
//! files that people open.

mod archive;
mod difference;
pub(crate) mod files;
mod games;
mod journal;
mod kept;

pub use archive::{ARCHIVE_LIMIT, Archive, ArchiveError};
pub use difference::Difference;
pub use files::Files;
pub use games::{Games, PlayedGame, PlayedSeat};
pub(crate) use journal::Quiet;
pub use journal::{SqliteJournal, StoreError};
pub use kept::{Definition, KeptError, KeptStudy, Standing};
