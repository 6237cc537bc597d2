//! A study's callbacks, and which of them hear of an event.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::{Event, Hook};
use crate::ids::SceneId;

/// A researcher's own callback. It runs elsewhere and may take its time.
pub trait Listen: Send + Sync {
    /// Whether it wants to be told of such events.
    fn hears(&self, hook: Hook) -> bool;

    /// Tells it.
    ///
    /// # Errors
    /// What failed in it, in words for the researcher.
    fn hear(&self, event: &Event) -> Result<(), String>;
}

impl fmt::Debug for dyn Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listen")
    }
}

/// A study's callbacks.
#[derive(Debug, Clone, Default)]
pub struct Callbacks {
    /// Those that are told of everything.
    pub study: Vec<Arc<dyn Listen>>,
    /// Those that are told of what happens in a scene.
    pub scenes: BTreeMap<SceneId, Vec<Arc<dyn Listen>>>,
}

impl Callbacks {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.study.is_empty() && self.scenes.is_empty()
    }

    /// Who is to be told of an event.
    pub fn of(&self, event: &Event) -> impl Iterator<Item = &Arc<dyn Listen>> {
        let of_scene = event.scene.as_ref().and_then(|scene| self.scenes.get(scene));
        let hook = event.hook;
        self.study.iter().chain(of_scene.into_iter().flatten()).filter(move |listener| listener.hears(hook))
    }
}
