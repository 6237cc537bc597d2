//! A participant at the entrance of a study, under watch in a game, and at the end with its code.

use std::time::Duration;

use serde_json::Value;

use super::{Decision, Effect, Luck, Session, Standing};
use crate::experiment::{EndScene, Gates, Monitoring, Redirect, Requirement, Scene, Stager};
use crate::facts::ParticipantFact;
use crate::rules::codes;
use crate::rules::functions::Argument;
use crate::rules::screening::{self, Answer, Measured, Verdict};
use crate::rules::watch::Change;
use crate::wire::{Browser, Dismissal, IssuedCode, Warning};

/// Warnings of one visit that are kept; those after that are given all the same.
const WARNINGS_KEPT: u32 = 20;

/// What is known of somebody at the gates.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    /// The browser that it came with last.
    browser: Browser,
    /// Whether it was let in, once that is decided.
    passed: Option<bool>,
    /// What it reads who was not let in, or may not go on.
    why: Option<Why>,
    warnings: u32,
}

/// Why somebody was not let in, or may not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// What was not met at the entrance; nothing where it was excluded later.
    pub requirement: Option<Requirement>,
    /// What was wrong later.
    pub about: Option<crate::experiment::About>,
    /// What the researcher's function has to say; HTML.
    pub message: Option<String>,
}

/// A look at somebody at the entrance.
#[derive(Debug)]
pub struct Look {
    /// The median round trip so far, and of how many measurements.
    pub ping: Option<(Duration, u32)>,
    /// Whether it has been measured for long enough.
    pub late: bool,
    /// What the researcher's function answered, if it was asked; nothing inside where it failed.
    pub answer: Option<Option<Answer>>,
    /// Whether the scene is shown in any case.
    pub show: bool,
    /// For the code.
    pub luck: Luck,
}

impl Gate {
    /// A fact of the participant was stored.
    pub fn apply(&mut self, fact: &ParticipantFact) {
        match fact {
            ParticipantFact::ParticipantCreated { browser, .. } | ParticipantFact::Resumed { browser } => {
                self.browser.clone_from(browser);
            }
            ParticipantFact::SceneEntered { .. } => {
                self.why = None;
                self.warnings = 0;
            }
            ParticipantFact::Screened { passed, requirement, message, .. } => {
                self.passed = Some(*passed);
                let why = Why { requirement: *requirement, about: None, message: message.clone() };
                self.why = (!passed).then_some(why);
            }
            ParticipantFact::Warned { .. } => self.warnings += 1,
            ParticipantFact::Excluded { about, message, .. } => {
                self.why = Some(Why { requirement: None, about: Some(*about), message: message.clone() });
            }
            _ => {}
        }
    }
}

impl Session {
    /// The same participant in a study with these gates.
    #[must_use]
    pub fn within(self, gates: Gates) -> Self {
        Self { gates: gates.into(), ..self }
    }

    /// Why it was not let in, or may not go on.
    pub fn why(&self) -> Option<&Why> {
        self.gate.why.as_ref()
    }

    /// Whether it stands at the entrance, and it is not decided whether it is let in.
    pub fn at_entrance(&self) -> bool {
        self.gates.screening.is_some() && self.itinerary.visit() == 1 && self.gate.passed.is_none() && !self.trouble()
    }

    /// What is watched at the moment: while a game is played, where the scene wants it.
    pub fn watched<'a>(&self, stager: &'a Stager) -> Option<&'a Monitoring> {
        self.game.and(self.monitored(stager))
    }

    /// What is watched while the scene's game is played.
    pub fn monitored<'a>(&self, stager: &'a Stager) -> Option<&'a Monitoring> {
        self.gym(stager).and_then(|gym| gym.monitoring.as_ref()).filter(|_| !self.trouble())
    }

    /// What it leaves the study with, as it is at the moment.
    pub fn outcome(&self, exit: Option<&Redirect>) -> Dismissal {
        codes::outcome(&self.codes, &self.gates, exit)
    }

    /// The code that it leaves an end scene with, if it has one.
    pub fn final_code(&self, end: &EndScene) -> Option<&IssuedCode> {
        let outcome = self.outcome(codes::exit(end, &self.gates));
        self.codes.iter().rev().find(|issued| issued.reason == outcome)
    }

    /// Whether it is at the end, and lacks the code that everybody gets there.
    pub fn lacks_code(&self, stager: &Stager) -> bool {
        match self.itinerary.current().and_then(|scene| stager.scene(scene)) {
            Some(Scene::End(end)) => codes::given_at(end, &self.gates) && self.final_code(end).is_none(),
            _ => false,
        }
    }

    /// Whether it has come to the end of the study.
    pub fn at_end(&self) -> bool {
        self.exists() && self.itinerary.visit() > 0 && self.itinerary.is_over()
    }

    pub(super) fn code(&self, reason: Dismissal, luck: Luck) -> String {
        codes::issue(&self.gates.codes, reason, luck)
    }

    pub(super) fn decide_code(&self, stager: &Stager, luck: Luck, decision: &mut Decision) {
        if let (true, Some(Scene::End(end))) =
            (self.lacks_code(stager), self.itinerary.current().and_then(|scene| stager.scene(scene)))
        {
            let reason = self.outcome(codes::exit(end, &self.gates));
            let (visit, code) = (self.itinerary.visit(), self.code(reason, luck));
            decision.facts.push(ParticipantFact::CodeIssued { visit, reason, code });
            decision.effects.extend(self.target().map(Effect::Project));
        }
        decision.effects.push(Effect::ShowScene);
    }

    pub(super) fn decide_look(&self, stager: &Stager, look: Look, decision: &mut Decision) {
        let Look { ping, late, answer, show, luck } = look;
        let Some(screening) = self.gates.screening.as_ref().filter(|_| self.at_entrance()) else { return };
        let measured = Measured::of(&self.gate.browser, ping);
        let visit = self.itinerary.visit();
        match screening::judge(screening, &measured, late, answer.as_ref()) {
            Verdict::Passed => {
                let (requirement, reason, message) = (None, None, None);
                decision.facts.push(ParticipantFact::Screened {
                    visit,
                    passed: true,
                    requirement,
                    reason,
                    message,
                    measured,
                });
                decision.effects.extend(show.then_some(Effect::ShowScene));
                decision.effects.push(Effect::LetIn(visit));
            }
            Verdict::Refused(refusal) => {
                decision.facts.push(ParticipantFact::Screened {
                    visit,
                    passed: false,
                    requirement: Some(refusal.requirement),
                    reason: Some(refusal.reason),
                    message: refusal.message,
                    measured,
                });
                self.dismiss(stager, Dismissal::ScreenedOut, luck, decision);
            }
            Verdict::Measuring => decision.effects.extend(show.then_some(Effect::ShowScene)),
            Verdict::Ask => {
                decision.effects.extend(show.then_some(Effect::ShowScene));
                decision.effects.push(Effect::AskEntry(vec![self.told(), Argument::Plain(measured.told())]));
            }
        }
    }

    /// The participant, as the researcher's functions are told of it.
    pub fn told(&self) -> Argument {
        Argument::Participant(self.memory.told(&self.subject))
    }

    pub(super) fn decide_watched(
        &self,
        stager: &Stager,
        visit: u32,
        change: Change,
        luck: Luck,
        decision: &mut Decision,
    ) {
        if self.standing(visit) != Standing::Here || self.watched(stager).is_none() {
            return;
        }
        match change {
            Change::Warn(found) => {
                if self.gate.warnings < WARNINGS_KEPT {
                    let (about, reason) = (found.about, found.reason);
                    decision.facts.push(ParticipantFact::Warned { visit, about, reason });
                }
                let own = |terms: &Monitoring| terms.messages.get(&found.about.notice(false)?).cloned();
                let message = found.message.or_else(|| own(self.watched(stager)?));
                decision.effects.push(Effect::Warn(Warning { visit, about: Some(found.about), message }));
            }
            Change::Clear => decision.effects.push(Effect::Warn(Warning { visit, about: None, message: None })),
            Change::Exclude(found) => {
                let (about, reason, message) = (found.about, found.reason, found.message);
                decision.facts.push(ParticipantFact::Excluded { visit, about, reason, message });
                // The others are told at once, and go on as after any other who leaves.
                let game = self.game.zip(self.itinerary.current().cloned());
                decision.effects.extend(game.map(|(game, scene)| Effect::AbandonGame(game, scene)));
                self.dismiss(stager, Dismissal::Excluded, luck, decision);
            }
        }
    }
}

/// What a researcher's function answered; nothing where it failed, or answered something else. The second is what is
/// wrong, for the log.
pub fn answer_of(called: Result<Value, String>) -> (Option<Answer>, Option<String>) {
    match called.map(|value| screening::read_answer(&value)) {
        Ok(Ok(answer)) => (Some(answer), None),
        Ok(Err(wrong)) => (None, Some(wrong)),
        // Whoever called it has logged why it failed.
        Err(_) => (None, None),
    }
}

#[cfg(test)]
mod tests;
