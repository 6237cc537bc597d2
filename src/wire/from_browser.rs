//! Messages from a browser to the service: all of them, and those about the participant and its page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    Acts, Adopted, Answered, CaughtUp, EpisodeEnded, Finite, Hashes, Healed, Inputs, Leave, Prepared, Present,
    Progress, Saved, Seen, Snapshot, Steps, Timing, Witnessed,
};
use crate::ids::{ResumeToken, SubjectId};

/// Everything a browser may say.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "type", content = "body", rename_all = "snake_case", deny_unknown_fields)]
pub enum FromBrowser {
    /// The first message on every connection: who is there.
    Hello(Hello),
    /// The participant is done with the page of a scene.
    Continue(Continue),
    /// The participant has answered a question of the scene, or changed the answer.
    Answered(Answered),
    /// A document of the researcher's own gives something to keep.
    Saved(Saved),
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
    /// A waiting participant's page answers a `check`, or has come into sight again.
    Present(Present),
    /// The participant does not want to wait any longer.
    Leave(Leave),
    /// The page of a scene that is `watched` came into sight, or went out of it.
    Sight(Sight),
    /// The copy of a game for several players stands at the beginning of an episode.
    Prepared(Prepared),
    /// What the player does in coming frames.
    Inputs(Inputs),
    /// Hashes of the copy's state.
    Hashes(Hashes),
    /// How the player's copy came by the frames that are confirmed now; for the record.
    Witnessed(Witnessed),
    /// The copy has caught up with the confirmed frames and plays on.
    CaughtUp(CaughtUp),
    /// A state of the copy, as asked for by `snapshot_wanted`.
    Snapshot(Snapshot),
    /// The copy has adopted the state of a `heal`.
    Healed(Healed),
    /// The copy has adopted the state of an `adopt`.
    Adopted(Adopted),
    /// What the player does in a streamed game, from now on.
    Acts(Acts),
    /// A picture of a streamed game is on the screen.
    Seen(Seen),
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
    /// `navigator.maxTouchPoints`: tells a tablet that calls itself a computer.
    #[serde(default)]
    pub touch_points: u32,
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
    /// The running copy of a game for several players that this page still has; absent after a reload.
    #[serde(default)]
    pub has: Option<Progress>,
}

/// Tells whether the page can be seen; sent when a scene that is `watched` is shown, and whenever it changes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Sight {
    /// The visit.
    pub visit: u32,
    /// Whether the page is visible.
    pub visible: bool,
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
