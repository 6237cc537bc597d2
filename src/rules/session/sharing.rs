//! Values that a participant's scenes share.

use serde_json::{Map, Value};

use super::{Decision, Effect, Session, Standing};
use crate::experiment::Stager;
use crate::facts::ParticipantFact;
use crate::ids::GameId;
use crate::rules::globals;
use crate::wire::{GlobalsStored, SetGlobals};

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
