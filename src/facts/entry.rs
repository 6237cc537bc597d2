//! A fact on its way into the journal and out of it, with what is too much for the fact itself.

use serde_bytes::ByteBuf;

use super::{Fact, GameFact, Stream, StudyFact};
use crate::rules::timeline::Closed;
use crate::time::Timestamp;
use crate::wire::{FrameSeen, RunnerState, Step};

/// A fact on its way into the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Whose fact.
    pub stream: Stream,
    /// When.
    pub at: Timestamp,
    /// What.
    pub fact: Fact,
    /// What belongs to it.
    pub payload: Payload,
}

/// A fact out of the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// When.
    pub at: Timestamp,
    /// What.
    pub fact: Fact,
    /// What belongs to it.
    pub payload: Payload,
}

/// What is too much for a fact itself, and belongs to it.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Payload {
    /// Nothing.
    #[default]
    None,
    /// Of [`GameFact::StepsAccepted`].
    Steps(Vec<Step>),
    /// Of [`GameFact::FramesConfirmed`].
    Frames(Vec<Closed>),
    /// Of [`GameFact::FramesWitnessed`].
    Witnessed(Vec<FrameSeen>),
    /// Of [`GameFact::SnapshotTaken`].
    State(ByteBuf),
    /// Of [`GameFact::RunnerSnapshot`].
    Runner(Box<RunnerState>),
    /// Of [`StudyFact::StudyOpened`]: a tar archive, compressed by gzip.
    Archive(ByteBuf),
}

impl Payload {
    /// The steps, if it is steps.
    pub fn steps(&self) -> &[Step] {
        if let Self::Steps(steps) = self { steps } else { &[] }
    }

    /// The confirmed frames, if it is frames.
    pub fn frames(&self) -> &[Closed] {
        if let Self::Frames(frames) = self { frames } else { &[] }
    }

    /// How a player came by frames, if it is that.
    pub fn witnessed(&self) -> &[FrameSeen] {
        if let Self::Witnessed(frames) = self { frames } else { &[] }
    }

    /// Its stored form: MessagePack; `None` when there is nothing.
    ///
    /// # Errors
    /// Never for what was made by this program.
    pub fn encode(&self) -> Result<Option<Vec<u8>>, rmp_serde::encode::Error> {
        match self {
            Self::None => Ok(None),
            Self::Steps(steps) => rmp_serde::to_vec(steps).map(Some),
            Self::Frames(frames) => rmp_serde::to_vec(frames).map(Some),
            Self::Witnessed(frames) => rmp_serde::to_vec(frames).map(Some),
            Self::State(state) | Self::Archive(state) => Ok(Some(state.to_vec())),
            Self::Runner(state) => rmp_serde::to_vec(&**state).map(Some),
        }
    }

    /// Reads the stored form of what belongs to a fact.
    ///
    /// # Errors
    /// When the bytes are something else.
    pub fn decode(fact: &Fact, bytes: &[u8]) -> Result<Self, rmp_serde::decode::Error> {
        Ok(match fact {
            Fact::Game(GameFact::StepsAccepted { .. }) => Self::Steps(rmp_serde::from_slice(bytes)?),
            Fact::Game(GameFact::FramesConfirmed { .. }) => Self::Frames(rmp_serde::from_slice(bytes)?),
            Fact::Game(GameFact::FramesWitnessed { .. }) => Self::Witnessed(rmp_serde::from_slice(bytes)?),
            Fact::Game(GameFact::SnapshotTaken { .. }) => Self::State(ByteBuf::from(bytes)),
            Fact::Game(GameFact::RunnerSnapshot { .. }) => Self::Runner(Box::new(rmp_serde::from_slice(bytes)?)),
            Fact::Study(StudyFact::StudyOpened { .. }) => Self::Archive(ByteBuf::from(bytes)),
            _ => Self::None,
        })
    }
}
