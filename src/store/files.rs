//! The files that a researcher opens, written from the journal: `{scene_id}/{subject_id}.csv`, `_metadata.json` and
//! `_globals.json`.
//!
//! Each is written whole to a temporary name and renamed, so that a reader never meets half a file. A visit that is not
//! the subject's first of its scene gets its own name, so that nothing is overwritten by something else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use rmpv::Value;
use serde_json::json;

use super::journal::{SqliteJournal, StoreError};
use crate::experiment::Experiment;
use crate::facts::{Fact, GameFact, Journal, JournalError, ParticipantFact, Projector, Recorded, Stream, Target};
use crate::ids::{GameId, SubjectId};
use crate::rules::seeds::episode_seed;
use crate::time::Timestamp;
use crate::wire::row::{Row, SECTIONS};

/// Columns of the environment's own that a file has at most: an environment that invents names as it goes would fill the
/// memory with empty cells.
const MOST_COLUMNS: usize = 4096;
/// The column for what has no column.
const OVERFLOW: &str = "overflow";

/// Why a file cannot be written.
type Problem = Box<dyn std::error::Error>;

/// Columns before the environment's own.
const LEADING: [&str; 2] = ["episode_num", "t"];
/// Columns after the environment's own.
const TRAILING: [&str; 2] = ["timestamp", "server_timestamp"];

/// Writes the files of a study.
#[derive(Debug)]
pub struct Files {
    journal: SqliteJournal,
    folder: PathBuf,
    experiment: serde_json::Value,
}

impl Files {
    /// Files in `folder`, from the journal at `journal`.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn new(journal: &Path, folder: PathBuf, experiment: &Experiment) -> Result<Self, StoreError> {
        let scenes = experiment.stager.scenes().iter().map(|scene| (scene.id().to_string(), json!(scene))).collect();
        Ok(Self {
            journal: SqliteJournal::open_to_read(journal)?,
            folder,
            experiment: json!({"experiment_id": experiment.id, "scenes": serde_json::Value::Object(scenes)}),
        })
    }

    /// The files that are older than the facts in them; for a start after the service was cut off.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn overdue(&mut self) -> Result<Vec<Target>, JournalError> {
        let unreadable = |cause: rusqlite::Error| JournalError { doing: "list participants", cause: cause.to_string() };
        let mut overdue = Vec::new();
        for (subject, last_fact) in self.journal.participants().map_err(unreadable)? {
            let Ok(subject) = subject.parse::<SubjectId>() else { continue };
            let person = self.journal.read(&Stream::Participant(subject.clone()))?;
            for mut target in visits(&subject, &person) {
                target.game = game_of(&person, target.visit);
                let last_step = match target.game {
                    Some(game) => self.journal.read(&Stream::Game(game))?.last().map(|recorded| recorded.at),
                    None => None,
                };
                let written = modified(&self.path(&person, &target, "_metadata.json"));
                if written < Some(last_fact.max(last_step.unwrap_or_default())) {
                    overdue.push(target);
                }
            }
        }
        Ok(overdue)
    }

    /// Where a file of a visit is.
    fn path(&self, person: &[Recorded], target: &Target, ending: &str) -> PathBuf {
        let name = match occurrence(person, target) {
            1 => format!("{}{ending}", target.subject),
            // `~` is in no name, so that this is nobody else's file.
            nth => format!("{}~{nth}{ending}", target.subject),
        };
        self.folder.join(target.scene.as_str()).join(name)
    }

    fn try_project(&mut self, target: &Target) -> Result<(), Problem> {
        let person = self.journal.read(&Stream::Participant(target.subject.clone()))?;
        let game = match target.game {
            Some(game) => self.journal.read(&Stream::Game(game))?,
            None => Vec::new(),
        };
        let metadata = serde_json::to_vec_pretty(&self.metadata(target, &person, &game))?;
        write_whole(&self.path(&person, target, "_metadata.json"), |file| Ok(file.write_all(&metadata)?))?;
        let globals = serde_json::to_vec_pretty(&globals(target, &person))?;
        write_whole(&self.path(&person, target, "_globals.json"), |file| Ok(file.write_all(&globals)?))?;
        if target.game.is_some() {
            write_whole(&self.path(&person, target, ".csv"), |file| write_table(file, &game))?;
        }
        Ok(())
    }

    fn metadata(&self, target: &Target, person: &[Recorded], game: &[Recorded]) -> serde_json::Value {
        let facts = |recorded: &[Recorded]| -> Vec<_> {
            let of_visit = |fact: &Fact| match fact {
                Fact::Participant(fact) => visit_of(fact).is_none_or(|visit| visit == target.visit),
                Fact::Game(fact) => !matches!(fact, GameFact::StepsAccepted { .. }),
                _ => true,
            };
            let told = recorded.iter().filter(|recorded| of_visit(&recorded.fact));
            told.map(|recorded| json!({"at": recorded.at, "fact": public(&recorded.fact)})).collect()
        };
        json!({
            "experiment_id": self.experiment["experiment_id"],
            "scene_id": target.scene,
            "subject_id": target.subject,
            "visit": target.visit,
            "game_id": target.game,
            "scene": self.experiment["scenes"][target.scene.as_str()],
            "episode_seeds": episode_seeds(game),
            "participant": facts(person),
            "game": facts(game),
            "greenroom_version": env!("CARGO_PKG_VERSION"),
        })
    }
}

impl Projector for Files {
    fn project(&mut self, target: &Target) -> Result<(), JournalError> {
        self.try_project(target).map_err(|cause| JournalError { doing: "write data files", cause: cause.to_string() })
    }
}

/// The visits of a participant, without their games.
fn visits(subject: &SubjectId, person: &[Recorded]) -> Vec<Target> {
    let entered = person.iter().filter_map(|recorded| match &recorded.fact {
        Fact::Participant(ParticipantFact::SceneEntered { visit, scene }) => Some((*visit, scene.clone())),
        _ => None,
    });
    entered.map(|(visit, scene)| Target { subject: subject.clone(), scene, visit, game: None }).collect()
}

fn game_of(person: &[Recorded], of: u32) -> Option<GameId> {
    person.iter().find_map(|recorded| match recorded.fact {
        Fact::Participant(ParticipantFact::GameJoined { visit, game, .. }) if visit == of => Some(game),
        _ => None,
    })
}

/// When a file was last written.
fn modified(path: &Path) -> Option<Timestamp> {
    let modified = std::fs::metadata(path).and_then(|file| file.modified()).ok()?;
    modified.duration_since(std::time::UNIX_EPOCH).ok().map(|since| Timestamp::default() + since)
}

/// Which of the subject's visits of the scene it is, counted from 1.
fn occurrence(person: &[Recorded], target: &Target) -> usize {
    let entered = person.iter().filter(|recorded| match &recorded.fact {
        Fact::Participant(ParticipantFact::SceneEntered { visit, scene }) => {
            *scene == target.scene && *visit <= target.visit
        }
        _ => false,
    });
    entered.count().max(1)
}

fn visit_of(fact: &ParticipantFact) -> Option<u32> {
    match fact {
        ParticipantFact::SceneEntered { visit, .. }
        | ParticipantFact::GameJoined { visit, .. }
        | ParticipantFact::GameLost { visit, .. }
        | ParticipantFact::Dismissed { visit, .. }
        | ParticipantFact::BrowserFailed { visit, .. } => Some(*visit),
        ParticipantFact::ParticipantCreated { .. }
        | ParticipantFact::ScenesDrawn { .. }
        | ParticipantFact::Rerouted { .. }
        | ParticipantFact::Resumed { .. } => None,
    }
}

/// A fact without what is no business of a data file.
fn public(fact: &Fact) -> serde_json::Value {
    let mut value = json!(fact);
    if let Some(fields) = value.as_object_mut() {
        fields.remove("token");
    }
    value
}

/// The seed that each begun episode was reset with, so that the data alone is enough to play it again.
fn episode_seeds(game: &[Recorded]) -> Vec<u32> {
    let game_seed = game.iter().find_map(|recorded| match recorded.fact {
        Fact::Game(GameFact::GameOpened { seed, .. }) => Some(seed),
        _ => None,
    });
    let begun = game.iter().filter_map(|recorded| match recorded.fact {
        Fact::Game(GameFact::StepsAccepted { episode, .. }) => Some(episode + 1),
        _ => None,
    });
    let begun = begun.max().unwrap_or(0);
    game_seed.map(|seed| (0..begun).map(|episode| episode_seed(seed, episode)).collect()).unwrap_or_default()
}

/// What is known of the participant across scenes: the page's query parameters.
fn globals(target: &Target, person: &[Recorded]) -> serde_json::Value {
    let parameters = person.iter().find_map(|recorded| match &recorded.fact {
        Fact::Participant(ParticipantFact::ParticipantCreated { parameters, .. }) => Some(parameters),
        _ => None,
    });
    json!({"subject_id": target.subject, "url_parameters": parameters})
}

/// The steps of a game as CSV: one row per step, columns in the order of their first appearance, grouped by kind. Cells
/// beyond the limit of columns stand as JSON in a last column.
fn write_table(file: &mut dyn Write, game: &[Recorded]) -> Result<(), Problem> {
    let players = game.iter().find_map(|recorded| match &recorded.fact {
        Fact::Game(GameFact::GameOpened { players, .. }) => Some(players.clone()),
        _ => None,
    });
    let players = players.unwrap_or_default();
    let mut rows = Vec::new();
    for recorded in game {
        if let Fact::Game(GameFact::StepsAccepted { episode, .. }) = recorded.fact {
            for step in recorded.payload.steps() {
                rows.push((episode, Row::try_from(&step.row)?, step, recorded.at));
            }
        }
    }
    // A list that grows during a game gives columns that no earlier row has: they keep their place in the section.
    let mut columns: Vec<String> = Vec::new();
    let mut known = BTreeSet::new();
    let mut overflows = false;
    for section in SECTIONS {
        for (_, row, ..) in &rows {
            for (name, _) in row.cells_of(section) {
                if known.contains(&name) {
                    continue;
                }
                if columns.len() == MOST_COLUMNS {
                    overflows = true;
                    break;
                }
                known.insert(name.clone());
                columns.push(name);
            }
        }
    }
    let mut writer = csv::Writer::from_writer(file);
    let focus = players.keys().map(|agent| format!("isFocused.{agent}"));
    let subjects = players.keys().map(|agent| format!("player_subjects.{agent}"));
    let header = LEADING.map(String::from).into_iter().chain(columns.iter().cloned()).chain(focus).chain(subjects);
    let overflow = overflows.then(|| OVERFLOW.to_owned());
    writer.write_record(header.chain(TRAILING.map(String::from)).chain(overflow))?;
    for (episode, row, step, at) in &rows {
        let cells: BTreeMap<_, _> = row.cells().into_iter().collect();
        let mut record = vec![episode.to_string(), row.t.to_string()];
        record.extend(columns.iter().map(|name| cells.get(name).map(|value| text(value)).unwrap_or_default()));
        record.extend(players.keys().map(|_| text(&Value::from(step.focused))));
        record.extend(players.values().map(|subject| subject.to_string()));
        record.extend([text(&Value::from(step.at.get())), at.0.to_string()]);
        if overflows {
            let beyond = cells.iter().filter(|(name, _)| !known.contains(*name));
            record.push(
                json!(beyond.map(|(name, value)| (name.as_str(), text(value))).collect::<BTreeMap<_, _>>()).to_string(),
            );
        }
        writer.write_record(record)?;
    }
    writer.flush()?;
    Ok(())
}

/// A value as Python writes it, so that a file reads like the environment's own output.
fn text(value: &Value) -> String {
    match value {
        Value::Nil => String::new(),
        Value::Boolean(true) => "True".into(),
        Value::Boolean(false) => "False".into(),
        Value::F64(number) => float(*number),
        Value::F32(number) => float(f64::from(*number)),
        Value::String(text) => text.as_str().unwrap_or_default().to_owned(),
        Value::Binary(bytes) => crate::ids::hex(bytes),
        other => other.to_string(),
    }
}

/// The shortest text that reads back as the same number, with a point where Python has one.
fn float(number: f64) -> String {
    if number.is_nan() {
        "nan".into()
    } else if number.is_infinite() {
        if number > 0.0 { "inf".into() } else { "-inf".into() }
    } else {
        format!("{number:?}")
    }
}

/// Writes a file under a temporary name and renames it, durably.
fn write_whole(path: &Path, contents: impl FnOnce(&mut dyn Write) -> Result<(), Problem>) -> Result<(), Problem> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".part");
    let temporary = PathBuf::from(temporary);
    let mut file = BufWriter::new(File::create(&temporary)?);
    contents(&mut file)?;
    file.into_inner()?.sync_all()?;
    std::fs::rename(&temporary, path)?;
    Ok(File::open(folder)?.sync_all()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Payload;
    use crate::wire::Step;

    fn step(t: u32, infos: Vec<(Value, Value)>) -> Step {
        let infos = Value::Map(vec![("human".into(), Value::Map(infos))]);
        let row = Value::Map(vec![("t".into(), t.into()), ("infos".into(), infos)]);
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &row).unwrap();
        Step { row: bytes.into(), at: 0.0.try_into().unwrap(), focused: true }
    }

    #[test]
    fn an_environment_that_invents_names_as_it_goes_fills_no_memory_and_loses_nothing() {
        let new_names = |t: u32| (0..50).map(|i| (format!("event_{t}_{i}").into(), 1.5.into())).collect();
        let steps: Vec<_> = (0..200).map(|t| step(t, new_names(t))).collect();
        let fact = Fact::Game(GameFact::StepsAccepted { episode: 0, first: 0, count: 200 });
        let mut file = Vec::new();
        write_table(&mut file, &[Recorded { at: Timestamp(1), fact, payload: Payload::Steps(steps) }]).unwrap();
        let mut reader = csv::Reader::from_reader(&file[..]);
        assert_eq!(reader.headers().unwrap().len(), LEADING.len() + MOST_COLUMNS + TRAILING.len() + 1);
        let rows: Vec<_> = reader.records().map(|row| row.unwrap()).collect();
        let last: BTreeMap<String, String> = serde_json::from_str(&rows[199][rows[199].len() - 1]).unwrap();
        assert_eq!(last["infos.human.event_199_49"], "1.5");
        assert_eq!(&rows[0][rows[0].len() - 1], "{}");
    }

    #[test]
    fn numbers_are_written_as_python_does() {
        let cases = [(Value::from(1), "1"), (1.0.into(), "1.0"), (0.1.into(), "0.1"), (f64::NAN.into(), "nan")];
        for (value, expected) in cases {
            assert_eq!(text(&value), expected);
        }
        assert_eq!(
            (text(&true.into()), text(&Value::Nil), text(&f64::NEG_INFINITY.into())),
            ("True".into(), String::new(), "-inf".into())
        );
    }
}
