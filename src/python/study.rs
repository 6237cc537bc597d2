//! Makes the plain types of [`crate::experiment`] of what the builders hold, and tells everything that is missing.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use pyo3::prelude::*;

use super::builders::{self, Callback, PolicyDraft, SceneBuilder};
use super::callbacks::Listener;
use super::functions::Decider;
use super::matchmaker::{Folders, Matchmaker};
use super::{flow, needs};
use crate::actors::participant::{ENTRY, MONITOR};
use crate::experiment::{
    ActionPopulation, Asset, END, EndScene, Experiment, Flow, FormScene, GYM, Group, GymScene, Layout, Mode, Outline,
    Place, Pointer, Policy, Problem, Rendering, Runtime, SEED, START, STATIC, Scene, Stager, StartScene,
    StaticDirectory, is_within, problems_of_order,
};
use crate::ids::SceneId;
use crate::rules::events::{Callbacks, Listen};
use crate::rules::functions::{Call, FunctionKey};
use crate::rules::matchers::Suggest;

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

/// A scene on its way to the plain types.
pub(super) struct Draft {
    kind: &'static str,
    pub(super) id: Option<SceneId>,
    place: Option<Place>,
    /// The scene, or what it lacks: each completes "the scene ...".
    pub(super) scene: Result<Scene, Vec<String>>,
    /// The scene's own function that says who plays with whom.
    matchmaker: Option<Matchmaker>,
    /// The scene's own functions that decide something.
    functions: BTreeMap<FunctionKey, Arc<dyn Call>>,
    callbacks: Vec<Arc<Callback>>,
}

const NO_ID: &str = "has no name: give it one with .scene(scene_id=...)";

impl Draft {
    fn of(py: Python<'_>, scene: &SceneBuilder, folders: &Folders) -> Self {
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

    fn outline(&self) -> Outline<'_> {
        let way_out = self.scene.as_ref().ok().and_then(Scene::way_out);
        Outline { kind: self.kind, id: self.id.as_ref(), way_out }
    }
}

fn gym(py: Python<'_>, scene: &builders::GymScene) -> Result<GymScene, Vec<String>> {
    let mut missing: Vec<String> = Vec::new();
    let mut lacks = |text: &str| missing.push(text.to_owned());
    if scene.scene_id.is_none() {
        lacks(NO_ID);
    }
    if scene.code.is_none() {
        lacks("has no environment: give it with .runtime(environment_initialization_code_filepath=...)");
    }
    if scene.policies.is_empty() {
        lacks("does not say who acts: give it .policies(policy_mapping={...}) with a 'human'");
    }
    let gameplay = &scene.gameplay;
    if gameplay.action_mapping.is_empty() && gameplay.pointer.is_none() {
        lacks("has no keys: map them to actions with .gameplay(action_mapping={...})");
    }
    for (keys, label) in &gameplay.key_labels {
        if !gameplay.action_mapping.iter().any(|(known, _)| known == keys) {
            missing.push(format!(
                "has the label {label:?} in key_labels for keys that action_mapping does not have ({}): map them, or \
                 remove the label",
                keys.keys().join(", ")
            ));
        }
    }
    let mut lacks = |text: &str| missing.push(text.to_owned());
    if gameplay.pointer == Some(Pointer::Click)
        && gameplay.action_population_method == ActionPopulation::PreviousSubmittedAction
    {
        lacks(
            "has pointer='click' and action_population_method='previous_submitted_action', which would repeat a click in \
             every step that follows: remove the latter, or give pointer='hold'",
        );
    }
    let humans = scene.policies.values().filter(|policy| policy.is_human()).count();
    if gameplay.default_action.is_none() && (humans > 1 || scene.mode.has_runner()) {
        lacks(
            "has no default action, which is played for whoever gives no input in time: with several humans, and where \
             the service runs the environment, every scene needs one; give it with .gameplay(default_action=...)",
        );
    } else if gameplay.default_action.is_none() && gameplay.action_population_method == ActionPopulation::DefaultAction
    {
        lacks(
            "has no default action, which it needs for steps without a key: give it with \
             .gameplay(default_action=...), or choose action_population_method='previous_submitted_action'",
        );
    }
    let policies = policies(py, scene, humans, &mut missing);
    missing.extend(unknown_agents(scene));
    let rendering = rendering(py, scene, &mut missing);
    if scene.mode.has_runner() {
        missing.extend(needs::lacking(py, &scene.packages_to_install));
    }
    let group = group(scene, humans, &mut missing);
    match (&scene.scene_id, &scene.code) {
        (Some(scene_id), Some((filename, code))) if missing.is_empty() => Ok(GymScene {
            scene_id: scene_id.clone(),
            page: scene.page.clone(),
            in_game_header: scene.in_game_header.clone(),
            in_game_body: scene.in_game_body.clone(),
            player_pages: scene.player_pages.clone(),
            bonus: scene.bonus.as_ref().map(|(bonus, _)| bonus.clone()),
            rendering,
            gameplay: gameplay.clone(),
            policies,
            mode: scene.mode,
            group,
            runtime: Runtime {
                code: code.clone(),
                filename: filename.clone(),
                on_game_step_code: scene.on_game_step_code.clone(),
                packages_to_install: scene.packages_to_install.clone(),
            },
            assets_dir: scene.assets_dir.clone(),
            record_observations: scene.record_observations,
            monitoring: scene.monitoring.clone(),
        }),
        _ => Err(missing),
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

/// Agents with a text of their own whom no person plays.
fn unknown_agents(scene: &builders::GymScene) -> Vec<String> {
    let human = |agent: &&String| scene.policies.get(*agent).is_some_and(PolicyDraft::is_human);
    let agents = |option: &str, texts: &BTreeMap<String, String>| {
        let unknown: Vec<_> = texts.keys().filter(|agent| !human(agent)).map(|agent| format!("{agent:?}")).collect();
        (!unknown.is_empty()).then(|| {
            let people: Vec<_> = scene.policies.keys().filter(human).map(|agent| format!("{agent:?}")).collect();
            format!(
                "has {option} for {}, but people play {}: name those in .content({option}={{...}})",
                unknown.join(", "),
                people.join(", ")
            )
        })
    };
    let pages = &scene.player_pages;
    [agents("in_game_scene_header", &pages.headers), agents("in_game_scene_body", &pages.bodies)]
        .into_iter()
        .flatten()
        .collect()
}

fn rendering(py: Python<'_>, scene: &builders::GymScene, missing: &mut Vec<String>) -> Rendering {
    if let (Some(name), Some((_, source))) = (&scene.rendering.hud_text_fn, &scene.code)
        && needs::defines_no(py, source, name)
    {
        missing.push(format!(
            "has hud_text_fn={name:?}, but its environment's code has no such function or method: define there \
             `def {name}(env, agent)`, or the method in the environment's class"
        ));
    }
    if scene.frame_quality.is_some() && scene.mode != Mode::Streamed {
        missing.push(
            "has frame_quality, which takes effect only where pictures are streamed: give .runtime(mode='streamed'), or \
             remove it"
                .into(),
        );
    }
    let rendering = Rendering { preload: preload(scene, missing), ..scene.rendering.clone() };
    Rendering { frame_quality: scene.frame_quality.unwrap_or(rendering.frame_quality), ..rendering }
}

/// What browsers load before the game begins, as far as the study says so.
fn preload(scene: &builders::GymScene, missing: &mut Vec<String>) -> Vec<Asset> {
    let mut assets: Vec<Asset> = Vec::new();
    for asset in scene.preload.values().flatten() {
        match assets.iter().find(|known| known.name() == asset.name()) {
            Some(known) if known == asset => {}
            Some(_) => missing.push(format!(
                "names two different pictures or sounds {:?} in .assets(...): give each a name of its own",
                asset.name()
            )),
            None => assets.push(asset.clone()),
        }
    }
    let background = scene.rendering.background_image.as_deref();
    let paths = background.into_iter().chain(assets.iter().flat_map(Asset::paths));
    match &scene.assets_dir {
        Some(folder) => {
            let absent = paths.filter(|path| !is_within(path) || !folder.join(path).is_file());
            missing.extend(
                absent.map(|path| {
                    format!("names the file {path:?}, which is not in its assets_dir ({})", folder.display())
                }),
            );
        }
        None => {
            let named: Vec<_> = paths.collect();
            if let Some(first) = named.first() {
                missing.push(format!(
                    "names the file {first:?}, but has no folder of pictures: give it with .assets(assets_dir=...)"
                ));
            }
        }
    }
    assets
}

/// Who acts for each agent, where the scene's `frame_skip` is known.
fn policies(
    py: Python<'_>,
    scene: &builders::GymScene,
    humans: usize,
    missing: &mut Vec<String>,
) -> BTreeMap<String, Policy> {
    if scene.frame_skip.is_some() && !scene.policies.values().any(PolicyDraft::follows) {
        missing.push(
            "has frame_skip in .policies(...), but no bot that follows it: give another agent 'random', a ModelConfig or \
             a FunctionPolicy without a frame_skip of its own, or remove it"
                .into(),
        );
    }
    let skip = scene.frame_skip.unwrap_or(1);
    let policies: BTreeMap<_, _> =
        scene.policies.iter().map(|(agent, policy)| (agent.clone(), policy.policy(skip))).collect();
    for (agent, policy) in &policies {
        match policy {
            Policy::Model(_) if humans > 1 && scene.mode == Mode::Browser => missing.push(format!(
                "has a ModelConfig for agent {agent:?} and several humans: with several humans networks play on the \
                 service; give .runtime(mode='authoritative') or .runtime(mode='streamed')"
            )),
            Policy::Function(function) => {
                let code = scene.code.as_ref().map(|(_, source)| source);
                if code.is_some_and(|source| needs::has_no(py, source, &function.name)) {
                    missing.push(format!(
                        "has FunctionPolicy(function={:?}) for agent {agent:?}, but its environment's code has no such \
                         function: define it there, outside of classes and functions",
                        function.name
                    ));
                }
            }
            Policy::Human | Policy::Random(_) | Policy::Model(_) => {}
        }
    }
    policies
}

/// What is to know about playing together, where several people play or the service runs the environment.
fn group(scene: &builders::GymScene, humans: usize, missing: &mut Vec<String>) -> Option<Group> {
    match humans {
        // That nobody acts is a problem of its own.
        0 => None,
        1 if !scene.mode.has_runner() => {
            missing.extend(scene.group.calls().into_iter().map(|call| {
                format!(
                    "has one human, but {call} takes effect only with two or more, or where the service runs the \
                     environment: make another agent 'human' with .policies(policy_mapping={{...}}), give \
                     .runtime(mode='authoritative') or 'streamed', or remove it"
                )
            }));
            None
        }
        _ => match scene.group.group(humans, scene.mode) {
            Ok(group) => Some(group),
            Err(wrong) => {
                missing.extend(wrong);
                None
            }
        },
    }
}
