//! Facts of all kinds of streams are stored without saying which kind: each is told from the others by its name alone, so
//! no two may have the same.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::json;

use super::{created, entry};
use crate::experiment::{About, Answer, Merge, Requirement};
use crate::facts::{
    Entry, Fact, GameFact, Journal, Outcome, ParticipantFact, Payload, SceneFact, SeatTaken, Stream, StudyFact, Visitor,
};
use crate::ids::{GameId, PartName, SubjectId};
use crate::rules::answers::Drawn;
use crate::rules::globals::ByAgent;
use crate::rules::memory::EpisodeResult;
use crate::rules::screening::Measured;
use crate::rules::stager::{Planned, What};
use crate::rules::{conditions, lobby, waitroom};
use crate::store::SqliteJournal;
use crate::wire::{Browser, Dismissal, FailedStage, StateHash, Timing};

fn subject(name: &str) -> SubjectId {
    name.parse().unwrap()
}

fn planned() -> Vec<Planned> {
    let (scene, name) = ("volley".parse().unwrap(), "partner".parse().unwrap());
    let unknown = What::Conditions { name, path: "/1".into(), scenes: 2 };
    vec![
        Planned { what: What::Scene(scene), sections: vec!["block".parse().unwrap()], begins: 1 },
        Planned { what: unknown, sections: Vec::new(), begins: 0 },
        Planned { what: What::End("end".parse().unwrap()), sections: Vec::new(), begins: 0 },
    ]
}

fn of_assignments() -> Vec<conditions::Fact> {
    let (condition, number, ann) = ("partner".parse::<PartName>().unwrap(), 3, subject("ann"));
    let (unit, level) = ([subject("ann"), subject("bob")].into(), Some("skilled".parse().unwrap()));
    let told = || (condition.clone(), ann.clone());
    let [shared, reopened, reclaimed, completed] = [told(), told(), told(), told()];
    vec![
        conditions::Fact::ParticipantNumbered { subject: ann.clone(), number },
        conditions::Fact::LevelChosen { condition: condition.clone(), number, subject: ann.clone(), unit, level },
        conditions::Fact::LevelShared { condition: shared.0, number, subject: shared.1 },
        conditions::Fact::PlaceReopened { condition: reopened.0, number, subject: reopened.1, reason: "away".into() },
        conditions::Fact::PlaceReclaimed { condition: reclaimed.0, number, subject: reclaimed.1 },
        conditions::Fact::PlaceCompleted { condition: completed.0, number, subject: completed.1 },
    ]
}

fn of_participants() -> Vec<ParticipantFact> {
    let (visit, scene) = (1, "volley".parse().unwrap());
    vec![
        created(),
        ParticipantFact::ScenesDrawn {
            order: vec!["start".parse().unwrap(), "volley".parse().unwrap()],
            plan: planned(),
            number: Some(7),
        },
        ParticipantFact::SceneEntered { visit, scene },
        ParticipantFact::GameJoined {
            visit,
            game: GameId::fresh(),
            partners: Default::default(),
            agent: "left".into(),
        },
        ParticipantFact::GameLost { visit, reason: "crashed".into() },
        ParticipantFact::Dismissed { visit, reason: Dismissal::PartnerLost, code: "ABC".into() },
        ParticipantFact::Screened {
            visit,
            passed: false,
            requirement: Some(Requirement::Mobile),
            reason: Some("a phone or a tablet (Android)".into()),
            message: Some("<p>Please use a computer.</p>".into()),
            measured: Measured::of(&Browser::default(), Some((Duration::from_millis(40), 5))),
        },
        ParticipantFact::Warned { visit, about: About::Tab, reason: "out of sight".into() },
        ParticipantFact::Excluded {
            visit,
            about: About::Ping,
            reason: "3 of the last round trips".into(),
            message: Some("<p>Thank you.</p>".into()),
        },
        ParticipantFact::Rerouted {
            order: vec!["end".parse().unwrap()],
            plan: planned(),
            next: Some(1),
            because: vec!["go_to of volley".into()],
        },
        ParticipantFact::Resumed { browser: Browser::default() },
        ParticipantFact::BrowserFailed {
            visit,
            stage: FailedStage::Step,
            message: "no".into(),
            traceback: String::new(),
            give_up: true,
        },
        ParticipantFact::QuestionsDrawn {
            visit: 2,
            drawn: Drawn {
                questions: vec!["age".parse().unwrap()],
                options: [("age".parse().unwrap(), vec!["b".into(), "a".into()])].into(),
            },
        },
        ParticipantFact::AnswerGiven {
            visit: 2,
            question: "age".parse().unwrap(),
            answer: Some(Answer::Number(27.0.try_into().unwrap())),
            ms: 1200.0.try_into().unwrap(),
            version: Some("2024-05".into()),
        },
        ParticipantFact::AnswersHandedIn { visit: 2, wrong: vec!["age".parse().unwrap()] },
        ParticipantFact::DataSaved { visit, number: 1, name: "trial".into(), data: json!({ "rt": 512.5 }) },
        ParticipantFact::PageTold { visit, number: 1, hook: "on_episode_end".into(), data: json!({ "level": 2 }) },
        ParticipantFact::GlobalsChanged { visit, values: [("level".to_owned(), json!(3))].into_iter().collect() },
        ParticipantFact::ConditionAssigned { visit, condition: "partner".into(), level: "skilled".into() },
        ParticipantFact::GameScored {
            visit,
            episodes: vec![EpisodeResult { score: 2.5.try_into().unwrap(), steps: 300, tutorial: true }],
        },
        ParticipantFact::BonusComputed {
            visit,
            scene: Some("volley".parse().unwrap()),
            amount: Some(1.25.try_into().unwrap()),
            error: None,
        },
        ParticipantFact::BonusComputed { visit, scene: None, amount: None, error: Some("no".into()) },
        ParticipantFact::CodeIssued { visit, reason: Dismissal::Complete, code: "DEF".into() },
    ]
}

fn of_games() -> Vec<GameFact> {
    let (episode, seat, first, count, frame) = (1, 1, 30, 1, 60);
    let timing = Timing {
        game: GameId::fresh(),
        episode,
        fps: 30.0.try_into().unwrap(),
        step_p50: 1.25.try_into().unwrap(),
        step_p99: 9.0.try_into().unwrap(),
        late: 2,
        first_frame: None,
        photon_p50: None,
        photon_p99: None,
    };
    let person = SeatTaken { agent: "left".into(), player: Some(Visitor { subject: subject("ann"), visit: 2 }) };
    let bot = SeatTaken { agent: "right".into(), player: None };
    vec![
        GameFact::GameOpened {
            scene: "volley".parse().unwrap(),
            visit: 1,
            players: [("left".to_owned(), subject("ann"))].into(),
            seed: u32::MAX,
        },
        GameFact::StepsAccepted { episode, first, count },
        GameFact::EpisodeEnded { episode, steps: 90 },
        GameFact::TimingReported { timing },
        GameFact::SeatTimed { seat: 1, timing },
        GameFact::GameEnded { outcome: Outcome::Failed },
        GameFact::GameMatched { scene: "volley".parse().unwrap(), seats: vec![person, bot], seed: 7 },
        GameFact::SeatPrepared { episode, seat, input_delay: 3 },
        GameFact::FramesConfirmed { episode, first, count },
        GameFact::FramesWitnessed { episode, seat, first, count },
        GameFact::SnapshotTaken { episode, frame, seat },
        GameFact::CopiesAgreed { episode, frame, hash: StateHash(u64::MAX) },
        GameFact::CopyDiffers { episode, frame, seat },
        GameFact::CopyHealed { episode, frame, seat, fields: vec!["ball: 1 and 2".into()] },
        GameFact::LinkSampled {
            episode,
            frame,
            seat,
            rtt_ms: Some(80),
            margin_ms: Some(-5),
            late: 1,
            adopted: 2,
            largest: Some(0.25.try_into().unwrap()),
        },
        GameFact::RunnerSnapshot { episode, frame },
        GameFact::CopyAdopted {
            episode,
            frame,
            seat,
            largest: Some(1e-9.try_into().unwrap()),
            fields: vec!["ball: 1 and 2".into()],
        },
        GameFact::ClockStretched { episode, frame, ms: 120 },
        GameFact::RunnerFailed { reason: "no memory".into() },
        GameFact::GlobalsGiven { globals: globals(), merge: [("level".into(), Merge::Max)].into() },
        GameFact::GlobalsLeft { episode, globals: globals() },
    ]
}

fn globals() -> ByAgent {
    [("left".to_owned(), [("level".to_owned(), json!(3))].into_iter().collect())].into()
}

fn of_lobbies() -> Vec<lobby::Fact> {
    let (player, episode) = (1, 0);
    vec![
        lobby::Fact::Joined { player },
        lobby::Fact::Loaded { player },
        lobby::Fact::Ready { player },
        lobby::Fact::RunnerReady,
        lobby::Fact::Begun { episode },
        lobby::Fact::EpisodeOver { episode },
        lobby::Fact::Away { player },
        lobby::Fact::Back { player },
        lobby::Fact::CaughtUp { player },
        lobby::Fact::HostMoved { player: None, from: Some(30) },
        lobby::Fact::Ended { reason: lobby::Reason::Lost, by: vec![0, 1] },
    ]
}

fn of_waiting_rooms() -> Vec<waitroom::Fact> {
    let (subject, proposal) = (subject("bob"), u64::MAX);
    let own = || subject.clone();
    vec![
        waitroom::Fact::Arrived {
            subject: own(),
            rtt: Some(Duration::from_micros(80_500)),
            partners: [self::subject("ann")].into(),
        },
        waitroom::Fact::Returned { subject: own() },
        waitroom::Fact::Lost { subject: own() },
        waitroom::Fact::Proposed { proposal, members: vec![own()] },
        waitroom::Fact::Confirmed { proposal, subject: own() },
        waitroom::Fact::Dissolved { proposal, missing: vec![own()] },
        waitroom::Fact::Woke { subject: own() },
        waitroom::Fact::Matched { proposal },
        waitroom::Fact::TimedOut { subject: own(), no_room: true },
        waitroom::Fact::Left { subject: own(), why: waitroom::Leaving::Button },
        waitroom::Fact::Released { subject: own() },
    ]
}

fn of_studies() -> Vec<StudyFact> {
    let failed = StudyFact::StoreFailed { milliseconds: 61_000, turned_away: 3 };
    let opened = StudyFact::StudyOpened {
        digest: "ab".repeat(32),
        experiment: json!({"id": "study"}),
        greenroom_version: "0.1.0".into(),
        python_version: "3.11.2".into(),
        packages: [("numpy".to_owned(), "2.4.3".to_owned())].into(),
    };
    let returned = StudyFact::CallbackReturned {
        hook: "on_episode_end".into(),
        subject: Some(subject("ann")),
        game: Some(GameId::fresh()),
        episode: Some(1),
        milliseconds: 12,
        error: Some("study.py:7: KeyError: 'x'".into()),
    };
    vec![opened, returned, failed]
}

fn of_scenes() -> Vec<SceneFact> {
    let players = vec![Visitor { subject: subject("ann"), visit: 2 }];
    vec![SceneFact::GameMade { game: GameId::fresh(), players }]
}

/// The names of all variants, as the refusal of another one lists them.
fn names<F: DeserializeOwned>() -> BTreeSet<String> {
    let Err(refusal) = serde_json::from_value::<F>(json!({"fact": "?"})) else { panic!("there is no such fact") };
    let refusal = refusal.to_string();
    refusal.split('`').skip(1).step_by(2).filter(|name| *name != "?").map(String::from).collect()
}

fn name(fact: &Fact) -> String {
    json!(fact)["fact"].as_str().unwrap().to_owned()
}

#[test]
fn every_fact_comes_back_from_the_journal_as_the_same() {
    let kinds: [(BTreeSet<String>, Vec<Fact>); 7] = [
        (names::<ParticipantFact>(), of_participants().into_iter().map(Fact::from).collect()),
        (names::<GameFact>(), of_games().into_iter().map(Fact::from).collect()),
        (names::<lobby::Fact>(), of_lobbies().into_iter().map(Fact::from).collect()),
        (names::<waitroom::Fact>(), of_waiting_rooms().into_iter().map(Fact::from).collect()),
        (names::<conditions::Fact>(), of_assignments().into_iter().map(Fact::from).collect()),
        (names::<SceneFact>(), of_scenes().into_iter().map(Fact::from).collect()),
        (names::<StudyFact>(), of_studies().into_iter().map(Fact::from).collect()),
    ];
    let mut taken = BTreeSet::new();
    for (names, examples) in &kinds {
        assert_eq!(*names, examples.iter().map(name).collect(), "there is one example of each variant");
        for name in names {
            assert!(taken.insert(name), "two facts have the name {name}");
        }
    }

    let folder = tempfile::tempdir().unwrap();
    let mut journal = SqliteJournal::open(&folder.path().join("journal.sqlite")).unwrap();
    let facts: Vec<Fact> = kinds.into_iter().flat_map(|(_, examples)| examples).collect();
    let stream = Stream::Scene("volley".parse().unwrap());
    let entries: Vec<Entry> = facts.iter().map(|fact| entry(stream.clone(), fact.clone(), Payload::None)).collect();
    journal.append(&entries).unwrap();
    let read: Vec<Fact> = journal.read(&stream).unwrap().into_iter().map(|recorded| recorded.fact).collect();
    assert_eq!(read, facts);
    let mut select = journal.db.prepare("SELECT fact FROM facts ORDER BY id").unwrap();
    let stored: Vec<String> = select.query_map([], |row| row.get(0)).unwrap().map(|name| name.unwrap()).collect();
    assert_eq!(stored, facts.iter().map(name).collect::<Vec<_>>(), "the column has the kind");
}

#[test]
fn facts_from_before_a_field_was_there_are_read_as_if_it_were_nothing() {
    let old = json!({
        "fact": "link_sampled", "episode": 1, "frame": 60, "seat": 1, "rtt_ms": 80, "margin_ms": null, "late": 0,
    });
    let fact: Fact = serde_json::from_value(old.clone()).unwrap();
    assert!(matches!(fact, Fact::Game(GameFact::LinkSampled { adopted: 0, largest: None, .. })));
    assert_eq!(json!(fact), old, "and written as they were");
}
