//! What follows from an input: facts to store, then effects for the participant's actor to carry out.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Owed, Way};
use crate::facts::{ParticipantFact, Target};
use crate::ids::{GameId, PartName, SceneId, SubjectId};
use crate::rules::embedded::HookCall;
use crate::rules::functions::{Argument, FunctionKey};
use crate::wire::{AnswerStored, Failed, PageState, Progress, RefusalCode, Refused, Told, Wanting, Warning};

/// Facts to store, then effects to carry out.
#[derive(Debug, Default)]
pub struct Decision {
    /// To be stored, in this order, before anything else.
    pub facts: Vec<ParticipantFact>,
    /// To be carried out after that, in this order.
    pub effects: Vec<Effect>,
}

impl Decision {
    pub(super) fn malformed(&mut self, message: String) {
        self.effects.push(Effect::Refuse(Refused { code: RefusalCode::Malformed, message }));
    }

    pub(super) fn refuse(&mut self, message: String) {
        self.effects.push(Effect::Refuse(Refused { code: RefusalCode::OutOfPlace, message }));
    }
}

/// What its actor has to do, once the facts are stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Greet; the flag tells whether the participant was there before.
    Welcome(bool),
    /// Show the current scene.
    ShowScene,
    /// It wants to leave the page of this visit, before it is decided whether it is let in.
    Hold(u32),
    /// It was let in, in this visit.
    LetIn(u32),
    /// Ask the researcher's function whether it is let in.
    AskEntry(Vec<Argument>),
    /// Warn a player, or take the warning back.
    Warn(Warning),
    /// Open a game for this visit and scene.
    OpenGame(u32, SceneId),
    /// Tell the browser what stands beside the game of this visit for whoever plays this agent.
    TellGamePage(u32, String),
    /// Have a bonus computed, and say what came of it.
    ComputeBonus(Owed),
    /// Connect the participant with its running game.
    FindGame(GameId),
    /// Let it play in its game, in which its page has come this far.
    JoinGame(GameId, Option<Progress>),
    /// Let it wait for others in this visit and scene; these are those with whom it played last.
    Wait(u32, SceneId, BTreeSet<SubjectId>),
    /// End a game of this scene, which it cannot go on with.
    AbandonGame(GameId, SceneId),
    /// Tell the browser that an answer is stored.
    AnswerStored(AnswerStored),
    /// Tell the browser how far its document has come, and what is stored of it.
    SavedStored(PageState),
    /// Call a function of the experiment module; `Hooked` is its answer.
    CallHook(HookCall),
    /// Tell the document what a function has said.
    Tell(Told),
    /// Tell the browser why the scene cannot be left yet.
    Want(Wanting),
    /// Write the files of a visit anew.
    Project(Target),
    /// Give it its number.
    Number,
    /// Have a function called that says where it goes on, with what it is told of the participant.
    AskWay(Way, FunctionKey, Value),
    /// Ask for its level of a condition; these are those with whom it played last.
    AskLevel(Way, PartName, BTreeSet<SubjectId>),
    /// Tell the operator of something odd that the study's own code has done.
    Odd(String),
    /// Tell the operator of a failure in the browser.
    Report(Failed),
    /// Tell the browser that a message was refused.
    Refuse(Refused),
}
