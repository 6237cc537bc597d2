//! Values are merged by the study's rules, whoever sets them; what a stranger sends changes nothing that is not declared.

use proptest::prelude::*;

use super::*;
use crate::experiment::Global;

fn declared() -> Globals {
    let of = |name: &str, initial: Value, merge| (name.to_owned(), Global { initial, merge });
    Globals(
        [
            of("level", json!(1), Merge::Last),
            of("coins", json!(5), Merge::Sum),
            of("best", json!(10), Merge::Max),
            of("fewest", json!(10), Merge::Min),
            of("seen", json!([]), Merge::Append),
        ]
        .into(),
    )
}

fn map(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn row(globals: &Value) -> Row {
    let row = rmpv::ext::to_value(json!({"t": 0, "globals": globals})).unwrap();
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &row).unwrap();
    Row::parse(&bytes).unwrap()
}

fn pool() -> Pool {
    let mut pool = Pool::default();
    let players = [("left", json!({"coins": 7})), ("right", json!({}))];
    let players = players.map(|(agent, known)| (agent.to_owned(), map(known)));
    pool.apply(&given(&declared(), players.into_iter()).unwrap());
    pool
}

#[test]
fn what_a_page_sets_is_merged_with_what_is_there() {
    let known = map(json!({"coins": 7}));
    let told = json!({"level": "two", "coins": 3, "best": 9, "fewest": 9, "seen": {"card": 1}});
    let changed = set(&declared(), &known, map(told)).unwrap();
    assert_eq!(
        Value::Object(changed),
        json!({"level": "two", "coins": 10, "best": 10, "fewest": 9, "seen": [{"card": 1}]})
    );
    let refused = |told: Value| set(&declared(), &known, map(told)).unwrap_err();
    assert_eq!(refused(json!({"coins": "many"})), Unfit::Kind("coins".into()));
    assert_eq!(refused(json!({"level": "x".repeat(GLOBALS_LIMIT)})), Unfit::TooMuch);
}

#[test]
fn what_an_episode_leaves_is_there_in_the_next_and_not_before() {
    let mut pool = pool();
    assert_eq!(pool.at(0).unwrap()["left"], map(json!({"level": 1, "coins": 7, "best": 10, "fewest": 10, "seen": []})));
    let left = row(&json!({"left": {"coins": 9, "best": 4, "seen": [1, 2]}, "right": {"best": 40}}));
    let fact = pool.left(0, &left).unwrap();
    pool.apply(&fact);
    assert_eq!(pool.at(0).unwrap()["left"]["coins"], json!(7), "whoever plays it again finds what was there");
    let next = pool.at(1).unwrap();
    assert_eq!(
        (&next["left"]["coins"], &next["left"]["best"], &next["left"]["seen"]),
        (&json!(9), &json!(10), &json!([1, 2]))
    );
    assert_eq!(pool.of("right").unwrap()["best"], json!(40));
    assert_eq!(pool.of("nobody"), None);
}

#[test]
fn what_no_environment_of_ours_would_leave_is_passed_over() {
    let pool = pool();
    for strange in [
        json!(3),
        json!({"left": 3}),
        json!({"left": {"level": {"deep": "x".repeat(GLOBALS_LIMIT)}}}),
        json!({"left": {"undeclared": 1}}),
        json!({"third": {"level": 1}}),
        json!({"left": {"coins": "many"}}),
    ] {
        assert_eq!(pool.left(0, &row(&strange)), None, "{strange}");
    }
    assert_eq!(Pool::default().left(0, &row(&json!({"left": {"level": 2}}))), None, "the study has none");
}

proptest! {
    /// However the values that pages and episodes set follow each other, what is there is what the rules make of all of them.
    #[test]
    fn values_are_what_the_rules_make_of_all_that_was_set(values in prop::collection::vec(-1000_i64..1000, 1..30)) {
        let globals = declared();
        let mut known = globals.initial();
        for value in &values {
            let told = json!({"level": value, "coins": value, "best": value, "fewest": value, "seen": value});
            known.extend(set(&globals, &known, map(told)).unwrap());
        }
        prop_assert_eq!(&known["level"], &json!(values.last().unwrap()));
        prop_assert_eq!(&known["coins"], &json!(5 + values.iter().sum::<i64>()));
        prop_assert_eq!(&known["best"], &json!(values.iter().copied().chain([10]).max().unwrap()));
        prop_assert_eq!(&known["fewest"], &json!(values.iter().copied().chain([10]).min().unwrap()));
        prop_assert_eq!(&known["seen"], &json!(values));
    }
}
