//! Studies that are right, and studies that are wrong as a whole.

use std::path::Path;

use crate::bench::{GAME, Study, check, experiment};

#[test]
fn a_study_that_uses_everything_is_described() {
    let report = check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/modules/good/study.py"));
    assert!(report.well, "{}", report.text);
    for words in [
        "Study pilot",
        "1  StartScene  welcome",
        "2  GymScene    mountain_car",
        "1 (random), human (human)",
        "600 x 300 pixels, 30 fps",
        "3 episodes of at most 200 steps",
        "ArrowLeft           -> 0\n",
        "ArrowRight          -> 2.0\n",
        "ArrowLeft + ArrowUp -> [1, True, 'jump']",
        "space bar           -> {'a': [1]}",
        "gymnasium==1.4.0",
        "3  EndScene    thanks",
        "https://example.org/done?id={subject_id}",
        "as /pictures/",
        "No problems found.",
    ] {
        assert!(report.text.contains(words), "{words:?} is not in:\n{}", report.text);
    }
}

#[test]
fn a_call_changes_only_what_it_names() {
    let study = Study::of(&format!(
        r#"{GAME}game.rendering(fps=30).rendering(game_width=100)
assert "30 fps, 100 x 400" in repr(game), game
try:
    game.rendering(fps=20, game_width=0)
except ValueError:
    pass
assert "30 fps, 100 x 400" in repr(game), "a call with a wrong value changed something"
{}"#,
        experiment("StartScene().scene('a'), game, EndScene().scene('b')")
    ));
    let report = study.check();
    assert!(report.well, "{}", report.text);
}

#[test]
fn a_missing_file_is_named() {
    let study = Study::new();
    let report = study.check();
    assert!(!report.well);
    assert!(report.text.contains(&format!("there is no file {}", study.path("study.py").display())), "{}", report.text);
}

#[test]
fn a_file_that_is_no_module_is_refused() {
    let study = Study::new().with("study.txt", "").with("greenroom.py", "");
    let text = check(&study.path("study.txt")).text;
    assert!(text.contains("its name must end in .py"), "{text}");
    let text = check(&study.path("greenroom.py")).text;
    assert!(text.contains("would hide the package `greenroom`"), "{text}");
}

#[test]
fn a_syntax_error_is_told_with_its_line() {
    Study::of("x = 1\ndef f(:\n    pass").is_wrong(5, &["syntax error", "def f(:"]);
}

#[test]
fn a_syntax_error_in_an_imported_module_is_told_there() {
    let study = Study::of("import helper").with("helper.py", "x = (\n");
    let report = study.check();
    assert!(!report.well);
    let place = format!("{}:1: syntax error", study.path("helper.py").display());
    assert!(report.text.contains(&place), "{place:?} is not in:\n{}", report.text);
}

#[test]
fn a_syntax_error_in_source_without_a_file_is_told_at_the_researchers_line() {
    Study::of("x = 1\nexec('y = (')").is_wrong(5, &["SyntaxError"]);
}

#[test]
fn an_exception_is_told_with_the_researchers_lines_only() {
    let study = Study::of("def go():\n    return {}['x']\n\ngo()");
    study.is_wrong(5, &["KeyError: 'x'", "line 7, in <module>", "line 5, in go"]);
    let text = study.check().text;
    assert!(!text.contains("src/python") && !text.contains("frozen"), "{text}");
}

#[test]
fn an_exception_inside_a_library_is_told_at_the_researchers_line() {
    Study::of("import json\njson.loads('{')").is_wrong(5, &["JSONDecodeError"]);
}

#[test]
fn a_module_that_exits_is_told() {
    Study::of("import sys\nsys.exit(3)").is_wrong(5, &["SystemExit: 3"]);
}

#[test]
fn experiment_must_be_there_and_be_one() {
    let report = Study::of("study = Experiment()").check();
    assert!(!report.well && report.text.contains("leaves no variable `experiment`"), "{}", report.text);
    let report = Study::of("experiment = 3").check();
    assert!(!report.well && report.text.contains("must be an Experiment, but it is of type int"), "{}", report.text);
    Study::of("experiment = Experiment()").is_wrong(4, &["has no id and no scenes", ".experiment(experiment_id=..."]);
}

#[test]
fn the_order_of_scenes_is_checked() {
    let body = format!("{GAME}{}", experiment("game, EndScene().scene('end')"));
    Study::of(&body).is_wrong(4, &["the first scene must be a StartScene, but it is GymScene \"game\""]);
    let body = format!("{GAME}{}", experiment("StartScene().scene('start'), game"));
    Study::of(&body).is_wrong(4, &["the last scene must be an EndScene, but it is GymScene \"game\""]);
    Study::of(&experiment("")).is_wrong(4, &["the stager has no scenes"]);
}

#[test]
fn a_scene_id_may_stand_once() {
    let body = format!("a = StartScene().scene('x')\nb = EndScene().scene('x')\n{}", experiment("a, b"));
    Study::of(&body).is_wrong(5, &["two scenes have the scene_id \"x\""]);
}

#[test]
fn everything_that_is_missing_is_told_at_once() {
    let body = format!("start = StartScene()\ngame = GymScene()\n{}", experiment("start, game"));
    let study = Study::of(&body);
    study.is_wrong(
        4,
        &["7 problems in", "the last scene must be an EndScene", "a StartScene without scene_id has no name"],
    );
}

#[test]
fn a_bare_game_lacks_five_things() {
    let body = format!(
        "start = StartScene().scene('a')\ngame = GymScene()\nend = EndScene().scene('b')\n{}",
        experiment("start, game, end")
    );
    Study::of(&body).is_wrong(
        5,
        &[
            "5 problems in",
            "has no name",
            "has no environment",
            "does not say who acts",
            "has no keys",
            "no default action",
        ],
    );
}

#[test]
fn paths_are_relative_to_the_module() {
    let body = format!(
        "{GAME}game.runtime(environment_initialization_code_filepath='code/env.py').assets('pictures')\n{}",
        experiment("StartScene().scene('a'), game, EndScene().scene('b')")
    );
    let study = Study::of(&body).with("code/env.py", "\u{feff}env = 1").with("pictures/a.png", "");
    let report = study.check();
    assert!(report.well, "{}", report.text);
    assert!(report.text.contains("environment  code/env.py"), "{}", report.text);
}

#[test]
fn a_module_may_import_its_neighbours() {
    let study = Study::of("from scenes import experiment").with(
        "scenes.py",
        &format!("from greenroom import *\n{}", experiment("StartScene().scene('a'), EndScene().scene('b')")),
    );
    assert!(study.check().well, "{}", study.check().text);
}

#[test]
fn every_experiment_of_ours_is_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "py") {
            let report = check(&path);
            assert!(report.well, "{}", report.text);
            found.push(path.file_stem().unwrap().to_string_lossy().into_owned());
        }
    }
    for name in ["lantern", "mountain_car", "orchard", "pixel_catch", "volley"] {
        assert!(found.iter().any(|known| known == name), "{name} is not in {found:?}");
    }
}
