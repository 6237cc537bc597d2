//! The tables of scenes with a document of the researcher's own.

use super::options::{Class, Kind, Method, Opt};
use super::pages::{METADATA_ELSEWHERE, displayed, made_empty, named};

const FUNCTION: Kind = Kind::Other {
    annotation: "Callable[[Participant, Any], Any] | None",
    allowed: "a function that can be called with a participant and what the page says",
};
const SCORE: Kind = Kind::Other {
    annotation: "Callable[[Any], float] | None",
    allowed: "a function that can be called with what the page says",
};
const NAMES: Kind = Kind::Other {
    annotation: "str | Sequence[str]",
    allowed: "a name under which the page saves something, or a list of such names, of 1 to 64 bytes each",
};
const SETTINGS: Opt = Opt::new(
    "settings",
    Kind::Other { annotation: "Mapping[str, Any]", allowed: "a dict that JSON can hold" },
    "Whatever the page shall be told: it finds it in `greenroom.settings`.",
);
const CONTINUE_ON: Opt = Opt::new(
    "allow_continue_on",
    NAMES,
    "There is a button that leads on once something was saved under this name, or under one of these.",
);

macro_rules! embedded {
    ($class:ident, $name:literal, $about:literal, $what:literal, $episodes:literal, [$($own:expr),*], $elsewhere:expr) => {
        /// What the stubs say of it.
        pub static $class: Class = {
            static INIT: Method = made_empty($name);
            static SCENE: Method = named($name, &[
                ("experiment_config", concat!("give the page what it needs with settings=... of .", $what, "(...)")),
                METADATA_ELSEWHERE,
            ]);
            static DISPLAY: Method = displayed($name, "Says what participants read above the frame.");
            static GAME: Method = Method {
                class: $name,
                name: "game",
                doc: "Says how many episodes there are, and how each is scored.",
                options: &[
                    Opt::new("num_episodes", Kind::Whole(1, 10_000), $episodes),
                    Opt::new(
                        "score_fn",
                        SCORE,
                        "Called on the service with what an episode ended with; returns the episode's score. Unless set, the \
                         score is that number, or `score` of that object, or 0.",
                    ),
                ],
                elsewhere: &[],
            };
            static HOOKS: Method = Method {
                class: $name,
                name: "hooks",
                doc: "Has functions of yours called for what the page does. What they return is sent to the page, unless it \
                      is None.",
                options: &[
                    Opt::new("on_episode_start", FUNCTION, "Called when an episode begins, with what the page says of it."),
                    Opt::new("on_episode_end", FUNCTION, "Called when an episode is over, with what the page says of it."),
                    Opt::new("on_message", FUNCTION, "Called with each message of the page (`greenroom.message`)."),
                ],
                elsewhere: &[
                    ("on_unity_episode_start", "the option is `on_episode_start`"),
                    ("on_unity_episode_end", "the option is `on_episode_end`"),
                ],
            };
            Class {
                name: $name,
                doc: $about,
                base: Some("_Scene"),
                methods: &[&INIT, &SCENE, &DISPLAY, $($own,)* &GAME, &HOOKS],
                elsewhere: $elsewhere,
            }
        };
    };
}

pub static PAGE: Method = Method {
    class: "HtmlScene",
    name: "page",
    doc: "Says which page is shown, and how.",
    options: &[
        Opt::required(
            "path",
            Kind::Path,
            "A folder with the page and its files, of which all are served, or a single HTML file.",
        ),
        Opt::new("document", Kind::Text, "The page's file in the folder; `index.html` unless set."),
        Opt::new(
            "width",
            Kind::Whole(100, 10_000),
            "Width of the page's frame in CSS pixels; all there is unless set.",
        ),
        Opt::new(
            "height",
            Kind::Whole(100, 10_000),
            "Height of the page's frame in CSS pixels; as high as the page is unless set.",
        ),
        SETTINGS,
        CONTINUE_ON,
        Opt::new(
            "continue_button",
            Kind::Flag,
            "Whether there is a button that leads on, besides `greenroom.advance()`. False unless set, but with \
             `allow_continue_on` and `num_episodes` there is one.",
        ),
        Opt::new(
            "preload",
            Kind::Flag,
            "Whether the pages before this scene load its files already; False unless set.",
        ),
    ],
    elsewhere: &[("directory", "the option is `path`"), ("file", "the option is `path`")],
};
pub static WEBGL: Method = Method {
    class: "UnityScene",
    name: "webgl",
    doc: "Says which WebGL build is loaded, and how it is shown.",
    options: &[
        Opt::required(
            "build_name",
            Kind::Text,
            "The name that the build's files begin with: `NAME.loader.js` and others.",
        ),
        Opt::required(
            "directory",
            Kind::Path,
            "The folder with the build: with `NAME.loader.js` in it, in `Build`, or in `NAME/Build`. Compressed builds (.br, \
             .gz, .unityweb) are served as such.",
        ),
        Opt::new("width", Kind::Whole(100, 10_000), "Width of the picture in CSS pixels; 960 unless set."),
        Opt::new("height", Kind::Whole(100, 10_000), "Height of the picture in CSS pixels; 600 unless set."),
        SETTINGS,
        Opt::new(
            "allow_continue_on",
            NAMES,
            "The button leads on once something was saved under this name, or under one of these, and not when all episodes \
             are over.",
        ),
        Opt::new(
            "preload_game",
            Kind::Flag,
            "Whether the pages before this scene load the build already; True unless set.",
        ),
        Opt::new(
            "receiver",
            Kind::Other {
                annotation: "tuple[str, str]",
                allowed: "a pair of texts: a GameObject's name and its method's, such as ('Game', 'OnMessage')",
            },
            "What is sent to the build goes to this method, as JSON; scripts in the build can ask for it besides.",
        ),
    ],
    elsewhere: &[("webgl_base_url", "give the folder of the build as `directory`")],
};
embedded!(
    HTML_CLASS,
    "HtmlScene",
    "An HTML page of your own, with scripts of its own, in a frame. It speaks with the service through `greenroom-scene.js`.",
    "page",
    "Episodes after which the scene may be left; unless set, that is up to the page.",
    [&PAGE],
    &[("webgl", "builds of Unity's have a class of their own: UnityScene")]
);
embedded!(
    UNITY_CLASS,
    "UnityScene",
    "A WebGL build of Unity's in a frame. It speaks with the service through `greenroom`, as an HtmlScene does.",
    "webgl",
    "Episodes after which the scene may be left; 1 unless set.",
    [&WEBGL],
    &[
        ("on_unity_episode_start", "use .hooks(on_episode_start=...)"),
        ("on_unity_episode_end", "use .hooks(on_episode_end=...)"),
        ("page", "pages of your own have a class of their own: HtmlScene"),
    ]
);
