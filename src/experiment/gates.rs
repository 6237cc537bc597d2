//! Who may take part, who may go on, and with what everybody leaves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Redirect;
use crate::ids::ParameterName;
use crate::wire::Dismissal;

/// Names the participant in links of studies that do not say otherwise.
pub const SUBJECT_PARAMETER: &str = "PROLIFIC_PID";

/// What holds at the entrance of a study, and at its ways out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gates {
    /// The parameter of a link that names the participant; that of Prolific when absent.
    pub subject_parameter: Option<ParameterName>,
    /// Who may take part; everybody when absent.
    pub screening: Option<Screening>,
    /// The codes that participants get.
    pub codes: Codes,
    /// Where end scenes lead that say nothing else.
    pub exit: Option<Redirect>,
}

impl Gates {
    /// The parameter of a link that names the participant.
    pub fn subject_parameter(&self) -> &str {
        self.subject_parameter.as_ref().map_or(SUBJECT_PARAMETER, ParameterName::as_str)
    }
}

/// The codes that participants get.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Codes {
    /// Whether everybody who comes to the end gets one, not only those whose study ended in another way than planned.
    pub at_end: bool,
    /// Fixed words, as recruiting panels give them; a code of its own is drawn for everybody else.
    pub words: BTreeMap<Dismissal, String>,
}

/// Who may take part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Screening {
    /// A kind of device that is not let in.
    pub device_exclusion: Option<Device>,
    /// One of these is needed, where there are any.
    pub browser_requirements: Vec<BrowserRule>,
    /// None of these is let in.
    pub browser_blocklist: Vec<String>,
    /// Least width and height of the screen, in CSS pixels.
    pub min_screen: Option<[u32; 2]>,
    /// Least width and height of the window, in CSS pixels.
    pub min_window: Option<[u32; 2]>,
    /// Longest median round trip, in milliseconds.
    pub max_ping_ms: Option<u32>,
    /// Measurements that the median is taken of.
    pub min_ping_measurements: u32,
    /// What those read who are not let in; HTML. Texts of our own where there is none.
    pub messages: BTreeMap<Requirement, String>,
    /// Name of the function that decides as well, if there is one.
    pub callback: Option<String>,
}

impl Default for Screening {
    fn default() -> Self {
        Self {
            device_exclusion: None,
            browser_requirements: Vec::new(),
            browser_blocklist: Vec::new(),
            min_screen: None,
            min_window: None,
            max_ping_ms: None,
            min_ping_measurements: 5,
            messages: BTreeMap::new(),
            callback: None,
        }
    }
}

/// A browser that is let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrowserRule {
    /// One of [`BROWSERS`].
    pub name: String,
    /// The oldest version.
    pub from: Option<u32>,
}

/// Browsers that can be told apart, by the names that rules and data have for them.
pub const BROWSERS: [&str; 8] =
    ["Chrome", "Edge", "Firefox", "Internet Explorer", "Opera", "Safari", "Samsung Internet", "Vivaldi"];

/// A kind of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// A computer.
    Desktop,
    /// A phone or a tablet.
    Mobile,
}

/// What somebody must meet to be let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// Not a phone or a tablet.
    Mobile,
    /// Not a computer.
    Desktop,
    /// The browser.
    Browser,
    /// The size of the screen.
    Screen,
    /// The size of the window.
    Window,
    /// The round trip.
    Ping,
    /// What a function of the experiment module wants.
    Callback,
}

impl Requirement {
    /// All of them, by the names that researchers write.
    pub const ALL: [(&'static str, Self); 7] = [
        ("mobile", Self::Mobile),
        ("desktop", Self::Desktop),
        ("browser", Self::Browser),
        ("screen", Self::Screen),
        ("window", Self::Window),
        ("ping", Self::Ping),
        ("callback", Self::Callback),
    ];
}

/// What is watched while a game is played.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Monitoring {
    /// Longest round trip, in milliseconds.
    pub max_ping_ms: Option<u32>,
    /// So many of the last measurements are looked at.
    pub ping_window: u32,
    /// So many of them must be too long for an exclusion.
    pub ping_violations: u32,
    /// Time out of sight after which somebody is warned, in milliseconds.
    pub tab_warning_ms: Option<u32>,
    /// Time out of sight after which somebody is excluded, in milliseconds.
    pub tab_exclude_ms: Option<u32>,
    /// What participants read; HTML. Texts of our own where there is none.
    pub messages: BTreeMap<Notice, String>,
    /// Name of the function that decides as well, if there is one.
    pub callback: Option<String>,
    /// Seconds between two of its calls.
    pub callback_interval_s: f64,
}

impl Default for Monitoring {
    fn default() -> Self {
        Self {
            max_ping_ms: None,
            ping_window: 5,
            ping_violations: 3,
            tab_warning_ms: None,
            tab_exclude_ms: None,
            messages: BTreeMap::new(),
            callback: None,
            callback_interval_s: 10.0,
        }
    }
}

/// What a participant is told who is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// The connection is slow.
    PingWarning,
    /// It was too slow for too long.
    PingExclude,
    /// The page is out of sight.
    TabWarning,
    /// It was so for too long.
    TabExclude,
}

impl Notice {
    /// All of them, by the names that researchers write.
    pub const ALL: [(&'static str, Self); 4] = [
        ("ping_warning", Self::PingWarning),
        ("ping_exclude", Self::PingExclude),
        ("tab_warning", Self::TabWarning),
        ("tab_exclude", Self::TabExclude),
    ];
}

/// What was wrong with a player who is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The connection was slow.
    Ping,
    /// The page was out of sight.
    Tab,
    /// What a function of the experiment module says.
    Callback,
}

impl About {
    /// What a participant is told: a warning, or why it may not go on. A function says it itself.
    pub fn notice(self, excluded: bool) -> Option<Notice> {
        match (self, excluded) {
            (Self::Ping, false) => Some(Notice::PingWarning),
            (Self::Ping, true) => Some(Notice::PingExclude),
            (Self::Tab, false) => Some(Notice::TabWarning),
            (Self::Tab, true) => Some(Notice::TabExclude),
            (Self::Callback, _) => None,
        }
    }
}

impl Dismissal {
    /// What a participant can leave a study with, by the names that researchers write.
    pub const OUTCOMES: [(&'static str, Self); 11] = [
        ("complete", Self::Complete),
        ("screened_out", Self::ScreenedOut),
        ("excluded", Self::Excluded),
        ("no_partner", Self::NoPartner),
        ("left_waiting", Self::LeftWaiting),
        ("partner_lost", Self::PartnerLost),
        ("absent", Self::Absent),
        ("failed_check", Self::FailedCheck),
        ("study_full", Self::StudyFull),
        ("desync", Self::Desync),
        ("failed", Self::Failed),
    ];

    /// Whether the study is over for whoever is dismissed like that, apart from its last scenes.
    pub fn ends_study(self) -> bool {
        match self {
            Self::NoPartner
            | Self::LeftWaiting
            | Self::FailedCheck
            | Self::ScreenedOut
            | Self::Excluded
            | Self::StudyFull => true,
            Self::Complete | Self::PartnerLost | Self::Absent | Self::Desync | Self::Failed => false,
        }
    }
}
