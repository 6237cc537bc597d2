//! Messages from the service to a browser: all of them, and those about the connection itself.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    Acknowledged, AnswerStored, Away, Back, Begin, CatchUp, Check, Confirmed, Echo, GamePage, Heal, HostRole, Over,
    PaceAdvice, PageState, Paused, Picture, Play, Prepare, Relayed, SceneShown, SnapshotWanted, Told, Waiting, Wanting,
    Warning,
};
use crate::ids::{ExperimentId, ResumeToken, SubjectId};

/// Everything the service may say.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "type", content = "body", rename_all = "snake_case")]
pub enum ToBrowser {
    /// The answer to `hello`.
    Welcome(Welcome),
    /// The scene the participant is in; sent after `welcome` and whenever it changes.
    Scene(SceneShown),
    /// An answer is stored for good.
    AnswerStored(AnswerStored),
    /// The scene cannot be left yet.
    Wanting(Wanting),
    /// Everything that the document saved, up to a number, is stored for good. Sent again when more is known.
    SavedStored(PageState),
    /// A function of the experiment module has said something to the document.
    Told(Told),
    /// Something is wrong while a game is played, or is well again.
    Warning(Warning),
    /// What stands beside the game for this player; comes before the game's own messages, where it is not the same for all.
    GamePage(GamePage),
    /// Play an episode from its beginning, or go on with it.
    Play(Play),
    /// Steps are stored for good.
    Acknowledged(Acknowledged),
    /// The connection's round trip, as the service measures it.
    RoundTrip(RoundTrip),
    /// A message was refused.
    Refused(Refused),
    /// The service is about to stop or restart; reconnect with patience.
    Draining,
    /// How the waiting for other players goes; sent whenever it changes.
    Waiting(Waiting),
    /// A group has been found: is the participant there? Answer with `present`.
    Check(Check),
    /// Make ready for an episode of a game for several players, and say `prepared`.
    Prepare(Prepare),
    /// The frame clock starts, or goes on after a pause.
    Begin(Begin),
    /// What another player does in coming frames, not yet confirmed.
    Relayed(Relayed),
    /// Frames that are fixed for good.
    Confirmed(Confirmed),
    /// How fast the player's clock shall run.
    Pace(PaceAdvice),
    /// The frame clock stands still: the game waits for players.
    Paused(Paused),
    /// A player is away, and the game goes on.
    Away(Away),
    /// A player is back.
    Back(Back),
    /// Whether this player's copy is the reference, which gives the rows of the record.
    Host(HostRole),
    /// Send a `snapshot`.
    SnapshotWanted(SnapshotWanted),
    /// The player's copy differs from the reference: adopt this state, and say `healed`.
    Heal(Heal),
    /// The state of the service's own copy, for all: adopt it, and say `adopted`.
    Adopt(Heal),
    /// What a copy lacks to play on in a running game; say `caught_up` when it is there. In a streamed game there is
    /// nothing to catch up with: say it at once.
    CatchUp(CatchUp),
    /// A picture of a streamed game.
    Picture(Picture),
    /// What a player did has been played.
    Echo(Echo),
    /// The game is over; what is left of the record is awaited for a moment, then the next scene follows.
    Over(Over),
}

/// The answer to `hello`.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Welcome {
    /// Protocol version of the service.
    pub version: u16,
    /// The study.
    pub experiment: ExperimentId,
    /// Who the browser now acts for.
    pub subject: SubjectId,
    /// The secret that resumes this participant; keep it.
    pub token: ResumeToken,
    /// Whether the participant was there before.
    pub resumed: bool,
    /// What the environments of this study need in the browser, so that loading can begin at once; absent when no
    /// scene runs Python in the browser.
    pub engine: Option<EngineNeeds>,
    /// Addresses of files that later scenes need, to be loaded while the participant reads.
    pub preload: Vec<String>,
}

/// What the environments of a study need in the browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EngineNeeds {
    /// Addresses of the wheels to install, in this order.
    pub wheels: Vec<String>,
}

/// The connection's round trip.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct RoundTrip {
    /// Median of the last measurements.
    pub milliseconds: f64,
}

/// A message was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Refused {
    /// Why, for programs.
    pub code: RefusalCode,
    /// Why, for people.
    pub message: String,
}

/// Why a message was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// Not a message of this protocol.
    Malformed,
    /// A message that does not fit here, for example before `hello` or about a scene that is over.
    OutOfPlace,
    /// Client and service speak different versions: reload the page.
    WrongVersion,
    /// The participant belongs to another browser: its token is needed.
    SubjectTaken,
    /// The token is not that of the participant.
    WrongToken,
    /// The participant belongs to another browser, and has come to the end of the study there.
    Finished,
    /// Too many messages or newcomers: wait and try again.
    TooMany,
    /// Steps are missing before these: send again from the last acknowledged one.
    Gap,
    /// The service cannot store data at the moment: wait and try again.
    Unavailable,
}

/// Close codes of the WebSocket beyond the standard ones.
pub mod close {
    /// A newer connection acts for this participant.
    pub const REPLACED: u16 = 4000;
    /// Too many refused messages.
    pub const MISBEHAVED: u16 = 4001;
    /// No `hello` in time, or none that could be accepted.
    pub const NOT_ADMITTED: u16 = 4002;
    /// The browser does not read fast enough, or does not answer; resume on a new connection.
    pub const TOO_SLOW: u16 = 4003;
    /// The service stops or restarts (a standard code); resume on a new connection.
    pub const RESTART: u16 = 1012;
}
