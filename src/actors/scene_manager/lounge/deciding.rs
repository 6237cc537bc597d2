//! What is decided in a waiting room, together and between two commits: the facts, and the games that are made.

use std::iter;

use super::Lounge;
use crate::actors::host::Failure;
use crate::actors::scene_manager::games::Made;
use crate::actors::scene_manager::person::refuse;
use crate::actors::secrets::random;
use crate::facts::{Entry, Fact, GameFact, Payload, Recorded, SceneFact, SeatTaken, Stream, Visitor};
use crate::ids::{GameId, SubjectId};
use crate::rules::waitroom::{self, Effect, Input, Rejection, TimeOut, WaitRoom};
use crate::time::Timestamp;

/// Decisions that are being stored.
pub(super) struct Batch {
    at: Timestamp,
    inputs: Vec<Input>,
    facts: Vec<waitroom::Fact>,
    steps: Vec<Step>,
}

/// What follows once they are stored.
enum Step {
    Effect(Effect),
    Game(Made),
}

impl Step {
    fn is_game_of(&self, subject: &SubjectId) -> bool {
        matches!(self, Self::Game(made) if made.players.iter().any(|player| player.subject == *subject))
    }
}

impl Lounge {
    /// Decides what there is to decide: the facts to be stored, if anything follows.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn decide(&mut self) -> Result<Option<Vec<Entry>>, Failure> {
        if !self.open || self.storing.is_some() || self.news.is_empty() {
            return Ok(None);
        }
        let at = self.services.clock.now();
        let inputs = std::mem::take(&mut self.news);
        self.room.allow(self.game_room.left(at));
        let (mut room, mut facts, mut steps, mut entries) = (self.room.clone(), Vec::new(), Vec::new(), Vec::new());
        let entry = |stream: &Stream, fact: Fact| Entry { stream: stream.clone(), at, fact, payload: Payload::None };
        let stream = Stream::Scene(self.scene.clone());
        for input in &inputs {
            if let Input::Arrive { subject, .. } = input
                && !self.people.contains_key(subject)
            {
                continue; // It was led onward while it asked.
            }
            let decision = room.decide(at, input.clone(), &*self.matcher);
            for fact in decision.facts {
                room.apply(at, &fact);
                entries.push(entry(&stream, fact.clone().into()));
                facts.push(fact);
            }
            for effect in decision.effects {
                let Some(members) = self.players_of(&effect, &steps, &room) else {
                    steps.push(Step::Effect(effect));
                    continue;
                };
                if matches!(effect, Effect::Rejected(..)) {
                    room.spend();
                }
                let made = self.make(at, members)?;
                let players = made.players.clone();
                entries.push(entry(&stream, SceneFact::GameMade { game: made.game, players }.into()));
                entries.push(entry(&Stream::Game(made.game), made.first.fact.clone()));
                steps.push(Step::Game(made));
            }
        }
        if steps.is_empty() && facts.is_empty() {
            return Ok(None);
        }
        self.storing = Some(Batch { at, inputs, facts, steps });
        Ok(Some(entries))
    }

    /// Who plays in the game that has to be made, if one has to be made. A game with bots is for somebody who is there:
    /// who is away gets it when it comes back.
    fn players_of(&self, effect: &Effect, before: &[Step], room: &WaitRoom) -> Option<Vec<SubjectId>> {
        match effect {
            Effect::Match { members, .. } => Some(members.clone()),
            Effect::Rejected(_, Rejection::TimedOut) if !room.has_room() => None,
            Effect::TimedOut(subject, TimeOut::Bot) | Effect::Rejected(subject, Rejection::TimedOut) => {
                let there = self.people.get(subject).is_some_and(|person| person.connection.is_some());
                let has = self.games.of.contains_key(subject) || before.iter().any(|step| step.is_game_of(subject));
                (self.on_timeout == TimeOut::Bot && there && !has).then(|| vec![subject.clone()])
            }
            _ => None,
        }
    }

    /// A game for these, who came first first; bots take the other seats.
    fn make(&self, at: Timestamp, members: Vec<SubjectId>) -> Result<Made, Failure> {
        let visitor = |subject: SubjectId| Some(Visitor { visit: self.people.get(&subject)?.visit, subject });
        let players: Vec<Visitor> = members.into_iter().filter_map(visitor).collect();
        let seated = players.iter().cloned().map(Some).chain(iter::repeat(None));
        let seats = self.seats.iter().cloned().zip(seated).map(|(agent, player)| SeatTaken { agent, player });
        let seed = u32::from_le_bytes(random()?);
        let fact = GameFact::GameMatched { scene: self.scene.clone(), seats: seats.collect(), seed };
        let first = Recorded { at, fact: fact.into(), payload: Payload::None };
        Ok(Made { game: GameId::fresh(), first, players })
    }

    /// The decisions are stored, or could not be. The games that were made have to be opened.
    pub fn stored(&mut self, stored: bool) -> Vec<Made> {
        let Some(Batch { at, inputs, facts, steps }) = self.storing.take() else { return Vec::new() };
        if !stored {
            self.not_stored(inputs);
            return Vec::new();
        }
        facts.iter().for_each(|fact| self.apply(at, fact));
        debug_assert_eq!(self.room.check(), Ok(()));
        let mut games = Vec::new();
        for step in steps {
            match step {
                Step::Effect(effect) => self.carry_out(effect),
                Step::Game(made) => {
                    self.games.made(made.game, &made.players);
                    self.game_room.spend();
                    made.players.iter().for_each(|player| self.lead_to_game(&player.subject, made.game));
                    games.push(made);
                }
            }
        }
        self.room.allow(self.game_room.left(self.services.clock.now()));
        self.report();
        games
    }

    /// Nothing has happened. It is tried again with the next news, at the latest with the next tick.
    fn not_stored(&mut self, inputs: Vec<Input>) {
        let newer = std::mem::take(&mut self.news);
        for input in inputs {
            match input {
                Input::Arrive { subject, .. } => {
                    if let Some(connection) = self.people.get(&subject).and_then(|person| person.connection.as_ref()) {
                        refuse(connection);
                    }
                    self.forget(&subject, &newer);
                }
                Input::Tick => {}
                other => self.news.push(other),
            }
        }
        self.news.extend(newer);
    }
}
