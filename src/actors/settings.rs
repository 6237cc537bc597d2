//! What the environment's side has to know of a scene, as a MessagePack map; `docs/protocol.md` describes it.

use std::collections::BTreeMap;

use rmpv::Value;
use serde::Serialize;
use serde_json::Map;

use crate::experiment::{ActionPopulation, Globals, Group, GymScene, InputMode, Pointer, Policy};

#[derive(Serialize)]
struct Settings<'a> {
    actions: Vec<&'a Value>,
    default_action: Option<usize>,
    fallback: ActionPopulation,
    policies: BTreeMap<&'a str, &'a Policy>,
    max_steps: u32,
    record_observations: bool,
    step_code: Option<&'a str>,
    /// Values that scenes share, by agent, until those of the participants are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    globals: Option<BTreeMap<&'a str, Map<String, serde_json::Value>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hud_text_fn: Option<&'a str>,
    pointer: Option<PointerSettings>,
    #[serde(flatten)]
    group: Option<GroupSettings<'a>>,
}

/// Places on the picture as actions.
#[derive(Serialize)]
pub(crate) struct PointerSettings {
    mode: Pointer,
    width: u32,
    height: u32,
}

impl PointerSettings {
    /// Of a scene that takes them.
    pub(crate) fn of(gym: &GymScene) -> Option<Self> {
        let (width, height) = (gym.rendering.game_width, gym.rendering.game_height);
        gym.gameplay.pointer.map(|mode| Self { mode, width, height })
    }
}

/// What a copy of a game whose inputs the service fixes needs beside that. The player's seat and input delay come with
/// `prepare`.
#[derive(Serialize)]
struct GroupSettings<'a> {
    agents: Vec<&'a str>,
    people: usize,
    input_delay: u32,
    max_prediction: u32,
    snapshot_interval: u32,
    hash_interval: u32,
    state_broadcast_interval: u32,
    prediction: &'static str,
    smoothing: bool,
}

/// For the copy in a participant's browser. What the service's bots do reaches it as inputs, like what people do.
pub fn for_browser(gym: &GymScene, globals: &Globals) -> Vec<u8> {
    settings(gym, globals, |policy| if gym.mode.has_runner() { &Policy::Human } else { policy })
}

/// For the service's own copy.
pub fn for_worker(gym: &GymScene, globals: &Globals) -> Vec<u8> {
    settings(gym, globals, |policy| policy)
}

fn settings(gym: &GymScene, globals: &Globals, seen: impl Fn(&Policy) -> &Policy) -> Vec<u8> {
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
        policies: gym.policies.iter().map(|(agent, policy)| (agent.as_str(), seen(policy))).collect(),
        max_steps: gameplay.max_steps,
        record_observations: gym.record_observations,
        step_code: gym.runtime.on_game_step_code.as_deref(),
        globals: (!globals.is_empty()).then(|| gym.human_agents().map(|agent| (agent, globals.initial())).collect()),
        hud_text_fn: gym.rendering.hud_text_fn.as_deref(),
        pointer: PointerSettings::of(gym),
        group: gym.group.as_ref().map(|Group { multiplayer, .. }| GroupSettings {
            agents: gym.seats().collect(),
            people: gym.human_agents().count(),
            input_delay: 0,
            max_prediction: multiplayer.max_prediction,
            snapshot_interval: multiplayer.snapshot_interval,
            hash_interval: multiplayer.hash_interval,
            state_broadcast_interval: multiplayer.state_broadcast_interval,
            // People hold keys for many frames, but strike them once.
            prediction: match gameplay.input_mode {
                InputMode::PressedKeys => "previous",
                InputMode::SingleKeystroke => "default",
            },
            smoothing: !multiplayer.smoothing.is_zero(),
        }),
    };
    crate::wire::encode(&settings).to_vec()
}
