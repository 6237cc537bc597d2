//! Data files are made anew from the journal.

use super::*;
use crate::store::SqliteJournal;

#[test]
fn data_files_are_rebuilt_as_the_service_writes_them() {
    let mut study = study();
    for subject in ["ann", "bob"] {
        let target = study.target(subject);
        *study.files.parts().1 = json!({"experiment_id": "rally", "scenes": {"volley": {
            "scene_type": "GymScene", "scene_id": "volley", "mode": "authoritative", "code": "the source",
            "policies": {"left": "human", "right": "human", "third": {"random": {"frame_skip": 1}}},
        }}});
        crate::facts::Projector::project(&mut study.files, &target).unwrap();
    }
    let written = |folder: &Path| -> BTreeMap<String, Vec<u8>> {
        ["ann.csv", "ann_metadata.json", "ann_globals.json", "bob.csv", "bob_metadata.json"]
            .into_iter()
            .map(String::from)
            .chain([format!("games/{}.json", study.game)])
            .map(|name| (name.clone(), fs::read(folder.join("volley").join(name)).unwrap()))
            .collect()
    };
    let before = written(study.folder());
    let (folder, all) = (study.folder().to_owned(), BTreeSet::new());
    let elsewhere = folder.join("elsewhere");
    let error = rebuild(&folder, None, &all, &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("another greenroom uses the journal"), "a service might be writing them: {error}");
    assert_eq!(rebuild(&folder, Some(&elsewhere), &all, &mut |_| {}).unwrap(), 6);
    assert_eq!(written(&elsewhere), before);
    assert!(elsewhere.join("start/eve_metadata.json").is_file());

    let journal = study_without_service(&study);
    fs::remove_dir_all(journal.join("volley")).unwrap();
    rebuild(&journal, None, &all, &mut |_| {}).unwrap();
    assert_eq!(written(&journal), before);
    drop(SqliteJournal::open(&study::journal_of(&journal)).unwrap());
}

/// A copy of a study's folder, which no service uses.
fn study_without_service(study: &Played) -> PathBuf {
    let copy = study.folder().join("copy");
    fs::create_dir_all(copy.join("volley")).unwrap();
    let source = rusqlite::Connection::open(study::journal_of(study.folder())).unwrap();
    source.execute("VACUUM INTO ?1", [study::journal_of(&copy).to_str().unwrap()]).unwrap();
    copy
}
