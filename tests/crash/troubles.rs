//! Troubles of the store and of people, under the real service.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use greenroom::facts::{Fact, Journal, Stream, StudyFact};
use greenroom::store::SqliteJournal;
use greenroom::wire::{FromBrowser, RefusalCode, ToBrowser};

use crate::audit::{self, Found};
use crate::book::Book;
use crate::person::Manner;
use crate::rounds::{finish, people};
use crate::server::{Launch, Server};
use crate::support::{Browser, hello};

/// Nothing here takes so long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

async fn until(what: &str, mut is: impl FnMut() -> bool) {
    let looks = async {
        while !is() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, looks).await.unwrap_or_else(|_| panic!("{what}: in vain"));
}

fn health(launch: &Launch) -> String {
    let mut answer = String::new();
    if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", launch.port)) {
        let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let _ = stream.read_to_string(&mut answer);
    }
    answer
}

fn is_well(launch: &Launch) -> bool {
    health(launch).starts_with("HTTP/1.1 200")
}

/// Whether a game of two is being played.
fn together(book: &Book) -> bool {
    let pages = book.open();
    pages.games.values().any(|game| game.episodes.values().any(|episode| episode.frames.len() > 15))
}

fn assert_sound(launch: &Launch, book: &Book) -> Found {
    let found = audit::audit(launch, book);
    let problems = book.open().problems.clone();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    found
}

async fn started(launch: &Launch) -> Server {
    let server = launch.start();
    until("it starts", || is_well(launch)).await;
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_turns_newcomers_away_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (launch, book) = (Launch::new(folder.path()), Book::default());
    let mut server = started(&launch).await;
    let mut crowd = people(&launch, &[Manner::Plain; 4], &book, 0);
    until("a game of two runs", || together(&book)).await;
    server.fill_disk(true);
    until("it is not well", || !is_well(&launch)).await;
    assert!(health(&launch).contains("facts cannot be stored"));
    let mut browser = Browser::connect(&launch.url()).await;
    browser.say(FromBrowser::Hello(hello(Some("newcomer"), None))).await;
    let (close, heard) = browser.hear_close().await;
    assert_eq!(close, greenroom::wire::close::RESTART, "it comes again by itself");
    let refused = heard.into_iter().find_map(|said| match said {
        ToBrowser::Refused(refused) => Some(refused),
        _ => None,
    });
    let refused = refused.expect("it is told why");
    assert_eq!(refused.code, RefusalCode::Unavailable);
    assert!(refused.message.contains("cannot take new participants"), "{}", refused.message);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let log = std::fs::read_to_string(launch.log()).unwrap();
    let said = log.matches("facts not stored").count();
    assert!((1..=3).contains(&said), "it is said now and then: {said} times");
    server.fill_disk(false);
    until("it is well again", || is_well(&launch)).await;
    let mut later = people(&launch, &[Manner::Plain; 2], &book, 10);
    crowd.spawn(async move { while later.join_next().await.is_some() {} });
    finish(&mut server, &mut crowd, &book).await;
    let found = assert_sound(&launch, &book);
    assert_eq!((found.ended, found.codes), (6, 0), "nobody's game was given up for it");
    let study = SqliteJournal::open_to_read(&launch.journal()).unwrap().read(&Stream::Study).unwrap();
    let failed = study.iter().any(|kept| matches!(&kept.fact, Fact::Study(StudyFact::StoreFailed { .. })));
    assert!(failed, "the record tells of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_turns_no_time_around_and_ends_no_game() {
    let folder = tempfile::tempdir().unwrap();
    let (launch, book) = (Launch::new(folder.path()), Book::default());
    let mut server = started(&launch).await;
    let mut crowd = people(&launch, &[Manner::Plain; 4], &book, 0);
    until("a game of two runs", || together(&book)).await;
    // Every fact is an hour in the future, as if the clock had been set back by one; then a day in the past.
    for shift in [3_600_000_i64, -86_400_000] {
        server.kill();
        let db = rusqlite::Connection::open(launch.journal()).unwrap();
        db.execute("UPDATE facts SET at = at + ?1", [shift]).unwrap();
        drop(db);
        server = started(&launch).await;
        tokio::time::sleep(Duration::from_secs(4)).await;
    }
    finish(&mut server, &mut crowd, &book).await;
    let found = assert_sound(&launch, &book);
    assert_eq!((found.ended, found.codes), (4, 0));
    let log = std::fs::read_to_string(launch.log()).unwrap();
    assert!(log.contains("the system's clock is behind"), "the operator is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_comes_back_after_a_kill_ends_the_game_with_a_way_onward_for_both() {
    let folder = tempfile::tempdir().unwrap();
    let launch = Launch { grace: Some(4_000), ..Launch::new(folder.path()) };
    let book = Book::default();
    let mut server = started(&launch).await;
    let vanishes = Manner::Vanishes(Duration::from_secs(12));
    let mut crowd = people(&launch, &[Manner::Plain, vanishes], &book, 0);
    until("the game runs", || together(&book)).await;
    server.kill();
    server = started(&launch).await;
    finish(&mut server, &mut crowd, &book).await;
    assert_sound(&launch, &book);
    let pages = book.open();
    for (subject, told) in &pages.people {
        assert!(told.ended && told.codes.len() == 1, "{subject}: {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_last_write_does_not_keep_the_service_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let (launch, book) = (Launch::new(folder.path()), Book::default());
    let mut server = started(&launch).await;
    let mut crowd = people(&launch, &[Manner::Plain; 3], &book, 0);
    until("a game of two runs", || together(&book)).await;
    server.kill();
    crowd.abort_all();
    let log = launch.journal().with_extension("sqlite-wal");
    for (number, torn) in [700_usize, 9_000, 40_000].into_iter().enumerate() {
        let mut bytes = std::fs::read(&log).unwrap();
        bytes.truncate(bytes.len().saturating_sub(torn).max(100));
        std::fs::write(&log, bytes).unwrap();
        let mut server = started(&launch).await;
        let (subject, mut browser) = (format!("after{number}"), Browser::connect(&launch.url()).await);
        browser.say(FromBrowser::Hello(hello(Some(&subject), None))).await;
        browser.welcome().await;
        browser.scene().await;
        server.kill();
    }
    // A log that has the first page heals it; without one it is lost.
    let db = rusqlite::Connection::open(launch.journal()).unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(db);
    let mut header = std::fs::read(launch.journal()).unwrap();
    header[..60].fill(0xee);
    std::fs::write(launch.journal(), header).unwrap();
    let mut server = launch.start();
    let status = tokio::task::block_in_place(|| server.end()).expect("it does not start");
    assert_eq!(status.code(), Some(1));
    // What it said is copied by a thread of its own.
    until("it says why", || std::fs::read_to_string(launch.log()).unwrap().contains("is damaged")).await;
}
