//! Functions of the experiment module that decide something: which scene comes next, who may take part, what a bonus is.
//!
//! A rule names the function and what it is told; an actor has it called on a thread of its own, and gives the answer back
//! to the rule. What a function returns is taken for what it is: the rule that asked checks it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::SceneId;

/// Which function: the option that it was given for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FunctionKey {
    /// The scene that has the option; none for the study as a whole.
    pub scene: Option<SceneId>,
    /// The option, with a number where it may stand several times: `skip_if`, `go_to.0`.
    pub option: String,
}

impl FunctionKey {
    /// The function of an option of the whole study.
    pub fn of_study(option: impl Into<String>) -> Self {
        Self { scene: None, option: option.into() }
    }

    /// The function of an option of a scene.
    pub fn of_scene(scene: &SceneId, option: impl Into<String>) -> Self {
        Self { scene: Some(scene.clone()), option: option.into() }
    }
}

impl fmt::Display for FunctionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scene {
            Some(scene) => write!(f, "{} of the scene {scene}", self.option),
            None => write!(f, "{} of the study", self.option),
        }
    }
}

/// What a function is told, in the order of its arguments.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// A participant: [`crate::rules::memory::Memory::told`]. The function gets it as `greenroom.Participant`.
    Participant(Value),
    /// Anything else, as Python's own types.
    Plain(Value),
}

/// A function of the experiment module.
pub trait Call: Send + Sync {
    /// Calls it. It is foreign code: it may take its time, and must not be called where others wait.
    ///
    /// # Errors
    /// What is wrong with it, in words for the researcher.
    fn call(&self, arguments: &[Argument]) -> Result<Value, String>;
}

impl fmt::Debug for dyn Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call")
    }
}

/// All functions of a study.
pub type Functions = Arc<BTreeMap<FunctionKey, Arc<dyn Call>>>;
