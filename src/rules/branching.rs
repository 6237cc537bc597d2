//! Whether what a branch asks for holds: comparisons with what is known of a participant, and what functions may answer.

use serde_json::Value;

use crate::experiment::{Answer, Measure, Of, Test, rows_named};
use crate::ids::QuestionId;
use crate::rules::memory::Memory;

/// Whether a comparison holds. Of what is not known, none does.
pub fn holds(test: &Test, memory: &Memory) -> bool {
    let Some(value) = value(&test.of, memory) else { return false };
    let number = value.as_f64();
    test.equals.as_ref().is_none_or(|wanted| same(&value, wanted))
        && test.any_of.as_ref().is_none_or(|wanted| wanted.iter().any(|wanted| is_among(&value, wanted)))
        && test.at_least.is_none_or(|least| number.is_some_and(|number| number >= least.get()))
        && test.at_most.is_none_or(|most| number.is_some_and(|number| number <= most.get()))
}

fn value(of: &Of, memory: &Memory) -> Option<Value> {
    match of {
        Of::Answer(scene, question) => {
            let answers = memory.answers().get(scene)?;
            let row = || {
                let row = |(grid, row): (QuestionId, String)| match answers.get(&grid)? {
                    Answer::Rows(columns) => columns.get(&row).copied().map(Value::from),
                    _ => None,
                };
                rows_named(question).find_map(row)
            };
            answers.get(question).map_or_else(row, |answer| serde_json::to_value(answer).ok())
        }
        Of::Global(name) => memory.globals().get(name).cloned(),
        Of::Condition(name) => memory.conditions().get(name.as_str()).cloned().map(Value::from),
        Of::Parameter(name) => memory.parameters().get(name).cloned().map(Value::from),
        Of::Result(scene, measure) => {
            let counted = memory.results().get(scene)?.iter().filter(|episode| !episode.tutorial);
            let score = || counted.clone().map(|episode| episode.score.get()).sum::<f64>();
            let episodes = counted.clone().count();
            Some(match measure {
                Measure::Score => Value::from(score()),
                Measure::MeanScore if episodes == 0 => return None,
                Measure::MeanScore => Value::from(score() / episodes as f64),
                Measure::Episodes => Value::from(episodes),
                Measure::Steps => Value::from(counted.map(|episode| u64::from(episode.steps)).sum::<u64>()),
            })
        }
    }
}

/// Whether two values are the same: numbers as numbers, and chosen options in any order.
fn same(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(chosen), Value::Array(wanted)) => {
            chosen.len() == wanted.len() && wanted.iter().all(|wanted| chosen.iter().any(|value| same(value, wanted)))
        }
        // One option alone, of which several could have been chosen.
        (Value::Array(chosen), wanted) => matches!(&chosen[..], [only] if same(only, wanted)),
        _ => value == wanted,
    }
}

fn is_among(value: &Value, wanted: &Value) -> bool {
    match value {
        Value::Array(chosen) if !wanted.is_array() => chosen.iter().any(|value| same(value, wanted)),
        _ => same(value, wanted),
    }
}

/// What a function may answer that says whether something is skipped.
///
/// # Errors
/// What it answered, if it is something else.
pub fn as_flag(answer: &Value) -> Result<bool, String> {
    answer.as_bool().ok_or_else(|| format!("must return True or False, but it returned {answer}"))
}

/// What a function may answer that says where it goes on.
///
/// # Errors
/// What it answered, if it is something else.
pub fn as_target(answer: &Value) -> Result<Option<String>, String> {
    match answer {
        Value::Null => Ok(None),
        Value::String(target) => Ok(Some(target.clone())),
        other => Err(format!("must return the name of a scene or a section, or None, but it returned {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::ParticipantFact;
    use crate::rules::memory::EpisodeResult;
    use crate::wire::Finite;
    use serde_json::json;

    fn finite(number: f64) -> Finite {
        number.try_into().unwrap()
    }

    fn memory() -> Memory {
        let mut memory = Memory::default();
        let (visit, ms) = (1, Finite::default());
        memory.apply(&ParticipantFact::SceneEntered { visit, scene: "survey".parse().unwrap() });
        for (question, answer) in [
            ("age", Answer::Number(finite(30.0))),
            ("games", Answer::Chosen(vec!["chess".into(), "go".into()])),
            ("agree", Answer::Flag(true)),
            ("partner", Answer::Rows([("fair.play".to_owned(), 3)].into())),
        ] {
            let (question, answer) = (question.parse().unwrap(), Some(answer));
            memory.apply(&ParticipantFact::AnswerGiven { visit, question, answer, ms, version: None });
        }
        let episode = |score, tutorial| EpisodeResult { score: finite(score), steps: 10, tutorial };
        let episodes = vec![episode(100.0, true), episode(2.0, false), episode(4.0, false)];
        memory.apply(&ParticipantFact::GameScored { visit, episodes });
        memory.apply(&ParticipantFact::ConditionAssigned { visit, condition: "bot".into(), level: "kind".into() });
        memory
    }

    fn test(of: Of) -> Test {
        Test { of, equals: None, any_of: None, at_least: None, at_most: None }
    }

    fn asked(question: &str) -> Test {
        test(Of::Answer("survey".parse().unwrap(), question.parse().unwrap()))
    }

    #[test]
    fn comparisons_hold_for_what_was_answered() {
        let memory = memory();
        let cases = [
            (Test { equals: Some(json!(30)), ..asked("age") }, true),
            (Test { at_least: Some(finite(30.0)), ..asked("age") }, true),
            (Test { at_least: Some(finite(18.0)), at_most: Some(finite(29.0)), ..asked("age") }, false),
            (Test { any_of: Some(vec![json!(1), json!(30.0)]), ..asked("age") }, true),
            (Test { equals: Some(json!(["go", "chess"])), ..asked("games") }, true),
            (Test { equals: Some(json!("go")), ..asked("games") }, false),
            (Test { any_of: Some(vec![json!("go"), json!("dice")]), ..asked("games") }, true),
            (Test { any_of: Some(vec![json!("dice")]), ..asked("games") }, false),
            (Test { equals: Some(json!(true)), ..asked("agree") }, true),
            (Test { at_least: Some(finite(0.0)), ..asked("agree") }, false),
            (Test { equals: Some(json!(3)), ..asked("partner.fair.play") }, true),
            (Test { at_most: Some(finite(2.0)), ..asked("partner.fair.play") }, false),
            (Test { equals: Some(json!(3)), ..asked("partner.fair") }, false),
            (Test { equals: Some(json!("kind")), ..test(Of::Condition("bot".parse().unwrap())) }, true),
        ];
        for (test, expected) in cases {
            assert_eq!(holds(&test, &memory), expected, "{test:?}");
        }
    }

    #[test]
    fn episodes_for_practice_do_not_count() {
        let of = |measure| test(Of::Result("survey".parse().unwrap(), measure));
        for (measure, value) in
            [(Measure::Score, 6.0), (Measure::MeanScore, 3.0), (Measure::Episodes, 2.0), (Measure::Steps, 20.0)]
        {
            assert!(holds(&Test { equals: Some(json!(value)), ..of(measure) }, &memory()), "{measure:?}");
        }
    }

    #[test]
    fn of_what_is_not_known_nothing_holds() {
        let memory = memory();
        for of in [
            Of::Answer("survey".parse().unwrap(), "name".parse().unwrap()),
            Of::Answer("later".parse().unwrap(), "age".parse().unwrap()),
            Of::Result("later".parse().unwrap(), Measure::Score),
            Of::Global("level".into()),
            Of::Parameter("group".into()),
        ] {
            assert!(!holds(&test(of.clone()), &memory), "{of:?}");
        }
    }
}
