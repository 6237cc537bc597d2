//! One participant: who may act for it, which scene it is in, and how it gets onward.
//!
//! It outlives every connection: what is here is what its facts make of it, so that a reload, a lost network and a
//! restarted service all lead back to the same place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::experiment::{Gates, Globals, GymScene, OnTimeout, Scene, Stager};
use crate::facts::{Fact, Outcome, ParticipantFact, Target};
use crate::ids::{GameId, PartName, SceneId, SubjectId, TokenDigest};
pub use crate::rules::codes::Luck;
use crate::rules::conditions::Placing;
use crate::rules::embedded::{Embedded, HookCall};
use crate::rules::functions::{Argument, FunctionKey};
use crate::rules::memory::{EpisodeResult, Memory};
use crate::rules::questionnaire::Questionnaire;
use crate::rules::seeds::visit_seed;
use crate::rules::stager::Itinerary;
use crate::rules::watch::Change;
use crate::wire::{
    AnswerStored, Answered, Dismissal, Failed, Finite, Hello, IssuedCode, PageState, Progress, Ready, RefusalCode,
    Refused, Saved, Told, Wanting, Warning,
};

pub use flow::Way;
pub use gating::{Gate, Look, Why, answer_of};
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

/// What can happen to a participant.
#[derive(Debug)]
pub enum Input {
    /// It came, or came back; the digest is that of the token it will hold.
    Arrive(Box<Hello>, TokenDigest),
    /// It is done with the page of a visit.
    Continue(u32, Luck),
    /// A look was taken at it, at the entrance.
    Looked(Look),
    /// Something was found in this visit while it was watched.
    Watched(u32, Change, Luck),
    /// It lacks a code.
    Code(Luck),
    /// It answered a question.
    Answered(Answered),
    /// This is what a game has made of the values that it shares with other scenes.
    GlobalsLeft(GameId, Map<String, Value>),
    /// A document of the researcher's own gives something to keep.
    Saved(Saved),
    /// A function of the experiment module has answered; nothing if it failed.
    Hooked(HookCall, Option<serde_json::Value>),
    /// It is ready for the game of a visit.
    Ready(Ready),
    /// A game was opened for a visit, with these others; this is the agent that the participant plays.
    GameOpened(u32, GameId, BTreeSet<SubjectId>, String),
    /// No game can be opened for a visit at the moment.
    GameRefused(u32),
    /// The service cannot go on with a game.
    GameLost(GameId, String),
    /// A game is over; how the participant did in it, by episode.
    GameOver(GameId, Ending, Vec<EpisodeResult>, Luck),
    /// A bonus was computed, or could not be.
    Bonus(Owed, Result<Finite, String>),
    /// The waiting for others ended in a visit without a game.
    Dismissed(u32, Dismissal, Luck),
    /// Something failed in the browser.
    Failed(Failed),
    /// Its number among all participants.
    Numbered(u32),
    /// What a function said that was asked on the way; nothing when it failed.
    WayTold(Way, FunctionKey, Option<Value>),
    /// What came of asking for a level on the way.
    Placed(Way, PartName, Placing, Luck),
}

/// How a participant's game ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// As planned.
    Complete,
    /// The environment failed, or the participant gave it up.
    Failed,
    /// In a way for which the participant gets a code.
    Dismissed(Dismissal),
}

impl From<Outcome> for Ending {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Complete => Self::Complete,
            Outcome::Failed => Self::Failed,
        }
    }
}

/// What its actor has to do, once the facts are stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Greet; the flag tells whether the participant was there before.
    Welcome(bool),
    /// Show the current scene.
    ShowScene,
    /// It wants to leave the page of this visit, before it is decided whether it is let in.
    Hold(u32),
    /// It was let in, in this visit.
    LetIn(u32),
    /// Ask the researcher's function whether it is let in.
    AskEntry(Vec<Argument>),
    /// Warn a player, or take the warning back.
    Warn(Warning),
    /// Open a game for this visit and scene.
    OpenGame(u32, SceneId),
    /// Tell the browser what stands beside the game of this visit for whoever plays this agent.
    TellGamePage(u32, String),
    /// Have a bonus computed, and say what came of it.
    ComputeBonus(Owed),
    /// Connect the participant with its running game.
    FindGame(GameId),
    /// Let it play in its game, in which its page has come this far.
    JoinGame(GameId, Option<Progress>),
    /// Let it wait for others in this visit and scene; these are those with whom it played last.
    Wait(u32, SceneId, BTreeSet<SubjectId>),
    /// End a game of this scene, which it cannot go on with.
    AbandonGame(GameId, SceneId),
    /// Tell the browser that an answer is stored.
    AnswerStored(AnswerStored),
    /// Tell the browser how far its document has come, and what is stored of it.
    SavedStored(PageState),
    /// Call a function of the experiment module; `Hooked` is its answer.
    CallHook(HookCall),
    /// Tell the document what a function has said.
    Tell(Told),
    /// Tell the browser why the scene cannot be left yet.
    Want(Wanting),
    /// Write the files of a visit anew.
    Project(Target),
    /// Give it its number.
    Number,
    /// Have a function called that says where it goes on, with what it is told of the participant.
    AskWay(Way, FunctionKey, Value),
    /// Ask for its level of a condition; these are those with whom it played last.
    AskLevel(Way, PartName, BTreeSet<SubjectId>),
    /// Tell the operator of something odd that the study's own code has done.
    Odd(String),
    /// Tell the operator of a failure in the browser.
    Report(Failed),
    /// Tell the browser that a message was refused.
    Refuse(Refused),
}

/// Facts to store, then effects to carry out.
#[derive(Debug, Default)]
pub struct Decision {
    /// To be stored, in this order, before anything else.
    pub facts: Vec<ParticipantFact>,
    /// To be carried out after that, in this order.
    pub effects: Vec<Effect>,
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

/// Failures of one visit that are kept: a browser that fails again and again has nothing new to tell.
const FAILURES_KEPT: u32 = 10;

/// Longest text of a failure that is kept, in bytes: a traceback has a few thousand.
const FAILURE_LIMIT: usize = 8 << 10;

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
            Input::Arrive(hello, token) if !self.exists() => {
                let Hello { parameters, browser, .. } = *hello;
                decision.facts.push(ParticipantFact::ParticipantCreated { token, parameters, browser });
                decision.effects.push(Effect::Welcome(false));
                self.begin(stager, &mut decision);
            }
            Input::Arrive(hello, _) if self.itinerary.is_empty() => {
                // Cut off before it had its number.
                decision.facts.push(ParticipantFact::Resumed { browser: hello.browser });
                decision.effects.push(Effect::Welcome(true));
                self.begin(stager, &mut decision);
            }
            Input::Arrive(hello, _) => {
                decision.facts.push(ParticipantFact::Resumed { browser: hello.browser });
                decision.effects.push(Effect::Welcome(true));
                decision.effects.extend(self.game.filter(|_| !self.trouble()).map(Effect::FindGame));
                decision.effects.push(Effect::ShowScene);
                self.resume_document(stager, &mut decision);
            }
            Input::Answered(answered) => self.decide_answered(stager, answered, &mut decision),
            Input::GlobalsLeft(game, values) => self.decide_left(game, values, &mut decision),
            Input::Saved(saved) => self.decide_saved(stager, saved, &mut decision),
            Input::Hooked(call, answer) => self.decide_hooked(stager, call, answer, &mut decision),
            Input::Continue(visit, luck) => match self.standing(visit) {
                Standing::Past => {}
                Standing::Future => decision.refuse(format!("visit {visit} has not begun")),
                Standing::Here if self.at_entrance() => decision.effects.push(Effect::Hold(visit)),
                Standing::Here if self.plays(stager) => decision.refuse("the game is not over".into()),
                Standing::Here if self.document(stager).is_some_and(|scene| !self.embedded.may_leave(scene)) => {
                    decision.refuse("the page is not done".into());
                }
                Standing::Here => match self.form(stager) {
                    Some(form) => self.leave_form(stager, form, luck, &mut decision),
                    None => self.onward(stager, &mut decision),
                },
            },
            Input::Looked(look) => self.decide_look(stager, look, &mut decision),
            Input::Watched(visit, change, luck) => self.decide_watched(stager, visit, change, luck, &mut decision),
            Input::Code(luck) => self.decide_code(stager, luck, &mut decision),
            Input::Ready(ready) => self.decide_ready(stager, ready, &mut decision),
            Input::GameOpened(visit, game, partners, agent) => {
                self.decide_opened(stager, visit, (game, partners, agent), &mut decision);
            }
            Input::GameRefused(visit) => {
                if self.standing(visit) == Standing::Here {
                    let refused =
                        Refused { code: RefusalCode::Unavailable, message: "the game cannot start right now".into() };
                    decision.effects.push(Effect::Refuse(refused));
                }
            }
            Input::GameOver(game, ending, results, luck) => {
                self.decide_scored(game, results, &mut decision);
                match ending {
                    _ if self.game != Some(game) || self.trouble() => {}
                    Ending::Complete => self.onward(stager, &mut decision),
                    Ending::Failed => self.decide_lost(game, "the game was ended".into(), &mut decision),
                    Ending::Dismissed(reason) => self.dismiss(stager, reason, luck, &mut decision),
                }
            }
            Input::Bonus(owed, outcome) => self.decide_bonus(owed, outcome, &mut decision),
            Input::GameLost(game, reason) => self.decide_lost(game, reason, &mut decision),
            Input::Dismissed(visit, reason, luck) => {
                let waits = self.gym(stager).is_some_and(|gym| gym.group.is_some()) && self.game.is_none();
                if self.standing(visit) == Standing::Here && waits && !self.trouble() {
                    self.dismiss(stager, reason, luck, &mut decision);
                }
            }
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

    fn decide_ready(&self, stager: &Stager, Ready { visit, has }: Ready, decision: &mut Decision) {
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

    fn decide_opened(
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
    fn tell_game_page(&self, gym: &GymScene, agent: &str, decision: &mut Decision) {
        if !gym.player_pages.is_empty() {
            // A record of before the agent was kept tells nothing of it; whoever plays alone plays the only one.
            let agent = if agent.is_empty() { gym.human_agent().unwrap_or_default() } else { agent };
            decision.effects.push(Effect::TellGamePage(self.itinerary.visit(), agent.to_owned()));
        }
    }

    /// The scene ends here, with a code; the page that says so leads on.
    fn dismiss(&self, stager: &Stager, reason: Dismissal, luck: Luck, decision: &mut Decision) {
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

    fn decide_lost(&self, game: GameId, reason: String, decision: &mut Decision) {
        if self.game == Some(game) && !self.trouble() {
            decision.facts.push(ParticipantFact::GameLost { visit: self.itinerary.visit(), reason });
            decision.effects.push(Effect::ShowScene);
        }
    }

    fn decide_failed(&self, stager: &Stager, mut failed: Failed, decision: &mut Decision) {
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

    fn gym<'a>(&self, stager: &'a Stager) -> Option<&'a GymScene> {
        match stager.scene(self.itinerary.current()?) {
            Some(Scene::Gym(gym)) => Some(gym),
            _ => None,
        }
    }

    fn plays(&self, stager: &Stager) -> bool {
        self.gym(stager).is_some() && !self.trouble()
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Past,
    Here,
    Future,
}

impl Decision {
    fn malformed(&mut self, message: String) {
        self.effects.push(Effect::Refuse(Refused { code: RefusalCode::Malformed, message }));
    }

    fn refuse(&mut self, message: String) {
        self.effects.push(Effect::Refuse(Refused { code: RefusalCode::OutOfPlace, message }));
    }
}

fn truncate(text: &mut String) {
    if text.len() > FAILURE_LIMIT {
        let end = (0..=FAILURE_LIMIT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
}

mod asking;
mod embedded;
mod flow;
mod gating;
mod scoring;
mod sharing;
#[cfg(test)]
mod tests;
