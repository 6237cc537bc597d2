//! The study as plain types: what the researcher's builders fill and the service obeys.
//!
//! A value of these types is right by construction: the constructors check what the builders could not, and nothing
//! behind them checks again.

mod gym;
mod problem;
mod scene;

pub use gym::*;
pub use problem::Problem;
pub use scene::*;

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Serialize;

use crate::ids::{ExperimentId, SceneId};

/// A whole study.
#[derive(Debug, Clone, Serialize)]
pub struct Experiment {
    /// Names the study and its folder of data.
    pub id: ExperimentId,
    /// The scenes.
    pub stager: Stager,
    /// Directories whose files pages may use, each at the address equal to its path relative to the module.
    pub static_directories: Vec<StaticDirectory>,
}

/// A directory of files that pages may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StaticDirectory {
    /// Address below the service's base path, without slashes at its ends.
    pub address: String,
    /// Where it is.
    pub directory: PathBuf,
}

/// The ordered scenes of a study: begins with a start scene, ends with an end scene, no id twice.
#[derive(Debug, Clone, Serialize)]
pub struct Stager {
    scenes: Vec<Scene>,
}

impl Stager {
    /// Checks the order of the scenes.
    ///
    /// # Errors
    /// Every problem found, not only the first.
    pub fn new(scenes: Vec<Scene>) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        match scenes.first() {
            Some(Scene::Start(_)) => {}
            Some(other) => problems.push(Problem::first_is_not_start(other)),
            None => problems.push(Problem::no_scenes()),
        }
        match scenes.last() {
            Some(Scene::End(_)) | None => {}
            Some(other) => problems.push(Problem::last_is_not_end(other)),
        }
        let mut seen = BTreeSet::new();
        for scene in &scenes {
            if !seen.insert(scene.id()) {
                problems.push(Problem::duplicate_scene(scene.id()));
            }
        }
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

    /// The game scenes.
    pub fn gyms(&self) -> impl Iterator<Item = &GymScene> {
        self.scenes.iter().filter_map(|scene| match scene {
            Scene::Gym(gym) => Some(&**gym),
            _ => None,
        })
    }
}
