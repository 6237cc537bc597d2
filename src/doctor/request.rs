//! What an examination is asked, as `assets/python/greenroom/doctor.py` takes it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use rmpv::Value;
use serde::Serialize;
use serde_json::json;

use crate::actors::settings::PointerSettings;
use crate::experiment::{ActionPopulation, Globals, GymScene, InputMode, Mode, Policy};
use crate::wire;

/// What is played: people press random keys, bots are who they are in the game.
#[derive(Serialize)]
struct Settings<'a> {
    actions: Vec<&'a Value>,
    default_action: Option<usize>,
    fallback: ActionPopulation,
    policies: BTreeMap<&'a str, &'a Policy>,
    max_steps: u32,
    record_observations: bool,
    step_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    globals: Option<BTreeMap<&'a str, serde_json::Map<String, serde_json::Value>>>,
    pointer: Option<PointerSettings>,
}

/// The request for the `phases` of an examination of `gym`, whose study is in `folder`. `trace` is the file with what was
/// played.
pub fn request(
    (gym, globals): (&GymScene, &Globals),
    folder: &Path,
    trace: &Path,
    phases: &[&str],
    place: &str,
) -> serde_json::Value {
    let models: BTreeMap<_, _> =
        gym.policies.iter().filter_map(|(agent, policy)| Some((agent, &policy.model()?.path))).collect();
    let group = gym.group.as_ref().map(|group| {
        let multiplayer = &group.multiplayer;
        json!({
            "agents": gym.seats().collect::<Vec<_>>(),
            "people": gym.human_agents().count(),
            "max_prediction": multiplayer.max_prediction,
            "snapshot_interval": multiplayer.snapshot_interval,
            "hash_interval": multiplayer.hash_interval,
            "state_broadcast_interval": multiplayer.state_broadcast_interval,
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
        "settings": hexadecimal(&settings(gym, globals)),
        "records": gym.record_observations,
        "shared": gym.group.is_some(),
        "service": gym.mode.has_runner(),
        "streamed": gym.mode == Mode::Streamed,
        "group": group,
        "models": models,
        "packages": gym.runtime.packages_to_install,
        "trace": trace,
        "where": place,
    })
}

fn settings(gym: &GymScene, globals: &Globals) -> Vec<u8> {
    let gameplay = &gym.gameplay;
    let mut actions: Vec<&Value> = gameplay.action_mapping.iter().map(|(_, action)| action).collect();
    let default_action = gameplay.default_action.as_ref().map(|default| {
        actions.iter().position(|action| *action == default).unwrap_or_else(|| {
            actions.push(default);
            actions.len() - 1
        })
    });
    let settings = Settings {
        actions,
        default_action,
        fallback: gameplay.action_population_method,
        policies: gym.policies.iter().map(|(agent, policy)| (agent.as_str(), policy)).collect(),
        max_steps: gameplay.max_steps,
        // Two games are compared by what their agents see, recorded or not.
        record_observations: true,
        step_code: gym.runtime.on_game_step_code.as_deref(),
        globals: (!globals.is_empty()).then(|| gym.human_agents().map(|agent| (agent, globals.initial())).collect()),
        pointer: PointerSettings::of(gym),
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
