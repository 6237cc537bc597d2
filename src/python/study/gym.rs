//! A game scene of what its builder holds, or everything that it lacks.

use std::collections::BTreeMap;

use pyo3::prelude::*;

use super::draft::NO_ID;
use crate::experiment::{
    ActionPopulation, Asset, Group, GymScene, Mode, Pointer, Policy, Rendering, Runtime, is_within,
};
use crate::python::builders::{self, PolicyDraft};
use crate::python::needs;

pub(super) fn gym(py: Python<'_>, scene: &builders::GymScene) -> Result<GymScene, Vec<String>> {
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
