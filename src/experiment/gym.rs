//! Game scenes: how an environment is shown, played, fed and recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use rmpv::Value;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Asset, Bonus, Group, Monitoring, OnScreen, Pointer, Policy};
use crate::ids::SceneId;
use crate::wire::Page;

/// A game scene.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GymScene {
    /// The scene's id.
    pub scene_id: SceneId,
    /// What to read before the game.
    pub page: Page,
    /// Title beside the running game.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub in_game_header: String,
    /// HTML beside the running game.
    pub in_game_body: String,
    /// The same where it is not the same for all players.
    #[serde(default, skip_serializing_if = "PlayerPages::is_empty")]
    pub player_pages: PlayerPages,
    /// What players earn by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bonus: Option<Bonus>,
    /// How the game is drawn.
    pub rendering: Rendering,
    /// How it is played.
    pub gameplay: Gameplay,
    /// Who acts for each agent; at least one is human.
    pub policies: BTreeMap<String, Policy>,
    /// Where the environment runs.
    pub mode: Mode,
    /// What is to know about playing together; there exactly when several agents are human, or the service runs the
    /// environment: then even a single player waits for a place there.
    pub group: Option<Group>,
    /// The environment.
    pub runtime: Runtime,
    /// Directory of the pictures that the environment draws. Where it is on this machine is no business of the data.
    #[serde(skip)]
    pub assets_dir: Option<PathBuf>,
    /// Whether observations are part of the data.
    pub record_observations: bool,
    /// What is watched while it is played.
    #[serde(default)]
    pub monitoring: Option<Monitoring>,
}

/// What stands beside the running game, where it is not the same for all players.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlayerPages {
    /// Titles by agent.
    pub headers: BTreeMap<String, String>,
    /// HTML by agent.
    pub bodies: BTreeMap<String, String>,
    /// Name of the function of the experiment module that gives the HTML.
    pub function: Option<String>,
}

impl PlayerPages {
    /// Whether it is the same for all players.
    pub fn is_empty(&self) -> bool {
        self.headers.is_empty() && self.bodies.is_empty() && self.function.is_none()
    }
}

/// How a game is drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rendering {
    /// Environment steps per second.
    pub fps: u32,
    /// Width in game pixels.
    pub game_width: u32,
    /// Height in game pixels.
    pub game_height: u32,
    /// CSS colour behind the drawing.
    pub background: String,
    /// Picture behind the drawing, stretched to its size; of the scene's `assets_dir`.
    pub background_image: Option<String>,
    /// What browsers load before the game begins, beside what the environment itself names. No name stands twice.
    pub preload: Vec<Asset>,
    /// Quality of `rgb_array` frames that are streamed, as JPEG counts it: 1 to 100.
    pub frame_quality: u8,
    /// The function of the environment's code, or the method of the environment, that gives the text above the game.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hud_text_fn: Option<String>,
    /// Whether the score that is shown goes on from episode to episode.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hud_score_carry_over: bool,
}

impl Default for Rendering {
    fn default() -> Self {
        Self {
            fps: 10,
            game_width: 600,
            game_height: 400,
            background: "#ffffff".into(),
            background_image: None,
            preload: Vec::new(),
            frame_quality: 85,
            hud_text_fn: None,
            hud_score_carry_over: false,
        }
    }
}

/// How a game is played.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gameplay {
    /// Key combinations and what each does, in the researcher's order. No combination stands twice.
    pub action_mapping: Vec<(KeyCombination, Value)>,
    /// The action when no key of the mapping is pressed.
    pub default_action: Option<Value>,
    /// What an agent does without an input.
    pub action_population_method: ActionPopulation,
    /// Held keys or single presses.
    pub input_mode: InputMode,
    /// When the mouse or a finger on the picture acts; absent where it does not.
    pub pointer: Option<Pointer>,
    /// Where buttons for fingers are shown.
    pub on_screen_controls: OnScreen,
    /// What keys are called on the page, where they have a name of their own.
    pub key_labels: Vec<(KeyCombination, String)>,
    /// Number of episodes that count.
    pub num_episodes: u32,
    /// Number of episodes for practice, which come before them.
    #[serde(skip_serializing_if = "is_zero")]
    pub tutorial_episodes: u32,
    /// Whether everybody presses a button before each episode but the first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub episode_ready_check: bool,
    /// Most steps of an episode.
    pub max_steps: u32,
    /// Seconds of stillness after a reset.
    pub reset_freeze_s: f64,
}

impl Default for Gameplay {
    fn default() -> Self {
        Self {
            action_mapping: Vec::new(),
            default_action: None,
            action_population_method: ActionPopulation::DefaultAction,
            input_mode: InputMode::PressedKeys,
            pointer: None,
            on_screen_controls: OnScreen::Auto,
            key_labels: Vec::new(),
            num_episodes: 1,
            tutorial_episodes: 0,
            episode_ready_check: false,
            max_steps: 10_000,
            reset_freeze_s: 0.0,
        }
    }
}

impl Gameplay {
    /// Number of all episodes: those for practice come first.
    pub fn episodes(&self) -> u32 {
        self.tutorial_episodes.saturating_add(self.num_episodes)
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over like this")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// One or more keys, by their `KeyboardEvent` names, sorted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct KeyCombination(Vec<String>);

impl KeyCombination {
    /// A combination of the given keys; `None` when there is none, one is empty, or one stands twice.
    pub fn new(mut keys: Vec<String>) -> Option<Self> {
        keys.sort();
        let distinct = keys.windows(2).all(|pair| pair[0] != pair[1]);
        (!keys.is_empty() && distinct && keys.iter().all(|key| !key.is_empty())).then_some(Self(keys))
    }

    /// The keys.
    pub fn keys(&self) -> &[String] {
        &self.0
    }

    /// Whether the same hands on a keyboard make the other one too: a letter is one key, large or small.
    pub fn is_pressed_with(&self, other: &Self) -> bool {
        let fold = |key: &String| if key.chars().count() == 1 { key.to_lowercase() } else { key.clone() };
        let folded = |combination: &Self| combination.0.iter().map(fold).collect::<BTreeSet<_>>();
        folded(self) == folded(other)
    }
}

impl TryFrom<Vec<String>> for KeyCombination {
    type Error = &'static str;
    fn try_from(keys: Vec<String>) -> Result<Self, &'static str> {
        Self::new(keys).ok_or("a key combination has at least one key, and none twice")
    }
}

/// What an agent does without an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionPopulation {
    /// The default action.
    DefaultAction,
    /// What it did last.
    PreviousSubmittedAction,
}

/// How key presses become actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum InputMode {
    /// Keys act as long as they are held.
    PressedKeys,
    /// Each press acts once.
    SingleKeystroke,
}

/// Where a scene's environment runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// In each participant's browser.
    #[default]
    Browser,
    /// In each participant's browser, and on the service, whose copy is the reference.
    Authoritative,
    /// On the service only; browsers show pictures of it.
    Streamed,
}

impl Mode {
    /// Whether the service runs a copy of the environment.
    pub fn has_runner(self) -> bool {
        self != Self::Browser
    }

    /// Whether browsers run a copy of the environment.
    pub fn in_browser(self) -> bool {
        self != Self::Streamed
    }
}

/// The environment of a game scene.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runtime {
    /// Python source that leaves a variable `env`.
    pub code: String,
    /// Its file name, for tracebacks.
    pub filename: String,
    /// Python source run before every step.
    pub on_game_step_code: Option<String>,
    /// Requirements of the environment, as pip writes them.
    pub packages_to_install: Vec<String>,
}

impl GymScene {
    /// The agents that people play. Their order is that of the first seats.
    pub fn human_agents(&self) -> impl Iterator<Item = &str> {
        self.policies.iter().filter(|(_, policy)| policy.is_human()).map(|(agent, _)| agent.as_str())
    }

    /// The agents whose inputs the service fixes, by seat: people first. Where the service runs the environment, its bots
    /// have seats too, and their choices are inputs like those of people.
    pub fn seats(&self) -> impl Iterator<Item = &str> {
        let bots = self.policies.iter().filter(|(_, policy)| self.mode.has_runner() && !policy.is_human());
        self.human_agents().chain(bots.map(|(agent, _)| agent.as_str()))
    }

    /// The agent that the participant plays, while one participant plays.
    pub fn human_agent(&self) -> Option<&str> {
        self.human_agents().next()
    }
}
