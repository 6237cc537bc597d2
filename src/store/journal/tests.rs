//! The journal keeps what it is given.

mod every_fact;
mod troubles;

use super::*;
use crate::facts::{GameFact, ParticipantFact};
use crate::ids::{GameId, ResumeToken, SubjectId};
use crate::rules::timeline::Closed;
use crate::wire::{Browser, FrameSeen, Step};

fn entry(stream: Stream, fact: impl Into<Fact>, payload: Payload) -> Entry {
    Entry { stream, at: Timestamp(1_700_000_000_000), fact: fact.into(), payload }
}

fn created() -> ParticipantFact {
    ParticipantFact::ParticipantCreated {
        token: ResumeToken::from_random([7; 16]).digest(),
        parameters: [("PROLIFIC_PID".into(), "é\"'--".into())].into(),
        browser: Browser { pixel_ratio: 1.25.try_into().unwrap(), ..Browser::default() },
    }
}

#[test]
fn facts_come_back_as_they_were_even_from_another_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study/journal.sqlite");
    let person = Stream::Participant(SubjectId::fresh());
    let game = Stream::Game(GameId::fresh());
    let step = Step { row: vec![0x81, 0xff].into(), at: 0.1.try_into().unwrap(), focused: false };
    let accepted = GameFact::StepsAccepted { episode: 0, first: 0, count: 1 };
    let entries =
        [entry(person.clone(), created(), Payload::None), entry(game.clone(), accepted, Payload::Steps(vec![step]))];
    SqliteJournal::open(&path).unwrap().append(&entries).unwrap();

    let mut reader = SqliteJournal::open_to_read(&path).unwrap();
    for entry in entries {
        let Entry { stream, at, fact, payload } = entry;
        assert_eq!(reader.read(&stream).unwrap(), [Recorded { at, fact, payload }]);
    }
    assert_eq!(reader.read(&Stream::Game(GameId::fresh())).unwrap(), []);
}

#[test]
fn a_file_of_another_version_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    drop(SqliteJournal::open(&path).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = SqliteJournal::open(&path).unwrap_err().to_string();
    assert!(error.contains("version 99"), "{error}");
}

#[test]
fn a_closed_journal_is_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let mut journal = SqliteJournal::open(&path).unwrap();
    let reader = SqliteJournal::open_to_read(&path).unwrap();
    let person = Stream::Participant(SubjectId::fresh());
    journal.append(&[entry(person.clone(), created(), Payload::None)]).unwrap();
    drop(journal);
    let copy = folder.path().join("copy.sqlite");
    std::fs::copy(&path, &copy).unwrap();
    assert_eq!(SqliteJournal::open(&copy).unwrap().read(&person).unwrap().len(), 1);
    drop(reader);
}

#[test]
fn two_services_do_not_share_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let first = SqliteJournal::open(&path).unwrap();
    let error = SqliteJournal::open(&path).unwrap_err().to_string();
    assert!(error.contains("another greenroom"), "{error}");
    drop(first);
    assert!(SqliteJournal::open(&path).is_ok());
}

#[test]
fn what_cannot_be_stored_is_an_error_and_stores_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    drop(SqliteJournal::open(&path).unwrap());
    let mut reader = SqliteJournal::open_to_read(&path).unwrap();
    let person = Stream::Participant(SubjectId::fresh());
    assert!(reader.append(&[entry(person.clone(), created(), Payload::None)]).is_err());
    assert_eq!(reader.read(&person).unwrap(), []);
}

#[test]
fn what_belongs_to_a_fact_comes_back_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = SqliteJournal::open(&folder.path().join("journal.sqlite")).unwrap();
    let step = Step { row: vec![0x80].into(), at: 1.5.try_into().unwrap(), focused: true };
    let closed = Closed {
        frame: 3,
        inputs: vec![vec![0xcb, 0, 0, 0, 0, 0, 0, 0, 0].into(), vec![].into(), vec![0xc0].into()],
        age: vec![Some(0), Some(u32::MAX), None],
    };
    let seen = FrameSeen { predicted: vec![true, false], depth: 4, focused: false, at: (-0.5).try_into().unwrap() };
    let (episode, first, count, seat) = (0, 3, 1, 1);
    let told = [
        (GameFact::StepsAccepted { episode, first, count }, Payload::Steps(vec![step])),
        (GameFact::FramesConfirmed { episode, first, count }, Payload::Frames(vec![closed])),
        (GameFact::FramesWitnessed { episode, seat, first, count }, Payload::Witnessed(vec![seen])),
        (GameFact::SnapshotTaken { episode, frame: 3, seat }, Payload::State(vec![0, 0xff, 0xc1].into())),
        (GameFact::FramesWitnessed { episode, seat, first, count: 0 }, Payload::Witnessed(Vec::new())),
        (GameFact::SnapshotTaken { episode, frame: 0, seat }, Payload::State(Vec::new().into())),
        (GameFact::EpisodeEnded { episode, steps: 4 }, Payload::None),
    ];
    let game = Stream::Game(GameId::fresh());
    let entries = told.map(|(fact, payload)| entry(game.clone(), fact, payload));
    journal.append(&entries).unwrap();
    let expected = entries.map(|Entry { at, fact, payload, .. }| Recorded { at, fact, payload });
    assert_eq!(journal.read(&game).unwrap(), expected);
    assert_eq!(journal.last(&game).unwrap(), Some(expected[0].at));
    assert_eq!(journal.last(&Stream::Game(GameId::fresh())).unwrap(), None);
}

/// The tables of version 1, as its program made them.
const VERSION_1: &str = "
    CREATE TABLE facts (
        id INTEGER PRIMARY KEY, stream TEXT NOT NULL, at INTEGER NOT NULL, fact TEXT NOT NULL, body TEXT NOT NULL, steps BLOB
    ) STRICT;
    CREATE INDEX facts_by_stream ON facts (stream, id);
    PRAGMA user_version = 1;";

#[test]
fn files_of_older_versions_are_read_and_written_on() {
    an_older_file(VERSION_1, "steps");
    let version_2 = VERSION_1.replace("steps BLOB", "payload BLOB").replace("user_version = 1", "user_version = 2");
    an_older_file(&version_2, "payload");
}

fn an_older_file(tables: &str, column: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let game = Stream::Game(GameId::fresh());
    let old = Connection::open(&path).unwrap();
    old.execute_batch(tables).unwrap();
    // Of one step: its row, the browser's clock and the focus.
    let steps = [0x91_u8, 0x93, 0xc4, 1, 0x80, 0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xc3];
    let accepted = r#"{"count":1,"episode":0,"fact":"steps_accepted","first":0}"#;
    let ended = r#"{"episode":0,"fact":"episode_ended","steps":1}"#;
    let insert = &format!("INSERT INTO facts (stream, at, fact, body, {column}) VALUES (?1, 5, ?2, ?3, ?4)");
    old.execute(insert, params![game.to_string(), "steps_accepted", accepted, &steps[..]]).unwrap();
    old.execute(insert, params![game.to_string(), "episode_ended", ended, None::<Vec<u8>>]).unwrap();
    drop(old);

    let step = Step { row: vec![0x80].into(), at: 1.5.try_into().unwrap(), focused: true };
    let mut expected = vec![
        Recorded {
            at: Timestamp(5),
            fact: GameFact::StepsAccepted { episode: 0, first: 0, count: 1 }.into(),
            payload: Payload::Steps(vec![step]),
        },
        Recorded {
            at: Timestamp(5),
            fact: GameFact::EpisodeEnded { episode: 0, steps: 1 }.into(),
            payload: Payload::None,
        },
    ];
    if column == "payload" {
        let mut reader = SqliteJournal::open_to_read(&path).unwrap();
        reader.hold_still(&path).expect("data of an earlier program can be exported as they are");
        assert_eq!(reader.read(&game).unwrap(), expected);
    }
    let mut journal = SqliteJournal::open(&path).unwrap();
    assert_eq!(journal.read(&game).unwrap(), expected);
    let Entry { stream, at, fact, payload } =
        entry(game, GameFact::SnapshotTaken { episode: 0, frame: 1, seat: 0 }, Payload::State(vec![1].into()));
    journal.append(&[Entry { stream: stream.clone(), at, fact: fact.clone(), payload: payload.clone() }]).unwrap();
    let games: u32 =
        journal.db.query_row("SELECT count(*) FROM episodes WHERE complete", [], |row| row.get(0)).unwrap();
    assert_eq!(games, 1, "what later versions know is there");
    drop(journal);
    expected.push(Recorded { at, fact, payload });
    assert_eq!(SqliteJournal::open(&path).unwrap().read(&stream).unwrap(), expected, "it is migrated once");
}
