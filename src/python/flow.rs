//! Makes the order and the branches of [`crate::experiment`] of what the builders hold.

use std::collections::BTreeMap;
use std::sync::Arc;

use pyo3::prelude::*;

use super::builders::{Lead, Node, Rule, SceneBuilder};
use super::functions::Decider;
use super::matchmaker::Folders;
use super::study::Draft;
use crate::experiment::{self, Branches, GoTo, Layout, Part, Problem, Scene};
use crate::ids::SceneId;
use crate::rules::functions::{Call, FunctionKey};

/// The branches of a study, with the functions in them, and what is wrong with them.
pub(super) struct Branched {
    pub branches: BTreeMap<SceneId, Branches>,
    pub functions: BTreeMap<FunctionKey, Arc<dyn Call>>,
    pub problems: Vec<Problem>,
}

/// The scenes of an order, each once, and the order with their places in that list.
pub(super) fn laid_out(order: &[Node]) -> (Vec<Arc<SceneBuilder>>, Vec<Part<usize>>) {
    let mut scenes: Vec<Arc<SceneBuilder>> = Vec::new();
    let mut place = |scene: &Arc<SceneBuilder>| {
        let known = scenes.iter().position(|known| known.object().as_ptr() == scene.object().as_ptr());
        let place = known.unwrap_or(scenes.len());
        if known.is_none() {
            scenes.push(scene.clone());
        }
        Ok::<_, std::convert::Infallible>(place)
    };
    let parts = order.iter().filter_map(|node| node.renamed(&mut place).ok()).collect();
    (scenes, parts)
}

/// The order with the names of scenes.
pub(super) fn named(order: &[Part<usize>], scenes: &[Scene]) -> Vec<Part> {
    let mut name = |place: &usize| scenes.get(*place).map(|scene| scene.id().clone()).ok_or(());
    order.iter().filter_map(|part| part.renamed(&mut name).ok()).collect()
}

/// The branches of all scenes.
pub(super) fn branches(
    py: Python<'_>,
    scenes: &[Arc<SceneBuilder>],
    drafts: &[Draft],
    layout: &Layout<'_>,
    folders: &Folders,
) -> Branched {
    let mut branched = Branched { branches: BTreeMap::new(), functions: BTreeMap::new(), problems: Vec::new() };
    let lookup =
        |id: &SceneId| drafts.iter().filter_map(|draft| draft.scene.as_ref().ok()).find(|scene| scene.id() == id);
    for (at, (scene, draft)) in scenes.iter().zip(drafts).enumerate() {
        // Without a name, that is the first thing to mend.
        let (Some(base), Some(id)) = (scene.base(py), &draft.id) else { continue };
        let base = base.borrow();
        let mut own = Branches::default();
        let mut wrong = Vec::new();
        for (index, branch) in base.skip_if.iter().enumerate() {
            let rule = match &branch.what {
                Rule::Function(function) => {
                    let option = format!("skip_if.{index}");
                    let decider = Decider::new("skip_if", function.clone(), folders.clone());
                    branched.functions.insert(FunctionKey::of_scene(id, option), Arc::new(decider));
                    experiment::Rule::Function(function.name.clone())
                }
                Rule::When(comparison) => experiment::Rule::When(comparison.test(id)),
            };
            let within = || layout.problem_of_rule(&rule, &lookup).map(|why| format!("skip_if: {why}"));
            wrong.extend(layout.problem_of_skip(at).or_else(within).map(|why| (why, branch.place.clone())));
            own.skip_if.push(rule);
        }
        for (index, branch) in base.go_to.iter().enumerate() {
            let go = match &branch.what {
                Lead::To(target, comparison) => {
                    let rule = comparison.as_ref().map(|comparison| experiment::Rule::When(comparison.test(id)));
                    GoTo { target: Some(target.clone()), rule }
                }
                Lead::Function(function) => {
                    let option = format!("go_to.{index}");
                    let decider = Decider::new("go_to", function.clone(), folders.clone());
                    branched.functions.insert(FunctionKey::of_scene(id, option), Arc::new(decider));
                    GoTo { target: None, rule: Some(experiment::Rule::Function(function.name.clone())) }
                }
            };
            let target = || go.target.as_ref().and_then(|target| layout.problem_of_target(at, target));
            let rule = || go.rule.as_ref().and_then(|rule| layout.problem_of_rule(rule, &lookup));
            let within = || target().or_else(|| rule().map(|why| format!("go_to: {why}")));
            wrong.extend(layout.problem_of_leaving(at).or_else(within).map(|why| (why, branch.place.clone())));
            own.go_to.push(go);
        }
        let problem = |(why, place)| Problem::new(why).of_scene(at).at(place);
        branched.problems.extend(wrong.into_iter().map(problem));
        if own != Branches::default() {
            branched.branches.insert(id.clone(), own);
        }
    }
    branched
}
