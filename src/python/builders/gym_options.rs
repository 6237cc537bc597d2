//! The options of `GymScene`.

use super::gate_options::MONITORING;
use super::group_options::{MULTIPLAYER, WAITROOM};
use super::options::{Class, Kind, Method, Opt};
use super::pages::{BODY, BODY_FILE, HEADER, METADATA_ELSEWHERE, SUBHEADER, made_empty, named};
use super::policy_options::FRAME_SKIP;
use super::value;
use super::{assets, bonus, callbacks, gym_pages};

const REUNITED: &str = "use .waitroom(matchmaker=GroupReunionMatchmaker(...))";
const BY_RUNTIME: &str = "describe the environment with .runtime(...), whose option `mode` says where it runs";
const TRAINED: &str =
    "give policy_mapping a ModelConfig(onnx_path=...) for a network, or a FunctionPolicy(function=...)";
const BY_ENVIRONMENT: &str = "draw it in the environment's render(), with greenroom.rendering";

pub(super) static INIT: Method = made_empty("GymScene");

static SCENE: Method = named("GymScene", &[("experiment_config", "remove it"), METADATA_ELSEWHERE]);

pub(super) static POLICIES: Method = Method {
    class: "GymScene",
    name: "policies",
    doc: "Says who acts for each agent of the environment.",
    options: &[
        Opt::required(
            "policy_mapping",
            Kind::Other {
                annotation: "Mapping[Any, str | _Policy]",
                allowed: "a dict from each agent's id (str or int) to 'human', 'random', a ModelConfig or a \
                          FunctionPolicy",
            },
            "Who acts for each agent, by its id (str or int): 'human' (a participant; 1 to 16 agents), 'random' (actions \
             drawn from the agent's action space), a ModelConfig (a network), or a FunctionPolicy (a function of the \
             environment's code). With several humans the scene has a waiting room.",
        ),
        Opt::new(
            "frame_skip",
            FRAME_SKIP,
            "Frames from one choice of a bot to its next, for all that do not say it themselves; 1 unless set. Between \
             choices action_population_method of .gameplay(...) acts.",
        ),
    ],
    elsewhere: &[("load_policy_fn", TRAINED), ("policy_inference_fn", TRAINED), ("policy_configs", TRAINED)],
};

pub(super) static RENDERING: Method = Method {
    class: "GymScene",
    name: "rendering",
    doc: "Says how the game is drawn.",
    options: &[
        Opt::new("fps", Kind::Whole(1, 240), "Environment steps per second; 10 unless set."),
        Opt::new("game_width", Kind::Whole(16, 4096), "Width of the game in pixels; 600 unless set."),
        Opt::new("game_height", Kind::Whole(16, 4096), "Height of the game in pixels; 400 unless set."),
        Opt::new(
            "background",
            Kind::Other {
                annotation: "str",
                allowed: "a CSS colour such as '#e6b453', 'white' or 'rgb(230, 180, 83)'",
            },
            "CSS colour behind the drawing; '#ffffff' unless set. The path of a picture is taken as background_image.",
        ),
        Opt::new(
            "background_image",
            Kind::Text,
            "Picture behind the drawing, stretched to the game's size: a path relative to assets_dir of .assets(...). None \
             unless set.",
        ),
        Opt::new(
            "rollback_smoothing_duration",
            Kind::Whole(0, 1000),
            "Milliseconds over which a correction of the picture is spread, 0 for none; 100 unless set. Takes effect \
             only in games of several people or with mode='authoritative' of .runtime(...).",
        ),
        Opt::new(
            "frame_quality",
            Kind::Whole(1, 100),
            "Quality of the pictures of an environment that draws pixels, as JPEG counts it; 85 unless set. Only with \
             mode='streamed' of .runtime(...).",
        ),
        Opt::new(
            "hud_text_fn",
            Kind::Other {
                annotation: "str",
                allowed: "the name of a function (env, agent) in the environment's code, or of a method (agent) of the \
                          environment",
            },
            "Name of the function in the environment's code, called with (env, agent), or of the environment's method, \
             called with (agent), that gives the text above the game, or None for none. Unless set, `hud_text` and \
             `get_hud_text` where they are there.",
        ),
        Opt::new(
            "hud_score_carry_over",
            Kind::Flag,
            "Whether the score above the game goes on from episode to episode instead of beginning with each at 0; False \
             unless set. Practice does not count.",
        ),
    ],
    elsewhere: &[
        ("env_to_state_fn", BY_ENVIRONMENT),
        ("location_representation", "use relative=True where the environment draws"),
    ],
};

pub(super) static GAMEPLAY: Method = Method {
    class: "GymScene",
    name: "gameplay",
    doc: "Says how the game is played.",
    options: &[
        Opt::new(
            "action_mapping",
            Kind::Other {
                annotation: "Mapping[Any, _Action]",
                allowed: "a dict from keys to actions, such as {'ArrowLeft': 0, ('ArrowLeft', 'ArrowUp'): 1}",
            },
            "What each key, or tuple of keys held together, does. Keys have the names of a browser's \
             KeyboardEvent.key: 'ArrowLeft', 'w', ' ' for the space bar; of a gamepad 'Gamepad.A', 'Gamepad.Left'.",
        ),
        Opt::new(
            "key_labels",
            Kind::Other {
                annotation: "Mapping[Any, str]",
                allowed: "a dict from keys of action_mapping to texts, such as {' ': 'Jump'}",
            },
            "What keys are called in the legend and on buttons for fingers, such as {' ': 'Jump'}; their own names unless \
             set.",
        ),
        Opt::new(
            "on_screen_controls",
            Kind::Other { annotation: "bool | Literal['auto']", allowed: "True, False or 'auto'" },
            "Whether the page shows buttons for fingers, made of action_mapping: 'auto' where the finger is the main \
             pointer; 'auto' unless set.",
        ),
        Opt::new(
            "pointer",
            Kind::OneOf(&["click", "hold", "move"]),
            "Lets the mouse or a finger on the picture act, with the action {'x': ..., 'y': ..., 'pressed': ...} in game \
             pixels: once for each press ('click'), as long as it is pressed ('hold'), or in every frame ('move'). It does \
             not act unless set.",
        ),
        Opt::new(
            "default_action",
            Kind::Other { annotation: "_Action", allowed: value::ALLOWED },
            "The action when no mapped key is pressed.",
        ),
        Opt::new("num_episodes", Kind::Whole(1, 1000), "Number of episodes; 1 unless set."),
        Opt::new(
            "tutorial_episodes",
            Kind::Whole(0, 100),
            "Number of episodes for practice, which come before the others and do not count; 0 unless set.",
        ),
        Opt::new(
            "episode_ready_check",
            Kind::Flag,
            "Whether everybody presses a button before each episode but the first; with others, within ready_timeout_ms \
             of .multiplayer(...). False unless set.",
        ),
        Opt::new(
            "max_steps",
            Kind::Whole(1, 1_000_000),
            "Most steps of an episode, after which it is truncated; 10000 unless set.",
        ),
        Opt::new(
            "input_mode",
            Kind::OneOf(&["pressed_keys", "single_keystroke"]),
            "Whether keys act as long as they are held, or each press acts once; 'pressed_keys' unless set.",
        ),
        Opt::new(
            "action_population_method",
            Kind::OneOf(&["default_action", "previous_submitted_action"]),
            "What the agent does in a step without an input; 'default_action' unless set.",
        ),
        Opt::new(
            "reset_freeze_s",
            Kind::Number(0.0, 60.0),
            "Seconds of stillness after a reset, before the first step; 0 unless set.",
        ),
        Opt::new(
            "callback",
            callbacks::KIND,
            "An object with methods such as on_game_end(event), or a list of such \
             objects, told of what happens in this scene; see GameCallback. Nothing unless set.",
        ),
    ],
    elsewhere: &[("human_id", "say which agent is human with .policies(policy_mapping=...)")],
};

pub(super) static CONTENT: Method = Method {
    class: "GymScene",
    name: "content",
    doc: "Says what participants read before and during the game.",
    options: &[
        HEADER,
        SUBHEADER,
        BODY,
        BODY_FILE,
        Opt::new(
            "in_game_scene_header",
            gym_pages::KIND,
            "Title beside the running game; a dict gives each agent's player its own. None unless set.",
        ),
        Opt::new(
            "in_game_scene_body",
            gym_pages::KIND,
            "HTML beside the running game; a dict gives each agent's player its own. None unless set.",
        ),
        Opt::new(
            "in_game_scene_body_filepath",
            Kind::Path,
            "File with the HTML beside the running game, instead of `in_game_scene_body`.",
        ),
        Opt::new(
            "game_page_html_fn",
            Kind::Other {
                annotation: "Callable[[Participant, str], str]",
                allowed: "a function that is called with a participant and an agent and returns HTML",
            },
            "A function of the experiment module, called with (participant, agent) when a game begins, that returns the HTML \
             beside that player's game. If it fails, in_game_scene_body stands there. Nothing unless set.",
        ),
    ],
    elsewhere: &[],
};

pub(super) static ASSETS: Method = Method {
    class: "GymScene",
    name: "assets",
    doc: "Serves the pictures and sounds of the environment, and says what browsers load before the game begins.",
    options: &[
        Opt::required("assets_dir", Kind::Path, "Directory of the pictures and sounds."),
        Opt::new(
            "assets_to_preload",
            assets::KIND,
            "What browsers load before the game begins, beside what the environment registers when it is made: paths \
             relative to assets_dir, or dicts in the form of Surface.get_asset_specs(). Nothing more unless set.",
        ),
        Opt::new("preload_specs", assets::KIND, "The same as assets_to_preload; what both say is loaded."),
        Opt::new(
            "animation_configs",
            Kind::Other {
                annotation: "Sequence[Mapping[str, Any]]",
                allowed: "a list of dicts such as {'name': 'walk', 'image_name': 'hero', 'frames': [0, 1, 2], 'fps': 8}",
            },
            "Animations, for environments that do not register them on their surface: dicts with name, image_name, frames, \
             fps (whole; 10 unless set) and repeat (True unless set). None unless set.",
        ),
    ],
    elsewhere: &[("state_init", BY_ENVIRONMENT)],
};

pub(super) static RUNTIME: Method = Method {
    class: "GymScene",
    name: "runtime",
    doc: "Gives the environment: Python source that leaves it in a variable `env`. It is compiled here, and run where \
          the game runs.",
    options: &[
        Opt::new("environment_initialization_code", Kind::Text, "The source."),
        Opt::new(
            "environment_initialization_code_filepath",
            Kind::Path,
            "File with the source, instead of `environment_initialization_code`.",
        ),
        Opt::new(
            "packages_to_install",
            Kind::Other {
                annotation: "list[str] | tuple[str, ...]",
                allowed: "a list of requirements as pip writes them, such as ['gymnasium==1.4.0']",
            },
            "What the environment needs; nothing unless set. Browsers get it from the service; where the service runs the \
             environment (`mode`), its virtual environment must have it too.",
        ),
        Opt::new("on_game_step_code", Kind::Text, "Python source that is run before every step."),
        Opt::new(
            "mode",
            Kind::OneOf(&["browser", "authoritative", "streamed"]),
            "Where the environment runs: in each participant's browser; there and on the service, whose copy is the \
             reference; or on the service only, which sends pictures. 'browser' unless set.",
        ),
    ],
    elsewhere: &[
        ("run_through_pyodide", "say where the environment runs with mode='browser', 'authoritative' or 'streamed'"),
        ("server_authoritative", "give mode='authoritative'"),
        ("multiplayer", "a scene with several 'human' agents in .policies(...) is one for several people: remove it"),
        ("restart_pyodide", "every scene begins with fresh variables: remove it"),
        ("state_broadcast_interval", "it belongs to .multiplayer(...)"),
    ],
};

pub(super) static DATA: Method = Method {
    class: "GymScene",
    name: "data",
    doc: "Says what is recorded beside actions, rewards and infos.",
    options: &[Opt::new(
        "record_observations",
        Kind::Flag,
        "Whether observations are part of the data; False unless set.",
    )],
    elsewhere: &[],
};

pub(super) static BONUS: Method = Method {
    class: "GymScene",
    name: "bonus",
    doc: "Has a bonus computed for each participant when the game is over. It is recorded.",
    options: bonus::OPTIONS,
    elsewhere: &[],
};

/// What the stubs say of [`super::gym::GymScene`].
pub static CLASS: Class = Class {
    name: "GymScene",
    doc: "A game: an environment in the style of Gymnasium or PettingZoo, played in a browser.",
    base: Some("_Scene"),
    methods: &[
        &INIT,
        &SCENE,
        &POLICIES,
        &RENDERING,
        &GAMEPLAY,
        &CONTENT,
        &ASSETS,
        &RUNTIME,
        &DATA,
        &BONUS,
        &MULTIPLAYER,
        &WAITROOM,
        &MONITORING,
    ],
    elsewhere: &[
        ("environment", BY_RUNTIME),
        ("pyodide", BY_RUNTIME),
        (
            "user_experience",
            "say what participants read with .content(...), and how long they wait with .waitroom(...)",
        ),
        ("matchmaking", "use .waitroom(matchmaker=...)"),
        ("player_grouping", REUNITED),
        ("player_pairing", REUNITED),
    ],
};
