//! Exports: tables of a whole study, made of its journal at any time, also while a service writes to it.
//!
//! ```text
//! study       the record at one moment: its participants, its games, what its scenes were
//! steps, games, people, answers, saved, assignments   the tables, row by row
//! cell, table what a value is; which columns a table has
//! written     CSV and Parquet
//! codebook    what each column means
//! minari      episodes as datasets for learning, played again for what agents saw
//! rebuilt     the data files, written anew
//! draft       files that are there as a whole or not at all
//! ```
//!
//! Nothing is kept in memory but one game or one participant at a time, and a row group of a Parquet file.

mod answers;
mod assignments;
mod cell;
mod codebook;
mod draft;
mod games;
mod minari;
mod people;
mod rebuilt;
mod saved;
mod steps;
mod study;
mod table;
mod written;

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

pub use codebook::write_codebook;
pub use minari::datasets;
pub use rebuilt::rebuild;

use cell::Cell;
use draft::Draft;
use study::Study;
use table::{Columns, Finder, Part, Row};
use written::{Csv, Parquet, Writer};

use crate::facts::JournalError;
use crate::ids::{GameId, SceneId};
use crate::store::StoreError;

/// A table that can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
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
    /// One row for each level of each condition.
    Conditions,
    /// One row for each participant who was assigned a level, or asked in vain.
    Assignments,
}

/// All of them.
pub const TABLES: [Table; 9] = [
    Table::Steps,
    Table::Participants,
    Table::Visits,
    Table::Games,
    Table::Episodes,
    Table::Answers,
    Table::Saved,
    Table::Conditions,
    Table::Assignments,
];

/// The form of a table's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text, one row a line.
    Csv,
    /// Typed columns, compressed.
    Parquet,
}

/// Where tables go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Out {
    /// Into this folder, with a codebook.
    Folder(PathBuf),
    /// To standard output: one table, as CSV.
    Standard,
}

/// What to export.
#[derive(Debug, Clone)]
pub struct Order {
    /// The study's folder.
    pub folder: PathBuf,
    /// In which form.
    pub format: Format,
    /// Where to; a folder `export` in the study's when absent.
    pub out: Option<Out>,
    /// Of which scenes; all when empty.
    pub scenes: BTreeSet<SceneId>,
    /// Which tables; all when empty.
    pub tables: BTreeSet<Table>,
}

/// A table that was exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Which.
    pub table: Table,
    /// Where it is; nothing for standard output.
    pub path: Option<PathBuf>,
    /// Number of rows.
    pub rows: u64,
    /// Number of columns.
    pub columns: usize,
}

/// Why nothing is exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The journal cannot be opened, or has another version.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// What is stored of a game cannot be read.
    #[error("the record of game {game} cannot be read: {cause}")]
    Game {
        /// Which.
        game: GameId,
        /// Why.
        cause: String,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {cause}", .path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// Somebody asks for a scene that is not there.
    #[error("the study has no scene {scene:?}; it has {known}", scene = .scene.as_str())]
    NoScene {
        /// Which.
        scene: SceneId,
        /// Those that there are.
        known: String,
    },
    /// Several tables, or bytes, for standard output.
    #[error("standard output takes one table as CSV: give one --table, and --format csv")]
    OneTable,
    /// The usual place is taken.
    #[error("the study has a scene \"export\", whose folder would be the export's: name another one with --out")]
    FolderTaken,
    /// The record does not say what the study consisted of.
    #[error(
        "the record does not say what the study consisted of, as it was begun by an older version: serve the study once \
         with this one, without changes, and try again"
    )]
    NotKept,
    /// A game cannot be played again.
    #[error(transparent)]
    Replay(#[from] crate::replay::ReplayError),
    /// Datasets cannot be made.
    #[error(transparent)]
    Datasets(#[from] crate::python::DatasetError),
    /// The codebook lacks a column, which is an error of this program.
    #[error("the codebook does not tell of the column {column} of the table {table}: this is an error of greenroom's")]
    NotInCodebook {
        /// Which table.
        table: &'static str,
        /// Which column.
        column: String,
    },
}

impl Table {
    /// Its name, and that of its file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Steps => "steps",
            Self::Participants => "participants",
            Self::Visits => "visits",
            Self::Answers => "answers",
            Self::Games => "games",
            Self::Episodes => "episodes",
            Self::Saved => "saved",
            Self::Conditions => "conditions",
            Self::Assignments => "assignments",
        }
    }

    fn parts(self) -> &'static [Part] {
        match self {
            Self::Steps => steps::PARTS,
            Self::Participants => people::PARTICIPANTS,
            Self::Visits => people::VISITS,
            Self::Answers => answers::ANSWERS,
            Self::Games => games::GAMES,
            Self::Episodes => games::EPISODES,
            Self::Saved => saved::SAVED,
            Self::Conditions => assignments::CONDITIONS,
            Self::Assignments => assignments::ASSIGNMENTS,
        }
    }

    fn rows(
        self,
        study: &mut Study,
        take: &mut dyn FnMut(&mut Row) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        match self {
            Self::Steps => steps::rows(study, take),
            Self::Participants => people::participants(study, take),
            Self::Visits => people::visits(study, take),
            Self::Answers => answers::answers(study, take),
            Self::Games => games::games(study, take),
            Self::Episodes => games::all_episodes(study, take),
            Self::Saved => saved::saved(study, take),
            Self::Conditions => assignments::conditions(study, take),
            Self::Assignments => assignments::assignments(study, take),
        }
    }
}

impl Format {
    fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }
}

/// Exports tables. `told` hears, now and then, how far it has come.
///
/// # Errors
/// When something cannot be read or written. Files that were there before stay as they were then.
pub fn tables(order: &Order, told: &mut dyn FnMut(&str)) -> Result<Vec<Exported>, ExportError> {
    let mut study = Study::open(&order.folder, order.scenes.clone())?;
    let fits = |table: &Table| match table {
        // Of no use to a study without conditions, unless somebody asks.
        Table::Conditions | Table::Assignments if order.tables.is_empty() => assignments::has_conditions(&study),
        _ => order.tables.is_empty() || order.tables.contains(table),
    };
    let chosen: Vec<Table> = TABLES.into_iter().filter(fits).collect();
    let folder = match &order.out {
        Some(Out::Standard) => {
            let [table] = chosen[..] else { return Err(ExportError::OneTable) };
            if order.format != Format::Csv {
                return Err(ExportError::OneTable);
            }
            return to_standard_output(&mut study, table, told).map(|exported| vec![exported]);
        }
        Some(Out::Folder(folder)) => folder.clone(),
        None => usual_folder(&study, &order.folder)?,
    };
    let (mut exported, mut told_of) = (Vec::new(), Vec::new());
    for table in chosen {
        let columns = find_columns(&mut study, table, told)?;
        let file = format!("{}.{}", table.name(), order.format.ending());
        let path = folder.join(&file);
        let unwritable = |cause| ExportError::Write { path: path.clone(), cause };
        let draft = Draft::new(&path).map_err(unwritable)?;
        let target = draft.file().map_err(unwritable)?;
        let writer: Box<dyn Writer> = match order.format {
            Format::Csv => Box::new(Csv::new(target, &columns.all).map_err(unwritable)?),
            Format::Parquet => Box::new(Parquet::new(target, &columns.all).map_err(unwritable)?),
        };
        write(&mut study, table, &columns, writer, &path, told)?;
        draft.finish().map_err(unwritable)?;
        exported.push(Exported { table, path: Some(path), rows: columns.rows, columns: columns.all.len() });
        told_of.push(codebook::Written { table: table.name(), file, rows: columns.rows, columns: columns.all });
    }
    codebook::write(&folder, &study.id, &told_of)
        .map_err(|cause| ExportError::Write { path: folder.join("codebook.csv"), cause })?;
    Ok(exported)
}

/// The folder that an export goes to by itself.
fn usual_folder(study: &Study, folder: &Path) -> Result<PathBuf, ExportError> {
    if study.has_scene("export") { Err(ExportError::FolderTaken) } else { Ok(folder.join("export")) }
}

fn to_standard_output(study: &mut Study, table: Table, told: &mut dyn FnMut(&str)) -> Result<Exported, ExportError> {
    let columns = find_columns(study, table, told)?;
    let path = PathBuf::from("standard output");
    let exported = Exported { table, path: None, rows: columns.rows, columns: columns.all.len() };
    let output = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let done = Csv::new(output, &columns.all)
        .map_err(|cause| ExportError::Write { path: path.clone(), cause })
        .and_then(|writer| write(study, table, &columns, Box::new(writer), &path, told))
        .and_then(|()| io::stdout().flush().map_err(|cause| ExportError::Write { path: path.clone(), cause }));
    match done {
        // Whoever reads has had enough.
        Err(ExportError::Write { cause, .. }) if cause.kind() == io::ErrorKind::BrokenPipe => Ok(exported),
        other => other.map(|()| exported),
    }
}

fn find_columns(study: &mut Study, table: Table, told: &mut dyn FnMut(&str)) -> Result<Columns, ExportError> {
    let mut finder = Finder::new(table.parts());
    let mut progress = Progress::new(told);
    let mut rows = 0_u64;
    table.rows(study, &mut |row| {
        finder.see(row);
        rows += 1;
        progress.at(rows, || format!("{}: looking for columns, {rows} rows so far", table.name()));
        Ok(())
    })?;
    let columns = finder.finish();
    match columns.all.iter().find(|column| !codebook::knows(table.name(), &column.name)) {
        Some(column) => Err(ExportError::NotInCodebook { table: table.name(), column: column.name.clone() }),
        None => Ok(columns),
    }
}

fn write(
    study: &mut Study,
    table: Table,
    columns: &Columns,
    mut writer: Box<dyn Writer + '_>,
    path: &Path,
    told: &mut dyn FnMut(&str),
) -> Result<(), ExportError> {
    let unwritable = |cause| ExportError::Write { path: path.to_owned(), cause };
    let mut progress = Progress::new(told);
    let mut places = vec![Cell::Null; columns.all.len()];
    let mut rows = 0_u64;
    table.rows(study, &mut |row| {
        columns.place(row, &mut places);
        writer.row(&places).map_err(unwritable)?;
        rows += 1;
        progress.at(rows, || format!("{}: {rows} of {} rows written", table.name(), columns.rows));
        Ok(())
    })?;
    writer.finish().map_err(unwritable)
}

/// Tells how far something has come, if it takes long.
struct Progress<'a> {
    told: &'a mut dyn FnMut(&str),
    next: Instant,
}

/// Between two words.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

impl<'a> Progress<'a> {
    fn new(told: &'a mut dyn FnMut(&str)) -> Self {
        Self { told, next: Instant::now() + PROGRESS_EVERY }
    }

    fn at(&mut self, count: u64, words: impl FnOnce() -> String) {
        if count.is_multiple_of(1024) && Instant::now() >= self.next {
            (self.told)(&words());
            self.next = Instant::now() + PROGRESS_EVERY;
        }
    }
}

#[cfg(test)]
mod tests;
