//! Makes the plain types of [`crate::experiment`] of what the builders hold, and tells everything that is missing.

mod draft;
mod gym;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use pyo3::prelude::*;

use super::builders::{self, Callback, SceneBuilder};
use super::callbacks::Listener;
use super::flow;
use super::functions::Decider;
use super::matchmaker::Folders;
use crate::actors::participant::ENTRY;
use crate::experiment::{Experiment, Flow, Layout, Problem, SEED, Scene, Stager, StaticDirectory, problems_of_order};
use crate::ids::SceneId;
use crate::rules::events::{Callbacks, Listen};
use crate::rules::functions::{Call, FunctionKey};
use crate::rules::matchers::Suggest;

pub(super) use draft::Draft;

/// A study with its own code.
pub(super) struct Collected {
    /// The study.
    pub experiment: Experiment,
    /// Functions that say who plays with whom.
    pub suggesters: BTreeMap<SceneId, Arc<dyn Suggest>>,
    /// Functions that decide something.
    pub functions: BTreeMap<FunctionKey, Arc<dyn Call>>,
    /// Objects that are told of what happened.
    pub callbacks: Callbacks,
}

/// The whole study, or all its problems.
pub(super) fn collect(
    py: Python<'_>,
    study: &Bound<'_, builders::Experiment>,
    folders: &Folders,
) -> Result<Collected, Vec<Problem>> {
    let study = study.borrow();
    let (Some(id), Some(stager)) = (&study.id, &study.stager) else {
        return Err(vec![
            Problem::new(
                "the Experiment has no id and no scenes: give them with .experiment(experiment_id=..., stager=...)",
            )
            .at(study.place.clone()),
        ]);
    };
    let stager = stager.get();
    let (builders, order) = flow::laid_out(&stager.order);
    let drafts: Vec<Draft> = builders.iter().map(|scene| Draft::of(py, scene, folders)).collect();
    let outlines: Vec<_> = drafts.iter().map(Draft::outline).collect();
    let place_of = |problem: &Problem| match problem.scene() {
        Some(index) => drafts.get(index).and_then(|draft| draft.place.clone()),
        None => stager.place.clone(),
    };
    let mut problems: Vec<Problem> = problems_of_order(&outlines, &order)
        .into_iter()
        .map(|problem| {
            let place = place_of(&problem);
            problem.at(place)
        })
        .collect();
    let branched = flow::branches(py, &builders, &drafts, &Layout::of(&outlines, &order), folders);
    problems.extend(branched.problems);
    let mut scenes = Vec::new();
    let mut suggesters = BTreeMap::<_, Arc<dyn Suggest>>::new();
    let mut functions = branched.functions;
    let mut callbacks = Callbacks { study: listeners(&study.callbacks, &[], folders), ..Callbacks::default() };
    for (index, draft) in drafts.into_iter().enumerate() {
        let title = draft.outline().to_string();
        match draft.scene {
            Ok(scene) => {
                if let Some(matchmaker) = draft.matchmaker {
                    suggesters.insert(scene.id().clone(), Arc::new(matchmaker));
                }
                functions.extend(draft.functions);
                let own = listeners(&draft.callbacks, &study.callbacks, folders);
                if !own.is_empty() {
                    callbacks.scenes.insert(scene.id().clone(), own);
                }
                scenes.push(scene);
            }
            Err(missing) => {
                problems.extend(
                    missing
                        .into_iter()
                        .map(|text| Problem::new(format!("{title} {text}")).of_scene(index).at(draft.place.clone())),
                );
            }
        }
    }
    problems.extend(pictures_not_served(py, &builders, &study.static_directories));
    if let Some(entry) = &study.entry {
        let decider = Decider::new(ENTRY, entry.clone(), folders.clone());
        functions.insert(FunctionKey::of_study(ENTRY), Arc::new(decider));
    }
    if !problems.is_empty() {
        problems.sort_by_key(Problem::scene);
        return Err(problems);
    }
    if let Some((bonus, function)) = &study.bonus {
        let decider = Decider::new("bonus", function.clone(), folders.clone());
        functions.insert(FunctionKey::of_study("bonus"), Arc::new(decider));
        for scene in &mut scenes {
            if let Scene::End(end) = scene {
                end.bonus = Some(bonus.clone());
            }
        }
    }
    let order = flow::named(&order, &scenes);
    let stager = Stager::of(scenes, Flow { order, branches: branched.branches, seed: study.seed.unwrap_or(SEED) })?;
    let experiment = Experiment {
        id: id.clone(),
        stager,
        static_directories: study.static_directories.clone(),
        globals: study.globals.clone(),
        gates: study.gates.clone(),
        language: study.language.clone(),
    };
    Ok(Collected { experiment, suggesters, functions, callbacks })
}

/// Pictures of questions that no page could show, because nothing serves them.
fn pictures_not_served(py: Python<'_>, scenes: &[Arc<SceneBuilder>], served: &[StaticDirectory]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, scene) in scenes.iter().enumerate() {
        let SceneBuilder::Form(scene) = &**scene else { continue };
        for (address, place) in &scene.borrow(py).pictures {
            if !served.iter().any(|directory| Path::new(address).starts_with(&directory.address)) {
                let folder = address.rsplit_once('/').map_or("pictures", |(folder, _)| folder);
                let text = format!(
                    "the picture '{address}' is in no folder that is served: add .static_files(['{folder}']) to the \
                     Experiment{}",
                    if address.contains('/') { "" } else { ", and put the picture into it" }
                );
                problems.push(Problem::new(text).of_scene(index).at(place.clone()));
            }
        }
    }
    problems
}

/// What hears events for these callbacks. One that hears all events of the study is not told of a scene's twice.
fn listeners(own: &[Arc<Callback>], of_study: &[Arc<Callback>], folders: &Folders) -> Vec<Arc<dyn Listen>> {
    let heard = |callback: &&Arc<Callback>| of_study.iter().any(|other| other.object.is(&callback.object));
    let listener =
        |callback: &Arc<Callback>| -> Arc<dyn Listen> { Arc::new(Listener::new(callback.clone(), folders.clone())) };
    own.iter().filter(|callback| !heard(callback)).map(listener).collect()
}
