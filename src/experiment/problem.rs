//! What can be wrong with a study as a whole, told in the researcher's words.

use super::Scene;
use crate::ids::SceneId;

/// Something that is wrong with a study as a whole, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Problem(String);

impl Problem {
    /// A problem in the given words.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(super) fn no_scenes() -> Self {
        Self::new("the stager has no scenes: give it at least a StartScene and an EndScene")
    }

    pub(super) fn first_is_not_start(scene: &Scene) -> Self {
        Self::new(format!(
            "the first scene must be a StartScene, but {:?} is a {}: put a StartScene before it",
            scene.id().as_str(),
            scene.kind()
        ))
    }

    pub(super) fn last_is_not_end(scene: &Scene) -> Self {
        Self::new(format!(
            "the last scene must be an EndScene, but {:?} is a {}: put an EndScene behind it",
            scene.id().as_str(),
            scene.kind()
        ))
    }

    pub(super) fn duplicate_scene(id: &SceneId) -> Self {
        Self::new(format!(
            "two scenes have the scene_id {:?}: their data would share a file; give each its own id",
            id.as_str()
        ))
    }
}
