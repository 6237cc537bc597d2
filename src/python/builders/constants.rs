//! Names for the words that some options accept.

use pyo3::prelude::*;

macro_rules! constants {
    ($(#[$doc:meta])* $class:ident, $table:ident, $text:literal, $($name:ident = $word:literal),+) => {
        $(#[$doc])*
        #[pyclass(module = "greenroom", frozen)]
        pub struct $class;

        #[pymethods]
        impl $class {
            $(
                #[classattr]
                #[allow(non_upper_case_globals)]
                const $name: &'static str = $word;
            )+
        }

        /// What the stubs say of the class.
        pub static $table: Constants =
            Constants { name: stringify!($class), doc: $text, words: &[$((stringify!($name), $word)),+] };
    };
}

/// A class that only names words.
#[derive(Debug)]
pub struct Constants {
    /// Its name.
    pub name: &'static str,
    /// What the words are for.
    pub doc: &'static str,
    /// Names and words.
    pub words: &'static [(&'static str, &'static str)],
}

constants!(
    /// Words for `input_mode`.
    InputModes, INPUT_MODES, "Words for `input_mode` of `GymScene.gameplay`.",
    PressedKeys = "pressed_keys", SingleKeystroke = "single_keystroke"
);
constants!(
    /// Words for `policy_mapping`.
    PolicyTypes, POLICY_TYPES, "Words for `policy_mapping` of `GymScene.policies`.",
    Human = "human", Random = "random"
);
constants!(
    /// Words for `action_population_method`.
    ActionSettings, ACTION_SETTINGS, "Words for `action_population_method` of `GymScene.gameplay`.",
    DefaultAction = "default_action", PreviousSubmittedAction = "previous_submitted_action"
);
