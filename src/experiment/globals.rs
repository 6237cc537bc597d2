//! Values that scenes and environments share: which there are, and how what is set meets what is there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The values that the scenes of a study share, by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Globals(pub BTreeMap<String, Global>);

/// A value that scenes share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Global {
    /// What it is for everybody who comes.
    pub initial: Value,
    /// How what is set meets what is there.
    #[serde(default)]
    pub merge: Merge,
}

/// How a value that is set meets the one that is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Merge {
    /// It replaces it.
    #[default]
    Last,
    /// It is added to it.
    Sum,
    /// The greater one stays.
    Max,
    /// The smaller one stays.
    Min,
    /// It is appended to the list that is there.
    Append,
}

/// Most names.
pub const MOST_GLOBALS: usize = 256;

/// Most bytes that all values of a participant have together, as JSON.
pub const GLOBALS_LIMIT: usize = 16 << 10;

impl Globals {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What everybody begins with.
    pub fn initial(&self) -> Map<String, Value> {
        self.0.iter().map(|(name, global)| (name.clone(), global.initial.clone())).collect()
    }

    /// All of them, given what is known of a participant. Somebody who came before a name was declared has its beginning.
    pub fn of(&self, known: &Map<String, Value>) -> Map<String, Value> {
        let value = |(name, global): (&String, &Global)| {
            (name.clone(), known.get(name).unwrap_or(&global.initial).clone()) //
        };
        self.0.iter().map(value).collect()
    }
}
