//! The questions of one visit: what was drawn, answered, and handed in.
//!
//! Answers are facts the moment they are given, so that a reload, a crash and a closed tab lose none. The last answer to a
//! question counts; the record keeps all of them.

use std::collections::BTreeMap;

use super::answers::{self, Drawn, Misfit};
use crate::experiment::{Answer, Ask, Form};
use crate::facts::ParticipantFact;
use crate::ids::QuestionId;
use crate::wire::{Answered, FormView, Lack, Page, QuestionView};

/// Answers of one visit that are kept: more than anybody types, and a bound for whoever is not somebody.
const MOST_ANSWERS: u32 = 20_000;

/// The questions of one visit, as far as they are answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Questionnaire {
    drawn: Drawn,
    answers: BTreeMap<QuestionId, Answer>,
    /// Of consent, the version of the text that was consented to.
    versions: BTreeMap<QuestionId, String>,
    given: u32,
    /// What was wrong each time that the answers were handed in.
    tries: Vec<Vec<QuestionId>>,
}

/// What follows when a participant wants to leave the scene.
#[derive(Debug, Clone, PartialEq)]
pub enum Leaving {
    /// It may.
    Onward,
    /// Something is missing or out of range.
    Lacks(BTreeMap<QuestionId, Lack>),
    /// Some answers are wrong, and may be mended.
    Again,
    /// Some answers are wrong, and that was the last try.
    Failed,
}

impl Questionnaire {
    /// What is stored when the visit begins; nothing without questions.
    pub fn begin(form: &Form, visit: u32, seed: u64) -> Option<ParticipantFact> {
        let drawn = answers::draw(form, seed);
        (!form.questions.is_empty()).then_some(ParticipantFact::QuestionsDrawn { visit, drawn })
    }

    /// A fact of the visit was stored.
    pub fn apply(&mut self, fact: &ParticipantFact) {
        match fact {
            ParticipantFact::QuestionsDrawn { drawn, .. } => self.drawn = drawn.clone(),
            ParticipantFact::AnswerGiven { question, answer, version, .. } => {
                self.given += 1;
                match version {
                    Some(version) => drop(self.versions.insert(question.clone(), version.clone())),
                    None => drop(self.versions.remove(question)),
                }
                match answer {
                    Some(answer) => drop(self.answers.insert(question.clone(), answer.clone())),
                    None => drop(self.answers.remove(question)),
                }
            }
            ParticipantFact::AnswersHandedIn { wrong, .. } => self.tries.push(wrong.clone()),
            _ => {}
        }
    }

    /// The fact that an answer is; `None` when it says nothing new.
    ///
    /// # Errors
    /// When no page of ours would send it.
    pub fn answer(&self, form: &Form, answered: Answered) -> Result<Option<ParticipantFact>, Misfit> {
        let Answered { visit, question, answer, ms, .. } = answered;
        if let Some(answer) = &answer {
            answers::fits(form, &question, answer)?;
        }
        let version = answer.as_ref().and_then(|_| version_of(form, &question)).map(str::to_owned);
        let same = self.answers.get(&question) == answer.as_ref() && self.versions.get(&question) == version.as_ref();
        let new = !same && self.given < MOST_ANSWERS;
        Ok(new.then_some(ParticipantFact::AnswerGiven { visit, question, answer, ms, version }))
    }

    /// Whether the scene can be left, and the fact that comes of asking.
    pub fn leave(&self, form: &Form, visit: u32) -> (Option<ParticipantFact>, Leaving) {
        let given = self.answers(form);
        let lacks = answers::lacks(form, &given);
        if !lacks.is_empty() {
            return (None, Leaving::Lacks(lacks));
        }
        let Some(tries) = &form.tries else {
            let handed_in = ParticipantFact::AnswersHandedIn { visit, wrong: Vec::new() };
            return ((!form.questions.is_empty()).then_some(handed_in), Leaving::Onward);
        };
        let wrong = answers::wrong(form, &given);
        let leaving = match wrong.is_empty() {
            true => Leaving::Onward,
            false if self.tries.len() + 1 < tries.number as usize => Leaving::Again,
            false => Leaving::Failed,
        };
        (Some(ParticipantFact::AnswersHandedIn { visit, wrong }), leaving)
    }

    /// What was answered so far, of questions that are still there. Whoever consented to another version of the text has
    /// not consented to this one.
    pub fn answers(&self, form: &Form) -> BTreeMap<QuestionId, Answer> {
        let current = |id: &QuestionId| self.versions.get(id).map(String::as_str) == version_of(form, id);
        let known = |id: &QuestionId| form.questions.iter().any(|question| question.id == *id);
        let answers = self.answers.iter().filter(|(id, _)| known(id) && current(id));
        answers.map(|(id, answer)| (id.clone(), answer.clone())).collect()
    }

    /// How often the answers may still be handed in, where there are right ones.
    pub fn tries_left(&self, form: &Form) -> Option<u32> {
        let tries = form.tries.as_ref()?;
        Some(tries.number.saturating_sub(u32::try_from(self.tries.len()).unwrap_or(u32::MAX)))
    }

    /// Which answers were wrong when they were last handed in, where participants are told.
    pub fn told_wrong(&self, form: &Form) -> Vec<QuestionId> {
        let tell = form.tries.as_ref().is_some_and(|tries| tries.tell);
        self.tries.last().filter(|_| tell).cloned().unwrap_or_default()
    }

    /// What the page shows. Right answers are not in it.
    pub fn view(&self, form: &Form, page: Page) -> FormView {
        // A module that was changed under a running study may have other questions than were drawn.
        let place = |id: &QuestionId| self.drawn.questions.iter().position(|drawn| drawn == id).unwrap_or(usize::MAX);
        let mut questions: Vec<QuestionView> = form
            .questions
            .iter()
            .map(|question| QuestionView {
                id: question.id.clone(),
                prompt: question.prompt.clone(),
                required: question.required,
                ask: self.in_order(&question.id, question.ask.clone()),
            })
            .collect();
        questions.sort_by_key(|question| place(&question.id));
        FormView {
            page,
            questions,
            answers: self.answers(form),
            tries_left: self.tries_left(form),
            wrong: self.told_wrong(form),
        }
    }

    fn in_order(&self, id: &QuestionId, mut ask: Ask) -> Ask {
        if let Some(order) = self.drawn.options.get(id) {
            let place = |id: &String| order.iter().position(|drawn| drawn == id).unwrap_or(usize::MAX);
            match &mut ask {
                Ask::Choice { options, .. } => options.sort_by_key(|option| place(&option.id)),
                Ask::Grid { rows, .. } => rows.sort_by_key(|row| place(&row.id)),
                _ => {}
            }
        }
        ask
    }
}

/// Of consent, the version of the text.
fn version_of<'a>(form: &'a Form, id: &QuestionId) -> Option<&'a str> {
    form.questions.iter().find(|question| question.id == *id).and_then(|question| match &question.ask {
        Ask::Consent { version, .. } => Some(version.as_str()),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
