//! Messages from the service to a worker: a process that hosts environments in a Python of its own.
//!
//! Every message is one frame: its length as four bytes, most significant first, then MessagePack. A worker answers in
//! the order in which it was asked. Nothing here says that it runs on the same machine.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::RunnerState;
use crate::ids::{GameId, SceneId};

/// Largest frame in either direction: a state of 16 MB, and room for what else is in a message.
pub const WORKER_FRAME_LIMIT: usize = 24 << 20;

/// Everything the service may say.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", content = "body", rename_all = "snake_case")]
pub enum ToWorker {
    /// What a scene needs, before its first game; answered by `learnt`.
    Learn(Box<Learn>),
    /// Make the environment of a game; answered by `opened`, or `failed`.
    Open {
        /// The game.
        game: GameId,
        /// Its scene.
        scene: SceneId,
    },
    /// Stand at the beginning of an episode, or where a state says; answered by `begun`, or `failed`.
    Begin(Box<Stand>),
    /// Frames were confirmed: step through them; answered by `advanced`, or `failed`.
    Advance(Advance),
    /// The game is over, or is moved to another worker. No answer.
    Close {
        /// The game.
        game: GameId,
    },
    /// Are you there? Answered by `here`.
    Ping(u64),
}

/// What a scene needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Learn {
    /// The scene.
    pub scene: SceneId,
    /// Python source that leaves a variable `env`.
    pub code: String,
    /// Its file name, for tracebacks.
    pub filename: String,
    /// Folder of the experiment module: modules beside it can be imported, and it is the working directory.
    pub folder: String,
    /// MessagePack map of settings for the environment's side, see `docs/protocol.md`.
    pub settings: ByteBuf,
    /// ONNX files, by agent.
    pub models: BTreeMap<String, ByteBuf>,
    /// Whether pictures are wanted.
    pub pictures: bool,
    /// Quality of frames, as JPEG counts it.
    pub frame_quality: u8,
    /// Frames between two states to be handed out, beside those of `hash_interval` in the settings.
    pub state_interval: u32,
}

/// Stand somewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stand {
    /// The game.
    pub game: GameId,
    /// The episode.
    pub episode: u32,
    /// Its seed.
    pub seed: u32,
    /// The state to go on from; the episode's start when absent.
    pub from: Option<RunnerState>,
    /// Values that scenes share, by agent, as JSON; absent in a study without.
    #[serde(default)]
    pub globals: Option<String>,
}

/// Step through confirmed frames.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advance {
    /// The game.
    pub game: GameId,
    /// The episode.
    pub episode: u32,
    /// The first of the frames: the one after the last that was advanced.
    pub first: u32,
    /// Of each frame the action of each seat, as MessagePack.
    pub frames: Vec<Vec<ByteBuf>>,
    /// Seats that need a complete picture, as a set of bits.
    pub complete: u32,
}
