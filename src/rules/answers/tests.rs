//! Answers that fit, answers that do not, and orders that are drawn.

use proptest::prelude::*;

use super::*;
use crate::experiment::{Alternative, Look, Row};

fn id(name: &str) -> QuestionId {
    name.parse().unwrap()
}

fn question(name: &str, required: bool, ask: Ask) -> Question {
    Question { id: id(name), prompt: String::new(), required, ask, correct: None }
}

fn options(ids: &[&str]) -> Vec<Alternative> {
    ids.iter().map(|id| Alternative { id: (*id).into(), label: String::new(), image: None }).collect()
}

fn text() -> Ask {
    Ask::Text { lines: 1, max_length: 10, placeholder: String::new() }
}

fn number(whole: bool) -> Ask {
    let bound = |number: f64| Some(number.try_into().unwrap());
    Ask::Number { min: bound(18.0), max: bound(99.0), whole, unit: "years".into() }
}

fn choice(several: bool) -> Ask {
    let options = options(&["a", "b", "c"]);
    Ask::Choice { options, several, at_least: 1, at_most: 2, shuffle: true, look: Look::List }
}

fn grid() -> Ask {
    let rows = ["x", "y"].map(|id| Row { id: id.into(), label: String::new() });
    Ask::Grid { rows: rows.into(), columns: vec!["no".into(), "yes".into()], shuffle: true }
}

fn form(asks: Vec<Ask>) -> Form {
    let questions = asks.into_iter().enumerate().map(|(index, ask)| question(&format!("q{index}"), true, ask));
    Form { questions: questions.collect(), ..Form::default() }
}

fn answer(json: serde_json::Value) -> Answer {
    serde_json::from_value(json).unwrap()
}

#[test]
fn only_answers_of_the_right_form_fit() {
    use serde_json::json;
    let scale = Ask::Scale { points: 5, labels: Vec::new(), slider: true };
    let consent = Ask::Consent { label: String::new(), version: "1".into() };
    let cases = [
        (text(), json!("hello"), json!(3)),
        (number(true), json!(12.5), json!("12")),
        (choice(false), json!("b"), json!("d")),
        (choice(true), json!(["c", "a"]), json!(["a", "a"])),
        (choice(true), json!([]), json!("a")),
        (scale.clone(), json!(4), json!(5)),
        (scale, json!(0), json!(0.5)),
        (grid(), json!({"x": 1}), json!({"x": 2})),
        (grid(), json!({}), json!({"z": 0})),
        (consent, json!(true), json!("true")),
    ];
    for (ask, fitting, misfit) in cases {
        let form = form(vec![ask]);
        assert_eq!(fits(&form, &id("q0"), &answer(fitting.clone())), Ok(()), "{fitting}");
        assert_eq!(fits(&form, &id("q0"), &answer(misfit.clone())), Err(Misfit::Form(id("q0"))), "{misfit}");
    }
    assert_eq!(fits(&form(Vec::new()), &id("q0"), &Answer::Flag(true)), Err(Misfit::Unknown(id("q0"))));
}

#[test]
fn what_is_missing_or_out_of_range_is_told() {
    use serde_json::json;
    let cases = [
        (text(), json!("  "), Some(Lack::Missing)),
        (text(), json!("eleven char"), Some(Lack::TooLong)),
        (text(), json!("ten charas"), None),
        (number(true), json!(17), Some(Lack::TooSmall)),
        (number(true), json!(100), Some(Lack::TooLarge)),
        (number(true), json!(20.5), Some(Lack::NotWhole)),
        (number(false), json!(20.5), None),
        (choice(true), json!([]), Some(Lack::Missing)),
        (choice(true), json!(["a", "b", "c"]), Some(Lack::TooMany)),
        (grid(), json!({"x": 0}), Some(Lack::Missing)),
        (grid(), json!({"x": 0, "y": 1}), None),
        (Ask::Consent { label: String::new(), version: "1".into() }, json!(false), Some(Lack::Missing)),
    ];
    for (ask, given, expected) in cases {
        let form = form(vec![ask]);
        let answers = [(id("q0"), answer(given.clone()))].into();
        assert_eq!(lacks(&form, &answers).get(&id("q0")).copied(), expected, "{given}");
    }
    assert_eq!(lacks(&form(vec![text(), grid()]), &BTreeMap::new()).len(), 2);
    let optional = Form { questions: vec![question("q", false, grid())], ..Form::default() };
    assert_eq!(lacks(&optional, &BTreeMap::new()), BTreeMap::new());
}

#[test]
fn several_right_options_may_stand_in_any_order() {
    let mut form = form(vec![choice(true), text()]);
    form.questions[0].correct = Some(Answer::Chosen(vec!["a".into(), "c".into()]));
    let given = |chosen: &[&str]| {
        let chosen = chosen.iter().map(|id| (*id).to_owned()).collect();
        [(id("q0"), Answer::Chosen(chosen)), (id("q1"), Answer::Text("anything".into()))].into()
    };
    assert_eq!(wrong(&form, &given(&["c", "a"])), []);
    assert_eq!(wrong(&form, &given(&["a"])), [id("q0")]);
    assert_eq!(wrong(&form, &BTreeMap::new()), [id("q0")]);
}

proptest! {
    #[test]
    fn whatever_is_drawn_everything_is_asked_once(seed: u64, shuffle: bool) {
        let form = Form { shuffle, ..form(vec![text(), choice(false), grid(), number(true)]) };
        let drawn = draw(&form, seed);
        let mut questions = drawn.questions.clone();
        questions.sort();
        prop_assert_eq!(questions, form.questions.iter().map(|question| question.id.clone()).collect::<Vec<_>>());
        let sorted = |name| { let mut ids = drawn.options[&id(name)].clone(); ids.sort(); ids };
        prop_assert_eq!(sorted("q1"), ["a", "b", "c"]);
        prop_assert_eq!(sorted("q2"), ["x", "y"]);
        prop_assert_eq!(drawn, draw(&form, seed));
    }
}

#[test]
fn every_order_is_alike_probable() {
    let form = Form { shuffle: true, ..form(vec![text(), text(), text()]) };
    let mut counted = BTreeMap::<_, u32>::new();
    for seed in 0..6000 {
        *counted.entry(draw(&form, seed).questions).or_default() += 1;
    }
    assert_eq!(counted.len(), 6);
    assert!(counted.values().all(|count| (850..1150).contains(count)), "{counted:?}");
}
