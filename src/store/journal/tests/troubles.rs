//! Files that are full, locked, damaged or torn.

use super::*;

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    (folder, path)
}

fn ended(steps: u32) -> Entry {
    let game = Stream::Game(GameId::try_from("00000000-0000-0000-0000-000000000001".to_owned()).unwrap());
    entry(game, GameFact::EpisodeEnded { episode: 0, steps }, Payload::None)
}

fn there(path: &Path) -> Vec<Recorded> {
    SqliteJournal::open_to_read(path).unwrap().read(&ended(0).stream).unwrap()
}

#[test]
fn a_full_disk_loses_nothing_and_takes_data_again_when_there_is_room() {
    let (_folder, path) = place();
    let mut journal = SqliteJournal::open(&path).unwrap();
    journal.append(&[ended(1)]).unwrap();
    let pages: u32 = journal.db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let most = |journal: &SqliteJournal, pages: u32| {
        journal.db.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
    };
    most(&journal, pages);
    let game = ended(0).stream;
    let large =
        entry(game, GameFact::SnapshotTaken { episode: 0, frame: 1, seat: 0 }, Payload::State(vec![1; 1 << 20].into()));
    let error = journal.append(&[ended(2), large.clone()]).unwrap_err().to_string();
    assert!(error.contains("full"), "{error}");
    assert_eq!(there(&path).len(), 1, "all or nothing");
    most(&journal, pages + 1000);
    journal.append(&[ended(2), large]).unwrap();
    assert_eq!(there(&path).len(), 3);
}

#[test]
fn a_disk_that_is_read_only_for_a_while_loses_nothing() {
    let (_folder, path) = place();
    let mut journal = SqliteJournal::open(&path).unwrap();
    journal.append(&[ended(1)]).unwrap();
    journal.db.pragma_update(None, "query_only", true).unwrap();
    assert!(journal.append(&[ended(2)]).is_err());
    journal.db.pragma_update(None, "query_only", false).unwrap();
    journal.append(&[ended(3)]).unwrap();
    assert_eq!(there(&path).len(), 2);
}

/// A journal as a killed service leaves it: its newest facts are in the log beside it only.
fn killed(path: &Path, count: u32) -> (Vec<u8>, Vec<u8>) {
    let mut journal = SqliteJournal::open(path).unwrap();
    (0..count).for_each(|steps| journal.append(&[ended(steps)]).unwrap());
    let read = |path: &Path| std::fs::read(path).unwrap();
    (read(path), read(&path.with_extension("sqlite-wal")))
}

#[test]
fn a_torn_end_costs_what_was_torn_and_nothing_before_it() {
    const COUNT: u32 = 12;
    let (folder, path) = place();
    let (main, log) = killed(&path, COUNT);
    let mut luck = 0x9e37_79b9_u64;
    let mut next = |below: usize| {
        luck = luck.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (luck >> 33) as usize % below
    };
    let mut seen = std::collections::BTreeSet::new();
    for number in 0..60 {
        let torn = folder.path().join(format!("{number}/journal.sqlite"));
        std::fs::create_dir(torn.parent().unwrap()).unwrap();
        std::fs::write(&torn, &main).unwrap();
        let mut left = log.clone();
        // Cut off, written in part, or never written: what a disk leaves of a last write.
        let from = left.len() - 1 - next(left.len() / 2);
        match number % 3 {
            0 => left.truncate(from),
            1 => left[from..].iter_mut().for_each(|byte| *byte = byte.wrapping_add(1 + next(255) as u8)),
            _ => left[from..].fill(0),
        }
        std::fs::write(torn.with_extension("sqlite-wal"), left).unwrap();
        let mut journal = SqliteJournal::open(&torn).unwrap();
        let kept = there(&torn);
        let expected: Vec<Fact> = (0..kept.len() as u32).map(|steps| ended(steps).fact).collect();
        assert_eq!(kept.iter().map(|kept| kept.fact.clone()).collect::<Vec<_>>(), expected, "{number}");
        seen.insert(kept.len());
        journal.append(&[ended(99)]).unwrap();
        drop(journal);
        assert_eq!(there(&torn).len(), kept.len() + 1, "and it is written on");
    }
    assert!(seen.len() > 3, "torn at different places: {seen:?}");
}

#[test]
fn a_damaged_file_is_an_error_that_says_what_to_do() {
    let (_folder, path) = place();
    drop(SqliteJournal::open(&path).unwrap());
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[..100].fill(0x5a);
    std::fs::write(&path, &bytes).unwrap();
    let error = SqliteJournal::open(&path).unwrap_err().to_string();
    assert!(error.contains("damaged") && error.contains("back-up"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), bytes, "nothing was changed");
}

#[test]
fn an_empty_file_beside_a_log_is_no_new_study() {
    let (folder, path) = place();
    let (_, log) = killed(&path, 3);
    let emptied = folder.path().join("emptied.sqlite");
    std::fs::write(&emptied, b"").unwrap();
    std::fs::write(emptied.with_extension("sqlite-wal"), &log).unwrap();
    let error = SqliteJournal::open(&emptied).unwrap_err().to_string();
    assert!(error.contains("damaged"), "{error}");
    assert_eq!(std::fs::read(emptied.with_extension("sqlite-wal")).unwrap(), log, "nothing was changed");
}

#[test]
fn the_newest_time_is_that_of_the_newest_fact_whatever_the_order() {
    let (_folder, path) = place();
    let mut journal = SqliteJournal::open(&path).unwrap();
    assert_eq!(journal.newest().unwrap(), None);
    let at = |at| Entry { at: Timestamp(at), ..ended(1) };
    journal.append(&[at(5), at(9), at(7)]).unwrap();
    assert_eq!(journal.newest().unwrap(), Some(Timestamp(9)));
}

#[test]
fn views_tell_of_games_and_their_players() {
    let (_folder, path) = place();
    let mut journal = SqliteJournal::open(&path).unwrap();
    let (alone, shared) = (GameId::fresh(), GameId::fresh());
    let subject = |name: &str| name.parse::<SubjectId>().unwrap();
    let visitor = |name: &str| Some(crate::facts::Visitor { subject: subject(name), visit: 3 });
    let seats = [("a0", visitor("ann")), ("a1", visitor("bob")), ("a2", None)];
    let seats = seats.map(|(agent, player)| crate::facts::SeatTaken { agent: agent.into(), player }).into();
    let of = |game: GameId, fact: GameFact| entry(Stream::Game(game), fact, Payload::None);
    let scene = || "game".parse().unwrap();
    let players = [("human".to_owned(), subject("eve"))].into();
    journal
        .append(&[
            of(alone, GameFact::GameOpened { scene: scene(), visit: 2, players, seed: 7 }),
            of(alone, GameFact::StepsAccepted { episode: 0, first: 0, count: 4 }),
            of(alone, GameFact::StepsAccepted { episode: 0, first: 4, count: 2 }),
            of(alone, GameFact::EpisodeEnded { episode: 0, steps: 6 }),
            of(alone, GameFact::GameEnded { outcome: crate::facts::Outcome::Complete }),
            of(shared, GameFact::GameMatched { scene: scene(), seats, seed: 8 }),
            of(shared, GameFact::FramesConfirmed { episode: 1, first: 0, count: 9 }),
        ])
        .unwrap();
    let ask = |query: &str| -> Vec<String> {
        let mut select = journal.db.prepare(query).unwrap();
        let count = select.column_count();
        let rows = select.query_map([], |row| {
            let cells = (0..count).map(|column| Ok(format!("{:?}", row.get::<_, rusqlite::types::Value>(column)?)));
            cells.collect::<rusqlite::Result<Vec<_>>>().map(|cells| cells.join(" "))
        });
        rows.unwrap().map(Result::unwrap).collect()
    };
    let text = |cells: &[&str]| cells.iter().map(|cell| format!("Text({cell:?})")).collect::<Vec<_>>().join(" ");
    let games = ask("SELECT game, outcome FROM games ORDER BY seed");
    assert_eq!(games, [text(&[&alone.to_string(), "complete"]), format!("{} Null", text(&[&shared.to_string()]))]);
    let players = ask("SELECT agent, subject FROM players ORDER BY agent");
    let expected =
        [text(&["a0", "ann"]), text(&["a1", "bob"]), format!("{} Null", text(&["a2"])), text(&["human", "eve"])];
    assert_eq!(players, expected);
    let episodes = ask("SELECT steps, frames, complete FROM episodes ORDER BY episode");
    assert_eq!(episodes, ["Integer(6) Integer(0) Integer(1)", "Integer(0) Integer(9) Integer(0)"]);
}
