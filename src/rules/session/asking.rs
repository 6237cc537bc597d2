//! A participant in a scene with questions.

use std::collections::BTreeMap;

use super::{Decision, Effect, Luck, Session, Standing};
use crate::experiment::{Consequence, Form, Scene, Stager};
use crate::rules::questionnaire::Leaving;
use crate::wire::{AnswerStored, Answered, Dismissal, Wanting};

impl Session {
    pub(super) fn form<'a>(&self, stager: &'a Stager) -> Option<&'a Form> {
        match stager.scene(self.itinerary.current()?) {
            Some(Scene::Form(scene)) if !self.trouble() => Some(&scene.form),
            _ => None,
        }
    }

    pub(super) fn decide_answered(&self, stager: &Stager, answered: Answered, decision: &mut Decision) {
        let stored = AnswerStored { visit: answered.visit, number: answered.number };
        match (self.standing(answered.visit), self.form(stager)) {
            // It was stored before the scene was left, and its acknowledgement lost.
            (Standing::Past, _) => decision.effects.push(Effect::AnswerStored(stored)),
            (Standing::Here, Some(form)) => match self.questionnaire.answer(form, answered) {
                Ok(fact) => {
                    decision.facts.extend(fact);
                    decision.effects.push(Effect::AnswerStored(stored));
                }
                Err(misfit) => decision.refuse(misfit.to_string()),
            },
            _ => decision.refuse("this scene asks nothing".into()),
        }
    }

    pub(super) fn leave_form(&self, stager: &Stager, form: &Form, luck: Luck, decision: &mut Decision) {
        let visit = self.itinerary.visit();
        let (fact, leaving) = self.questionnaire.leave(form, visit);
        let mut after = self.questionnaire.clone();
        fact.iter().for_each(|fact| after.apply(fact));
        decision.facts.extend(fact);
        let want = |lacks| {
            let wrong = after.told_wrong(form);
            Effect::Want(Wanting { visit, lacks, wrong, tries_left: after.tries_left(form) })
        };
        match leaving {
            Leaving::Onward => self.onward(stager, decision),
            Leaving::Lacks(lacks) => decision.effects.push(want(lacks)),
            Leaving::Again => decision.effects.push(want(BTreeMap::new())),
            Leaving::Failed => match form.tries.as_ref().map(|tries| &tries.failed) {
                Some(Consequence::Exclude) => self.dismiss(stager, Dismissal::FailedCheck, luck, decision),
                Some(Consequence::Scene(scene)) => {
                    self.onward_to(self.itinerary.place_ahead(scene), stager, decision);
                }
                Some(Consequence::Continue) | None => self.onward(stager, decision),
            },
        }
    }
}
