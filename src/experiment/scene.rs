//! The kinds of scenes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Bonus, Consequence, EmbeddedScene, Form, GymScene, encoded};
use crate::ids::SceneId;
use crate::wire::{Dismissal, Page};

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
    /// A document of the researcher's own.
    #[serde(rename = "EmbeddedScene")]
    Embedded(Box<EmbeddedScene>),
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
    /// Whether it shows a code, even where the study has no other codes for its end.
    #[serde(default)]
    pub shows_code: bool,
    /// What participants earn in the whole study.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bonus: Option<Bonus>,
}

/// Where the last page leads. Addresses may have holes: `{subject_id}`, `{code}`, `{outcome}`, and the parameters that the
/// participant came with, such as `{PROLIFIC_PID}`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Redirect {
    /// An absolute http or https address.
    pub url: String,
    /// Whether the subject id is appended to the address.
    pub append_subject_id: bool,
    /// Whether the code is appended to the address.
    pub append_code: bool,
    /// What is added to the address's query, in this order; values may have holes.
    pub parameters: Vec<(String, String)>,
    /// Seconds after which the page leads there by itself; only its button does when absent.
    pub after_s: Option<f64>,
    /// Other addresses for those who leave otherwise than complete; nowhere when there is none.
    pub outcomes: BTreeMap<Dismissal, Option<String>>,
}

impl Redirect {
    /// The whole address for an outcome, with its holes; `None` when it leads nowhere.
    pub fn template(&self, outcome: Dismissal) -> Option<String> {
        if let Some(own) = self.outcomes.get(&outcome) {
            return own.clone();
        }
        let mut url = self.url.clone();
        for (wanted, hole) in [(self.append_subject_id, "{subject_id}"), (self.append_code, "{code}")] {
            url.extend(wanted.then_some(hole));
        }
        let (mut url, fragment) = match url.split_once('#') {
            Some((url, fragment)) => (url.to_owned(), format!("#{fragment}")),
            None => (url, String::new()),
        };
        for (name, value) in &self.parameters {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&encoded(name));
            url.push('=');
            url.push_str(&escaped(value));
        }
        Some(url + &fragment)
    }
}

/// A parameter's value with its holes, everything else being percent-encoded.
fn escaped(value: &str) -> String {
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, behind)) = rest.split_once('{') {
        let Some((hole, after)) = behind.split_once('}') else { break };
        text.push_str(&encoded(before));
        text.push_str(&format!("{{{hole}}}"));
        rest = after;
    }
    text + &encoded(rest)
}

impl Scene {
    /// The scene's id.
    pub fn id(&self) -> &SceneId {
        match self {
            Self::Start(scene) => &scene.scene_id,
            Self::Form(scene) => &scene.scene_id,
            Self::Embedded(scene) => &scene.scene_id,
            Self::Gym(scene) => &scene.scene_id,
            Self::End(scene) => &scene.scene_id,
        }
    }

    /// The name of the class that a researcher builds it with.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Start(_) => START,
            Self::Form(_) => STATIC,
            Self::Embedded(scene) => scene.kind(),
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
            Self::Start(_) | Self::Embedded(_) | Self::End(_) => None,
        }
    }
}
