//! Which facts are which events for a researcher's own callbacks.
//!
//! Events are made of what was stored, and of nothing else: so they are the same wherever an environment runs, nobody is
//! told of something that a crash could take back, and the play never waits for them.
//!
//! A fact does not say everything that its event tells (who plays the game that ends, say), so a small machine remembers
//! it. What it does not know, after a restart for example, it asks for: then it is shown the stream's earlier facts.

mod callbacks;
mod event;
mod known;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::facts::{Entry, Fact, GameFact, ParticipantFact, Recorded, SceneFact, SeatTaken, Stream, Visitor};
use crate::ids::{GameId, SceneId, SubjectId};
use crate::rules::{lobby, waitroom};
use crate::time::Timestamp;

pub use callbacks::{Callbacks, Listen};
pub use event::{Event, Hook};

use known::{Game, Person, keep};

/// A stored fact of which an event may be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Noted {
    /// Whose.
    pub stream: Stream,
    /// When.
    pub at: Timestamp,
    /// What.
    pub fact: Fact,
}

impl Noted {
    /// What has to be known of an entry, if anything.
    pub fn of(entry: &Entry) -> Option<Self> {
        let Entry { stream, at, fact, .. } = entry;
        matters(fact).then(|| Self { stream: stream.clone(), at: *at, fact: fact.clone() })
    }
}

/// Whether an event is made of a fact, or something in an event comes from it. Of a running game these are few: what is
/// stored in every frame is not among them.
fn matters(fact: &Fact) -> bool {
    match fact {
        Fact::Participant(fact) => match fact {
            ParticipantFact::ParticipantCreated { .. }
            | ParticipantFact::SceneEntered { .. }
            | ParticipantFact::Resumed { .. }
            | ParticipantFact::GameLost { .. }
            | ParticipantFact::Dismissed { .. } => true,
            ParticipantFact::BrowserFailed { give_up, .. } => *give_up,
            _ => false,
        },
        Fact::Game(fact) => match fact {
            GameFact::GameOpened { .. }
            | GameFact::GameMatched { .. }
            | GameFact::EpisodeEnded { .. }
            | GameFact::GameEnded { .. }
            | GameFact::CopyDiffers { .. } => true,
            GameFact::StepsAccepted { first, .. } => *first == 0,
            _ => false,
        },
        Fact::Lobby(fact) => matches!(
            fact,
            lobby::Fact::Begun { .. } | lobby::Fact::Away { .. } | lobby::Fact::Back { .. } | lobby::Fact::Ended { .. }
        ),
        Fact::WaitRoom(fact) => matches!(
            fact,
            waitroom::Fact::Arrived { .. }
                | waitroom::Fact::Left { .. }
                | waitroom::Fact::TimedOut { .. }
                | waitroom::Fact::Proposed { .. }
                | waitroom::Fact::Dissolved { .. }
                | waitroom::Fact::Matched { .. }
        ),
        Fact::Assignment(_) | Fact::Scene(SceneFact::GameMade { .. }) | Fact::Study(_) => false,
    }
}

/// What is remembered.
#[derive(Debug, Default)]
pub struct Events {
    people: BTreeMap<SubjectId, Person>,
    games: BTreeMap<GameId, Game>,
    groups: BTreeMap<(SceneId, u64), Vec<SubjectId>>,
}

impl Events {
    /// The events that a stored fact is.
    ///
    /// # Errors
    /// When something has to be known first: show the facts of that stream to [`Self::recall`], and ask again.
    pub fn hear(&mut self, noted: &Noted) -> Result<Vec<Event>, Stream> {
        if self.knows(noted) { Ok(self.take(noted)) } else { Err(noted.stream.clone()) }
    }

    /// The facts of the stream of a fact; only those before it count. What they do not tell remains absent in events.
    pub fn recall(&mut self, noted: &Noted, facts: Vec<Recorded>) -> Vec<Event> {
        for Recorded { at, fact, .. } in facts {
            if at == noted.at && fact == noted.fact {
                break;
            }
            let earlier = Noted { stream: noted.stream.clone(), at, fact };
            if matters(&earlier.fact) {
                self.take(&earlier);
            }
        }
        self.take(noted)
    }

    fn knows(&self, Noted { stream, fact, .. }: &Noted) -> bool {
        match (stream, fact) {
            (Stream::Participant(_), Fact::Participant(ParticipantFact::ParticipantCreated { .. })) => true,
            (Stream::Participant(subject), Fact::Participant(ParticipantFact::SceneEntered { visit, .. })) => {
                *visit == 1 || self.people.contains_key(subject)
            }
            (Stream::Participant(subject), _) => self.people.contains_key(subject),
            (Stream::Game(_), Fact::Game(GameFact::GameOpened { .. } | GameFact::GameMatched { .. })) => true,
            (Stream::Game(game), _) => self.games.contains_key(game),
            (Stream::Scene(scene), Fact::WaitRoom(waitroom::Fact::Matched { proposal })) => {
                self.groups.contains_key(&(scene.clone(), *proposal))
            }
            (Stream::Scene(_) | Stream::Assignments | Stream::Study, _) => true,
        }
    }

    fn take(&mut self, Noted { stream, at, fact }: &Noted) -> Vec<Event> {
        match (stream, fact) {
            (Stream::Participant(subject), Fact::Participant(fact)) => self.participant(*at, subject, fact),
            (Stream::Game(game), Fact::Game(fact)) => self.game(*at, *game, fact),
            (Stream::Game(game), Fact::Lobby(fact)) => self.lobby(*at, *game, fact),
            (Stream::Scene(scene), Fact::WaitRoom(fact)) => self.waitroom(*at, scene, fact),
            _ => Vec::new(),
        }
    }

    fn participant(&mut self, at: Timestamp, subject: &SubjectId, fact: &ParticipantFact) -> Vec<Event> {
        let about = |hook| Event { subject: Some(subject.clone()), ..Event::new(hook, at) };
        match fact {
            ParticipantFact::ParticipantCreated { .. } => vec![about(Hook::ParticipantJoin)],
            ParticipantFact::Resumed { .. } => {
                let person = self.people.get(subject).cloned();
                vec![about(Hook::ParticipantReturn).in_visit(person.as_ref())]
            }
            ParticipantFact::SceneEntered { visit, scene } => {
                let entered = Person { visit: *visit, scene: scene.clone(), trouble: None };
                let start = about(Hook::SceneStart).in_visit(Some(&entered));
                let left = keep(&mut self.people, subject.clone(), entered);
                let end = left.map(|left| Event {
                    reason: Some(left.trouble.clone().unwrap_or_else(|| "complete".into())),
                    ..about(Hook::SceneEnd).in_visit(Some(&left))
                });
                end.into_iter().chain([start]).collect()
            }
            ParticipantFact::GameLost { .. } => self.trouble(subject, "lost".into()),
            ParticipantFact::Dismissed { reason, .. } => self.trouble(subject, word(reason)),
            ParticipantFact::BrowserFailed { give_up: true, .. } => self.trouble(subject, "failed".into()),
            _ => Vec::new(),
        }
    }

    fn trouble(&mut self, subject: &SubjectId, reason: String) -> Vec<Event> {
        if let Some(person) = self.people.get_mut(subject) {
            person.trouble.get_or_insert(reason);
        }
        Vec::new()
    }

    fn waitroom(&mut self, at: Timestamp, scene: &SceneId, fact: &waitroom::Fact) -> Vec<Event> {
        let about = |hook, subject: &SubjectId| Event {
            subject: Some(subject.clone()),
            scene: Some(scene.clone()),
            ..Event::new(hook, at)
        };
        match fact {
            waitroom::Fact::Arrived { subject, .. } => vec![about(Hook::WaitroomJoin, subject)],
            waitroom::Fact::Left { subject, why } => {
                vec![Event { reason: Some(word(why)), ..about(Hook::WaitroomLeave, subject) }]
            }
            waitroom::Fact::TimedOut { subject, .. } => vec![about(Hook::WaitroomTimeout, subject)],
            waitroom::Fact::Proposed { proposal, members } => {
                keep(&mut self.groups, (scene.clone(), *proposal), members.clone());
                Vec::new()
            }
            waitroom::Fact::Dissolved { proposal, .. } => {
                self.groups.remove(&(scene.clone(), *proposal));
                Vec::new()
            }
            waitroom::Fact::Matched { proposal } => {
                let members = self.groups.remove(&(scene.clone(), *proposal)).unwrap_or_default();
                members.iter().map(|subject| about(Hook::WaitroomEnd, subject)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn game(&mut self, at: Timestamp, game: GameId, fact: &GameFact) -> Vec<Event> {
        match fact {
            GameFact::GameOpened { scene, visit, players, .. } => {
                let seat = |(agent, subject): (&String, &SubjectId)| SeatTaken {
                    agent: agent.clone(),
                    player: Some(Visitor { subject: subject.clone(), visit: *visit }),
                };
                self.begun(at, game, Game::new(scene, players.iter().map(seat).collect(), false))
            }
            GameFact::GameMatched { scene, seats, .. } => self.begun(at, game, Game::new(scene, seats.clone(), true)),
            GameFact::StepsAccepted { episode, first: 0, .. }
                if self.games.get(&game).is_some_and(|known| !known.shared) =>
            {
                self.episode(at, game, *episode)
            }
            GameFact::EpisodeEnded { episode, steps } => {
                let known = self.games.get_mut(&game);
                let Some(known) = known else { return Vec::new() };
                known.running = None;
                vec![Event {
                    episode: Some(*episode),
                    steps: Some(*steps),
                    reason: Some("complete".into()),
                    ..Event::new(Hook::EpisodeEnd, at).of(game, known)
                }]
            }
            GameFact::CopyDiffers { episode, frame, seat } => {
                let Some(known) = self.games.get(&game) else { return Vec::new() };
                let player = known.seats.get(*seat).and_then(|seat| seat.player.as_ref());
                let event = Event { episode: Some(*episode), steps: Some(*frame), ..Event::new(Hook::Desync, at) };
                vec![event.of(game, known).about(player)]
            }
            GameFact::GameEnded { outcome } => self.over(at, game, word(outcome)),
            _ => Vec::new(),
        }
    }

    fn lobby(&mut self, at: Timestamp, game: GameId, fact: &lobby::Fact) -> Vec<Event> {
        let (hook, player) = match fact {
            lobby::Fact::Begun { episode } => return self.episode(at, game, *episode),
            lobby::Fact::Ended { reason, .. } => return self.over(at, game, word(reason)),
            lobby::Fact::Away { player } => (Hook::PlayerAway, *player),
            lobby::Fact::Back { player } => (Hook::PlayerBack, *player),
            _ => return Vec::new(),
        };
        let Some(known) = self.games.get(&game) else { return Vec::new() };
        let event = Event { episode: known.running, ..Event::new(hook, at) };
        vec![event.of(game, known).about(known.person(player))]
    }

    fn begun(&mut self, at: Timestamp, id: GameId, game: Game) -> Vec<Event> {
        let event = Event::new(Hook::GameStart, at).of(id, &game);
        keep(&mut self.games, id, game);
        vec![event]
    }

    fn episode(&mut self, at: Timestamp, game: GameId, episode: u32) -> Vec<Event> {
        let Some(known) = self.games.get_mut(&game) else { return Vec::new() };
        known.running = Some(episode);
        vec![Event { episode: Some(episode), ..Event::new(Hook::EpisodeStart, at).of(game, known) }]
    }

    /// An episode that runs ends with its game, before it was played to its end.
    fn over(&mut self, at: Timestamp, id: GameId, reason: String) -> Vec<Event> {
        let Some(game) = self.games.get_mut(&id).filter(|game| !game.over) else { return Vec::new() };
        game.over = true;
        let running = game.running.take();
        let of = |hook| Event { reason: Some(reason.clone()), ..Event::new(hook, at).of(id, game) };
        let broken_off = running.map(|episode| Event { episode: Some(episode), ..of(Hook::EpisodeEnd) });
        broken_off.into_iter().chain([of(Hook::GameEnd)]).collect()
    }
}

/// The word for a reason, as the data have it.
fn word(reason: &impl Serialize) -> String {
    match serde_json::to_value(reason) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
