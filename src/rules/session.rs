//! One participant: who may act for it, which scene it is in, and how it gets onward.
//!
//! It outlives every connection: what is here is what its facts make of it, so that a reload, a lost network and a
//! restarted service all lead back to the same place.

use serde::Serialize;

use crate::experiment::{Scene, Stager};
use crate::facts::{Fact, Outcome, ParticipantFact, Target};
use crate::ids::{GameId, SceneId, SubjectId, TokenDigest};
use crate::rules::stager::{self, Itinerary};
use crate::wire::{Dismissal, Failed, Hello, RefusalCode, Refused};

/// One participant.
#[derive(Debug, Clone)]
pub struct Session {
    subject: SubjectId,
    token: Option<TokenDigest>,
    itinerary: Itinerary,
    game: Option<GameId>,
    trouble: bool,
    failures: u32,
}

/// What can happen to a participant.
#[derive(Debug)]
pub enum Input {
    /// It came, or came back; the digest is that of the token it will hold.
    Arrive(Box<Hello>, TokenDigest),
    /// It is done with the page of a visit.
    Continue(u32),
    /// It is ready for the game of a visit.
    Ready(u32),
    /// A game was opened for a visit.
    GameOpened(u32, GameId),
    /// No game can be opened for a visit at the moment.
    GameRefused(u32),
    /// The service cannot go on with a game.
    GameLost(GameId, String),
    /// A game is over.
    GameOver(GameId, Ending),
    /// Something failed in the browser.
    Failed(Failed),
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
    /// Open a game for this visit and scene.
    OpenGame(u32, SceneId),
    /// Connect the participant with its running game.
    FindGame(GameId),
    /// Let it play in its game.
    JoinGame(GameId),
    /// End a game of this scene, which it cannot go on with.
    AbandonGame(GameId, SceneId),
    /// Write the files of a visit anew.
    Project(Target),
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
    /// Whether the service lost the scene's game.
    pub trouble: bool,
}

/// Failures of one visit that are kept: a browser that fails again and again has nothing new to tell.
const FAILURES_KEPT: u32 = 10;

/// Longest text of a failure that is kept, in bytes: a traceback has a few thousand.
const FAILURE_LIMIT: usize = 8 << 10;

impl Session {
    /// A participant of whom no fact is known yet.
    pub fn new(subject: SubjectId) -> Self {
        Self { subject, token: None, itinerary: Itinerary::default(), game: None, trouble: false, failures: 0 }
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
            trouble: self.trouble,
        }
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
                let order = stager::draw(stager);
                let first = order.first().cloned();
                decision.facts.push(ParticipantFact::ParticipantCreated { token, parameters, browser });
                decision.facts.push(ParticipantFact::ScenesDrawn { order });
                decision.facts.extend(first.map(|scene| ParticipantFact::SceneEntered { visit: 1, scene }));
                decision.effects.extend([Effect::Welcome(false), Effect::ShowScene]);
            }
            Input::Arrive(hello, _) => {
                decision.facts.push(ParticipantFact::Resumed { browser: hello.browser });
                decision.effects.push(Effect::Welcome(true));
                decision.effects.extend(self.game.filter(|_| !self.trouble).map(Effect::FindGame));
                decision.effects.push(Effect::ShowScene);
            }
            Input::Continue(visit) => match self.standing(visit) {
                Standing::Past => {}
                Standing::Future => decision.refuse(format!("visit {visit} has not begun")),
                Standing::Here if self.plays(stager) => decision.refuse("the game is not over".into()),
                Standing::Here => self.onward(&mut decision),
            },
            Input::Ready(visit) => match self.standing(visit) {
                Standing::Past => {}
                Standing::Here if self.plays(stager) => match (self.game, self.itinerary.current()) {
                    (Some(game), _) => decision.effects.push(Effect::JoinGame(game)),
                    (None, Some(scene)) => decision.effects.push(Effect::OpenGame(visit, scene.clone())),
                    (None, None) => {}
                },
                _ => decision.refuse(format!("visit {visit} has no game to play")),
            },
            Input::GameOpened(visit, game) if self.standing(visit) == Standing::Here && self.game.is_none() => {
                decision.facts.push(ParticipantFact::GameJoined { visit, game });
                decision.effects.push(Effect::JoinGame(game));
            }
            Input::GameOpened(visit, game) => {
                let scene = self.itinerary.at(visit).cloned();
                decision.effects.extend(scene.map(|scene| Effect::AbandonGame(game, scene)));
            }
            Input::GameRefused(visit) => {
                if self.standing(visit) == Standing::Here {
                    let refused =
                        Refused { code: RefusalCode::Unavailable, message: "the game cannot start right now".into() };
                    decision.effects.push(Effect::Refuse(refused));
                }
            }
            Input::GameOver(game, Ending::Complete) if self.game == Some(game) && !self.trouble => {
                self.onward(&mut decision);
            }
            Input::GameOver(game, Ending::Failed) => self.decide_lost(game, "the game was ended".into(), &mut decision),
            Input::GameLost(game, reason) => self.decide_lost(game, reason, &mut decision),
            Input::GameOver(..) => {}
            Input::Failed(failed) => self.decide_failed(failed, &mut decision),
        }
        decision
    }

    fn decide_lost(&self, game: GameId, reason: String, decision: &mut Decision) {
        if self.game == Some(game) && !self.trouble {
            decision.facts.push(ParticipantFact::GameLost { visit: self.itinerary.visit(), reason });
            decision.effects.push(Effect::ShowScene);
        }
    }

    fn decide_failed(&self, mut failed: Failed, decision: &mut Decision) {
        let noted = self.failures < FAILURES_KEPT || failed.give_up;
        if self.standing(failed.visit) != Standing::Here || self.trouble || !noted {
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
            self.onward(decision);
        }
    }

    /// A fact of this participant was stored, now or long ago.
    pub fn apply(&mut self, fact: &Fact) {
        let Fact::Participant(fact) = fact else { return };
        match fact {
            ParticipantFact::ParticipantCreated { token, .. } => self.token = Some(token.clone()),
            ParticipantFact::ScenesDrawn { order } => self.itinerary.drawn(order.clone()),
            ParticipantFact::SceneEntered { visit, .. } => {
                self.itinerary.entered(*visit);
                self.game = None;
                self.trouble = false;
                self.failures = 0;
            }
            ParticipantFact::GameJoined { game, .. } => self.game = Some(*game),
            ParticipantFact::GameLost { .. } => self.trouble = true,
            ParticipantFact::BrowserFailed { .. } => self.failures += 1,
            ParticipantFact::Resumed { .. } => {}
            ParticipantFact::Dismissed { .. } | ParticipantFact::Rerouted { .. } => {}
        }
    }

    fn standing(&self, visit: u32) -> Standing {
        match visit.cmp(&self.itinerary.visit()) {
            std::cmp::Ordering::Less => Standing::Past,
            std::cmp::Ordering::Equal => Standing::Here,
            std::cmp::Ordering::Greater => Standing::Future,
        }
    }

    fn plays(&self, stager: &Stager) -> bool {
        let scene = self.itinerary.current().and_then(|id| stager.scene(id));
        matches!(scene, Some(Scene::Gym(_))) && !self.trouble
    }

    fn onward(&self, decision: &mut Decision) {
        match self.itinerary.next() {
            Some((visit, scene)) => {
                decision.facts.push(ParticipantFact::SceneEntered { visit, scene: scene.clone() });
                decision.effects.extend(self.target().map(Effect::Project));
                decision.effects.push(Effect::ShowScene);
            }
            None => decision.refuse("this is the last scene".into()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Past,
    Here,
    Future,
}

impl Decision {
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

#[cfg(test)]
mod tests;
