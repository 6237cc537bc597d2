//! Questions: what a scene asks, and in which form.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::{QuestionId, SceneId};
use crate::wire::Finite;

/// The questions of a scene; none for a page that is only read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Form {
    /// The questions, in the researcher's order. No id stands twice.
    pub questions: Vec<Question>,
    /// Whether each participant gets them in an order of its own.
    pub shuffle: bool,
    /// How often wrong answers may be mended, where there are right ones.
    pub tries: Option<Tries>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Its id, which names the columns of its answers.
    pub id: QuestionId,
    /// What is asked, as HTML.
    pub prompt: String,
    /// Whether the scene cannot be left without an answer.
    pub required: bool,
    /// In which form it is answered.
    pub ask: Ask,
    /// The right answer, where there is one. Browsers are not told.
    pub correct: Option<Answer>,
}

/// The form in which a question is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Ask {
    /// A text.
    Text {
        /// Lines of the box, at least 1.
        lines: u32,
        /// Most characters, at most [`LONGEST_TEXT`].
        max_length: u32,
        /// What stands in the empty box.
        placeholder: String,
    },
    /// A number.
    Number {
        /// The least that is allowed.
        min: Option<Finite>,
        /// The most that is allowed.
        max: Option<Finite>,
        /// Whether it must be whole.
        whole: bool,
        /// What stands behind the box, such as `years`.
        unit: String,
    },
    /// One or several of some options.
    Choice {
        /// The options, in the researcher's order. No id stands twice.
        options: Vec<Alternative>,
        /// Whether several may be chosen.
        several: bool,
        /// How many must be chosen at least, if it is answered.
        at_least: u32,
        /// How many may be chosen at most.
        at_most: u32,
        /// Whether each participant gets them in an order of its own.
        shuffle: bool,
        /// What they look like.
        look: Look,
    },
    /// A point on a scale.
    Scale {
        /// Number of points, at least 2; the answer is the point's number, counted from 0.
        points: u32,
        /// Words along the scale, spread evenly.
        labels: Vec<String>,
        /// Whether it is a slider instead of a row of buttons. Nothing is chosen before it is touched.
        slider: bool,
    },
    /// A table with the same scale in every row.
    Grid {
        /// The rows. No id stands twice.
        rows: Vec<Row>,
        /// The words above the columns; the answer of a row is the column's number, counted from 0.
        columns: Vec<String>,
        /// Whether each participant gets the rows in an order of its own.
        shuffle: bool,
    },
    /// Consent to something that is told in the prompt.
    Consent {
        /// What stands beside the box.
        label: String,
        /// Version of the text that is consented to; recorded with the answer.
        version: String,
    },
}

/// Longest text that an answer may be, in characters.
pub const LONGEST_TEXT: u32 = 20_000;

/// An option of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Alternative {
    /// What the data say.
    pub id: String,
    /// What participants read, as HTML.
    pub label: String,
    /// Address of a picture, below the service's base path.
    pub image: Option<String>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Row {
    /// What the data say.
    pub id: String,
    /// What participants read, as HTML.
    pub label: String,
}

/// What options look like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// One below the other, with a mark before each.
    #[default]
    List,
    /// Boxes side by side.
    Boxes,
    /// A list that opens.
    Dropdown,
}

/// What wrong answers lead to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tries {
    /// How often the answers may be handed in, at least once.
    pub number: u32,
    /// Whether participants are told which answers are wrong.
    pub tell: bool,
    /// What follows when the last try is wrong.
    pub failed: Consequence,
}

/// What follows for somebody who does not meet a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consequence {
    /// The study goes on; the data tell.
    Continue,
    /// Another scene, further on in the study.
    Scene(SceneId),
    /// The study ends for the participant, with a code of its own.
    Exclude,
}

/// An answer. Its form depends on the question's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(untagged)]
pub enum Answer {
    /// Consent, or its refusal.
    Flag(bool),
    /// A number, or a point on a scale.
    Number(Finite),
    /// A text, or the one option that is chosen.
    Text(String),
    /// The options that are chosen, in the order of the question.
    Chosen(Vec<String>),
    /// The column that is chosen in each row that is answered.
    Rows(BTreeMap<String, u32>),
}

/// What a name such as `grid.row` may mean, where no question has it: a question, and a row of it.
pub fn rows_named(name: &QuestionId) -> impl Iterator<Item = (QuestionId, String)> {
    let whole = name.as_str();
    whole.match_indices('.').filter_map(|(dot, _)| Some((whole[..dot].parse().ok()?, whole[dot + 1..].to_owned())))
}
