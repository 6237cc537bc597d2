//! A document of the researcher's own, in a frame, and what goes between it and the service.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Finite, Page};

/// A document of the researcher's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EmbedView {
    /// What stands above the frame.
    pub page: Page,
    /// Address of the document.
    pub src: String,
    /// The build that the document is to load, where it is the service's own.
    pub build: Option<BuildView>,
    /// Width of the frame in CSS pixels; as wide as the page when absent.
    pub width: Option<u32>,
    /// Height of the frame in CSS pixels; as high as the document when absent.
    pub height: Option<u32>,
    /// What the researcher wants the document to be told, as JSON.
    pub settings: String,
    /// Query parameters of the participant's link.
    pub parameters: BTreeMap<String, String>,
    /// The values that scenes share, as JSON.
    pub globals: String,
    /// What was saved last under each name in this visit, as JSON.
    pub saved: String,
    /// What a function of the experiment module said last in this visit.
    pub told: Option<Told>,
    /// How many episodes there are, where it is not up to the document.
    pub episodes: Option<u32>,
    /// Whether there is a button to leave the scene with.
    pub button: bool,
    /// How far it has come.
    pub state: PageState,
}

/// A WebGL build of Unity's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BuildView {
    /// Its name.
    pub name: String,
    /// Address of the loader.
    pub loader: String,
    /// Address of the data.
    pub data: String,
    /// Address of the framework.
    pub framework: String,
    /// Address of the code.
    pub wasm: String,
    /// Address of `StreamingAssets`.
    pub streaming: String,
    /// Object and method of the build that messages are sent to.
    pub receiver: Option<[String; 2]>,
}

/// Something that a document gives to keep. It is sent again until `saved_stored` names its number or a later one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// The visit of the scene.
    pub visit: u32,
    /// Counts what the document has saved in this visit, from 1, also across reloads.
    pub number: u32,
    /// What it is, in 1 to 64 bytes. `episode_start`, `episode_end`, `message`, `advance` and `globals` mean something to
    /// the service.
    pub name: String,
    /// The data, as JSON of at most 256 KiB.
    pub data: String,
}

/// How far a document has come. Everything up to a number is stored for good.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct PageState {
    /// The visit of the scene.
    pub visit: u32,
    /// The number of the last thing that was saved; 0 before the first.
    pub number: u32,
    /// How many episodes are over.
    pub ended: u32,
    /// The score of each of them, as far as they are known.
    pub scores: Vec<Finite>,
    /// Whether the scene may be left with `continue`.
    pub may_leave: bool,
    /// How much may still be saved in this visit, in bytes of JSON.
    pub room: u32,
}

/// A function of the experiment module has said something to the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Told {
    /// The visit of the scene.
    pub visit: u32,
    /// What it is about: the number from `saved`.
    pub number: u32,
    /// The function: `on_episode_start`, `on_episode_end` or `on_message`.
    pub hook: String,
    /// What it said, as JSON.
    pub data: String,
}
