//! What a document of the researcher's own saved, as CSV: one row for each thing, its data spread over columns.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::{Value, json};

use super::Problem;
use super::table::MOST_COLUMNS;
use super::values;
use crate::experiment::saved_as;
use crate::facts::{Fact, ParticipantFact, Recorded};
use crate::time::Timestamp;

/// Columns before those of the data.
const LEADING: [&str; 5] = ["number", "name", "episode", "score", "server_timestamp"];
/// The column for what has no column.
const OVERFLOW: &str = "overflow";

/// Something that was saved.
pub(crate) struct Item<'a> {
    /// Counts what was saved in the visit, from 1.
    pub(crate) number: u32,
    /// What it is, in the document's own words.
    pub(crate) name: &'a str,
    /// The episode in which it was saved, counted from 0; none before the first, nor between two.
    pub(crate) episode: Option<u32>,
    /// The score, of what ended an episode.
    pub(crate) score: Option<f64>,
    /// The data.
    pub(crate) data: &'a Value,
    /// When it was stored.
    pub(crate) at: Timestamp,
}

/// What was saved in a visit, in order.
pub(crate) fn items(person: &[Recorded], of: u32) -> Vec<Item<'_>> {
    let scores = person.iter().rev().find_map(|recorded| match &recorded.fact {
        Fact::Participant(ParticipantFact::GameScored { visit, episodes }) if *visit == of => Some(episodes.as_slice()),
        _ => None,
    });
    let (mut begun, mut ended) = (false, 0_u32);
    let mut items = Vec::new();
    for recorded in person {
        let Fact::Participant(ParticipantFact::DataSaved { visit, number, name, data }) = &recorded.fact else {
            continue;
        };
        if *visit != of {
            continue;
        }
        let over = name == saved_as::EPISODE_END;
        begun |= name == saved_as::EPISODE_START;
        let score =
            scores.filter(|_| over).and_then(|scores| scores.get(ended as usize)).map(|episode| episode.score.get());
        let episode = (begun || over).then_some(ended);
        items.push(Item { number: *number, name, episode, score, data, at: recorded.at });
        if over {
            (begun, ended) = (false, ended + 1);
        }
    }
    items
}

/// The cells that data become: `data` itself, or one for each leaf.
pub(crate) fn cells(data: &Value) -> Vec<(String, &Value)> {
    let mut cells = Vec::new();
    spread("data".into(), data, &mut cells);
    cells
}

fn spread<'a>(name: String, value: &'a Value, cells: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(key, value)| spread(format!("{name}.{key}"), value, cells));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(index, value)| spread(format!("{name}.{index}"), value, cells));
        }
        leaf => cells.push((name, leaf)),
    }
}

/// Writes the table.
pub(super) fn write(file: &mut dyn Write, items: &[Item<'_>]) -> Result<(), Problem> {
    let mut places = BTreeMap::new();
    let (mut columns, mut overflows) = (Vec::new(), false);
    for (name, _) in items.iter().flat_map(|item| cells(item.data)) {
        if places.contains_key(&name) {
            continue;
        }
        if columns.len() == MOST_COLUMNS {
            overflows = true;
            continue;
        }
        places.insert(name.clone(), columns.len());
        columns.push(name);
    }
    let mut writer = csv::Writer::from_writer(file);
    let own = columns.iter().map(String::as_str).chain(overflows.then_some(OVERFLOW));
    writer.write_record(LEADING.into_iter().chain(own))?;
    for item in items {
        let mut row = vec![String::new(); columns.len()];
        let mut beyond = serde_json::Map::new();
        for (name, value) in cells(item.data) {
            match places.get(&name) {
                Some(place) => row[*place] = text(value),
                None => drop(beyond.insert(name, value.clone())),
            }
        }
        if overflows {
            row.push(if beyond.is_empty() { String::new() } else { json!(beyond).to_string() });
        }
        let leading = [
            item.number.to_string(),
            item.name.to_owned(),
            item.episode.map_or_else(String::new, |episode| episode.to_string()),
            item.score.map_or_else(String::new, values::float),
            item.at.0.to_string(),
        ];
        writer.write_record(leading.into_iter().chain(row))?;
    }
    Ok(writer.flush()?)
}

/// A leaf as Python writes it.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(yes) => values::truth(*yes),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_are_spread_over_columns_and_episodes_are_counted() {
        let saved = |number, name: &str, data| Recorded {
            at: Timestamp(u64::from(number)),
            fact: ParticipantFact::DataSaved { visit: 2, number, name: name.into(), data }.into(),
            payload: Default::default(),
        };
        let episodes =
            vec![crate::rules::memory::EpisodeResult { score: 3.5.try_into().unwrap(), steps: 2, tutorial: false }];
        let person = [
            saved(1, "look", json!({"at": [1, "a,b"], "ok": true})),
            saved(2, "episode_start", json!(null)),
            saved(3, "look", json!({"at": [2.5]})),
            saved(4, "episode_end", json!({"score": 3.5})),
            Recorded {
                at: Timestamp(5),
                fact: ParticipantFact::GameScored { visit: 2, episodes }.into(),
                payload: Default::default(),
            },
            saved(6, "advance", json!({})),
        ];
        let mut file = Vec::new();
        write(&mut file, &items(&person, 2)).unwrap();
        let lines = String::from_utf8(file).unwrap();
        let expected = "number,name,episode,score,server_timestamp,data.at.0,data.at.1,data.ok,data,data.score\n\
            1,look,,,1,1,\"a,b\",True,,\n\
            2,episode_start,0,,2,,,,,\n\
            3,look,0,,3,2.5,,,,\n\
            4,episode_end,0,3.5,4,,,,,3.5\n\
            6,advance,,,6,,,,{},\n";
        assert_eq!(lines, expected);
        assert!(items(&person, 1).is_empty());
    }
}
