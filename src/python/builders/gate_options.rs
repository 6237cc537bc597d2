//! The options of the gates of a study: who may take part, who may go on, and with what everybody leaves.

use super::options::{Kind, Method, Opt};

const CODE: Kind = Kind::Other {
    annotation: "str",
    allowed: "a code of 1 to 64 letters (a-z, A-Z), digits, `_`, `-` or `.` that does not begin with a `.`",
};

macro_rules! outcomes {
    ($complete:expr) => {
        [
            $complete,
            Opt::new("screened_out", CODE, "For those who are not let in by .entry_screening(...)."),
            Opt::new("excluded", CODE, "For those who may not go on by .monitoring(...) of a game."),
            Opt::new("no_partner", CODE, "For those who waited in vain for others to play with."),
            Opt::new("left_waiting", CODE, "For those who did not want to wait for others any longer."),
            Opt::new("partner_lost", CODE, "For those whose game ended because another player left."),
            Opt::new("absent", CODE, "For those whose game ended because they were away for too long."),
            Opt::new("failed_check", CODE, "For those whose answers to a .check(...) were wrong once too often."),
            Opt::new("study_full", CODE, "For those who come when enough people have taken part."),
            Opt::new("desync", CODE, "For those whose game ended because its copies did not stay equal."),
            Opt::new("failed", CODE, "For those whose game ended because the environment failed."),
        ]
    };
}

pub static CODES: Method = Method {
    class: "Experiment",
    name: "completion_codes",
    doc: "Gives everybody who comes to the end a code, and says which. For an outcome that is not named, the service \
          draws a code that nobody else gets.",
    options: &outcomes!(Opt::new("complete", CODE, "For those who go through the whole study.")),
    elsewhere: &[("timeout", "waiting in vain is `no_partner`, and being away for too long `absent`")],
};

const AFTER: Opt = Opt::new(
    "after_s",
    Kind::Number(1.0, 600.0),
    "Seconds after which the last page leads there by itself; only its button does unless set.",
);

const PROLIFIC_CODES: [Opt; 11] =
    outcomes!(Opt::required("complete", CODE, "The completion code of the study, for those who go through all of it."));
const PROLIFIC_OPTIONS: [Opt; 12] = {
    let [a, b, c, d, e, f, g, h, i, j, k] = PROLIFIC_CODES;
    [a, b, c, d, e, f, g, h, i, j, k, AFTER]
};

pub static PROLIFIC: Method = Method {
    class: "Experiment",
    name: "prolific",
    doc: "Makes the study one for Prolific: PROLIFIC_PID names the participant, and every end scene without a redirect of \
          its own leads back with the completion code of the outcome. Whoever may not take part or go on and has no code \
          here is shown one of the service's, and is not led back.",
    options: &PROLIFIC_OPTIONS,
    elsewhere: &[("completion_code", "the option is `complete`"), ("code", "the option is `complete`")],
};

const SIZE: Kind =
    Kind::Other { annotation: "tuple[int, int]", allowed: "a width and a height in CSS pixels, such as (1024, 600)" };

pub const DEVICES: [&str; 2] = ["mobile", "desktop"];

pub static SCREENING: Method = Method {
    class: "Experiment",
    name: "entry_screening",
    doc: "Says who may take part. It is judged by the service while the start scene is read: by what the browser tells \
          about itself, and by round trips that the service measures. Whoever is not let in reads why, and leaves with \
          the code for `screened_out`.",
    options: &[
        Opt::new(
            "device_exclusion",
            Kind::Other {
                annotation: "Literal[\"mobile\", \"desktop\"] | None",
                allowed: "'mobile', 'desktop' or None",
            },
            "A kind of device that is not let in: 'mobile' for phones and tablets; nobody unless set.",
        ),
        Opt::new(
            "browser_requirements",
            Kind::Other {
                annotation: "Sequence[str] | Mapping[str, int]",
                allowed: "a list of browsers, or a dict of browsers and their oldest versions; they are 'Chrome', \
                          'Edge', 'Firefox', 'Internet Explorer', 'Opera', 'Safari', 'Samsung Internet' and 'Vivaldi'",
            },
            "Browsers of which one is needed, with their oldest versions if they are a dict; any unless set.",
        ),
        Opt::new(
            "browser_blocklist",
            Kind::Other {
                annotation: "Sequence[str]",
                allowed: "a list of browsers; they are 'Chrome', 'Edge', 'Firefox', 'Internet Explorer', 'Opera', \
                          'Safari', 'Samsung Internet' and 'Vivaldi'",
            },
            "Browsers that are not let in, even where they are among browser_requirements; none unless set.",
        ),
        Opt::new(
            "max_ping",
            Kind::Whole(1, 60_000),
            "Longest median round trip between the browser and the service, in milliseconds; any unless set.",
        ),
        Opt::new(
            "min_ping_measurements",
            Kind::Whole(1, 9),
            "Measurements that the median is taken of; 5 unless set. After ten seconds those that are there count.",
        ),
        Opt::new("min_screen", SIZE, "Least width and height of the screen, in CSS pixels; any unless set."),
        Opt::new("min_window", SIZE, "Least width and height of the browser's window; any unless set."),
        Opt::new(
            "exclusion_messages",
            Kind::Other {
                annotation: "Mapping[Literal[\"mobile\", \"desktop\", \"browser\", \"screen\", \"window\", \"ping\", \
                             \"callback\"], str]",
                allowed: "a dict of HTML texts by 'mobile', 'desktop', 'browser', 'screen', 'window', 'ping' or 'callback'",
            },
            "What those read who are not let in, by what they do not meet; texts of Greenroom's unless set.",
        ),
        Opt::new(
            "entry_callback",
            Kind::Other {
                annotation: "Callable[[Any, Any], Any] | None",
                allowed: "a function of two arguments (participant, context), or None",
            },
            "Decides about those who meet everything else. It takes the participant and a dict with ping, browser_name, \
             browser_version, device_type, os_name, screen and window, and returns None or True to let in, False not \
             to, or a dict such as {'exclude': True, 'message': '...'}. If it fails, the participant is let in.",
        ),
    ],
    elsewhere: &[
        ("entry_exclusion_callback", "the option is `entry_callback`"),
        ("entry_max_ping", "the option is `max_ping`"),
    ],
};

pub static MONITORING: Method = Method {
    class: "GymScene",
    name: "monitoring",
    doc: "Watches players while they play: their connection, as the service measures it every second, and how long the \
          page is out of sight. Whoever is over a limit is warned, then excluded: leaves with the code for `excluded`, \
          while the others go on as after any player who leaves.",
    options: &[
        Opt::new("max_ping", Kind::Whole(1, 60_000), "Longest round trip in milliseconds; any unless set."),
        Opt::new(
            "ping_violation_window",
            Kind::Whole(1, 120),
            "How many of the last measurements are looked at; 5 unless set.",
        ),
        Opt::new(
            "ping_required_violations",
            Kind::Whole(1, 120),
            "How many of them must be longer than max_ping for an exclusion; 3 unless set. A single one is a warning.",
        ),
        Opt::new(
            "tab_warning_ms",
            Kind::Whole(1000, 3_600_000),
            "Milliseconds that the page is out of sight before a warning; none unless set.",
        ),
        Opt::new(
            "tab_exclude_ms",
            Kind::Whole(1000, 3_600_000),
            "Milliseconds that the page is out of sight before an exclusion; none unless set.",
        ),
        Opt::new(
            "exclusion_messages",
            Kind::Other {
                annotation: "Mapping[Literal[\"ping_warning\", \"ping_exclude\", \"tab_warning\", \"tab_exclude\"], str]",
                allowed: "a dict of HTML texts by 'ping_warning', 'ping_exclude', 'tab_warning' or 'tab_exclude'",
            },
            "What players read; texts of Greenroom's unless set.",
        ),
        Opt::new(
            "callback",
            Kind::Other {
                annotation: "Callable[[Any, Any], Any] | None",
                allowed: "a function of two arguments (participant, context), or None",
            },
            "Asked again and again while the game is played. It takes the participant and a dict with ping, pings, \
             is_tab_hidden and tab_hidden_duration_ms, and returns None, or a dict such as {'warn': True, 'message': \
             '...'} or {'exclude': True, 'message': '...'}. If it fails, it counts as None.",
        ),
        Opt::new(
            "callback_interval_s",
            Kind::Number(1.0, 3600.0),
            "Seconds between two calls of the function; 10 unless set.",
        ),
    ],
    elsewhere: &[
        ("continuous_monitoring_enabled", "what has a limit is watched: remove it"),
        ("continuous_max_ping", "the option is `max_ping`"),
        ("continuous_ping_violation_window", "the option is `ping_violation_window`"),
        ("continuous_ping_required_violations", "the option is `ping_required_violations`"),
        ("continuous_tab_warning_ms", "the option is `tab_warning_ms`"),
        ("continuous_tab_exclude_ms", "the option is `tab_exclude_ms`"),
        ("continuous_exclusion_messages", "the option is `exclusion_messages`"),
        ("continuous_callback", "the option is `callback`"),
        ("continuous_callback_interval_s", "the option is `callback_interval_s`, in seconds"),
        ("continuous_callback_interval_frames", "give callback_interval_s, in seconds"),
        ("callback_interval_frames", "give callback_interval_s, in seconds"),
    ],
};

const OUTCOMES: Kind = Kind::Other {
    annotation: "Mapping[str, str | None]",
    allowed: "a dict of addresses, or None for none, by what somebody leaves with: 'complete', 'screened_out', \
              'excluded', 'no_partner', 'left_waiting', 'partner_lost', 'absent', 'failed_check', 'study_full', 'desync' \
              or 'failed'",
};

pub static REDIRECT: Method = Method {
    class: "EndScene",
    name: "redirect",
    doc: "Says where the page's button leads, once everything is stored. Addresses and parameters may have holes that are \
          filled for each participant: {subject_id}, {code}, {outcome}, and parameters of the study's link such as \
          {PROLIFIC_PID}.",
    options: &[
        Opt::required(
            "url",
            Kind::Other { annotation: "str", allowed: "an absolute address that begins with http:// or https://" },
            "Where the button leads, for example the completion page of a recruiting panel.",
        ),
        Opt::new(
            "append_subject_id",
            Kind::Flag,
            "Whether the participant's id is appended to the address; False unless set.",
        ),
        Opt::new(
            "append_code",
            Kind::Flag,
            "Whether the participant's code is appended to the address; False unless set.",
        ),
        Opt::new(
            "parameters",
            Kind::Other { annotation: "Mapping[str, str]", allowed: "a dict of names and texts" },
            "Parameters that are added to the address; the texts may have holes. None unless set.",
        ),
        AFTER,
        Opt::new(
            "outcomes",
            OUTCOMES,
            "Other addresses for those who leave otherwise; whoever's outcome is not named goes to `url`.",
        ),
    ],
    elsewhere: &[
        ("append_completion_code", "the option is `append_code`"),
        ("timeout", "the option is `after_s`, in seconds"),
    ],
};
