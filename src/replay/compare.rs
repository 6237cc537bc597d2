//! Whether a row is the one that is recorded, cell by cell.

use std::collections::BTreeMap;

use rmpv::Value;

use crate::wire::row::{BadRow, Row};

/// Most characters of a value that a difference tells.
const TEXT_LIMIT: usize = 120;
/// What is told of a cell that is not there.
const NOTHING: &str = "(nothing)";
/// How Python writes where an object is in memory, when it has nothing better to say of it.
const ADDRESS: &str = " at 0x";

/// Two values of one cell that are not the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlike {
    /// The column of the data file.
    pub field: String,
    /// What is recorded.
    pub recorded: String,
    /// What the replay has instead.
    pub replayed: String,
}

/// The first cell in which two rows differ. Floats may differ by `tolerance`, relative or absolute; NaN equals NaN.
pub fn rows(recorded: &[u8], replayed: &[u8], tolerance: f64) -> Option<Unlike> {
    if recorded == replayed {
        return None;
    }
    let (ours, theirs) = match (Row::parse(replayed), Row::parse(recorded)) {
        (Ok(ours), Ok(theirs)) => (ours, theirs),
        (ours, theirs) => {
            let told = |row: Result<Row, BadRow>| row.map_or_else(|bad| bad.to_string(), |_| "a row".into());
            return Some(Unlike { field: "row".into(), recorded: told(theirs), replayed: told(ours) });
        }
    };
    if ours.t != theirs.t {
        return Some(Unlike { field: "t".into(), recorded: theirs.t.to_string(), replayed: ours.t.to_string() });
    }
    let mut missing: BTreeMap<String, &Value> = ours.cells().into_iter().collect();
    for (field, recorded) in theirs.cells() {
        match missing.remove(&field) {
            Some(replayed) if same(recorded, replayed, tolerance) => {}
            replayed => {
                let replayed = replayed.map_or_else(|| NOTHING.into(), text);
                return Some(Unlike { field, recorded: text(recorded), replayed });
            }
        }
    }
    // The first of what only the replay has, in the order of columns.
    let (field, replayed) = ours.cells().into_iter().find(|(field, _)| missing.contains_key(field))?;
    Some(Unlike { field, recorded: NOTHING.into(), replayed: text(replayed) })
}

fn same(recorded: &Value, replayed: &Value, tolerance: f64) -> bool {
    match (recorded, replayed) {
        (Value::F64(a), Value::F64(b)) => close(*a, *b, tolerance),
        (Value::F32(a), Value::F32(b)) => close(f64::from(*a), f64::from(*b), tolerance),
        (Value::String(a), Value::String(b)) => match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => a == b || (a.contains(ADDRESS) && without_addresses(a) == without_addresses(b)),
            _ => a == b,
        },
        (a, b) => a == b,
    }
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    let near = || (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0);
    a == b || (a.is_nan() && b.is_nan()) || (a.is_finite() && b.is_finite() && near())
}

/// A text without the addresses of objects: they are others in each process.
fn without_addresses(text: &str) -> String {
    let mut parts = text.split(ADDRESS);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |whole, part| whole + ADDRESS + part.trim_start_matches(|c: char| c.is_ascii_hexdigit()))
}

/// A value as the data file has it.
fn text(value: &Value) -> String {
    let whole = match value {
        Value::Nil => "None".into(),
        Value::Boolean(true) => "True".into(),
        Value::Boolean(false) => "False".into(),
        Value::F64(number) => format!("{number:?}"),
        Value::F32(number) => format!("{:?}", f64::from(*number)),
        Value::String(text) => text.as_str().unwrap_or_default().to_owned(),
        Value::Binary(bytes) => crate::ids::hex(bytes),
        other => other.to_string(),
    };
    match whole.char_indices().nth(TEXT_LIMIT) {
        Some((end, _)) => format!("{}...", &whole[..end]),
        None => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::samples::map;

    fn packed(rewards: Vec<(&str, Value)>, infos: Vec<(&str, Value)>) -> Vec<u8> {
        let row = map(vec![("t", 3.into()), ("rewards", map(rewards)), ("infos", map(vec![("a", map(infos))]))]);
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &row).unwrap();
        bytes
    }

    fn unlike(field: &str, recorded: &str, replayed: &str) -> Option<Unlike> {
        Some(Unlike { field: field.into(), recorded: recorded.into(), replayed: replayed.into() })
    }

    #[test]
    fn rows_are_equal_to_the_last_bit_or_differ() {
        let one = |number: f64| packed(vec![("a", number.into())], vec![]);
        assert_eq!(rows(&one(0.1), &one(0.1), 0.0), None);
        let above = f64::from_bits(0.1_f64.to_bits() + 1);
        assert_eq!(rows(&one(0.1), &one(above), 0.0), unlike("rewards.a", "0.1", "0.10000000000000002"));
        assert_eq!(rows(&one(f64::NAN), &one(-f64::NAN), 0.0), None);
        assert_eq!(rows(&one(f64::NAN), &one(0.0), 0.0), unlike("rewards.a", "NaN", "0.0"));
    }

    #[test]
    fn a_tolerance_is_relative_for_large_numbers_and_absolute_for_small_ones() {
        let one = |number: f64| packed(vec![("a", number.into())], vec![]);
        for (a, b, tolerance, equal) in [
            (1e6, 1e6 + 0.5, 1e-6, true),
            (1e6, 1e6 + 2.0, 1e-6, false),
            (1e-9, 2e-9, 1e-6, true),
            (f64::INFINITY, f64::INFINITY, 1e-6, true),
            (f64::INFINITY, 1.0, 1e-6, false),
            (f64::NAN, 1.0, 1e-6, false),
        ] {
            assert_eq!(rows(&one(a), &one(b), tolerance).is_none(), equal, "{a} and {b}");
        }
        let whole = packed(vec![("a", 1.into())], vec![]);
        assert_eq!(rows(&whole, &one(1.0), 0.1), unlike("rewards.a", "1", "1.0"));
    }

    #[test]
    fn the_first_column_that_differs_is_named_also_when_it_is_missing() {
        let recorded = packed(vec![("a", 1.0.into())], vec![("hit", true.into()), ("who", "left".into())]);
        let replayed = packed(vec![("a", 1.0.into())], vec![("who", "right".into())]);
        assert_eq!(rows(&recorded, &replayed, 0.0), unlike("infos.a.hit", "True", NOTHING));
        let more = packed(vec![("a", 1.0.into()), ("b", 2.0.into())], vec![("who", "right".into())]);
        assert_eq!(rows(&replayed, &more, 0.0), unlike("rewards.b", NOTHING, "2.0"));
        let order = packed(vec![("b", 2.0.into()), ("a", 1.0.into())], vec![("who", "right".into())]);
        assert_eq!(rows(&more, &order, 0.0), None, "the order of agents means nothing");
    }

    #[test]
    fn where_an_object_was_in_memory_is_no_difference() {
        let info = |text: &str| packed(vec![], vec![("thing", text.into())]);
        let one = info("[<Thing object at 0x7f3a>, <Thing object at 0x11>]");
        assert_eq!(rows(&one, &info("[<Thing object at 0x1>, <Thing object at 0xffe0>]"), 0.0), None);
        assert!(rows(&one, &info("[<Thing object at 0x1>, <Other object at 0xffe0>]"), 0.0).is_some());
    }

    #[test]
    fn what_is_no_row_is_said() {
        let row = packed(vec![], vec![]);
        let found = rows(&[0x91], &row, 0.0).unwrap();
        assert_eq!((found.field.as_str(), found.replayed.as_str()), ("row", "a row"));
        assert!(found.recorded.contains("not a row"), "{}", found.recorded);
    }
}
