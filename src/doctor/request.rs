//! What an examination is asked, as `assets/python/greenroom/doctor.py` takes it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use rmpv::Value;
use serde::Serialize;
use serde_json::json;

use crate::experiment::{ActionPopulation, GymScene, InputMode, Policy};
use crate::wire;

/// Who acts where the examination plays: people by random keys, and bots, whatever they are, by random actions.
#[derive(Serialize)]
struct Settings<'a> {
    actions: Vec<&'a Value>,
    default_action: Option<usize>,
    fallback: ActionPopulation,
    policies: BTreeMap<&'a str, &'static str>,
    max_steps: u32,
    record_observations: bool,
    step_code: Option<&'a str>,
}

/// The request for the `phases` of an examination of `gym`, whose study is in `folder`. `trace` is the file with what was
/// played.
pub fn request(gym: &GymScene, folder: &Path, trace: &Path, phases: &[&str], place: &str) -> serde_json::Value {
    let bots = gym.policies.iter().filter(|(_, policy)| !policy.is_human());
    let functions: Vec<_> = bots
        .clone()
        .filter_map(|(agent, policy)| match policy {
            Policy::Function(function) => Some(json!({"agent": agent, "name": function.name})),
            _ => None,
        })
        .collect();
    let models: Vec<_> = bots.filter_map(|(agent, policy)| Some((agent, policy.model()?))).collect();
    let models = models.into_iter().map(|(agent, model)| {
        json!({
            "agent": agent,
            "path": model.path,
            "obs_input": model.obs_input,
            "logit_output": model.logit_output,
            "state_inputs": model.state_inputs,
            "state_outputs": model.state_outputs,
            "state_shape": model.state_shape,
            "fixed_inputs": model.fixed_inputs,
        })
    });
    let rollback = gym.group.as_ref().filter(|_| gym.mode.in_browser()).map(|group| {
        json!({
            "max_prediction": group.multiplayer.max_prediction,
            "snapshot_interval": group.multiplayer.snapshot_interval,
            "prediction": match gym.gameplay.input_mode {
                InputMode::PressedKeys => "previous",
                InputMode::SingleKeystroke => "default",
            },
        })
    });
    json!({
        "phases": phases,
        "code": gym.runtime.code,
        "filename": gym.runtime.filename,
        "folder": folder,
        "settings": hexadecimal(&settings(gym)),
        "records": gym.record_observations,
        "shared": gym.group.is_some(),
        "service": gym.mode.has_runner(),
        "rollback": rollback,
        "models": models.collect::<Vec<_>>(),
        "functions": functions,
        "packages": gym.runtime.packages_to_install,
        "trace": trace,
        "where": place,
    })
}

fn settings(gym: &GymScene) -> Vec<u8> {
    let gameplay = &gym.gameplay;
    let mut actions: Vec<&Value> = gameplay.action_mapping.iter().map(|(_, action)| action).collect();
    let default_action = gameplay.default_action.as_ref().map(|default| {
        actions.iter().position(|action| *action == default).unwrap_or_else(|| {
            actions.push(default);
            actions.len() - 1
        })
    });
    let word = |policy: &Policy| if policy.is_human() { "human" } else { "random" };
    let settings = Settings {
        actions,
        default_action,
        fallback: gameplay.action_population_method,
        policies: gym.policies.iter().map(|(agent, policy)| (agent.as_str(), word(policy))).collect(),
        max_steps: gameplay.max_steps,
        // Two games are compared by what their agents see, recorded or not.
        record_observations: true,
        step_code: gym.runtime.on_game_step_code.as_deref(),
    };
    wire::encode(&settings).to_vec()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
