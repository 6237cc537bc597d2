//! What a table of answers says of what was given, changed, taken back and handed in.

use super::*;
use crate::experiment::{Alternative, Look, Row};
use crate::facts::Payload;

const VISIT: u32 = 2;

fn question(name: &str, ask: Ask, correct: Option<Answer>) -> Question {
    Question { id: name.parse().unwrap(), prompt: String::new(), required: false, ask, correct }
}

fn form() -> Form {
    let alternative =
        |id: &str| Alternative { id: id.into(), label: format!("<b>{id}</b>"), image: Some("p/a.png".into()) };
    let choice = |several, shuffle| Ask::Choice {
        options: ["a", "b", "c"].map(alternative).into(),
        several,
        at_least: 1,
        at_most: 3,
        shuffle,
        look: Look::List,
    };
    let row = |id: &str| Row { id: id.into(), label: id.into() };
    let grid =
        Ask::Grid { rows: vec![row("calm"), row("busy")], columns: vec!["no".into(), "yes".into()], shuffle: true };
    Form {
        questions: vec![
            question("name", Ask::Text { lines: 1, max_length: 9, placeholder: String::new() }, None),
            question("age", Ask::Number { min: None, max: None, whole: true, unit: String::new() }, None),
            question("rule", choice(false, true), Some(Answer::Text("b".into()))),
            question("tools", choice(true, false), None),
            question("mood", grid, None),
            question("consent", Ask::Consent { label: "I agree".into(), version: "2".into() }, None),
        ],
        ..Form::default()
    }
}

fn recorded(at: u64, fact: ParticipantFact) -> Recorded {
    Recorded { at: Timestamp(at), fact: fact.into(), payload: Payload::None }
}

fn given(at: u64, name: &str, answer: Option<Answer>, version: Option<&str>) -> Recorded {
    let (question, ms) = (name.parse().unwrap(), ((at - 1000) as f64).try_into().unwrap());
    let version = version.map(str::to_owned);
    recorded(at, ParticipantFact::AnswerGiven { visit: VISIT, question, answer, ms, version })
}

fn person() -> Vec<Recorded> {
    let id = |name: &str| name.parse::<QuestionId>().unwrap();
    let questions = ["consent", "mood", "tools", "rule", "age", "name"].map(id).into();
    let options = [
        (id("rule"), ["c", "a", "b"].map(String::from).into()),
        (id("mood"), ["busy", "calm"].map(String::from).into()),
    ];
    let rows = |rows: &[(&str, u32)]| {
        Some(Answer::Rows(rows.iter().map(|(row, column)| ((*row).to_owned(), *column)).collect()))
    };
    let text = |text: &str| Some(Answer::Text(text.into()));
    vec![
        recorded(
            1000,
            ParticipantFact::QuestionsDrawn { visit: VISIT, drawn: Drawn { questions, options: options.into() } },
        ),
        given(1100, "consent", Some(Answer::Flag(true)), Some("2")),
        given(1200, "mood", rows(&[("calm", 1)]), None),
        given(1300, "mood", rows(&[("calm", 1), ("busy", 0)]), None),
        given(1400, "mood", rows(&[("calm", 0), ("busy", 0)]), None),
        given(1500, "tools", Some(Answer::Chosen(vec!["a".into(), "c".into()])), None),
        given(1600, "rule", text("a"), None),
        recorded(1650, ParticipantFact::AnswersHandedIn { visit: VISIT, wrong: vec![id("rule")] }),
        given(1700, "rule", text("b"), None),
        given(1800, "age", Some(Answer::Number(27.0.try_into().unwrap())), None),
        given(1900, "name", text("=Ann, \"A\"\nB"), None),
        given(1950, "name", None, None),
        // Of another visit.
        recorded(
            1960,
            ParticipantFact::AnswerGiven {
                visit: VISIT + 1,
                question: id("age"),
                answer: Some(Answer::Number(99.0.try_into().unwrap())),
                ms: 1.0.try_into().unwrap(),
                version: None,
            },
        ),
    ]
}

fn table(form: Option<&Form>) -> Vec<BTreeMap<String, String>> {
    let person = person();
    let mut file = Vec::new();
    write(&mut file, &Replies::of(&person, VISIT).unwrap().lines(form)).unwrap();
    csv::Reader::from_reader(&file[..]).deserialize().map(Result::unwrap).collect()
}

fn told(rows: &[BTreeMap<String, String>], columns: &[&str]) -> Vec<String> {
    rows.iter().map(|row| columns.iter().map(|column| row[*column].as_str()).collect::<Vec<_>>().join("|")).collect()
}

#[test]
fn the_table_has_what_was_asked_in_the_order_of_the_participant_and_the_last_answers() {
    let rows = table(Some(&form()));
    let columns = ["position", "question_id", "item", "kind", "answer", "label", "correct", "version"];
    let expected = [
        "1|consent||consent|True|I agree||2",
        "2|mood|busy|grid|0|no||",
        "2|mood|calm|grid|0|no||",
        "3|tools||choice|[\"a\",\"c\"]|[\"<b>a</b>\",\"<b>c</b>\"]||",
        "4|rule||choice|b|<b>b</b>|True|",
        "5|age||number|27|||",
        "6|name||text||||",
    ];
    assert_eq!(told(&rows, &columns), expected);
    let options: Vec<_> = rows.iter().map(|row| row["options"].as_str()).collect();
    let (mood, rule) = ("[\"busy\",\"calm\"]", "[\"c\",\"a\",\"b\"]");
    assert_eq!(options, ["", mood, mood, "[\"a\",\"b\",\"c\"]", rule, "", ""]);
}

#[test]
fn the_table_tells_when_each_question_was_answered_and_how_often_that_was_changed() {
    let rows = table(Some(&form()));
    let columns = ["question_id", "item", "changes", "first_ms", "last_ms", "first_at", "last_at"];
    let expected = [
        "consent||0|100.0|100.0|1100|1100",
        "mood|busy|0|300.0|300.0|1300|1300",
        "mood|calm|1|200.0|400.0|1200|1400",
        "tools||0|500.0|500.0|1500|1500",
        "rule||1|600.0|700.0|1600|1700",
        "age||0|800.0|800.0|1800|1800",
        "name||1|900.0|950.0|1900|1950",
    ];
    assert_eq!(told(&rows, &columns), expected);
}

#[test]
fn answers_to_questions_that_the_study_has_no_longer_are_kept() {
    let rows = table(None);
    assert_eq!(rows.len(), 7);
    assert_eq!(rows[1]["answer"], "0");
    assert!(rows.iter().all(|row| row["kind"].is_empty() && row["label"].is_empty() && row["correct"].is_empty()));
}

#[test]
fn the_metadata_has_every_answer_that_was_ever_given() {
    let person = person();
    let replies = Replies::of(&person, VISIT).unwrap();
    let (answers, handed_in) = replies.history();
    assert_eq!(
        answers["rule"],
        json!([{"at": 1600, "ms": 600.0, "answer": "a"}, {"at": 1700, "ms": 700.0, "answer": "b"}])
    );
    assert_eq!(answers["name"][1], json!({"at": 1950, "ms": 950.0, "answer": null}));
    assert_eq!(answers["consent"], json!([{"at": 1100, "ms": 100.0, "answer": true, "version": "2"}]));
    assert_eq!(handed_in, json!([{"at": 1650, "wrong": ["rule"]}]));
    assert_eq!(replies.answered(), 5);
    assert!(Replies::of(&person, 1).is_none(), "a visit without questions has no table");
}
