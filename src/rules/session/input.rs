//! What can happen to a participant.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Look, Luck, Owed, Way};
use crate::facts::Outcome;
use crate::ids::{GameId, PartName, SubjectId, TokenDigest};
use crate::rules::conditions::Placing;
use crate::rules::embedded::HookCall;
use crate::rules::functions::FunctionKey;
use crate::rules::memory::EpisodeResult;
use crate::rules::watch::Change;
use crate::wire::{Answered, Dismissal, Failed, Finite, Hello, Ready, Saved};

/// What can happen to a participant.
#[derive(Debug)]
pub enum Input {
    /// It came, or came back; the digest is that of the token it will hold.
    Arrive(Box<Hello>, TokenDigest),
    /// It is done with the page of a visit.
    Continue(u32, Luck),
    /// A look was taken at it, at the entrance.
    Looked(Look),
    /// Something was found in this visit while it was watched.
    Watched(u32, Change, Luck),
    /// It lacks a code.
    Code(Luck),
    /// It answered a question.
    Answered(Answered),
    /// This is what a game has made of the values that it shares with other scenes.
    GlobalsLeft(GameId, Map<String, Value>),
    /// A document of the researcher's own gives something to keep.
    Saved(Saved),
    /// A function of the experiment module has answered; nothing if it failed.
    Hooked(HookCall, Option<serde_json::Value>),
    /// It is ready for the game of a visit.
    Ready(Ready),
    /// A game was opened for a visit, with these others; this is the agent that the participant plays.
    GameOpened(u32, GameId, BTreeSet<SubjectId>, String),
    /// No game can be opened for a visit at the moment.
    GameRefused(u32),
    /// The service cannot go on with a game.
    GameLost(GameId, String),
    /// A game is over; how the participant did in it, by episode.
    GameOver(GameId, Ending, Vec<EpisodeResult>, Luck),
    /// A bonus was computed, or could not be.
    Bonus(Owed, Result<Finite, String>),
    /// The waiting for others ended in a visit without a game.
    Dismissed(u32, Dismissal, Luck),
    /// Something failed in the browser.
    Failed(Failed),
    /// Its number among all participants.
    Numbered(u32),
    /// What a function said that was asked on the way; nothing when it failed.
    WayTold(Way, FunctionKey, Option<Value>),
    /// What came of asking for a level on the way.
    Placed(Way, PartName, Placing, Luck),
}

/// How a participant's game ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// As planned.
    Complete,
    /// The environment failed, or the participant gave it up.
    Failed,
    /// In a way for which the participant gets a code.
    Dismissed(Dismissal),
}

impl From<Outcome> for Ending {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Complete => Self::Complete,
            Outcome::Failed => Self::Failed,
        }
    }
}
