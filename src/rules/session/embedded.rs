//! A participant in a scene with a document of the researcher's own.

use serde_json::Value;

use super::{Decision, Effect, Session, Standing};
use crate::experiment::{EmbeddedScene, Scene, Stager};
use crate::facts::ParticipantFact;
use crate::rules::embedded::{Embedded, HookCall};
use crate::wire::{PageState, Saved};

impl Session {
    /// What the document of the current visit has saved.
    pub fn embedded(&self) -> &Embedded {
        &self.embedded
    }

    pub(super) fn document<'a>(&self, stager: &'a Stager) -> Option<&'a EmbeddedScene> {
        match stager.scene(self.itinerary.current()?) {
            Some(Scene::Embedded(scene)) if !self.trouble() => Some(scene),
            _ => None,
        }
    }

    pub(super) fn decide_saved(&self, stager: &Stager, saved: Saved, decision: &mut Decision) {
        let Saved { visit, number, .. } = saved;
        match (self.standing(visit), self.document(stager)) {
            // It was stored before the scene was left, and its acknowledgement lost.
            (Standing::Past, _) => {
                let state = PageState { visit, number, may_leave: true, ..PageState::default() };
                decision.effects.push(Effect::SavedStored(state));
            }
            (Standing::Here, Some(scene)) => match self.embedded.save(scene, saved) {
                Ok(mut facts) => match self.shared(&facts) {
                    Ok(shared) => {
                        facts.extend(shared);
                        self.keep(scene, facts, decision);
                    }
                    Err(unfit) => decision.malformed(unfit.to_string()),
                },
                Err(unfit) => decision.malformed(unfit.to_string()),
            },
            _ => decision.refuse("this scene saves nothing".into()),
        }
    }

    /// A function of the experiment module has answered, or failed.
    pub(super) fn decide_hooked(&self, stager: &Stager, call: HookCall, answer: Option<Value>, to: &mut Decision) {
        if let (Standing::Here, Some(scene)) = (self.standing(call.visit), self.document(stager)) {
            let facts = self.embedded.answered(&call, answer);
            let told =
                facts.iter().any(|fact| matches!(fact, ParticipantFact::PageTold { data, .. } if !data.is_null()));
            let after = self.keep(scene, facts.into_iter().collect(), to);
            to.effects.extend(after.told().filter(|_| told).cloned().map(Effect::Tell));
        }
    }

    /// What was under way when the service was cut off.
    pub(super) fn resume_document(&self, stager: &Stager, decision: &mut Decision) {
        let scene = self.document(stager);
        let due = scene.and_then(|scene| self.embedded.due(scene, self.itinerary.visit()));
        decision.effects.extend(due.map(Effect::CallHook));
    }

    /// Stores, says how far the document has come, and asks the function that is due.
    fn keep(&self, scene: &EmbeddedScene, facts: Vec<ParticipantFact>, decision: &mut Decision) -> Embedded {
        let (visit, mut after) = (self.itinerary.visit(), self.embedded.clone());
        facts.iter().for_each(|fact| after.apply(fact));
        decision.effects.push(Effect::SavedStored(after.state(scene, visit)));
        // What is stored already was asked about then.
        let due = after.due(scene, visit).filter(|_| !facts.is_empty());
        decision.facts.extend(facts);
        decision.effects.extend(due.map(Effect::CallHook));
        after
    }
}
