//! What the journal remembers: a sequence of facts in streams, from which everything else can be rebuilt.
//!
//! A fact is stored before anyone is told of it, and the state of a participant or a game is what its facts make of it,
//! so that resuming after a restart is the same code as running.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{GameId, SceneId, SubjectId, TokenDigest};
use crate::time::Timestamp;
use crate::wire::{Browser, FailedStage, Step, Timing};

/// A sequence of facts with one owner.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// A participant's facts.
    Participant(SubjectId),
    /// A game's facts.
    Game(GameId),
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Participant(subject) => write!(f, "participant/{subject}"),
            Self::Game(game) => write!(f, "game/{game}"),
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
}

/// What happens to a participant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum ParticipantFact {
    /// A participant came for the first time.
    ParticipantCreated {
        /// Digest of the secret that its browser keeps.
        token: TokenDigest,
        /// Query parameters of the page.
        parameters: BTreeMap<String, String>,
        /// What the browser told about itself.
        browser: Browser,
    },
    /// The order of scenes was drawn, once and for good.
    ScenesDrawn {
        /// The scenes to come.
        order: Vec<SceneId>,
    },
    /// A scene was entered.
    SceneEntered {
        /// Counts the scenes entered, from 1.
        visit: u32,
        /// Which one.
        scene: SceneId,
    },
    /// A game was opened for the participant.
    GameJoined {
        /// The visit it belongs to.
        visit: u32,
        /// The game.
        game: GameId,
    },
    /// The service could not go on with the game of a visit.
    GameLost {
        /// The visit it belongs to.
        visit: u32,
        /// Why.
        reason: String,
    },
    /// A participant came back on a new connection.
    Resumed {
        /// What the browser told about itself.
        browser: Browser,
    },
    /// Something failed in the browser.
    BrowserFailed {
        /// The visit in which it failed.
        visit: u32,
        /// What failed.
        stage: FailedStage,
        /// One line.
        message: String,
        /// Traceback or stack.
        traceback: String,
        /// Whether the scene was given up.
        give_up: bool,
    },
}

/// What happens to a game.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum GameFact {
    /// A game began.
    GameOpened {
        /// Its scene.
        scene: SceneId,
        /// The visit of its player.
        visit: u32,
        /// Who plays which agent.
        players: BTreeMap<String, SubjectId>,
        /// From which the seeds of the episodes are derived.
        seed: u32,
    },
    /// Steps were stored; the entry's payload holds them as MessagePack (`Vec<Step>`).
    StepsAccepted {
        /// Episode, counted from 0.
        episode: u32,
        /// Number of the first step.
        first: u32,
        /// How many.
        count: u32,
    },
    /// An episode is over.
    EpisodeEnded {
        /// Episode, counted from 0.
        episode: u32,
        /// How many steps it had.
        steps: u32,
    },
    /// How well the browser kept the frame rate.
    TimingReported {
        /// The report.
        timing: Timing,
    },
    /// The game is over.
    GameEnded {
        /// How it ended.
        outcome: Outcome,
    },
}

/// How a game ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All episodes were played.
    Complete,
    /// The environment failed, or the participant gave it up.
    Failed,
}

impl From<ParticipantFact> for Fact {
    fn from(fact: ParticipantFact) -> Self {
        Self::Participant(fact)
    }
}

impl From<GameFact> for Fact {
    fn from(fact: GameFact) -> Self {
        Self::Game(fact)
    }
}

/// A fact on its way into the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Whose fact.
    pub stream: Stream,
    /// When.
    pub at: Timestamp,
    /// What.
    pub fact: Fact,
    /// The steps of [`GameFact::StepsAccepted`].
    pub steps: Vec<Step>,
}

/// A fact out of the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// When.
    pub at: Timestamp,
    /// What.
    pub fact: Fact,
    /// The steps of [`GameFact::StepsAccepted`].
    pub steps: Vec<Step>,
}

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
