//! The options of `GymScene` that are for games of several people, and those of the matchmakers.

use super::options::{Class, Kind, Method, Opt};

/// A day would be a mistake of units.
const HOUR: u32 = 3_600_000;

const CONFIRMED_ELSEWHERE: &str =
    "the service confirms every frame, so there is nothing to wait for at the end of an episode: remove it";
const BY_WAITROOM: &str = "it belongs to the waiting: .waitroom(...) has it";
const LATENCY: &str = "give .waitroom(matchmaker=LatencyFifoMatchmaker(max_rtt_sum_ms=...))";
const REUNION: &str = "give .waitroom(matchmaker=GroupReunionMatchmaker(...))";
const MONITORED: &str = "players are watched with .monitoring(max_ping=..., tab_warning_ms=..., tab_exclude_ms=..., \
                         exclusion_messages={...}, callback=..., callback_interval_s=...)";
const HIDDEN: &str = "how long the page may be out of sight is said with .monitoring(tab_warning_ms=..., \
                      tab_exclude_ms=..., exclusion_messages={...})";
const UNHIDDEN: &str =
    "a game goes on while somebody's tab is hidden: remove it, or give .monitoring(tab_exclude_ms=...)";
const CODE_SHOWN: &str = "everybody whose game ends early is shown a code that the service issued: remove it";
const BY_MODE: &str = "say where the environment runs with .runtime(mode='browser'), which is what 'p2p' was for, \
                       .runtime(mode='authoritative') or .runtime(mode='streamed')";
const CLOCKED: &str = "frames follow the clock of the service: remove it";

pub(super) static MULTIPLAYER: Method = Method {
    class: "GymScene",
    name: "multiplayer",
    doc: "Says how a game of several people is held together. Takes effect with two or more 'human' agents, or where the \
          service runs the environment: .runtime(mode='authoritative') or 'streamed'.",
    options: &[
        Opt::new(
            "input_delay",
            Kind::Whole(0, 60),
            "Frames between a key press and the frame that it is for. More delay, fewer corrections; 0 unless set.",
        ),
        Opt::new(
            "max_prediction",
            Kind::Whole(1, 60),
            "Most frames that a browser runs ahead of the confirmed ones; 8 unless set.",
        ),
        Opt::new(
            "snapshot_interval",
            Kind::Whole(1, 60),
            "Frames between two states that a browser keeps to roll back to; 3 unless set.",
        ),
        Opt::new(
            "hash_interval",
            Kind::Whole(1, 3600),
            "Frames between two comparisons of the browsers' states; 30 unless set.",
        ),
        Opt::new(
            "state_broadcast_interval",
            Kind::Whole(1, 3600),
            "Frames between two states of the service's copy that every browser adopts; 30 unless set. Only with \
             mode='authoritative' of .runtime(...).",
        ),
        Opt::new(
            "on_desync",
            Kind::OneOf(&["heal", "end"]),
            "What follows when a browser's state differs from the reference: it adopts that one, or the game ends; \
             'heal' unless set.",
        ),
        Opt::new(
            "on_absence",
            Kind::OneOf(&["pause", "continue", "bot"]),
            "What happens while a player is away: the game pauses; it goes on, with what action_population_method says \
             for the player; or it goes on with a bot that draws actions from action_mapping. 'pause' unless set.",
        ),
        Opt::new(
            "reconnection_timeout_ms",
            Kind::Whole(1000, HOUR),
            "Longest single absence in milliseconds; then the game ends for everybody. 30000 unless set, 120000 for a \
             person who plays alone.",
        ),
        Opt::new(
            "absence_limit_ms",
            Kind::Whole(1000, 2 * HOUR),
            "Longest time in milliseconds that a player may be away in the whole game. Unless set 90000, or \
             reconnection_timeout_ms where that is longer; 600000 for a person who plays alone.",
        ),
        Opt::new(
            "load_timeout_ms",
            Kind::Whole(1000, HOUR),
            "Longest time in milliseconds from the match until everybody is ready for the first episode; 60000 unless \
             set.",
        ),
        Opt::new(
            "ready_timeout_ms",
            Kind::Whole(1000, HOUR),
            "Longest time in milliseconds until everybody is ready for the next episode; 30000 unless set.",
        ),
        Opt::new(
            "partner_disconnect_message",
            MESSAGE,
            "HTML that players read whose partner is lost; a text of Greenroom's unless set.",
        ),
    ],
    elsewhere: &[
        ("mode", BY_MODE),
        ("multiplayer", "a scene with several 'human' agents in .policies(...) is one for several people: remove it"),
        ("server_authoritative", BY_MODE),
        ("realtime_mode", CLOCKED),
        ("input_buffer_size", "inputs are kept as long as they are needed: remove it"),
        ("input_confirmation_timeout_ms", CONFIRMED_ELSEWHERE),
        ("rollback_smoothing_duration", "give .rendering(rollback_smoothing_duration=...)"),
        ("max_rtt", LATENCY),
        ("matchmaker", BY_WAITROOM),
        ("hide_lobby_count", BY_WAITROOM),
        ("timeout", BY_WAITROOM),
        ("wait_for_known_group", REUNION),
        ("group_wait_timeout", REUNION),
        ("continuous_monitoring_enabled", MONITORED),
        ("continuous_max_ping", MONITORED),
        ("continuous_ping_violation_window", MONITORED),
        ("continuous_ping_required_violations", MONITORED),
        ("continuous_tab_warning_ms", HIDDEN),
        ("continuous_tab_exclude_ms", HIDDEN),
        ("continuous_exclusion_messages", MONITORED),
        ("continuous_callback", MONITORED),
        ("continuous_callback_interval_frames", MONITORED),
        ("focus_loss_timeout_ms", HIDDEN),
        ("focus_loss_message", HIDDEN),
        ("pause_on_partner_background", UNHIDDEN),
        ("partner_disconnect_show_completion_code", CODE_SHOWN),
    ],
};

/// A text that may be taken back.
pub(super) const MESSAGE: Kind =
    Kind::Other { annotation: "str | None", allowed: "HTML (str), or None for Greenroom's own text" };

pub(super) static WAITROOM: Method = Method {
    class: "GymScene",
    name: "waitroom",
    doc: "Says how the people of a scene find each other, and wait for a place on the service. Takes effect with two \
          or more 'human' agents, or where the service runs the environment: .runtime(mode='authoritative') or \
          'streamed'.",
    options: &[
        Opt::new("timeout", Kind::Whole(1000, 2 * HOUR), "Longest wait in milliseconds; 120000 unless set."),
        Opt::new(
            "on_timeout",
            Kind::OneOf(&["end", "scene", "bot"]),
            "What follows for somebody who has waited in vain: the last scene, with a code for the wait; the scene \
             timeout_scene_id; or a game with bots in the empty seats. 'end' unless set.",
        ),
        Opt::new(
            "timeout_scene_id",
            Kind::Other {
                annotation: "str | None",
                allowed: "the scene_id of a scene that comes after this one (str), or None",
            },
            "The scene that follows with on_timeout='scene'; it must come after this one.",
        ),
        Opt::new(
            "timeout_message",
            MESSAGE,
            "HTML for somebody who has waited in vain; a text of Greenroom's unless set.",
        ),
        Opt::new(
            "matchmaker",
            Kind::Other {
                annotation: "_Matching | None",
                allowed: "a FifoMatchmaker, a LatencyFifoMatchmaker, a GroupReunionMatchmaker, a function of two \
                          arguments (waiting, size), or None for first come, first served",
            },
            "Who plays with whom: a matchmaker, or a function that takes those who wait (dicts with subject_id, \
             waited_ms, rtt_ms and partners; the longest wait first) and the size of a group, and returns one group of \
             ids, a list of groups, or None. First come, first served unless set.",
        ),
        Opt::new(
            "hide_lobby_count",
            Kind::Flag,
            "Whether waiting people are not told how many they are; False unless set.",
        ),
    ],
    elsewhere: &[
        (
            "timeout_redirect_url",
            "whoever waits in vain goes on to the last scene: put the address on it with EndScene.redirect(...)",
        ),
        ("timeout_ms", "the longest wait is `timeout`, in milliseconds"),
        ("max_rtt", "give matchmaker=LatencyFifoMatchmaker(max_rtt_sum_ms=...)"),
        ("wait_for_known_group", "give matchmaker=GroupReunionMatchmaker(...)"),
        ("group_wait_timeout", "give matchmaker=GroupReunionMatchmaker(fallback=..., fallback_after_ms=...)"),
    ],
};

pub(super) static FIFO_INIT: Method = Method {
    class: "FifoMatchmaker",
    name: "__init__",
    doc: "Makes the matchmaker that a scene has unless another is set.",
    options: &[],
    elsewhere: &[("max_p2p_rtt_ms", "give LatencyFifoMatchmaker(max_rtt_sum_ms=...)")],
};
/// What the stubs say of [`super::matchmakers::FifoMatchmaker`].
pub static FIFO_CLASS: Class = Class {
    name: "FifoMatchmaker",
    doc: "Who came first plays first.",
    base: Some(MATCHMAKER),
    methods: &[&FIFO_INIT],
    elsewhere: &[],
};

pub(super) static LATENCY_INIT: Method = Method {
    class: "LatencyFifoMatchmaker",
    name: "__init__",
    doc: "Makes the matchmaker, with one limit or both. They hold for each two players of a group.",
    options: &[
        Opt::new(
            "max_rtt_sum_ms",
            Kind::Whole(1, 60_000),
            "Most milliseconds that the round trips of two players to the service add up to: about the delay between \
             them.",
        ),
        Opt::new(
            "max_rtt_difference_ms",
            Kind::Whole(1, 60_000),
            "Most milliseconds by which the round trips of two players differ: nobody has an advantage.",
        ),
    ],
    elsewhere: &[
        ("max_server_rtt_ms", "the limit for both round trips added up is `max_rtt_sum_ms`"),
        ("max_p2p_rtt_ms", "browsers speak to the service only; the delay between two players is `max_rtt_sum_ms`"),
    ],
};
/// What the stubs say of [`super::matchmakers::LatencyFifoMatchmaker`].
pub static LATENCY_CLASS: Class = Class {
    name: "LatencyFifoMatchmaker",
    doc: "Who came first plays first, with those whose connection fits. A round trip that is not known yet excludes \
          nobody.",
    base: Some(MATCHMAKER),
    methods: &[&LATENCY_INIT],
    elsewhere: &[],
};

pub(super) static REUNION_INIT: Method = Method {
    class: "GroupReunionMatchmaker",
    name: "__init__",
    doc: "Makes the matchmaker.",
    options: &[
        Opt::new(
            "fallback",
            Kind::Other {
                annotation: "FifoMatchmaker | LatencyFifoMatchmaker | None",
                allowed: "a FifoMatchmaker, a LatencyFifoMatchmaker, or None for nobody",
            },
            "Who matches those who have not played yet, and those whose partners did not come; nobody unless set.",
        ),
        Opt::new(
            "fallback_after_ms",
            Kind::Whole(0, 2 * HOUR),
            "Milliseconds that somebody waits for former partners before the fallback; 60000 unless set.",
        ),
    ],
    elsewhere: &[
        ("fallback_to_fifo", "give fallback=FifoMatchmaker()"),
        ("max_p2p_rtt_ms", "give fallback=LatencyFifoMatchmaker(max_rtt_sum_ms=...)"),
    ],
};
/// What the stubs say of [`super::matchmakers::GroupReunionMatchmaker`].
pub static REUNION_CLASS: Class = Class {
    name: "GroupReunionMatchmaker",
    doc: "Those who played together in an earlier scene play together again.",
    base: Some(MATCHMAKER),
    methods: &[&REUNION_INIT],
    elsewhere: &[],
};

/// The base class that matchmakers have in the stubs.
const MATCHMAKER: &str = "_Matchmaker";
