//! The tables of scenes with a page of their own, with or without questions.

use super::names;
use super::options::{Class, Kind, Method, Opt};
use super::pages::{MADE_ELSEWHERE, NAMED_ELSEWHERE, displayed, named};

const TEXTS: Kind = Kind::Other { annotation: "Sequence[str]", allowed: "a list of texts, none of them empty" };

static SCENE: Method = named("StaticScene", NAMED_ELSEWHERE);
static DISPLAY: Method = displayed("StaticScene", "Says what participants read before the questions.");
pub static CHECK: Method = Method {
    class: "StaticScene",
    name: "check",
    doc: "Makes the answers a check: those with a right answer (`correct`) must be right.",
    options: &[
        Opt::new("tries", Kind::Whole(1, 100), "How often the answers may be handed in; 2 unless set."),
        Opt::new("tell", Kind::Flag, "Whether participants are told which answers are wrong; True unless set."),
        Opt::new(
            "on_failure",
            Kind::OneOf(&["end", "scene", "continue"]),
            "What follows when the last try is wrong: 'end' leads to the last scene, with a code of its own; 'scene' to \
             the scene of `failure_scene_id`; with 'continue' the study goes on, and the data tell. 'end' unless set.",
        ),
        Opt::new("failure_scene_id", names::KIND, "The scene, further on in the study, for on_failure='scene'."),
    ],
    elsewhere: &[],
};

macro_rules! form {
    ($init:ident, $class:ident, $name:literal, $base:expr, $doc:literal, [$($option:expr),* $(,)?], [$($method:expr),*]) => {
        static $init: Method = Method {
            class: $name,
            name: "__init__",
            doc: "Makes the scene.",
            options: &[$($option),*],
            elsewhere: MADE_ELSEWHERE,
        };
        /// What the stubs say of it.
        pub static $class: Class =
            Class { name: $name, doc: $doc, base: Some($base), methods: &[&$init, $($method),*], elsewhere: &[] };
    };
}

const TEXT_HEADER: Opt = Opt::new("text_box_header", Kind::Text, "What stands above the text box; HTML.");
const TEXT_REQUIRED: Opt = Opt::new("required", Kind::Flag, "Whether the text box must be filled in; True unless set.");
const PRE_SCALES: Opt = Opt::new("pre_scale_header", Kind::Text, "What stands above the scales; HTML.");
const SCALES: Opt = Opt::required("scale_questions", TEXTS, "What each scale asks; HTML.");
const SCALE_SIZE: Opt = Opt::new("scale_size", Kind::Whole(2, 1001), "Points of each scale; 21 unless set.");
const SCALE_LABELS: Opt = Opt::new(
    "scale_labels",
    Kind::Other {
        annotation: "Sequence[str] | Sequence[Sequence[str]]",
        allowed: "a list of texts for all scales, or a list of such lists, one for each",
    },
    "Words along the scales, spread evenly; five from 'Strongly Disagree' to 'Strongly Agree' unless set.",
);
const BOXES: Opt = Opt::required("options", TEXTS, "The options, of which one is chosen.");
const BOX_HEADER: Opt = Opt::new("option_box_header", Kind::Text, "What stands above the options; HTML.");

form!(STATIC_INIT, STATIC_CLASS, "StaticScene", "_Scene", "A page to read.", [], [&SCENE, &DISPLAY, &CHECK]);
form!(
    SURVEY_INIT,
    SURVEY_CLASS,
    "SurveyScene",
    "StaticScene",
    "A page with questions. The answers are stored as they are given.",
    [
        Opt::required(
            "questions",
            Kind::Other {
                annotation: "Sequence[_Question]",
                allowed: "a list of questions, such as TextQuestion(...)"
            },
            "The questions, in order."
        ),
        Opt::new(
            "shuffle",
            Kind::Flag,
            "Whether each participant gets the questions in an order of its own, which is recorded; False unless set."
        ),
    ],
    []
);
form!(
    TEXT_BOX_INIT,
    TEXT_BOX_CLASS,
    "TextBox",
    "StaticScene",
    "A page with a text box (column `user-input`).",
    [TEXT_HEADER, TEXT_REQUIRED],
    []
);
form!(
    SCALES_INIT,
    SCALES_CLASS,
    "ScalesAndTextBox",
    "StaticScene",
    "A page with sliders (columns `scale-0`, `scale-1`, ...) and a text box (`user-input`).",
    [SCALES, PRE_SCALES, SCALE_SIZE, SCALE_LABELS, TEXT_HEADER, TEXT_REQUIRED],
    []
);
form!(
    BOXES_INIT,
    BOXES_CLASS,
    "OptionBoxes",
    "StaticScene",
    "A page with options of which one is chosen (column `selected-option-box`).",
    [BOXES, BOX_HEADER],
    []
);
form!(
    BOXES_TEXT_INIT,
    BOXES_TEXT_CLASS,
    "OptionBoxesWithTextBox",
    "StaticScene",
    "A page with options (column `selected-option-box`) and a text box (`user-input`).",
    [BOXES, BOX_HEADER, TEXT_HEADER, TEXT_REQUIRED],
    []
);
form!(
    BOXES_SCALES_INIT,
    BOXES_SCALES_CLASS,
    "OptionBoxesWithScalesAndTextBox",
    "StaticScene",
    "A page with options (column `selected-option-box`), sliders (`scale-0`, ...) and a text box (`user-input`).",
    [BOXES, SCALES, BOX_HEADER, PRE_SCALES, SCALE_SIZE, SCALE_LABELS, TEXT_HEADER, TEXT_REQUIRED],
    []
);
form!(
    MULTIPLE_INIT,
    MULTIPLE_CLASS,
    "MultipleChoice",
    "StaticScene",
    "A page of questions with options (columns `mc-0`, `mc-1`, ...).",
    [
        Opt::required("questions", TEXTS, "What is asked; HTML."),
        Opt::required(
            "choices",
            Kind::Other {
                annotation: "Sequence[Sequence[str]]",
                allowed: "a list with the list of options of each question, at least 2, none twice"
            },
            "The options of each question."
        ),
        Opt::new("pre_questions_header", Kind::Text, "What stands above the questions; HTML."),
        Opt::new(
            "multi_select",
            Kind::Other {
                annotation: "bool | Sequence[bool]",
                allowed: "True or False, or a list of them, one for each question"
            },
            "Whether several options may be chosen; False unless set."
        ),
        Opt::new(
            "images",
            Kind::Other {
                annotation: "Sequence[str | None]",
                allowed: "a list with the path of a picture, or None, for each question"
            },
            "Pictures above the questions: paths below the folder of the experiment module, in a folder that \
             Experiment.static_files serves."
        ),
    ],
    []
);
