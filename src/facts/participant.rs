//! What happens to a participant, from the first hello to the last page.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::experiment::{About, Answer, Requirement};
use crate::ids::{GameId, QuestionId, SceneId, SubjectId, TokenDigest};
use crate::rules::answers::Drawn;
use crate::rules::memory::EpisodeResult;
use crate::rules::screening::Measured;
use crate::rules::stager::Planned;
use crate::wire::{Browser, Dismissal, FailedStage, Finite};

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
        /// The scenes to come, as far as they are known.
        order: Vec<SceneId>,
        /// The plan that they come from, where it is more than these scenes.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        plan: Vec<Planned>,
        /// The participant's number, where anything was drawn from it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<u32>,
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
        /// With whom it plays there.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        partners: BTreeSet<SubjectId>,
        /// The agent that it plays.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        agent: String,
    },
    /// The service could not go on with the game of a visit.
    GameLost {
        /// The visit it belongs to.
        visit: u32,
        /// Why.
        reason: String,
    },
    /// A scene ended in another way than planned, and a code was issued for it.
    Dismissed {
        /// The visit it belongs to.
        visit: u32,
        /// Why.
        reason: Dismissal,
        /// What the participant may have to show to be paid.
        code: String,
    },
    /// Somebody was let in, or not.
    Screened {
        /// The visit it belongs to.
        visit: u32,
        /// Whether it may take part.
        passed: bool,
        /// What was not met, if anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        requirement: Option<Requirement>,
        /// Why, in words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// What the researcher's function had to say to the participant; HTML.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// What was known of it.
        measured: Measured,
    },
    /// A player was warned.
    Warned {
        /// The visit it belongs to.
        visit: u32,
        /// What was wrong.
        about: About,
        /// Why, in words, with what was measured.
        reason: String,
    },
    /// A player may not go on.
    Excluded {
        /// The visit it belongs to.
        visit: u32,
        /// What was wrong.
        about: About,
        /// Why, in words, with what was measured.
        reason: String,
        /// What the researcher's function had to say to the participant; HTML.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// The scenes still to come were changed.
    Rerouted {
        /// All scenes: those entered so far, and those to come as far as they are known.
        order: Vec<SceneId>,
        /// The plan, if it is another one now.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        plan: Vec<Planned>,
        /// The place in the plan that comes next, from 0. Records from before there were plans have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<u32>,
        /// Why, where a branch or a condition led there.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        because: Vec<String>,
    },
    /// A participant came back on a new connection.
    Resumed {
        /// What the browser told about itself.
        browser: Browser,
    },
    /// The questions of a visit were drawn, once and for good.
    QuestionsDrawn {
        /// The visit it belongs to.
        visit: u32,
        /// In which order they are asked.
        #[serde(flatten)]
        drawn: Drawn,
    },
    /// A question was answered, or its answer changed.
    AnswerGiven {
        /// The visit it belongs to.
        visit: u32,
        /// The question.
        question: QuestionId,
        /// The answer; absent when it was taken back.
        answer: Option<Answer>,
        /// Time since the page was shown, in milliseconds, by the browser's word.
        ms: Finite,
        /// Of consent, the version of the text that was consented to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<String>,
    },
    /// The answers of a visit were handed in.
    AnswersHandedIn {
        /// The visit it belongs to.
        visit: u32,
        /// Questions whose answers are not the right ones, where there are right ones.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        wrong: Vec<QuestionId>,
    },
    /// A page of the researcher's own, or a build in it, gave something to keep.
    DataSaved {
        /// The visit it belongs to.
        visit: u32,
        /// Counts what was saved in this visit, from 1.
        number: u32,
        /// What it is, in the page's own words.
        name: String,
        /// The data.
        data: serde_json::Value,
    },
    /// A function of the experiment module was told what a page of the researcher's own does, and has answered or failed.
    PageTold {
        /// The visit it belongs to.
        visit: u32,
        /// What it was about: the number of what was saved.
        number: u32,
        /// The function: `on_episode_start`, `on_episode_end` or `on_message`.
        hook: String,
        /// What it said to the page; null for nothing.
        data: serde_json::Value,
    },
    /// Values that scenes share were set.
    GlobalsChanged {
        /// The visit it belongs to.
        visit: u32,
        /// The values, as they are from now on; the others stay as they were.
        values: serde_json::Map<String, serde_json::Value>,
    },
    /// A level of a condition was assigned.
    ConditionAssigned {
        /// The visit in which it was asked for.
        visit: u32,
        /// The condition.
        condition: String,
        /// The level.
        level: String,
    },
    /// A game is over for the participant: how it did.
    GameScored {
        /// The visit it belongs to.
        visit: u32,
        /// By episode.
        episodes: Vec<EpisodeResult>,
    },
    /// A bonus was computed by the study's function for it, or could not be.
    BonusComputed {
        /// The visit it belongs to.
        visit: u32,
        /// The scene whose bonus it is; none for that of the study.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scene: Option<SceneId>,
        /// How much.
        amount: Option<Finite>,
        /// What was wrong with the function.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// A code was issued for something else than a scene that ended in another way than planned.
    CodeIssued {
        /// The visit it belongs to.
        visit: u32,
        /// For what.
        reason: Dismissal,
        /// What the participant may have to show to be paid.
        code: String,
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
