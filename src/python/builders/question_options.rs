//! The tables of questions.

use super::names;
use super::options::{Class, Kind, Method, Opt};
use crate::experiment::LONGEST_TEXT;

const ID: Opt = Opt::required(
    "question_id",
    names::KIND,
    "The question's id, unlike that of every other question of the scene. It names the columns of its answers.",
);
const PROMPT: Opt = Opt::required("prompt", Kind::Text, "What is asked; HTML.");
const REQUIRED: Opt =
    Opt::new("required", Kind::Flag, "Whether the scene cannot be left without an answer; True unless set.");
const SHUFFLE_OPTIONS: Opt = Opt::new(
    "shuffle",
    Kind::Flag,
    "Whether each participant gets the options in an order of its own, which is recorded; False unless set.",
);

const WORDS: Kind = Kind::Other { annotation: "Sequence[str]", allowed: "a list of texts, none of them empty" };
const OPTIONS: Kind = Kind::Other {
    annotation: "Sequence[str] | Mapping[str, str]",
    allowed: "a list of texts, or a dict from what the data say to what participants read; at least 2, none twice",
};

/// Whole numbers that may be asked for, and points of a scale.
const MOST_POINTS: u32 = 1001;

macro_rules! question {
    ($init:ident, $class:ident, $name:literal, $doc:literal, [$($option:expr),* $(,)?]) => {
        pub static $init: Method = Method {
            class: $name,
            name: "__init__",
            doc: "Describes the question.",
            options: &[ID, PROMPT, $($option,)* REQUIRED],
            elsewhere: &[("id", "the option is `question_id`"), ("text", "the option is `prompt`")],
        };
        /// What the stubs say of it.
        pub static $class: Class =
            Class { name: $name, doc: $doc, base: Some("_Question"), methods: &[&$init], elsewhere: &[] };
    };
}

question!(
    TEXT_INIT,
    TEXT_CLASS,
    "TextQuestion",
    "A question that is answered with a text.",
    [
        Opt::new("lines", Kind::Whole(1, 40), "Lines of the box; 1 unless set."),
        Opt::new("max_length", Kind::Whole(1, LONGEST_TEXT), "Most characters; 2000 unless set."),
        Opt::new("placeholder", Kind::Text, "What stands in the empty box, as plain text."),
    ]
);
question!(
    NUMBER_INIT,
    NUMBER_CLASS,
    "NumberQuestion",
    "A question that is answered with a number.",
    [
        Opt::new("minimum", Kind::Number(-1e15, 1e15), "The least that is allowed."),
        Opt::new("maximum", Kind::Number(-1e15, 1e15), "The most that is allowed."),
        Opt::new("whole", Kind::Flag, "Whether the number must be whole; False unless set."),
        Opt::new("unit", Kind::Text, "What stands behind the box, such as 'years'; plain text."),
    ]
);
question!(
    CHOICE_INIT,
    CHOICE_CLASS,
    "ChoiceQuestion",
    "A question with options, of which one or several are chosen.",
    [
        Opt::required("options", OPTIONS, "The options; what participants read is HTML."),
        Opt::new(
            "images",
            Kind::Other { annotation: "Sequence[str]", allowed: "a list with the path of a picture for each option" },
            "Pictures of the options: paths below the folder of the experiment module, such as 'pictures/a.png', in a folder \
             that Experiment.static_files serves."
        ),
        Opt::new("several", Kind::Flag, "Whether several may be chosen; False unless set."),
        Opt::new("at_least", Kind::Whole(0, 1000), "How many must be chosen; 1 unless set. Only with `several`."),
        Opt::new("at_most", Kind::Whole(1, 1000), "How many may be chosen; all unless set. Only with `several`."),
        SHUFFLE_OPTIONS,
        Opt::new("look", Kind::OneOf(&["list", "boxes", "dropdown"]), "What the options look like; 'list' unless set."),
        Opt::new(
            "correct",
            Kind::Other {
                annotation: "str | Sequence[str]",
                allowed: "one of the options, or with `several` a list of them"
            },
            "The right answer, by what the data say; see SurveyScene.check."
        ),
    ]
);
question!(
    SCALE_INIT,
    SCALE_CLASS,
    "ScaleQuestion",
    "A question that is answered with a point on a scale.",
    [
        Opt::new(
            "points",
            Kind::Whole(2, MOST_POINTS),
            "Number of points; 7 unless set. The data have the point's number, counted from 0."
        ),
        Opt::new("labels", WORDS, "Words along the scale, spread evenly; HTML."),
        Opt::new(
            "slider",
            Kind::Flag,
            "Whether it is a slider, on which nothing is chosen before it is touched, instead of buttons; False unless set."
        ),
    ]
);
question!(
    GRID_INIT,
    GRID_CLASS,
    "GridQuestion",
    "A table with the same answers in every row, such as a Likert grid.",
    [
        Opt::required("rows", OPTIONS, "The rows; what participants read is HTML."),
        Opt::required("columns", WORDS, "The answers; HTML. The data have the column's number, counted from 0."),
        SHUFFLE_OPTIONS,
    ]
);
question!(
    CONSENT_INIT,
    CONSENT_CLASS,
    "ConsentQuestion",
    "A box to tick, without which the scene cannot be left.",
    [
        Opt::required(
            "version",
            Kind::Text,
            "Version of the text that is consented to; it is recorded with the answer."
        ),
        Opt::new("label", Kind::Text, "What stands beside the box; HTML. 'I agree' unless set."),
    ]
);
