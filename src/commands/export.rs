//! `greenroom export`: tables of a study, its data files, and datasets for learning.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;
use greenroom::export::{self, Exported, Order, Out, TABLES};
use greenroom::ids::SceneId;
use greenroom::python::keep_streams;
use greenroom::replay;

use super::{Places, study_folder};

/// The arguments.
#[derive(clap::Args)]
pub struct Export {
    /// The folder of a study's data, or one with a single study in it.
    data: PathBuf,
    /// What to make.
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
    /// Folder to write to, `export` in the study's folder when absent; `-` for standard output, which takes one table as CSV.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Only this scene; may be repeated.
    #[arg(long = "scene", value_name = "ID")]
    scenes: Vec<SceneId>,
    /// Only this table; may be repeated.
    #[arg(long = "table", value_enum, value_name = "TABLE")]
    tables: Vec<Table>,
    /// Write the data files of the service anew instead, in their place while no service runs, or into --out.
    #[arg(long, conflicts_with_all = ["format", "tables"])]
    files: bool,
    #[command(flatten)]
    places: Places,
}

/// The forms.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables as text.
    Csv,
    /// Tables with typed columns.
    Parquet,
    /// Episodes as Minari datasets, one for each scene and agent.
    Minari,
}

/// The tables.
#[derive(Clone, Copy, ValueEnum)]
enum Table {
    /// One row for each game, episode, frame and agent.
    Steps,
    /// One row for each participant.
    Participants,
    /// One row for each scene that a participant entered.
    Visits,
    /// One row for each game.
    Games,
    /// One row for each episode.
    Episodes,
    /// One row for each question of a visit.
    Answers,
    /// One row for each thing that a page of the researcher's own saved.
    Saved,
    /// One row for each level of each condition: planned and achieved.
    Conditions,
    /// One row for each participant who was assigned a level, or asked in vain.
    Assignments,
}

/// Exports, and says what there is now.
pub fn export(given: Export) -> anyhow::Result<bool> {
    let folder = study_folder(&given.data)?;
    let scenes: BTreeSet<SceneId> = given.scenes.iter().cloned().collect();
    let standard = given.out.as_deref() == Some(Path::new("-"));
    let mut told = |words: &str| eprintln!("greenroom: {words}");
    if given.files {
        if standard {
            bail!("data files cannot go to standard output: give a folder with --out");
        }
        let count = export::rebuild(&folder, given.out.as_deref(), &scenes, &mut told)?;
        eprintln!("The files of {count} visits are in {}", given.out.as_deref().unwrap_or(&folder).display());
        return Ok(true);
    }
    let format = match given.format {
        Format::Csv => export::Format::Csv,
        Format::Parquet => export::Format::Parquet,
        Format::Minari if standard || !given.tables.is_empty() => {
            bail!("datasets have no tables and need a folder: leave out --table, and give --out DIR or nothing")
        }
        Format::Minari => return datasets(&folder, given.out, &scenes, &given.places, &mut told),
    };
    let out = given.out.map(|out| if standard { Out::Standard } else { Out::Folder(out) });
    let tables = given.tables.iter().map(|table| TABLES[*table as usize]).collect();
    for Exported { table, path, rows, columns } in
        export::tables(&Order { folder, format, out, scenes, tables }, &mut told)?
    {
        if let Some(path) = path {
            eprintln!("{}: {rows} rows, {columns} columns in {}", table.name(), path.display());
        }
    }
    Ok(true)
}

/// Makes datasets, and says which there are and what could not be made.
fn datasets(
    folder: &Path,
    out: Option<PathBuf>,
    scenes: &BTreeSet<SceneId>,
    places: &Places,
    told: &mut dyn FnMut(&str),
) -> anyhow::Result<bool> {
    let packages = places.assets.join("python");
    let python = replay::Places { venv: &places.venv, packages: &packages };
    // What environments print goes to standard error.
    let _streams = keep_streams().context("standard output cannot be kept")?;
    let (root, finished) = export::datasets(folder, out.as_deref(), scenes, python, told)?;
    for of in &finished.datasets {
        eprintln!("{}: {} episodes, {} steps of agent {:?}", of.dataset_id, of.episodes, of.steps, of.agent);
    }
    for of in &finished.problems {
        eprintln!("greenroom: scene {:?}: {} (episodes left out: {})", of.scene_id, of.problem, of.episodes);
    }
    if finished.datasets.is_empty() {
        eprintln!("greenroom: there is no episode that a dataset could be made of");
    } else {
        eprintln!("Load them with MINARI_DATASETS_PATH={} and minari.load_dataset(ID)", root.display());
    }
    Ok(!finished.datasets.is_empty())
}
