//! `answers`: one row for each question, and of a table of questions one for each of its rows.

use super::ExportError;
use super::cell::{Cell, Kind};
use super::people::Person;
use super::study::Study;
use super::table::{Part, Row};
use crate::store::files::answers::{Moment, Replies, Single, form_of};

pub(super) const ANSWERS: &[Part] = &[
    Part::Column("experiment_id", Kind::Text),
    Part::Column("subject_id", Kind::Text),
    Part::Column("scene_id", Kind::Text),
    Part::Column("visit", Kind::Int),
    Part::Column("occurrence", Kind::Int),
    Part::Column("question_id", Kind::Text),
    Part::Column("item", Kind::Text),
    Part::Column("kind", Kind::Text),
    Part::Column("position", Kind::Int),
    Part::Column("options", Kind::Json),
    Part::Column("answer", Kind::Mixed),
    Part::Column("label", Kind::Text),
    Part::Column("correct", Kind::Bool),
    Part::Column("changes", Kind::Int),
    Part::Column("first_ms", Kind::Float),
    Part::Column("last_ms", Kind::Float),
    Part::Column("first_at", Kind::Time),
    Part::Column("last_at", Kind::Time),
    Part::Column("version", Kind::Text),
];

pub(super) fn answers(
    study: &mut Study,
    take: &mut dyn FnMut(&mut Row) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut row = Row::default();
    study.each_participant(|study, subject, facts| {
        for visit in Person::of(facts).visits.iter().filter(|visit| study.wants(visit.scene)) {
            let Some(replies) = Replies::of(facts, visit.number) else { continue };
            let form = study.scene(visit.scene, visit.entered).and_then(form_of);
            for line in replies.lines(form.as_ref()) {
                let ms = |moment: Option<Moment>| moment.map(|moment| moment.ms).into();
                let at = |moment: Option<Moment>| moment.map(|moment| moment.at).into();
                row.clear();
                row.extend([
                    study.id.as_str().into(),
                    subject.as_str().into(),
                    visit.scene.as_str().into(),
                    visit.number.into(),
                    visit.occurrence.into(),
                    line.question.as_str().into(),
                    line.item.as_deref().into(),
                    line.kind.into(),
                    line.position.into(),
                    line.options_told().map_or(Cell::Null, Cell::Json),
                    line.answer.as_ref().map_or(Cell::Null, cell),
                    line.label.as_deref().into(),
                    line.correct.into(),
                    line.changes.into(),
                    ms(line.first),
                    ms(line.last),
                    at(line.first),
                    at(line.last),
                    line.version.as_deref().into(),
                ]);
                take(&mut row)?;
            }
        }
        Ok(())
    })
}

fn cell(answer: &Single) -> Cell {
    match answer {
        Single::Flag(yes) => Cell::Bool(*yes),
        Single::Whole(number) => Cell::Int(*number),
        Single::Number(number) => Cell::Float(*number),
        Single::Text(text) => Cell::Text(text.clone()),
        Single::Several(chosen) => Cell::json(chosen),
    }
}
