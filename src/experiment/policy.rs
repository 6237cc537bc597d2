//! Who acts for the agents of an environment.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Who acts for an agent. The environment's side gets it in this form too, see `docs/protocol.md`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// A participant.
    Human,
    /// Random actions from the agent's action space, a new one every so many frames.
    Random(RandomPolicy),
    /// A trained network.
    Model(Model),
    /// A function of the environment's own code.
    Function(FunctionPolicy),
}

impl Policy {
    /// Whether a participant acts.
    pub fn is_human(&self) -> bool {
        *self == Self::Human
    }

    /// The network, if one acts.
    pub fn model(&self) -> Option<&Model> {
        if let Self::Model(model) = self { Some(model) } else { None }
    }
}

/// Random actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RandomPolicy {
    /// Frames from one choice to the next, at least 1; between them the scene's `action_population_method` acts.
    pub frame_skip: u32,
}

impl Default for RandomPolicy {
    fn default() -> Self {
        Self { frame_skip: 1 }
    }
}

/// A trained network in an ONNX file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Where the file is on this machine, which is no business of the data.
    #[serde(skip)]
    pub path: PathBuf,
    /// Its path as the researcher gave it.
    pub onnx_path: String,
    /// Name of the input that takes the observation.
    pub obs_input: String,
    /// Name of the output that gives one logit for each action.
    pub logit_output: String,
    /// Inputs that take what the outputs of the same place in `state_outputs` gave last; zeros at an episode's start.
    pub state_inputs: Vec<String>,
    /// See `state_inputs`.
    pub state_outputs: Vec<String>,
    /// Shape of each state.
    pub state_shape: Vec<u32>,
    /// Inputs that always take the same number, as a tensor of one element.
    pub fixed_inputs: BTreeMap<String, f64>,
    /// Frames from one choice to the next, at least 1; between them the scene's `action_population_method` acts.
    pub frame_skip: u32,
    /// How logits become an action.
    pub choice: Choice,
}

/// How logits become an action.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Choice {
    /// The action of the greatest logit; the first of equals.
    Argmax,
    /// Drawn from the softmax of the logits divided by the temperature, seeded by the episode.
    Softmax {
        /// Greater than 0.
        temperature: f64,
    },
}

/// A function of the environment's own code: `name(observation, random) -> action`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionPolicy {
    /// The function's name in the environment's code.
    pub name: String,
    /// Frames from one choice to the next, at least 1; between them the scene's `action_population_method` acts.
    pub frame_skip: u32,
}
