//! The form of a table: columns that it always has, and groups of columns that the study brings along.
//!
//! A table is made twice. The first time finds the columns of the groups and what kind of values each has; the second time
//! writes. So nothing has to be kept in between but the columns.

use std::collections::{BTreeMap, HashMap};

use super::cell::{Cell, Kind};
use crate::store::files::table::MOST_COLUMNS;

/// The column for what has no column.
pub(super) const OVERFLOW: &str = "overflow";

/// A part of a table's form.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// A column.
    Column(&'static str, Kind),
    /// Columns of this name, or of names that begin with it and a dot, as they appear.
    Group(&'static str),
}

/// One row.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// The values of the columns, in their order; the groups between them have no place here.
    pub(super) cells: Vec<Cell>,
    /// The values of the groups: the group's number, the column's name, the value.
    pub(super) named: Vec<(usize, String, Cell)>,
}

impl Row {
    /// Empties it, to be filled again.
    pub(super) fn clear(&mut self) {
        self.cells.clear();
        self.named.clear();
    }

    /// Adds values to the columns.
    pub(super) fn extend<const N: usize>(&mut self, cells: [Cell; N]) {
        self.cells.extend(cells);
    }
}

/// A column as it was found.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// The first value, as text.
    pub(super) example: String,
}

/// The columns of a table.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) all: Vec<Column>,
    /// The place in a written row of each column that the table always has.
    fixed: Vec<usize>,
    /// The place of each column of the groups.
    named: HashMap<String, usize>,
    /// The place of the column for what has none, if that is needed.
    overflow: Option<usize>,
    /// Number of rows.
    pub(super) rows: u64,
}

/// A column of a group.
#[derive(Debug)]
struct Found {
    name: String,
    /// Unless there was nothing but nulls.
    kind: Option<Kind>,
    example: String,
}

/// Finds the columns.
#[derive(Debug)]
pub(super) struct Finder {
    parts: &'static [Part],
    fixed: Vec<Column>,
    groups: Vec<Vec<Found>>,
    known: HashMap<String, (usize, usize)>,
    overflow: Option<String>,
    rows: u64,
}

impl Finder {
    pub(super) fn new(parts: &'static [Part]) -> Self {
        let fixed = parts.iter().filter_map(|part| match part {
            Part::Column(name, kind) => Some(Column { name: (*name).to_owned(), kind: *kind, example: String::new() }),
            Part::Group(_) => None,
        });
        let groups = parts.iter().filter(|part| matches!(part, Part::Group(_))).map(|_| Vec::new());
        Self { parts, fixed: fixed.collect(), groups: groups.collect(), known: HashMap::new(), overflow: None, rows: 0 }
    }

    /// Takes note of a row.
    pub(super) fn see(&mut self, row: &Row) {
        self.rows += 1;
        for (column, cell) in self.fixed.iter_mut().zip(&row.cells) {
            if column.example.is_empty() {
                column.example = cell.text();
            }
        }
        for (group, name, cell) in &row.named {
            debug_assert!(self.is_of(*group, name), "{name} is of another group");
            match self.known.get(name) {
                Some((group, place)) => self.groups[*group][*place].take(cell),
                None if self.known.len() < MOST_COLUMNS => {
                    self.known.insert(name.clone(), (*group, self.groups[*group].len()));
                    let found = Found { name: name.clone(), kind: cell.kind(), example: cell.text() };
                    self.groups[*group].push(found);
                }
                None => {
                    self.overflow.get_or_insert_with(|| serde_json::json!({name: cell.as_json()}).to_string());
                }
            }
        }
    }

    fn is_of(&self, group: usize, name: &str) -> bool {
        let mut groups = self.parts.iter().filter_map(|part| match part {
            Part::Group(group) => Some(*group),
            Part::Column(..) => None,
        });
        let group = groups.nth(group).unwrap_or_default();
        name.strip_prefix(group).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// The columns, once all rows were seen.
    pub(super) fn finish(self) -> Columns {
        let (mut all, mut fixed, mut named) = (Vec::new(), Vec::new(), HashMap::new());
        let (mut columns, mut groups) = (self.fixed.into_iter(), self.groups.into_iter());
        for part in self.parts {
            match part {
                Part::Column(..) => {
                    fixed.push(all.len());
                    all.extend(columns.next());
                }
                Part::Group(_) => {
                    for column in groups.next().into_iter().flatten() {
                        named.insert(column.name.clone(), all.len());
                        let kind = column.kind.unwrap_or(Kind::Text);
                        all.push(Column { name: column.name, kind, example: column.example });
                    }
                }
            }
        }
        let overflow = self.overflow.map(|example| {
            all.push(Column { name: OVERFLOW.to_owned(), kind: Kind::Json, example });
            all.len() - 1
        });
        Columns { all, fixed, named, overflow, rows: self.rows }
    }
}

impl Found {
    fn take(&mut self, cell: &Cell) {
        let Some(kind) = cell.kind() else { return };
        self.kind = Some(self.kind.map_or(kind, |known| known.and(kind)));
        if self.example.is_empty() {
            self.example = cell.text();
        }
    }
}

impl Columns {
    /// Gives each of a row's values its place in `places`, which has one for each column and is filled with nulls before.
    pub(super) fn place(&self, row: &mut Row, places: &mut [Cell]) {
        places.fill(Cell::Null);
        for (place, cell) in self.fixed.iter().zip(row.cells.drain(..)) {
            places[*place] = cell;
        }
        let mut beyond = BTreeMap::new();
        for (_, name, cell) in row.named.drain(..) {
            match self.named.get(&name) {
                Some(place) => places[*place] = cell,
                None => {
                    beyond.insert(name, cell.as_json());
                }
            }
        }
        if let (Some(place), false) = (self.overflow, beyond.is_empty()) {
            places[place] = Cell::json(&beyond);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: &[Part] = &[Part::Column("id", Kind::Int), Part::Group("info"), Part::Column("end", Kind::Bool)];

    fn row(id: u32, named: &[(&str, Cell)]) -> Row {
        let named = named.iter().map(|(name, cell)| (0, (*name).to_owned(), cell.clone()));
        Row { cells: vec![id.into(), true.into()], named: named.collect() }
    }

    #[test]
    fn columns_of_a_group_stand_together_and_have_the_kind_that_fits_all_their_values() {
        let mut finder = Finder::new(PARTS);
        finder.see(&row(1, &[("info.a", Cell::Int(1)), ("info.b", Cell::Null), ("info.c", Cell::Int(1))]));
        finder.see(&row(2, &[("info.c", "x".into()), ("info.a", Cell::Float(0.5)), ("info.b", Cell::Bool(true))]));
        let columns = finder.finish();
        let told: Vec<_> = columns.all.iter().map(|column| (column.name.as_str(), column.kind)).collect();
        let expected = [
            ("id", Kind::Int),
            ("info.a", Kind::Float),
            ("info.b", Kind::Bool),
            ("info.c", Kind::Mixed),
            ("end", Kind::Bool),
        ];
        assert_eq!(told, expected);
        let mut places = vec![Cell::Null; columns.all.len()];
        columns.place(&mut row(2, &[("info.c", "x".into())]), &mut places);
        assert_eq!(places, [Cell::Int(2), Cell::Null, Cell::Null, "x".into(), true.into()]);
    }

    #[test]
    fn what_has_no_column_is_kept_in_one_for_all_of_it() {
        let mut finder = Finder::new(PARTS);
        let names: Vec<String> = (0..=MOST_COLUMNS).map(|i| format!("info.{i}")).collect();
        let cells: Vec<_> = names.iter().map(|name| (name.as_str(), Cell::Int(7))).collect();
        finder.see(&row(1, &cells));
        let columns = finder.finish();
        assert_eq!(columns.all.len(), MOST_COLUMNS + 3);
        let mut places = vec![Cell::Null; columns.all.len()];
        columns.place(&mut row(1, &cells), &mut places);
        assert_eq!(places[MOST_COLUMNS + 2], Cell::Json(format!("{{\"info.{MOST_COLUMNS}\":7}}")));
    }
}
