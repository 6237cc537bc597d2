//! The steps of a game as CSV: one row per step, the environment's columns in the order of their first appearance, grouped
//! by kind. Cells beyond the limit of columns stand as JSON in a column of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use serde_json::json;

use super::Problem;
use super::values::{float, text, truth};
use crate::facts::{Fact, GameFact, Recorded};
use crate::time::Timestamp;
use crate::wire::Step;
use crate::wire::row::{Row, SECTIONS};

/// Columns of the environment's own that a file has at most: an environment that invents names as it goes would fill the
/// memory with empty cells.
pub(crate) const MOST_COLUMNS: usize = 4096;
/// The column for what has no column.
const OVERFLOW: &str = "overflow";
/// Columns before the environment's own.
pub(crate) const LEADING: [&str; 2] = ["episode_num", "t"];
/// Columns after the environment's own and those of the players.
pub(crate) const TRAILING: [&str; 2] = ["timestamp", "server_timestamp"];

/// What a row is made of.
pub(crate) struct Line<'a> {
    /// Episode, counted from 0.
    pub(crate) episode: u32,
    /// Number of the step in its episode.
    pub(crate) number: u32,
    /// As it came.
    pub(crate) step: &'a Step,
    /// When it was stored.
    pub(crate) at: Timestamp,
}

/// A column that is not the environment's own.
pub(crate) struct Column<'a> {
    name: String,
    cell: Box<dyn Fn(&Line<'_>) -> String + 'a>,
}

impl<'a> Column<'a> {
    /// A column and how its cells are made.
    pub(crate) fn new(name: String, cell: impl Fn(&Line<'_>) -> String + 'a) -> Self {
        Self { name, cell: Box::new(cell) }
    }
}

/// The lines and columns of a game for one player.
pub(crate) fn of_one_player(game: &[Recorded]) -> (Vec<Line<'_>>, Vec<Column<'_>>) {
    let players = game.iter().find_map(|recorded| match &recorded.fact {
        Fact::Game(GameFact::GameOpened { players, .. }) => Some(players),
        _ => None,
    });
    let players = || players.into_iter().flatten();
    let focus = players().map(|(agent, _)| {
        Column::new(format!("isFocused.{agent}"), |line: &Line<'_>| truth(line.step.focused)) //
    });
    let subjects = players()
        .map(|(agent, subject)| Column::new(format!("player_subjects.{agent}"), |_: &Line<'_>| subject.to_string()));
    (lines_of_one_player(game), focus.chain(subjects).collect())
}

/// The column of scenes with practice: whether a line is of one of the first so many episodes.
pub(crate) fn tutorial_column(episodes: u64) -> Column<'static> {
    Column::new("tutorial".into(), move |line: &Line<'_>| truth(u64::from(line.episode) < episodes))
}

/// The lines of a game for one player.
pub(crate) fn lines_of_one_player(game: &[Recorded]) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    for recorded in game {
        if let Fact::Game(GameFact::StepsAccepted { episode, first, .. }) = recorded.fact {
            let steps = (first..).zip(recorded.payload.steps());
            lines.extend(steps.map(|(number, step)| Line { episode, number, step, at: recorded.at }));
        }
    }
    lines
}

/// Writes a table. The columns in `own` come last.
pub(crate) fn write(
    file: &mut dyn Write,
    lines: &[Line<'_>],
    players: &[Column<'_>],
    own: &[Column<'_>],
) -> Result<(), Problem> {
    let rows: Vec<_> = lines.iter().map(|line| Row::try_from(&line.step.row)).collect::<Result<_, _>>()?;
    let (columns, overflows) = environment_columns(&rows);
    let known: BTreeSet<&str> = columns.iter().map(String::as_str).collect();
    let mut writer = csv::Writer::from_writer(file);
    let names = |columns: &[Column<'_>]| columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
    let header = LEADING.map(String::from).into_iter().chain(columns.iter().cloned()).chain(names(players));
    let overflow = overflows.then(|| OVERFLOW.to_owned());
    writer.write_record(header.chain(TRAILING.map(String::from)).chain(overflow).chain(names(own)))?;
    for (line, row) in lines.iter().zip(&rows) {
        let cells: BTreeMap<_, _> = row.cells().into_iter().collect();
        let mut record = vec![line.episode.to_string(), row.t.to_string()];
        record.extend(columns.iter().map(|name| cells.get(name).map(|value| text(value)).unwrap_or_default()));
        record.extend(players.iter().map(|column| (column.cell)(line)));
        record.extend([float(line.step.at.get()), line.at.0.to_string()]);
        if overflows {
            let beyond = cells.iter().filter(|(name, _)| !known.contains(name.as_str()));
            let beyond: BTreeMap<_, _> = beyond.map(|(name, value)| (name.as_str(), text(value))).collect();
            record.push(json!(beyond).to_string());
        }
        record.extend(own.iter().map(|column| (column.cell)(line)));
        writer.write_record(record)?;
    }
    writer.flush()?;
    Ok(())
}

/// The columns of the environment's own, and whether there are more than fit. A list that grows during a game gives
/// columns that no earlier row has: they keep their place in the section.
fn environment_columns(rows: &[Row]) -> (Vec<String>, bool) {
    let mut columns: Vec<String> = Vec::new();
    let mut known = BTreeSet::new();
    let mut overflows = false;
    for section in SECTIONS {
        for row in rows {
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
    (columns, overflows)
}

#[cfg(test)]
mod tests {
    use rmpv::Value;

    use super::*;
    use crate::facts::Payload;

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
        let game = [Recorded { at: Timestamp(1), fact, payload: Payload::Steps(steps) }];
        let (lines, columns) = of_one_player(&game);
        let mut file = Vec::new();
        write(&mut file, &lines, &columns, &[]).unwrap();
        let mut reader = csv::Reader::from_reader(&file[..]);
        assert_eq!(reader.headers().unwrap().len(), LEADING.len() + MOST_COLUMNS + TRAILING.len() + 1);
        let rows: Vec<_> = reader.records().map(|row| row.unwrap()).collect();
        let last: BTreeMap<String, String> = serde_json::from_str(&rows[199][rows[199].len() - 1]).unwrap();
        assert_eq!(last["infos.human.event_199_49"], "1.5");
        assert_eq!(&rows[0][rows[0].len() - 1], "{}");
    }
}
