//! Asks the researcher's own rule who shall play with whom. It is foreign code: it runs on a thread of its own, one call
//! at a time, and whatever becomes of it, the waiting room goes on.

use std::sync::Arc;
use std::time::Duration;

use super::Message;
use crate::actors::host::Address;
use crate::actors::services::Services;
use crate::experiment::{GymScene, Matching};
use crate::ids::{SceneId, SubjectId};
use crate::rules::matchers::{Suggest, Waiter};
use crate::time::Timestamp;

/// Time after which the operator is told that a call goes on and on. It cannot be broken off.
const LIMIT: Duration = Duration::from_secs(5);
/// Least time between two reports of what is wrong with the rule: it is called every second.
const QUIET: Duration = Duration::from_secs(30);

/// What a call brought.
pub type Suggested = Result<Vec<Vec<SubjectId>>, String>;

/// The researcher's own rule.
pub(super) struct Suggestions {
    scene: SceneId,
    size: usize,
    rule: Option<Arc<dyn Suggest>>,
    running: bool,
    complained: Option<Timestamp>,
    kept_quiet: u32,
}

impl Suggestions {
    /// The rule of this scene, if it has one.
    pub fn new(gym: &GymScene, matching: &Matching, services: &Services) -> Self {
        let rule = services.suggesters.get(&gym.scene_id).cloned();
        if let (None, Matching::Function { name }) = (&rule, matching) {
            tracing::error!(scene = %gym.scene_id, name, "the function that matches players is missing: nobody is matched");
        }
        let (scene, size) = (gym.scene_id.clone(), gym.human_agents().count());
        Self { scene, size, rule, running: false, complained: None, kept_quiet: 0 }
    }

    /// Whether the rule can be asked now.
    pub fn idle(&self) -> bool {
        self.rule.is_some() && !self.running
    }

    /// Asks the rule about those who wait, if they are enough for a group.
    pub fn ask(&mut self, waiting: Vec<Waiter>, manager: Address<Message>) {
        let (Some(rule), true) = (&self.rule, waiting.len() >= self.size) else { return };
        self.running = true;
        let (rule, scene, size) = (rule.clone(), self.scene.clone(), self.size);
        tokio::spawn(async move {
            let mut call = tokio::task::spawn_blocking(move || rule.suggest(&waiting, size));
            let result = match tokio::time::timeout(LIMIT, &mut call).await {
                Ok(result) => result,
                Err(_) => {
                    tracing::warn!(%scene, "the function that matches players has run for {LIMIT:?} and goes on");
                    call.await
                }
            };
            let suggested = result.unwrap_or_else(|error| Err(format!("the call failed: {error}")));
            let _ = manager.tell(Message::Suggested(suggested));
        });
    }

    /// A call is over: the groups of the right size that it named.
    pub fn answered(&mut self, suggested: Suggested, now: Timestamp) -> Vec<Vec<SubjectId>> {
        self.running = false;
        let (size, groups) = (
            self.size,
            suggested.unwrap_or_else(|error| {
                self.complain(&error, now);
                Vec::new()
            }),
        );
        let (right, wrong): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| group.len() == size);
        if let Some(group) = wrong.first() {
            self.complain(&format!("it named a group of {}, but {size} play together", group.len()), now);
        }
        right
    }

    fn complain(&mut self, error: &str, now: Timestamp) {
        if self.complained.is_some_and(|at| now.since(at) < QUIET) {
            self.kept_quiet += 1;
            return;
        }
        let before = std::mem::take(&mut self.kept_quiet);
        self.complained = Some(now);
        tracing::error!(scene = %self.scene, error, not_shown = before, "the function that matches players failed");
    }
}
