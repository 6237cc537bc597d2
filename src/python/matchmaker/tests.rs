//! Functions of an experiment module, asked as a waiting room asks them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::python::Interpreter;
use crate::rules::matchers::{Suggest, Waiter};

/// Line 1 is `def pairs(waiting, size):`; `body` begins at line 2.
fn matchmaker(body: &str) -> (tempfile::TempDir, Arc<dyn Suggest>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let interpreter = Interpreter::start(&root.join(".venv"), &root.join("assets/python")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let module = format!(
        r#"def pairs(waiting, size):
{body}

from greenroom import *
game = (
    GymScene().scene("game").policies({{"a": "human", "b": "human"}})
    .gameplay(action_mapping={{"w": 1}}, default_action=0)
    .runtime(environment_initialization_code="env = 1")
    .waitroom(matchmaker=pairs)
)
scenes = [StartScene().scene("start"), game, EndScene().scene("end")]
experiment = Experiment().experiment("pilot", Stager(scenes))
"#
    );
    let path = folder.path().join("study.py");
    std::fs::write(&path, module).unwrap();
    let loaded = interpreter.load(&path).unwrap();
    let suggester = loaded.suggesters.get(&"game".parse().unwrap()).unwrap();
    (folder, Arc::clone(suggester))
}

fn waiting() -> Vec<Waiter> {
    let one = |name: &str, waited, rtt: Option<u64>, partners: &[&str]| Waiter {
        subject: name.parse().unwrap(),
        waited: Duration::from_millis(waited),
        rtt: rtt.map(Duration::from_micros),
        partners: partners.iter().map(|partner| partner.parse().unwrap()).collect(),
    };
    vec![one("ann", 3000, Some(20_500), &["dan"]), one("bob", 2000, None, &[]), one("eve", 1000, Some(9000), &[])]
}

fn answers(body: &str) -> Result<Vec<Vec<String>>, String> {
    let (_folder, matchmaker) = matchmaker(body);
    let groups = matchmaker.suggest(&waiting(), 2)?;
    Ok(groups.iter().map(|group| group.iter().map(ToString::to_string).collect()).collect())
}

#[test]
fn it_is_told_who_waits() {
    let body = r#"    assert size == 2 and type(size) is int
    assert [list(one) for one in waiting] == [["subject_id", "waited_ms", "rtt_ms", "partners"]] * 3
    assert waiting[0] == {"subject_id": "ann", "waited_ms": 3000, "rtt_ms": 20.5, "partners": ["dan"]}, waiting[0]
    assert waiting[1]["rtt_ms"] is None and waiting[1]["partners"] == []
    return None"#;
    assert_eq!(answers(body), Ok(vec![]));
}

#[test]
fn it_may_name_a_group_or_groups_or_nobody() {
    assert_eq!(answers("    return ['eve', 'ann']"), Ok(vec![vec!["eve".into(), "ann".into()]]));
    assert_eq!(answers("    return [('bob', 'eve')]"), Ok(vec![vec!["bob".into(), "eve".into()]]));
    assert_eq!(answers("    return [one['subject_id'] for one in waiting][:size]").unwrap().len(), 1);
    for nobody in ["None", "[]", "()"] {
        assert_eq!(answers(&format!("    return {nobody}")), Ok(vec![]));
    }
}

#[test]
fn a_wrong_answer_is_told_with_the_functions_line() {
    for (answer, words) in [
        ("['ann', 'zoe']", "study.py:1: the matchmaker pairs named 'zoe', who does not wait"),
        ("['ann']", "named a group of 1, ['ann'], where a game has 2 players"),
        ("[['ann', 'bob', 'eve']]", "named a group of 3, ['ann', 'bob', 'eve'], where a game has 2 players"),
        ("['ann', 'ann']", "named 'ann' twice"),
        ("[['ann', 'bob'], ['bob', 'eve']]", "named 'bob' twice"),
        ("'ann'", "must return a list of 2 subject ids, a list of such lists, or None, but it returned 'ann'"),
        ("{'ann', 'bob'}", "must return a list of 2 subject ids"),
        ("[1, 2]", "must return a list of 2 subject ids"),
        ("[[1, 2]]", "must return a list of 2 subject ids"),
        ("['ann', None]", "must return a list of 2 subject ids"),
        ("waiting[:2]", "must return a list of 2 subject ids"),
        ("[[]]", "named a group of 0"),
        ("True", "must return a list of 2 subject ids"),
    ] {
        let told = answers(&format!("    return {answer}")).unwrap_err();
        assert!(told.contains(words), "{words:?} is not in: {told}");
        assert!(told.contains("study.py:1: "), "{told}");
    }
}

#[test]
fn an_exception_is_told_with_the_researchers_own_line() {
    let told = answers("    x = 1\n    return {}['partner']").unwrap_err();
    assert!(told.ends_with("study.py:3: the matchmaker pairs raised KeyError: 'partner'"), "{told}");
    let told = answers("    import json\n    json.loads('{')").unwrap_err();
    assert!(told.contains("study.py:3: the matchmaker pairs raised json.decoder.JSONDecodeError: "), "{told}");
    let told = answers("    raise SystemExit('bye')").unwrap_err();
    assert!(told.contains("raised SystemExit: bye"), "{told}");
}

#[test]
fn it_is_asked_again_after_a_failure() {
    let (_folder, matchmaker) = matchmaker("    return [waiting[2]['subject_id'], 'ann']");
    assert!(matchmaker.suggest(&waiting()[..1], 2).unwrap_err().contains("IndexError"));
    assert_eq!(matchmaker.suggest(&waiting(), 2).unwrap().len(), 1);
}
