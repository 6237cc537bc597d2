//! Scenes that show a document of the researcher's own in a frame: an HTML page, or a WebGL build of Unity's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::SceneId;
use crate::wire::Page;

/// Class name of scenes with an HTML page of the researcher's own.
pub const HTML: &str = "HtmlScene";
/// Class name of scenes with a WebGL build of Unity's.
pub const UNITY: &str = "UnityScene";

/// Folder, below the documents of a scene, with what the service adds to them.
pub const OWN_FOLDER: &str = "greenroom";

/// A document of the researcher's own in a frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmbeddedScene {
    /// The scene's id.
    pub scene_id: SceneId,
    /// What stands above the frame.
    pub page: Page,
    /// Where the files are. Not part of what a study is: it may be moved.
    #[serde(skip)]
    pub source: Source,
    /// Digest of the files: other files make another study.
    pub digest: String,
    /// The document, below the folder.
    pub document: String,
    /// The build, where the document is ours and loads one.
    pub build: Option<UnityBuild>,
    /// Width of the frame in CSS pixels; as wide as the page when absent.
    pub width: Option<u32>,
    /// Height of the frame in CSS pixels; as high as the document when absent.
    pub height: Option<u32>,
    /// Whether pages before this scene load the files already.
    pub preload: bool,
    /// Whatever the researcher wants the document to be told.
    pub settings: Value,
    /// How many episodes there are, where it is not up to the document.
    pub episodes: Option<u32>,
    /// The scene may be left once something was saved under one of these names.
    pub continue_on: BTreeSet<String>,
    /// Whether there is a button to leave the scene with, besides `greenroom.advance()`.
    pub button: bool,
    /// Which functions of the experiment module are called.
    pub hooks: BTreeSet<Hook>,
}

/// Where the files of a document are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Source {
    /// Nowhere: the study was read from a record.
    #[default]
    Unknown,
    /// All files of a folder.
    Folder(PathBuf),
    /// One file by itself.
    File(PathBuf),
}

/// A WebGL build of Unity's. All names are below the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnityBuild {
    /// The name that all of its files begin with.
    pub name: String,
    /// The loader.
    pub loader: String,
    /// Everything that the framework reads.
    pub data: String,
    /// The framework.
    pub framework: String,
    /// The code.
    pub wasm: String,
    /// Object and method of the build that messages are sent to.
    pub receiver: Option<(String, String)>,
}

/// A function that is called for what a document does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hook {
    /// Makes a number of what an episode ended with.
    ScoreFn,
    /// Is told of an episode's beginning.
    OnEpisodeStart,
    /// Is told of an episode's end.
    OnEpisodeEnd,
    /// Is told of a message.
    OnMessage,
}

impl Hook {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::ScoreFn, Self::OnEpisodeStart, Self::OnEpisodeEnd, Self::OnMessage];

    /// The option that it is given for.
    pub fn option(self) -> &'static str {
        match self {
            Self::ScoreFn => "score_fn",
            Self::OnEpisodeStart => "on_episode_start",
            Self::OnEpisodeEnd => "on_episode_end",
            Self::OnMessage => "on_message",
        }
    }
}

/// Names under which a document saves what the service looks at.
pub mod saved_as {
    /// An episode begins.
    pub const EPISODE_START: &str = "episode_start";
    /// An episode is over.
    pub const EPISODE_END: &str = "episode_end";
    /// Something is said to the experiment module.
    pub const MESSAGE: &str = "message";
    /// The document is done with the scene.
    pub const ADVANCE: &str = "advance";
    /// Values that scenes share are set; the data are an object.
    pub const GLOBALS: &str = "globals";
}

impl EmbeddedScene {
    /// The name of the class that a researcher builds it with.
    pub fn kind(&self) -> &'static str {
        if self.build.is_some() { UNITY } else { HTML }
    }
}

/// The functions of a scene's hooks, by hook.
pub type Hooks<T> = BTreeMap<Hook, T>;
