//! A scene that ends in another way than planned: a code is given, a game is lost, something fails in the browser.

use super::{Decision, Effect, Luck, Session, Standing};
use crate::experiment::{OnTimeout, Stager};
use crate::facts::ParticipantFact;
use crate::ids::GameId;
use crate::wire::{Dismissal, Failed};

/// Failures of one visit that are kept: a browser that fails again and again has nothing new to tell.
const FAILURES_KEPT: u32 = 10;

/// Longest text of a failure that is kept, in bytes: a traceback has a few thousand.
pub(super) const FAILURE_LIMIT: usize = 8 << 10;

impl Session {
    /// The waiting for others ended without a game.
    pub(super) fn decide_dismissed(
        &self,
        stager: &Stager,
        visit: u32,
        reason: Dismissal,
        luck: Luck,
        decision: &mut Decision,
    ) {
        let waits = self.gym(stager).is_some_and(|gym| gym.group.is_some()) && self.game.is_none();
        if self.standing(visit) == Standing::Here && waits && !self.trouble() {
            self.dismiss(stager, reason, luck, decision);
        }
    }

    /// The scene ends here, with a code; the page that says so leads on.
    pub(super) fn dismiss(&self, stager: &Stager, reason: Dismissal, luck: Luck, decision: &mut Decision) {
        let visit = self.itinerary.visit();
        decision.facts.push(ParticipantFact::Dismissed { visit, reason, code: self.code(reason, luck) });
        if reason.ends_study() {
            let place = self.detour(stager, reason);
            decision.facts.extend(place.map(|place| self.rerouted(place)));
        }
        decision.effects.extend(self.target().map(Effect::Project));
        decision.effects.push(Effect::ShowScene);
    }

    /// The place for somebody who found nobody to play with, or may not go on, where it is another one.
    fn detour(&self, stager: &Stager, reason: Dismissal) -> Option<usize> {
        let waited = matches!(reason, Dismissal::NoPartner | Dismissal::LeftWaiting);
        let group = self.gym(stager).filter(|_| waited).and_then(|gym| gym.group.as_ref());
        match group.map(|group| &group.waiting_room.on_timeout) {
            Some(OnTimeout::Bot) => None,
            Some(OnTimeout::Scene(scene)) => self.itinerary.place_ahead(scene),
            Some(OnTimeout::End) | None => self.itinerary.end(),
        }
    }

    /// The service cannot go on with a game.
    pub(super) fn decide_lost(&self, game: GameId, reason: String, decision: &mut Decision) {
        if self.game == Some(game) && !self.trouble() {
            decision.facts.push(ParticipantFact::GameLost { visit: self.itinerary.visit(), reason });
            decision.effects.push(Effect::ShowScene);
        }
    }

    /// Something failed in the browser.
    pub(super) fn decide_failed(&self, stager: &Stager, mut failed: Failed, decision: &mut Decision) {
        let noted = self.failures < FAILURES_KEPT || failed.give_up;
        if self.standing(failed.visit) != Standing::Here || self.trouble() || !noted {
            return;
        }
        truncate(&mut failed.message);
        truncate(&mut failed.traceback);
        decision.effects.push(Effect::Report(failed.clone()));
        let Failed { visit, stage, message, traceback, give_up } = failed;
        decision.facts.push(ParticipantFact::BrowserFailed { visit, stage, message, traceback, give_up });
        if give_up {
            let game = self.game.zip(self.itinerary.current().cloned());
            decision.effects.extend(game.map(|(game, scene)| Effect::AbandonGame(game, scene)));
            self.onward(stager, decision);
        }
    }
}

fn truncate(text: &mut String) {
    if text.len() > FAILURE_LIMIT {
        let end = (0..=FAILURE_LIMIT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
}
