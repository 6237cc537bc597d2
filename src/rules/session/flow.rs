//! A participant on its way from scene to scene: what is drawn for it, where branches lead, which level it gets.
//!
//! The way onward is found anew, from the beginning, each time something is known that was asked for: a function's answer,
//! a level. What was said already travels along in [`Way`], so that nothing is asked twice and nothing is half done: the
//! facts of a whole step are stored together.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Decision, Effect, Luck, Session, Standing};
use crate::experiment::{Rule, Scene, Stager, WhenFull};
use crate::facts::ParticipantFact;
use crate::ids::{PartName, SceneId};
use crate::rules::branching;
use crate::rules::conditions::{Placing, Stands};
use crate::rules::functions::FunctionKey;
use crate::rules::memory::Memory;
use crate::rules::stager::{self, Itinerary, Planned, What};
use crate::wire::Dismissal;

/// Visits after which nobody is led back any more, so that a study that leads in a circle comes to an end.
const MOST_VISITS: u32 = 500;

/// What is known already while the way onward is looked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Way {
    /// The visit that is left.
    visit: u32,
    /// Where the search begins, when that is settled.
    from: Option<usize>,
    /// What functions said; nothing for those that failed.
    told: BTreeMap<FunctionKey, Option<Value>>,
    /// Which levels there are.
    placed: BTreeMap<PartName, Placing>,
}

/// Where the search came to.
enum Found {
    /// This place of the plan.
    Place(usize),
    /// A function has to be asked.
    Function(FunctionKey),
    /// A level has to be asked for.
    Level(PartName),
    /// All levels are full, and the study ends with that.
    Full,
    /// Nothing comes any more.
    Nothing,
}

/// A search for the way onward.
struct Search<'a> {
    stager: &'a Stager,
    way: &'a Way,
    visit: u32,
    leaving: Option<&'a SceneId>,
    memory: Memory,
    itinerary: Itinerary,
    /// Whether the plan is another one by now.
    replanned: bool,
    assigned: Vec<ParticipantFact>,
    because: Vec<String>,
    odd: Vec<String>,
}

impl Session {
    /// A newcomer gets its first scene, or a number first from which its order is drawn.
    pub(super) fn begin(&self, stager: &Stager, decision: &mut Decision) {
        if stager.flow().draws() {
            decision.effects.push(Effect::Number);
        } else {
            self.draw(stager, None, decision);
        }
    }

    pub(super) fn decide_numbered(&self, stager: &Stager, number: u32, decision: &mut Decision) {
        if self.exists() && self.itinerary.is_empty() {
            self.draw(stager, Some(number), decision);
        }
    }

    fn draw(&self, stager: &Stager, number: Option<u32>, decision: &mut Decision) {
        let plan = stager::draw(stager, number.unwrap_or_default());
        let order = stager::order_of(&plan);
        let first = order.first().cloned();
        let plan = if stager::is_more(&plan, stager.flow()) { plan } else { Vec::new() };
        decision.facts.push(ParticipantFact::ScenesDrawn { order, plan, number });
        first.into_iter().for_each(|scene| self.enter(stager, 1, scene, decision));
        self.begin_globals(decision);
        decision.effects.push(Effect::ShowScene);
    }

    /// The scene is left: branches and conditions say where to.
    pub(super) fn onward(&self, stager: &Stager, decision: &mut Decision) {
        self.onward_to(None, stager, decision);
    }

    /// The scene is left for this place, if it is settled already.
    pub(super) fn onward_to(&self, place: Option<usize>, stager: &Stager, decision: &mut Decision) {
        let way = Way { visit: self.itinerary.visit(), from: place, ..Way::default() };
        self.go_on(stager, way, decision);
    }

    pub(super) fn decide_told(
        &self,
        stager: &Stager,
        mut way: Way,
        function: FunctionKey,
        answer: Option<Value>,
        decision: &mut Decision,
    ) {
        if self.standing(way.visit) == Standing::Here {
            way.told.insert(function, answer);
            self.go_on(stager, way, decision);
        }
    }

    pub(super) fn decide_placed(
        &self,
        stager: &Stager,
        mut way: Way,
        condition: PartName,
        placing: Placing,
        luck: Luck,
        decision: &mut Decision,
    ) {
        if self.standing(way.visit) != Standing::Here {
            return;
        }
        way.placed.insert(condition, placing);
        if matches!(self.search(stager, &way, decision).find(), Found::Full) && !self.trouble() {
            self.dismiss(stager, Dismissal::StudyFull, luck, decision);
        } else {
            self.go_on(stager, way, decision);
        }
    }

    fn search<'a>(&'a self, stager: &'a Stager, way: &'a Way, decision: &Decision) -> Search<'a> {
        let mut memory = self.memory.clone();
        decision.facts.iter().for_each(|fact| memory.apply(fact));
        Search {
            stager,
            way,
            visit: self.itinerary.visit(),
            leaving: self.itinerary.current(),
            memory,
            itinerary: self.itinerary.clone(),
            replanned: false,
            assigned: Vec::new(),
            because: Vec::new(),
            odd: Vec::new(),
        }
    }

    fn go_on(&self, stager: &Stager, way: Way, decision: &mut Decision) {
        let current = self.itinerary.current().and_then(|scene| stager.scene(scene));
        if self.itinerary.is_over() || matches!(current, Some(Scene::End(_))) {
            return decision.refuse("this is the last scene".into());
        }
        let mut search = self.search(stager, &way, decision);
        let place = match search.find() {
            Found::Place(place) => place,
            Found::Function(function) => {
                let told = search.memory.told(&self.subject);
                decision.effects.push(Effect::AskWay(way, function, told));
                return;
            }
            Found::Level(condition) => {
                decision.effects.push(Effect::AskLevel(way, condition, self.partners.clone()));
                return;
            }
            Found::Full | Found::Nothing => match search.last_resort() {
                Some(place) => place,
                None => return decision.refuse("this is the last scene".into()),
            },
        };
        let Some(What::Scene(scene) | What::End(scene)) = search.itinerary.planned(place).map(|there| &there.what)
        else {
            return decision.refuse("this is the last scene".into());
        };
        let scene = scene.clone();
        let Search { itinerary, replanned, assigned, because, odd, .. } = search;
        decision.facts.extend(assigned);
        if replanned || place != self.itinerary.next_place() {
            decision.facts.push(rerouted(&itinerary, place, replanned, because));
        }
        self.enter(stager, self.itinerary.visit() + 1, scene, decision);
        decision.effects.extend(odd.into_iter().map(Effect::Odd));
        decision.effects.extend(self.target().map(Effect::Project));
        decision.effects.push(Effect::ShowScene);
    }

    /// The fact that this place comes next.
    pub(super) fn rerouted(&self, place: usize) -> ParticipantFact {
        rerouted(&self.itinerary, place, false, Vec::new())
    }

    /// Sections of the present scene, the outermost first.
    pub fn sections(&self) -> &[PartName] {
        self.itinerary.sections()
    }

    /// How far it is, for the conditions that it was assigned to; nothing when it was to none.
    pub fn stands(&self) -> Option<Stands> {
        let ends = self.itinerary.is_over() || (self.trouble() && self.itinerary.is_almost_over());
        match &self.spoilt {
            _ if self.memory.conditions().is_empty() => None,
            Some(reason) if ends => Some(Stands::Dropped(reason.clone())),
            None if self.itinerary.is_over() => Some(Stands::Completed),
            Some(_) | None => Some(Stands::Active),
        }
    }

    /// Whoever has a level and does not play all of it as planned is no whole case.
    pub(super) fn spoil(&mut self, fact: &ParticipantFact) {
        if self.memory.conditions().is_empty() {
            return;
        }
        let reason = match fact {
            ParticipantFact::Dismissed { reason, .. } if *reason != Dismissal::Complete => {
                serde_json::to_value(reason).ok().and_then(|word| word.as_str().map(str::to_owned))
            }
            ParticipantFact::GameLost { .. } => Some("lost".to_owned()),
            ParticipantFact::BrowserFailed { give_up: true, .. } => Some("failed".to_owned()),
            _ => None,
        };
        self.spoilt = self.spoilt.take().or(reason);
    }
}

fn rerouted(itinerary: &Itinerary, place: usize, replanned: bool, because: Vec<String>) -> ParticipantFact {
    ParticipantFact::Rerouted {
        order: itinerary.order_from(place),
        plan: if replanned { itinerary.plan().to_vec() } else { Vec::new() },
        next: u32::try_from(place).ok(),
        because,
    }
}

impl Search<'_> {
    /// Finds where it goes on.
    fn find(&mut self) -> Found {
        let mut place = match self.way.from {
            Some(place) => place,
            None if self.itinerary.is_led() => self.itinerary.next_place(),
            None => match self.lead() {
                Ok(place) => place.unwrap_or_else(|| self.itinerary.next_place()),
                Err(function) => return Found::Function(function),
            },
        };
        while let Some(planned) = self.itinerary.planned(place) {
            match &planned.what {
                What::Scene(scene) | What::End(scene) => match self.skips(&scene.clone()) {
                    Ok(true) => place += 1,
                    Ok(false) => return Found::Place(place),
                    Err(function) => return Found::Function(function),
                },
                What::Conditions { name, .. } => {
                    if let Some(found) = self.place_in(place, &name.clone()) {
                        return found;
                    }
                }
            }
        }
        Found::Nothing
    }

    /// Puts the scenes of a level into the plan, or nothing where there is none; or says what to ask for first.
    fn place_in(&mut self, place: usize, name: &PartName) -> Option<Found> {
        let level = match self.stager.flow().condition(name) {
            // A module that was changed under a running study.
            None => None,
            Some(conditions) => match (self.memory.conditions().get(name.as_str()).cloned(), self.way.placed.get(name))
            {
                (Some(level), _) => Some(level),
                (None, None) => return Some(Found::Level(name.clone())),
                (None, Some(Placing::Full)) if conditions.when_full == WhenFull::End => return Some(Found::Full),
                (None, Some(Placing::Full)) => {
                    self.because.push(format!("{name} is full"));
                    None
                }
                (None, Some(Placing::Level(level))) => {
                    let (condition, level) = (name.to_string(), level.to_string());
                    let fact =
                        ParticipantFact::ConditionAssigned { visit: self.visit, condition, level: level.clone() };
                    self.memory.apply(&fact);
                    self.assigned.push(fact);
                    Some(level)
                }
            },
        };
        if let Some(level) = &level {
            self.because.push(format!("{name}: {level}"));
        }
        let plan = self.itinerary.plan_with(self.stager, place, level.as_deref());
        self.itinerary.replan(plan);
        self.replanned = true;
        None
    }

    /// The place that the scene's own branches lead to.
    fn lead(&mut self) -> Result<Option<usize>, FunctionKey> {
        let Some(scene) = self.leaving else { return Ok(None) };
        let Some(branches) = self.stager.flow().branches.get(scene) else { return Ok(None) };
        for (index, go) in branches.go_to.iter().enumerate() {
            let named = go.target.as_ref().map(ToString::to_string);
            let target = match &go.rule {
                None => named,
                Some(Rule::When(test)) => named.filter(|_| branching::holds(test, &self.memory)),
                Some(Rule::Function(_)) => {
                    let function = FunctionKey::of_scene(scene, format!("go_to.{index}"));
                    self.answer(&function, branching::as_target)?.flatten()
                }
            };
            let Some(target) = target else { continue };
            match self.itinerary.place_of(&target) {
                None => self.odd.push(format!(
                    "go_to of the scene {scene} names {target:?}, which is not among the participant's scenes: it is ignored"
                )),
                Some(place) if place < self.itinerary.next_place() && self.visit >= MOST_VISITS => self.odd.push(format!(
                    "go_to of the scene {scene} leads back to {target:?} after {MOST_VISITS} visits: it is ignored"
                )),
                Some(place) => {
                    if place != self.itinerary.next_place() {
                        self.because.push(format!("go_to of {scene}"));
                    }
                    return Ok(Some(place));
                }
            }
        }
        Ok(None)
    }

    /// Whether a scene is passed over.
    fn skips(&mut self, scene: &SceneId) -> Result<bool, FunctionKey> {
        if self.stager.scene(scene).is_none() {
            // A module that was changed under a running study.
            self.because.push(format!("{scene} is not there any more"));
            return Ok(true);
        }
        let rules = self.stager.flow().branches.get(scene).map_or(&[][..], |branches| &branches.skip_if);
        for (index, rule) in rules.iter().enumerate() {
            let skips = match rule {
                Rule::When(test) => branching::holds(test, &self.memory),
                Rule::Function(_) => {
                    let function = FunctionKey::of_scene(scene, format!("skip_if.{index}"));
                    self.answer(&function, branching::as_flag)?.unwrap_or(false)
                }
            };
            if skips {
                self.because.push(format!("skip_if of {scene}"));
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What a function said, if it was something that it may say; or which one to ask first.
    fn answer<T>(
        &mut self,
        function: &FunctionKey,
        read: impl Fn(&Value) -> Result<T, String>,
    ) -> Result<Option<T>, FunctionKey> {
        let told = self.way.told.get(function).ok_or_else(|| function.clone())?;
        // One that failed was told of when it did.
        let Some(answer) = told else { return Ok(None) };
        match read(answer) {
            Ok(answer) => Ok(Some(answer)),
            Err(why) => {
                self.odd.push(format!("{function} {why}: it is ignored"));
                Ok(None)
            }
        }
    }

    /// Where it goes on when nothing is left of the plan: to the study's end, so that nobody is stuck.
    fn last_resort(&mut self) -> Option<usize> {
        if let Some(end) = self.itinerary.end().filter(|end| self.knows(*end)) {
            return Some(end);
        }
        let end = self.stager.scenes().last()?.id().clone();
        let mut plan = self.itinerary.plan().to_vec();
        plan.push(Planned { what: What::End(end), sections: Vec::new(), begins: 0 });
        self.itinerary.replan(plan);
        self.replanned = true;
        Some(self.itinerary.plan().len() - 1)
    }

    fn knows(&self, place: usize) -> bool {
        match self.itinerary.planned(place).map(|planned| &planned.what) {
            Some(What::Scene(scene) | What::End(scene)) => self.stager.scene(scene).is_some(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
