//! `greenroom new`: what it makes is a study without problems, and nothing that was there is touched.

use std::path::Path;
use std::process::{Command, Output};

use crate::bench;

fn new(folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greenroom"));
    command.arg("new").arg(folder).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
}

fn words(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}

#[test]
fn the_new_study_has_no_problems_and_the_name_of_its_folder() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("pilot-7");
    let made = new(&folder);
    assert!(made.status.success(), "{}", words(&made));
    assert!(words(&made).contains("pilot-7/study.py\n"), "{}", words(&made));
    let report = bench::check(&folder.join("study.py"));
    assert!(report.well && report.text.contains("Study pilot-7"), "{}", report.text);
    assert!(report.text.contains("No problems found."), "{}", report.text);
    // Editors find the classes.
    let settings = std::fs::read_to_string(folder.join("pyrightconfig.json")).unwrap();
    let settings: serde_json::Value = serde_json::from_str(&settings).unwrap();
    let package = Path::new(settings["extraPaths"][0].as_str().unwrap());
    assert!(package.join("greenroom/__init__.pyi").is_file(), "{settings}");
    let editor = std::fs::read_to_string(folder.join(".vscode/settings.json")).unwrap();
    let editor: serde_json::Value = serde_json::from_str(&editor).unwrap();
    assert!(Path::new(editor["python.defaultInterpreterPath"].as_str().unwrap()).exists(), "{editor}");
    assert_eq!(&std::fs::read(folder.join("pictures/star.png")).unwrap()[1..4], b"PNG");
}

#[test]
fn nothing_that_is_there_is_touched() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("mine");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("study.py"), "mine").unwrap();
    let refused = new(&folder);
    assert!(!refused.status.success());
    assert!(words(&refused).contains("is there already, and nothing in it was changed"), "{}", words(&refused));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    // An empty folder is nobody's.
    std::fs::remove_file(folder.join("study.py")).unwrap();
    assert!(new(&folder).status.success());

    let file = place.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(!new(&file).status.success());
    let unnameable = new(&place.path().join("my study!"));
    assert!(words(&unnameable).contains("is not a valid name"), "{}", words(&unnameable));
}
