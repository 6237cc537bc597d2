//! What can be wrong with the order of a study's scenes and with its branches.

mod branches;
mod layout;
mod part;
mod rules;

use std::fmt;

use super::{Flow, Part, Problem, Scene};
use crate::ids::SceneId;

pub use layout::Layout;
pub use part::{problem_of_part, problem_within};

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

impl<'a> Outline<'a> {
    /// That of a scene.
    pub fn of(scene: &'a Scene) -> Self {
        Self { kind: scene.kind(), id: Some(scene.id()), way_out: scene.way_out() }
    }
}

impl fmt::Display for Outline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id {
            Some(id) => write!(f, "{} {:?}", self.kind, id.as_str()),
            None => write!(f, "a {} without scene_id", self.kind),
        }
    }
}

/// Everything that is wrong with scenes, their order and their branches.
pub(super) fn problems_of(scenes: &[Scene], flow: &Flow) -> Vec<Problem> {
    let outlines: Vec<_> = scenes.iter().map(Outline::of).collect();
    let mut problems = Vec::new();
    let mut index = |id: &SceneId| scenes.iter().position(|scene| scene.id() == id).ok_or_else(|| id.clone());
    let mut order = Vec::new();
    for part in &flow.order {
        match part.renamed(&mut index) {
            Ok(part) => order.push(part),
            Err(id) => {
                problems.push(Problem::new(format!("the order names the scene {:?}, which is not there", id.as_str())))
            }
        }
    }
    if !problems.is_empty() {
        return problems;
    }
    // Two scenes of one id: the order can name only the first of them.
    let list = order.iter().all(|part| matches!(part, Part::Scene(_)));
    if list && order.len() == scenes.len() {
        order = (0..scenes.len()).map(Part::Scene).collect();
    }
    let layout = Layout::of(&outlines, &order);
    problems.extend(layout.problems());
    for part in &order {
        problems.extend(problem_within(part, &|scene: &usize| outlines[*scene].kind).map(Problem::new));
    }
    for (id, branches) in &flow.branches {
        match outlines.iter().position(|scene| scene.id == Some(id)) {
            Some(at) => problems
                .extend(layout.problems_of_branches(at, branches, scenes).map(|text| Problem::new(text).of_scene(at))),
            None => {
                problems.push(Problem::new(format!("a branch names the scene {:?}, which is not there", id.as_str())))
            }
        }
    }
    problems
}

/// Everything that is wrong with the order and the ids of scenes; the order names them by their place in the list.
pub fn problems_of_order(scenes: &[Outline<'_>], order: &[Part<usize>]) -> Vec<Problem> {
    Layout::of(scenes, order).problems()
}
