//! The tables have what the data files have.

use super::*;

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
