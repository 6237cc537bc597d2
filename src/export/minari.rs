//! Episodes as Minari datasets, one for each scene and agent: what an agent saw, did and got, and all that is known of whom
//! it was. The record has what everybody did; what they saw is made by playing the game again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::people::Person;
use super::study::{Game, Study, journal_of};
use super::{ExportError, Progress, games, usual_folder};
use crate::actors::settings;
use crate::experiment::Answer;
use crate::facts::{Fact, Journal, ParticipantFact, Recorded, Stream};
use crate::ids::SceneId;
use crate::python::{Datasets, Finished};
use crate::replay::{Part, Places, ReplayError, Source};

/// Makes datasets of all finished episodes, in `out` or else in the folder `export/minari` of the study's. Returns where
/// they are.
///
/// What does not fit into a dataset is told of, and left out.
///
/// # Errors
/// When the record cannot be read, Python or a package of it is missing, or a file cannot be written.
pub fn datasets(
    folder: &Path,
    out: Option<&Path>,
    scenes: &BTreeSet<SceneId>,
    python: Places<'_>,
    told: &mut dyn FnMut(&str),
) -> Result<(PathBuf, Finished), ExportError> {
    let mut study = Study::open(folder, scenes.clone())?;
    if !study.is_kept() {
        return Err(ExportError::NotKept);
    }
    let root = match out {
        Some(out) => out.to_owned(),
        None => usual_folder(&study, folder)?.join("minari"),
    };
    let root = std::path::absolute(&root).map_err(|cause| ExportError::Write { path: root.clone(), cause })?;
    let interpreter =
        crate::python::Interpreter::start(python.venv, python.packages).map_err(ReplayError::Interpreter)?;
    let mut datasets = Datasets::new(&interpreter, &root, &study.id)?;
    let mut progress = Progress::new(told);
    let (mut last, mut count) = (None, 0_u64);
    while let Some(game) = study.next_game(last)? {
        last = Some(game.id);
        let Some(about) = about(&mut study, &game)? else { continue };
        add(&mut datasets, folder, &game, &about)?;
        count += 1;
        progress.at(1024, || format!("{count} games played again"));
    }
    Ok((root, datasets.finish()?))
}

/// Plays the finished episodes of a game again.
fn add(datasets: &mut Datasets, folder: &Path, game: &Game, about: &Value) -> Result<(), ExportError> {
    let mut source = Source::open(&journal_of(folder), game.id)?;
    let mut script = source.script();
    for fact in source.facts()? {
        script.apply(&fact).map_err(ReplayError::from)?;
    }
    let settings = settings::for_worker(&source.gym, &source.study.experiment.globals);
    datasets.game(&source.play(&settings, &script.seats, script.people(&source.gym)), &about.to_string())?;
    for (number, part) in &script.episodes {
        if let Part { end: Some(_), inputs, rows, .. } = part {
            let inputs = &inputs[..part.frames() as usize];
            // Rows are compared by their frame; after a gap nothing is known.
            let rows = (0..).zip(rows).take_while(|(frame, (of, _))| frame == *of).map(|(_, (_, row))| &row[..]);
            datasets.episode(*number, script.seed(*number), script.globals(*number).as_deref(), inputs, rows)?;
        }
    }
    Ok(datasets.end_of_game()?)
}

/// The version of the text that a participant consented to last, if it did.
fn consent(facts: &[Recorded]) -> Option<&str> {
    facts.iter().rev().find_map(|recorded| match &recorded.fact {
        Fact::Participant(ParticipantFact::AnswerGiven { answer: Some(Answer::Flag(true)), version, .. }) => {
            version.as_deref()
        }
        _ => None,
    })
}

/// What is to be told of a game's episodes; nothing when there is none to tell of.
fn about(study: &mut Study, game: &Game) -> Result<Option<Value>, ExportError> {
    let Some(head) = study.head(game).filter(|head| study.wants(head.scene)) else { return Ok(None) };
    let shared = game.shared()?;
    if games::episodes(game, shared.as_ref()).values().all(|episode| !episode.complete()) {
        return Ok(None);
    }
    let mut agents = BTreeMap::new();
    for agent in head.agents() {
        let player = head.seat(agent).and_then(|seat| head.seats[seat].player.as_ref());
        let mut told = json!({"policy": head.policy(agent)});
        if let Some(player) = player {
            let facts = study.journal.read(&Stream::Participant(player.subject.clone()))?;
            let person = Person::of(&facts);
            told["subject_id"] = json!(player.subject);
            told["visit"] = json!(player.visit);
            told["completed"] = json!(person.completed());
            told["dismissed"] = json!(person.dismissed());
            told["consent_version"] = json!(consent(&facts));
            told["conditions"] = person.conditions.iter().copied().collect();
        }
        agents.insert(agent.to_owned(), told);
    }
    Ok(Some(json!({
        "experiment_id": study.id,
        "scene_id": head.scene,
        "game_id": game.id,
        "mode": head.mode,
        "begun_at": head.begun,
        "outcome": games::end(game).outcome,
        "agents": agents,
    })))
}
