//! What a document of the researcher's own has saved in a visit, what of it is still to be told to functions of the
//! experiment module, and whether the scene may be left.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::experiment::{EmbeddedScene, Hook, saved_as};
use crate::facts::ParticipantFact;
use crate::rules::memory::{EpisodeResult, Latest};
use crate::wire::{Finite, PageState, Saved, Told};

/// Longest name of something saved, in bytes.
pub const NAME_LIMIT: usize = 64;

/// Longest JSON of something saved, in bytes.
pub const SAVED_LIMIT: usize = 256 << 10;

/// Most JSON of one visit, in bytes. A participant's memory holds a part of it, and its file all.
pub const VISIT_LIMIT: usize = 32 << 20;

/// Most different names in one visit.
pub const MOST_NAMES: usize = 1000;

/// What even the smallest thing counts against [`VISIT_LIMIT`].
const LEAST_SIZE: usize = 128;

/// What is known of a visit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Embedded {
    last: u32,
    size: usize,
    names: BTreeSet<String>,
    latest: Latest,
    ended: u32,
    episodes: Vec<EpisodeResult>,
    told: Option<Told>,
    /// The last event, until the functions that it concerns have been called.
    open: Option<Open>,
}

#[derive(Debug, Clone, PartialEq)]
struct Open {
    number: u32,
    hook: Hook,
    data: Value,
}

/// A call of a function that is due.
#[derive(Debug, Clone, PartialEq)]
pub struct HookCall {
    /// The visit.
    pub visit: u32,
    /// What it is about: the number of what was saved.
    pub number: u32,
    /// Which function.
    pub hook: Hook,
    /// What it is told.
    pub data: Value,
}

/// Something that cannot be saved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The name is too long, empty, or has control characters.
    #[error("a name has 1 to {NAME_LIMIT} bytes and no control characters")]
    Name,
    /// The data are too long.
    #[error("data of {0} bytes: at most {SAVED_LIMIT} can be saved at once")]
    TooLong(usize),
    /// The visit has saved too much.
    #[error("this visit has saved {} MiB, which is the most", VISIT_LIMIT >> 20)]
    Full,
    /// There are too many names.
    #[error("this visit has saved things under {MOST_NAMES} names, which is the most: numbers belong into the data")]
    TooManyNames,
    /// The data are no JSON.
    #[error("the data are not JSON: {0}")]
    NotJson(String),
    /// Values that scenes share have no names.
    #[error("shared values are an object: each has a name")]
    NoNames,
}

impl Embedded {
    /// Turns something to save into facts; none when it is stored already.
    ///
    /// # Errors
    /// When it cannot be saved.
    pub fn save(&self, scene: &EmbeddedScene, saved: Saved) -> Result<Vec<ParticipantFact>, Unfit> {
        let Saved { visit, number, name, data } = saved;
        if number <= self.last {
            return Ok(Vec::new());
        }
        if name.is_empty() || name.len() > NAME_LIMIT || name.chars().any(char::is_control) {
            return Err(Unfit::Name);
        }
        if data.len() > SAVED_LIMIT {
            return Err(Unfit::TooLong(data.len()));
        }
        if self.size + data.len() > VISIT_LIMIT {
            return Err(Unfit::Full);
        }
        if self.names.len() >= MOST_NAMES && !self.names.contains(&name) {
            return Err(Unfit::TooManyNames);
        }
        let data: Value = serde_json::from_str(&data).map_err(|error| Unfit::NotJson(error.to_string()))?;
        let mut facts = Vec::new();
        if name == saved_as::GLOBALS {
            data.as_object().ok_or(Unfit::NoNames)?;
        }
        let scored = (name == saved_as::EPISODE_END && !scene.hooks.contains(&Hook::ScoreFn))
            .then(|| ParticipantFact::GameScored { visit, episodes: self.scored(score_in(&data), steps_in(&data)) });
        facts.insert(0, ParticipantFact::DataSaved { visit, number, name, data });
        facts.extend(scored);
        Ok(facts)
    }

    /// The results with one more episode.
    fn scored(&self, score: Finite, steps: u32) -> Vec<EpisodeResult> {
        let mut episodes = self.episodes.clone();
        episodes.push(EpisodeResult { score, steps, tutorial: false });
        episodes
    }

    /// The function that has to be called next.
    pub fn due(&self, scene: &EmbeddedScene, visit: u32) -> Option<HookCall> {
        let open = self.open.as_ref()?;
        let unscored = (self.episodes.len() as u64) < u64::from(self.ended);
        let score = open.hook == Hook::OnEpisodeEnd && unscored;
        let hooks = [score.then_some(Hook::ScoreFn), Some(open.hook)];
        let hook = hooks.into_iter().flatten().find(|hook| scene.hooks.contains(hook))?;
        Some(HookCall { visit, number: open.number, hook, data: open.data.clone() })
    }

    /// What follows from a function's answer; nothing when it is not asked any more. A function that failed has said
    /// nothing, and an episode without a score counts 0.
    pub fn answered(&self, call: &HookCall, answer: Option<Value>) -> Option<ParticipantFact> {
        let open = self.open.as_ref().filter(|open| open.number == call.number)?;
        let visit = call.visit;
        if call.hook == Hook::ScoreFn {
            let score = answer.as_ref().and_then(number).unwrap_or_default();
            return Some(ParticipantFact::GameScored { visit, episodes: self.scored(score, steps_in(&open.data)) });
        }
        let (hook, data) = (call.hook.option().to_owned(), answer.unwrap_or(Value::Null));
        Some(ParticipantFact::PageTold { visit, number: call.number, hook, data })
    }

    /// A fact of the visit was stored.
    pub fn apply(&mut self, fact: &ParticipantFact) {
        match fact {
            ParticipantFact::DataSaved { number, name, data, .. } => {
                self.last = *number;
                self.size += data.to_string().len().max(LEAST_SIZE);
                self.ended += u32::from(name == saved_as::EPISODE_END);
                let hook = match name.as_str() {
                    saved_as::EPISODE_START => Some(Hook::OnEpisodeStart),
                    saved_as::EPISODE_END => Some(Hook::OnEpisodeEnd),
                    saved_as::MESSAGE => Some(Hook::OnMessage),
                    _ => None,
                };
                self.open = hook.map(|hook| Open { number: *number, hook, data: data.clone() });
                self.names.insert(name.clone());
                self.latest.put(name, data);
            }
            ParticipantFact::GameScored { episodes, .. } => self.episodes.clone_from(episodes),
            ParticipantFact::PageTold { visit, number, hook, data } => {
                self.open.take_if(|open| open.number == *number);
                if !data.is_null() {
                    let (hook, data) = (hook.clone(), data.to_string());
                    self.told = Some(Told { visit: *visit, number: *number, hook, data });
                }
            }
            _ => {}
        }
    }

    /// Whether the scene may be left.
    pub fn may_leave(&self, scene: &EmbeddedScene) -> bool {
        let done = scene.episodes.is_some_and(|episodes| self.ended >= episodes);
        let waits = scene.episodes.is_some() || !scene.continue_on.is_empty();
        let named = scene.continue_on.iter().any(|name| self.names.contains(name));
        done || named || self.names.contains(saved_as::ADVANCE) || (scene.button && !waits)
    }

    /// How far it has come.
    pub fn state(&self, scene: &EmbeddedScene, visit: u32) -> PageState {
        PageState {
            visit,
            number: self.last,
            ended: self.ended,
            scores: self.episodes.iter().map(|episode| episode.score).collect(),
            may_leave: self.may_leave(scene),
            room: u32::try_from(VISIT_LIMIT.saturating_sub(self.size)).unwrap_or(u32::MAX),
        }
    }

    /// What was saved last under each name.
    pub fn latest(&self) -> &Latest {
        &self.latest
    }

    /// What a function said last.
    pub fn told(&self) -> Option<&Told> {
        self.told.as_ref()
    }
}

fn number(value: &Value) -> Option<Finite> {
    value.as_f64().and_then(|number| Finite::try_from(number).ok())
}

/// The score that a document gives itself: a number, or `score` of an object.
fn score_in(data: &Value) -> Finite {
    number(data).or_else(|| number(data.get("score")?)).unwrap_or_default()
}

fn steps_in(data: &Value) -> u32 {
    data.get("steps").and_then(Value::as_u64).and_then(|steps| u32::try_from(steps).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
