//! Exports tell what the data files tell, at any time.

mod against_files;
mod rebuilding;
mod sample;

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

use sample::*;

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
