//! What can be wrong with a scene's branches: whom they concern, and where they lead.

use super::layout::{Choices, Layout, Spot, certain};
use crate::experiment::{Branches, END, Part, START, Scene};
use crate::ids::{PartName, SceneId};

impl Layout<'_> {
    /// What is wrong with a scene's branches.
    pub fn problems_of_branches<'b>(
        &'b self,
        at: usize,
        branches: &'b Branches,
        scenes: &'b [Scene],
    ) -> impl Iterator<Item = String> + 'b {
        let lookup = |id: &SceneId| scenes.iter().find(|scene| scene.id() == id);
        let skips = branches
            .skip_if
            .iter()
            .flat_map(move |rule| self.problem_of_skip(at).or_else(|| self.problem_of_rule(rule, &lookup)));
        let goes = branches.go_to.iter().flat_map(move |go| {
            let target = go.target.as_ref();
            let wrong =
                self.problem_of_leaving(at).or_else(|| target.and_then(|target| self.problem_of_target(at, target)));
            wrong.or_else(|| go.rule.as_ref().and_then(|rule| self.problem_of_rule(rule, &lookup)))
        });
        skips.chain(goes)
    }

    /// Why a scene cannot be passed over.
    pub fn problem_of_skip(&self, at: usize) -> Option<String> {
        let scene = &self.scenes[at];
        let last = matches!(self.order.last(), Some(Part::Scene(last)) if *last == at);
        match scene.kind {
            START => Some(format!("{scene} has .skip_if(...), but the first scene is always shown: remove it")),
            END if last => Some(format!(
                "{scene} has .skip_if(...), but the last scene is for everybody who comes there: remove it"
            )),
            _ => None,
        }
    }

    /// Why a scene leads nowhere.
    pub fn problem_of_leaving(&self, at: usize) -> Option<String> {
        let scene = &self.scenes[at];
        (scene.kind == END).then(|| format!("{scene} has .go_to(...), but nothing comes after an EndScene: remove it"))
    }

    /// Why nobody can be led from a scene to this scene or section.
    pub fn problem_of_target(&self, at: usize, target: &PartName) -> Option<String> {
        let scene = &self.scenes[at];
        let is_it = |spot: &&Spot| self.scenes[spot.scene].id.is_some_and(|id| id.as_str() == target.as_str());
        let spots: Vec<&Choices> =
            self.flat.iter().filter(is_it).map(|spot| &spot.choices).chain(self.sections.get(target)).collect();
        if spots.is_empty() {
            return Some(format!(
                "{scene} has .go_to('{target}'), but no scene or section has that name; there are {}",
                self.targets().join(", ")
            ));
        }
        if self.flat.iter().find(is_it).is_some_and(|spot| self.scenes[spot.scene].kind == START) {
            return Some(format!(
                "{scene} has .go_to('{target}'), but nobody goes back to the StartScene: name another scene"
            ));
        }
        let mut from = self.flat.iter().filter(|spot| spot.scene == at);
        let reached = from.all(|from| spots.iter().any(|to| certain(to, &from.choices)));
        (!reached).then(|| {
            format!(
                "{scene} has .go_to('{target}'), which only some participants have in their order (it stands in a level of \
                 Conditions, or in a RandomizeOrder with keep_n): name a scene that everybody has who comes here"
            )
        })
    }

    fn targets(&self) -> Vec<String> {
        let scenes = self.scenes.iter().filter(|scene| scene.kind != START).filter_map(|scene| scene.id);
        scenes.map(|id| format!("'{id}'")).chain(self.sections.keys().map(|name| format!("'{name}'"))).collect()
    }
}
