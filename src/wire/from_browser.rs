//! Messages from a browser to the service.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use ts_rs::TS;

use super::Finite;
use crate::ids::{GameId, ResumeToken, SubjectId};

/// Everything a browser may say.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "type", content = "body", rename_all = "snake_case", deny_unknown_fields)]
pub enum FromBrowser {
    /// The first message on every connection: who is there.
    Hello(Hello),
    /// The participant is done with the page of a scene.
    Continue(Continue),
    /// The participant is ready to play the scene's game; the answer is `play`.
    Ready(Ready),
    /// Steps of the running episode, in order.
    Steps(Steps),
    /// The running episode is over; every step of it has been sent.
    EpisodeEnded(EpisodeEnded),
    /// Something of the scene failed in the browser.
    Failed(Failed),
    /// How well the browser kept the frame rate; for the operator and the record.
    Timing(Timing),
}

/// Opens a session: creates a participant, or resumes one.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// Protocol version of the client.
    pub version: u16,
    /// Who the page's address names; absent when the service shall choose a name.
    pub subject: Option<SubjectId>,
    /// The secret: that of an earlier `welcome`, or for a newcomer one that the client made and keeps, so that a lost
    /// `welcome` locks nobody out. When it is absent, the service makes one for a newcomer.
    pub token: Option<ResumeToken>,
    /// The page's query parameters (`PROLIFIC_PID` and any other), kept with the data.
    pub parameters: BTreeMap<String, String>,
    /// What the browser tells about itself, kept with the data.
    pub browser: Browser,
}

/// What the browser tells about itself. None of it is trusted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Browser {
    /// `navigator.userAgent`.
    pub user_agent: String,
    /// `navigator.language`.
    pub language: String,
    /// IANA name of the time zone.
    pub time_zone: String,
    /// Width and height of the window, in CSS pixels.
    pub window: [u32; 2],
    /// Width and height of the screen, in CSS pixels.
    pub screen: [u32; 2],
    /// Device pixels for one CSS pixel.
    pub pixel_ratio: Finite,
    /// The browser's clock, milliseconds since 1970, so that its time stamps can be compared with the service's.
    pub clock: Finite,
}

/// Leaves the page of a scene.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Continue {
    /// The visit that is left, so that a button pressed twice does not skip a scene.
    pub visit: u32,
}

/// Asks for the game of a scene to begin, or to go on after a reload.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Ready {
    /// The visit whose game is meant.
    pub visit: u32,
}

/// A run of consecutive steps of one episode.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// The game from `play`.
    pub game: GameId,
    /// The episode from `play`, counted from 0.
    pub episode: u32,
    /// Number of the first of these steps in its episode, counted from 0.
    pub first: u32,
    /// The steps.
    pub steps: Vec<Step>,
}

/// One step of the environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The row made by the environment's side: a MessagePack map, see `docs/protocol.md`. It is a blob of its own so
    /// that the values reach the data exactly as Python wrote them (JavaScript knows no difference between 1 and 1.0).
    #[ts(type = "Uint8Array")]
    pub row: ByteBuf,
    /// The browser's clock at the step, milliseconds since 1970.
    pub at: Finite,
    /// Whether the page had the keyboard focus.
    pub focused: bool,
}

/// Ends an episode.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EpisodeEnded {
    /// The game from `play`.
    pub game: GameId,
    /// The episode from `play`.
    pub episode: u32,
    /// How many steps the episode had.
    pub steps: u32,
}

/// Tells that something of the scene failed in the browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Failed {
    /// The visit in which it failed.
    pub visit: u32,
    /// What failed.
    pub stage: FailedStage,
    /// One line.
    pub message: String,
    /// The Python traceback, or the JavaScript stack.
    pub traceback: String,
    /// Whether the participant gives the scene up: the next one follows at once.
    pub give_up: bool,
}

/// What failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FailedStage {
    /// Python or a package could not be loaded.
    Load,
    /// The environment's code failed before the first episode.
    Create,
    /// `reset` failed.
    Reset,
    /// `step` failed.
    Step,
    /// `render` failed, or the picture could not be drawn.
    Render,
}

/// How well the browser kept the frame rate in one episode.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// The game from `play`.
    pub game: GameId,
    /// The episode from `play`.
    pub episode: u32,
    /// Steps made per second of play.
    pub fps: Finite,
    /// Median time of one step, in milliseconds.
    pub step_p50: Finite,
    /// 99th percentile of the time of one step, in milliseconds.
    pub step_p99: Finite,
    /// Frames that began more than one frame late.
    pub late: u32,
    /// Milliseconds from opening the page to the first frame of the first episode; absent in later episodes.
    pub first_frame: Option<Finite>,
}
