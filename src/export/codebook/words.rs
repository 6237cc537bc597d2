//! The words of the codebook.

use super::{Chapter, Entry};

macro_rules! entries {
    ($($column:literal, $kind:literal, $unit:literal, $meaning:literal, $source:literal;)+) => {
        &[$(Entry { column: $column, kind: $kind, unit: $unit, meaning: $meaning, source: $source },)+]
    };
}

/// What every table may have.
pub(super) const OVERFLOW: Entry = Entry {
    column: "overflow",
    kind: "json",
    unit: "",
    meaning: "What has no column of its own, because there are more than 4096: an object from column names to values.",
    source: "environment",
};

/// The tables that can be exported.
pub(super) const BOOK: &[Chapter] = &[
    Chapter {
        table: "steps",
        meaning: "One row for each game, episode, frame and agent that took part in the frame.",
        entries: entries! {
            "experiment_id", "text", "", "The study.", "experiment module";
            "scene_id", "text", "", "The scene: the treatment, where scenes are alternatives.", "experiment module";
            "game_id", "text", "", "The game. Ids are sorted by the time of their making.", "service";
            "mode", "text", "", "Where the environment ran: browser, authoritative or streamed. Null where the record is too old to know.", "experiment module";
            "episode", "integer", "", "Episode of the game, from 0.", "service";
            "t", "integer", "frames", "Frame (step) of the episode, from 0.", "environment";
            "agent", "text", "", "The agent, by the environment's name for it.", "environment";
            "seat", "integer", "", "Number of the agent's seat in the game, from 0. Null for agents that have none: bots that play in the browser.", "service";
            "subject_id", "text", "", "The participant who played the agent. Null for bots.", "participant's link, or service";
            "visit", "integer", "", "Which of the participant's visits of scenes it was, from 1. Null for bots.", "service";
            "policy", "text", "", "Who acted: human; of the scene's own bots random, model or function; bot for one in the place of a person. Null where it is not known.", "experiment module";
            "action.*", "mixed", "", "The action that the environment was given, as written in action_mapping; of the mouse or a finger x, y and pressed. One column for each part of an action that has parts.", "participant, or bot";
            "reward.*", "float", "as the environment counts", "The reward of this step.", "environment";
            "terminated.*", "boolean", "", "Whether the agent terminated in this step.", "environment";
            "truncated.*", "boolean", "", "Whether the agent was truncated in this step, max_steps included.", "environment";
            "terminated_all", "boolean", "", "Whether the environment said of all agents at once that they terminated (__all__). Null where it says no such thing.", "environment";
            "truncated_all", "boolean", "", "The same of truncation.", "environment";
            "tutorial", "boolean", "", "Whether the episode was for practice (tutorial_episodes).", "experiment module";
            "input_age", "integer", "frames", "Frames between the key press and the frame in which it was used: the input delay, and more if the input was late. Null for bots, where the default action stood in, and in games of one person in the browser, which have no delay.", "service";
            "input_on_time", "boolean", "", "Whether the player's own input for this frame came in time. Null as input_age.", "service";
            "focused", "boolean", "", "Whether the player's page had the keyboard focus. Null for bots, and where the browser had not told.", "browser";
            "rollback_depth", "integer", "frames", "How many frames the player's copy had gone on when it learnt that a guess was wrong; 0 when none was. Null where there are no guesses, or the browser had not told.", "browser";
            "own_timestamp", "float", "ms since 1970", "The clock of this player's browser when the frame was first shown. Null in games of one person in the browser, and where the browser had not told.", "browser's clock";
            "timestamp", "float", "ms since 1970", "When the frame was played: the clock of the browser that made the row (the host's in a game of several); where the service runs the environment, the service's clock when the frame closed.", "browser's clock";
            "server_timestamp", "time", "ms since 1970 (UTC)", "When the service stored the step. Steps that came together share it.", "service's clock";
            "observation.*", "mixed", "", "The agent's observation before the action; only of scenes with record_observations=True. One column for each number.", "environment";
            "info.*", "mixed", "", "What the environment put into the agent's info. One column for each leaf.", "environment";
            "predicted.AGENT", "boolean", "", "Whether the player of this row first saw the frame with a guess of what AGENT does.", "browser";
        },
    },
    Chapter {
        table: "participants",
        meaning: "One row for each participant.",
        entries: entries! {
            "experiment_id", "text", "", "The study.", "experiment module";
            "subject_id", "text", "", "The participant.", "participant's link, or service";
            "created_at", "time", "ms since 1970 (UTC)", "When the participant came for the first time.", "service's clock";
            "last_at", "time", "ms since 1970 (UTC)", "The last thing that is known of the participant outside of games: a scene entered, a return.", "service's clock";
            "scenes", "json", "", "The scenes in the participant's order, as drawn for it and changed since.", "service";
            "visit", "integer", "", "How many scenes it has entered.", "service";
            "scene_id", "text", "", "The scene that it entered last.", "service";
            "completed", "boolean", "", "Whether it has come to the last of its scenes; also by a way out, see dismissed.", "service";
            "dismissed", "text", "", "Why a scene first ended in another way than planned: no_partner, left_waiting, partner_lost, absent, desync, failed (also in the browser), or lost (the service could not go on). Null when none did.", "service";
            "codes", "json", "", "The codes that it was given for that, and for the whole study: code, reason, scene_id, visit, at (ms since 1970).", "service";
            "returns", "integer", "", "How often it came back on a new connection, by a reload for example.", "service";
            "failures", "integer", "", "How often something failed in its browser.", "browser";
            "device", "text", "", "desktop, or mobile for phones and tablets, as far as the browser tells.", "service";
            "browser", "text", "", "The browser's name, as far as it tells.", "service";
            "browser_version", "text", "", "Its version.", "service";
            "os", "text", "", "The operating system, as far as the browser tells.", "service";
            "entry_ping_ms", "integer", "ms", "Median round trip at the entrance. Null where it was not measured for the screening.", "service";
            "user_agent", "text", "", "The browser, by its own word at the first visit.", "browser";
            "language", "text", "", "The browser's language.", "browser";
            "time_zone", "text", "", "The browser's time zone, by its IANA name.", "browser";
            "window_width", "integer", "CSS pixels", "Width of the window.", "browser";
            "window_height", "integer", "CSS pixels", "Height of the window.", "browser";
            "screen_width", "integer", "CSS pixels", "Width of the screen.", "browser";
            "screen_height", "integer", "CSS pixels", "Height of the screen.", "browser";
            "pixel_ratio", "float", "device pixels per CSS pixel", "How fine the screen is.", "browser";
            "clock_offset", "float", "ms", "The browser's clock minus the service's when the participant came, the way of the message included.", "both clocks";
            "bonus", "float", "as the study's function counts", "What the function of Experiment.bonus gave; in a study without one, what those of its game scenes gave together. Null when there is none.", "experiment module";
            "bonus_error", "text", "", "Why the function of Experiment.bonus gave nothing.", "experiment module";
            "number", "integer", "", "The participant's number among all, in the order of their coming, from 1. Null in studies that draw nothing.", "service";
            "url_parameters.*", "text", "", "A query parameter of the participant's link.", "participant's link";
            "conditions.*", "text", "", "The level of a condition that the participant was assigned. Null when it was assigned none.", "service";
            "globals.NAME", "mixed", "", "A value that scenes and environments share, as it was last.", "experiment module, environment or page";
        },
    },
    Chapter {
        table: "visits",
        meaning: "One row for each scene that a participant entered.",
        entries: entries! {
            "experiment_id", "text", "", "The study.", "experiment module";
            "subject_id", "text", "", "The participant.", "participant's link, or service";
            "visit", "integer", "", "Counts the participant's visits, from 1.", "service";
            "scene_id", "text", "", "The scene.", "experiment module";
            "scene_type", "text", "", "StartScene, StaticScene (all pages of one's own, with or without questions), GymScene or EndScene. Null where the record is too old to know.", "experiment module";
            "occurrence", "integer", "", "Which of the participant's visits of this scene it is, from 1.", "service";
            "entered_at", "time", "ms since 1970 (UTC)", "When it was entered.", "service's clock";
            "left_at", "time", "ms since 1970 (UTC)", "When the next scene was entered. Null while there is none.", "service's clock";
            "game_id", "text", "", "The game that was played. Null when there was none.", "service";
            "outcome", "text", "", "How it ended: complete, or as dismissed of participants. Null while it goes on.", "service";
            "reason", "text", "", "More words on a failure, a screening or an exclusion, with what was measured.", "service, or browser";
            "code", "text", "", "The code that was given for a visit that ended in another way than planned, or at the end of the study.", "service";
            "warnings", "integer", "", "How often the player was warned about the connection, a hidden page or by a function of the study.", "service";
            "answered", "integer", "", "How many questions have an answer. Null of a scene without questions.", "participant";
            "handed_in", "integer", "", "How often the answers were handed in complete: more than once where wrong ones may be mended. Null of a scene without questions.", "participant";
            "score", "float", "as the environment counts", "The rewards of the participant's agent in all episodes of the game that count. Null without a game that is over.", "environment";
            "results", "json", "", "By episode: score, steps, and tutorial where it was for practice. Null without a game that is over.", "environment";
            "bonus", "float", "as the study's function counts", "What the function of GymScene.bonus gave.", "experiment module";
            "bonus_error", "text", "", "Why that function gave nothing.", "experiment module";
            "section", "text", "", "The sections that the scene stands in, the outermost first, with / between. Null when it stands in none.", "experiment module";
        },
    },
    Chapter {
        table: "answers",
        meaning: "One row for each question of a scene that a participant entered; of a table of questions, one for each of its rows.",
        entries: entries! {
            "experiment_id", "text", "", "The study.", "experiment module";
            "subject_id", "text", "", "The participant.", "participant's link, or service";
            "scene_id", "text", "", "The scene.", "experiment module";
            "visit", "integer", "", "Which of the participant's visits of scenes it was, from 1.", "service";
            "occurrence", "integer", "", "Which of the participant's visits of this scene it is, from 1.", "service";
            "question_id", "text", "", "The question.", "experiment module";
            "item", "text", "", "Of a table of questions, the row. Null for other questions.", "experiment module";
            "kind", "text", "", "Its kind: text, number, choice, scale, grid or consent. Null where the study has it no longer.", "experiment module";
            "position", "integer", "", "Its place among the questions of the scene as this participant saw them, from 1.", "service";
            "options", "json", "", "The ids of its options, of a table those of its rows, in the order in which this participant saw them. Null without options.", "service";
            "answer", "mixed", "", "The last answer: a text, a number, True or False (consent), the id of the option (several: a list), the number of the point or the column, from 0. Null when there is none.", "participant";
            "label", "text", "", "What stood beside that answer: the label of the option, the column or, where each has one, of the point. Null where there are no words.", "experiment module";
            "correct", "boolean", "", "Whether the last answer is the right one. Null where there is none.", "experiment module";
            "changes", "integer", "", "How often the answer was changed or taken back after it was first given. Of typing, each pause of 0.4 s counts as an answer.", "participant";
            "first_ms", "float", "ms", "From the page's being shown to the first answer. After a reload it begins anew; first_at does not.", "browser's clock";
            "last_ms", "float", "ms", "The same to the last answer, or its being taken back.", "browser's clock";
            "first_at", "time", "ms since 1970 (UTC)", "When the first answer was stored.", "service's clock";
            "last_at", "time", "ms since 1970 (UTC)", "When the last answer was stored.", "service's clock";
            "version", "text", "", "Of consent that is given, the version of the text that was consented to.", "experiment module";
        },
    },
    Chapter {
        table: "games",
        meaning: "One row for each game.",
        entries: entries! {
            "experiment_id", "text", "", "The study.", "experiment module";
            "scene_id", "text", "", "The scene.", "experiment module";
            "game_id", "text", "", "The game. Ids are sorted by the time of their making.", "service";
            "mode", "text", "", "Where the environment ran: browser, authoritative or streamed. Null where the record is too old to know.", "experiment module";
            "seed", "integer", "", "From which the seeds of the episodes are derived.", "service";
            "begun_at", "time", "ms since 1970 (UTC)", "When it was made: its players were matched, or its only player was ready.", "service's clock";
            "ended_at", "time", "ms since 1970 (UTC)", "When it ended. Null while it goes on.", "service's clock";
            "outcome", "text", "", "How it ended: complete, failed; of games of several, or on the service, also not_ready, lost, left or desync. Null while it goes on.", "service";
            "ended_by", "json", "", "The seats on whose account it ended early. Null when on nobody's.", "service";
            "failure", "text", "", "Why the service's copy of the environment failed. Null when it did not.", "environment";
            "players", "json", "", "By seat: seat, agent, subject_id and visit (null for bots), policy.", "service";
            "episodes", "integer", "", "Number of episodes that began.", "service";
            "episodes_complete", "integer", "", "Number of episodes that were played to their end.", "service";
            "frames", "integer", "frames", "Number of frames of all episodes.", "service";
        },
    },
    Chapter {
        table: "episodes",
        meaning: "One row for each episode that began.",
        entries: entries! {
            "experiment_id", "text", "", "The study.", "experiment module";
            "scene_id", "text", "", "The scene.", "experiment module";
            "game_id", "text", "", "The game.", "service";
            "mode", "text", "", "Where the environment ran: browser, authoritative or streamed. Null where the record is too old to know.", "experiment module";
            "episode", "integer", "", "Episode of the game, from 0.", "service";
            "seed", "integer", "", "The environment was reset with it.", "service";
            "begun_at", "time", "ms since 1970 (UTC)", "When its clock was started; of a game of one person in the browser, when its first steps were stored.", "service's clock";
            "ended_at", "time", "ms since 1970 (UTC)", "When it was played to its end. Null when it was not.", "service's clock";
            "complete", "boolean", "", "Whether it was played to its end.", "service";
            "tutorial", "boolean", "", "Whether it was for practice (tutorial_episodes).", "experiment module";
            "frames", "integer", "frames", "Number of frames.", "service";
            "rows", "integer", "frames", "Number of frames whose rows are stored: all of them, but perhaps the last of an episode that is not complete.", "service";
            "return.AGENT", "float", "as the environment counts", "The agent's return: the sum of its rewards in the rows.", "environment";
        },
    },
    Chapter {
        table: "saved",
        meaning: "One row for each thing that a page of the researcher's own, or a WebGL build, saved.",
        entries: entries! {
            "experiment_id", "text", "", "The study.", "experiment module";
            "subject_id", "text", "", "The participant.", "participant's link, or service";
            "visit", "integer", "", "Which of the participant's visits of scenes it was, from 1.", "service";
            "scene_id", "text", "", "The scene.", "experiment module";
            "number", "integer", "", "Counts what was saved in this visit, from 1, also across reloads.", "browser";
            "name", "text", "", "What it is, in the page's own words; episode_start, episode_end, message, advance and globals have a meaning of their own.", "page, or build";
            "episode", "integer", "", "The episode in which it was saved, from 0. Null outside of episodes.", "service";
            "score", "float", "as the study counts", "The episode's score, where the row ends an episode: by score_fn, or by the page's word.", "experiment module, or page";
            "server_timestamp", "time", "ms since 1970 (UTC)", "When the service stored it.", "service's clock";
            "data.*", "mixed", "", "The data, spread over one column for each leaf.", "page, or build";
        },
    },
    Chapter {
        table: "conditions",
        meaning: "One row for each level of each condition: how it was meant to fill, and how it did. Counts are of units: participants, or groups with per='group'.",
        entries: entries! {
            "experiment_id", "text", "", "The study.", "experiment module";
            "condition", "text", "", "The condition.", "experiment module";
            "level", "text", "", "The level.", "experiment module";
            "per", "text", "", "Who gets a level together: person or group.", "experiment module";
            "seed", "integer", "", "The study's seed, from which equal claims are decided.", "experiment module";
            "quota", "integer", "units", "How many get the level at most. Null without quotas.", "experiment module";
            "planned_share", "float", "", "The level's share of all: its quota divided by the sum of them.", "experiment module";
            "assigned", "integer", "units", "How many were assigned the level: active, completed and dropped together.", "service";
            "active", "integer", "units", "How many of them take part now.", "service";
            "completed", "integer", "units", "How many came to the end of the study as planned.", "service";
            "dropped", "integer", "units", "How many dropped out: somebody was dismissed, or away for longer than reopen_after_s. Their places are free again.", "service";
            "achieved_share", "float", "", "The level's share of those that are active or completed. Null while there are none.", "service";
            "participants", "integer", "", "How many participants were assigned the level.", "service";
        },
    },
    Chapter {
        table: "assignments",
        meaning: "One row for each participant that asked for a level, in the order of asking: the log from which, with the seed, the whole assignment follows.",
        entries: entries! {
            "experiment_id", "text", "", "The study.", "experiment module";
            "condition", "text", "", "The condition.", "experiment module";
            "choice", "integer", "", "Number of the choice, from 1. Members of a unit share one.", "service";
            "at", "time", "ms since 1970 (UTC)", "When it was stored.", "service's clock";
            "subject_id", "text", "", "Who asked.", "participant's link, or service";
            "number", "integer", "", "The participant's number among all, from 1.", "service";
            "unit", "json", "", "For whom the level was chosen.", "service";
            "shared", "boolean", "", "Whether the level had been chosen before, for another member of the unit.", "service";
            "level", "text", "", "The level. Null when all were full.", "service";
            "status", "text", "", "What became of the participant: active, completed, dropped; full when it got no level.", "service";
            "reason", "text", "", "Why it dropped out: away, or as dismissed of participants.", "service";
            "taken", "json", "units", "How many places of each level were taken at that moment.", "service";
            "replayed_level", "text", "", "The level that the rule gives when it is asked again, with the seed and what the log says before. Null for shared levels, and when all were full.", "service";
            "replay_agrees", "boolean", "", "Whether that is the level that was assigned. Null for shared levels.", "service";
        },
    },
];

/// The data files that the service writes by itself.
pub(super) const FILES: Chapter = Chapter {
    table: "SCENE/SUBJECT.csv",
    meaning: "The data file of one participant in one scene, written by the service: one row for each frame.",
    entries: entries! {
        "episode_num", "integer", "", "Episode of the game, from 0.", "service";
        "t", "integer", "frames", "Frame (step) of the episode, from 0.", "environment";
        "observations.AGENT.*", "mixed", "", "The agent's observation before the action; only of scenes with record_observations=True. One column for each number.", "environment";
        "actions.AGENT.*", "mixed", "", "The action that the environment was given for the agent, as written in action_mapping.", "participant, or bot";
        "rewards.AGENT", "float", "as the environment counts", "The agent's reward of this step.", "environment";
        "terminateds.AGENT", "boolean", "", "Whether the agent terminated in this step; of __all__: what the environment said of all at once.", "environment";
        "truncateds.AGENT", "boolean", "", "Whether the agent was truncated in this step, max_steps included.", "environment";
        "infos.AGENT.*", "mixed", "", "What the environment put into the agent's info. One column for each leaf.", "environment";
        "isFocused.AGENT", "boolean", "", "Whether the page of the agent's player had the keyboard focus. Empty for bots, and where it is not known.", "browser";
        "input_age.AGENT", "integer", "frames", "Frames between the key press and the frame in which it was used. Empty for bots, and where the default action stood in.", "service";
        "input_on_time.AGENT", "boolean", "", "Whether the player's own input for this frame came in time. Empty for bots.", "service";
        "player_subjects.AGENT", "text", "", "The participant who played the agent, or bot.", "participant's link, or service";
        "tutorial", "boolean", "", "Whether the episode was for practice; only of scenes with tutorial_episodes.", "experiment module";
        "timestamp", "float", "ms since 1970", "When the frame was played: the clock of the browser that made the row (the host's in a game of several); where the service runs the environment, the service's clock when the frame closed.", "browser's clock";
        "server_timestamp", "integer", "ms since 1970 (UTC)", "When the service stored the step. Steps that came together share it.", "service's clock";
        "overflow", "json", "", "What has no column of its own, because there are more than 4096: an object from column names to values.", "environment";
        "own.predicted.AGENT", "boolean", "", "Whether this player first saw the frame with a guess of what AGENT does.", "browser";
        "own.rollback_depth", "integer", "frames", "How many frames this player's copy had gone on when it learnt that a guess was wrong; 0 when none was.", "browser";
        "own.timestamp", "float", "ms since 1970", "The clock of this player's browser when the frame was first shown.", "browser's clock";
    },
};

/// The data files of scenes with questions.
pub(super) const ANSWER_FILES: Chapter = Chapter {
    table: "SCENE/SUBJECT.csv, with questions",
    meaning: "The data file of one participant in one scene with questions, written by the service: one row for each question; of a table of questions, one for each of its rows.",
    entries: entries! {
        "question_id", "text", "", "The question.", "experiment module";
        "item", "text", "", "Of a table of questions, the row. Empty for other questions.", "experiment module";
        "kind", "text", "", "Its kind: text, number, choice, scale, grid or consent. Empty where the study has it no longer.", "experiment module";
        "position", "integer", "", "Its place among the questions of the scene as this participant saw them, from 1.", "service";
        "options", "json", "", "The ids of its options, of a table those of its rows, in the order in which this participant saw them. Empty without options.", "service";
        "answer", "mixed", "", "The last answer: a text, a number, True or False (consent), the id of the option (several: a list), the number of the point or the column, from 0. Empty when there is none.", "participant";
        "label", "text", "", "What stood beside that answer: the label of the option, the column or, where each has one, of the point. Empty where there are no words.", "experiment module";
        "correct", "boolean", "", "Whether the last answer is the right one. Empty where there is none.", "experiment module";
        "changes", "integer", "", "How often the answer was changed or taken back after it was first given. Of typing, each pause of 0.4 s counts as an answer.", "participant";
        "first_ms", "float", "ms", "From the page's being shown to the first answer. After a reload it begins anew; first_at does not.", "browser's clock";
        "last_ms", "float", "ms", "The same to the last answer, or its being taken back.", "browser's clock";
        "first_at", "integer", "ms since 1970 (UTC)", "When the first answer was stored.", "service's clock";
        "last_at", "integer", "ms since 1970 (UTC)", "When the last answer was stored.", "service's clock";
        "version", "text", "", "Of consent that is given, the version of the text that was consented to.", "experiment module";
    },
};
