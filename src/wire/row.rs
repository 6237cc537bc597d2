//! The row of one step: made by the environment's side in Python, stored by the service, read by the data files.
//!
//! A row is a MessagePack map with `t`, `actions`, `rewards`, `terminateds`, `truncateds`, `infos` and, where asked,
//! `observations`; all but `t` are maps by agent id. So is `globals`, in the last row of an episode: values that scenes share.

use std::collections::BTreeMap;

use rmpv::Value;
use serde_bytes::ByteBuf;

/// Deepest nesting of values in a row.
const DEPTH_LIMIT: usize = 32;

/// The names of the maps in a row, in the order of the data file's columns.
pub const SECTIONS: [&str; 6] = ["observations", "actions", "rewards", "terminateds", "truncateds", "infos"];

/// A row whose form is right; the values are the environment's own.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Number of the step in its episode, counted from 0.
    pub t: u32,
    /// The maps, by their names in [`SECTIONS`]; each value is a map by agent id.
    sections: Vec<(&'static str, Value)>,
    /// By agent, values that scenes share and the episode has changed; in its last row.
    globals: Option<Value>,
}

/// Bytes that are not a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a row: {0}")]
pub struct BadRow(String);

impl Row {
    /// Reads a row and checks its form.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadRow> {
        let mut rest = bytes;
        let value = rmpv::decode::read_value_with_max_depth(&mut rest, DEPTH_LIMIT)
            .map_err(|error| BadRow(error.to_string()))?;
        if !rest.is_empty() {
            return Err(BadRow(format!("{} bytes follow it", rest.len())));
        }
        let Value::Map(entries) = value else { return Err(BadRow("it is not a map".into())) };
        let (mut t, mut globals) = (None, None);
        let mut sections = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let key = key.as_str().ok_or_else(|| BadRow("a key is not a text".into()))?;
            if key == "t" {
                t = value.as_u64().and_then(|t| u32::try_from(t).ok());
                continue;
            }
            if key == "globals" {
                globals = Some(value);
                continue;
            }
            let name =
                SECTIONS.into_iter().find(|name| *name == key).ok_or_else(|| BadRow(format!("unknown key {key:?}")))?;
            let Value::Map(agents) = &value else { return Err(BadRow(format!("{name} is not a map"))) };
            if agents.iter().any(|(agent, _)| agent.as_str().is_none()) {
                return Err(BadRow(format!("{name} has an agent id that is not a text")));
            }
            sections.push((name, value));
        }
        Ok(Self { t: t.ok_or_else(|| BadRow("`t` is missing or not a step number".into()))?, sections, globals })
    }

    /// By agent, the values that scenes share and that the episode has changed.
    pub fn globals(&self) -> Option<BTreeMap<String, serde_json::Map<String, serde_json::Value>>> {
        serde_json::from_value(rmpv::ext::from_value(self.globals.clone()?).ok()?).ok()
    }

    /// What a section has of an agent.
    pub fn of_agent(&self, section: &str, agent: &str) -> Option<&Value> {
        let (_, agents) = self.sections.iter().find(|(name, _)| *name == section)?;
        agents.as_map()?.iter().find_map(|(key, value)| (key.as_str() == Some(agent)).then_some(value))
    }

    /// The cells of the row: dotted column name and value, sections in the order of [`SECTIONS`]. Nested maps and
    /// lists become one column for each leaf, lists with their index.
    pub fn cells(&self) -> Vec<(String, &Value)> {
        SECTIONS.into_iter().flat_map(|section| self.cells_of(section)).collect()
    }

    /// The agents of one section, each with its value.
    pub fn agents_of(&self, section: &str) -> impl Iterator<Item = (&str, &Value)> {
        let maps =
            self.sections.iter().filter(move |(name, _)| *name == section).filter_map(|(_, value)| value.as_map());
        maps.flatten().filter_map(|(agent, value)| Some((agent.as_str()?, value)))
    }

    /// The cells of one section.
    pub fn cells_of(&self, section: &str) -> Vec<(String, &Value)> {
        let mut cells = Vec::new();
        for (name, value) in self.sections.iter().filter(|(name, _)| *name == section) {
            flatten((*name).to_owned(), value, &mut cells);
        }
        cells
    }
}

/// The cells that a value becomes: itself under `name`, or one for each leaf.
pub(crate) fn flatten<'a>(name: String, value: &'a Value, cells: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Map(entries) => {
            for (key, value) in entries {
                let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                flatten(format!("{name}.{key}"), value, cells);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(format!("{name}.{index}"), item, cells);
            }
        }
        leaf => cells.push((name, leaf)),
    }
}

impl TryFrom<&ByteBuf> for Row {
    type Error = BadRow;
    fn try_from(bytes: &ByteBuf) -> Result<Self, BadRow> {
        Self::parse(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packed(value: &Value) -> Vec<u8> {
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, value).unwrap();
        bytes
    }

    fn map(entries: Vec<(&str, Value)>) -> Value {
        Value::Map(entries.into_iter().map(|(k, v)| (k.into(), v)).collect())
    }

    #[test]
    fn nested_values_become_dotted_columns_in_a_fixed_order() {
        let row = map(vec![
            ("infos", map(vec![("human", map(vec![("pos", Value::Array(vec![1.into(), 2.5.into()]))]))])),
            ("t", 7.into()),
            ("actions", map(vec![("human", 2.into())])),
        ]);
        let row = Row::parse(&packed(&row)).unwrap();
        let names: Vec<_> = row.cells().into_iter().map(|(name, _)| name).collect();
        assert_eq!(row.t, 7);
        assert_eq!(names, ["actions.human", "infos.human.pos.0", "infos.human.pos.1"]);
    }

    #[test]
    fn a_row_of_the_wrong_form_says_what_is_wrong() {
        let cases = [
            (Value::from(3), "not a map"),
            (map(vec![("actions", map(vec![]))]), "`t` is missing"),
            (map(vec![("t", (-1).into())]), "`t` is missing"),
            (map(vec![("t", 1.into()), ("rewards", 2.into())]), "rewards is not a map"),
            (map(vec![("t", 1.into()), ("extra", map(vec![]))]), "unknown key \"extra\""),
        ];
        for (value, expected) in cases {
            let error = Row::parse(&packed(&value)).unwrap_err().to_string();
            assert!(error.contains(expected), "{error:?} does not say {expected:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_parsing_panic(bytes: Vec<u8>) {
            let _ = Row::parse(&bytes);
        }
    }
}
