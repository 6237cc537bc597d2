//! Messages from the service to a browser.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use ts_rs::TS;

use super::{AnswerStored, EmbedView, Finite, FormView, PageState, Told, Wanting};
use crate::experiment::{About, Asset, Choice, InputMode, Mode, OnScreen, Pointer};
use crate::ids::{ExperimentId, GameId, ResumeToken, SceneId, SubjectId};

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

/// A scene, as the participant sees it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SceneShown {
    /// Counts the scenes a participant has entered; messages about the scene name it.
    pub visit: u32,
    /// The scene's id.
    pub scene: SceneId,
    /// Number of scenes the participant has entered, this one included, and number of all.
    pub progress: [u32; 2],
    /// Whether the page tells by `sight` when it goes out of sight.
    #[serde(default)]
    pub watched: bool,
    /// What to show.
    pub view: SceneView,
}

/// What to show of a scene.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SceneView {
    /// A page to read; left with `continue`.
    Page(Page),
    /// A page with questions; left with `continue` once everything is answered.
    Form(Box<FormView>),
    /// A document of the researcher's own; left with `continue` once it may be.
    Embedded(Box<EmbedView>),
    /// A game.
    Gym(Box<GymView>),
    /// The last page.
    End(EndView),
    /// The scene ended in another way than planned: a kind page; left with `continue`.
    Trouble(TroubleView),
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EndView {
    /// What to read.
    pub page: Page,
    /// Where the button leads; everything has been stored when this message is sent.
    pub redirect: Option<String>,
    /// Seconds after which the page leads there by itself; only the button does when absent.
    #[serde(default)]
    pub after_s: Option<Finite>,
    /// The code that the participant leaves with, if any.
    #[serde(default)]
    pub code: Option<IssuedCode>,
    /// Other codes that the participant was given on the way, oldest first.
    pub codes: Vec<IssuedCode>,
    /// What the study says of the participant's bonuses, a line each.
    pub bonuses: Vec<String>,
}

/// A scene that ended in another way than planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TroubleView {
    /// What to read.
    pub page: Page,
    /// The code that the participant was given for it, if any.
    pub code: Option<String>,
}

/// A code that the service gave to a participant, who may have to show it to be paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IssuedCode {
    /// For what.
    pub reason: Dismissal,
    /// The code.
    pub code: String,
}

/// Why a scene ended in another way than planned, or for what else a code was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Dismissal {
    /// The study was gone through to its end: no dismissal, but the code for it.
    Complete,
    /// Nobody was there to play with.
    NoPartner,
    /// The participant did not want to wait any longer, or lost the connection for too long while waiting.
    LeftWaiting,
    /// Another player was away for too long, left, or was not ready in time.
    PartnerLost,
    /// The participant was away for too long, or not ready in time.
    Absent,
    /// The copies of the game did not stay equal.
    Desync,
    /// The environment failed.
    Failed,
    /// Answers that had to be right were not.
    FailedCheck,
    /// The participant does not meet what the study needs: the device, the browser, the connection, a rule of the
    /// researcher's.
    ScreenedOut,
    /// The connection or the participant's attention was not good enough for too long.
    Excluded,
    /// As many people as are wanted have taken part.
    StudyFull,
}

/// A game scene.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct GymView {
    /// What to read before the game.
    pub page: Page,
    /// Title beside the running game; may be empty.
    pub in_game_header: String,
    /// HTML beside the running game; may be empty.
    pub in_game_body: String,
    /// Where the environment runs.
    pub mode: Mode,
    /// Whether the game has begun before (a reload): the start button then says so.
    pub begun: bool,
    /// Width of the game, in game pixels.
    pub width: u32,
    /// Height of the game, in game pixels.
    pub height: u32,
    /// CSS colour behind the drawing.
    pub background: String,
    /// Picture behind the drawing, relative to `files`; absent for none.
    pub background_image: Option<String>,
    /// Pictures and sounds to load before the game begins, relative to `files`. The environment may name more.
    pub preload: Vec<Asset>,
    /// Frames per second.
    pub fps: u32,
    /// Number of episodes.
    pub episodes: u32,
    /// Of these the first so many are for practice.
    pub tutorial: u32,
    /// Whether the participant presses a button before each episode but the first.
    pub ready_check: bool,
    /// Most steps an episode may have.
    pub max_steps: u32,
    /// Seconds of stillness after a reset, before the first step of an episode.
    pub freeze_seconds: f64,
    /// Keys.
    pub input: InputView,
    /// The environment; absent in a streamed game, whose code stays on the service.
    pub environment: Option<EnvironmentView>,
    /// Address under which the scene's pictures are found, ending in `/`; absent when it has none.
    pub files: Option<String>,
    /// What is to know about playing together; absent when the participant plays alone.
    pub group: Option<GroupView>,
}

/// What a participant's page has to know about playing with others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GroupView {
    /// The agents whose inputs the service fixes, by seat: first those of people, then, where the service runs the
    /// environment, its bots.
    pub agents: Vec<String>,
    /// How many of them people play.
    pub people: u32,
    /// Most frames that a copy runs ahead of the confirmed ones.
    pub max_prediction: u32,
    /// Time over which a correction of the picture is spread, in milliseconds; 0 for none.
    pub smoothing_ms: u32,
    /// Whether the number of waiting people is not shown.
    pub hide_lobby_count: bool,
}

/// How keys become actions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct InputView {
    /// Held keys or single presses.
    pub mode: InputMode,
    /// Key combinations, in the order of the environment's table of actions: binding *i* means action *i*.
    pub bindings: Vec<Vec<String>>,
    /// For each binding the first one that does the same.
    pub alike: Vec<u32>,
    /// For each binding what the page calls it; empty where it has no name but those of its keys.
    pub labels: Vec<String>,
    /// Where buttons for fingers are shown.
    pub on_screen: OnScreen,
    /// When the mouse or a finger on the picture acts; absent where it does not.
    pub pointer: Option<Pointer>,
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
    /// Networks that play in the browser, by agent; those of other games play on the service.
    pub models: BTreeMap<String, ModelView>,
}

/// A network that plays in the browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ModelView {
    /// Address of the ONNX file.
    pub url: String,
    /// The input that takes the observation.
    pub obs_input: String,
    /// The output that gives a logit for each action.
    pub logit_output: String,
    /// Inputs that take what the outputs of the same place in `state_outputs` gave last.
    pub state_inputs: Vec<String>,
    /// See `state_inputs`.
    pub state_outputs: Vec<String>,
    /// Shape of each state.
    pub state_shape: Vec<u32>,
    /// Inputs that always take the same number.
    pub fixed_inputs: BTreeMap<String, f64>,
    /// Frames from one choice to the next.
    pub frame_skip: u32,
    /// How logits become an action.
    pub choice: Choice,
}

/// Something is wrong while a game is played, or is well again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Warning {
    /// The visit it belongs to.
    pub visit: u32,
    /// What is wrong; absent when all is well again.
    pub about: Option<About>,
    /// What to tell the participant, as HTML; the page's own words when absent.
    pub message: Option<String>,
}

/// What stands beside the game for one player.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GamePage {
    /// The visit it belongs to.
    pub visit: u32,
    /// Title; may be empty.
    pub header: String,
    /// HTML; may be empty.
    pub body: String,
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
    /// Values that scenes share, by agent, as JSON; absent in a study without.
    pub globals: Option<String>,
    /// The score of the episodes before that count, where the score that is shown goes on from episode to episode.
    pub score_before: Option<Finite>,
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
    /// The participant belongs to another browser, and has come to the end of the study there.
    Finished,
    /// Too many messages or newcomers: wait and try again.
    TooMany,
    /// Steps are missing before these: send again from the last acknowledged one.
    Gap,
    /// The service cannot store data at the moment: wait and try again.
    Unavailable,
}

/// How the waiting goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Waiting {
    /// The visit that waits.
    pub visit: u32,
    /// What the participant is doing.
    pub state: WaitingState,
    /// Place in the queue, from 1.
    pub position: u32,
    /// How many wait, this participant included.
    pub count: u32,
    /// How many play together.
    pub size: u32,
    /// How long the participant has waited, in milliseconds.
    pub waited_ms: u32,
    /// How long it waits at most from now on, in milliseconds.
    pub left_ms: u32,
}

/// What a waiting participant is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WaitingState {
    /// It could be matched.
    Waiting,
    /// It is being asked whether it is there.
    Checking,
    /// It did not answer, and is not asked again before its page comes into sight.
    Asleep,
    /// Enough people are there, but the service has no room for another game at the moment.
    Full,
}

/// Asks a waiting participant's page whether it is visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Check {
    /// The visit that waits.
    pub visit: u32,
    /// To be named in the answer.
    pub proposal: u64,
    /// Time to answer, in milliseconds.
    pub milliseconds: u32,
}

/// Make ready for an episode: reset the copy and say `prepared`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Prepare {
    /// The visit it belongs to.
    pub visit: u32,
    /// The game.
    pub game: GameId,
    /// Episode, counted from 0.
    pub episode: u32,
    /// Seed for `reset`, the same for all players.
    pub seed: u32,
    /// The player's seat: an index into the agents of the scene's `group`.
    pub seat: u32,
    /// Frames between a key press and the frame it is for, for this player.
    pub input_delay: u32,
    /// Who is not ready after this time, in milliseconds, ends the game.
    pub milliseconds: u32,
    /// Values that scenes share, by agent, as JSON; absent in a study without, and in a streamed game.
    pub globals: Option<String>,
    /// The player's score in the episodes before that count, where the score that is shown goes on from episode to episode.
    pub score_before: Option<Finite>,
}

/// The frame clock starts, or goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Begin {
    /// The episode.
    pub episode: u32,
    /// The frame with which it starts: 0, or after a pause the first one that is not confirmed.
    pub frame: u32,
    /// When, in milliseconds from now.
    pub in_ms: u32,
    /// Frames that the copy simulates at once when the clock starts, so that this player's inputs arrive in time.
    pub head_start: u32,
}

/// Another player's inputs for consecutive frames.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Relayed {
    /// The episode.
    pub episode: u32,
    /// Whose.
    pub seat: u32,
    /// The frame that the first of them is for.
    pub first: u32,
    /// One action each, as MessagePack.
    #[ts(type = "Array<Uint8Array>")]
    pub inputs: Vec<ByteBuf>,
}

/// Consecutive frames that are fixed for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Confirmed {
    /// The episode.
    pub episode: u32,
    /// The first of the frames.
    pub first: u32,
    /// Of each frame the action of each seat, as MessagePack.
    #[ts(type = "Array<Array<Uint8Array>>")]
    pub frames: Vec<Vec<ByteBuf>>,
}

/// How fast a player's clock shall run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct PaceAdvice {
    /// The episode.
    pub episode: u32,
    /// Factor on the scene's frames per second, from 0.95 to 1.05.
    pub factor: f64,
    /// How early the player's inputs arrive, in milliseconds; absent when none came lately.
    pub margin_ms: Option<i32>,
    /// Inputs of this player in this episode that came after their frame was confirmed: they did not count for it.
    pub late: u32,
}

/// The game waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Paused {
    /// The episode.
    pub episode: u32,
    /// The seats it waits for.
    pub waiting_for: Vec<u32>,
    /// The game ends after this time, in milliseconds.
    pub left_ms: u32,
}

/// A player is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Away {
    /// Which.
    pub seat: u32,
    /// The game ends if it is not back after this time, in milliseconds.
    pub left_ms: u32,
}

/// A player is back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Back {
    /// Which.
    pub seat: u32,
}

/// Whether a copy is the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HostRole {
    /// The episode.
    pub episode: u32,
    /// It is, and gives the rows from this frame on; absent when it is not, or no longer.
    pub rows_from: Option<u32>,
}

/// Asks for a state of the player's copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SnapshotWanted {
    /// The episode.
    pub episode: u32,
    /// Number of confirmed frames that led to it; the newest older one will do if it is not kept.
    pub frame: u32,
}

/// A state to adopt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Heal {
    /// The episode.
    pub episode: u32,
    /// Number of confirmed frames that led to it.
    pub frame: u32,
    /// The state, from another copy's `snapshot`.
    #[ts(type = "Uint8Array")]
    pub state: ByteBuf,
}

/// What a copy lacks to play on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CatchUp {
    /// As for a new episode. A page that has this copy already keeps it.
    pub start: Prepare,
    /// The state to begin with; absent when the copy is to begin at the episode's start, or to go on as it is.
    pub snapshot: Option<Heal>,
    /// The confirmed frames that it lacks.
    pub confirmed: Confirmed,
    /// Whether the frame clock runs: then the copy plays on by itself as soon as it has caught up; else `begin` comes.
    pub running: bool,
    /// As in `begin`.
    pub head_start: u32,
}

/// A picture of a streamed game. It changes what the picture before it showed, unless it is complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Picture {
    /// The episode.
    pub episode: u32,
    /// Counts a player's pictures from 1 in each episode; `seen` names it.
    pub number: u32,
    /// Number of frames that led to the state shown.
    pub frame: u32,
    /// A draw packet, as JSON (see `docs/protocol.md`); a complete one has `full` set.
    pub draw: Option<String>,
    /// The environment's own frame.
    pub image: Option<Image>,
    /// Text above the game.
    pub hud: Option<String>,
    /// The player's score so far in the episode.
    pub score: Option<Finite>,
    /// Pictures to be loaded for drawing, as JSON; only when they have changed, and in complete pictures.
    pub assets: Option<String>,
}

/// A frame of an environment that draws its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Image {
    /// Its MIME type, `image/jpeg` or `image/png`.
    pub mime: String,
    /// The file.
    #[ts(type = "Uint8Array")]
    pub data: ByteBuf,
}

/// What a player did has been played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Echo {
    /// The episode.
    pub episode: u32,
    /// The `number` of the newest `acts` that has been played.
    pub number: u32,
    /// The first picture that shows what followed is that of this frame, or of a later one.
    pub frame: u32,
}

/// The game is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Over {
    /// Why, if it did not end as planned.
    pub reason: Option<Dismissal>,
    /// The number of confirmed frames of the last episode.
    pub frames: u32,
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
