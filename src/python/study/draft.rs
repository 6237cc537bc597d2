//! A scene of the builders on its way to the plain types, with its own functions.

use std::collections::BTreeMap;
use std::sync::Arc;

use pyo3::prelude::*;

use super::gym::gym;
use crate::actors::participant::MONITOR;
use crate::experiment::{END, EndScene, FormScene, GYM, Outline, Place, START, STATIC, Scene, StartScene};
use crate::ids::SceneId;
use crate::python::builders::{self, Callback, SceneBuilder};
use crate::python::functions::Decider;
use crate::python::matchmaker::{Folders, Matchmaker};
use crate::rules::functions::{Call, FunctionKey};

/// A scene on its way to the plain types.
pub(in crate::python) struct Draft {
    kind: &'static str,
    pub(in crate::python) id: Option<SceneId>,
    pub(super) place: Option<Place>,
    /// The scene, or what it lacks: each completes "the scene ...".
    pub(in crate::python) scene: Result<Scene, Vec<String>>,
    /// The scene's own function that says who plays with whom.
    pub(super) matchmaker: Option<Matchmaker>,
    /// The scene's own functions that decide something.
    pub(super) functions: BTreeMap<FunctionKey, Arc<dyn Call>>,
    pub(super) callbacks: Vec<Arc<Callback>>,
}

pub(super) const NO_ID: &str = "has no name: give it one with .scene(scene_id=...)";

impl Draft {
    pub(super) fn of(py: Python<'_>, scene: &SceneBuilder, folders: &Folders) -> Self {
        match scene {
            SceneBuilder::Start(scene) => {
                let scene = scene.borrow(py);
                let made = scene
                    .scene_id
                    .clone()
                    .map(|scene_id| Scene::Start(StartScene { scene_id, page: scene.page.clone() }));
                Self::new(START, scene.scene_id.clone(), scene.place.clone(), made.ok_or_else(|| vec![NO_ID.into()]))
            }
            SceneBuilder::Form(scene) => {
                let scene = scene.borrow(py);
                let made = scene.scene_id.clone().map(|scene_id| {
                    let (class, page, form) = (scene.class.name.to_owned(), scene.page.clone(), scene.form.clone());
                    Scene::Form(Box::new(FormScene { scene_id, class, page, form }))
                });
                Self::new(STATIC, scene.scene_id.clone(), scene.place.clone(), made.ok_or_else(|| vec![NO_ID.into()]))
            }
            SceneBuilder::Embedded(scene) => {
                let scene = scene.borrow(py);
                let made = scene.finish(NO_ID).map(|made| Scene::Embedded(Box::new(made)));
                let mut draft = Self::new(scene.kind(), scene.scene_id.clone(), scene.place.clone(), made);
                for (hook, function) in scene.scene_id.iter().flat_map(|_| &scene.hooks) {
                    let decider = Decider::new(hook.option(), function.clone(), folders.clone());
                    let key = FunctionKey { scene: scene.scene_id.clone(), option: hook.option().into() };
                    draft.functions.insert(key, Arc::new(decider));
                }
                draft
            }
            SceneBuilder::End(scene) => {
                let scene = scene.borrow(py);
                let made = scene.scene_id.clone().map(|scene_id| {
                    let (page, redirect) = (scene.page.clone(), scene.redirect.clone());
                    Scene::End(EndScene { scene_id, page, redirect, shows_code: scene.shows_code, bonus: None })
                });
                Self::new(END, scene.scene_id.clone(), scene.place.clone(), made.ok_or_else(|| vec![NO_ID.into()]))
            }
            SceneBuilder::Gym(scene) => {
                let scene = scene.borrow(py);
                let made = gym(py, &scene).map(|gym| Scene::Gym(Box::new(gym)));
                let function = scene.group.function();
                let matchmaker = function.map(|function| Matchmaker::new(py, function, folders.clone()));
                let callbacks = scene.callbacks.clone();
                let mut functions = scene_functions(&scene, folders);
                if let (Some(id), Some(monitor)) = (&scene.scene_id, &scene.monitor) {
                    let decider = Decider::new(MONITOR, monitor.clone(), folders.clone());
                    functions.insert(FunctionKey::of_scene(id, MONITOR), Arc::new(decider));
                }
                Self {
                    matchmaker,
                    callbacks,
                    functions,
                    ..Self::new(GYM, scene.scene_id.clone(), scene.place.clone(), made)
                }
            }
        }
    }

    fn new(kind: &'static str, id: Option<SceneId>, place: Option<Place>, scene: Result<Scene, Vec<String>>) -> Self {
        Self { kind, id, place, scene, matchmaker: None, functions: BTreeMap::new(), callbacks: Vec::new() }
    }

    pub(super) fn outline(&self) -> Outline<'_> {
        let way_out = self.scene.as_ref().ok().and_then(Scene::way_out);
        Outline { kind: self.kind, id: self.id.as_ref(), way_out }
    }
}

/// The functions of a game scene that decide something.
fn scene_functions(scene: &builders::GymScene, folders: &Folders) -> BTreeMap<FunctionKey, Arc<dyn Call>> {
    let Some(id) = &scene.scene_id else { return BTreeMap::new() };
    let decider = |option: &str, function: &builders::Function| -> (FunctionKey, Arc<dyn Call>) {
        (FunctionKey::of_scene(id, option), Arc::new(Decider::new(option, function.clone(), folders.clone())))
    };
    let bonus = scene.bonus.iter().map(|(_, function)| decider("bonus", function));
    let page = scene.game_page.iter().map(|function| decider("game_page_html_fn", function));
    bonus.chain(page).collect()
}
