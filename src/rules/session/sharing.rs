//! Values that a participant's scenes share.

use serde_json::{Map, Value};

use super::{Decision, Effect, Session, Standing};
use crate::experiment::Stager;
use crate::facts::ParticipantFact;
use crate::ids::GameId;
use crate::rules::globals;
use crate::wire::{GlobalsStored, SetGlobals};

/// How often a page may set values in one visit: more than any page needs, and a bound for whoever is not a page.
const MOST_SETS: u32 = 20_000;

impl Session {
    /// All values that scenes share, as they are now.
    pub fn globals(&self) -> Map<String, Value> {
        self.globals.of(self.memory.globals())
    }

    pub(super) fn begin_globals(&self, decision: &mut Decision) {
        if !self.globals.is_empty() {
            decision.facts.push(ParticipantFact::GlobalsChanged {
                visit: 1,
                values: self.globals.initial(),
                number: 0,
            });
        }
    }

    /// A page has set some. It may say so again when its connection broke; what is added is added once.
    pub(super) fn decide_set(&self, stager: &Stager, set: SetGlobals, decision: &mut Decision) {
        let SetGlobals { visit, number, values } = set;
        let stored = |globals| Effect::GlobalsStored(GlobalsStored { visit, number, globals });
        match self.standing(visit) {
            Standing::Past => decision.effects.push(stored(self.globals())),
            Standing::Here if number <= self.globals_set => decision.effects.push(stored(self.globals())),
            Standing::Here if number > MOST_SETS => decision.refuse("this page has set values too often".into()),
            // There the environment has them, and its page is none of the researcher's.
            Standing::Here if self.plays(stager) => decision.refuse("the game is not over".into()),
            Standing::Here => match globals::set(&self.globals, self.memory.globals(), values) {
                Ok(values) => {
                    let mut all = self.globals();
                    all.extend(values.clone());
                    decision.facts.push(ParticipantFact::GlobalsChanged { visit, values, number });
                    decision.effects.push(stored(all));
                }
                Err(unfit) => decision.refuse(unfit.to_string()),
            },
            Standing::Future => decision.refuse(format!("visit {visit} has not begun")),
        }
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
            decision.facts.push(ParticipantFact::GlobalsChanged { visit, values, number: 0 });
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Input, TokenDigest};
    use super::*;
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

    fn set(visit: u32, number: u32, values: Value) -> Input {
        let Value::Object(values) = values else { panic!("no object") };
        Input::SetGlobals(SetGlobals { visit, number, values })
    }

    #[test]
    fn what_a_page_sets_is_merged_once_however_often_it_is_said() {
        let mut session = arrived();
        assert_eq!(Value::Object(session.globals()), json!({"coins": 5, "level": 1}));
        for _ in 0..3 {
            let effects = run(&mut session, set(1, 1, json!({"coins": 2})));
            let [Effect::GlobalsStored(stored)] = &effects[..] else { panic!("{effects:?}") };
            assert_eq!(stored.globals["coins"], json!(7));
        }
        run(&mut session, set(1, 2, json!({"coins": 2, "level": "two"})));
        assert_eq!(Value::Object(session.globals()), json!({"coins": 9, "level": "two"}));
        assert_eq!(session.memory().globals()["coins"], json!(9), "functions of the module see the same");
        for refused in [
            set(1, 3, json!({"coin": 1})),
            set(1, 3, json!({"coins": "x"})),
            set(2, 1, json!({"coins": 1})),
            set(1, MOST_SETS + 1, json!({"coins": 1})),
        ] {
            assert!(matches!(run(&mut session, refused)[..], [Effect::Refuse(_)]));
        }
        run(&mut session, Input::Continue(1, [7; 8]));
        assert!(matches!(run(&mut session, set(1, 3, json!({"coins": 1})))[..], [Effect::GlobalsStored(_)]));
        run(&mut session, set(2, 1, json!({"coins": 1})));
        assert_eq!(session.globals()["coins"], json!(10), "numbers count anew in the next visit");
    }

    #[test]
    fn a_game_of_somebody_else_changes_nothing() {
        let mut session = arrived();
        let left = json!({"coins": 100}).as_object().unwrap().clone();
        run(&mut session, Input::GlobalsLeft(GameId::fresh(), left));
        assert_eq!(session.globals()["coins"], json!(5));
    }
}
