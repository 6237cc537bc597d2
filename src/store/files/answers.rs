//! The answers of one visit, as a table: a row for each question, and of a table of questions one for each of its rows.
//!
//! Pure. The data file of a scene and the export of a study are made of it, so that they say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use serde_json::{Value, json};

use super::Problem;
use super::values::{float, truth};
use crate::experiment::{Answer, Ask, Form, Question};
use crate::facts::{Fact, ParticipantFact, Recorded};
use crate::ids::QuestionId;
use crate::rules::answers::{self, Drawn};
use crate::time::Timestamp;

/// The columns of the data file.
pub(crate) const COLUMNS: [&str; 14] = [
    "question_id",
    "item",
    "kind",
    "position",
    "options",
    "answer",
    "label",
    "correct",
    "changes",
    "first_ms",
    "last_ms",
    "first_at",
    "last_at",
    "version",
];

/// A question, or a row of a table of questions, and how it was answered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    /// The question.
    pub(crate) question: QuestionId,
    /// Of a table of questions, the row.
    pub(crate) item: Option<String>,
    /// Its kind, where it is known.
    pub(crate) kind: Option<&'static str>,
    /// Its place among the questions as they were shown, from 1.
    pub(crate) position: Option<usize>,
    /// Its options, or the rows of the table, in the order in which they were shown.
    pub(crate) options: Vec<String>,
    /// The last answer.
    pub(crate) answer: Option<Single>,
    /// What participants read beside that answer.
    pub(crate) label: Option<String>,
    /// Whether it is the right one, where there is one.
    pub(crate) correct: Option<bool>,
    /// How often the answer was changed or taken back.
    pub(crate) changes: u32,
    /// When it was answered first.
    pub(crate) first: Option<Moment>,
    /// When it was answered last, or taken back.
    pub(crate) last: Option<Moment>,
    /// Of consent, the version of the text.
    pub(crate) version: Option<String>,
}

/// One answer, as it stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Single {
    Flag(bool),
    Whole(i64),
    Number(f64),
    Text(String),
    Several(Vec<String>),
}

/// When an answer was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moment {
    /// Since the page was shown, in milliseconds, by the browser's word.
    pub(crate) ms: f64,
    /// When it was stored.
    pub(crate) at: Timestamp,
}

/// An answer in the order of time.
struct Given<'a> {
    answer: Option<&'a Answer>,
    version: Option<&'a str>,
    moment: Moment,
}

/// What was asked and answered in a visit.
pub(crate) struct Replies<'a> {
    drawn: &'a Drawn,
    given: BTreeMap<&'a QuestionId, Vec<Given<'a>>>,
    /// When answers were handed in, and which of them were wrong then.
    pub(crate) handed_in: Vec<(Timestamp, &'a [QuestionId])>,
}

impl<'a> Replies<'a> {
    /// What a visit asked; nothing of one without questions.
    pub(crate) fn of(person: &'a [Recorded], of: u32) -> Option<Self> {
        let facts = || {
            person.iter().filter_map(|recorded| match &recorded.fact {
                Fact::Participant(fact) => Some((recorded.at, fact)),
                _ => None,
            })
        };
        let drawn = facts().find_map(|(_, fact)| match fact {
            ParticipantFact::QuestionsDrawn { visit, drawn } if *visit == of => Some(drawn),
            _ => None,
        })?;
        let mut replies = Self { drawn, given: BTreeMap::new(), handed_in: Vec::new() };
        for (at, fact) in facts() {
            match fact {
                ParticipantFact::AnswerGiven { visit, question, answer, ms, version } if *visit == of => {
                    let moment = Moment { ms: ms.get(), at };
                    let given = Given { answer: answer.as_ref(), version: version.as_deref(), moment };
                    replies.given.entry(question).or_default().push(given);
                }
                ParticipantFact::AnswersHandedIn { visit, wrong } if *visit == of => {
                    replies.handed_in.push((at, wrong))
                }
                _ => {}
            }
        }
        Some(replies)
    }

    /// How many questions have an answer.
    pub(crate) fn answered(&self) -> usize {
        self.given.values().filter(|given| given.last().is_some_and(|last| last.answer.is_some())).count()
    }

    /// The rows. What the form says of a question is not known where the module has it no longer.
    pub(crate) fn lines(&self, form: Option<&Form>) -> Vec<Line> {
        let mut known: BTreeSet<&QuestionId> = self.drawn.questions.iter().collect();
        let beyond: Vec<&QuestionId> = self.given.keys().copied().filter(|id| known.insert(id)).collect();
        let shown = self.drawn.questions.iter().enumerate().map(|(place, id)| (Some(place + 1), id));
        let questions = shown.chain(beyond.into_iter().map(|id| (None, id)));
        questions.flat_map(|(position, id)| self.of_question(position, id, form)).collect()
    }

    fn of_question(&self, position: Option<usize>, id: &QuestionId, form: Option<&Form>) -> Vec<Line> {
        let asked = form.and_then(|form| form.questions.iter().find(|question| question.id == *id));
        let given = self.given.get(id).map(Vec::as_slice).unwrap_or_default();
        let options = self.drawn.options.get(id).cloned().unwrap_or_else(|| options(asked));
        let line = Line {
            question: id.clone(),
            item: None,
            kind: asked.map(|question| kind(&question.ask)),
            position,
            options,
            answer: None,
            label: None,
            correct: None,
            changes: 0,
            first: None,
            last: None,
            version: None,
        };
        let tabular = asked.is_some_and(|question| matches!(question.ask, Ask::Grid { .. }))
            || given.iter().any(|given| matches!(given.answer, Some(Answer::Rows(_))));
        if !tabular {
            return vec![line.told(asked, given, |answer| Some(Single::of(answer, asked)))];
        }
        let mut items = line.options.clone();
        for row in given.iter().filter_map(|given| match given.answer {
            Some(Answer::Rows(rows)) => Some(rows.keys()),
            _ => None,
        }) {
            row.for_each(|id| {
                if !items.contains(id) {
                    items.push(id.clone());
                }
            });
        }
        let of_item = |item: String| {
            let line = Line { item: Some(item.clone()), ..line.clone() };
            line.told(asked, given, |answer| match answer {
                Answer::Rows(rows) => rows.get(&item).map(|column| Single::Whole(i64::from(*column))),
                _ => None,
            })
        };
        items.into_iter().map(of_item).collect()
    }

    /// Each question's answers in the order of time, and when they were handed in: for the metadata.
    pub(crate) fn history(&self) -> (Value, Value) {
        let one = |given: &Given<'_>| {
            let mut told = json!({"at": given.moment.at, "ms": given.moment.ms, "answer": given.answer});
            if let Some(version) = given.version {
                told["version"] = json!(version);
            }
            told
        };
        let of = |(id, given): (&&QuestionId, &Vec<Given<'_>>)| (id.to_string(), given.iter().map(one).collect());
        let answers = self.given.iter().map(of).collect();
        let handed_in = self.handed_in.iter().map(|(at, wrong)| json!({"at": at, "wrong": wrong}));
        (Value::Object(answers), handed_in.collect())
    }
}

impl Line {
    fn told(mut self, asked: Option<&Question>, given: &[Given<'_>], part: impl Fn(&Answer) -> Option<Single>) -> Self {
        for given in given {
            let answer = given.answer.and_then(&part);
            if answer == self.answer {
                continue;
            }
            match self.first {
                None => self.first = Some(given.moment),
                Some(_) => self.changes += 1,
            }
            self.last = Some(given.moment);
            self.version = given.version.map(str::to_owned).filter(|_| answer.is_some());
            self.answer = answer;
        }
        self.label = self.answer.as_ref().and_then(|answer| label(&asked?.ask, answer));
        let last = given.last().and_then(|given| given.answer);
        self.correct =
            asked.filter(|question| question.correct.is_some()).map(|question| answers::is_right(question, last));
        self
    }

    /// The cells of the data file, in the order of [`COLUMNS`].
    fn cells(&self) -> [String; 14] {
        let ms = |moment: Option<Moment>| moment.map(|moment| float(moment.ms)).unwrap_or_default();
        let at = |moment: Option<Moment>| moment.map(|moment| moment.at.0.to_string()).unwrap_or_default();
        [
            self.question.to_string(),
            self.item.clone().unwrap_or_default(),
            self.kind.unwrap_or_default().to_owned(),
            self.position.map(|place| place.to_string()).unwrap_or_default(),
            self.options_told().unwrap_or_default(),
            self.answer.as_ref().map(Single::text).unwrap_or_default(),
            self.label.clone().unwrap_or_default(),
            self.correct.map(truth).unwrap_or_default(),
            self.changes.to_string(),
            ms(self.first),
            ms(self.last),
            at(self.first),
            at(self.last),
            self.version.clone().unwrap_or_default(),
        ]
    }

    /// The options as JSON, if there are any.
    pub(crate) fn options_told(&self) -> Option<String> {
        (!self.options.is_empty()).then(|| json!(self.options).to_string())
    }
}

impl Single {
    fn of(answer: &Answer, asked: Option<&Question>) -> Self {
        match answer {
            Answer::Flag(yes) => Self::Flag(*yes),
            Answer::Number(number) => {
                let number = number.get();
                let whole = asked.is_some_and(|question| match question.ask {
                    Ask::Number { whole, .. } => whole,
                    _ => true,
                });
                #[allow(clippy::cast_possible_truncation, reason = "it is whole, and small")]
                match whole && number.fract() == 0.0 && number.abs() < 1e15 {
                    true => Self::Whole(number as i64),
                    false => Self::Number(number),
                }
            }
            Answer::Text(text) => Self::Text(text.clone()),
            Answer::Chosen(chosen) => Self::Several(chosen.clone()),
            // Answered as a table, and it is none any more.
            Answer::Rows(rows) => Self::Text(json!(rows).to_string()),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Flag(yes) => truth(*yes),
            Self::Whole(number) => number.to_string(),
            Self::Number(number) => float(*number),
            Self::Text(text) => text.clone(),
            Self::Several(chosen) => json!(chosen).to_string(),
        }
    }
}

/// Writes the data file of a visit.
pub(crate) fn write(file: &mut dyn Write, lines: &[Line]) -> Result<(), Problem> {
    let mut writer = csv::Writer::from_writer(file);
    writer.write_record(COLUMNS)?;
    for line in lines {
        writer.write_record(line.cells())?;
    }
    writer.flush()?;
    Ok(())
}

/// The questions of a scene as the record has it.
pub(crate) fn form_of(scene: &Value) -> Option<Form> {
    serde_json::from_value(scene.get("form")?.clone()).ok()
}

fn kind(ask: &Ask) -> &'static str {
    match ask {
        Ask::Text { .. } => "text",
        Ask::Number { .. } => "number",
        Ask::Choice { .. } => "choice",
        Ask::Scale { .. } => "scale",
        Ask::Grid { .. } => "grid",
        Ask::Consent { .. } => "consent",
    }
}

/// The options of a question that is not shuffled.
fn options(asked: Option<&Question>) -> Vec<String> {
    match asked.map(|question| &question.ask) {
        Some(Ask::Choice { options, .. }) => options.iter().map(|option| option.id.clone()).collect(),
        Some(Ask::Grid { rows, .. }) => rows.iter().map(|row| row.id.clone()).collect(),
        _ => Vec::new(),
    }
}

/// What stands beside an answer, where words do.
fn label(ask: &Ask, answer: &Single) -> Option<String> {
    let point = |number: &i64| usize::try_from(*number).ok();
    match (ask, answer) {
        (Ask::Choice { options, .. }, Single::Text(id)) => {
            options.iter().find(|option| option.id == *id).map(|option| option.label.clone())
        }
        (Ask::Choice { options, .. }, Single::Several(ids)) => {
            let labels = ids.iter().filter_map(|id| options.iter().find(|option| option.id == *id));
            Some(json!(labels.map(|option| &option.label).collect::<Vec<_>>()).to_string())
        }
        (Ask::Scale { points, labels, .. }, Single::Whole(number)) if labels.len() == *points as usize => {
            labels.get(point(number)?).cloned()
        }
        (Ask::Grid { columns, .. }, Single::Whole(number)) => columns.get(point(number)?).cloned(),
        (Ask::Consent { label, .. }, Single::Flag(true)) => Some(label.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
