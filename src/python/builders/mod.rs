//! The classes that researchers describe a study with, as the Python module `_greenroom`. The package `greenroom`
//! shows them under its own name.

mod assets;
mod bonus;
mod builds;
mod callbacks;
mod compat;
mod constants;
mod embed;
mod embed_options;
mod files;
mod flow;
mod flow_options;
mod form_options;
mod forms;
mod functions;
mod gate_options;
mod gates;
mod given;
mod globals;
mod group;
mod group_options;
mod gym;
mod gym_options;
mod gym_pages;
mod gym_values;
mod keys;
mod language;
mod matchmakers;
mod names;
mod options;
mod pages;
mod place;
mod policies;
mod policy_options;
mod question_options;
mod questions;
mod scenes;
mod study;
mod value;

pub(super) use callbacks::Callback;
pub(super) use constants::Constants;
pub(super) use files::Within;
pub(super) use flow::{Lead, Node, Rule};
pub(super) use functions::Function;
pub(super) use given::shown as shown_value;
pub(super) use gym::GymScene;
pub(super) use matchmakers::{waiter, written as written_matchmaker};
pub(super) use options::{Class, Kind, Method, Opt};
pub(super) use policies::PolicyDraft;
pub(super) use scenes::SceneBuilder;
pub(super) use study::Experiment;
pub(super) use value::shown as shown_action;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// Every class, in the order of the stubs.
pub(super) static CLASSES: &[&Class] = &[
    &flow_options::SCENE_CLASS,
    &pages::START_CLASS,
    &form_options::STATIC_CLASS,
    &form_options::SURVEY_CLASS,
    &form_options::TEXT_BOX_CLASS,
    &form_options::SCALES_CLASS,
    &form_options::BOXES_CLASS,
    &form_options::BOXES_TEXT_CLASS,
    &form_options::BOXES_SCALES_CLASS,
    &form_options::MULTIPLE_CLASS,
    &question_options::TEXT_CLASS,
    &question_options::NUMBER_CLASS,
    &question_options::CHOICE_CLASS,
    &question_options::SCALE_CLASS,
    &question_options::GRID_CLASS,
    &question_options::CONSENT_CLASS,
    &gym_options::CLASS,
    &embed_options::HTML_CLASS,
    &embed_options::UNITY_CLASS,
    &pages::END_CLASS,
    &pages::CODE_CLASS,
    &policy_options::MODEL_CLASS,
    &policy_options::FUNCTION_CLASS,
    &group_options::FIFO_CLASS,
    &group_options::LATENCY_CLASS,
    &group_options::REUNION_CLASS,
    &flow_options::RANDOMIZE_CLASS,
    &flow_options::REPEAT_CLASS,
    &flow_options::SECTION_CLASS,
    &flow_options::CONDITIONS_CLASS,
    &study::STAGER_CLASS,
    &study::EXPERIMENT_CLASS,
];

/// Every class of constants, in the order of the stubs.
pub(super) static CONSTANTS: &[&Constants] =
    &[&constants::INPUT_MODES, &constants::POLICY_TYPES, &constants::ACTION_SETTINGS];

/// The builtin module.
#[pymodule(name = "_greenroom")]
pub(super) mod module {
    #[pymodule_export]
    use super::compat::{append_code, serve};
    #[pymodule_export]
    use super::constants::{ActionSettings, InputModes, PolicyTypes};
    #[pymodule_export]
    use super::embed::{HtmlScene, UnityScene};
    #[pymodule_export]
    use super::flow::{Conditions, RandomizeOrder, RepeatScene, Section};
    #[pymodule_export]
    use super::forms::{
        MultipleChoice, OptionBoxes, OptionBoxesWithScalesAndTextBox, OptionBoxesWithTextBox, ScalesAndTextBox,
        StaticScene, SurveyScene, TextBox,
    };
    #[pymodule_export]
    use super::gym::GymScene;
    #[pymodule_export]
    use super::matchmakers::{FifoMatchmaker, GroupReunionMatchmaker, LatencyFifoMatchmaker};
    #[pymodule_export]
    use super::pages::{CompletionCodeScene, EndScene, StartScene};
    #[pymodule_export]
    use super::policies::{FunctionPolicy, ModelConfig};
    #[pymodule_export]
    use super::questions::{
        ChoiceQuestion, ConsentQuestion, GridQuestion, NumberQuestion, ScaleQuestion, TextQuestion,
    };
    #[pymodule_export]
    use super::study::{Experiment, Stager};
}

/// Arguments of a call that were given without a name.
type Args<'py> = Bound<'py, PyTuple>;
/// Arguments of a call that were given with a name.
type Named<'py> = Bound<'py, PyDict>;
/// What a fluent method returns: the object itself.
type Itself<'py, T> = PyResult<Bound<'py, T>>;

/// Changes what a call named, and leaves the rest.
fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// [`set`] for what has no default.
fn set_some<T>(field: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *field = value;
    }
}
