//! Exports tell what the data files tell, at any time.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use rmpv::Value;
use serde_json::json;

use super::*;
use crate::facts::{Entry, Fact, GameFact, Journal, Outcome, ParticipantFact, Payload, Stream, StudyFact};
use crate::ids::ResumeToken;
use crate::store::files::tests::Study as Played;
use crate::time::Timestamp;
use crate::wire::{Browser, Dismissal, Step};

fn packed(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).unwrap();
    bytes
}

fn map(entries: &[(&str, Value)]) -> Value {
    Value::Map(entries.iter().map(|(key, value)| ((*key).into(), value.clone())).collect())
}

/// The game of [`Played`], and what a participant did who played alone.
fn study() -> Played {
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
fn alone(t: u32) -> Step {
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

fn order(study: &Played, format: Format) -> Order {
    let (scenes, tables) = (BTreeSet::new(), BTreeSet::new());
    Order { folder: study.folder().to_owned(), format, out: None, scenes, tables }
}

fn export(order: &Order) -> Vec<Exported> {
    tables(order, &mut |_| {}).unwrap()
}

type Read = Vec<BTreeMap<String, String>>;

fn read(path: &Path) -> Read {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header: Vec<String> = reader.headers().unwrap().iter().map(String::from).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(String::from).collect::<Vec<_>>());
    rows.map(|row| header.iter().cloned().zip(row).collect()).collect()
}

/// The data file of a visit, row by row.
fn file(study: &mut Played, scene: &str, subject: &str) -> Read {
    super::rebuild(study.folder(), Some(&study.folder().join("again")), &BTreeSet::new(), &mut |_| {}).unwrap();
    read(&study.folder().join("again").join(scene).join(format!("{subject}.csv")))
}

/// Compares the rows of `steps` of one player's game with that player's data file, cell by cell; returns how many.
fn compare(steps: &Read, file: &Read, scene: &str, subject: &str) -> usize {
    let mut cells = 0;
    let game: Vec<_> = steps.iter().filter(|row| row["scene_id"] == scene).collect();
    let agents: BTreeSet<&str> = game.iter().map(|row| row["agent"].as_str()).collect();
    for row in &game {
        let at = (&row["episode"], &row["t"]);
        let expected = file.iter().find(|line| (&line["episode_num"], &line["t"]) == at).unwrap();
        let agent = row["agent"].as_str();
        let mut same = |ours: &str, theirs: &str| {
            let ours = row.get(ours).cloned().unwrap_or_default();
            assert_eq!(ours, expected.get(theirs).cloned().unwrap_or_default(), "{agent} {at:?} {theirs}");
            cells += 1;
        };
        same("timestamp", "timestamp");
        same("server_timestamp", "server_timestamp");
        same("input_age", &format!("input_age.{agent}"));
        same("input_on_time", &format!("input_on_time.{agent}"));
        same("focused", &format!("isFocused.{agent}"));
        same("terminated_all", "terminateds.__all__");
        let sections = [
            ("action", "actions"),
            ("reward", "rewards"),
            ("terminated", "terminateds"),
            ("truncated", "truncateds"),
            ("observation", "observations"),
            ("info", "infos"),
        ];
        for (ours, theirs) in sections {
            let names: BTreeSet<String> = row
                .keys()
                .filter(|name| *name == ours || name.starts_with(&format!("{ours}.")))
                .map(|name| name[ours.len()..].to_owned())
                .chain(expected.keys().filter_map(|name| {
                    Some(name.strip_prefix(theirs)?.strip_prefix('.')?.strip_prefix(agent)?.to_owned())
                }))
                .collect();
            names.iter().for_each(|rest| same(&format!("{ours}{rest}"), &format!("{theirs}.{agent}{rest}")));
        }
        if row["subject_id"] == subject {
            same("rollback_depth", "own.rollback_depth");
            same("own_timestamp", "own.timestamp");
            agents.iter().for_each(|of| same(&format!("predicted.{of}"), &format!("own.predicted.{of}")));
        }
    }
    assert_eq!(game.len(), file.len() * agents.len(), "every row of {scene}");
    cells
}

#[test]
fn the_steps_are_those_of_the_data_files_cell_by_cell() {
    let mut study = study();
    let exported = export(&order(&study, Format::Csv));
    assert_eq!(exported[0].path.as_deref(), Some(&*study.folder().join("export/steps.csv")));
    let steps = read(&study.folder().join("export/steps.csv"));
    assert_eq!((steps.len() as u64, exported[0].rows), (6 * 3 + 4 * 2, 6 * 3 + 4 * 2));
    let mut cells = 0;
    for (scene, subject) in [("volley", "ann"), ("volley", "bob"), ("alone", "eve")] {
        let file = file(&mut study, scene, subject);
        cells += compare(&steps, &file, scene, subject);
    }
    assert!(cells > 500, "{cells} cells were compared");

    let who: BTreeSet<_> = steps
        .iter()
        .map(|row| {
            ["scene_id", "mode", "agent", "seat", "subject_id", "visit", "policy"].map(|name| row[name].as_str())
        })
        .collect();
    let expected = [
        ["alone", "browser", "it", "", "", "", "function"],
        ["alone", "browser", "me", "0", "eve", "2", "human"],
        ["volley", "authoritative", "left", "0", "ann", "2", "human"],
        ["volley", "authoritative", "right", "1", "bob", "1", "human"],
        ["volley", "authoritative", "third", "2", "", "", "random"],
    ];
    assert_eq!(who.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn the_other_tables_tell_of_participants_visits_games_and_episodes() {
    let study = study();
    export(&order(&study, Format::Csv));
    let table = |name: &str| read(&study.folder().join("export").join(format!("{name}.csv")));
    let told = |row: &BTreeMap<String, String>, names: &[&str]| {
        names.iter().map(|name| row[*name].clone()).collect::<Vec<_>>().join("|")
    };
    let participants = table("participants");
    assert_eq!(participants.iter().map(|row| row["subject_id"].as_str()).collect::<Vec<_>>(), ["ann", "bob", "eve"]);
    let eve = &participants[2];
    assert_eq!(told(eve, &["scenes", "scene_id", "completed"]), "[\"start\",\"alone\",\"end\"]|end|True");
    assert_eq!(told(eve, &["dismissed", "window_width", "url_parameters.PROLIFIC_PID"]), "failed|800|x,\"y");
    let codes: serde_json::Value = serde_json::from_str(&eve["codes"]).unwrap();
    assert_eq!(codes, json!([{"code": "CODE", "reason": "failed", "scene_id": "alone", "visit": 2, "at": 990}]));

    let visits = table("visits");
    let of_eve: Vec<_> = visits.iter().filter(|row| row["subject_id"] == "eve").collect();
    let columns = ["visit", "scene_id", "scene_type", "occurrence", "entered_at", "left_at", "outcome", "code"];
    let expected =
        ["1|start|StartScene|1|500|600|complete|", "2|alone|GymScene|1|600|990|failed|CODE", "3|end|EndScene|1|990|||"];
    assert_eq!(of_eve.iter().map(|row| told(row, &columns)).collect::<Vec<_>>(), expected);

    let games = table("games");
    let columns =
        ["scene_id", "begun_at", "ended_at", "outcome", "ended_by", "episodes", "episodes_complete", "frames"];
    let of = |scene: &str| games.iter().find(|row| row["scene_id"] == scene).unwrap();
    assert_eq!(told(of("volley"), &columns), "volley|1000|9000|lost|[1]|2|1|7");
    assert_eq!(told(of("alone"), &columns), "alone|700|950|complete||1|1|4");

    let episodes = table("episodes");
    let columns =
        ["scene_id", "episode", "complete", "begun_at", "ended_at", "frames", "rows", "return.left", "return.me"];
    let told: BTreeSet<_> = episodes.iter().map(|row| told(row, &columns)).collect();
    let sum = [0.1, 0.2, 0.1 * 3.0].iter().sum::<f64>();
    let expected = [
        format!("alone|0|True|800|900|4|4||{sum:?}"),
        "volley|0|True|1500|6040|5|5|2.5|".into(),
        "volley|1|False|6200||2|1|0.5|".into(),
    ];
    assert_eq!(told.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn the_answers_are_those_of_the_data_files() {
    let mut study = study();
    let stream = Stream::Participant("fay".parse().unwrap());
    let scene: SceneId = "survey".parse().unwrap();
    let question = |name: &str, ask: serde_json::Value| json!({"id": name, "prompt": name, "required": false, "ask": ask, "correct": null});
    let number = json!({"kind": "number", "min": null, "max": null, "whole": false, "unit": ""});
    let grid = json!({"kind": "grid", "rows": [{"id": "r", "label": "R"}, {"id": "s", "label": "S"}],
        "columns": ["no", "yes"], "shuffle": true});
    let form = json!({"scene_type": "StaticScene", "scene_id": "survey", "class": "SurveyScene",
        "page": {"header": "", "subheader": "", "body": ""},
        "form": {"questions": [question("age", number), question("mood", grid)], "shuffle": true, "tries": null}});
    let opened = StudyFact::StudyOpened {
        digest: "e".into(),
        experiment: json!({"id": "rally", "stager": {"scenes": [form]}}),
        greenroom_version: "0".into(),
        python_version: "3".into(),
        packages: BTreeMap::new(),
    };
    let drawn = serde_json::from_value(json!({"questions": ["mood", "age"], "options": {"mood": ["s", "r"]}})).unwrap();
    let given = |question: &str, answer: serde_json::Value, ms: f64| ParticipantFact::AnswerGiven {
        visit: 1,
        question: question.parse().unwrap(),
        answer: serde_json::from_value(answer).unwrap(),
        ms: ms.try_into().unwrap(),
        version: None,
    };
    let values = [("level".to_owned(), json!(3)), ("seen".to_owned(), json!([1]))].into_iter().collect();
    let facts: Vec<Fact> = vec![
        ParticipantFact::SceneEntered { visit: 1, scene: scene.clone() }.into(),
        ParticipantFact::QuestionsDrawn { visit: 1, drawn }.into(),
        given("age", json!(27.5), 100.0).into(),
        given("mood", json!({"r": 1}), 200.0).into(),
        ParticipantFact::AnswersHandedIn { visit: 1, wrong: Vec::new() }.into(),
        ParticipantFact::GlobalsChanged { visit: 1, values }.into(),
    ];
    let entry = |stream: &Stream, fact: Fact| Entry {
        stream: stream.clone(),
        at: Timestamp(2000),
        fact,
        payload: Payload::None,
    };
    let mut entries = vec![entry(&Stream::Study, opened.into())];
    entries.extend(facts.into_iter().map(|fact| entry(&stream, fact)));
    study.journal.append(&entries).unwrap();
    export(&order(&study, Format::Csv));
    let exported = study.folder().join("export");
    let answers = read(&exported.join("answers.csv"));
    rebuild(study.folder(), Some(&exported.join("files")), &[scene].into(), &mut |_| {}).unwrap();
    let file = read(&exported.join("files/survey/fay.csv"));
    assert_eq!(answers.len(), 3);
    for (exported, own) in answers.iter().zip(&file) {
        assert_eq!((exported["subject_id"].as_str(), exported["scene_id"].as_str()), ("fay", "survey"));
        for (column, cell) in own {
            assert_eq!(exported[column], *cell, "{column}");
        }
    }
    let told: Vec<_> =
        answers.iter().map(|row| format!("{}{} {}", row["question_id"], row["item"], row["answer"])).collect();
    assert_eq!(told, ["moods ", "moodr 1", "age 27.5"]);
    let fay = |name: &str| read(&exported.join(name)).into_iter().find(|row| row["subject_id"] == "fay").unwrap();
    assert_eq!((fay("visits.csv")["answered"].as_str(), fay("visits.csv")["handed_in"].as_str()), ("2", "1"));
    let participant = fay("participants.csv");
    assert_eq!((participant["globals.level"].as_str(), participant["globals.seen"].as_str()), ("3", "[1]"));
    export(&order(&study, Format::Parquet));
}

#[test]
fn parquet_has_the_same_values_with_their_types() {
    let study = study();
    export(&order(&study, Format::Csv));
    export(&order(&study, Format::Parquet));
    let mut compared = 0;
    for table in TABLES {
        if matches!(table, Table::Conditions | Table::Assignments) {
            continue; // Of no use to a study without conditions.
        }
        let folder = study.folder().join("export");
        let expected = read(&folder.join(format!("{}.csv", table.name())));
        let file = fs::File::open(folder.join(format!("{}.parquet", table.name()))).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.len(), expected.len(), "{}", table.name());
        for (row, expected) in rows.iter().zip(&expected) {
            for (name, field) in row.get_column_iter() {
                let text = match field {
                    Field::Null => String::new(),
                    Field::Bool(yes) => Cell::Bool(*yes).text(),
                    Field::Long(number) => number.to_string(),
                    Field::TimestampMillis(at) => at.to_string(),
                    Field::Double(number) => Cell::Float(*number).text(),
                    Field::Str(text) => text.clone(),
                    other => panic!("{name} is {other:?}"),
                };
                match name.as_str() {
                    // Of several kinds: JSON.
                    "info.note" => {}
                    // Once a whole number among others.
                    "observation.1" if expected[name] == "2" => {
                        assert_eq!(text, "2.0")
                    }
                    _ => assert_eq!(text, expected[name], "{} {name}", table.name()),
                }
                compared += 1;
            }
        }
        if table == Table::Steps {
            let field = |row: usize, name: &str| {
                rows[row].get_column_iter().find(|(column, _)| *column == name).unwrap().1.clone()
            };
            let me: Vec<_> = (0..rows.len()).filter(|row| field(*row, "agent") == Field::Str("me".into())).collect();
            let notes: Vec<_> = me.iter().map(|row| field(*row, "info.note")).collect();
            let text = |text: &str| Field::Str(text.into());
            assert_eq!(notes, [Field::Null, text("true"), text("\"text, with a comma\""), text("\"nan\"")]);
            assert_eq!(field(me[0], "server_timestamp"), Field::TimestampMillis(800));
            assert_eq!(field(me[0], "action"), Field::Long(1));
        }
    }
    assert!(compared > 1000, "{compared}");
}

#[test]
fn the_codebook_tells_of_each_exported_column_with_an_example() {
    let study = study();
    export(&order(&study, Format::Parquet));
    let folder = study.folder().join("export");
    let book: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("codebook.json")).unwrap()).unwrap();
    let lines = read(&folder.join("codebook.csv"));
    assert_eq!(book["experiment_id"], "rally");
    for table in TABLES.into_iter().filter(|table| !matches!(table, Table::Conditions | Table::Assignments)) {
        let file = fs::File::open(folder.join(format!("{}.parquet", table.name()))).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let schema = reader.metadata().file_metadata().schema_descr_ptr();
        let columns: Vec<_> = schema.columns().iter().map(|column| column.name().to_owned()).collect();
        let told: Vec<_> =
            lines.iter().filter(|line| line["table"] == table.name()).map(|line| line["column"].clone()).collect();
        assert_eq!(told, columns);
    }
    let line = |column: &str| {
        let line = lines.iter().find(|line| line["table"] == "steps" && line["column"] == column).unwrap();
        (line["type"].as_str(), line["example"].as_str(), line["unit"].as_str())
    };
    assert_eq!(line("info.note"), ("mixed", "True", ""));
    assert_eq!(line("info.pos.0"), ("integer", "1", ""));
    assert_eq!(line("action"), ("integer", "0", ""));
    assert_eq!(line("server_timestamp").2, "ms since 1970 (UTC)");
    assert!(lines.iter().any(|line| line["table"] == "SCENE/SUBJECT.csv" && line["column"] == "own.rollback_depth"));
}

#[test]
fn a_service_that_goes_on_writing_disturbs_no_export_and_is_not_disturbed() {
    let mut study = study();
    let order = order(&study, Format::Csv);
    let over = AtomicBool::new(false);
    let appended = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut games = 0;
            // Few enough that each export is quick, also in a slow build.
            while !over.load(Ordering::Relaxed) && games < 60 {
                // A whole game at once, so that an export has all of it or nothing.
                study.journal.append(&Played::another_game()).unwrap();
                games += 1;
                std::thread::yield_now();
            }
            games
        });
        let mut last = 0;
        for _ in 0..8 {
            let exported = export(&order);
            let of = |table| exported.iter().find(|exported| exported.table == table).unwrap();
            let (steps, games, episodes) = (of(Table::Steps), of(Table::Games), of(Table::Episodes));
            assert_eq!(steps.rows, (games.rows - 1) * 6 * 3 + 8, "all tables are of one moment");
            assert_eq!(episodes.rows, (games.rows - 1) * 2 + 1);
            assert!(games.rows >= last);
            last = games.rows;
            let rows = read(&order.folder.join("export/steps.csv"));
            assert_eq!(rows.len() as u64, steps.rows, "the columns that were found are those of all rows");
        }
        over.store(true, Ordering::Relaxed);
        writer.join().unwrap()
    });
    let exported = export(&order);
    assert_eq!(exported[3].rows, appended + 2);
    let left: Vec<_> = fs::read_dir(order.folder.join("export")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left.len(), 9, "no file is left over: {left:?}");
}

#[test]
fn only_what_is_asked_for_is_exported() {
    let study = study();
    let scene: SceneId = "alone".parse().unwrap();
    let mut order = order(&study, Format::Csv);
    order.scenes = [scene].into();
    order.tables = [Table::Steps, Table::Participants].into();
    order.out = Some(Out::Folder(study.folder().join("elsewhere")));
    let exported = export(&order);
    assert_eq!(exported.iter().map(|exported| exported.rows).collect::<Vec<_>>(), [8, 1]);
    assert!(!study.folder().join("export").exists() && !study.folder().join("elsewhere/games.csv").exists());
    order.scenes = ["nowhere".parse().unwrap()].into();
    let error = tables(&order, &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("no scene \"nowhere\"") && error.contains("alone, end, start, volley"), "{error}");
    order.out = Some(Out::Standard);
    order.scenes.clear();
    assert!(matches!(tables(&order, &mut |_| {}), Err(ExportError::OneTable)));
}

#[test]
fn data_files_are_rebuilt_as_the_service_writes_them() {
    let mut study = study();
    for subject in ["ann", "bob"] {
        let target = study.target(subject);
        *study.files.parts().1 = json!({"experiment_id": "rally", "scenes": {"volley": {
            "scene_type": "GymScene", "scene_id": "volley", "mode": "authoritative", "code": "the source",
            "policies": {"left": "human", "right": "human", "third": {"random": {"frame_skip": 1}}},
        }}});
        crate::facts::Projector::project(&mut study.files, &target).unwrap();
    }
    let written = |folder: &Path| -> BTreeMap<String, Vec<u8>> {
        ["ann.csv", "ann_metadata.json", "ann_globals.json", "bob.csv", "bob_metadata.json"]
            .into_iter()
            .map(String::from)
            .chain([format!("games/{}.json", study.game)])
            .map(|name| (name.clone(), fs::read(folder.join("volley").join(name)).unwrap()))
            .collect()
    };
    let before = written(study.folder());
    let (folder, all) = (study.folder().to_owned(), BTreeSet::new());
    let elsewhere = folder.join("elsewhere");
    let error = rebuild(&folder, None, &all, &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("another greenroom uses the journal"), "a service might be writing them: {error}");
    assert_eq!(rebuild(&folder, Some(&elsewhere), &all, &mut |_| {}).unwrap(), 6);
    assert_eq!(written(&elsewhere), before);
    assert!(elsewhere.join("start/eve_metadata.json").is_file());

    let journal = study_without_service(&study);
    fs::remove_dir_all(journal.join("volley")).unwrap();
    rebuild(&journal, None, &all, &mut |_| {}).unwrap();
    assert_eq!(written(&journal), before);
    drop(SqliteJournal::open(&study::journal_of(&journal)).unwrap());
}

use crate::store::SqliteJournal;

/// A copy of a study's folder, which no service uses.
fn study_without_service(study: &Played) -> PathBuf {
    let copy = study.folder().join("copy");
    fs::create_dir_all(copy.join("volley")).unwrap();
    let source = rusqlite::Connection::open(study::journal_of(study.folder())).unwrap();
    source.execute("VACUUM INTO ?1", [study::journal_of(&copy).to_str().unwrap()]).unwrap();
    copy
}

#[test]
fn a_record_without_the_study_s_form_still_gives_tables() {
    let study = Played::new();
    let exported = export(&order(&study, Format::Csv));
    assert_eq!(exported[0].rows, 18);
    let steps = read(&study.folder().join("export/steps.csv"));
    assert_eq!((steps[0]["mode"].as_str(), steps[0]["policy"].as_str()), ("", "human"));
    assert_eq!((steps[2]["agent"].as_str(), steps[2]["policy"].as_str()), ("third", ""));
    let error = rebuild(study.folder(), Some(study.folder()), &BTreeSet::new(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, ExportError::NotKept));
}

#[test]
fn a_file_that_cannot_be_finished_leaves_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("steps.csv");
    fs::write(&path, "before").unwrap();
    let draft = Draft::new(&path).unwrap();
    draft.file().unwrap().write_all(b"half").unwrap();
    drop(draft);
    assert_eq!(fs::read_to_string(&path).unwrap(), "before");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// Not a test: how fast tables are written. `cargo test --release --lib export::tests::speed -- --ignored --nocapture`
#[test]
#[ignore = "it measures"]
fn speed() {
    let mut study = study();
    let games: usize = std::env::var("GAMES").ok().and_then(|games| games.parse().ok()).unwrap_or(20);
    for _ in 0..games {
        let game = Stream::Game(GameId::fresh());
        let opened = GameFact::GameOpened {
            scene: "alone".parse().unwrap(),
            visit: 2,
            players: [("me".into(), "eve".parse().unwrap())].into(),
            seed: 3,
        };
        let mut entries =
            vec![Entry { stream: game.clone(), at: Timestamp(700), fact: opened.into(), payload: Payload::None }];
        for first in (0..5000).step_by(10) {
            let steps = (first..first + 10).map(alone).collect();
            let fact = GameFact::StepsAccepted { episode: 0, first, count: 10 }.into();
            entries.push(Entry { stream: game.clone(), at: Timestamp(800), fact, payload: Payload::Steps(steps) });
        }
        study.journal.append(&entries).unwrap();
    }
    for format in [Format::Csv, Format::Parquet] {
        let order = Order { tables: [Table::Steps].into(), ..order(&study, format) };
        let begun = Instant::now();
        let exported = &export(&order)[0];
        let took = begun.elapsed().as_secs_f64();
        let size = fs::metadata(exported.path.as_ref().unwrap()).unwrap().len();
        println!(
            "{format:?}: {} rows of {} columns in {took:.2} s, {:.0} rows per second, {:.1} MB",
            exported.rows,
            exported.columns,
            exported.rows as f64 / took,
            size as f64 / 1e6
        );
    }
}
