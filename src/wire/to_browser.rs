//! Messages from the service to a browser.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use ts_rs::TS;

use crate::experiment::{InputMode, Policy};
use crate::ids::{ExperimentId, GameId, ResumeToken, SceneId, SubjectId};

/// Everything the service may say.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "type", content = "body", rename_all = "snake_case")]
pub enum ToBrowser {
    /// The answer to `hello`.
    Welcome(Welcome),
    /// The scene the participant is in; sent after `welcome` and whenever it changes.
    Scene(SceneShown),
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
}

/// What the environments of a study need in the browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EngineNeeds {
    /// Addresses of the wheels to install, in this order.
    pub wheels: Vec<String>,
}

/// A scene, as the participant sees it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SceneShown {
    /// Counts the scenes a participant has entered; messages about the scene name it.
    pub visit: u32,
    /// The scene's id.
    pub scene: SceneId,
    /// Number of scenes the participant has entered, this one included, and number of all.
    pub progress: [u32; 2],
    /// What to show.
    pub view: SceneView,
}

/// What to show of a scene.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SceneView {
    /// A page to read; left with `continue`.
    Page(Page),
    /// A game.
    Gym(Box<GymView>),
    /// The last page.
    End(EndView),
    /// The service lost the scene's game: a kind page; left with `continue`.
    Trouble(Page),
}

/// A page of text. `body` is the researcher's HTML.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Page {
    /// Title.
    pub header: String,
    /// Smaller title below it; may be empty.
    pub subheader: String,
    /// HTML.
    pub body: String,
}

/// The last page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EndView {
    /// What to read.
    pub page: Page,
    /// Where the button leads; everything has been stored when this message is sent.
    pub redirect: Option<String>,
}

/// A game scene.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct GymView {
    /// What to read before the game.
    pub page: Page,
    /// HTML beside the running game; may be empty.
    pub in_game_body: String,
    /// Whether the game has begun before (a reload): the start button then says so.
    pub begun: bool,
    /// Width of the game, in game pixels.
    pub width: u32,
    /// Height of the game, in game pixels.
    pub height: u32,
    /// CSS colour behind the drawing.
    pub background: String,
    /// Frames per second.
    pub fps: u32,
    /// Number of episodes.
    pub episodes: u32,
    /// Most steps an episode may have.
    pub max_steps: u32,
    /// Seconds of stillness after a reset, before the first step of an episode.
    pub freeze_seconds: f64,
    /// Keys.
    pub input: InputView,
    /// The environment.
    pub environment: EnvironmentView,
    /// Address under which the scene's pictures are found, ending in `/`; absent when it has none.
    pub files: Option<String>,
}

/// How keys become actions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct InputView {
    /// Held keys or single presses.
    pub mode: InputMode,
    /// Key combinations, in the order of the environment's table of actions: binding *i* means action *i*.
    pub bindings: Vec<Vec<String>>,
    /// Agent that the participant plays.
    pub agent: String,
}

/// What the environment's side needs to make the environment.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct EnvironmentView {
    /// Python source that leaves a variable `env`.
    pub code: String,
    /// Its file name, for tracebacks.
    pub filename: String,
    /// MessagePack map of settings for the environment's side, see `docs/protocol.md`.
    #[ts(type = "Uint8Array")]
    pub settings: ByteBuf,
    /// Who acts for each agent.
    pub policies: BTreeMap<String, Policy>,
}

/// Play an episode.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Play {
    /// The visit it belongs to.
    pub visit: u32,
    /// The game.
    pub game: GameId,
    /// Episode, counted from 0.
    pub episode: u32,
    /// Seed for `reset`, below 2^31.
    pub seed: u32,
    /// Rows that are stored already, oldest first: replay their actions and go on after them.
    #[ts(type = "Array<Uint8Array>")]
    pub rows: Vec<ByteBuf>,
}

/// Steps are stored for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Acknowledged {
    /// The game.
    pub game: GameId,
    /// The episode.
    pub episode: u32,
    /// How many steps of the episode are stored: steps 0 to this number, exclusive.
    pub steps: u32,
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
