//! The study as plain types: what the researcher's builders fill and the service obeys.
//!
//! A value of these types is right by construction: the constructors check what the builders could not, and nothing
//! behind them checks again.

mod address;
mod assets;
mod bonus;
mod embed;
mod form;
mod gates;
mod globals;
mod group;
mod gym;
mod input;
mod language;
mod policy;
mod problem;
mod scene;

pub use address::{check_address, encoded, filled_address, holes};
pub use assets::{Asset, FrameName, is_picture, is_within};
pub use bonus::{Bonus, PLACEHOLDER};
pub use embed::*;
pub use form::*;
pub use gates::*;
pub use globals::*;
pub use group::*;
pub use gym::*;
pub use input::*;
pub use language::{
    BUILT_IN as LANGUAGES, FORMS, LONGEST_TEXT as LONGEST_OWN_TEXT, Language, LanguageError, Words, keys as text_keys,
};
pub use policy::*;
pub use problem::{Place, Problem};
pub use scene::*;

use std::collections::BTreeSet;
use std::fmt;
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

/// The ordered scenes of a study: begins with a start scene, ends with an end scene, no id twice.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Scenes")]
pub struct Stager {
    scenes: Vec<Scene>,
}

/// A stager's form in the record.
#[derive(Deserialize)]
struct Scenes {
    scenes: Vec<Scene>,
}

impl TryFrom<Scenes> for Stager {
    type Error = String;
    fn try_from(recorded: Scenes) -> Result<Self, String> {
        Self::new(recorded.scenes)
            .map_err(|problems| problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("; "))
    }
}

impl Stager {
    /// Checks the order of the scenes.
    ///
    /// # Errors
    /// Every problem found, not only the first.
    pub fn new(scenes: Vec<Scene>) -> Result<Self, Vec<Problem>> {
        let outlines =
            scenes.iter().map(|scene| Outline { kind: scene.kind(), id: Some(scene.id()), way_out: scene.way_out() });
        let outlines: Vec<_> = outlines.collect();
        let problems = problems_of_order(&outlines);
        if problems.is_empty() { Ok(Self { scenes }) } else { Err(problems) }
    }

    /// The scenes in the researcher's order.
    pub fn scenes(&self) -> &[Scene] {
        &self.scenes
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

/// What the order of scenes depends on. A scene that is not complete yet has one too, so that all problems of a study
/// can be told at once.
#[derive(Debug, Clone, Copy)]
pub struct Outline<'a> {
    /// See [`Scene::kind`].
    pub kind: &'static str,
    /// The scene's id, once it has one.
    pub id: Option<&'a SceneId>,
    /// See [`Scene::way_out`].
    pub way_out: Option<&'a SceneId>,
}

impl fmt::Display for Outline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id {
            Some(id) => write!(f, "{} {:?}", self.kind, id.as_str()),
            None => write!(f, "a {} without scene_id", self.kind),
        }
    }
}

/// Everything that is wrong with the order and the ids of scenes.
pub fn problems_of_order(scenes: &[Outline<'_>]) -> Vec<Problem> {
    let mut problems = Vec::new();
    match scenes.first() {
        Some(first) if first.kind != START => problems.push(Problem::first_is_not_start(first).of_scene(0)),
        Some(_) => {}
        None => problems.push(Problem::no_scenes()),
    }
    match scenes.last() {
        Some(last) if last.kind != END => {
            problems.push(Problem::last_is_not_end(last).of_scene(scenes.len() - 1));
        }
        Some(_) | None => {}
    }
    let mut seen = BTreeSet::new();
    for (index, scene) in scenes.iter().enumerate() {
        if let Some(id) = scene.id
            && !seen.insert(id)
        {
            problems.push(Problem::duplicate_scene(id).of_scene(index));
        }
    }
    for (index, scene) in scenes.iter().enumerate() {
        let behind = &scenes[index + 1..];
        if let Some(way_out) = scene.way_out
            && !behind.iter().any(|other| other.id == Some(way_out))
        {
            let exists = scenes.iter().any(|other| other.id == Some(way_out));
            problems.push(Problem::way_out_is_not_ahead(scene, way_out, exists, behind).of_scene(index));
        }
    }
    problems
}
