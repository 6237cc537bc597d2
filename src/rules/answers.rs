//! Answers: in which order a participant is asked, what counts as an answer, what is missing, and what is right.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::experiment::{Answer, Ask, Form, LONGEST_TEXT, Question};
use crate::ids::QuestionId;
use crate::wire::{Finite, Lack};

/// In which order a participant is asked: drawn once for each visit, and kept in the record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// The questions.
    pub questions: Vec<QuestionId>,
    /// Of questions with shuffled options or rows, the ids of these.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<QuestionId, Vec<String>>,
}

/// An answer that no page of ours would send.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// There is no such question.
    #[error("there is no question {0}")]
    Unknown(QuestionId),
    /// It has another form.
    #[error("the answer to {0} has the wrong form")]
    Form(QuestionId),
}

/// Draws the order of questions and options from a seed, by shuffles after Fisher and Yates.
pub fn draw(form: &Form, seed: u64) -> Drawn {
    let mut luck = Luck(seed);
    let mut questions: Vec<QuestionId> = form.questions.iter().map(|question| question.id.clone()).collect();
    if form.shuffle {
        luck.shuffle(&mut questions);
    }
    let mut options = BTreeMap::new();
    for question in &form.questions {
        let mut ids: Vec<String> = match &question.ask {
            Ask::Choice { options, shuffle: true, .. } => options.iter().map(|option| option.id.clone()).collect(),
            Ask::Grid { rows, shuffle: true, .. } => rows.iter().map(|row| row.id.clone()).collect(),
            _ => continue,
        };
        luck.shuffle(&mut ids);
        options.insert(question.id.clone(), ids);
    }
    Drawn { questions, options }
}

/// Whether an answer has the form that its question asks for. It may still be incomplete, or out of range.
///
/// # Errors
/// When it has not; then it is not stored.
pub fn fits(form: &Form, question: &QuestionId, answer: &Answer) -> Result<(), Misfit> {
    let asked = form.questions.iter().find(|asked| asked.id == *question);
    let asked = asked.ok_or_else(|| Misfit::Unknown(question.clone()))?;
    let fits = match (&asked.ask, answer) {
        (Ask::Text { .. }, Answer::Text(text)) => text.chars().count() <= LONGEST_TEXT as usize,
        (Ask::Number { .. }, Answer::Number(_)) | (Ask::Consent { .. }, Answer::Flag(_)) => true,
        (Ask::Choice { options, several: false, .. }, Answer::Text(chosen)) => {
            options.iter().any(|option| option.id == *chosen)
        }
        (Ask::Choice { options, several: true, .. }, Answer::Chosen(chosen)) => {
            let distinct: BTreeSet<_> = chosen.iter().collect();
            distinct.len() == chosen.len() && chosen.iter().all(|id| options.iter().any(|option| option.id == *id))
        }
        (Ask::Scale { points, .. }, Answer::Number(point)) => is_point(*point, *points),
        (Ask::Grid { rows, columns, .. }, Answer::Rows(answers)) => answers
            .iter()
            .all(|(id, column)| rows.iter().any(|row| row.id == *id) && (*column as usize) < columns.len()),
        _ => false,
    };
    if fits { Ok(()) } else { Err(Misfit::Form(question.clone())) }
}

/// What keeps a participant from leaving the scene: required answers that are missing, and answers out of range.
pub fn lacks(form: &Form, answers: &BTreeMap<QuestionId, Answer>) -> BTreeMap<QuestionId, Lack> {
    let lack = |question: &Question| Some((question.id.clone(), lack(question, answers.get(&question.id))?));
    form.questions.iter().filter_map(lack).collect()
}

fn lack(Question { required, ask, .. }: &Question, answer: Option<&Answer>) -> Option<Lack> {
    let missing = required.then_some(Lack::Missing);
    match (ask, answer) {
        (Ask::Grid { rows, .. }, Some(Answer::Rows(answers))) if answers.len() < rows.len() => missing,
        (_, None) => missing,
        (Ask::Text { .. }, Some(Answer::Text(text))) if text.trim().is_empty() => missing,
        (Ask::Text { max_length, .. }, Some(Answer::Text(text))) => {
            (text.chars().count() > *max_length as usize).then_some(Lack::TooLong)
        }
        (Ask::Number { min, max, whole, .. }, Some(Answer::Number(number))) => {
            let number = number.get();
            match () {
                () if *whole && number.fract() != 0.0 => Some(Lack::NotWhole),
                () if min.is_some_and(|min| number < min.get()) => Some(Lack::TooSmall),
                () if max.is_some_and(|max| number > max.get()) => Some(Lack::TooLarge),
                () => None,
            }
        }
        (Ask::Choice { several: true, .. }, Some(Answer::Chosen(chosen))) if chosen.is_empty() => missing,
        (Ask::Choice { several: true, at_least, at_most, .. }, Some(Answer::Chosen(chosen))) => match chosen.len() {
            few if few < *at_least as usize => Some(Lack::TooFew),
            many if many > *at_most as usize => Some(Lack::TooMany),
            _ => None,
        },
        // Whoever does not agree has answered, but may not go on where consent is required.
        (Ask::Consent { .. }, Some(Answer::Flag(false))) => missing,
        _ => None,
    }
}

/// The questions whose answers are wrong; those without a right answer never are.
pub fn wrong(form: &Form, answers: &BTreeMap<QuestionId, Answer>) -> Vec<QuestionId> {
    let wrong = |question: &&Question| !is_right(question, answers.get(&question.id));
    form.questions.iter().filter(wrong).map(|question| question.id.clone()).collect()
}

/// Whether an answer is the right one; it always is where there is none.
pub fn is_right(question: &Question, answer: Option<&Answer>) -> bool {
    match (&question.correct, answer) {
        (Some(Answer::Chosen(right)), Some(Answer::Chosen(given))) => {
            right.iter().collect::<BTreeSet<_>>() == given.iter().collect::<BTreeSet<_>>()
        }
        (Some(Answer::Text(right)), Some(Answer::Text(given))) => right.trim() == given.trim(),
        (Some(right), given) => given == Some(right),
        (None, _) => true,
    }
}

fn is_point(number: Finite, points: u32) -> bool {
    let number = number.get();
    number.fract() == 0.0 && (0.0..f64::from(points)).contains(&number)
}

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
struct Luck(u64);

impl Luck {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`, all but alike probable: the error is less than `end` in 2^64.
    fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests;
