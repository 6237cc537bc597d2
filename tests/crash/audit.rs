//! Compares the record and the files with what people were told, and plays everything again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use greenroom::facts::{Fact, GameFact, Journal, Outcome, ParticipantFact, Recorded, Stream};
use greenroom::ids::{GameId, SceneId, SubjectId};
use greenroom::rules::seeds::episode_seed;
use greenroom::rules::timeline::Closed;
use greenroom::store::SqliteJournal;
use greenroom::wire::Step;

use crate::book::{Book, Pages};
use crate::copy::unpacked;
use crate::server::Launch;
use crate::world::{alone_rows, together_rows};

/// What was found.
#[derive(Default)]
pub struct Found {
    pub ended: usize,
    pub gone: usize,
    pub games: BTreeMap<String, usize>,
    pub acknowledged: u64,
    pub lost: u64,
    pub rows: usize,
    pub told: usize,
    pub differ: usize,
    pub frames: usize,
    pub codes: usize,
    pub replayed: String,
}

/// An episode by the record.
#[derive(Default)]
struct Episode {
    rows: Vec<Step>,
    frames: Vec<Closed>,
    ended: Option<u32>,
}

/// A game by the record.
#[derive(Default)]
struct Game {
    scene: String,
    players: Vec<(String, u32)>,
    seed: u32,
    episodes: BTreeMap<u32, Episode>,
    complete: bool,
}

pub fn audit(launch: &Launch, book: &Book) -> Found {
    let mut pages = book.open();
    let mut found = Found::default();
    let (people, games) = read(&launch.journal(), &mut pages);
    for (subject, facts) in &people {
        check_person(subject, facts, &mut pages, &mut found);
    }
    check_matches(&people, &games, &mut pages);
    for (id, game) in &games {
        check_game(id, game, &mut pages, &mut found);
    }
    check_told(&games, &mut pages, &mut found);
    check_files(&launch.data(), &games, &people, &mut pages);
    found.replayed = replay(&launch.data(), &mut pages);
    found
}

type People = BTreeMap<String, Vec<Recorded>>;
type Games = BTreeMap<String, Game>;

fn read(path: &Path, pages: &mut Pages) -> (People, Games) {
    let db = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let healthy: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    if healthy != "ok" {
        pages.problem(format!("the journal is damaged: {healthy}"));
    }
    let mut select = db.prepare("SELECT stream FROM facts GROUP BY stream ORDER BY min(id)").unwrap();
    let streams: Vec<String> = select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut journal = SqliteJournal::open_to_read(path).unwrap();
    let (mut people, mut games) = (People::new(), Games::new());
    for name in streams {
        let mut facts = |stream: Stream| journal.read(&stream).unwrap();
        let recorded = match name.split_once('/') {
            Some(("participant", subject)) => {
                let recorded = facts(Stream::Participant(subject.parse::<SubjectId>().unwrap()));
                people.insert(subject.to_owned(), recorded.clone());
                recorded
            }
            Some(("game", game)) => {
                let recorded = facts(Stream::Game(GameId::try_from(game.to_owned()).unwrap()));
                games.insert(game.to_owned(), game_of(game, &recorded, pages));
                recorded
            }
            Some(("scene", scene)) => facts(Stream::Scene(scene.parse::<SceneId>().unwrap())),
            _ => continue,
        };
        if recorded.windows(2).any(|pair| pair[0].at > pair[1].at) {
            pages.problem(format!("{name}: time runs backwards"));
        }
    }
    (people, games)
}

/// Rows and frames follow each other without a gap or a double.
fn game_of(id: &str, facts: &[Recorded], pages: &mut Pages) -> Game {
    let mut game = Game::default();
    let mut begins = 0;
    for Recorded { fact, payload, .. } in facts {
        match fact {
            Fact::Game(GameFact::GameOpened { scene, visit, players, seed }) => {
                begins += 1;
                (game.scene, game.seed) = (scene.to_string(), *seed);
                game.players = players.values().map(|subject| (subject.to_string(), *visit)).collect();
            }
            Fact::Game(GameFact::GameMatched { scene, seats, seed }) => {
                begins += 1;
                (game.scene, game.seed) = (scene.to_string(), *seed);
                let players = seats.iter().filter_map(|seat| seat.player.as_ref());
                game.players = players.map(|player| (player.subject.to_string(), player.visit)).collect();
            }
            Fact::Game(GameFact::StepsAccepted { episode, first, count }) => {
                let rows = &mut game.episodes.entry(*episode).or_default().rows;
                if rows.len() as u32 != *first || payload.steps().len() as u32 != *count {
                    pages.problem(format!("game {id}, episode {episode}: rows {first}+{count} after {}", rows.len()));
                }
                rows.extend_from_slice(payload.steps());
            }
            Fact::Game(GameFact::FramesConfirmed { episode, first, count }) => {
                let frames = &mut game.episodes.entry(*episode).or_default().frames;
                if frames.len() as u32 != *first || payload.frames().len() as u32 != *count {
                    pages.problem(format!(
                        "game {id}, episode {episode}: frames {first}+{count} after {}",
                        frames.len()
                    ));
                }
                frames.extend_from_slice(payload.frames());
            }
            Fact::Game(GameFact::EpisodeEnded { episode, steps }) => {
                let known = game.episodes.entry(*episode).or_default().ended.replace(*steps);
                if known.is_some() {
                    pages.problem(format!("game {id}: episode {episode} ended twice"));
                }
            }
            Fact::Game(GameFact::GameEnded { outcome }) => game.complete = *outcome == Outcome::Complete,
            Fact::Game(GameFact::RunnerFailed { reason }) => pages.problem(format!("game {id}: {reason}")),
            Fact::Game(GameFact::CopyDiffers { episode, frame, .. }) => {
                pages.problem(format!("game {id}, episode {episode}, frame {frame}: a copy differs"));
            }
            _ => {}
        }
    }
    if begins != 1 {
        pages.problem(format!("game {id} began {begins} times"));
    }
    game
}

/// Scenes follow each other as drawn; one code and one game for each visit; all as it was told.
fn check_person(subject: &str, facts: &[Recorded], pages: &mut Pages, found: &mut Found) {
    let mut order: Vec<String> = Vec::new();
    let mut entered: Vec<String> = Vec::new();
    let (mut games, mut codes, mut created) = (BTreeMap::new(), BTreeMap::new(), 0);
    for fact in facts.iter().map(|recorded| &recorded.fact) {
        match fact {
            Fact::Participant(ParticipantFact::ParticipantCreated { .. }) => created += 1,
            Fact::Participant(
                ParticipantFact::ScenesDrawn { order: drawn, .. } | ParticipantFact::Rerouted { order: drawn, .. },
            ) => {
                order = drawn.iter().map(ToString::to_string).collect();
            }
            Fact::Participant(ParticipantFact::SceneEntered { visit, scene }) => {
                entered.push(scene.to_string());
                let planned = order.get(entered.len() - 1);
                if *visit as usize != entered.len() || planned != Some(&scene.to_string()) {
                    pages.problem(format!("{subject}: visit {visit} of {scene}, planned was {planned:?} of {order:?}"));
                }
            }
            Fact::Participant(ParticipantFact::GameJoined { visit, game, .. })
                if games.insert(*visit, *game).is_some() =>
            {
                pages.problem(format!("{subject}: two games in visit {visit}"));
            }
            Fact::Participant(ParticipantFact::GameLost { visit, reason }) => {
                pages.problem(format!("{subject}: the game of visit {visit} was lost: {reason}"));
            }
            Fact::Participant(ParticipantFact::Dismissed { visit, code, .. })
                if codes.insert(*visit, code.clone()).is_some() =>
            {
                pages.problem(format!("{subject}: two codes for visit {visit}"));
            }
            _ => {}
        }
    }
    if created != 1 {
        pages.problem(format!("{subject} was created {created} times"));
    }
    let told = pages.people.remove(subject).unwrap_or_default();
    for (visit, scene) in &told.scenes {
        if entered.get(*visit as usize - 1) != Some(scene) {
            pages.problem(format!("{subject} was shown {scene} in visit {visit}, on record is {entered:?}"));
        }
    }
    for (visit, code) in &told.codes {
        if codes.get(visit) != Some(code) {
            pages.problem(format!("{subject} was shown the code {code} in visit {visit}, on record is {codes:?}"));
        }
    }
    for (visit, game) in &told.games {
        if games.get(visit) != Some(game) {
            pages.problem(format!("{subject} played {game} in visit {visit}, on record is {games:?}"));
        }
    }
    if told.ended && entered.last().map(String::as_str) != Some("end") {
        pages.problem(format!("{subject} was shown the last page, on record is {entered:?}"));
    }
    found.ended += usize::from(told.ended);
    found.gone += usize::from(told.gone);
    found.codes += codes.len();
    pages.people.insert(subject.to_owned(), told);
}

/// Nobody plays twice in a game or in two games of a visit, and everybody is in the game that the game says.
fn check_matches(people: &People, games: &Games, pages: &mut Pages) {
    let mut taken: BTreeMap<(String, u32), &str> = BTreeMap::new();
    for (id, game) in games {
        let different: BTreeSet<_> = game.players.iter().map(|(subject, _)| subject).collect();
        if different.len() != game.players.len() {
            pages.problem(format!("game {id}: somebody plays with itself: {:?}", game.players));
        }
        // A game that somebody opened who was cut off before knowing it is nobody's: nothing was ever played in it.
        if game.scene == "alone" && game.episodes.is_empty() {
            continue;
        }
        for (subject, visit) in &game.players {
            if let Some(other) = taken.insert((subject.clone(), *visit), id) {
                pages.problem(format!("{subject} is in the games {id} and {other} of visit {visit}"));
            }
            let joined = people.get(subject).into_iter().flatten().any(|recorded| {
                matches!(&recorded.fact, Fact::Participant(ParticipantFact::GameJoined { visit: of, game, .. })
                    if of == visit && game.to_string() == *id)
            });
            let gone = pages.people.get(subject).is_some_and(|told| told.gone);
            if !joined && !gone {
                pages.problem(format!("{subject} does not know of its game {id}"));
            }
        }
    }
}

/// Rows follow from the inputs.
fn check_game(id: &str, game: &Game, pages: &mut Pages, found: &mut Found) {
    *found.games.entry(game.scene.clone()).or_default() += 1;
    for (number, episode) in &game.episodes {
        let seed = episode_seed(game.seed, *number);
        let inputs: Vec<Vec<i64>> =
            episode.frames.iter().map(|frame| frame.inputs.iter().map(|input| unpacked(input)).collect()).collect();
        let expected = match game.scene.as_str() {
            "alone" => alone_rows(seed),
            _ => together_rows(seed, &inputs),
        };
        found.rows += episode.rows.len();
        found.frames += episode.frames.len();
        let of_browser = matches!(game.scene.as_str(), "alone" | "relay");
        for (t, row) in episode.rows.iter().enumerate() {
            let differs = match expected.get(t) {
                Some(expected) if of_browser => row != expected,
                Some(expected) => !same_value(&row.row, &expected.row),
                None => true,
            };
            if differs {
                pages.problem(format!("game {id} ({}), episode {number}: row {t} does not follow", game.scene));
                break;
            }
        }
        if episode.ended.is_some_and(|ended| ended as usize != episode.rows.len()) {
            pages.problem(format!(
                "game {id}, episode {number}: {:?} steps, {} rows",
                episode.ended,
                episode.rows.len()
            ));
        }
    }
}

fn same_value(one: &[u8], other: &[u8]) -> bool {
    let read = |mut bytes: &[u8]| rmpv::decode::read_value(&mut bytes).ok().map(|value| value.to_string());
    read(one) == read(other)
}

/// What was told is on record.
fn check_told(games: &Games, pages: &mut Pages, found: &mut Found) {
    let mut problems = Vec::new();
    for (id, told) in &pages.games {
        for (number, told) in &told.episodes {
            let nothing = Episode::default();
            let kept = games.get(id).and_then(|game| game.episodes.get(number)).unwrap_or(&nothing);
            let safe = told.acknowledged.max(told.shown);
            found.acknowledged += u64::from(safe);
            let lost = u64::from(safe).saturating_sub(kept.rows.len() as u64);
            if lost > 0 {
                found.lost += lost;
                problems
                    .push(format!("game {id}, episode {number}: {safe} rows were told, {} are there", kept.rows.len()));
            }
            for (frame, inputs) in &told.frames {
                found.told += 1;
                let there = kept.frames.get(*frame as usize);
                if there.is_none_or(|there| there.inputs.iter().map(|input| input.to_vec()).ne(inputs.iter().cloned()))
                {
                    found.differ += 1;
                    problems
                        .push(format!("game {id}, episode {number}: frame {frame} was told {inputs:?}, is {there:?}"));
                }
            }
        }
    }
    problems.into_iter().for_each(|problem| pages.problem(problem));
}

/// Everybody's files have all rows of their games, once.
fn check_files(data: &Path, games: &Games, people: &People, pages: &mut Pages) {
    for (id, game) in games {
        let rows: usize = game.episodes.values().map(|episode| episode.rows.len()).sum();
        for (subject, visit) in game.players.iter().filter(|_| rows > 0) {
            let joined = people.get(subject).into_iter().flatten().any(|recorded| {
                matches!(&recorded.fact, Fact::Participant(ParticipantFact::GameJoined { visit: of, game, .. })
                    if of == visit && game.to_string() == *id)
            });
            let path = data.join(&game.scene).join(format!("{subject}.csv"));
            let table = csv::Reader::from_path(&path);
            let there = table.map(|mut table| table.records().filter(Result::is_ok).count()).ok();
            if joined && there != Some(rows) {
                pages.problem(format!("{}: {there:?} rows, {rows} on record", path.display()));
            }
        }
    }
}

/// Plays everything again in native Python.
fn replay(data: &Path, pages: &mut Pages) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(root.join(".venv/bin/python"))
        .arg(root.join("tests/crash/verify.py"))
        .arg(data)
        .env("PYTHONPATH", root.join("assets/python"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let differ = String::from_utf8_lossy(&output.stderr);
    for line in differ.lines() {
        pages.problem(format!("native replay: {line}"));
    }
    if !output.status.success() {
        pages.problem("the native replay failed");
    }
    told
}
