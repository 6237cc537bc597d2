//! What a store has to offer: an append-only journal, and the files that people open.

use super::{Entry, Recorded, Stream};
use crate::ids::{GameId, SceneId, SubjectId};

/// The append-only record. One implementation is embedded (`store`); a replicated log can stand behind it as well.
pub trait Journal: Send + 'static {
    /// Appends all entries or none, durably: when it returns, a crash of the process or the machine loses nothing.
    fn append(&mut self, entries: &[Entry]) -> Result<(), JournalError>;

    /// All facts of a stream, oldest first; empty when there is no such stream.
    fn read(&mut self, stream: &Stream) -> Result<Vec<Recorded>, JournalError>;

    /// Said last, and only when everything that is made of the facts has been made: the next start has nothing to catch up.
    fn settle(&mut self) -> Result<(), JournalError>;
}

/// The journal could not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the journal could not {doing}: {cause}")]
pub struct JournalError {
    /// What it was about to do.
    pub doing: &'static str,
    /// Why it could not.
    pub cause: String,
}

/// Files that people open, written from the journal.
pub trait Projector: Send + 'static {
    /// Writes the files of one participant in one scene anew.
    fn project(&mut self, target: &Target) -> Result<(), JournalError>;
}

/// The files of one participant in one visit of a scene.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The participant.
    pub subject: SubjectId,
    /// The scene.
    pub scene: SceneId,
    /// The visit.
    pub visit: u32,
    /// The game played there, if any.
    pub game: Option<GameId>,
}
