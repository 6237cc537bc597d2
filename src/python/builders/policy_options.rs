//! The options of `ModelConfig` and `FunctionPolicy`.

use super::options::{Class, Kind, Method, Opt};

/// A day of frames would be a mistake of units.
pub(super) const FRAME_SKIP: Kind = Kind::Whole(1, 3600);

const NAME: Kind = Kind::Other { annotation: "str", allowed: "a name (str) that is not empty" };
const NAMES: Kind = Kind::Other {
    annotation: "list[str] | tuple[str, ...] | None",
    allowed: "a list of names (str), none of them empty, or None",
};

pub(super) static MODEL_INIT: Method = Method {
    class: "ModelConfig",
    name: "__init__",
    doc: "Describes a network. The file is read when the service starts.",
    options: &[
        Opt::required("onnx_path", Kind::Path, "The ONNX file, relative to the folder of the experiment module."),
        Opt::required("obs_input", NAME, "Name of the network's input that takes the agent's observation."),
        Opt::required("logit_output", NAME, "Name of the network's output that gives one number for each action."),
        Opt::new(
            "state_inputs",
            NAMES,
            "Names of inputs that take what the outputs at the same places of state_outputs gave last, for networks with \
             a memory; zeros at the start of an episode. Given together with state_outputs and state_shape.",
        ),
        Opt::new("state_outputs", NAMES, "Names of the outputs that belong to state_inputs, in the same order."),
        Opt::new(
            "state_shape",
            Kind::Other {
                annotation: "list[int] | tuple[int, ...] | None",
                allowed: "a list of 1 to 8 whole numbers from 1 to 65536, or None",
            },
            "Shape of each of these states.",
        ),
        Opt::new(
            "fixed_inputs",
            Kind::Other {
                annotation: "Mapping[str, float] | None",
                allowed: "a dict from names of inputs (str) to numbers, or None",
            },
            "Further inputs that always take the same number, by name.",
        ),
        Opt::new(
            "frame_skip",
            FRAME_SKIP,
            "Frames from one choice to the next; what .policies(frame_skip=...) says unless set.",
        ),
        Opt::new(
            "choice",
            Kind::OneOf(&["argmax", "softmax"]),
            "How the numbers become an action: the greatest, or drawn from their softmax, seeded by the episode. \
             'argmax' unless set.",
        ),
        Opt::new(
            "temperature",
            Kind::Number(0.001, 1000.0),
            "By which the numbers are divided before the softmax; 1 unless set. Only with choice='softmax'.",
        ),
    ],
    elsewhere: &[
        (
            "custom_inference_fn",
            "write a function in the environment's code and name it with FunctionPolicy(function=...); it may load \
             what it needs itself",
        ),
        ("softmax_temperature", "give choice='softmax', temperature=..."),
    ],
};
/// What the stubs say of [`super::policies::ModelConfig`].
pub static MODEL_CLASS: Class = Class {
    name: "ModelConfig",
    doc: "A trained network in an ONNX file that acts for an agent.",
    base: Some(POLICY),
    methods: &[&MODEL_INIT],
    elsewhere: &[],
};

pub(super) static FUNCTION_INIT: Method = Method {
    class: "FunctionPolicy",
    name: "__init__",
    doc: "Names the function.",
    options: &[
        Opt::required(
            "function",
            Kind::Other { annotation: "str", allowed: "the name (str) of a function in the environment's code" },
            "Name of a function in the environment's code; called as name(observation, random), where random is a \
             random.Random seeded by the episode, it returns an action.",
        ),
        Opt::new(
            "frame_skip",
            FRAME_SKIP,
            "Frames from one choice to the next; what .policies(frame_skip=...) says unless set.",
        ),
    ],
    elsewhere: &[("name", "the function's name is `function`")],
};
/// What the stubs say of [`super::policies::FunctionPolicy`].
pub static FUNCTION_CLASS: Class = Class {
    name: "FunctionPolicy",
    doc: "A function of the environment's own code that acts for an agent.",
    base: Some(POLICY),
    methods: &[&FUNCTION_INIT],
    elsewhere: &[],
};

/// The base class that policies have in the stubs.
const POLICY: &str = "_Policy";
