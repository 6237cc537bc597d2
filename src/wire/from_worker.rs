//! Messages from a worker to the service. See [`to_worker`](super::ToWorker) for the frames.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{Finite, Image, StateHash};
use crate::ids::{GameId, SceneId};

/// Everything a worker may say.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", content = "body", rename_all = "snake_case")]
pub enum FromWorker {
    /// The first message: the process runs, and its Python too.
    Hello {
        /// Version of these messages: [`WORKER_VERSION`](super::WORKER_VERSION).
        version: u16,
        /// Number of the process on its machine.
        pid: u32,
        /// Version of Python.
        python: String,
    },
    /// A scene has been tried out.
    Learnt {
        /// The scene.
        scene: SceneId,
        /// What a frame costs, in microseconds of the worker's time; or why there can be no games of it.
        cost: Result<u32, Trouble>,
    },
    /// An environment was made.
    Opened {
        /// The game.
        game: GameId,
    },
    /// The environment stands where it was told to.
    Begun(Box<Turn>),
    /// Frames were played.
    Advanced(Box<Turn>),
    /// The environment failed; the game has no environment any more.
    Failed {
        /// The game.
        game: GameId,
        /// What happened.
        trouble: Trouble,
    },
    /// Answer to `ping`, with its number.
    Here(u64),
}

/// Something failed in Python.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// One line, with the researcher's file and line if known.
    pub message: String,
    /// The Python traceback.
    pub traceback: String,
}

/// What came of standing somewhere, or of stepping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// The game.
    pub game: GameId,
    /// The episode.
    pub episode: u32,
    /// Number of frames that led to the state in which the environment is now.
    pub frame: u32,
    /// Rows of the frames that were played; the last of them is that of frame `frame` - 1.
    pub rows: Vec<ByteBuf>,
    /// Hashes of states on the way, and the numbers of frames that led to them.
    pub hashes: Vec<(u32, StateHash)>,
    /// States on the way.
    pub states: Vec<RunnerState>,
    /// What bots do in coming frames.
    pub choices: Vec<BotChoice>,
    /// What players see now, if they are to see something new.
    pub pictures: Vec<SeatPicture>,
    /// How many frames the episode had, if it is over.
    pub end: Option<u32>,
    /// The worker's time that this took, in microseconds.
    pub micros: u32,
}

/// A state of the service's copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunnerState {
    /// Number of frames that led to it.
    pub frame: u32,
    /// The environment's state, in the form that copies exchange.
    pub copy: ByteBuf,
    /// What its bots remember. Browsers do not get it.
    pub bots: ByteBuf,
}

/// What a bot does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotChoice {
    /// Its seat.
    pub seat: u32,
    /// In which frame.
    pub frame: u32,
    /// Its action, as MessagePack.
    pub action: ByteBuf,
}

/// A picture for some of the players.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeatPicture {
    /// For whom, as a set of bits: nobody else may see it.
    pub seats: u32,
    /// Whether it shows everything, whatever was on the screen before.
    pub complete: bool,
    /// A draw packet, as JSON.
    pub draw: Option<String>,
    /// The environment's own frame.
    pub image: Option<Image>,
    /// Text above the game.
    pub hud: Option<String>,
    /// Pictures to be loaded for drawing, as JSON, if they have changed or the picture is complete.
    pub assets: Option<String>,
    /// What is each player's own, where the picture is not.
    pub own: Vec<SeatWords>,
}

/// What stands above a picture for some of the players who see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeatWords {
    /// For whom, as a set of bits: nobody else may read it.
    pub seats: u32,
    /// Text above the game.
    pub hud: Option<String>,
    /// The score so far in the episode.
    pub score: Option<Finite>,
}
