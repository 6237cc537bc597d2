//! What is noted of a study, when it is refused, and what comes back.

use super::*;
use crate::experiment::{EndScene, Scene, Stager, StartScene};
use crate::facts::ParticipantFact;
use crate::ids::{ResumeToken, SubjectId};
use crate::wire::{Browser, Page};

/// A journal in a folder, and a study whose module has that text.
struct Bench {
    folder: tempfile::TempDir,
    journal: SqliteJournal,
    now: u64,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let journal = SqliteJournal::open(&folder.path().join("data/journal.sqlite")).unwrap();
        Self { folder, journal, now: 1000 }
    }

    fn study(&self, header: &str) -> Experiment {
        let page = Page { header: header.into(), ..Page::default() };
        let scenes = vec![
            Scene::Start(StartScene { scene_id: "start".parse().unwrap(), page }),
            Scene::End(EndScene {
                scene_id: "end".parse().unwrap(),
                page: Page::default(),
                redirect: None,
                shows_code: false,
                bonus: None,
            }),
        ];
        let stager = Stager::new(scenes).unwrap();
        Experiment {
            id: "pilot".parse().unwrap(),
            stager,
            static_directories: Vec::new(),
            globals: Default::default(),
            gates: Default::default(),
            language: Default::default(),
        }
    }

    fn definition(&self, header: &str, module: &str) -> Definition {
        let source = self.folder.path().join("study.py");
        std::fs::write(&source, module).unwrap();
        let archive = Archive::of(&self.study(header), self.folder.path(), &[source]).unwrap();
        let packages = [("numpy".to_owned(), "2.0".to_owned())].into();
        Definition { archive, python_version: "3.11.2".into(), packages }
    }

    /// A start with that module.
    fn start(&mut self, module: &str, accept: bool) -> Result<(), KeptError> {
        let definition = self.definition("Welcome", module);
        self.start_as(&definition, accept)
    }

    fn start_as(&mut self, definition: &Definition, accept: bool) -> Result<(), KeptError> {
        self.now += 1000;
        let experiment = self.study("Welcome");
        definition.note(&experiment, &mut self.journal, accept, Timestamp(self.now))
    }

    fn somebody_comes(&mut self) {
        let fact = ParticipantFact::ParticipantCreated {
            token: ResumeToken::from_random([7; 16]).digest(),
            parameters: BTreeMap::new(),
            browser: Browser::default(),
        };
        let stream = Stream::Participant(SubjectId::fresh());
        let entry = Entry { stream, at: Timestamp(self.now), fact: fact.into(), payload: Payload::None };
        self.journal.append(&[entry]).unwrap();
    }

    /// Of each noted form whether its archive was stored.
    fn noted(&mut self) -> Vec<bool> {
        forms(&mut self.journal).unwrap().iter().map(|form| form.archive.is_some()).collect()
    }

    /// The module's text as it was at a time.
    fn module_at(&mut self, when: u64) -> String {
        let into = tempfile::tempdir().unwrap();
        let kept = KeptStudy::at(&mut self.journal, Timestamp(when), into.path()).unwrap();
        assert_eq!(kept.experiment.id.as_str(), "pilot");
        std::fs::read_to_string(kept.module_folder.join("study.py")).unwrap()
    }
}

#[test]
fn the_same_study_is_noted_once() {
    let mut bench = Bench::new();
    bench.start("x = 1\n", false).unwrap();
    bench.somebody_comes();
    bench.start("x = 1\n", false).unwrap();
    assert_eq!(bench.noted(), [true]);
}

#[test]
fn a_change_that_nobody_took_part_in_needs_no_leave() {
    let mut bench = Bench::new();
    bench.start("x = 1\n", false).unwrap();
    bench.start("x = 2\n", false).unwrap();
    assert_eq!(bench.noted(), [true, true]);
}

#[test]
fn a_changed_study_is_refused_with_its_difference_and_what_to_do() {
    let mut bench = Bench::new();
    bench.start("x = 1\ny = 1\n", false).unwrap();
    bench.somebody_comes();
    let error = bench.start("x = 1\ny = 2\n", false).unwrap_err().to_string();
    for words in ["pilot", "study.py", "-y = 1", "+y = 2", "--accept-changes", "experiment_id", "--data", "restore"] {
        assert!(error.contains(words), "{words:?} is not in:\n{error}");
    }
    assert!(!error.contains("experiment.json"), "{error}");
    assert_eq!(bench.noted(), [true]);
}

#[test]
fn a_change_of_options_is_told_by_option() {
    let mut bench = Bench::new();
    bench.start("x = 1\n", false).unwrap();
    bench.somebody_comes();
    let changed = bench.definition("Good morning", "x = 1\n");
    let error = bench.start_as(&changed, false).unwrap_err().to_string();
    assert!(error.contains("+          \"header\": \"Good morning\""), "{error}");
}

#[test]
fn accepted_changes_are_kept_beside_what_was_and_games_find_their_own() {
    let mut bench = Bench::new();
    bench.start("x = 1\n", false).unwrap();
    bench.somebody_comes();
    bench.start("x = 2\n", true).unwrap();
    // Back to the first: its archive is there already.
    bench.start("x = 1\n", true).unwrap();
    assert_eq!(bench.noted(), [true, true, false]);
    let found = [2000, 2999, 3000, 3500, 4000, 9000].map(|when| bench.module_at(when));
    assert_eq!(found, ["x = 1\n", "x = 1\n", "x = 2\n", "x = 2\n", "x = 1\n", "x = 1\n"]);
    // The clock was set back after the start.
    assert_eq!(bench.module_at(5), "x = 1\n");
}

#[test]
fn data_of_a_version_that_kept_nothing_are_told_from_a_study_that_is_not_there() {
    let mut bench = Bench::new();
    bench.somebody_comes();
    let error = KeptStudy::at(&mut bench.journal, Timestamp(1), bench.folder.path()).unwrap_err();
    assert!(matches!(error, KeptError::NotKept), "{error}");
    bench.start("x = 1\n", false).unwrap();
    assert_eq!(bench.module_at(1), "x = 1\n");
}

#[test]
fn other_packages_are_noted_and_never_refused() {
    let mut bench = Bench::new();
    bench.start("x = 1\n", false).unwrap();
    bench.somebody_comes();
    let mut moved = bench.definition("Welcome", "x = 1\n");
    moved.packages = [("numpy".to_owned(), "2.1".to_owned()), ("torch".to_owned(), "3".to_owned())].into();
    let Standing::Moved { packages } = moved.compare(&mut bench.journal).unwrap() else { panic!() };
    assert_eq!(packages, ["numpy 2.0 -> 2.1", "torch none -> 3"]);
    bench.start_as(&moved, false).unwrap();
    assert_eq!(bench.noted(), [true, false]);
    let into = tempfile::tempdir().unwrap();
    let kept = |bench: &mut Bench, when| KeptStudy::at(&mut bench.journal, Timestamp(when), into.path()).unwrap();
    assert_eq!(kept(&mut bench, 2000).packages["numpy"], "2.0");
    assert_eq!(kept(&mut bench, 3000).packages["numpy"], "2.1");
}

#[test]
fn an_option_that_a_newer_version_has_learnt_is_no_change() {
    let mut bench = Bench::new();
    let mut before = bench.definition("Welcome", "x = 1\n");
    // As another version wrote it: the same study, in other words.
    before.archive = before.archive.with("experiment.json", |text| text.replace("\n", " "));
    bench.start_as(&before, false).unwrap();
    bench.somebody_comes();
    bench.start("x = 1\n", false).unwrap();
    assert_eq!(bench.noted(), [true, true]);
}
