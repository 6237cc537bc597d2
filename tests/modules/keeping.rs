//! What is kept of a study with its data: its options, and the files that belong to it.

use std::path::{Path, PathBuf};

use greenroom::experiment::Experiment;
use greenroom::python::Loaded;
use greenroom::store::Archive;

use crate::bench::{Study, load};

/// The experiments that come with the program, and one that uses every option.
fn studies() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(root.join("experiments")).unwrap().map(|entry| entry.unwrap().path());
    let modules = entries.filter(|path| path.extension().is_some_and(|extension| extension == "py"));
    let studies: Vec<_> = modules.chain([root.join("tests/modules/good/study.py")]).collect();
    assert!(studies.len() > 5, "{studies:?}");
    studies
}

#[test]
fn a_study_survives_being_written_and_read() {
    for path in studies() {
        let Loaded { experiment, .. } = load(&path);
        let text = serde_json::to_string_pretty(&experiment).unwrap();
        let back: Experiment = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}\n{text}"));
        assert_eq!(serde_json::to_string_pretty(&back).unwrap(), text, "{path:?}");
    }
}

#[test]
fn a_kept_study_has_its_own_files_only_and_they_come_back() {
    for path in studies() {
        let Loaded { experiment, sources, module, .. } = load(&path);
        let folder = module.parent().unwrap();
        let archive = Archive::of(&experiment, folder, &sources).unwrap();
        let back = Archive::unpack(&archive.pack().unwrap()).unwrap();
        assert_eq!((&back, back.digest()), (&archive, archive.digest()));

        let into = tempfile::tempdir().unwrap();
        back.write_to(into.path()).unwrap();
        let kept = back.experiment(into.path()).unwrap();
        for (gym, before) in kept.stager.gyms().zip(experiment.stager.gyms()) {
            assert_eq!(gym.assets_dir.is_some(), before.assets_dir.is_some());
            assert!(gym.assets_dir.iter().all(|pictures| pictures.starts_with(into.path()) && pictures.is_dir()));
            for (policy, before) in gym.policies.values().zip(before.policies.values()) {
                if let (Some(model), Some(before)) = (policy.model(), before.model()) {
                    assert_eq!(std::fs::read(&model.path).unwrap(), std::fs::read(&before.path).unwrap());
                }
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Loaded { experiment, sources, module, .. } = load(&root.join("experiments/lantern.py"));
    let archive = Archive::of(&experiment, module.parent().unwrap(), &sources).unwrap();
    let names: Vec<_> = archive.files().keys().collect();
    assert_eq!(names, ["experiment.json", "module/environments/lantern.py", "module/lantern.py"]);
}

/// A study of several local files, among others that are none of its own.
fn study() -> Study {
    let game = "game = GymScene().scene('game').policies({'human': 'human'})\n\
                game.gameplay(action_mapping={'w': 1}, default_action=0)\n\
                game.runtime(environment_initialization_code_filepath='worlds/maze.py')\n";
    let stager = "Stager([StartScene().scene('a'), game, EndScene().scene('b')])";
    Study::of(&format!(
        "import conditions.orders\nfrom texts import *\n{game}experiment = Experiment().experiment('kept', {stager})"
    ))
    .with("conditions/__init__.py", "")
    .with("conditions/orders.py", "from . import names\nfrom .more import x\n")
    .with("conditions/names.py", "")
    .with("conditions/more/__init__.py", "x = 1\n")
    .with("conditions/unused.py", "")
    .with("texts.py", "import importlib\n__all__ = []\nimportlib.import_module('late')\n")
    .with("late.py", "")
    .with("worlds/maze.py", "def make():\n    import cells\n    from worlds import walls\nenv = 1\n")
    .with("worlds/walls.py", "")
    .with("cells.py", "import texts\n")
    .with("another_study.py", "import unrelated\n")
    .with("unrelated.py", "")
    .with("random_notes.txt", "")
}

#[test]
fn what_a_study_imports_from_its_folder_belongs_to_it_and_nothing_else_does() {
    let study = study();
    let Loaded { experiment, sources, module, .. } = study.load();
    let archive = Archive::of(&experiment, module.parent().unwrap(), &sources).unwrap();
    let names: Vec<_> = archive.files().keys().map(|name| name.trim_start_matches("module/")).collect();
    assert_eq!(
        names,
        [
            "experiment.json",
            "cells.py",
            "conditions/__init__.py",
            "conditions/more/__init__.py",
            "conditions/names.py",
            "conditions/orders.py",
            "late.py",
            "study.py",
            "texts.py",
            "worlds/maze.py",
            "worlds/walls.py",
        ]
    );
}

#[test]
fn a_study_that_moves_to_another_folder_is_the_same() {
    let digest = |study: &Study| {
        let Loaded { experiment, sources, module, .. } = study.load();
        Archive::of(&experiment, module.parent().unwrap(), &sources).unwrap().digest()
    };
    let plain = || {
        let scenes = "StartScene().scene('a'), EndScene().scene('b')";
        let study = format!(
            "experiment = Experiment().experiment('kept', Stager([{scenes}]))\n\
             experiment.static_files(directories=['pictures'])"
        );
        Study::of(&study).with("pictures/cat.svg", "<svg/>")
    };
    let (here, there) = (plain(), plain());
    assert_eq!(digest(&here), digest(&there));
}
