//! Questions and answers on their way between a page and the service.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Finite, Page};
use crate::experiment::{Answer, Ask};
use crate::ids::QuestionId;

/// A page with questions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FormView {
    /// What to read before the questions.
    pub page: Page,
    /// The questions, in the participant's own order, and so are their options.
    pub questions: Vec<QuestionView>,
    /// What was answered so far.
    pub answers: BTreeMap<QuestionId, Answer>,
    /// How often the answers may still be handed in, where there are right ones.
    pub tries_left: Option<u32>,
    /// Whether answers are being mended: they were handed in, and some were wrong.
    pub wrong: Vec<QuestionId>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct QuestionView {
    /// Its id.
    pub id: QuestionId,
    /// What is asked, as HTML.
    pub prompt: String,
    /// Whether the scene cannot be left without an answer.
    pub required: bool,
    /// In which form it is answered.
    pub ask: Ask,
}

/// An answer, or a change of it; sent as it is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// The visit of the scene.
    pub visit: u32,
    /// Counts the answers that the page has sent in this visit; the acknowledgement names it.
    pub number: u32,
    /// The question.
    pub question: QuestionId,
    /// The answer; absent when it was taken back.
    pub answer: Option<Answer>,
    /// Time from the page's being shown to this, in milliseconds, by the browser's word.
    pub ms: Finite,
}

/// An answer is stored for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AnswerStored {
    /// The visit from `answered`.
    pub visit: u32,
    /// The number from `answered`.
    pub number: u32,
}

/// The scene cannot be left yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Wanting {
    /// The visit from `continue`.
    pub visit: u32,
    /// By question, what is wrong with its answer.
    pub lacks: BTreeMap<QuestionId, Lack>,
    /// Questions whose answers are not the right ones, where participants are told which.
    pub wrong: Vec<QuestionId>,
    /// How often the answers may still be handed in, where there are right ones.
    pub tries_left: Option<u32>,
}

/// What keeps an answer from being taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// There is none.
    Missing,
    /// Fewer options are chosen than asked for.
    TooFew,
    /// More options are chosen than allowed.
    TooMany,
    /// The number is below the least.
    TooSmall,
    /// The number is above the most.
    TooLarge,
    /// The number is not whole.
    NotWhole,
    /// The text has too many characters.
    TooLong,
}
