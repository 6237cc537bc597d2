//! The order of a study's scenes, where it is more than a list: parts in random order, repeated, named, or for some
//! participants only; and the branches from scene to scene.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{PartName, QuestionId, SceneId};
use crate::wire::Finite;

/// The seed of a study that names none.
pub const SEED: u32 = 1;

/// The most scenes that one participant's order may have.
pub const LONGEST_ORDER: u32 = 1000;

/// The order of a study's scenes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// The parts, one after the other.
    #[serde(default, skip_serializing_if = "is_a_list")]
    pub order: Vec<Part>,
    /// Where scenes are passed over, or lead elsewhere.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub branches: BTreeMap<SceneId, Branches>,
    /// From which everything is drawn that is drawn for participants: orders and conditions.
    #[serde(default = "seed", skip_serializing_if = "is_usual_seed")]
    pub seed: u32,
}

impl Default for Flow {
    fn default() -> Self {
        Self { order: Vec::new(), branches: BTreeMap::new(), seed: SEED }
    }
}

fn seed() -> u32 {
    SEED
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over like this")]
fn is_usual_seed(seed: &u32) -> bool {
    *seed == SEED
}

/// Whether the order is that of the scenes, which the record has already.
fn is_a_list(order: &[Part]) -> bool {
    order.iter().all(|part| matches!(part, Part::Scene(_)))
}

/// A part of a study's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part<S = SceneId> {
    /// One scene.
    Scene(S),
    /// Parts in an order that is drawn for each participant.
    RandomizeOrder {
        /// The parts.
        parts: Vec<Part<S>>,
        /// How many of them each participant gets, if not all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep_n: Option<u32>,
    },
    /// Parts several times over.
    RepeatScene {
        /// The parts.
        parts: Vec<Part<S>>,
        /// How often.
        n: u32,
    },
    /// Parts with a name.
    Section {
        /// The name, shown in the data and known to `go_to`.
        name: PartName,
        /// The parts.
        parts: Vec<Part<S>>,
    },
    /// Parts of which each participant gets those of one level.
    Conditions(Conditions<S>),
}

/// A between-subject condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conditions<S = SceneId> {
    /// Its name, which names columns of the data.
    pub name: PartName,
    /// The levels, in the researcher's order; at least two.
    pub levels: Vec<Level<S>>,
    /// Who gets a level together.
    pub per: Per,
    /// What follows when every level has its quota.
    pub when_full: WhenFull,
    /// Time, in seconds, after which the place of somebody who is away is free again.
    pub reopen_after_s: u32,
}

/// A level of a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level<S = SceneId> {
    /// Its name.
    pub name: PartName,
    /// How many get it at most; either every level has a quota, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<u32>,
    /// What they get; may be nothing.
    pub parts: Vec<Part<S>>,
}

/// Who gets a level together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Each participant for itself.
    #[default]
    Person,
    /// Those who played together last.
    Group,
}

/// What follows when every level has its quota.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenFull {
    /// The study goes on without any of the levels.
    #[default]
    Continue,
    /// The study ends for the participant, with a code of its own.
    End,
}

impl WhenFull {
    /// The word that researchers write.
    pub fn word(self) -> &'static str {
        match self {
            Self::Continue => "continue",
            Self::End => "end",
        }
    }
}

/// Where a scene is passed over, or leads elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Branches {
    /// The scene is passed over when one of these holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skip_if: Vec<Rule>,
    /// Where it leads: the first of these that applies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub go_to: Vec<GoTo>,
}

/// A way to another scene.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GoTo {
    /// A scene or a section; absent when a function names it.
    pub target: Option<PartName>,
    /// When; always when absent.
    pub rule: Option<Rule>,
}

/// Something that holds for a participant or does not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// What a function of the experiment module says; its name.
    Function(String),
    /// What a comparison says.
    When(Test),
}

/// A comparison. Of something that is not known, such as a question without an answer, none holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Test {
    /// What is compared.
    pub of: Of,
    /// It is this; for several options, exactly these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<Value>,
    /// It is one of these; for several options, one of them is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any_of: Option<Vec<Value>>,
    /// It is a number not below this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Finite>,
    /// It is a number not above this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Finite>,
}

/// What a comparison looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// The answer to a question.
    Answer(SceneId, QuestionId),
    /// How a game went.
    Result(SceneId, Measure),
    /// A value that scenes share.
    Global(String),
    /// The level of a condition.
    Condition(PartName),
    /// A query parameter of the participant's link.
    Parameter(String),
}

/// What of a game is compared. Episodes for practice do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Sum of the rewards of all episodes.
    Score,
    /// The same, divided by the number of episodes.
    MeanScore,
    /// Number of episodes.
    Episodes,
    /// Number of steps.
    Steps,
}

impl<S> Part<S> {
    /// The parts directly in it, with a number each; those of a condition level by level.
    pub fn children(&self) -> Vec<&Part<S>> {
        match self {
            Self::Scene(_) => Vec::new(),
            Self::RandomizeOrder { parts, .. } | Self::RepeatScene { parts, .. } | Self::Section { parts, .. } => {
                parts.iter().collect()
            }
            Self::Conditions(conditions) => conditions.levels.iter().flat_map(|level| &level.parts).collect(),
        }
    }

    /// All scenes in it, in the order in which they are written.
    pub fn scenes(&self) -> Vec<&S> {
        match self {
            Self::Scene(scene) => vec![scene],
            _ => self.children().into_iter().flat_map(Part::scenes).collect(),
        }
    }

    /// The most scenes that somebody can get of it.
    pub fn longest(&self) -> u32 {
        let sum = |parts: &[Part<S>]| parts.iter().map(Part::longest).fold(0, u32::saturating_add);
        match self {
            Self::Scene(_) => 1,
            Self::RandomizeOrder { parts, keep_n } => {
                let mut lengths: Vec<u32> = parts.iter().map(Part::longest).collect();
                lengths.sort_unstable_by(|one, other| other.cmp(one));
                let kept = keep_n.map_or(lengths.len(), |n| n as usize);
                lengths.into_iter().take(kept).fold(0, u32::saturating_add)
            }
            Self::RepeatScene { parts, n } => sum(parts).saturating_mul(*n),
            Self::Section { parts, .. } => sum(parts),
            Self::Conditions(conditions) => {
                conditions.levels.iter().map(|level| sum(&level.parts)).max().unwrap_or_default()
            }
        }
    }

    /// The same with other names of scenes.
    ///
    /// # Errors
    /// The first that there is.
    pub fn renamed<T, E>(&self, name: &mut impl FnMut(&S) -> Result<T, E>) -> Result<Part<T>, E> {
        Ok(match self {
            Self::Scene(scene) => Part::Scene(name(scene)?),
            Self::RandomizeOrder { parts, keep_n } => {
                Part::RandomizeOrder { parts: all_renamed(parts, name)?, keep_n: *keep_n }
            }
            Self::RepeatScene { parts, n } => Part::RepeatScene { parts: all_renamed(parts, name)?, n: *n },
            Self::Section { name: title, parts } => {
                Part::Section { name: title.clone(), parts: all_renamed(parts, name)? }
            }
            Self::Conditions(Conditions { name: title, levels, per, when_full, reopen_after_s }) => {
                let mut renamed = Vec::new();
                for Level { name: level, quota, parts } in levels {
                    renamed.push(Level { name: level.clone(), quota: *quota, parts: all_renamed(parts, name)? });
                }
                Part::Conditions(Conditions {
                    name: title.clone(),
                    levels: renamed,
                    per: *per,
                    when_full: *when_full,
                    reopen_after_s: *reopen_after_s,
                })
            }
        })
    }
}

fn all_renamed<S, T, E>(parts: &[Part<S>], name: &mut impl FnMut(&S) -> Result<T, E>) -> Result<Vec<Part<T>>, E> {
    parts.iter().map(|part| part.renamed(name)).collect()
}

impl Flow {
    /// Whether anything in it is drawn, so that participants have to be numbered.
    pub fn draws(&self) -> bool {
        fn draws(part: &Part) -> bool {
            match part {
                Part::Scene(_) => false,
                Part::RandomizeOrder { .. } | Part::Conditions(_) => true,
                Part::RepeatScene { parts, .. } | Part::Section { parts, .. } => parts.iter().any(draws),
            }
        }
        self.order.iter().any(draws)
    }

    /// All conditions in it.
    pub fn conditions(&self) -> Vec<&Conditions> {
        fn find<'a>(part: &'a Part, found: &mut Vec<&'a Conditions>) {
            if let Part::Conditions(conditions) = part {
                found.push(conditions);
            }
            part.children().into_iter().for_each(|part| find(part, found));
        }
        let mut found = Vec::new();
        self.order.iter().for_each(|part| find(part, &mut found));
        found
    }

    /// The condition of that name.
    pub fn condition(&self, name: &PartName) -> Option<&Conditions> {
        self.conditions().into_iter().find(|conditions| conditions.name == *name)
    }
}

impl<S> Conditions<S> {
    /// The level of that name.
    pub fn level(&self, name: &str) -> Option<&Level<S>> {
        self.levels.iter().find(|level| level.name.as_str() == name)
    }
}
