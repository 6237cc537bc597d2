//! Answers given, changed, taken back and handed in.

use super::*;
use crate::experiment::{Consequence, Question, Tries};

const VISIT: u32 = 2;

fn form(tries: Option<u32>, tell: bool) -> Form {
    let text = || Ask::Text { lines: 1, max_length: 100, placeholder: String::new() };
    let question = |name: &str, correct: Option<&str>| Question {
        id: name.parse().unwrap(),
        prompt: format!("<b>{name}</b>"),
        required: true,
        ask: text(),
        correct: correct.map(|correct| Answer::Text(correct.into())),
    };
    Form {
        questions: vec![question("age", None), question("rule", Some("windward"))],
        shuffle: true,
        tries: tries.map(|number| Tries { number, tell, failed: Consequence::Exclude }),
    }
}

fn begun(form: &Form) -> Questionnaire {
    let mut questionnaire = Questionnaire::default();
    questionnaire.apply(&Questionnaire::begin(form, VISIT, 3).unwrap());
    questionnaire
}

fn say(questionnaire: &mut Questionnaire, form: &Form, name: &str, text: Option<&str>) -> Option<ParticipantFact> {
    let (question, answer) = (name.parse().unwrap(), text.map(|text| Answer::Text(text.into())));
    let answered = Answered { visit: VISIT, number: 1, question, answer, ms: 10.0.try_into().unwrap() };
    let fact = questionnaire.answer(form, answered).unwrap();
    fact.iter().for_each(|fact| questionnaire.apply(fact));
    fact
}

fn leave(questionnaire: &mut Questionnaire, form: &Form) -> Leaving {
    let (fact, leaving) = questionnaire.leave(form, VISIT);
    fact.iter().for_each(|fact| questionnaire.apply(fact));
    leaving
}

#[test]
fn the_last_answer_counts_and_the_record_keeps_all() {
    let form = form(None, false);
    let mut asked = begun(&form);
    assert!(matches!(leave(&mut asked, &form), Leaving::Lacks(lacks) if lacks.len() == 2));
    for text in [Some("2"), Some("27"), None, Some("28")] {
        assert!(say(&mut asked, &form, "age", text).is_some(), "{text:?}");
    }
    assert_eq!(say(&mut asked, &form, "age", Some("28")), None, "told twice, it is stored once");
    say(&mut asked, &form, "rule", Some("right"));
    assert_eq!(leave(&mut asked, &form), Leaving::Onward, "without tries no answer is wrong");
    assert_eq!(asked.answers(&form)[&"age".parse().unwrap()], Answer::Text("28".into()));
}

#[test]
fn wrong_answers_may_be_mended_as_often_as_the_study_says() {
    let form = form(Some(2), true);
    let mut asked = begun(&form);
    say(&mut asked, &form, "age", Some("28"));
    say(&mut asked, &form, "rule", Some("right"));
    assert_eq!(asked.tries_left(&form), Some(2));
    assert_eq!(leave(&mut asked, &form), Leaving::Again);
    assert_eq!((asked.tries_left(&form), asked.told_wrong(&form)), (Some(1), vec!["rule".parse().unwrap()]));
    let mut mended = asked.clone();
    say(&mut mended, &form, "rule", Some(" windward "));
    assert_eq!(leave(&mut mended, &form), Leaving::Onward);
    assert_eq!(leave(&mut asked, &form), Leaving::Failed);
}

#[test]
fn a_page_is_not_told_what_is_right() {
    let form = form(Some(2), false);
    let mut asked = begun(&form);
    say(&mut asked, &form, "age", Some("28"));
    say(&mut asked, &form, "rule", Some("right"));
    leave(&mut asked, &form);
    let view = asked.view(&form, Page::default());
    assert_eq!(view.wrong, [], "nor which answers are wrong, unless the study says so");
    assert!(!serde_json::to_string(&view).unwrap().contains("windward"), "{view:?}");
    assert_eq!(view.answers.len(), 2, "a page that was reloaded shows what was answered");
}

#[test]
fn consent_to_another_version_of_the_text_is_none_to_this_one() {
    let consent = |version: &str| Question {
        id: "consent".parse().unwrap(),
        prompt: String::new(),
        required: true,
        ask: Ask::Consent { label: "I agree".into(), version: version.into() },
        correct: None,
    };
    let of = |version| Form { questions: vec![consent(version)], ..Form::default() };
    let mut asked = begun(&of("1"));
    let answered = || Answered {
        visit: VISIT,
        number: 1,
        question: "consent".parse().unwrap(),
        answer: Some(Answer::Flag(true)),
        ms: 10.0.try_into().unwrap(),
    };
    let fact = asked.answer(&of("1"), answered()).unwrap().unwrap();
    assert!(matches!(&fact, ParticipantFact::AnswerGiven { version: Some(version), .. } if version == "1"));
    asked.apply(&fact);
    assert_eq!(asked.leave(&of("1"), VISIT).1, Leaving::Onward);
    assert_eq!(asked.answer(&of("1"), answered()), Ok(None), "told twice, it is stored once");
    // The researcher has the service serve another text.
    assert!(matches!(asked.leave(&of("2"), VISIT).1, Leaving::Lacks(_)));
    assert_eq!(asked.view(&of("2"), Page::default()).answers, BTreeMap::new(), "the box is empty again");
    let fact = asked.answer(&of("2"), answered()).unwrap().unwrap();
    asked.apply(&fact);
    assert_eq!(asked.leave(&of("2"), VISIT).1, Leaving::Onward);
}
