//! `saved`: one row for each thing that a document of the researcher's own saved.

use serde_json::Value;

use super::ExportError;
use super::cell::{Cell, Kind};
use super::people::Person;
use super::study::Study;
use super::table::{Part, Row};
use crate::store::files::saved::{cells, items};

pub(super) const SAVED: &[Part] = &[
    Part::Column("experiment_id", Kind::Text),
    Part::Column("subject_id", Kind::Text),
    Part::Column("visit", Kind::Int),
    Part::Column("scene_id", Kind::Text),
    Part::Column("number", Kind::Int),
    Part::Column("name", Kind::Text),
    Part::Column("episode", Kind::Int),
    Part::Column("score", Kind::Float),
    Part::Column("server_timestamp", Kind::Time),
    Part::Group("data"),
];

pub(super) fn saved(
    study: &mut Study,
    take: &mut dyn FnMut(&mut Row) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut row = Row::default();
    study.each_participant(|study, subject, facts| {
        for visit in Person::of(facts).visits.iter().filter(|visit| study.wants(visit.scene)) {
            for item in items(facts, visit.number) {
                row.clear();
                row.extend([
                    study.id.as_str().into(),
                    subject.as_str().into(),
                    visit.number.into(),
                    visit.scene.as_str().into(),
                    item.number.into(),
                    item.name.into(),
                    item.episode.into(),
                    item.score.into(),
                    item.at.into(),
                ]);
                let values = cells(item.data).into_iter();
                row.named.extend(values.map(|(name, value)| (0, name, cell(value))));
                take(&mut row)?;
            }
        }
        Ok(())
    })
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(yes) => (*yes).into(),
        Value::String(text) => text.as_str().into(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Cell::Int(whole),
            (None, Some(number)) => number.into(),
            (None, None) => Cell::Null,
        },
        other => Cell::json(other),
    }
}
