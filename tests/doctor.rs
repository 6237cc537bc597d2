//! `greenroom check` as people run it: an experiment with all that belongs to it, and environments that would take
//! everything down with them.

use std::path::Path;
use std::process::Command;

struct Report {
    text: String,
    code: Option<i32>,
}

impl Report {
    #[track_caller]
    fn says(&self, words: &str) {
        assert!(self.text.contains(words), "{words:?} is not in:\n{}", self.text);
    }
}

fn check(module: &Path, data: &Path, more: &[&str]) -> Report {
    let output = Command::new(env!("CARGO_BIN_EXE_greenroom"))
        .arg("check")
        .arg(module)
        .arg("--data")
        .arg(data)
        .args(more)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("PYTHONPATH", "/nowhere")
        .output()
        .unwrap();
    // Long lines are broken for people.
    let text = String::from_utf8(output.stdout).unwrap();
    let text = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    Report { text, code: output.status.code() }
}

/// A study of one game, whose environment's step has `body`.
fn study(folder: &Path, body: &str) -> std::path::PathBuf {
    let module = folder.join("study.py");
    let text = format!(
        r#"from greenroom import *

CODE = """
import os, time
class Game:
    t = 0
    def reset(self, *, seed=None):
        self.t = 0
        return [0.0], {{}}
    def step(self, action):
        self.t += 1
        {body}
        return [float(self.t)], 1.0, False, False, {{}}
env = Game()
"""
game = GymScene().scene("game").policies({{"human": "human"}})
game.gameplay(action_mapping={{"w": 1}}, default_action=0).runtime(environment_initialization_code=CODE)
experiment = Experiment().experiment("pilot", Stager([StartScene().scene("a"), game, EndScene().scene("b")]))
"#
    );
    std::fs::write(&module, text).unwrap();
    module
}

#[test]
fn an_experiment_is_examined_in_both_pythons() {
    let data = tempfile::tempdir().unwrap();
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments/lantern.py");
    let report = check(&module, data.path(), &["--scene", "lantern"]);
    assert_eq!(report.code, Some(0), "{}", report.text);
    report.says("Study lantern");
    report.says("lantern (in the browsers, 30 fps)");
    report.says("the same seed and actions give the same game, 300 steps");
    report.says("the same game in another process");
    report.says("the browser's Python plays exactly the same");
    report.says("In the browser a frame takes");
    report.says("No problems found.");
}

#[test]
fn an_environment_that_hangs_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let module = study(folder.path(), "if self.t == 4: time.sleep(1000)");
    let report = check(&module, folder.path(), &["--time-limit", "3"]);
    assert_eq!(report.code, Some(1), "{}", report.text);
    report.says("it was not done within 3 s, and was stopped while it loads, resets and plays");
    report.says("1 problem found.");
}

#[test]
fn an_environment_that_crashes_leaves_its_last_words() {
    let folder = tempfile::tempdir().unwrap();
    let module = study(folder.path(), "if self.t == 4: os.write(2, b'out of luck'); os._exit(3)");
    let report = check(&module, folder.path(), &["--no-browser"]);
    assert_eq!(report.code, Some(1), "{}", report.text);
    report.says("exit status: 3");
    report.says("out of luck");
}

#[test]
fn advice_alone_is_no_problem() {
    let folder = tempfile::tempdir().unwrap();
    let module = study(folder.path(), "pass");
    let report = check(&module, folder.path(), &["--no-browser"]);
    assert_eq!(report.code, Some(0), "{}", report.text);
    report.says("advice   render() draws nothing");
    report.says("another seed gives the same game");
    report.says("No problems found. 2 pieces of advice above.");
}

#[test]
fn a_quick_check_runs_no_environment_and_scenes_have_names() {
    let folder = tempfile::tempdir().unwrap();
    let module = study(folder.path(), "os._exit(3)");
    let report = check(&module, folder.path(), &["--quick"]);
    assert_eq!(report.code, Some(0), "{}", report.text);
    let report = check(&module, folder.path(), &["--scene", "gane"]);
    assert_eq!(report.code, Some(1), "{}", report.text);
    report.says("There is no game scene gane; there is game.");
}
