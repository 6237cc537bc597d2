//! What a study knows of a participant so far: what branches, functions of the experiment module, and pages of the
//! researcher's own may look at.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use ts_rs::TS;

use crate::experiment::Answer;
use crate::facts::ParticipantFact;
use crate::ids::{QuestionId, SceneId, SubjectId};
use crate::wire::Finite;

/// How a participant did in an episode.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct EpisodeResult {
    /// Sum of the rewards of the participant's agent.
    pub score: Finite,
    /// How many steps it had.
    pub steps: u32,
    /// Whether it was for practice, and does not count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tutorial: bool,
}

/// What was saved last under each name. The oldest names go when there is too much of it: all of it is on record.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Latest {
    values: Map<String, Value>,
    /// The names, the one that was saved last at the end, each with the size of its JSON.
    #[serde(skip)]
    order: Vec<(String, usize)>,
}

impl Latest {
    /// Most JSON of all values together, in bytes: whoever comes back, and every function, is told all of them.
    pub const LIMIT: usize = 1 << 20;

    /// Something was saved.
    pub fn put(&mut self, name: &str, data: &Value) {
        self.order.retain(|(other, _)| other != name);
        self.order.push((name.to_owned(), data.to_string().len()));
        self.values.insert(name.to_owned(), data.clone());
        let mut size: usize = self.order.iter().map(|(_, size)| size).sum();
        while size > Self::LIMIT && self.order.len() > 1 {
            let (name, freed) = self.order.remove(0);
            self.values.remove(&name);
            size -= freed;
        }
    }

    /// The values by name.
    pub fn values(&self) -> &Map<String, Value> {
        &self.values
    }
}

/// What is known of a participant. What happened in a scene that was visited again replaces what happened there before.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Memory {
    parameters: BTreeMap<String, String>,
    /// The scene of each visit, from the first.
    scenes: Vec<SceneId>,
    answers: BTreeMap<SceneId, BTreeMap<QuestionId, Answer>>,
    results: BTreeMap<SceneId, Vec<EpisodeResult>>,
    saved: BTreeMap<SceneId, Latest>,
    globals: Map<String, Value>,
    conditions: BTreeMap<String, String>,
    /// By scene, of all its visits together.
    bonuses: BTreeMap<SceneId, Finite>,
    /// That of the study.
    bonus: Option<Finite>,
}

impl Memory {
    /// A fact of the participant was stored.
    pub fn apply(&mut self, fact: &ParticipantFact) {
        match fact {
            ParticipantFact::ParticipantCreated { parameters, .. } => self.parameters.clone_from(parameters),
            ParticipantFact::SceneEntered { scene, .. } => {
                self.scenes.push(scene.clone());
                self.answers.remove(scene);
                self.results.remove(scene);
                self.saved.remove(scene);
            }
            ParticipantFact::AnswerGiven { visit, question, answer, .. } => {
                let Some(scene) = self.scene(*visit) else { return };
                let answers = self.answers.entry(scene).or_default();
                match answer {
                    Some(answer) => drop(answers.insert(question.clone(), answer.clone())),
                    None => drop(answers.remove(question)),
                }
            }
            ParticipantFact::GameScored { visit, episodes } => {
                // A game that somebody gave up may end when the scene is visited again already.
                let scene = self.scene(*visit).filter(|scene| {
                    !self.scenes.iter().skip(*visit as usize).any(|later| later == scene) //
                });
                scene.map(|scene| self.results.insert(scene, episodes.clone()));
            }
            ParticipantFact::BonusComputed { scene, amount: Some(amount), .. } => match scene {
                Some(scene) => {
                    let sum = self.bonuses.entry(scene.clone()).or_default();
                    *sum = Finite::try_from(sum.get() + amount.get()).unwrap_or(*amount);
                }
                None => self.bonus = Some(*amount),
            },
            ParticipantFact::DataSaved { visit, name, data, .. } => {
                if let Some(scene) = self.scene(*visit) {
                    self.saved.entry(scene).or_default().put(name, data);
                }
            }
            ParticipantFact::GlobalsChanged { values, .. } => self.globals.extend(values.clone()),
            ParticipantFact::ConditionAssigned { condition, level, .. } => {
                self.conditions.insert(condition.clone(), level.clone());
            }
            _ => {}
        }
    }

    fn scene(&self, visit: u32) -> Option<SceneId> {
        visit.checked_sub(1).and_then(|index| self.scenes.get(index as usize)).cloned()
    }

    /// Query parameters of the page.
    pub fn parameters(&self) -> &BTreeMap<String, String> {
        &self.parameters
    }

    /// The scene of each visit, from the first.
    pub fn scenes(&self) -> &[SceneId] {
        &self.scenes
    }

    /// The answers of each scene's last visit.
    pub fn answers(&self) -> &BTreeMap<SceneId, BTreeMap<QuestionId, Answer>> {
        &self.answers
    }

    /// How the games of each scene's last visit went, by episode.
    pub fn results(&self) -> &BTreeMap<SceneId, Vec<EpisodeResult>> {
        &self.results
    }

    /// What pages of the researcher's own saved last, by scene and name.
    pub fn saved(&self) -> &BTreeMap<SceneId, Latest> {
        &self.saved
    }

    /// The values that scenes share.
    pub fn globals(&self) -> &Map<String, Value> {
        &self.globals
    }

    /// The level of each condition that was assigned.
    pub fn conditions(&self) -> &BTreeMap<String, String> {
        &self.conditions
    }

    /// The bonuses of scenes, each of all its visits together.
    pub fn bonuses(&self) -> &BTreeMap<SceneId, Finite> {
        &self.bonuses
    }

    /// The bonus of the study, once it is computed.
    pub fn bonus(&self) -> Option<Finite> {
        self.bonus
    }

    /// All of it, as functions of the experiment module get it: the fields of `greenroom.Participant`.
    pub fn told(&self, subject: &SubjectId) -> Value {
        json!({
            "subject_id": subject,
            "parameters": self.parameters,
            "scenes": self.scenes,
            "answers": self.answers,
            "results": self.results,
            "saved": self.saved,
            "globals": self.globals,
            "conditions": self.conditions,
            "bonuses": self.bonuses,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered(visit: u32, scene: &str) -> ParticipantFact {
        ParticipantFact::SceneEntered { visit, scene: scene.parse().unwrap() }
    }

    #[test]
    fn the_oldest_of_what_was_saved_goes_when_there_is_too_much() {
        let mut latest = Latest::default();
        let long = Value::String("x".repeat(200 << 10));
        for name in ["a", "b", "a", "c", "d", "e", "f"] {
            latest.put(name, &long);
        }
        assert_eq!(latest.values().keys().collect::<Vec<_>>(), ["a", "c", "d", "e", "f"]);
        latest.put("f", &json!(1));
        latest.put("g", &json!(2));
        assert_eq!(latest.values().len(), 6);
    }

    #[test]
    fn what_happened_in_a_scene_is_found_under_its_name_until_it_is_visited_again() {
        let mut memory = Memory::default();
        memory.apply(&entered(1, "survey"));
        let answer = Some(Answer::Text("yes".into()));
        let question: QuestionId = "played".parse().unwrap();
        memory.apply(&ParticipantFact::AnswerGiven {
            visit: 1,
            question,
            answer,
            ms: Finite::default(),
            version: None,
        });
        let subject: SubjectId = "ann".parse().unwrap();
        assert_eq!(memory.told(&subject)["answers"]["survey"]["played"], "yes");
        memory.apply(&entered(2, "survey"));
        assert_eq!(memory.told(&subject)["answers"], json!({}));
        assert_eq!(memory.told(&subject)["scenes"], json!(["survey", "survey"]));
    }
}
