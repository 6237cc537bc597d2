//! A folder with an experiment module in it, and what the check says of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use greenroom::python::{Interpreter, Loaded};

/// Lines 1 to 3 of every module of these tests; the rest begins at line 4.
const HEAD: &str = "from greenroom import *\n\n\n";

/// A game that lacks nothing but a stager around it.
pub const GAME: &str = r#"game = GymScene().scene("game")
game.policies({"human": "human"})
game.gameplay(action_mapping={"w": 1}, default_action=0)
game.runtime(environment_initialization_code="env = 1")
"#;

/// A game for two that lacks nothing but a stager around it. Its scene begins at line 4.
pub const PAIR: &str = r#"game = GymScene().scene("game")
game.policies({"a": "human", "b": "human"})
game.gameplay(action_mapping={"w": 1}, default_action=0)
game.runtime(environment_initialization_code="env = 1")
"#;

/// What `greenroom check` said.
pub struct Report {
    /// Everything it wrote.
    pub text: String,
    /// Whether it ended well.
    pub well: bool,
}

/// A folder for one study.
pub struct Study(tempfile::TempDir);

impl Study {
    /// An empty folder.
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with a module `study.py`, whose line 4 is the first of `body`.
    pub fn of(body: &str) -> Self {
        Self::new().with("study.py", &format!("{HEAD}{body}\n"))
    }

    /// The same, with another file.
    pub fn with(self, path: &str, text: &str) -> Self {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// A path in the folder.
    pub fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// Checks `study.py`.
    pub fn check(&self) -> Report {
        check(&self.path("study.py"))
    }

    /// The study as the service has it.
    pub fn load(&self) -> Loaded {
        load(&self.path("study.py"))
    }

    /// Checks `study.py`, which must be wrong, at that line of it and in these words.
    #[track_caller]
    pub fn is_wrong(&self, line: u32, words: &[&str]) {
        let report = self.check();
        let place = format!("{}:{line}: ", self.path("study.py").display());
        assert!(!report.well, "accepted:\n{}", report.text);
        assert!(report.text.contains(&place), "{place:?} is not in:\n{}", report.text);
        for word in words {
            assert!(report.text.contains(word), "{word:?} is not in:\n{}", report.text);
        }
        assert!(!report.text.contains("panicked"), "{}", report.text);
    }
}

/// Checks a module.
pub fn check(module: &Path) -> Report {
    let output = Command::new(env!("CARGO_BIN_EXE_greenroom"))
        .args(["check", "--quick"])
        .arg(module)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        // The service must not depend on any of these.
        .env("PYTHONPATH", "/nowhere")
        .env("PYTHONHOME", "/nowhere")
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    Report { text, well: output.status.success() }
}

/// A module as the service has it.
pub fn load(module: &Path) -> Loaded {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let interpreter = Interpreter::start(&root.join(".venv"), &root.join("assets/python")).unwrap();
    interpreter.load(module).unwrap()
}

/// A line that makes a study of these scenes.
pub fn experiment(scenes: &str) -> String {
    format!("experiment = Experiment().experiment(\"pilot\", Stager([{scenes}]))")
}

/// A study around the scene `game` that these lines describe.
pub fn around(game: &str) -> String {
    let scenes = "StartScene().scene('a'), game, StartScene().scene('alone'), EndScene().scene('b')";
    format!("{game}\n{}", experiment(scenes))
}

/// Each of `calls`, alone in a module, is refused at its line in the words beside it.
#[track_caller]
pub fn refused(calls: &[(&str, &str)]) {
    for (call, words) in calls {
        Study::of(call).is_wrong(4, &[words]);
    }
}
