//! A participant in a game scene: how it comes to its game, and what follows when that is over.

use std::collections::BTreeSet;

use super::{Decision, Effect, Ending, Luck, Session, Standing};
use crate::experiment::{GymScene, Scene, Stager};
use crate::facts::ParticipantFact;
use crate::ids::{GameId, SubjectId};
use crate::wire::{Ready, RefusalCode, Refused};

impl Session {
    pub(super) fn gym<'a>(&self, stager: &'a Stager) -> Option<&'a GymScene> {
        match stager.scene(self.itinerary.current()?) {
            Some(Scene::Gym(gym)) => Some(gym),
            _ => None,
        }
    }

    pub(super) fn plays(&self, stager: &Stager) -> bool {
        self.gym(stager).is_some() && !self.trouble()
    }

    /// It is ready for the game of a visit.
    pub(super) fn decide_ready(&self, stager: &Stager, Ready { visit, has }: Ready, decision: &mut Decision) {
        match (self.standing(visit), self.gym(stager), self.itinerary.current()) {
            (Standing::Past, _, _) => {}
            // What became of the game was decided while the page asked.
            (Standing::Here, Some(_), _) if self.trouble() => decision.effects.push(Effect::ShowScene),
            (Standing::Here, Some(gym), Some(scene)) => match self.game {
                Some(game) => {
                    self.tell_game_page(gym, &self.agent, decision);
                    decision.effects.push(Effect::JoinGame(game, has));
                }
                None if gym.group.is_some() => {
                    decision.effects.push(Effect::Wait(visit, scene.clone(), self.partners.clone()));
                }
                None => decision.effects.push(Effect::OpenGame(visit, scene.clone())),
            },
            _ => decision.refuse(format!("visit {visit} has no game to play")),
        }
    }

    /// No game can be opened for a visit at the moment.
    pub(super) fn decide_refused(&self, visit: u32, decision: &mut Decision) {
        if self.standing(visit) == Standing::Here {
            let message = "the game cannot start right now".into();
            decision.effects.push(Effect::Refuse(Refused { code: RefusalCode::Unavailable, message }));
        }
    }

    /// A game was opened for a visit, for this agent, with these others.
    pub(super) fn decide_opened(
        &self,
        stager: &Stager,
        visit: u32,
        (game, partners, agent): (GameId, BTreeSet<SubjectId>, String),
        decision: &mut Decision,
    ) {
        let here = self.standing(visit) == Standing::Here && !self.trouble();
        match self.game {
            None if here => {
                if let Some(gym) = self.gym(stager) {
                    self.tell_game_page(gym, &agent, decision);
                }
                decision.facts.push(ParticipantFact::GameJoined { visit, game, partners, agent });
                decision.effects.push(Effect::JoinGame(game, None));
            }
            // Told twice: it may have asked again before it heard of it.
            Some(own) if here && own == game => decision.effects.push(Effect::JoinGame(game, None)),
            _ => {
                let scene = self.itinerary.at(visit).cloned();
                decision.effects.extend(scene.map(|scene| Effect::AbandonGame(game, scene)));
            }
        }
    }

    /// What the page shows beside the game, where it is not the same for all.
    pub(super) fn tell_game_page(&self, gym: &GymScene, agent: &str, decision: &mut Decision) {
        if !gym.player_pages.is_empty() {
            // A record of before the agent was kept tells nothing of it; whoever plays alone plays the only one.
            let agent = if agent.is_empty() { gym.human_agent().unwrap_or_default() } else { agent };
            decision.effects.push(Effect::TellGamePage(self.itinerary.visit(), agent.to_owned()));
        }
    }

    /// A game is over.
    pub(super) fn decide_over(
        &self,
        stager: &Stager,
        game: GameId,
        ending: Ending,
        luck: Luck,
        decision: &mut Decision,
    ) {
        match ending {
            _ if self.game != Some(game) || self.trouble() => {}
            Ending::Complete => self.onward(stager, decision),
            Ending::Failed => self.decide_lost(game, "the game was ended".into(), decision),
            Ending::Dismissed(reason) => self.dismiss(stager, reason, luck, decision),
        }
    }
}
