//! The options of what orders scenes, and of the branches that every scene may have.

use super::names;
use super::options::{Class, Kind, Method, Opt};

/// A list of scenes and of what orders them.
pub(super) const SCENES: Kind = Kind::Other {
    annotation: "Sequence[_Scene | _Part]",
    allowed: "a list of scenes (StartScene, SurveyScene, GymScene, EndScene and others) and of RandomizeOrder, RepeatScene, \
              Section or Conditions",
};
const VALUE: &str = "bool | int | float | str | Sequence[bool | int | float | str]";
const ONE: &str = "True, False, a number, a text, or a list of texts";

const SCENE: Opt = Opt::new(
    "scene",
    names::KIND,
    "The scene whose answers or results are looked at, at its last visit. `go_to` looks at its own scene unless set.",
);
const QUESTION: Opt = Opt::new("question", names::KIND, "The question of that scene whose answer is compared.");
const RESULT: Opt = Opt::new(
    "result",
    Kind::OneOf(&["score", "mean_score", "episodes", "steps"]),
    "What of that scene's game is compared: the sum of the participant's rewards over all episodes, the same divided by \
     their number, that number, or the number of steps. Tutorial episodes do not count.",
);
const GLOBAL: Opt =
    Opt::new("globals_", Kind::Text, "Name of the value in the participant's globals that is compared.");
const CONDITION: Opt = Opt::new("condition", names::KIND, "Name of the Conditions whose level is compared.");
const PARAMETER: Opt =
    Opt::new("parameter", Kind::Text, "Name of the query parameter of the participant's link that is compared.");
const EQUALS: Opt = Opt::new(
    "equals",
    Kind::Other { annotation: VALUE, allowed: ONE },
    "It holds if the value is this one. Where several options can be chosen, a list means exactly these.",
);
const ANY_OF: Opt = Opt::new(
    "any_of",
    Kind::Other {
        annotation: "Sequence[bool | int | float | str]",
        allowed: "a list of at least one value: True, False, a number or a text",
    },
    "It holds if the value is one of these; where several options can be chosen, if one of them is.",
);
const AT_LEAST: Opt = Opt::new("at_least", Kind::Number(-1e15, 1e15), "It holds if the value is not below this.");
const AT_MOST: Opt = Opt::new("at_most", Kind::Number(-1e15, 1e15), "It holds if the value is not above this.");

/// An option, and those of a comparison.
const fn or_compared(first: Opt) -> [Opt; 11] {
    [first, SCENE, QUESTION, RESULT, GLOBAL, CONDITION, PARAMETER, EQUALS, ANY_OF, AT_LEAST, AT_MOST]
}

pub(super) static SKIP_IF: Method = Method {
    class: "scene",
    name: "skip_if",
    doc: "Passes the scene over for those for whom this holds. Without an answer or a result it does not hold. Of several \
          calls, one is enough.",
    options: &or_compared(Opt::new(
        "function",
        Kind::Other {
            annotation: "Callable[[Participant], bool]",
            allowed: "a function of the participant that returns True or False",
        },
        "Says it instead of a comparison. One that fails skips nothing.",
    )),
    elsewhere: &[],
};
pub(super) static GO_TO: Method = Method {
    class: "scene",
    name: "go_to",
    doc: "Leads from the scene to another one instead of the next, if this holds; without a comparison, always. Of several \
          calls, the first that holds counts. It may lead back.",
    options: &or_compared(Opt::required(
        "target",
        Kind::Other {
            annotation: "str | Callable[[Participant], str | None]",
            allowed: "the id of a scene, the name of a Section, or a function of the participant that returns one of \
                          these or None",
        },
        "Where to. A function names the scene or the section, or returns None; one that fails leads nowhere.",
    )),
    elsewhere: &[("function", "give the function in the place of the target: .go_to(function)")],
};
/// What the stubs say of every scene.
pub static SCENE_CLASS: Class =
    Class { name: "_Scene", doc: "Any scene.", base: None, methods: &[&SKIP_IF, &GO_TO], elsewhere: &[] };

macro_rules! part {
    ($init:ident, $about:ident, $class:literal, $doc:literal, $options:expr) => {
        pub(super) static $init: Method =
            Method { class: $class, name: "__init__", doc: $doc, options: &$options, elsewhere: &[] };
        #[doc = concat!("What the stubs say of `", $class, "`.")]
        pub static $about: Class =
            Class { name: $class, doc: $doc, base: Some("_Part"), methods: &[&$init], elsewhere: &[] };
    };
}
part!(
    RANDOMIZE_INIT,
    RANDOMIZE_CLASS,
    "RandomizeOrder",
    "Scenes in an order that is drawn for each participant.",
    [
        Opt::required("scenes", SCENES, "The scenes. What stands in a part of its own stays together."),
        Opt::new("keep_n", Kind::Whole(1, 1000), "How many of them each participant gets; all unless set."),
    ]
);
part!(
    REPEAT_INIT,
    REPEAT_CLASS,
    "RepeatScene",
    "Scenes several times over. What is drawn in them is drawn anew each time.",
    [Opt::required("scenes", SCENES, "The scenes."), Opt::required("n", Kind::Whole(1, 1000), "How often they come."),]
);
part!(
    SECTION_INIT,
    SECTION_CLASS,
    "Section",
    "Scenes with a common name, shown in the data, to which .go_to(...) can lead.",
    [
        Opt::required("name", names::KIND, "The name, unlike that of every scene and other section."),
        Opt::required("scenes", SCENES, "The scenes."),
    ]
);
part!(
    CONDITIONS_INIT,
    CONDITIONS_CLASS,
    "Conditions",
    "A between-subject condition: each participant gets the scenes of one level. The levels are kept in balance.",
    [
        Opt::required("name", names::KIND, "The condition's name, unlike that of every other one; in the data."),
        Opt::required(
            "levels",
            Kind::Other {
                annotation: "Mapping[str, Sequence[_Scene | _Part]]",
                allowed: "a dict from the names of at least two levels to their lists of scenes, which may be empty",
            },
            "The scenes of each level. A scene may stand in several levels.",
        ),
        Opt::new(
            "quotas",
            Kind::Other {
                annotation: "Mapping[str, int]",
                allowed: "a dict from the names of all levels to whole numbers from 1 to 1000000",
            },
            "How many get each level at most; levels fill in proportion. No limits, and equal shares, unless set.",
        ),
        Opt::new(
            "per",
            Kind::OneOf(&["person", "group"]),
            "Who gets a level together: each for itself, or those who last played a game together; 'person' unless set. \
             Quotas count these.",
        ),
        Opt::new(
            "when_full",
            Kind::OneOf(&["continue", "end"]),
            "What follows when every level has its quota: the study goes on without any of the levels, or it ends with a \
             code for study_full; 'continue' unless set.",
        ),
        Opt::new(
            "reopen_after_s",
            Kind::Whole(60, 604_800),
            "Time, in seconds, after which somebody who is away has dropped out, so that its place is free again; 1800 \
             unless set.",
        ),
    ]
);
