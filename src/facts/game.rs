//! What happens to a game, of one person or of several: its players, its episodes, and what its record is made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Visitor;
use crate::experiment::Merge;
use crate::ids::{SceneId, SubjectId};
use crate::rules::globals::ByAgent;
use crate::wire::{Finite, StateHash, Timing};

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
    /// The game was given the values that scenes share.
    GlobalsGiven {
        /// By agent, of each that a participant plays.
        globals: ByAgent,
        /// How what is set meets what is there, where it does not just replace it.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        merge: BTreeMap<String, Merge>,
    },
    /// An episode has changed values that scenes share.
    GlobalsLeft {
        /// Episode, counted from 0.
        episode: u32,
        /// By agent those that changed, merged.
        globals: ByAgent,
    },
    /// How well the browser kept the frame rate.
    TimingReported {
        /// The report.
        timing: Timing,
    },
    /// The same of a player's browser, in a game of several players or on the service.
    SeatTimed {
        /// Whose.
        seat: usize,
        /// The report.
        timing: Timing,
    },
    /// The game is over.
    GameEnded {
        /// How it ended.
        outcome: Outcome,
    },
    /// A game for several players began.
    GameMatched {
        /// Its scene.
        scene: SceneId,
        /// Who plays, in the order of the seats.
        seats: Vec<SeatTaken>,
        /// From which the seeds of the episodes are derived.
        seed: u32,
    },
    /// An episode of a game for several players is about to begin for a player.
    SeatPrepared {
        /// Episode, counted from 0.
        episode: u32,
        /// Whose.
        seat: usize,
        /// Frames between a key press and the frame it is for.
        input_delay: u32,
    },
    /// Frames were confirmed; the entry's payload holds them.
    FramesConfirmed {
        /// Episode, counted from 0.
        episode: u32,
        /// The first of them.
        first: u32,
        /// How many.
        count: u32,
    },
    /// A player's browser told how its copy came by frames; the entry's payload holds it.
    FramesWitnessed {
        /// Episode, counted from 0.
        episode: u32,
        /// Whose.
        seat: usize,
        /// The first of them.
        first: u32,
        /// How many.
        count: u32,
    },
    /// A state of the reference; the entry's payload holds it.
    SnapshotTaken {
        /// Episode, counted from 0.
        episode: u32,
        /// Number of confirmed frames that led to it.
        frame: u32,
        /// Whose copy.
        seat: usize,
    },
    /// All copies that are there have the same state.
    CopiesAgreed {
        /// Episode, counted from 0.
        episode: u32,
        /// Number of confirmed frames that led to it.
        frame: u32,
        /// The state's hash.
        hash: StateHash,
    },
    /// A copy differs from the reference.
    CopyDiffers {
        /// Episode, counted from 0.
        episode: u32,
        /// Number of confirmed frames that led to the state.
        frame: u32,
        /// Whose copy.
        seat: usize,
    },
    /// A copy has adopted the reference's state.
    CopyHealed {
        /// Episode, counted from 0.
        episode: u32,
        /// Number of confirmed frames that led to the state.
        frame: u32,
        /// Whose copy.
        seat: usize,
        /// In which fields it had differed.
        fields: Vec<String>,
    },
    /// How a player's connection does.
    LinkSampled {
        /// Episode, counted from 0.
        episode: u32,
        /// Number of frames confirmed by then.
        frame: u32,
        /// Whose.
        seat: usize,
        /// Median round trip, in milliseconds.
        rtt_ms: Option<u32>,
        /// How early the player's inputs arrive, in milliseconds.
        margin_ms: Option<i32>,
        /// Inputs so far that came too late for their frame.
        late: u32,
        /// How often so far the player's copy took over a state of the service's copy because its own was not the same.
        #[serde(default, skip_serializing_if = "is_zero")]
        adopted: u32,
        /// The largest difference between two numbers of such states so far.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        largest: Option<Finite>,
    },
    /// A state of the service's own copy; the entry's payload holds it.
    RunnerSnapshot {
        /// Episode, counted from 0.
        episode: u32,
        /// Number of confirmed frames that led to it.
        frame: u32,
    },
    /// A copy has taken over a state of the service's copy, and had differed from it by more than rounding explains.
    CopyAdopted {
        /// Episode, counted from 0.
        episode: u32,
        /// Number of confirmed frames that led to the state.
        frame: u32,
        /// Whose copy.
        seat: usize,
        /// The largest difference between two numbers of the same place; absent when the copy could not tell.
        largest: Option<Finite>,
        /// In which fields it had differed.
        fields: Vec<String>,
    },
    /// The clock waited for the service's own copy.
    ClockStretched {
        /// Episode, counted from 0.
        episode: u32,
        /// Number of frames confirmed by then.
        frame: u32,
        /// How long in this episode so far, in milliseconds.
        ms: u32,
    },
    /// The service has no copy of the environment any more, and the game cannot go on.
    RunnerFailed {
        /// Why, in one line.
        reason: String,
    },
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over like this")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Who plays on a seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatTaken {
    /// The agent.
    pub agent: String,
    /// The participant, in its visit; a bot when absent.
    pub player: Option<Visitor>,
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
