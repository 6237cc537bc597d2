//! What can be wrong with a study as a whole, told in the researcher's words.

use std::fmt;
use std::path::PathBuf;

use crate::ids::SceneId;

/// A line of the researcher's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, counted from 1.
    pub line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// Something that is wrong with a study as a whole, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    text: String,
    scene: Option<usize>,
    place: Option<Place>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.text)
    }
}

impl std::error::Error for Problem {}

impl Problem {
    /// A problem in the given words.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), scene: None, place: None }
    }

    /// The same problem, known to be about the scene at that position of the stager.
    #[must_use]
    pub fn of_scene(self, index: usize) -> Self {
        Self { scene: Some(index), ..self }
    }

    /// The same problem, known to come from that line.
    #[must_use]
    pub fn at(self, place: Option<Place>) -> Self {
        Self { place, ..self }
    }

    /// Position, in the stager, of the scene that it is about.
    pub fn scene(&self) -> Option<usize> {
        self.scene
    }

    /// Where it comes from, where that is known.
    pub fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    pub(super) fn no_scenes() -> Self {
        Self::new("the stager has no scenes: give it at least a StartScene and an EndScene")
    }

    pub(super) fn first_is_not_start(scene: &super::Outline<'_>) -> Self {
        Self::new(format!("the first scene must be a StartScene, but it is {scene}: put a StartScene before it"))
    }

    pub(super) fn last_is_not_end(scene: &super::Outline<'_>) -> Self {
        Self::new(format!("the last scene must be an EndScene, but it is {scene}: put an EndScene behind it"))
    }

    pub(super) fn duplicate_scene(id: &SceneId) -> Self {
        Self::new(format!(
            "two scenes have the scene_id {:?}: their data would share a file; give each its own id",
            id.as_str()
        ))
    }

    pub(super) fn way_out_is_not_ahead(
        scene: &super::Outline<'_>,
        way_out: &SceneId,
        exists: bool,
        behind: &[super::Outline<'_>],
    ) -> Self {
        let why = if exists { "which does not come after it" } else { "but no scene has that id" };
        let choice: Vec<_> =
            behind.iter().filter_map(|other| other.id).map(|id| format!("{:?}", id.as_str())).collect();
        let advice = match choice.is_empty() {
            true => "put that scene behind it".to_owned(),
            false => format!("name one of those behind it: {}", choice.join(", ")),
        };
        Self::new(format!(
            "{scene} has timeout_scene_id={:?}, {why}: whoever waits in vain only goes forward; {advice}",
            way_out.as_str()
        ))
    }
}
