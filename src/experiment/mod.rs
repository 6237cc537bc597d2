//! The study as plain types: what the researcher's builders fill and the service obeys.
//!
//! A value of these types is right by construction: the constructors check what the builders could not, and nothing
//! behind them checks again.

mod address;
mod assets;
mod bonus;
mod embed;
mod flow;
mod foresight;
mod form;
mod gates;
mod globals;
mod group;
mod gym;
mod input;
mod language;
mod order;
mod policy;
mod problem;
mod scene;

pub use address::{check_address, encoded, filled_address, holes};
pub use assets::{Asset, FrameName, is_picture, is_within};
pub use bonus::{Bonus, PLACEHOLDER};
pub use embed::*;
pub use flow::*;
pub use foresight::{LooksAhead, looks_ahead};
pub use form::*;
pub use gates::*;
pub use globals::*;
pub use group::*;
pub use gym::*;
pub use input::*;
pub use language::{
    BUILT_IN as LANGUAGES, FORMS, LONGEST_TEXT as LONGEST_OWN_TEXT, Language, LanguageError, Words, keys as text_keys,
};
pub use order::*;
pub use policy::*;
pub use problem::{Place, Problem};
pub use scene::*;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::ids::{ExperimentId, SceneId};

/// A whole study.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Experiment {
    /// Names the study and its folder of data.
    pub id: ExperimentId,
    /// The scenes.
    pub stager: Stager,
    /// Directories whose files pages may use, each at the address equal to its path relative to the module.
    pub static_directories: Vec<StaticDirectory>,
    /// Values that its scenes share.
    #[serde(default)]
    pub globals: Globals,
    /// Who may take part, and with what everybody leaves.
    #[serde(default)]
    pub gates: Gates,
    /// What participants read that is not the researcher's.
    #[serde(default)]
    pub language: Language,
}

/// First segments of addresses that the service itself answers: no directory of files, and nobody, is named so.
pub const RESERVED: [&str; 9] =
    ["admin", "apple-touch-icon.png", "assets", "favicon.ico", "files", "healthz", "metrics", "robots.txt", "ws"];

/// A directory of files that pages may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaticDirectory {
    /// Address below the service's base path, without slashes at its ends.
    pub address: String,
    /// Where it is.
    pub directory: PathBuf,
}

/// The scenes of a study and their order: begins with a start scene, ends with an end scene, no id twice.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Scenes")]
pub struct Stager {
    scenes: Vec<Scene>,
    #[serde(flatten)]
    flow: Flow,
}

/// A stager's form in the record.
#[derive(Deserialize)]
struct Scenes {
    scenes: Vec<Scene>,
    #[serde(flatten)]
    flow: Flow,
}

impl TryFrom<Scenes> for Stager {
    type Error = String;
    fn try_from(recorded: Scenes) -> Result<Self, String> {
        Self::of(recorded.scenes, recorded.flow)
            .map_err(|problems| problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("; "))
    }
}

impl Stager {
    /// Scenes one after the other.
    ///
    /// # Errors
    /// Every problem found, not only the first.
    pub fn new(scenes: Vec<Scene>) -> Result<Self, Vec<Problem>> {
        Self::of(scenes, Flow::default())
    }

    /// Scenes in an order that may be more than a list, with branches. Without parts they come one after the other.
    ///
    /// # Errors
    /// Every problem found, not only the first.
    pub fn of(scenes: Vec<Scene>, mut flow: Flow) -> Result<Self, Vec<Problem>> {
        if flow.order.is_empty() {
            flow.order = scenes.iter().map(|scene| Part::Scene(scene.id().clone())).collect();
        }
        let problems = problems_of(&scenes, &flow);
        if problems.is_empty() { Ok(Self { scenes, flow }) } else { Err(problems) }
    }

    /// The scenes, in the order in which they are written.
    pub fn scenes(&self) -> &[Scene] {
        &self.scenes
    }

    /// Their order, and the branches in it.
    pub fn flow(&self) -> &Flow {
        &self.flow
    }

    /// The scene of that id.
    pub fn scene(&self, id: &SceneId) -> Option<&Scene> {
        self.scenes.iter().find(|scene| scene.id() == id)
    }

    /// The scenes with documents of the researcher's own.
    pub fn documents(&self) -> impl Iterator<Item = &EmbeddedScene> {
        self.scenes.iter().filter_map(|scene| match scene {
            Scene::Embedded(scene) => Some(&**scene),
            _ => None,
        })
    }

    /// The game scenes.
    pub fn gyms(&self) -> impl Iterator<Item = &GymScene> {
        self.scenes.iter().filter_map(|scene| match scene {
            Scene::Gym(gym) => Some(&**gym),
            _ => None,
        })
    }
}
