//! `conditions` and `assignments`: how levels were meant to fill and how they did, and the log of all choices, each made
//! once more from the log alone.

use std::collections::BTreeMap;

use super::ExportError;
use super::cell::{Cell, Kind};
use super::study::Study;
use super::table::{Part, Row};
use crate::experiment::{Conditions, Flow, Per};
use crate::facts::{Fact, Journal, Recorded, Stream};
use crate::ids::{PartName, SubjectId};
use crate::rules::conditions::{self, Assignments, Book, Member, choose};
use crate::time::Timestamp;

pub(super) const CONDITIONS: &[Part] = &[
    Part::Column("experiment_id", Kind::Text),
    Part::Column("condition", Kind::Text),
    Part::Column("level", Kind::Text),
    Part::Column("per", Kind::Text),
    Part::Column("seed", Kind::Int),
    Part::Column("quota", Kind::Int),
    Part::Column("planned_share", Kind::Float),
    Part::Column("assigned", Kind::Int),
    Part::Column("active", Kind::Int),
    Part::Column("completed", Kind::Int),
    Part::Column("dropped", Kind::Int),
    Part::Column("achieved_share", Kind::Float),
    Part::Column("participants", Kind::Int),
];

pub(super) const ASSIGNMENTS: &[Part] = &[
    Part::Column("experiment_id", Kind::Text),
    Part::Column("condition", Kind::Text),
    Part::Column("choice", Kind::Int),
    Part::Column("at", Kind::Time),
    Part::Column("subject_id", Kind::Text),
    Part::Column("number", Kind::Int),
    Part::Column("unit", Kind::Json),
    Part::Column("shared", Kind::Bool),
    Part::Column("level", Kind::Text),
    Part::Column("status", Kind::Text),
    Part::Column("reason", Kind::Text),
    Part::Column("taken", Kind::Json),
    Part::Column("replayed_level", Kind::Text),
    Part::Column("replay_agrees", Kind::Bool),
];

/// All assignments as they are now, and the log that they come from.
fn read(study: &mut Study) -> Result<(Assignments, Vec<(Timestamp, conditions::Fact)>), ExportError> {
    let mut state = Assignments::default();
    let mut log = Vec::new();
    for Recorded { at, fact, .. } in study.journal.read(&Stream::Assignments)? {
        if let Fact::Assignment(fact) = fact {
            state.apply(&fact);
            log.push((at, fact));
        }
    }
    Ok((state, log))
}

/// Whether the study has conditions, or has had some.
pub(super) fn has_conditions(study: &Study) -> bool {
    study.flows().any(|flow| !flow.conditions().is_empty())
}

pub(super) fn conditions(
    study: &mut Study,
    take: &mut dyn FnMut(&mut Row) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let (state, _) = read(study)?;
    let flow = study.flows().last().unwrap_or_default();
    let (mut row, nothing) = (Row::default(), Book::default());
    for conditions in flow.conditions() {
        let book = state.books().get(&conditions.name).unwrap_or(&nothing);
        let weight = |quota: Option<u32>| f64::from(quota.unwrap_or(1));
        let whole: f64 = conditions.levels.iter().map(|level| weight(level.quota)).sum();
        let taken: u32 = book.taken().values().sum();
        for level in &conditions.levels {
            let units = || book.units().values().filter(|unit| unit.level == level.name);
            let count = |state| u32::try_from(units().filter(|unit| unit.state() == state).count()).unwrap_or(u32::MAX);
            let (active, completed) = (count(Member::Active), count(Member::Completed));
            let members = units().flat_map(|unit| unit.members.values()).filter(|member| **member != Member::Expected);
            row.clear();
            row.extend([
                study.id.as_str().into(),
                conditions.name.as_str().into(),
                level.name.as_str().into(),
                per(conditions).into(),
                flow.seed.into(),
                level.quota.into(),
                (weight(level.quota) / whole).into(),
                u32::try_from(units().count()).unwrap_or(u32::MAX).into(),
                active.into(),
                completed.into(),
                count(Member::Dropped).into(),
                (taken > 0).then(|| f64::from(active + completed) / f64::from(taken)).into(),
                u32::try_from(members.count()).unwrap_or(u32::MAX).into(),
            ]);
            take(&mut row)?;
        }
    }
    Ok(())
}

fn per(conditions: &Conditions) -> &'static str {
    match conditions.per {
        Per::Person => "person",
        Per::Group => "group",
    }
}

pub(super) fn assignments(
    study: &mut Study,
    take: &mut dyn FnMut(&mut Row) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let (now, log) = read(study)?;
    let mut reasons = BTreeMap::<(&PartName, &SubjectId), &str>::new();
    for (_, fact) in &log {
        match fact {
            conditions::Fact::PlaceReopened { condition, subject, reason, .. } => {
                reasons.insert((condition, subject), reason);
            }
            conditions::Fact::PlaceReclaimed { condition, subject, .. }
            | conditions::Fact::PlaceCompleted { condition, subject, .. } => {
                reasons.remove(&(condition, subject));
            }
            _ => {}
        }
    }
    // What was decided is decided once more, from nothing but what the log says before it.
    let mut then = Assignments::default();
    let mut row = Row::default();
    for (at, fact) in &log {
        let (condition, number, subject, level, shared) = match fact {
            conditions::Fact::LevelChosen { condition, number, subject, level, .. } => {
                (condition, *number, subject, level.clone(), false)
            }
            conditions::Fact::LevelShared { condition, number, subject } => {
                let unit = then.books().get(condition).and_then(|book| book.units().get(number));
                (condition, *number, subject, unit.map(|unit| unit.level.clone()), true)
            }
            _ => {
                then.apply(fact);
                continue;
            }
        };
        let taken = then.books().get(condition).map(Book::taken).unwrap_or_default();
        let flow = study.flow_at(*at);
        let known = flow.as_ref().and_then(|flow| Some((flow.seed, flow.condition(condition)?)));
        let again = known.filter(|_| !shared).map(|(seed, of)| choose(of, seed, number, &taken).cloned());
        let unit = now.books().get(condition).and_then(|book| book.units().get(&number));
        let status = unit.and_then(|unit| unit.members.get(subject)).map(|member| match member {
            Member::Completed => "completed",
            Member::Dropped => "dropped",
            Member::Active | Member::Expected => "active",
        });
        let members: Option<Vec<&SubjectId>> = unit.map(|unit| unit.members.keys().collect());
        row.clear();
        row.extend([
            study.id.as_str().into(),
            condition.as_str().into(),
            number.into(),
            (*at).into(),
            subject.as_str().into(),
            now.number(subject).into(),
            Cell::json(&members.unwrap_or_else(|| vec![subject])),
            shared.into(),
            level.as_ref().map(PartName::as_str).into(),
            status.unwrap_or("full").into(),
            reasons.get(&(condition, subject)).copied().into(),
            Cell::json(&taken),
            again.clone().flatten().as_ref().map(PartName::as_str).into(),
            again.map(|again| again == level).into(),
        ]);
        take(&mut row)?;
        then.apply(fact);
    }
    Ok(())
}

impl Study {
    /// The orders of the study, the oldest first.
    fn flows(&self) -> impl Iterator<Item = Flow> + '_ {
        self.forms().filter_map(|form| serde_json::from_value(form["stager"].clone()).ok())
    }

    fn flow_at(&self, at: Timestamp) -> Option<Flow> {
        serde_json::from_value(self.form(at)?["stager"].clone()).ok()
    }
}
