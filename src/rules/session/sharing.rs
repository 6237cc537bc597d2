//! Values that a participant's scenes share.

use serde_json::{Map, Value};

use super::{Decision, Session};
use crate::experiment::saved_as;
use crate::facts::ParticipantFact;
use crate::ids::GameId;
use crate::rules::globals;

impl Session {
    /// All values that scenes share, as they are now.
    pub fn globals(&self) -> Map<String, Value> {
        self.globals.of(self.memory.globals())
    }

    pub(super) fn begin_globals(&self, decision: &mut Decision) {
        if !self.globals.is_empty() {
            decision.facts.push(ParticipantFact::GlobalsChanged { visit: 1, values: self.globals.initial() });
        }
    }

    /// What a document of the researcher's own sets of them when it saves this: merged with what is there, by the study's
    /// rules.
    ///
    /// # Errors
    /// When that is not possible; then nothing is to be stored.
    pub(super) fn shared(&self, saved: &[ParticipantFact]) -> Result<Option<ParticipantFact>, globals::Unfit> {
        let told = saved.iter().find_map(|fact| match fact {
            ParticipantFact::DataSaved { visit, name, data, .. } if name == saved_as::GLOBALS => {
                data.as_object().map(|values| (*visit, values.clone()))
            }
            _ => None,
        });
        let Some((visit, told)) = told else { return Ok(None) };
        let values = globals::set(&self.globals, self.memory.globals(), told)?;
        Ok(Some(ParticipantFact::GlobalsChanged { visit, values }))
    }

    /// A game is over, or its page has come to find that it is: this has become of the values that it was given.
    pub(super) fn decide_left(&self, game: GameId, left: Map<String, Value>, decision: &mut Decision) {
        if self.game != Some(game) {
            return;
        }
        let (known, visit) = (self.globals(), self.itinerary.visit());
        let values: Map<String, Value> =
            left.into_iter().filter(|(name, value)| known.get(name).is_some_and(|known| known != value)).collect();
        if !values.is_empty() {
            decision.facts.push(ParticipantFact::GlobalsChanged { visit, values });
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Effect, Input, TokenDigest};
    use super::*;
    use crate::experiment::Stager;
    use crate::experiment::{EndScene, Global, Globals, Merge, Scene, StartScene};
    use crate::ids::{ResumeToken, SubjectId};
    use crate::wire::{Browser, Hello, Page};

    fn token() -> TokenDigest {
        ResumeToken::from_random([1; 16]).digest()
    }

    fn run(session: &mut Session, input: Input) -> Vec<Effect> {
        let (start, end) = ("start".parse().unwrap(), "end".parse().unwrap());
        let start = Scene::Start(StartScene { scene_id: start, page: Page::default() });
        let end = Scene::End(EndScene {
            scene_id: end,
            page: Page::default(),
            redirect: None,
            shows_code: false,
            bonus: None,
        });
        let decision = session.decide(&Stager::new(vec![start, end]).unwrap(), input);
        decision.facts.into_iter().for_each(|fact| session.apply(&fact.into()));
        decision.effects
    }

    fn arrived() -> Session {
        let global = |initial: Value, merge| Global { initial, merge };
        let coins = ("coins".to_owned(), global(json!(5), Merge::Sum));
        let globals = Globals([coins, ("level".to_owned(), global(json!(1), Merge::Last))].into());
        let mut session = Session::new(SubjectId::fresh()).sharing(globals);
        let (parameters, browser) = (Default::default(), Browser::default());
        let hello = Hello { version: 1, subject: None, token: None, parameters, browser };
        run(&mut session, Input::Arrive(Box::new(hello), token()));
        session
    }

    fn save(session: &mut Session, values: Value) -> Result<(), globals::Unfit> {
        let name = saved_as::GLOBALS.to_owned();
        let saved = [ParticipantFact::DataSaved { visit: 1, number: 1, name, data: values }];
        let shared = session.shared(&saved)?;
        shared.into_iter().for_each(|fact| session.apply(&fact.into()));
        Ok(())
    }

    #[test]
    fn what_a_page_sets_is_merged_by_the_studys_rules() {
        let mut session = arrived();
        assert_eq!(Value::Object(session.globals()), json!({"coins": 5, "level": 1}));
        save(&mut session, json!({"coins": 2})).unwrap();
        save(&mut session, json!({"coins": 2, "level": "two"})).unwrap();
        assert_eq!(Value::Object(session.globals()), json!({"coins": 9, "level": "two"}));
        assert_eq!(session.memory().globals()["coins"], json!(9), "functions of the module see the same");
        save(&mut session, json!({"coins": "x"})).unwrap_err();
        save(&mut session, json!({"level": "x".repeat(20_000)})).unwrap_err();
        save(&mut session, json!({"own": 3})).unwrap();
        assert_eq!(session.memory().globals()["own"], json!(3), "a page may have values of its own");
        assert_eq!(session.globals()["coins"], json!(9));
    }

    #[test]
    fn a_game_of_somebody_else_changes_nothing() {
        let mut session = arrived();
        let left = json!({"coins": 100}).as_object().unwrap().clone();
        run(&mut session, Input::GlobalsLeft(GameId::fresh(), left));
        assert_eq!(session.globals()["coins"], json!(5));
    }
}
