//! The kinds of scenes.

use serde::{Deserialize, Serialize};

use super::{Bonus, Consequence, Form, GymScene};
use crate::ids::SceneId;
use crate::wire::Page;

/// Class name of start scenes.
pub const START: &str = "StartScene";
/// Class name of game scenes.
pub const GYM: &str = "GymScene";
/// Class name of scenes with a page of their own, with or without questions.
pub const STATIC: &str = "StaticScene";
/// Class name of end scenes.
pub const END: &str = "EndScene";

/// One stage of a study.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "scene_type")]
pub enum Scene {
    /// The first page.
    #[serde(rename = "StartScene")]
    Start(StartScene),
    /// A page, with or without questions.
    #[serde(rename = "StaticScene")]
    Form(Box<FormScene>),
    /// A game.
    #[serde(rename = "GymScene")]
    Gym(Box<GymScene>),
    /// The last page.
    #[serde(rename = "EndScene")]
    End(EndScene),
}

/// The first page of a study.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StartScene {
    /// The scene's id.
    pub scene_id: SceneId,
    /// What to read.
    pub page: Page,
}

/// A page, with or without questions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FormScene {
    /// The scene's id.
    pub scene_id: SceneId,
    /// Name of the class that the researcher built it with.
    pub class: String,
    /// What to read before the questions.
    pub page: Page,
    /// The questions.
    pub form: Form,
}

/// The last page of a study.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EndScene {
    /// The scene's id.
    pub scene_id: SceneId,
    /// What to read.
    pub page: Page,
    /// Where the page's button leads.
    pub redirect: Option<Redirect>,
    /// What participants earn in the whole study.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bonus: Option<Bonus>,
}

/// Where the last page leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    /// An absolute http or https address.
    pub url: String,
    /// Whether the subject id is appended to the address.
    pub append_subject_id: bool,
}

impl Scene {
    /// The scene's id.
    pub fn id(&self) -> &SceneId {
        match self {
            Self::Start(scene) => &scene.scene_id,
            Self::Form(scene) => &scene.scene_id,
            Self::Gym(scene) => &scene.scene_id,
            Self::End(scene) => &scene.scene_id,
        }
    }

    /// The name of the class that a researcher builds it with.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Start(_) => START,
            Self::Form(_) => STATIC,
            Self::Gym(_) => GYM,
            Self::End(_) => END,
        }
    }

    /// The scene further on that it may send somebody to who has waited there in vain.
    pub fn way_out(&self) -> Option<&SceneId> {
        match self {
            Self::Gym(scene) => scene.group.as_ref().and_then(|group| group.waiting_room.on_timeout.scene()),
            Self::Form(scene) => match scene.form.tries.as_ref().map(|tries| &tries.failed) {
                Some(Consequence::Scene(scene)) => Some(scene),
                _ => None,
            },
            Self::Start(_) | Self::End(_) => None,
        }
    }
}
