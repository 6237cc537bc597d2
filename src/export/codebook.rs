//! What each column means, written beside the data. A column that is not told of here is not exported.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::json;

use super::draft::Draft;
use super::table::Column;

mod words;

use words::{ANSWER_FILES, BOOK, FILES, OVERFLOW};

/// What is known of a column, or of all columns whose name begins alike: then its name ends in a part that is a
/// placeholder, `*` or in capitals.
#[derive(Debug)]
struct Entry {
    column: &'static str,
    kind: &'static str,
    unit: &'static str,
    meaning: &'static str,
    source: &'static str,
}

/// A table and its columns.
#[derive(Debug)]
struct Chapter {
    table: &'static str,
    meaning: &'static str,
    entries: &'static [Entry],
}

/// A line of the codebook.
#[derive(Debug, Serialize)]
struct Told<'a> {
    table: &'a str,
    column: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    unit: &'a str,
    meaning: String,
    source: &'a str,
    example: &'a str,
}

/// The columns of a table that was written.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) table: &'static str,
    /// The file's name.
    pub(super) file: String,
    pub(super) rows: u64,
    pub(super) columns: Vec<Column>,
}

/// Longest example, in characters.
const EXAMPLE: usize = 80;

/// Writes `codebook.csv` and `codebook.json` into a study's folder: what the columns of its data files mean, and those of the
/// tables that can be exported.
///
/// # Errors
/// When a file cannot be written.
pub fn write_codebook(folder: &Path, experiment_id: &str) -> io::Result<()> {
    write(folder, experiment_id, &[])
}

/// The same beside tables that were written: with all their columns, and an example of each.
pub(super) fn write(folder: &Path, experiment_id: &str, written: &[Written]) -> io::Result<()> {
    let chapters = BOOK.iter().chain([&FILES, &ANSWER_FILES]).map(|chapter| {
        let written = written.iter().find(|written| written.table == chapter.table);
        let lines = match written {
            Some(written) => written.columns.iter().filter_map(|column| chapter.line(column)).collect(),
            None => {
                chapter.entries.iter().map(|entry| entry.line(chapter.table, entry.column, entry.kind, "")).collect()
            }
        };
        (chapter, written, lines)
    });
    let chapters: Vec<(&Chapter, Option<&Written>, Vec<Told<'_>>)> = chapters.collect();

    let table = Draft::new(&folder.join("codebook.csv"))?;
    let mut writer = csv::Writer::from_writer(table.file()?);
    for line in chapters.iter().flat_map(|(.., lines)| lines) {
        writer.serialize(line).map_err(io::Error::other)?;
    }
    writer.flush()?;
    drop(writer);
    table.finish()?;

    let tables = chapters.iter().map(|(chapter, written, lines)| {
        json!({
            "table": chapter.table,
            "meaning": chapter.meaning,
            "file": written.map(|written| &written.file),
            "rows": written.map(|written| written.rows),
            "columns": lines,
        })
    });
    let book = json!({
        "experiment_id": experiment_id,
        "greenroom_version": env!("CARGO_PKG_VERSION"),
        "tables": tables.collect::<Vec<_>>(),
    });
    let file = Draft::new(&folder.join("codebook.json"))?;
    let mut writer = io::BufWriter::new(file.file()?);
    serde_json::to_writer_pretty(&mut writer, &book)?;
    writer.flush()?;
    drop(writer);
    file.finish()
}

/// Whether the codebook tells of a column of an exported table.
pub(super) fn knows(table: &str, column: &str) -> bool {
    BOOK.iter().any(|chapter| chapter.table == table && chapter.entry(column).is_some())
}

impl Chapter {
    fn entry(&self, column: &str) -> Option<&'static Entry> {
        let exact = self.entries.iter().find(|entry| entry.column == column);
        let entry = exact.or_else(|| self.entries.iter().find(|entry| entry.matches(column)));
        entry.or(Some(&OVERFLOW).filter(|entry| entry.column == column))
    }

    fn line<'a>(&self, column: &'a Column) -> Option<Told<'a>> {
        Some(self.entry(&column.name)?.line(self.table, &column.name, column.kind.name(), &column.example))
    }
}

impl Entry {
    fn matches(&self, column: &str) -> bool {
        let placeholder = |part: &str| part == "*" || part.chars().all(|c| c.is_ascii_uppercase());
        let mut parts = self.column.split('.');
        let known: Vec<_> = parts.by_ref().take_while(|part| !placeholder(part)).collect();
        let known = known.join(".");
        known.len() < self.column.len()
            && column.strip_prefix(&known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    fn line<'a>(&self, table: &'static str, column: &'a str, kind: &'a str, example: &'a str) -> Told<'a> {
        let mixed = "The values are of several kinds: in CSV as they are, in Parquet each as JSON.";
        let meaning = if kind == "mixed" { format!("{} {mixed}", self.meaning) } else { self.meaning.to_owned() };
        let end = example.char_indices().nth(EXAMPLE).map_or(example.len(), |(at, _)| at);
        Told { table, column, kind, unit: self.unit, meaning, source: self.source, example: &example[..end] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::TABLES;
    use crate::export::table::Part;

    #[test]
    fn every_column_of_every_table_is_told_of_and_nothing_else_is() {
        for table in TABLES {
            let chapter = BOOK.iter().find(|chapter| chapter.table == table.name()).unwrap();
            for part in table.parts() {
                let (name, kind) = match part {
                    Part::Column(name, kind) => ((*name).to_owned(), Some(kind.name())),
                    Part::Group(name) => (format!("{name}.x.0"), None),
                };
                let entry = chapter.entry(&name);
                let entry = entry.unwrap_or_else(|| panic!("{}: the codebook does not tell of {name}", table.name()));
                assert!(kind.is_none_or(|kind| kind == entry.kind), "{}: the kind of {name}", table.name());
                assert!(!entry.meaning.is_empty() && !entry.source.is_empty(), "{name}");
            }
            assert_eq!(chapter.entries.len(), table.parts().len(), "{}", table.name());
        }
        assert_eq!(BOOK.len(), TABLES.len());
        assert!(!knows("steps", "no_such_column") && !knows("steps", "actionable") && knows("steps", "action"));
    }

    #[test]
    fn every_column_of_a_data_file_is_told_of() {
        let columns = [
            "episode_num",
            "t",
            "observations.left.0",
            "actions.left",
            "rewards.a",
            "terminateds.__all__",
            "truncateds.a",
            "infos.a.pos.x",
            "isFocused.a",
            "input_age.a",
            "input_on_time.a",
            "player_subjects.a",
            "timestamp",
            "server_timestamp",
            "overflow",
            "own.predicted.a",
            "own.rollback_depth",
            "own.timestamp",
        ];
        for column in columns {
            assert!(FILES.entry(column).is_some(), "{column}");
        }
        for column in crate::store::files::answers::COLUMNS {
            assert!(ANSWER_FILES.entry(column).is_some(), "{column}");
        }
        assert_eq!(ANSWER_FILES.entries.len(), crate::store::files::answers::COLUMNS.len());
        assert_eq!(FILES.entry("own.timestamp").unwrap().column, "own.timestamp");
        assert!(FILES.entry("own.other").is_none());
    }
}
