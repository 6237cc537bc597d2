//! Data of games that were played by real environments, and the program over them.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use greenroom::experiment::*;
use greenroom::facts::*;
use greenroom::ids::GameId;
use greenroom::rules::lobby;
use greenroom::rules::seeds::episode_seed;
use greenroom::rules::timeline::Closed;
use greenroom::service::JOURNAL;
use greenroom::store::{Archive, Definition, SqliteJournal};
use greenroom::time::Timestamp;
use greenroom::wire::{FilmFrame, FrameSeen, FromFilm, StateHash, Step, decode};
use serde_bytes::ByteBuf;

use crate::support::studies::{end, game, start, study_of};

/// The game's seed.
pub const SEED: u32 = 11;

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the service heard of an episode.
#[derive(serde::Deserialize)]
struct Heard {
    inputs: Vec<Vec<String>>,
    rows: Vec<String>,
    hashes: Vec<(u32, String)>,
}

fn bytes(digits: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}

/// A study's folder of data, with one game in it.
pub struct Record {
    folder: tempfile::TempDir,
    pub game: GameId,
}

/// How a game was played.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Alone,
    Together,
}

impl Record {
    /// Two episodes; what comes is written as far as `until` says.
    pub fn new(kind: Kind) -> (Self, Vec<Entry>) {
        let folder = tempfile::tempdir().unwrap();
        let module = folder.path().join("module");
        std::fs::create_dir(&module).unwrap();
        std::fs::write(module.join("beside.py"), "WEIGHT = 1.5\n").unwrap();
        std::fs::copy(root().join("tests/replaying/game.py"), module.join("game.py")).unwrap();
        let (game, experiment) = (GameId::fresh(), study(kind));
        let archive = Archive::of(&experiment, &module, &[module.join("beside.py")]).unwrap();
        let packages = [("numpy".to_owned(), "0.1".to_owned())].into();
        let definition = Definition { archive, python_version: "3.11.2".into(), packages };
        let record = Self { folder, game };
        let mut journal = SqliteJournal::open(&record.data().join(JOURNAL)).unwrap();
        definition.note(&experiment, &mut journal, false, Timestamp(1)).unwrap();
        (record, facts(kind, game, &heard(kind, &module)))
    }

    pub fn whole(kind: Kind) -> Self {
        let (record, entries) = Self::new(kind);
        record.append(&entries);
        record
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn append(&self, entries: &[Entry]) {
        SqliteJournal::open(&self.data().join(JOURNAL)).unwrap().append(entries).unwrap();
    }

    /// Changes the stored payload of a fact.
    pub fn alter<T: serde::Serialize + serde::de::DeserializeOwned>(
        &self,
        nth: u32,
        fact: &str,
        change: impl Fn(&mut T),
    ) {
        let db = rusqlite::Connection::open(self.data().join(JOURNAL)).unwrap();
        let find = "SELECT id, payload FROM facts WHERE fact = ?1 ORDER BY id LIMIT 1 OFFSET ?2";
        let found = db.query_row(find, rusqlite::params![fact, nth], |row| Ok((row.get(0)?, row.get(1)?)));
        let (id, payload): (i64, Vec<u8>) = found.unwrap();
        let mut value: T = rmp_serde::from_slice(&payload).unwrap();
        change(&mut value);
        let payload = rmp_serde::to_vec(&value).unwrap();
        db.execute("UPDATE facts SET payload = ?1 WHERE id = ?2", rusqlite::params![payload, id]).unwrap();
    }

    pub fn replay(&self, arguments: &[&str]) -> Output {
        replay(&self.data(), &self.game.to_string(), arguments)
    }

    pub fn film(&self, arguments: &[&str]) -> Film {
        Film::of(&self.data(), self.game, arguments)
    }
}

/// This program, with the package of the checkout.
pub fn program(command: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_greenroom"));
    program.arg(command).arg("--venv").arg(root().join(".venv")).arg("--assets").arg(root().join("assets"));
    program
}

pub fn replay(data: &Path, game: &str, arguments: &[&str]) -> Output {
    program("replay").arg(data).arg(game).args(arguments).output().unwrap()
}

/// What a program wrote, if it ended as expected.
pub fn said(output: &Output, code: i32) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
    out.into_owned()
}

/// A film that is being made.
pub struct Film {
    pub child: Child,
}

impl Film {
    pub fn of(data: &Path, game: GameId, arguments: &[&str]) -> Self {
        let mut command = program("film");
        command.arg(data).arg(game.to_string()).args(arguments);
        Self { child: command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap() }
    }

    /// The next message; `None` at the end.
    pub fn next(&mut self) -> Option<FromFilm> {
        let pipe = self.child.stdout.as_mut().unwrap();
        let mut length = [0; 4];
        pipe.read_exact(&mut length).ok()?;
        let mut body = vec![0; u32::from_be_bytes(length) as usize];
        pipe.read_exact(&mut body).unwrap();
        Some(decode(&body).unwrap())
    }

    /// The frames of the next messages, up to one of them.
    pub fn frames_to(&mut self, episode: u32, frame: u32) -> Vec<(bool, FilmFrame)> {
        let mut frames = Vec::new();
        while let Some(message) = self.next() {
            match message {
                FromFilm::Frame(filmed) => {
                    let shown: FilmFrame = decode(&filmed.shown).unwrap();
                    assert_eq!((shown.episode, shown.frame), (filmed.episode, filmed.frame));
                    let last = (filmed.episode, filmed.frame) == (episode, frame);
                    frames.push((filmed.complete, shown));
                    if last {
                        return frames;
                    }
                }
                FromFilm::View(_) => {}
                FromFilm::Failed(trouble) => panic!("{trouble:?}"),
            }
        }
        panic!("the film ended after {} frames", frames.len())
    }
}

fn study(kind: Kind) -> Experiment {
    let right = match kind {
        Kind::Alone => Policy::Random(RandomPolicy { frame_skip: 2 }),
        Kind::Together => Policy::Human,
    };
    let keys = |key: &str| KeyCombination::new(vec![key.into()]).unwrap();
    let group = Group { waiting_room: WaitingRoom::default(), multiplayer: Multiplayer::default() };
    let mut game = game("push", &["left"]);
    game.rendering.fps = 30;
    game.gameplay = Gameplay {
        action_mapping: [("a", 0), ("b", 1), ("c", 2)].map(|(key, action)| (keys(key), action.into())).into(),
        default_action: Some(0.into()),
        num_episodes: 2,
        max_steps: 90,
        ..Gameplay::default()
    };
    game.policies.insert("right".into(), right);
    game.group = (kind == Kind::Together).then_some(group);
    game.runtime.code = std::fs::read_to_string(root().join("tests/replaying/game.py")).unwrap();
    game.runtime.filename = "game.py".into();
    game.record_observations = true;
    let scenes = vec![Scene::Start(start()), Scene::Gym(Box::new(game)), Scene::End(end())];
    Experiment { id: "pushing".parse().unwrap(), ..study_of(Stager::new(scenes).unwrap()) }
}

/// Has both episodes played, by the environment itself.
fn heard(kind: Kind, module: &Path) -> Vec<Heard> {
    let mut python = Command::new(root().join(".venv/bin/python"));
    python.env("PYTHONPATH", module).env("PYTHONHASHSEED", "0").arg(root().join("tests/replaying/make.py"));
    python.arg(if kind == Kind::Alone { "alone" } else { "together" }).arg(module.join("game.py"));
    let output = python.args((0..2).map(|episode| episode_seed(SEED, episode).to_string())).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // What the environment prints comes before it.
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

/// The game's facts, in the order in which a service stores them.
fn facts(kind: Kind, game: GameId, heard: &[Heard]) -> Vec<Entry> {
    let mut facts: Vec<(Fact, Payload)> = Vec::new();
    let scene = "push".parse().unwrap();
    let opened = match kind {
        Kind::Alone => {
            let players = [("left".to_owned(), "ann".parse().unwrap())].into();
            GameFact::GameOpened { scene, visit: 1, players, seed: SEED }
        }
        Kind::Together => {
            let seat = |(agent, subject): (&str, &str)| SeatTaken {
                agent: agent.into(),
                player: Some(Visitor { subject: subject.parse().unwrap(), visit: 1 }),
            };
            GameFact::GameMatched { scene, seats: [("left", "ann"), ("right", "bob")].map(seat).into(), seed: SEED }
        }
    };
    facts.push((opened.into(), Payload::None));
    for (episode, heard) in (0..).zip(heard) {
        if kind == Kind::Together {
            facts.push((lobby::Fact::Begun { episode }.into(), Payload::None));
        }
        let length = u32::try_from(heard.rows.len()).unwrap();
        for first in (0..length).step_by(10) {
            let part = first as usize..(first + 10).min(length) as usize;
            let count = u32::try_from(part.len()).unwrap();
            if kind == Kind::Together {
                let frames = (first..).zip(&heard.inputs[part.clone()]).map(|(frame, inputs)| Closed {
                    frame,
                    inputs: inputs.iter().map(|input| bytes(input).into()).collect(),
                    age: vec![Some(0), Some(u32::from(frame == 3))],
                });
                let fact = GameFact::FramesConfirmed { episode, first, count };
                facts.push((fact.into(), Payload::Frames(frames.collect())));
                let seen = |frame: u32| FrameSeen {
                    predicted: vec![false; 2],
                    depth: if frame == 3 { 2 } else { 0 },
                    focused: true,
                    at: 0.0.try_into().unwrap(),
                };
                let seen = (first..first + count).map(seen).collect();
                let fact = GameFact::FramesWitnessed { episode, seat: 0, first, count };
                facts.push((fact.into(), Payload::Witnessed(seen)));
            }
            let step =
                |row: &String| Step { row: ByteBuf::from(bytes(row)), at: 0.0.try_into().unwrap(), focused: true };
            let steps = heard.rows[part].iter().map(step).collect();
            facts.push((GameFact::StepsAccepted { episode, first, count }.into(), Payload::Steps(steps)));
            for (frame, hash) in heard.hashes.iter().filter(|(frame, _)| (first..first + count).contains(frame)) {
                let hash = StateHash::try_from(hash.clone()).unwrap();
                facts.push((GameFact::CopiesAgreed { episode, frame: *frame, hash }.into(), Payload::None));
            }
        }
        facts.push((GameFact::EpisodeEnded { episode, steps: length }.into(), Payload::None));
    }
    facts.push((GameFact::GameEnded { outcome: Outcome::Complete }.into(), Payload::None));
    let stored = |(fact, payload)| Entry { stream: Stream::Game(game), at: Timestamp(1_000), fact, payload };
    facts.into_iter().map(stored).collect()
}
