//! Orders, branches and conditions: what is wrong is told at its line when the module is loaded.

use crate::bench::Study;

/// Scenes `a` to `c` and a game, between a start and an end.
const SCENES: &str = "\
start, end = StartScene().scene('start'), EndScene().scene('end')
a = SurveyScene([ChoiceQuestion('q', '?', ['yes', 'no']), NumberQuestion('n', '?')]).scene('a')
b, c = StaticScene().scene('b'), StaticScene().scene('c')
";

fn study(order: &str) -> String {
    format!("{SCENES}experiment = Experiment().experiment('x', Stager([start, {order}, end]))")
}

#[track_caller]
fn refused(line: u32, cases: &[(&str, &str)]) {
    for (order, words) in cases {
        Study::of(&study(order)).is_wrong(line, &[words]);
    }
}

#[test]
fn parts_are_checked_where_they_are_made() {
    refused(
        7,
        &[
            (
                "RandomizeOrder([a, b], keep_n=3)",
                "keep_n must be from 1 to 2, the number of its scenes, but 3 was given",
            ),
            ("RandomizeOrder([])", "RandomizeOrder: scenes is empty"),
            ("RandomizeOrder([a, end])", "an EndScene ends the study, so it cannot stand in a RandomizeOrder"),
            ("RandomizeOrder([a, Section('s', [end])])", "cannot stand in a RandomizeOrder"),
            ("RepeatScene([start], 2)", "a StartScene can only be the first"),
            ("RepeatScene([a], 0)", "n must be a whole number from 1 to 1000, but 0 was given"),
            ("Section('a b', [a])", "Section: name must be a name of 1 to 64 letters"),
            ("Section('s', [3])", "but 3 stands at position 0"),
            ("Conditions('x', {'one': [a]})", "levels has 1: a condition needs at least two"),
            ("Conditions('x', {'one': [a], 'two': b})", "levels must be a dict"),
            ("Conditions('x', {'one': [a], 'two': []}, quotas={'one': 3})", "quotas has none for the level 'two'"),
            (
                "Conditions('x', {'one': [a], 'two': []}, quotas={'on': 3})",
                "quotas names 'on', which is no level; there are 'one', 'two'",
            ),
            ("Conditions('x', {'one': [a], 'two': []}, quotas={'one': 3, 'two': 0})", "quotas must be a dict"),
            ("Conditions('x', {'one': [a], 'two': []}, per='team')", "per must be 'person' or 'group', but 'team'"),
        ],
    );
}

#[test]
fn an_order_is_checked_as_a_whole() {
    refused(
        5,
        &[("a, b, a", "SurveyScene"), ("RandomizeOrder([a, b]), Section('s', [a])", "stands twice in the order")]
            .map(|(order, _)| (order, "stands twice in the order: repeat it with RepeatScene(...)")),
    );
    refused(
        7,
        &[
            ("Section('s', [a]), Section('s', [b])", "two sections have the name 's'"),
            ("Section('b', [a]), b", "a section and a scene have the name 'b'"),
            ("RepeatScene([RepeatScene([a], 100)], 100)", "a participant may get 10002 scenes, but 1000 are the most"),
        ],
    );
    let shared = "Conditions('x', {'one': [a, b], 'two': [a, c]})";
    assert!(Study::of(&study(shared)).check().well, "nobody goes through two levels");
    assert!(Study::of(&study("RepeatScene([a, b], 3), c")).check().well);
}

#[test]
fn branches_are_checked_at_their_lines() {
    let levels = "Conditions('x', {'one': [b], 'two': []})";
    let (before, behind) = (format!("a, {levels}"), format!("{levels}, a"));
    let (before, behind) = (before.as_str(), behind.as_str());
    for (branch, order, words) in [
        ("a.go_to('d')", "a, b", "has .go_to('d'), but no scene or section has that name; there are 'a', 'b', 'end'"),
        ("a.go_to('start')", "a, b", "nobody goes back to the StartScene"),
        ("a.go_to('b')", before, "which only some participants have in their order"),
        ("a.go_to('b')", "a, RandomizeOrder([b, c], keep_n=1)", "which only some participants have in their order"),
        ("end.go_to('a')", "a", "nothing comes after an EndScene"),
        ("start.skip_if(parameter='x', equals='1')", "a", "the first scene is always shown"),
        ("end.skip_if(parameter='x', equals='1')", "a", "the last scene is for everybody"),
        ("b.skip_if(scene='d', question='q', equals='no')", "a, b", "scene='d' is not there; there are"),
        ("b.skip_if(scene='c', result='score', at_least=1)", "a, b, c", "in which nothing is played"),
        ("b.skip_if(scene='a', question='p', equals='no')", "a, b", "question='p' is not asked in the scene 'a'"),
        (
            "b.skip_if(scene='a', question='q', equals='maybe')",
            "a, b",
            "has no option \"maybe\"; its options are 'yes', 'no'",
        ),
        ("b.skip_if(scene='a', question='q', at_least=1)", "a, b", "is not answered with a number"),
        ("b.skip_if(scene='a', question='n', equals='no')", "a, b", "is answered with a number, so it never equals"),
        ("a.go_to('b', question='q', any_of=['yes', 'maybe'])", "a, b", "has no option \"maybe\""),
        ("a.skip_if(condition='y', equals='one')", behind, "condition='y' is no Conditions of the study"),
        ("a.skip_if(condition='x', equals='three')", behind, "condition='x' has no level \"three\""),
        ("b.skip_if()", "a, b", "skip_if: function is missing"),
        ("b.skip_if(scene='a')", "a, b", "scene says nothing alone"),
        ("b.skip_if(scene='a', question='q')", "a, b", "question is compared with nothing"),
        ("b.skip_if(equals=3)", "a, b", "equals compares nothing"),
        ("b.skip_if(question='q', equals='no')", "a, b", "scene is missing"),
        ("b.skip_if(parameter='x', condition='y', equals=1)", "a, b", "were both given"),
        ("b.skip_if(parameter='x', equals=1, at_most=1)", "a, b", "equals and at_most were both given"),
        ("b.skip_if(parameter='x', at_least=2, at_most=1)", "a, b", "at_least is more than at_most"),
        ("b.skip_if(parameter='x', any_of=[])", "a, b", "any_of must be a list of at least one value"),
        ("b.skip_if(parameter='x', equals=object())", "a, b", "equals must be True, False, a number"),
        ("b.skip_if(lambda: True)", "a, b", "must be a function that can be called with one argument (participant)"),
        ("b.go_to(lambda who: 'a', question='q', equals='no')", "a, b", "target is a function"),
        ("b.skipif(parameter='x', equals=1)", "a, b", "did you mean `skip_if`?"),
    ] {
        let body =
            format!("{SCENES}{branch}\nexperiment = Experiment().experiment('x', Stager([start, {order}, end]))");
        Study::of(&body).is_wrong(7, &[words]);
    }
}

#[test]
fn an_order_is_told_by_the_check() {
    let order = "Section('s', [RandomizeOrder([a, b], keep_n=1)]), Conditions('x', {'one': [c], 'two': []}, \
                 quotas={'one': 2, 'two': 3})";
    let body = format!(
        "{SCENES}a.go_to('end', question='q', equals='no')\na.go_to(lambda who: None)\nb.skip_if(lambda who: True)\n"
    );
    let report =
        Study::of(&format!("{body}experiment = Experiment().experiment('x', Stager([start, {order}, end]), seed=3)"))
            .check();
    assert!(report.well, "{}", report.text);
    for words in [
        "s (1 in random order of (a, b))",
        "x: one of one, at most 2 (c) | two, at most 3 ()",
        "may lead to end",
        "may lead to where a function says",
        "may be skipped",
    ] {
        assert!(report.text.contains(words), "{words:?} is not in:\n{}", report.text);
    }
}

#[test]
fn a_branch_that_looks_ahead_is_noted() {
    let check = |branch: &str, order: &str| {
        let body =
            format!("{SCENES}{branch}\nexperiment = Experiment().experiment('x', Stager([start, {order}, end]))");
        let report = Study::of(&body).check();
        assert!(report.well, "{}", report.text);
        report.text
    };
    let skip = "b.skip_if(scene='a', question='q', equals='no')";
    let (go, back) =
        ("b.go_to('end', scene='a', question='q', equals='no')", "c.go_to('b', parameter='x', equals='1')");
    for (branch, order, words) in [
        (skip, "b, a", "note: b: skip_if looks at 'a', where nobody has been by then: it never holds"),
        (go, "b, a", "note: b: go_to looks at 'a'"),
        (skip, "b, RandomizeOrder([a, c])", "note: b: skip_if"),
        ("a.skip_if(scene='a', question='q', equals='no')", "a", "note: a: skip_if looks at 'a'"),
    ] {
        let text = check(branch, order);
        assert!(text.contains(words), "{branch}, {order}: {words:?} is not in:\n{text}");
    }
    let both = format!("{skip}\n{back}");
    for (branch, order) in [
        (skip, "a, b"),
        (skip, "RandomizeOrder([b, a])"),
        (skip, "RepeatScene([b, a], 2)"),
        (both.as_str(), "b, a, c"),
        ("a.go_to('end', question='q', equals='no')", "a, b"),
    ] {
        let text = check(branch, order);
        assert!(!text.contains("looks at"), "{branch}, {order}:\n{text}");
    }
}

#[test]
fn a_row_of_a_grid_is_compared_by_its_column() {
    let study = |branch: &str| {
        format!(
            "start, end = StartScene().scene('start'), EndScene().scene('end')
a = SurveyScene([GridQuestion('m', '?', rows={{'x': 'X', 'y': 'Y'}}, columns=['no', 'yes'])]).scene('a')
b = StaticScene().scene('b')
b.skip_if(scene='a', {branch})
experiment = Experiment().experiment('x', Stager([start, a, b, end]))"
        )
    };
    assert!(Study::of(&study("question='m.y', at_most=0")).check().well);
    for (branch, words) in [
        ("question='m', equals=1", "is a table: compare one of its rows, such as question='m.x'"),
        ("question='m.y', equals='yes'", "the number of a column, from 0 to 1, so it never equals \"yes\""),
        ("question='m.y', equals=2", "so it never equals 2"),
        ("question='m.z', equals=1", "question='m.z' is not asked in the scene 'a'"),
    ] {
        Study::of(&study(branch)).is_wrong(7, &[words]);
    }
}
