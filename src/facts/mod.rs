//! What the journal remembers: a sequence of facts in streams, from which everything else can be rebuilt.
//!
//! A fact is stored before anyone is told of it, and the state of a participant or a game is what its facts make of it,
//! so that resuming after a restart is the same code as running.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{GameId, SceneId, SubjectId};
use crate::rules::{conditions, lobby, waitroom};

mod entry;
mod game;
mod participant;
mod scene;
mod store;
mod study;

pub use entry::{Entry, Payload, Recorded};
pub use game::{GameFact, Outcome, SeatTaken};
pub use participant::ParticipantFact;
pub use scene::SceneFact;
pub use store::{Journal, JournalError, Projector, Target};
pub use study::StudyFact;

/// A sequence of facts with one owner.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// A participant's facts.
    Participant(SubjectId),
    /// A game's facts.
    Game(GameId),
    /// The facts of a scene's waiting room.
    Scene(SceneId),
    /// Who came when, and who was assigned which level of a condition.
    Assignments,
    /// The facts of the study as a whole.
    Study,
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Participant(subject) => write!(f, "participant/{subject}"),
            Self::Game(game) => write!(f, "game/{game}"),
            Self::Scene(scene) => write!(f, "scene/{scene}"),
            Self::Assignments => write!(f, "assignments"),
            Self::Study => write!(f, "study"),
        }
    }
}

/// A fact of any stream. The names are part of the stored form: add, never rename.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fact {
    /// Of a participant.
    Participant(ParticipantFact),
    /// Of a game.
    Game(GameFact),
    /// Of a game for several players: who is there, who is ready, who is host.
    Lobby(lobby::Fact),
    /// Of a scene: who waits, who was asked, who was matched.
    WaitRoom(waitroom::Fact),
    /// Of the assignment of conditions.
    Assignment(conditions::Fact),
    /// Of a scene.
    Scene(SceneFact),
    /// Of the study as a whole.
    Study(StudyFact),
}

impl From<ParticipantFact> for Fact {
    fn from(fact: ParticipantFact) -> Self {
        Self::Participant(fact)
    }
}

impl From<lobby::Fact> for Fact {
    fn from(fact: lobby::Fact) -> Self {
        Self::Lobby(fact)
    }
}

impl From<waitroom::Fact> for Fact {
    fn from(fact: waitroom::Fact) -> Self {
        Self::WaitRoom(fact)
    }
}

impl From<conditions::Fact> for Fact {
    fn from(fact: conditions::Fact) -> Self {
        Self::Assignment(fact)
    }
}

impl From<SceneFact> for Fact {
    fn from(fact: SceneFact) -> Self {
        Self::Scene(fact)
    }
}

impl From<StudyFact> for Fact {
    fn from(fact: StudyFact) -> Self {
        Self::Study(fact)
    }
}

impl From<GameFact> for Fact {
    fn from(fact: GameFact) -> Self {
        Self::Game(fact)
    }
}

/// A participant in one of its visits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Visitor {
    /// Who.
    pub subject: SubjectId,
    /// In which visit.
    pub visit: u32,
}
