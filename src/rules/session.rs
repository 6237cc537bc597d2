//! One participant: who may act for it, which scene it is in, and how it gets onward.
//!
//! It outlives every connection: what is here is what its facts make of it, so that a reload, a lost network and a
//! restarted service all lead back to the same place. What happens in each kind of scene, on the way between scenes and at
//! the study's gates is in modules of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use crate::experiment::{Gates, Globals, Scene, Stager};
use crate::facts::{Fact, ParticipantFact, Target};
use crate::ids::{GameId, SceneId, SubjectId, TokenDigest};
use crate::rules::embedded::Embedded;
use crate::rules::memory::Memory;
use crate::rules::questionnaire::Questionnaire;
use crate::rules::seeds::visit_seed;
use crate::rules::stager::Itinerary;
use crate::wire::{Hello, IssuedCode, RefusalCode, Refused};

mod asking;
mod decision;
mod embedded;
mod flow;
mod gating;
mod input;
mod playing;
mod scoring;
mod sharing;
mod trouble;

#[cfg(test)]
mod tests;

pub use crate::rules::codes::Luck;
pub use decision::{Decision, Effect};
pub use flow::Way;
pub use gating::{Gate, Look, Why, answer_of};
pub use input::{Ending, Input};
pub use scoring::{Owed, amount};

/// One participant.
#[derive(Debug, Clone)]
pub struct Session {
    subject: SubjectId,
    token: Option<TokenDigest>,
    itinerary: Itinerary,
    game: Option<GameId>,
    /// With whom it played last.
    partners: BTreeSet<SubjectId>,
    lost: bool,
    questionnaire: Questionnaire,
    embedded: Embedded,
    memory: Memory,
    dismissal: Option<IssuedCode>,
    codes: Vec<IssuedCode>,
    failures: u32,
    /// Which values the study's scenes share.
    globals: Globals,
    gate: Gate,
    gates: Arc<Gates>,
    /// The agent that it plays in its game.
    agent: String,
    /// Whether it is known how it did in its game.
    scored: bool,
    /// A game that it has left before that was known, and in which visit it was.
    left_game: Option<(GameId, u32)>,
    /// Scored visits without a bonus so far, and whether that of the study is computed.
    unpaid: BTreeMap<u32, (SceneId, GameId)>,
    study_paid: bool,
    /// Why it is not a whole case of the conditions that it was assigned to.
    spoilt: Option<String>,
}

/// What can be seen of a participant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    /// The visit it is in; 0 before the first.
    pub visit: u32,
    /// The scene it is in.
    pub scene: Option<SceneId>,
    /// Its game.
    pub game: Option<GameId>,
    /// Whether the scene ended in another way than planned.
    pub trouble: bool,
    /// The code that it was given for that, if any.
    pub dismissal: Option<IssuedCode>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Past,
    Here,
    Future,
}

impl Session {
    /// A participant of whom no fact is known yet.
    pub fn new(subject: SubjectId) -> Self {
        Self {
            subject,
            token: None,
            itinerary: Itinerary::default(),
            game: None,
            partners: BTreeSet::new(),
            lost: false,
            questionnaire: Questionnaire::default(),
            embedded: Embedded::default(),
            memory: Memory::default(),
            dismissal: None,
            codes: Vec::new(),
            failures: 0,
            globals: Globals::default(),
            gate: Gate::default(),
            gates: Arc::default(),
            agent: String::new(),
            scored: false,
            left_game: None,
            unpaid: BTreeMap::new(),
            study_paid: false,
            spoilt: None,
        }
    }

    /// The same in a study whose scenes share values.
    pub fn sharing(self, globals: Globals) -> Self {
        Self { globals, ..self }
    }

    /// Whether any fact is known.
    pub fn exists(&self) -> bool {
        self.token.is_some()
    }

    /// Who it is.
    pub fn subject(&self) -> &SubjectId {
        &self.subject
    }

    /// What can be seen of it.
    pub fn view(&self) -> View {
        View {
            visit: self.itinerary.visit(),
            scene: self.itinerary.current().cloned(),
            game: self.game,
            trouble: self.trouble(),
            dismissal: self.dismissal.clone(),
        }
    }

    /// All codes that it was given, oldest first.
    pub fn codes(&self) -> &[IssuedCode] {
        &self.codes
    }

    /// What is known of it so far.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// The questions of the current visit.
    pub fn questionnaire(&self) -> &Questionnaire {
        &self.questionnaire
    }

    fn trouble(&self) -> bool {
        self.lost || self.dismissal.is_some()
    }

    /// Number of all scenes.
    pub fn length(&self) -> u32 {
        self.itinerary.length()
    }

    /// The data files of the current visit.
    pub fn target(&self) -> Option<Target> {
        let scene = self.itinerary.current()?.clone();
        Some(Target { subject: self.subject.clone(), scene, visit: self.itinerary.visit(), game: self.game })
    }

    /// Whether somebody with this token, or without one, may act for the participant.
    ///
    /// # Errors
    /// The refusal to send. Nothing in it tells whether a guess was close.
    pub fn admit(&self, token: Option<&TokenDigest>) -> Result<(), Refused> {
        let refused = |code, message: &str| Err(Refused { code, message: message.into() });
        match (&self.token, token) {
            (None, _) => Ok(()),
            (Some(own), given) if given != Some(own) && self.at_end() => {
                refused(RefusalCode::Finished, "this study was gone through in another browser")
            }
            (Some(own), Some(given)) if own == given => Ok(()),
            (Some(_), Some(_)) => refused(RefusalCode::WrongToken, "this study was begun in another browser"),
            (Some(_), None) => refused(RefusalCode::SubjectTaken, "this study was begun in another browser"),
        }
    }

    /// Turns an input into facts and effects; changes nothing.
    pub fn decide(&self, stager: &Stager, input: Input) -> Decision {
        let mut decision = Decision::default();
        match input {
            Input::Arrive(hello, token) => self.decide_arrive(stager, *hello, token, &mut decision),
            Input::Answered(answered) => self.decide_answered(stager, answered, &mut decision),
            Input::GlobalsLeft(game, values) => self.decide_left(game, values, &mut decision),
            Input::Saved(saved) => self.decide_saved(stager, saved, &mut decision),
            Input::Hooked(call, answer) => self.decide_hooked(stager, call, answer, &mut decision),
            Input::Continue(visit, luck) => self.decide_continue(stager, visit, luck, &mut decision),
            Input::Looked(look) => self.decide_look(stager, look, &mut decision),
            Input::Watched(visit, change, luck) => self.decide_watched(stager, visit, change, luck, &mut decision),
            Input::Code(luck) => self.decide_code(stager, luck, &mut decision),
            Input::Ready(ready) => self.decide_ready(stager, ready, &mut decision),
            Input::GameOpened(visit, game, partners, agent) => {
                self.decide_opened(stager, visit, (game, partners, agent), &mut decision);
            }
            Input::GameRefused(visit) => self.decide_refused(visit, &mut decision),
            Input::GameOver(game, ending, results, luck) => {
                self.decide_scored(game, results, &mut decision);
                self.decide_over(stager, game, ending, luck, &mut decision);
            }
            Input::Bonus(owed, outcome) => self.decide_bonus(owed, outcome, &mut decision),
            Input::GameLost(game, reason) => self.decide_lost(game, reason, &mut decision),
            Input::Dismissed(visit, reason, luck) => self.decide_dismissed(stager, visit, reason, luck, &mut decision),
            Input::Failed(failed) => self.decide_failed(stager, failed, &mut decision),
            Input::Numbered(number) => self.decide_numbered(stager, number, &mut decision),
            Input::WayTold(way, function, answer) => self.decide_told(stager, way, function, answer, &mut decision),
            Input::Placed(way, condition, placing, luck) => {
                self.decide_placed(stager, way, condition, placing, luck, &mut decision);
            }
        }
        self.pay(stager, &mut decision);
        decision
    }

    /// It came, or came back.
    fn decide_arrive(&self, stager: &Stager, hello: Hello, token: TokenDigest, decision: &mut Decision) {
        let Hello { parameters, browser, .. } = hello;
        decision.facts.push(if self.exists() {
            ParticipantFact::Resumed { browser }
        } else {
            ParticipantFact::ParticipantCreated { token, parameters, browser }
        });
        decision.effects.push(Effect::Welcome(self.exists()));
        if self.itinerary.is_empty() {
            // A newcomer, or somebody who was cut off before it had its number.
            return self.begin(stager, decision);
        }
        decision.effects.extend(self.game.filter(|_| !self.trouble()).map(Effect::FindGame));
        decision.effects.push(Effect::ShowScene);
        self.resume_document(stager, decision);
    }

    /// It is done with the page of a visit.
    fn decide_continue(&self, stager: &Stager, visit: u32, luck: Luck, decision: &mut Decision) {
        match self.standing(visit) {
            Standing::Past => {}
            Standing::Future => decision.refuse(format!("visit {visit} has not begun")),
            Standing::Here if self.at_entrance() => decision.effects.push(Effect::Hold(visit)),
            Standing::Here if self.plays(stager) => decision.refuse("the game is not over".into()),
            Standing::Here if self.document(stager).is_some_and(|scene| !self.embedded.may_leave(scene)) => {
                decision.refuse("the page is not done".into());
            }
            Standing::Here => match self.form(stager) {
                Some(form) => self.leave_form(stager, form, luck, decision),
                None => self.onward(stager, decision),
            },
        }
    }

    /// A fact of this participant was stored, now or long ago.
    pub fn apply(&mut self, fact: &Fact) {
        let Fact::Participant(fact) = fact else { return };
        self.memory.apply(fact);
        self.gate.apply(fact);
        self.apply_scoring(fact);
        self.spoil(fact);
        match fact {
            ParticipantFact::ParticipantCreated { token, .. } => self.token = Some(token.clone()),
            ParticipantFact::ScenesDrawn { order, plan, number } => {
                self.itinerary.drawn(order.clone(), plan.clone(), *number);
            }
            ParticipantFact::SceneEntered { visit, .. } => {
                self.itinerary.entered(*visit);
                self.game = None;
                self.lost = false;
                self.dismissal = None;
                self.questionnaire = Questionnaire::default();
                self.embedded = Embedded::default();
                self.failures = 0;
            }
            ParticipantFact::QuestionsDrawn { .. }
            | ParticipantFact::AnswerGiven { .. }
            | ParticipantFact::AnswersHandedIn { .. } => self.questionnaire.apply(fact),
            ParticipantFact::GameJoined { game, partners, agent, .. } => {
                self.game = Some(*game);
                self.agent.clone_from(agent);
                if !partners.is_empty() {
                    self.partners.clone_from(partners);
                }
            }
            ParticipantFact::GameLost { .. } => self.lost = true,
            ParticipantFact::Dismissed { reason, code, .. } => {
                let issued = IssuedCode { reason: *reason, code: code.clone() };
                self.codes.push(issued.clone());
                self.dismissal = Some(issued);
            }
            ParticipantFact::CodeIssued { reason, code, .. } => {
                self.codes.push(IssuedCode { reason: *reason, code: code.clone() });
            }
            // What is known of a participant, and at the gates, is all that they change.
            ParticipantFact::Screened { .. } | ParticipantFact::Warned { .. } | ParticipantFact::Excluded { .. } => {}
            ParticipantFact::DataSaved { .. }
            | ParticipantFact::PageTold { .. }
            | ParticipantFact::GameScored { .. } => self.embedded.apply(fact),
            // What is known of a participant is all that they change.
            ParticipantFact::GlobalsChanged { .. }
            | ParticipantFact::ConditionAssigned { .. }
            | ParticipantFact::BonusComputed { .. } => {}
            ParticipantFact::Rerouted { order, plan, next, .. } => {
                self.itinerary.rerouted(order.clone(), plan.clone(), *next);
            }
            ParticipantFact::BrowserFailed { .. } => self.failures += 1,
            ParticipantFact::Resumed { .. } => {}
        }
    }

    fn standing(&self, visit: u32) -> Standing {
        match visit.cmp(&self.itinerary.visit()) {
            std::cmp::Ordering::Less => Standing::Past,
            std::cmp::Ordering::Equal => Standing::Here,
            std::cmp::Ordering::Greater => Standing::Future,
        }
    }

    /// A scene is entered, and what is drawn for its visit.
    fn enter(&self, stager: &Stager, visit: u32, scene: SceneId, decision: &mut Decision) {
        let form = match stager.scene(&scene) {
            Some(Scene::Form(scene)) => Some(&scene.form),
            _ => None,
        };
        decision.facts.push(ParticipantFact::SceneEntered { visit, scene });
        let seed = visit_seed(&self.subject, visit);
        decision.facts.extend(form.and_then(|form| Questionnaire::begin(form, visit, seed)));
    }
}
