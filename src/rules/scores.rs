//! How the players of a game do: by episode, the sum of the rewards of each one's agent. Read off the rows as they are
//! stored, so that a game that goes on after a crash counts on where the record is.

use std::collections::BTreeMap;

use rmpv::ValueRef;

use crate::facts::{GameFact, Payload};
use crate::rules::memory::EpisodeResult;
use crate::wire::Finite;

/// Deepest nesting of values in a row.
const DEPTH: usize = 32;

/// The scores of one game. Of agents that nobody asked for nothing is kept: rows come from browsers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scores {
    tutorial: u32,
    agents: Vec<String>,
    episodes: BTreeMap<u32, Episode>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Episode {
    steps: u32,
    /// In the order of the agents.
    sums: Vec<f64>,
}

impl Scores {
    /// The scores of these agents, in a game whose first so many episodes are for practice.
    pub fn new(tutorial: u32, agents: Vec<String>) -> Self {
        Self { tutorial, agents, episodes: BTreeMap::new() }
    }

    /// A fact of the game was stored, now or long ago.
    pub fn apply(&mut self, fact: &GameFact, payload: &Payload) {
        let GameFact::StepsAccepted { episode, first, count } = fact else { return };
        let agents = &self.agents;
        let episode = self.episodes.entry(*episode).or_default();
        episode.sums.resize(agents.len(), 0.0);
        episode.steps = first.saturating_add(*count);
        for step in payload.steps() {
            each_reward(&step.row, |agent, reward| {
                if let Some(place) = agents.iter().position(|other| other == agent) {
                    episode.sums[place] += reward;
                }
            });
        }
    }

    /// How an agent's player did, by episode. The last one may have been broken off; then it has what was played of it.
    pub fn of(&self, agent: &str) -> Vec<EpisodeResult> {
        let place = self.agents.iter().position(|other| other == agent);
        let played = self.episodes.iter().map(|(number, episode)| EpisodeResult {
            score: place.map_or_else(Finite::default, |place| finite(episode.sums[place])),
            steps: episode.steps,
            tutorial: *number < self.tutorial,
        });
        played.collect()
    }

    /// The sum of an agent's scores in the episodes before one that count.
    pub fn before(&self, agent: &str, episode: u32) -> Finite {
        let Some(place) = self.agents.iter().position(|other| other == agent) else { return Finite::default() };
        if episode < self.tutorial {
            return Finite::default();
        }
        finite(self.episodes.range(self.tutorial..episode).map(|(_, episode)| episode.sums[place]).sum())
    }
}

/// A sum that overflows tells nothing.
fn finite(sum: f64) -> Finite {
    Finite::try_from(sum).unwrap_or_default()
}

/// The rewards in a row, without the rest of it. What is no number counts nothing.
fn each_reward(mut row: &[u8], mut take: impl FnMut(&str, f64)) {
    let Ok(ValueRef::Map(sections)) = rmpv::decode::read_value_ref_with_max_depth(&mut row, DEPTH) else { return };
    let rewards = sections.into_iter().find_map(|(name, value)| match value {
        ValueRef::Map(agents) if text(&name) == Some("rewards") => Some(agents),
        _ => None,
    });
    for (agent, reward) in rewards.into_iter().flatten() {
        let number = match reward {
            ValueRef::F64(number) => number,
            ValueRef::F32(number) => f64::from(number),
            ValueRef::Integer(number) => number.as_f64().unwrap_or_default(),
            ValueRef::Boolean(truth) => f64::from(u8::from(truth)),
            _ => 0.0,
        };
        if let Some(agent) = text(&agent).filter(|_| number.is_finite()) {
            take(agent, number);
        }
    }
}

fn text<'a>(value: &ValueRef<'a>) -> Option<&'a str> {
    match value {
        ValueRef::String(text) => text.into_str(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rmpv::Value;
    use serde_bytes::ByteBuf;

    use super::*;
    use crate::wire::Step;

    fn step(t: u32, rewards: &[(&str, f64)]) -> Step {
        let rewards = rewards.iter().map(|(agent, reward)| ((*agent).into(), (*reward).into())).collect();
        let row = Value::Map(vec![("t".into(), t.into()), ("rewards".into(), Value::Map(rewards))]);
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &row).unwrap();
        Step { row: ByteBuf::from(bytes), at: Finite::default(), focused: true }
    }

    fn accepted(scores: &mut Scores, episode: u32, first: u32, steps: Vec<Step>) {
        let count = u32::try_from(steps.len()).unwrap();
        scores.apply(&GameFact::StepsAccepted { episode, first, count }, &Payload::Steps(steps));
    }

    #[test]
    fn practice_is_told_apart_and_carries_nothing_over() {
        let mut scores = Scores::new(1, vec!["left".into(), "right".into()]);
        for episode in 0..3 {
            let rewards = [("left", 1.5), ("right", -1.0), ("stranger", 9.0)];
            accepted(&mut scores, episode, 0, vec![step(0, &rewards), step(1, &[("left", f64::NAN), ("right", 1.0)])]);
        }
        let score = |score: f64, tutorial| EpisodeResult { score: score.try_into().unwrap(), steps: 2, tutorial };
        assert_eq!(scores.of("left"), [score(1.5, true), score(1.5, false), score(1.5, false)]);
        assert_eq!(scores.of("right")[0], score(0.0, true));
        assert_eq!([0, 1, 2, 3].map(|episode| scores.before("left", episode).get()), [0.0, 0.0, 1.5, 3.0]);
        assert_eq!(scores.before("stranger", 3).get(), 0.0);
    }

    proptest! {
        /// However the steps of a game are cut into batches, the scores are the same.
        #[test]
        fn scores_do_not_depend_on_batches(rewards in prop::collection::vec(-10_i32..10, 0..60), cut in 1_usize..20) {
            let mut scores = Scores::new(0, vec!["me".into()]);
            for (batch, some) in rewards.chunks(cut).enumerate() {
                let steps = some.iter().map(|reward| step(0, &[("me", f64::from(*reward))])).collect();
                accepted(&mut scores, 0, (batch * cut) as u32, steps);
            }
            let told = scores.of("me");
            let sum: i32 = rewards.iter().sum();
            prop_assert_eq!(told.first().map_or(0.0, |episode| episode.score.get()), f64::from(sum));
            prop_assert_eq!(told.first().map_or(0, |episode| episode.steps) as usize, rewards.len());
        }
    }
}
