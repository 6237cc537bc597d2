//! A game scene as its page has to know it: how it looks, how it is played, what its environment is made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use ts_rs::TS;

use super::Page;
use crate::experiment::{Asset, Choice, InputMode, Mode, OnScreen, Pointer};

/// A game scene.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct GymView {
    /// What to read before the game.
    pub page: Page,
    /// Title beside the running game; may be empty.
    pub in_game_header: String,
    /// HTML beside the running game; may be empty.
    pub in_game_body: String,
    /// Where the environment runs.
    pub mode: Mode,
    /// Whether the game has begun before (a reload): the start button then says so.
    pub begun: bool,
    /// Width of the game, in game pixels.
    pub width: u32,
    /// Height of the game, in game pixels.
    pub height: u32,
    /// CSS colour behind the drawing.
    pub background: String,
    /// Picture behind the drawing, relative to `files`; absent for none.
    pub background_image: Option<String>,
    /// Pictures and sounds to load before the game begins, relative to `files`. The environment may name more.
    pub preload: Vec<Asset>,
    /// Frames per second.
    pub fps: u32,
    /// Number of episodes.
    pub episodes: u32,
    /// Of these the first so many are for practice.
    pub tutorial: u32,
    /// Whether the participant presses a button before each episode but the first.
    pub ready_check: bool,
    /// Most steps an episode may have.
    pub max_steps: u32,
    /// Seconds of stillness after a reset, before the first step of an episode.
    pub freeze_seconds: f64,
    /// Keys.
    pub input: InputView,
    /// The environment; absent in a streamed game, whose code stays on the service.
    pub environment: Option<EnvironmentView>,
    /// Address under which the scene's pictures are found, ending in `/`; absent when it has none.
    pub files: Option<String>,
    /// What is to know about playing together; absent when the participant plays alone.
    pub group: Option<GroupView>,
}

/// What a participant's page has to know about playing with others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GroupView {
    /// The agents whose inputs the service fixes, by seat: first those of people, then, where the service runs the
    /// environment, its bots.
    pub agents: Vec<String>,
    /// How many of them people play.
    pub people: u32,
    /// Most frames that a copy runs ahead of the confirmed ones.
    pub max_prediction: u32,
    /// Time over which a correction of the picture is spread, in milliseconds; 0 for none.
    pub smoothing_ms: u32,
    /// Whether the number of waiting people is not shown.
    pub hide_lobby_count: bool,
}

/// How keys become actions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct InputView {
    /// Held keys or single presses.
    pub mode: InputMode,
    /// Key combinations, in the order of the environment's table of actions: binding *i* means action *i*.
    pub bindings: Vec<Vec<String>>,
    /// For each binding the first one that does the same.
    pub alike: Vec<u32>,
    /// For each binding what the page calls it; empty where it has no name but those of its keys.
    pub labels: Vec<String>,
    /// Where buttons for fingers are shown.
    pub on_screen: OnScreen,
    /// When the mouse or a finger on the picture acts; absent where it does not.
    pub pointer: Option<Pointer>,
    /// Agent that the participant plays.
    pub agent: String,
}

/// What the environment's side needs to make the environment.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct EnvironmentView {
    /// Python source that leaves a variable `env`.
    pub code: String,
    /// Its file name, for tracebacks.
    pub filename: String,
    /// MessagePack map of settings for the environment's side, see `docs/protocol.md`.
    #[ts(type = "Uint8Array")]
    pub settings: ByteBuf,
    /// Networks that play in the browser, by agent; those of other games play on the service.
    pub models: BTreeMap<String, ModelView>,
}

/// A network that plays in the browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ModelView {
    /// Address of the ONNX file.
    pub url: String,
    /// The input that takes the observation.
    pub obs_input: String,
    /// The output that gives a logit for each action.
    pub logit_output: String,
    /// Inputs that take what the outputs of the same place in `state_outputs` gave last.
    pub state_inputs: Vec<String>,
    /// See `state_inputs`.
    pub state_outputs: Vec<String>,
    /// Shape of each state.
    pub state_shape: Vec<u32>,
    /// Inputs that always take the same number.
    pub fixed_inputs: BTreeMap<String, f64>,
    /// Frames from one choice to the next.
    pub frame_skip: u32,
    /// How logits become an action.
    pub choice: Choice,
}

/// What stands beside the game for one player.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GamePage {
    /// The visit it belongs to.
    pub visit: u32,
    /// Title; may be empty.
    pub header: String,
    /// HTML; may be empty.
    pub body: String,
}
