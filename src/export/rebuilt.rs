//! The data files of the service, written anew from the journal.

use std::path::Path;

use serde_json::{Value, json};

use super::study::{Study, journal_of};
use super::{ExportError, Progress};
use crate::facts::{Journal, Projector, Stream, Target};
use crate::ids::SceneId;
use crate::store::files::{Files, visits};
use crate::store::{Quiet, SqliteJournal};

/// Writes the data files of a study anew, as the service wrote them: into `out`, or else in their place. In their place only
/// while no service runs, which writes the same files and might have newer facts.
///
/// Returns the number of visits whose files were written.
///
/// # Errors
/// When something cannot be read or written, when the record does not say what the study consisted of, or when a service
/// runs.
pub fn rebuild(
    folder: &Path,
    out: Option<&Path>,
    scenes: &std::collections::BTreeSet<SceneId>,
    told: &mut dyn FnMut(&str),
) -> Result<u64, ExportError> {
    let path = journal_of(folder);
    let _quiet = match out {
        Some(_) => None,
        None => Some(Quiet::at(&path)?),
    };
    let mut study = Study::open(folder, scenes.clone())?;
    if !study.is_kept() {
        return Err(ExportError::NotKept);
    }
    let mut journal = SqliteJournal::open_to_read(&path)?;
    journal.hold_still(&path)?;
    let mut files = Files::of_recorded(journal, out.unwrap_or(folder).to_owned(), Value::Null);
    let mut progress = Progress::new(told);
    let mut count = 0;
    study.each_participant(|study, subject, facts| {
        for target in visits::visits(subject, facts).into_iter().filter(|target| study.wants(&target.scene)) {
            describe(study, facts, &target, &mut files)?;
            files.project(&target)?;
            count += 1;
            progress.at(1024, || format!("{count} visits written"));
        }
        Ok(())
    })?;
    Ok(count)
}

/// Tells the files what the study was when the game of a visit began, or the visit.
fn describe(
    study: &Study,
    facts: &[crate::facts::Recorded],
    target: &Target,
    files: &mut Files,
) -> Result<(), ExportError> {
    let (journal, described) = files.parts();
    let entered = visits::entered(facts, target.visit);
    let begun = match target.game {
        Some(game) => journal.read(&Stream::Game(game))?.first().map(|recorded| recorded.at),
        None => None,
    };
    let form = study.form(begun.or(entered).unwrap_or_default()).ok_or(ExportError::NotKept)?;
    if described["form"] != form["stager"] {
        let scenes = form["stager"]["scenes"].as_array().into_iter().flatten();
        let scenes = scenes.filter_map(|scene| Some((scene["scene_id"].as_str()?.to_owned(), scene.clone())));
        let scenes: Value = scenes.collect::<serde_json::Map<_, _>>().into();
        *described = json!({"experiment_id": form["id"], "scenes": scenes, "form": form["stager"]});
    }
    Ok(())
}
