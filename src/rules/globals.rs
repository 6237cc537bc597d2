//! Values that scenes and environments share: how what a page or an environment sets meets what is there.
//!
//! A participant's values are what its facts make of them. A game is given them when it opens, and notes what the last row
//! of each episode says of them; so what an environment found is in the game's own record, and a replay finds it again.
//! When the game is over, its players are told what has become of their values.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value, json};

use crate::experiment::{GLOBALS_LIMIT, Globals, Merge};
use crate::facts::GameFact;
use crate::wire::row::Row;

/// Values by the agent of the participant whose they are.
pub type ByAgent = BTreeMap<String, Map<String, Value>>;

/// What a game shares.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pool {
    given: Option<ByAgent>,
    merge: BTreeMap<String, Merge>,
    /// By episode what it has left, merged.
    left: BTreeMap<u32, ByAgent>,
}

/// Why values are not set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It cannot be merged with what is there.
    #[error("the global {0:?} cannot be merged with this value")]
    Kind(String),
    /// There would be too much.
    #[error("the globals would have more than {GLOBALS_LIMIT} bytes")]
    TooMuch,
}

/// The first fact of a game about them; nothing in a study without.
pub fn given(globals: &Globals, players: impl Iterator<Item = (String, Map<String, Value>)>) -> Option<GameFact> {
    let merge = globals.0.iter().filter(|(_, global)| global.merge != Merge::Last);
    let merge = merge.map(|(name, global)| (name.clone(), global.merge)).collect();
    let players = players.map(|(agent, known)| (agent, globals.of(&known))).collect();
    (!globals.is_empty()).then_some(GameFact::GlobalsGiven { globals: players, merge })
}

impl Pool {
    /// A fact of the game was stored.
    pub fn apply(&mut self, fact: &GameFact) {
        match fact {
            GameFact::GlobalsGiven { globals, merge } => {
                self.given = Some(globals.clone());
                self.merge.clone_from(merge);
            }
            GameFact::GlobalsLeft { episode, globals } => drop(self.left.insert(*episode, globals.clone())),
            _ => {}
        }
    }

    /// Whether the game was given any.
    pub fn is_given(&self) -> bool {
        self.given.is_some()
    }

    /// What an episode begins with; nothing in a study without.
    pub fn at(&self, episode: u32) -> Option<ByAgent> {
        let mut values = self.given.clone()?;
        for left in self.left.range(..episode).map(|(_, left)| left) {
            for (agent, changed) in left {
                values.entry(agent.clone()).or_default().extend(changed.clone());
            }
        }
        Some(values)
    }

    /// The same as JSON, which tells whole numbers from others wherever it goes.
    pub fn text_at(&self, episode: u32) -> Option<String> {
        self.at(episode).map(|values| json!(values).to_string())
    }

    /// What has become of an agent's values.
    pub fn of(&self, agent: &str) -> Option<Map<String, Value>> {
        self.at(u32::MAX)?.remove(agent)
    }

    /// The fact that a row of an episode is, if it has shared values. What no environment of ours would leave is passed
    /// over: a stranger may send anything.
    pub fn left(&self, episode: u32, row: &Row) -> Option<GameFact> {
        let (told, before) = (row.globals()?, self.at(episode)?);
        let mut left = ByAgent::new();
        for (agent, values) in told {
            let Some(known) = before.get(&agent) else { continue };
            let settled = values.into_iter().filter_map(|(name, value)| {
                let merge = self.merge.get(&name).copied().unwrap_or_default();
                let value = settled(merge, known.get(&name)?, value)?;
                Some((name, value))
            });
            let settled: Map<String, Value> = settled.collect();
            let mut all = known.clone();
            all.extend(settled.clone());
            if !settled.is_empty() && fits(&all) {
                left.insert(agent, settled);
            }
        }
        (!left.is_empty()).then_some(GameFact::GlobalsLeft { episode, globals: left })
    }
}

/// What an environment has made of a value. It was given the one before, so what is added or appended is in it already.
fn settled(merge: Merge, before: &Value, after: Value) -> Option<Value> {
    match merge {
        Merge::Last => Some(after),
        Merge::Sum => after.is_number().then_some(after),
        Merge::Append => after.is_array().then_some(after),
        Merge::Max | Merge::Min => merged(merge, before, after),
    }
}

/// A value that is there, and one that is set.
fn merged(merge: Merge, there: &Value, set: Value) -> Option<Value> {
    match merge {
        Merge::Last => Some(set),
        Merge::Sum => {
            let whole = there.as_i64().zip(set.as_i64()).and_then(|(there, set)| there.checked_add(set));
            match whole {
                Some(sum) => Some(json!(sum)),
                None => Number::from_f64(there.as_f64()? + set.as_f64()?).map(Value::Number),
            }
        }
        Merge::Max => Some(if set.as_f64()? > there.as_f64()? { set } else { there.clone() }),
        Merge::Min => Some(if set.as_f64()? < there.as_f64()? { set } else { there.clone() }),
        Merge::Append => {
            let mut list = there.as_array()?.clone();
            list.push(set);
            Some(Value::Array(list))
        }
    }
}

/// What becomes of a participant's values when a page sets some: those that change.
///
/// # Errors
/// When a value is of a kind that cannot be merged, or all are too much. Then nothing changes.
pub fn set(
    globals: &Globals,
    known: &Map<String, Value>,
    told: Map<String, Value>,
) -> Result<Map<String, Value>, Unfit> {
    let there = globals.of(known);
    let mut changed = Map::new();
    for (name, value) in told {
        // Pages may have values that the study does not declare; environments see those that it does.
        let value = match globals.0.get(&name) {
            Some(global) => merged(global.merge, &there[&name], value),
            None => Some(value),
        };
        changed.insert(name.clone(), value.ok_or(Unfit::Kind(name))?);
    }
    let mut all = known.clone();
    all.extend(there);
    all.extend(changed.clone());
    if fits(&all) { Ok(changed) } else { Err(Unfit::TooMuch) }
}

/// Whether a participant's values are few enough.
pub fn fits(values: &Map<String, Value>) -> bool {
    serde_json::to_string(values).is_ok_and(|text| text.len() <= GLOBALS_LIMIT)
}

#[cfg(test)]
mod tests;
