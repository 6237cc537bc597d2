//! A scene as the participant sees it, and the ways in which scenes end.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{EmbedView, Finite, FormView, GymView};
use crate::experiment::About;
use crate::ids::SceneId;

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
