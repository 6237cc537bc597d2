//! Messages from a browser to the service.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use ts_rs::TS;

use super::{Answered, Finite, Saved, StateHash};
use crate::ids::{GameId, ResumeToken, SubjectId};

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

/// How far a copy of a game for several players has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
    /// Number of confirmed frames that it knows: the first one that it lacks.
    pub confirmed: u32,
}

/// Answers a `check`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Present {
    /// The visit that waits.
    pub visit: u32,
    /// The proposal from `check`; absent when a page, hidden before, comes into sight by itself.
    pub proposal: Option<u64>,
    /// Whether the page is visible.
    pub visible: bool,
}

/// Ends the waiting.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Leave {
    /// The visit that waits.
    pub visit: u32,
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

/// Tells that a copy stands at the beginning of an episode.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Prepared {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
}

/// A player's inputs for consecutive frames. What was sent before may come again: the first input for a frame counts.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
    /// The frame that the first of these inputs is for.
    pub first: u32,
    /// One action each, as MessagePack, of at most 1024 bytes.
    #[ts(type = "Array<Uint8Array>")]
    pub inputs: Vec<ByteBuf>,
}

/// Hashes of a copy's states.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Hashes {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
    /// Number of confirmed frames that led to the state, and the state's hash.
    pub hashes: Vec<(u32, StateHash)>,
}

/// How a player's copy came by consecutive frames.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Witnessed {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
    /// The first of the frames.
    pub first: u32,
    /// The frames.
    pub frames: Vec<FrameSeen>,
}

/// How a player's copy came by a frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct FrameSeen {
    /// By seat, whether the input was a guess when the frame was first shown.
    pub predicted: Vec<bool>,
    /// How many frames the copy had gone on when it learnt that it had guessed wrong; 0 when it had not.
    pub depth: u32,
    /// Whether the page had the keyboard focus.
    pub focused: bool,
    /// The browser's clock when the frame was first shown, milliseconds since 1970.
    pub at: Finite,
}

/// Tells that a copy has caught up.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CaughtUp {
    /// The game from `catch_up`.
    pub game: GameId,
    /// The episode from `catch_up`.
    pub episode: u32,
}

/// A state of a copy.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
    /// Number of confirmed frames that led to the state.
    pub frame: u32,
    /// The state, in the form that copies exchange.
    #[ts(type = "Uint8Array")]
    pub state: ByteBuf,
}

/// Tells that a copy has adopted another one's state.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Healed {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
    /// The frame from `heal`.
    pub frame: u32,
    /// In which fields the copy's own state had differed, each with both values.
    pub fields: Vec<String>,
}

/// Tells how far a copy was from the state that the service had it adopt.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Adopted {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
    /// The frame from `adopt`.
    pub frame: u32,
    /// The largest difference between two numbers of the same place in the two states; 0 when they are equal, absent when the
    /// copy does not have its own state of that frame any more.
    pub largest: Option<Finite>,
    /// In which fields the copy's own state had differed by more than rounding explains, each with both values.
    pub fields: Vec<String>,
}

/// What a player of a streamed game does.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Acts {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
    /// Counts these messages from 1 in each episode; `echo` names it.
    pub number: u32,
    /// Which of the scene's `bindings`; absent for no key. Held keys act until the next of these messages, a single press
    /// acts once.
    pub binding: Option<u32>,
    /// Where the mouse or a finger acts, instead of a key. Like a held key or a single press, as the scene's `pointer` says.
    #[serde(default)]
    pub pointer: Option<PointerAct>,
}

/// A place on the game's picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PointerAct {
    /// Game pixels from the left, less than the game's width.
    pub x: u32,
    /// Game pixels from the top, less than the game's height.
    pub y: u32,
    /// Whether it is pressed.
    pub pressed: bool,
}

/// Tells that a picture is on the screen, so that the service may send further ones.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The game from `prepare`.
    pub game: GameId,
    /// The episode from `prepare`.
    pub episode: u32,
    /// The `number` of the newest `picture` that was drawn.
    pub number: u32,
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
    /// Median time from a key event to the first picture that shows what followed, in milliseconds; absent where nothing
    /// was measured.
    #[serde(default)]
    pub photon_p50: Option<Finite>,
    /// 99th percentile of the same.
    #[serde(default)]
    pub photon_p99: Option<Finite>,
}
