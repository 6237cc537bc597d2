//! A study with everything in it, and what its callbacks hear.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::facts::{Outcome, Payload};
use crate::ids::ResumeToken;
use crate::wire::{Browser, Dismissal, FailedStage, StateHash};

fn subject(name: &str) -> SubjectId {
    name.parse().unwrap()
}

fn scene(name: &str) -> SceneId {
    name.parse().unwrap()
}

/// Facts in the order in which they are stored.
#[derive(Default)]
struct Record(Vec<Noted>);

impl Record {
    fn add(&mut self, stream: Stream, fact: impl Into<Fact>) {
        let at = Timestamp(1000 + self.0.len() as u64);
        self.0.push(Noted { stream, at, fact: fact.into() });
    }

    fn person(&mut self, name: &str, fact: ParticipantFact) {
        self.add(Stream::Participant(subject(name)), fact);
    }

    fn enters(&mut self, name: &str, visit: u32, of: &str) {
        self.person(name, ParticipantFact::SceneEntered { visit, scene: scene(of) });
    }

    fn room(&mut self, fact: waitroom::Fact) {
        self.add(Stream::Scene(scene("volley")), fact);
    }

    fn entries(&self) -> impl Iterator<Item = Entry> {
        self.0.iter().map(|Noted { stream, at, fact }| Entry {
            stream: stream.clone(),
            at: *at,
            fact: fact.clone(),
            payload: Payload::None,
        })
    }

    /// A stream's facts, as the journal reads them at the end.
    fn read(&self, stream: &Stream) -> Vec<Recorded> {
        let own = self.0.iter().filter(|noted| noted.stream == *stream);
        own.map(|noted| Recorded { at: noted.at, fact: noted.fact.clone(), payload: Payload::None }).collect()
    }

    /// What is heard, where the service is started anew before each of these facts.
    fn heard(&self, restarts: &BTreeSet<usize>) -> Vec<Event> {
        let mut events = Events::default();
        let mut heard = Vec::new();
        for (index, entry) in self.entries().enumerate() {
            if restarts.contains(&index) {
                events = Events::default();
            }
            let Some(noted) = Noted::of(&entry) else { continue };
            heard.extend(events.hear(&noted).unwrap_or_else(|stream| events.recall(&noted, self.read(&stream))));
        }
        heard
    }
}

fn visitor(name: &str, visit: u32) -> Visitor {
    Visitor { subject: subject(name), visit }
}

/// Ann plays alone in her browser and then with Bob, whom she loses; Eve waits in vain, Dan leaves.
fn study() -> (Record, GameId, GameId) {
    let mut record = Record::default();
    let (alone, together) = (GameId::fresh(), GameId::fresh());
    let members = || vec![subject("ann"), subject("bob")];
    for name in ["ann", "bob", "eve", "dan"] {
        let token = ResumeToken::from_random([1; 16]).digest();
        record.person(
            name,
            ParticipantFact::ParticipantCreated { token, parameters: BTreeMap::new(), browser: Browser::default() },
        );
        let order = vec![scene("car"), scene("volley"), scene("end")];
        record.person(name, ParticipantFact::ScenesDrawn { order, plan: Vec::new(), number: None });
        record.enters(name, 1, "car");
    }
    let game = Stream::Game(alone);
    let players = BTreeMap::from([("human".to_owned(), subject("ann"))]);
    record.add(game.clone(), GameFact::GameOpened { scene: scene("car"), visit: 1, players, seed: 7 });
    for (episode, steps) in [(0, 20), (1, 25)] {
        record.add(game.clone(), GameFact::StepsAccepted { episode, first: 0, count: 10 });
        record.add(game.clone(), GameFact::StepsAccepted { episode, first: 10, count: steps - 10 });
        record.add(game.clone(), GameFact::EpisodeEnded { episode, steps });
    }
    record.add(game.clone(), GameFact::GameEnded { outcome: Outcome::Complete });
    record.enters("ann", 2, "volley");
    record.person("ann", ParticipantFact::Resumed { browser: Browser::default() });
    record.person(
        "bob",
        ParticipantFact::BrowserFailed {
            visit: 1,
            stage: FailedStage::Step,
            message: String::new(),
            traceback: String::new(),
            give_up: true,
        },
    );
    record.enters("bob", 2, "volley");
    for name in ["eve", "dan", "ann", "bob"] {
        let (rtt, partners) = (None, BTreeSet::new());
        record.room(waitroom::Fact::Arrived { subject: subject(name), rtt, partners });
    }
    record.room(waitroom::Fact::Left { subject: subject("dan"), why: waitroom::Leaving::Button });
    record.room(waitroom::Fact::TimedOut { subject: subject("eve"), no_room: false });
    record.room(waitroom::Fact::Proposed { proposal: 0, members: members() });
    record.room(waitroom::Fact::Dissolved { proposal: 0, missing: vec![] });
    record.room(waitroom::Fact::Proposed { proposal: 1, members: members() });
    record.room(waitroom::Fact::Confirmed { proposal: 1, subject: subject("ann") });
    record.room(waitroom::Fact::Matched { proposal: 1 });
    let seat = |agent: &str, player| SeatTaken { agent: agent.into(), player };
    let seats = vec![seat("bot", None), seat("left", Some(visitor("ann", 2))), seat("right", Some(visitor("bob", 2)))];
    let game = Stream::Game(together);
    record.add(game.clone(), GameFact::GameMatched { scene: scene("volley"), seats, seed: 7 });
    record.add(game.clone(), lobby::Fact::Begun { episode: 0 });
    record.add(game.clone(), GameFact::FramesConfirmed { episode: 0, first: 0, count: 3 });
    record.add(game.clone(), GameFact::StepsAccepted { episode: 0, first: 0, count: 3 });
    record.add(game.clone(), GameFact::CopyDiffers { episode: 0, frame: 30, seat: 2 });
    record.add(game.clone(), GameFact::EpisodeEnded { episode: 0, steps: 40 });
    record.add(game.clone(), GameFact::CopiesAgreed { episode: 0, frame: 40, hash: StateHash(1) });
    record.add(game.clone(), lobby::Fact::EpisodeOver { episode: 0 });
    record.add(game.clone(), lobby::Fact::Begun { episode: 1 });
    record.add(game.clone(), lobby::Fact::Away { player: 1 });
    record.add(game.clone(), lobby::Fact::Back { player: 1 });
    record.add(game.clone(), lobby::Fact::CaughtUp { player: 1 });
    record.add(game.clone(), lobby::Fact::Away { player: 1 });
    record.add(game.clone(), lobby::Fact::Ended { reason: lobby::Reason::Lost, by: vec![1] });
    record.person("ann", ParticipantFact::Dismissed { visit: 2, reason: Dismissal::PartnerLost, code: "ABC".into() });
    record.enters("ann", 3, "end");
    record.add(game, GameFact::CopyDiffers { episode: 1, frame: 5, seat: 1 });
    (record, alone, together)
}

fn of(events: &[Event], hook: Hook) -> Vec<&Event> {
    events.iter().filter(|event| event.hook == hook).collect()
}

#[test]
fn every_hook_has_facts_that_lead_to_it() {
    let (record, ..) = study();
    let heard = record.heard(&BTreeSet::new());
    let told: BTreeSet<_> = heard.iter().map(|event| event.hook).collect();
    assert_eq!(told, Hook::ALL.iter().copied().collect());
    let names: BTreeSet<_> = Hook::ALL.iter().map(|hook| hook.name()).collect();
    assert_eq!(names.len(), Hook::ALL.len());
}

#[test]
fn what_happened_is_told_once_and_in_order() {
    let (record, ..) = study();
    let heard = record.heard(&BTreeSet::new());
    let counts: Vec<_> = Hook::ALL.iter().map(|hook| (hook.name(), of(&heard, *hook).len())).collect();
    assert_eq!(
        counts,
        [
            ("on_participant_join", 4),
            ("on_participant_return", 1),
            ("on_scene_start", 7),
            ("on_scene_end", 3),
            ("on_waitroom_join", 4),
            ("on_waitroom_leave", 1),
            ("on_waitroom_timeout", 1),
            ("on_waitroom_end", 2),
            ("on_game_start", 2),
            ("on_game_end", 2),
            ("on_episode_start", 4),
            ("on_episode_end", 4),
            ("on_player_away", 2),
            ("on_player_back", 1),
            ("on_desync", 2),
        ]
    );
    assert!(heard.is_sorted_by_key(|event| event.at));
}

#[test]
fn an_event_tells_all_that_it_is_about() {
    let (record, alone, together) = study();
    let heard = record.heard(&BTreeSet::new());
    let event = of(&heard, Hook::EpisodeEnd)[1];
    let players = BTreeMap::from([("human".to_owned(), Some(subject("ann")))]);
    assert_eq!((event.game, event.episode, event.steps), (Some(alone), Some(1), Some(25)));
    assert_eq!((event.subject.clone(), event.visit), (Some(subject("ann")), Some(1)), "there is one person only");
    assert_eq!((event.players.clone(), event.reason.as_deref()), (Some(players), Some("complete")));

    let event = of(&heard, Hook::GameEnd)[1];
    let (ann, bob) = (Some(subject("ann")), Some(subject("bob")));
    let players = [("bot".to_owned(), None), ("left".to_owned(), ann.clone()), ("right".to_owned(), bob.clone())];
    assert_eq!((event.game, event.scene.clone()), (Some(together), Some(scene("volley"))));
    assert_eq!((event.subject.clone(), event.players.clone()), (None, Some(BTreeMap::from(players))));
    assert_eq!(event.reason.as_deref(), Some("lost"));
    let broken_off = of(&heard, Hook::EpisodeEnd)[3];
    assert_eq!((broken_off.episode, broken_off.steps, broken_off.reason.as_deref()), (Some(1), None, Some("lost")));

    let away = of(&heard, Hook::PlayerAway)[0];
    assert_eq!((away.subject.clone(), away.visit, away.episode), (bob.clone(), Some(2), Some(1)));
    let desync = of(&heard, Hook::Desync);
    assert_eq!((desync[0].subject.clone(), desync[0].steps), (bob, Some(30)));
    assert_eq!(desync[1].subject, ann, "also when it is found out after the end");

    let ends = of(&heard, Hook::SceneEnd);
    let reasons: Vec<_> = ends.iter().map(|event| event.reason.as_deref().unwrap()).collect();
    assert_eq!(reasons, ["complete", "failed", "partner_lost"]);
    assert_eq!((ends[2].scene.clone(), ends[2].visit), (Some(scene("volley")), Some(2)));
    let back = of(&heard, Hook::ParticipantReturn)[0];
    assert_eq!((back.scene.clone(), back.visit), (Some(scene("volley")), Some(2)));
    assert_eq!(of(&heard, Hook::WaitroomLeave)[0].reason.as_deref(), Some("button"));
    let matched: Vec<_> = of(&heard, Hook::WaitroomEnd).iter().map(|event| event.subject.clone().unwrap()).collect();
    assert_eq!(matched, [subject("ann"), subject("bob")]);
}

#[test]
fn a_restart_changes_nothing() {
    let (record, ..) = study();
    let whole = record.heard(&BTreeSet::new());
    let all = 0..record.0.len();
    for restart in all.clone() {
        assert_eq!(record.heard(&[restart].into()), whole, "restarted before fact {restart}");
    }
    assert_eq!(record.heard(&all.collect()), whole);
}

#[test]
fn what_cannot_be_known_is_absent() {
    let (record, _, together) = study();
    let ended = record.0.iter().find(|noted| matches!(noted.fact, Fact::Lobby(lobby::Fact::Ended { .. }))).unwrap();
    let mut events = Events::default();
    assert_eq!(events.hear(ended), Err(Stream::Game(together)));
    assert_eq!(events.recall(ended, Vec::new()), [], "of a game without a beginning nothing is told");
}

#[test]
fn what_happens_in_every_frame_is_not_looked_at() {
    let frames = GameFact::FramesConfirmed { episode: 0, first: 0, count: 1 };
    let steps = GameFact::StepsAccepted { episode: 0, first: 30, count: 12 };
    for fact in [frames, steps] {
        let stream = Stream::Game(GameId::fresh());
        assert_eq!(Noted::of(&Entry { stream, at: Timestamp(1), fact: fact.into(), payload: Payload::None }), None);
    }
}

struct Only(Hook);

impl Listen for Only {
    fn hears(&self, hook: Hook) -> bool {
        hook == self.0
    }

    fn hear(&self, _: &Event) -> Result<(), String> {
        Ok(())
    }
}

#[test]
fn a_scenes_callbacks_hear_of_their_scene() {
    let (record, ..) = study();
    let only = |hook| -> Vec<Arc<dyn Listen>> { vec![Arc::new(Only(hook))] };
    let callbacks = Callbacks {
        study: only(Hook::GameStart),
        scenes: [(scene("volley"), only(Hook::GameEnd)), (scene("car"), only(Hook::GameStart))].into(),
    };
    let heard = record.heard(&BTreeSet::new());
    let told = heard.iter().map(|event| (event.hook, callbacks.of(event).count()));
    let told: Vec<_> = told.filter(|(_, count)| *count > 0).collect();
    assert_eq!(told, [(Hook::GameStart, 2), (Hook::GameStart, 1), (Hook::GameEnd, 1)]);
}
