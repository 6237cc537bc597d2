//! A study with games of several people and of one, and ways to read what is exported of it.

use super::*;

fn packed(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).unwrap();
    bytes
}

fn map(entries: &[(&str, Value)]) -> Value {
    Value::Map(entries.iter().map(|(key, value)| ((*key).into(), value.clone())).collect())
}

/// The game of [`Played`], and what a participant did who played alone.
pub(super) fn study() -> Played {
    let mut study = Played::new();
    let form = json!({"id": "rally", "stager": {"scenes": [
        {"scene_type": "StartScene", "scene_id": "start"},
        {"scene_type": "GymScene", "scene_id": "volley", "mode": "authoritative", "code": "the source",
            "policies": {"left": "human", "right": "human", "third": {"random": {"frame_skip": 1}}}},
        {"scene_type": "GymScene", "scene_id": "alone", "mode": "browser",
            "policies": {"me": "human", "it": {"function": {"name": "f"}}}},
        {"scene_type": "EndScene", "scene_id": "end"},
    ]}});
    let opened = StudyFact::StudyOpened {
        digest: "d".into(),
        experiment: form,
        greenroom_version: "0".into(),
        python_version: "3".into(),
        packages: BTreeMap::new(),
    };
    let entry = |stream: &Stream, at, fact: Fact| Entry {
        stream: stream.clone(),
        at: Timestamp(at),
        fact,
        payload: Payload::None,
    };
    let eve = Stream::Participant("eve".parse().unwrap());
    let id = GameId::fresh();
    let game = Stream::Game(id);
    let scene = |name: &str| name.parse::<SceneId>().unwrap();
    let created = ParticipantFact::ParticipantCreated {
        token: ResumeToken::from_random([7; 16]).digest(),
        parameters: [("PROLIFIC_PID".into(), "x,\"y".into())].into(),
        browser: Browser { window: [800, 600], ..Browser::default() },
    };
    let order = ["start", "alone", "end"].map(scene).to_vec();
    let code = "CODE".to_owned();
    let mut entries = vec![
        entry(&Stream::Study, 10, opened.into()),
        entry(&eve, 500, created.into()),
        entry(&eve, 500, ParticipantFact::ScenesDrawn { order, plan: Vec::new(), number: None }.into()),
        entry(&eve, 500, ParticipantFact::SceneEntered { visit: 1, scene: scene("start") }.into()),
        entry(&eve, 600, ParticipantFact::SceneEntered { visit: 2, scene: scene("alone") }.into()),
        entry(
            &eve,
            700,
            ParticipantFact::GameJoined { visit: 2, game: id, partners: Default::default(), agent: String::new() }
                .into(),
        ),
        entry(&eve, 990, ParticipantFact::Dismissed { visit: 2, reason: Dismissal::Failed, code }.into()),
        entry(&eve, 990, ParticipantFact::SceneEntered { visit: 3, scene: scene("end") }.into()),
        entry(
            &game,
            700,
            GameFact::GameOpened {
                scene: scene("alone"),
                visit: 2,
                players: [("me".into(), "eve".parse().unwrap())].into(),
                seed: 3,
            }
            .into(),
        ),
    ];
    let steps = (0..4).map(alone).collect();
    let accepted = GameFact::StepsAccepted { episode: 0, first: 0, count: 4 };
    entries.push(Entry { payload: Payload::Steps(steps), ..entry(&game, 800, accepted.into()) });
    entries.push(entry(&game, 900, GameFact::EpisodeEnded { episode: 0, steps: 4 }.into()));
    entries.push(entry(&game, 950, GameFact::GameEnded { outcome: Outcome::Complete }.into()));
    study.journal.append(&entries).unwrap();
    study
}

/// A step of a game of one person with a bot. Its values are of all kinds, and not always of the same.
pub(super) fn alone(t: u32) -> Step {
    let note = match t {
        0 => Value::Nil,
        1 => Value::from(true),
        2 => Value::from("text, with a comma"),
        _ => Value::from(f64::NAN),
    };
    let info = map(&[("note", note), ("pos", Value::Array(vec![1.into(), 2.5.into()])), ("count", t.into())]);
    let number = if t == 2 { Value::from(2) } else { Value::from(0.1 * f64::from(t)) };
    let end = Value::from(t == 3);
    let row = map(&[
        ("t", t.into()),
        ("observations", map(&[("me", Value::Array(vec![f64::from(t).into(), number]))])),
        ("actions", map(&[("it", map(&[("move", 0.5.into())])), ("me", 1.into())])),
        ("rewards", map(&[("it", 0.0.into()), ("me", (0.1 * f64::from(t)).into())])),
        ("terminateds", map(&[("__all__", end.clone()), ("it", false.into()), ("me", end)])),
        ("truncateds", map(&[("it", false.into()), ("me", false.into())])),
        ("infos", map(&[("it", map(&[])), ("me", info)])),
    ]);
    Step { row: packed(&row).into(), at: (5000.25 + f64::from(t)).try_into().unwrap(), focused: t != 1 }
}

pub(super) fn order(study: &Played, format: Format) -> Order {
    let (scenes, tables) = (BTreeSet::new(), BTreeSet::new());
    Order { folder: study.folder().to_owned(), format, out: None, scenes, tables }
}

pub(super) fn export(order: &Order) -> Vec<Exported> {
    tables(order, &mut |_| {}).unwrap()
}

pub(super) type Read = Vec<BTreeMap<String, String>>;

pub(super) fn read(path: &Path) -> Read {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header: Vec<String> = reader.headers().unwrap().iter().map(String::from).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(String::from).collect::<Vec<_>>());
    rows.map(|row| header.iter().cloned().zip(row).collect()).collect()
}

/// The data file of a visit, row by row.
pub(super) fn file(study: &mut Played, scene: &str, subject: &str) -> Read {
    super::rebuild(study.folder(), Some(&study.folder().join("again")), &BTreeSet::new(), &mut |_| {}).unwrap();
    read(&study.folder().join("again").join(scene).join(format!("{subject}.csv")))
}
