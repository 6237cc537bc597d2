//! How a participant did in its games, and the bonus that follows from it.
//!
//! A bonus is computed by a function of the experiment module before the next page is shown, once: for a scene when its
//! game is scored, for the study when its last scene is entered. What is owed follows from the facts, so that it is
//! computed after all when the service stopped in between. A function that fails leaves a record of that, and no bonus.

use super::{Decision, Effect, Session};
use crate::experiment::{Bonus, Scene, Stager};
use crate::facts::{Fact, ParticipantFact, Target};
use crate::ids::{GameId, SceneId};
use crate::rules::memory::EpisodeResult;
use crate::wire::Finite;

/// Longest text of what was wrong with a bonus that is kept, in characters.
const ERROR_LIMIT: usize = 400;

/// A bonus that has to be computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// The visit that it is for.
    pub visit: u32,
    /// The scene whose bonus it is; none for that of the study.
    pub scene: Option<SceneId>,
    /// Whether the participant waits for its page meanwhile.
    pub shows: bool,
}

impl Session {
    /// A game is over: how the participant did in it. It may be a game that the participant has left already.
    pub(super) fn decide_scored(&self, game: GameId, episodes: Vec<EpisodeResult>, decision: &mut Decision) {
        let here = (self.game == Some(game) && !self.scored).then(|| self.itinerary.visit());
        let left = self.left_game.filter(|(left, _)| *left == game).map(|(_, visit)| visit);
        if let Some(visit) = here.or(left) {
            decision.facts.push(ParticipantFact::GameScored { visit, episodes });
        }
        // Whatever leads on from a game that is played has its files written anyway.
        if let (None, Some(scene)) = (here, left.and_then(|visit| self.itinerary.at(visit))) {
            let (subject, visit) = (self.subject.clone(), left.unwrap_or_default());
            let target = Target { subject, scene: scene.clone(), visit, game: Some(game) };
            decision.effects.push(Effect::Project(target));
        }
    }

    /// A bonus was computed, or could not be.
    pub(super) fn decide_bonus(&self, owed: Owed, outcome: Result<Finite, String>, decision: &mut Decision) {
        let Owed { visit, scene, shows } = owed;
        let (amount, error) = match outcome {
            Ok(amount) => (Some(amount), None),
            Err(error) => (None, Some(error.chars().take(ERROR_LIMIT).collect())),
        };
        let game = self.unpaid.get(&visit).map(|(_, game)| *game);
        let subject = self.subject.clone();
        let target = scene.clone().map(|scene| Target { subject, scene, visit, game }).or_else(|| self.target());
        decision.facts.push(ParticipantFact::BonusComputed { visit, scene, amount, error });
        decision.effects.extend(target.map(Effect::Project));
        if shows {
            decision.effects.push(Effect::ShowScene);
        }
    }

    /// Whatever bonus is owed now is computed before the next page is shown.
    pub(super) fn pay(&self, stager: &Stager, decision: &mut Decision) {
        if !has_bonus(stager) {
            return;
        }
        let shown = decision.effects.iter().position(|effect| *effect == Effect::ShowScene);
        let scored = decision.facts.iter().any(|fact| {
            matches!(fact, ParticipantFact::GameScored { .. } | ParticipantFact::BonusComputed { .. }) //
        });
        if shown.is_none() && !scored {
            return;
        }
        let mut after = self.clone();
        decision.facts.iter().for_each(|fact| after.apply(&Fact::from(fact.clone())));
        let Some((visit, scene)) = after.owed(stager) else { return };
        let effect = Effect::ComputeBonus(Owed { visit, scene, shows: shown.is_some() });
        match shown {
            Some(at) => decision.effects[at] = effect,
            None => decision.effects.push(effect),
        }
    }

    /// The next bonus that is owed: those of scenes come first, so that the study's function knows them.
    fn owed(&self, stager: &Stager) -> Option<(u32, Option<SceneId>)> {
        let of_scene = self.unpaid.iter().find(|(_, (scene, _))| gym_bonus(stager, scene).is_some());
        if let Some((visit, (scene, _))) = of_scene {
            return Some((*visit, Some(scene.clone())));
        }
        let last = self.itinerary.current().and_then(|scene| stager.scene(scene));
        let of_study = matches!(last, Some(Scene::End(end)) if end.bonus.is_some()) && !self.study_paid;
        of_study.then(|| (self.itinerary.visit(), None))
    }

    /// What the last page says of the participant's bonuses.
    pub fn bonus_lines(&self, stager: &Stager) -> Vec<String> {
        let of_scenes = self.memory.bonuses().iter().filter_map(|(scene, amount)| {
            gym_bonus(stager, scene)?.line(amount.get()) //
        });
        let of_study = stager.scenes().iter().filter_map(|scene| match scene {
            Scene::End(end) => end.bonus.as_ref()?.line(self.memory.bonus()?.get()),
            _ => None,
        });
        of_scenes.chain(of_study).collect()
    }

    /// A fact about scores and bonuses was stored.
    pub(super) fn apply_scoring(&mut self, fact: &ParticipantFact) {
        match fact {
            ParticipantFact::SceneEntered { .. } => {
                if let Some(game) = self.game.filter(|_| !self.scored) {
                    self.left_game = Some((game, self.itinerary.visit()));
                }
                self.scored = false;
            }
            ParticipantFact::GameScored { visit, .. } => {
                let here = *visit == self.itinerary.visit();
                let game = if here { self.game } else { self.left_game.map(|(game, _)| game) };
                self.scored |= here;
                self.left_game = self.left_game.filter(|(_, left)| left != visit);
                if let Some((scene, game)) = self.itinerary.at(*visit).zip(game) {
                    self.unpaid.insert(*visit, (scene.clone(), game));
                }
            }
            ParticipantFact::BonusComputed { visit, scene: Some(_), .. } => drop(self.unpaid.remove(visit)),
            ParticipantFact::BonusComputed { scene: None, .. } => self.study_paid = true,
            _ => {}
        }
    }
}

fn has_bonus(stager: &Stager) -> bool {
    stager.scenes().iter().any(|scene| match scene {
        Scene::Gym(gym) => gym.bonus.is_some(),
        Scene::End(end) => end.bonus.is_some(),
        _ => false,
    })
}

fn gym_bonus<'a>(stager: &'a Stager, scene: &SceneId) -> Option<&'a Bonus> {
    match stager.scene(scene) {
        Some(Scene::Gym(gym)) => gym.bonus.as_ref(),
        _ => None,
    }
}

/// What a bonus function returned, as a number.
///
/// # Errors
/// When it is none, in words for the researcher.
pub fn amount(returned: &serde_json::Value) -> Result<Finite, String> {
    let number = returned.as_f64().and_then(|number| Finite::try_from(number).ok());
    number.ok_or_else(|| format!("it must return a number, but it returned {returned:.80}"))
}
