//! A film of a game: what a replay or a live view shows, made of a game's record alone by a process of its own
//! (`greenroom film`), kept by the service for whoever watches, and drawn by the same code that draws games.
//!
//! The process writes frames like a worker's: length as four bytes, most significant first, then MessagePack.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use ts_rs::TS;

use super::{Finite, Image, Trouble};
use crate::experiment::Mode;
use crate::ids::{ExperimentId, GameId, SceneId, SubjectId};

/// Pictures that show everything come at least so often, so that a viewer can begin anywhere.
pub const FILM_KEY_INTERVAL: u32 = 30;

/// Everything that the process that makes a film may say.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", content = "body", rename_all = "snake_case")]
pub enum FromFilm {
    /// What is known of the game and its film by now; the first message, and whenever it has changed.
    View(Box<FilmView>),
    /// One more frame; the frames of an episode come in their order, without a gap.
    Frame(FilmedFrame),
    /// There will be no more frames.
    Failed(Trouble),
}

/// A frame on its way into the film.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FilmedFrame {
    /// The episode.
    pub episode: u32,
    /// Number of frames that led to what it shows: 0 is the episode's start.
    pub frame: u32,
    /// Whether all its pictures show everything, so that watching can begin here.
    pub complete: bool,
    /// The [`FilmFrame`] as MessagePack, which is handed on as it is.
    pub shown: ByteBuf,
}

/// What is to be known of a game that is watched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FilmView {
    /// The study.
    pub experiment: ExperimentId,
    /// The game.
    pub game: GameId,
    /// Its scene.
    pub scene: SceneId,
    /// Where its environment ran.
    pub mode: Mode,
    /// Steps per second.
    pub fps: u32,
    /// Width in game pixels.
    pub width: u32,
    /// Height in game pixels.
    pub height: u32,
    /// CSS colour behind the drawing.
    pub background: String,
    /// Picture behind the drawing, of the scene's pictures; absent for none.
    pub background_image: Option<String>,
    /// Who plays, in the order of the seats.
    pub seats: Vec<FilmSeat>,
    /// The pictures of a frame: for each, the seats that see it. One where everybody sees the same.
    pub views: Vec<Vec<u32>>,
    /// When the game began, milliseconds since 1970.
    pub begun_at: Finite,
    /// How the game ended; absent while it is played.
    pub ended: Option<String>,
    /// The episodes so far.
    pub episodes: Vec<FilmEpisode>,
    /// How the replay compares with the record by now.
    pub verdict: FilmVerdict,
}

/// Who plays on a seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FilmSeat {
    /// The agent.
    pub agent: String,
    /// The participant; a bot when absent.
    pub subject: Option<SubjectId>,
}

/// An episode of a film.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FilmEpisode {
    /// Its number, counted from 0.
    pub episode: u32,
    /// Its seed.
    pub seed: u32,
    /// How many frames are known.
    pub frames: u32,
    /// Whether it was played to its end.
    pub complete: bool,
    /// What befell it, in the order of frames.
    pub marks: Vec<FilmMark>,
}

/// Something on the time line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FilmMark {
    /// At which frame.
    pub frame: u32,
    /// Whose; everybody's when absent.
    pub seat: Option<u32>,
    /// What.
    pub kind: FilmMarkKind,
    /// One line for people, such as "rolled back by 3 frames".
    pub text: String,
}

/// Kinds of things on the time line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FilmMarkKind {
    /// A player's copy had guessed wrong and rolled back.
    Rollback,
    /// A player's input came too late, and another stood in for it.
    StoodIn,
    /// A player was away from here on.
    Away,
    /// A player was back.
    Back,
    /// The game stood still here.
    Pause,
    /// Another copy became the reference.
    Host,
    /// A copy differed from the reference.
    Desync,
    /// A copy took over the reference's state.
    Healed,
    /// The clock waited for the service's copy.
    Stretch,
}

/// How a replay compares with the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FilmVerdict {
    /// Rows that were compared and are equal.
    pub rows: u32,
    /// Hashes of states that were compared and are equal.
    pub hashes: u32,
    /// The first that is not equal.
    pub difference: Option<FilmDifference>,
    /// Whether everything that is recorded has been compared.
    pub done: bool,
}

/// Where a replay and the record part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FilmDifference {
    /// The episode.
    pub episode: u32,
    /// The row's frame, or the number of frames that led to the state.
    pub frame: u32,
    /// The column of the data file, such as `rewards.left`; `state` for a hash; `frames` for an episode of another length.
    pub field: String,
    /// What is recorded.
    pub recorded: String,
    /// What the replay has instead.
    pub replayed: String,
}

/// What a frame of a film shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FilmFrame {
    /// The episode.
    pub episode: u32,
    /// Number of frames that led to it.
    pub frame: u32,
    /// By seat, the action that led to it, as JSON would write it; empty for the episode's start.
    pub actions: Vec<String>,
    /// By seat, the reward so far in the episode.
    pub rewards: Vec<Finite>,
    /// The pictures that are new; what is not here stays as it is.
    pub pictures: Vec<FilmPicture>,
}

/// A picture of a film.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FilmPicture {
    /// Place in [`FilmView::views`].
    pub view: u32,
    /// Whether it shows everything, whatever was on the screen before.
    pub complete: bool,
    /// A draw packet, as JSON.
    pub draw: Option<String>,
    /// The environment's own frame.
    pub image: Option<Image>,
    /// Text above the game.
    pub hud: Option<String>,
    /// Pictures to be loaded for drawing, as JSON, if the picture is complete.
    pub assets: Option<String>,
}
