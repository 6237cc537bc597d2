//! A game of two people and a bot: the host's connection is lost and another takes over, inputs come late or not at all, a
//! copy is healed, and in the second episode the game is lost.

use std::collections::BTreeMap;

use rmpv::Value;
use serde_bytes::ByteBuf;

use super::*;
use crate::facts::{Entry, Fact, GameFact, ParticipantFact, Payload, SeatTaken, Visitor};
use crate::rules::lobby::{Fact as LobbyFact, Reason};
use crate::rules::seeds::episode_seed;
use crate::rules::timeline::Closed;
use crate::wire::{FrameSeen, StateHash, Step};

const SEED: u32 = 7;

fn packed(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).unwrap();
    bytes
}

fn agents(values: [(&str, Value); 3]) -> Value {
    Value::Map(values.into_iter().map(|(agent, value)| (agent.into(), value)).collect())
}

/// A row of a host; its clock tells whose.
fn step(frame: u32, clock: f64) -> Step {
    let actions = agents([("left", frame.into()), ("right", 0.into()), ("third", 2.into())]);
    let rewards = agents([("left", 0.5.into()), ("right", (-0.5).into()), ("third", 0.0.into())]);
    let row = Value::Map(vec![("t".into(), frame.into()), ("actions".into(), actions), ("rewards".into(), rewards)]);
    Step { row: packed(&row).into(), at: (clock + f64::from(frame)).try_into().unwrap(), focused: true }
}

fn closed(frame: u32, age: [Option<u32>; 3]) -> Closed {
    let input = |value: Value| packed(&value).into();
    Closed { frame, inputs: vec![input(frame.into()), input(0.into()), input(2.5.into())], age: age.to_vec() }
}

fn seen(frame: u32, predicted: [bool; 3], depth: u32, focused: bool, clock: f64) -> FrameSeen {
    let at = (clock + f64::from(frame)).try_into().unwrap();
    FrameSeen { predicted: predicted.to_vec(), depth, focused, at }
}

/// The facts of a game, in the order in which they are stored.
struct Story(Vec<(u64, Fact, Payload)>);

impl Story {
    fn tell(&mut self, at: u64, fact: impl Into<Fact>) {
        self.0.push((at, fact.into(), Payload::None));
    }

    fn frames(&mut self, at: u64, episode: u32, frames: Vec<Closed>) {
        let (first, count) = (frames[0].frame, frames.len() as u32);
        self.0.push((at, GameFact::FramesConfirmed { episode, first, count }.into(), Payload::Frames(frames)));
    }

    fn rows(&mut self, at: u64, episode: u32, clock: f64, frames: std::ops::Range<u32>) {
        let (first, count) = (frames.start, frames.len() as u32);
        let steps = frames.map(|frame| step(frame, clock)).collect();
        self.0.push((at, GameFact::StepsAccepted { episode, first, count }.into(), Payload::Steps(steps)));
    }

    fn witnessed(&mut self, at: u64, episode: u32, seat: usize, first: u32, frames: Vec<FrameSeen>) {
        let count = frames.len() as u32;
        let fact = GameFact::FramesWitnessed { episode, seat, first, count };
        self.0.push((at, fact.into(), Payload::Witnessed(frames)));
    }

    fn prepared(&mut self, at: u64, episode: u32, delays: [u32; 2]) {
        for (seat, input_delay) in delays.into_iter().enumerate() {
            self.tell(at, GameFact::SeatPrepared { episode, seat, input_delay });
        }
    }
}

fn matched() -> GameFact {
    let taken = |agent: &str, player: Option<(&str, u32)>| SeatTaken {
        agent: agent.into(),
        player: player.map(|(subject, visit)| Visitor { subject: subject.parse().unwrap(), visit }),
    };
    GameFact::GameMatched {
        scene: "volley".parse().unwrap(),
        seats: vec![taken("left", Some(("ann", 2))), taken("right", Some(("bob", 1))), taken("third", None)],
        seed: SEED,
    }
}

fn story() -> Story {
    let on_time = [Some(0); 3];
    let mut story = Story(Vec::new());
    story.tell(1000, matched());
    (0..3).for_each(|player| story.tell(1100, LobbyFact::Joined { player }));
    story.prepared(1200, 0, [2, 4]);
    (0..3).for_each(|player| story.tell(1300, LobbyFact::Ready { player }));
    story.tell(1400, LobbyFact::HostMoved { player: Some(0), from: None });
    story.tell(1500, LobbyFact::Begun { episode: 0 });
    // The second player gives no input at first, and is late once.
    story.frames(2000, 0, vec![closed(0, [Some(0), None, Some(0)])]);
    story.frames(2030, 0, vec![closed(1, on_time)]);
    story.rows(2040, 0, 10_000.0, 0..2);
    let link = |seat, rtt_ms, late| {
        let (episode, frame, margin_ms) = (0, 2, Some(-3));
        GameFact::LinkSampled { episode, frame, seat, rtt_ms, margin_ms, late, adopted: 0, largest: None }
    };
    story.tell(2050, link(1, Some(80), 0));
    story.tell(2055, link(1, None, 1));
    story.frames(2060, 0, vec![closed(2, [Some(0), Some(1), Some(0)])]);
    let guessed = |frame| seen(frame, [false, true, true], 2, frame != 1, 20_000.0);
    story.witnessed(2070, 0, 0, 0, (0..2).map(guessed).collect());
    story.witnessed(
        2070,
        0,
        1,
        0,
        (0..3).map(|frame| seen(frame, [frame == 0, false, false], 0, true, 30_000.0)).collect(),
    );
    // The host is gone. The new one's word counts from frame 1 on.
    story.tell(3000, LobbyFact::Away { player: 0 });
    story.tell(3000, LobbyFact::HostMoved { player: Some(1), from: Some(1) });
    story.rows(3100, 0, 40_000.0, 1..3);
    story.tell(5000, LobbyFact::Back { player: 0 });
    story.prepared(5050, 0, [3, 4]);
    story.tell(5200, LobbyFact::CaughtUp { player: 0 });
    story.tell(5300, GameFact::CopyDiffers { episode: 0, frame: 3, seat: 0 });
    let snapshot = GameFact::SnapshotTaken { episode: 0, frame: 3, seat: 1 };
    story.0.push((5310, snapshot.into(), Payload::State(ByteBuf::from(vec![1, 2]))));
    let fields = vec!["ball.x: 1 and 2".to_owned()];
    story.tell(5400, GameFact::CopyHealed { episode: 0, frame: 3, seat: 0, fields });
    // One frame is confirmed beyond the end.
    story.frames(6000, 0, (3..6).map(|frame| closed(frame, on_time)).collect());
    story.tell(6010, GameFact::CopiesAgreed { episode: 0, frame: 4, hash: StateHash(255) });
    // What the first player saw before it reloaded counts, not what it tells after that.
    story.witnessed(6020, 0, 0, 1, (1..5).map(|frame| seen(frame, [false; 3], 0, true, 50_000.0)).collect());
    story.rows(6030, 0, 40_000.0, 3..5);
    story.tell(6040, GameFact::EpisodeEnded { episode: 0, steps: 5 });
    story.tell(6040, LobbyFact::EpisodeOver { episode: 0 });
    story.prepared(6100, 1, [1, 1]);
    story.tell(6200, LobbyFact::Begun { episode: 1 });
    story.frames(6300, 1, vec![closed(0, on_time), closed(1, on_time)]);
    story.rows(6350, 1, 40_000.0, 0..1);
    story.tell(6400, LobbyFact::Away { player: 1 });
    story.tell(6400, LobbyFact::HostMoved { player: Some(0), from: None });
    story.tell(9000, LobbyFact::Ended { reason: Reason::Lost, by: vec![1] });
    story
}

/// A study's folder, in which this game was played.
pub(crate) struct Study {
    _folder: tempfile::TempDir,
    pub(crate) journal: SqliteJournal,
    pub(crate) files: Files,
    pub(crate) game: GameId,
}

impl Study {
    /// Its folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.files.folder
    }

    /// The game once more, by another name.
    pub(crate) fn another_game() -> Vec<Entry> {
        let game = GameId::fresh();
        let entry = |(at, fact, payload)| Entry { stream: Stream::Game(game), at: Timestamp(at), fact, payload };
        story().0.into_iter().map(entry).collect()
    }

    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let mut journal = SqliteJournal::open(&path).unwrap();
        let game = GameId::fresh();
        for (subject, first) in [("ann", 1), ("bob", 0)] {
            let mut facts = Vec::new();
            facts.extend(
                (first == 1).then(|| ParticipantFact::SceneEntered { visit: 1, scene: "start".parse().unwrap() }),
            );
            facts.push(ParticipantFact::SceneEntered { visit: first + 1, scene: "volley".parse().unwrap() });
            facts.push(ParticipantFact::GameJoined {
                visit: first + 1,
                game,
                partners: Default::default(),
                agent: String::new(),
            });
            let stream = Stream::Participant(subject.parse().unwrap());
            let entry = |fact: ParticipantFact| Entry {
                stream: stream.clone(),
                at: Timestamp(1000),
                fact: fact.into(),
                payload: Payload::None,
            };
            journal.append(&facts.into_iter().map(entry).collect::<Vec<_>>()).unwrap();
        }
        let entry = |(at, fact, payload)| Entry { stream: Stream::Game(game), at: Timestamp(at), fact, payload };
        journal.append(&story().0.into_iter().map(entry).collect::<Vec<_>>()).unwrap();
        let experiment = json!({"experiment_id": "study", "scenes": {"volley": {"code": "the source"}}});
        let files = Files {
            journal: SqliteJournal::open_to_read(&path).unwrap(),
            folder: folder.path().to_owned(),
            experiment,
        };
        Self { _folder: folder, journal, files, game }
    }

    pub(crate) fn target(&self, subject: &str) -> Target {
        let visit = if subject == "ann" { 2 } else { 1 };
        Target { subject: subject.parse().unwrap(), scene: "volley".parse().unwrap(), visit, game: Some(self.game) }
    }

    pub(crate) fn project(&mut self, subject: &str) {
        let target = self.target(subject);
        self.files.project(&target).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.files.folder.join("volley").join(name)).unwrap()
    }

    fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&self.read(name)).unwrap()
    }

    fn record(&self) -> serde_json::Value {
        self.json(&format!("games/{}.json", self.game))
    }

    /// A table by its columns.
    pub(crate) fn table(&mut self, subject: &str) -> (Vec<String>, BTreeMap<String, Vec<String>>) {
        self.project(subject);
        let bytes = self.read(&format!("{subject}.csv"));
        let mut reader = csv::Reader::from_reader(&bytes[..]);
        let header: Vec<String> = reader.headers().unwrap().iter().map(String::from).collect();
        let rows: Vec<_> = reader.records().map(|row| row.unwrap()).collect();
        let column =
            |(index, name): (usize, &String)| (name.clone(), rows.iter().map(|row| row[index].to_owned()).collect());
        let columns = header.iter().enumerate().map(column).collect();
        (header, columns)
    }
}

#[test]
fn the_players_of_a_game_have_the_same_game_in_their_files_and_each_its_own_view_of_it() {
    let mut study = Study::new();
    let (header, mut ann) = study.table("ann");
    let (header_of_bob, mut bob) = study.table("bob");
    assert_eq!(header, header_of_bob);
    let own: Vec<_> = header.iter().filter(|name| name.starts_with("own.")).cloned().collect();
    assert_eq!(header[header.len() - own.len()..], own, "what is a player's own comes last");
    let expected =
        ["own.predicted.left", "own.predicted.right", "own.predicted.third", "own.rollback_depth", "own.timestamp"];
    assert_eq!(own, expected);
    let own_of = |columns: &mut BTreeMap<String, Vec<String>>| -> Vec<_> {
        own.iter().map(|name| columns.remove(name).unwrap()).collect()
    };
    let (own_of_ann, own_of_bob) = (own_of(&mut ann), own_of(&mut bob));
    assert_eq!(ann, bob);
    assert_ne!(own_of_ann, own_of_bob);
    assert_eq!(own_of_ann[1], ["True", "True", "False", "False", "False", ""]);
    assert_eq!(own_of_ann[4], ["20000.0", "20001.0", "50002.0", "50003.0", "50004.0", ""]);
    assert_eq!(own_of_bob[0], ["True", "False", "False", "", "", ""]);
    assert_eq!(own_of_bob[3], ["0", "0", "0", "", "", ""]);
}

#[test]
fn the_table_tells_how_each_input_came_to_its_frame() {
    let (header, table) = Study::new().table("ann");
    assert_eq!(header[..3], ["episode_num", "t", "actions.left"]);
    let cells = |name: &str| table[name].join(" ");
    assert_eq!(cells("episode_num"), "0 0 0 0 0 1", "rows end with the episode");
    assert_eq!(cells("t"), "0 1 2 3 4 0");
    assert_eq!(cells("timestamp"), "10000.0 40001.0 40002.0 40003.0 40004.0 40000.0", "the new host's word counts");
    assert_eq!(cells("server_timestamp"), "2040 3100 3100 6030 6030 6350");
    assert_eq!(cells("input_age.left"), "2 2 2 3 3 1", "a reload may change the delay");
    assert_eq!(table["input_age.right"], ["", "4", "5", "4", "4", "1"]);
    assert_eq!(table["input_age.third"], [""; 6]);
    assert_eq!(cells("input_on_time.right"), "False True False True True True");
    assert_eq!(table["input_on_time.third"], [""; 6]);
    assert_eq!(table["isFocused.left"], ["True", "False", "True", "True", "True", ""]);
    assert_eq!(table["isFocused.right"], ["True", "True", "True", "", "", ""]);
    assert_eq!(table["isFocused.third"], [""; 6]);
    assert_eq!(table["player_subjects.left"], ["ann"; 6]);
    assert_eq!(table["player_subjects.third"], ["bot"; 6]);
}

#[test]
fn the_record_of_a_game_is_the_same_whoever_s_files_it_is_written_with() {
    let mut study = Study::new();
    let name = format!("games/{}.json", study.game);
    study.project("ann");
    let first = study.read(&name);
    study.project("bob");
    assert_eq!(first, study.read(&name));
}

#[test]
fn the_record_of_a_game_is_enough_to_play_it_again() {
    let mut study = Study::new();
    study.project("bob");
    let record = study.record();
    assert_eq!(record["format"], 1);
    assert_eq!(record["scene"]["code"], "the source");
    assert_eq!(
        record["players"],
        json!([
            {"seat": 0, "agent": "left", "subject": "ann", "visit": 2},
            {"seat": 1, "agent": "right", "subject": "bob", "visit": 1},
            {"seat": 2, "agent": "third", "subject": "bot", "visit": null},
        ])
    );
    let [first, second] = &record["episodes"].as_array().unwrap()[..] else { panic!("two episodes") };
    assert_eq!((&first["seed"], &second["seed"]), (&json!(episode_seed(SEED, 0)), &json!(episode_seed(SEED, 1))));
    assert_eq!((&first["complete"], &first["frames"]), (&json!(true), &json!(5)));
    assert_eq!(first["inputs"], json!([[0, 0, 2.5], [1, 0, 2.5], [2, 0, 2.5], [3, 0, 2.5], [4, 0, 2.5]]));
    assert_eq!(first["ages"], json!([[0, null, 0], [0, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0]]));
    assert_eq!(first["agreed"], json!([[4, "00000000000000ff"]]));
    assert_eq!((&second["complete"], &second["frames"]), (&json!(false), &json!(2)));
    assert_eq!(second["inputs"].as_array().unwrap().len(), 2);
}

#[test]
fn the_record_of_a_game_tells_what_befell_it() {
    let mut study = Study::new();
    study.project("ann");
    let record = study.record();
    let [first, second] = &record["episodes"].as_array().unwrap()[..] else { panic!("two episodes") };
    assert_eq!(first["begun_at"], 1500);
    let delay = |seat, from_frame, delay| json!({"seat": seat, "from_frame": from_frame, "input_delay": delay});
    assert_eq!(first["input_delays"], json!([delay(0, 0, 2), delay(1, 0, 4), delay(0, 3, 3), delay(1, 3, 4)]));
    assert_eq!((&first["stood_in"], &first["late"]), (&json!([0, 2, 0]), &json!([null, 1, null])));
    let healed = json!({"frame": 3, "at": 5400, "fields": ["ball.x: 1 and 2"]});
    assert_eq!(first["desyncs"], json!([{"seat": 0, "frame": 3, "at": 5300, "healed": healed}]));
    let host = |seat, from_frame, at| json!({"seat": seat, "from_frame": from_frame, "at": at});
    assert_eq!(first["hosts"], json!([host(0, 0, 1400), host(1, 1, 3000)]));
    assert_eq!(second["hosts"], json!([host(1, 0, 6200), host(0, 0, 6400)]), "the host stays it");
    let (from, to) = (json!({"episode": 0, "frame": 3, "at": 3000}), json!({"episode": 0, "frame": 3, "at": 5200}));
    assert_eq!(first["absences"], json!([{"seat": 0, "from": from, "to": to}]));
    assert_eq!(first["pauses"], json!([{"frame": 3, "from": 2060, "to": 6000}]));
    let link = |at, rtt, late| json!({"seat": 1, "frame": 2, "at": at, "rtt_ms": rtt, "margin_ms": -3, "late": late});
    assert_eq!(first["links"], json!([link(2050, json!(80), 0), link(2055, json!(null), 1)]));
    assert_eq!(second["absences"], json!([{"seat": 1, "from": {"episode": 1, "frame": 2, "at": 6400}, "to": null}]));
    assert_eq!(second["pauses"], json!([{"frame": 2, "from": 6300, "to": 9000}]));
    assert_eq!(record["ended"], json!({"reason": "lost", "by": [1], "at": 9000}));
}

#[test]
fn the_metadata_of_a_shared_game_has_its_players_and_seeds_and_nothing_that_comes_with_each_frame() {
    let mut study = Study::new();
    study.project("bob");
    let metadata = study.json("bob_metadata.json");
    assert_eq!(metadata["episode_seeds"], json!([episode_seed(SEED, 0), episode_seed(SEED, 1)]));
    assert_eq!(metadata["players"], study.record()["players"]);
    let kinds: Vec<_> = metadata["game"].as_array().unwrap().iter().map(|told| &told["fact"]["fact"]).collect();
    assert_eq!(kinds[0], "game_matched");
    for wanted in ["host_moved", "away", "copy_healed", "copies_agreed", "seat_prepared", "episode_ended", "ended"] {
        assert!(kinds.iter().any(|kind| *kind == wanted), "{wanted} is missing");
    }
    for bulky in ["frames_confirmed", "frames_witnessed", "steps_accepted", "snapshot_taken", "link_sampled"] {
        assert!(kinds.iter().all(|kind| *kind != bulky), "{bulky} is there");
    }
}

#[test]
fn the_files_of_all_players_are_overdue_after_a_fact_of_their_game() {
    let mut study = Study::new();
    let due = |study: &mut Study| -> Vec<_> {
        let due = study.files.overdue().unwrap().into_iter();
        due.map(|target| (target.subject.to_string(), target.visit)).collect()
    };
    let of = |subject: &str, visit| (subject.to_owned(), visit);
    assert_eq!(due(&mut study), [of("ann", 1), of("ann", 2), of("bob", 1)]);
    study
        .files
        .project(&Target { scene: "start".parse().unwrap(), visit: 1, game: None, ..study.target("ann") })
        .unwrap();
    study.project("ann");
    assert_eq!(due(&mut study), [of("bob", 1)]);
    study.project("bob");
    assert_eq!(due(&mut study), []);
    let late = Entry {
        stream: Stream::Game(study.game),
        at: Timestamp(9001),
        fact: GameFact::FramesWitnessed { episode: 1, seat: 0, first: 0, count: 0 }.into(),
        payload: Payload::Witnessed(Vec::new()),
    };
    study.journal.append(&[late]).unwrap();
    assert_eq!(due(&mut study), [of("ann", 2), of("bob", 1)]);
    study.project("ann");
    study.project("bob");
    assert_eq!(due(&mut study), []);
}

#[test]
fn frames_that_are_missing_are_not_passed_over_in_silence() {
    let mut study = Study::new();
    let hole = Entry {
        stream: Stream::Game(study.game),
        at: Timestamp(9001),
        fact: GameFact::FramesConfirmed { episode: 1, first: 3, count: 1 }.into(),
        payload: Payload::Frames(vec![closed(3, [None; 3])]),
    };
    study.journal.append(&[hole]).unwrap();
    let target = study.target("ann");
    let error = study.files.project(&target).unwrap_err().to_string();
    assert!(error.contains("broken at frame 3"), "{error}");
}

#[test]
fn the_record_of_a_game_that_the_service_runs_tells_of_its_bots_its_clock_and_what_copies_adopted() {
    let mut study = Study::new();
    study.files.experiment = json!({"experiment_id": "study", "scenes": {"volley": {
        "mode": "authoritative",
        "policies": {"left": "human", "right": "human", "third": {"model": {"onnx_path": "a.onnx"}}},
    }}});
    let largest = Some(0.5.try_into().unwrap());
    let (episode, frame, seat) = (1, 2, 0);
    let facts = [
        GameFact::ClockStretched { episode, frame, ms: 40 },
        GameFact::CopyAdopted { episode, frame, seat, largest, fields: vec!["x: 1 and 2".into()] },
        GameFact::LinkSampled { episode, frame, seat, rtt_ms: None, margin_ms: None, late: 0, adopted: 3, largest },
        GameFact::RunnerFailed { reason: "boom".into() },
    ];
    let stream = Stream::Game(study.game);
    let entry = |fact: GameFact| Entry {
        stream: stream.clone(),
        at: Timestamp(9100),
        fact: fact.into(),
        payload: Payload::None,
    };
    study.journal.append(&facts.map(entry)).unwrap();
    let state = crate::wire::RunnerState { frame, copy: vec![1].into(), bots: vec![2].into() };
    let kept = GameFact::RunnerSnapshot { episode, frame }.into();
    let kept = Entry { stream, at: Timestamp(9100), fact: kept, payload: Payload::Runner(Box::new(state)) };
    study.journal.append(std::slice::from_ref(&kept)).unwrap();
    assert_eq!(study.journal.read(&kept.stream).unwrap().last().unwrap().payload, kept.payload);

    study.project("ann");
    let record = study.record();
    assert_eq!((&record["mode"], &record["failure"]), (&json!("authoritative"), &json!("boom")));
    assert_eq!(record["players"][2]["policy"], "model");
    assert_eq!(record["players"][0].get("policy"), None);
    let second = &record["episodes"][1];
    assert_eq!(second["clock_stretches"], json!([{"frame": 2, "at": 9100, "ms": 40}]));
    let adoption = json!({"seat": 0, "frame": 2, "at": 9100, "largest": 0.5, "fields": ["x: 1 and 2"]});
    assert_eq!(second["adoptions"], json!([adoption]));
    assert_eq!((&second["links"][0]["adopted"], &second["links"][0]["largest"]), (&json!(3), &json!(0.5)));
    assert_eq!(record["episodes"][0].get("adoptions"), None);
}
