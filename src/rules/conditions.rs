//! Between-subject conditions: who gets which level, by one owner for the whole study.
//!
//! A level is chosen from what is taken so far, the quotas, the study's seed and the running number of the choice alone: so
//! the whole assignment can be made again from the log of arrivals, which is these facts. Levels are filled in proportion
//! to their quotas, always within one of the exact share (Tijdeman, "The chairman assignment problem", 1980); of levels that
//! are equally due, a hash picks one. Somebody who drops out gives the place back, and takes it again on coming back: a
//! level that was assigned once never changes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::experiment::{Conditions, Flow, Per};
use crate::ids::{PartName, SubjectId};
use crate::time::Timestamp;

/// What happens to assignments. The names are part of the stored form: add, never rename.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// A participant came for the first time.
    ParticipantNumbered {
        /// Who.
        subject: SubjectId,
        /// Its number among all, from 1.
        number: u32,
    },
    /// A level was chosen for a unit: a participant, or those who played together last.
    LevelChosen {
        /// The condition.
        condition: PartName,
        /// Counts the condition's choices, from 1.
        number: u32,
        /// Who asked.
        subject: SubjectId,
        /// For whom it is.
        unit: BTreeSet<SubjectId>,
        /// The level; none when all are full.
        level: Option<PartName>,
    },
    /// A participant shares the level that was chosen for its unit.
    LevelShared {
        /// The condition.
        condition: PartName,
        /// The number of the choice.
        number: u32,
        /// Who.
        subject: SubjectId,
    },
    /// A participant dropped out: its place is free again.
    PlaceReopened {
        /// The condition.
        condition: PartName,
        /// The number of the choice.
        number: u32,
        /// Who.
        subject: SubjectId,
        /// Why: `away`, or the reason of a dismissal.
        reason: String,
    },
    /// A participant that had dropped out is back.
    PlaceReclaimed {
        /// The condition.
        condition: PartName,
        /// The number of the choice.
        number: u32,
        /// Who.
        subject: SubjectId,
    },
    /// A participant came to the end of the study as planned.
    PlaceCompleted {
        /// The condition.
        condition: PartName,
        /// The number of the choice.
        number: u32,
        /// Who.
        subject: SubjectId,
    },
}

/// What comes of asking for a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placing {
    /// This one.
    Level(PartName),
    /// All levels have their quotas.
    Full,
}

/// How far a participant with a level is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stands {
    /// It takes part.
    Active,
    /// It came to the end as planned.
    Completed,
    /// It will not, for this reason.
    Dropped(String),
}

/// How far a member of a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    /// It has not asked yet.
    Expected,
    /// It takes part.
    Active,
    /// It came to the end as planned.
    Completed,
    /// It dropped out.
    Dropped,
}

/// A choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The level.
    pub level: PartName,
    /// For whom it is, and how far they are.
    pub members: BTreeMap<SubjectId, Member>,
}

impl Unit {
    /// How far all of them are: a unit of which one dropped out is no whole unit any more.
    pub fn state(&self) -> Member {
        let has = |state| self.members.values().any(|member| *member == state);
        if has(Member::Dropped) {
            Member::Dropped
        } else if has(Member::Active) {
            Member::Active
        } else if has(Member::Completed) {
            Member::Completed
        } else {
            Member::Active
        }
    }
}

/// The choices of one condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    choices: u32,
    units: BTreeMap<u32, Unit>,
    of: BTreeMap<SubjectId, u32>,
}

impl Book {
    /// All units, by the number of their choice.
    pub fn units(&self) -> &BTreeMap<u32, Unit> {
        &self.units
    }

    /// The unit of a participant.
    pub fn unit(&self, subject: &SubjectId) -> Option<(u32, &Unit)> {
        let number = *self.of.get(subject)?;
        Some((number, self.units.get(&number)?))
    }

    /// How many units have a place in each level: those that take part, and those that are complete.
    pub fn taken(&self) -> BTreeMap<PartName, u32> {
        let mut taken = BTreeMap::<PartName, u32>::new();
        for unit in self.units.values().filter(|unit| unit.state() != Member::Dropped) {
            *taken.entry(unit.level.clone()).or_default() += 1;
        }
        taken
    }
}

/// Chooses a level: the one that is most due for its share, among those that have room. `number` is that of the choice.
pub fn choose<'a>(
    conditions: &'a Conditions,
    seed: u32,
    number: u32,
    taken: &BTreeMap<PartName, u32>,
) -> Option<&'a PartName> {
    let weight = |quota: Option<u32>| f64::from(quota.unwrap_or(1));
    let taken_of = |name: &PartName| taken.get(name).copied().unwrap_or_default();
    let whole: f64 = conditions.levels.iter().map(|level| weight(level.quota)).sum();
    let next = f64::from(1 + conditions.levels.iter().map(|level| taken_of(&level.name)).sum::<u32>());
    // Whoever is behind its share by less than this can still be served in time later.
    let slack = 1.0 / (2.0 * conditions.levels.len() as f64 - 2.0).max(1.0);
    let open = conditions.levels.iter().filter(|level| level.quota.is_none_or(|quota| taken_of(&level.name) < quota));
    let open: Vec<_> = open
        .map(|level| {
            let share = weight(level.quota) / whole;
            let behind = share * next - f64::from(taken_of(&level.name));
            // By when, counted in choices from now, it has to be chosen.
            let due = (1.0 - slack - behind) / share;
            let key = format!("{}/{number}/{}", conditions.name, level.name);
            (behind, due, xxh3_64_with_seed(key.as_bytes(), u64::from(seed)), &level.name)
        })
        .collect();
    let in_time = open.iter().filter(|(behind, ..)| *behind >= slack - 1e-9);
    let first = in_time.min_by(|one, other| by_due(one.1, other.1).then(one.2.cmp(&other.2)));
    // After drop-outs, all that have room may be ahead of their shares: then the one that is least so.
    let least = || open.iter().min_by(|one, other| by_due(-one.0, -other.0).then(one.2.cmp(&other.2)));
    first.or_else(least).map(|(.., name)| *name)
}

/// Compares what rounding may have made a little different.
fn by_due(one: f64, other: f64) -> std::cmp::Ordering {
    if (one - other).abs() < 1e-9 { std::cmp::Ordering::Equal } else { one.total_cmp(&other) }
}

/// All assignments of a study.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assignments {
    numbers: BTreeMap<SubjectId, u32>,
    books: BTreeMap<PartName, Book>,
    /// Who is away, and since when. No part of the record.
    away: BTreeMap<SubjectId, Timestamp>,
}

impl Assignments {
    /// A fact was stored.
    pub fn apply(&mut self, fact: &Fact) {
        match fact {
            Fact::ParticipantNumbered { subject, number } => {
                self.numbers.insert(subject.clone(), *number);
            }
            Fact::LevelChosen { condition, number, subject, unit, level } => {
                let book = self.books.entry(condition.clone()).or_default();
                book.choices = book.choices.max(*number);
                let Some(level) = level else { return };
                let mut members: BTreeMap<_, _> = unit.iter().map(|one| (one.clone(), Member::Expected)).collect();
                members.insert(subject.clone(), Member::Active);
                for member in members.keys() {
                    book.of.entry(member.clone()).or_insert(*number);
                }
                book.units.insert(*number, Unit { level: level.clone(), members });
            }
            Fact::LevelShared { condition, number, subject } => {
                if let Some(book) = self.books.get_mut(condition) {
                    book.of.insert(subject.clone(), *number);
                }
                self.set(condition, *number, subject, Member::Active);
            }
            Fact::PlaceReopened { condition, number, subject, .. } => {
                self.set(condition, *number, subject, Member::Dropped);
            }
            Fact::PlaceReclaimed { condition, number, subject } => {
                self.set(condition, *number, subject, Member::Active);
            }
            Fact::PlaceCompleted { condition, number, subject } => {
                self.set(condition, *number, subject, Member::Completed);
            }
        }
    }

    fn set(&mut self, condition: &PartName, number: u32, subject: &SubjectId, member: Member) {
        if let Some(unit) = self.books.get_mut(condition).and_then(|book| book.units.get_mut(&number)) {
            unit.members.insert(subject.clone(), member);
        }
    }

    /// The choices of each condition.
    pub fn books(&self) -> &BTreeMap<PartName, Book> {
        &self.books
    }

    /// A participant's number.
    pub fn number(&self, subject: &SubjectId) -> Option<u32> {
        self.numbers.get(subject).copied()
    }

    /// Gives a participant its number, if it has none.
    pub fn arrive(&self, subject: &SubjectId) -> Option<Fact> {
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX).saturating_add(1);
        (!self.numbers.contains_key(subject)).then(|| Fact::ParticipantNumbered { subject: subject.clone(), number })
    }

    /// A participant asks for its level; `partners` are those it played with last.
    pub fn ask(
        &self,
        flow: &Flow,
        condition: &PartName,
        subject: &SubjectId,
        partners: &BTreeSet<SubjectId>,
    ) -> (Option<Fact>, Placing) {
        let none = Book::default();
        let book = self.books.get(condition).unwrap_or(&none);
        let Some(conditions) = flow.condition(condition) else { return (None, Placing::Full) };
        let together = conditions.per == Per::Group;
        let own = book.unit(subject).or_else(|| {
            let known = partners.iter().filter(|_| together).find_map(|partner| book.unit(partner));
            // What was chosen for a group that is no more is not chosen for the next.
            known.filter(|(_, unit)| unit.state() != Member::Dropped)
        });
        if let Some((number, unit)) = own {
            let (condition, subject) = (condition.clone(), subject.clone());
            let shares =
                !matches!(unit.members.get(&subject), Some(Member::Active | Member::Completed | Member::Dropped));
            let fact = shares.then_some(Fact::LevelShared { condition, number, subject });
            return (fact, Placing::Level(unit.level.clone()));
        }
        let number = book.choices.saturating_add(1);
        let level = choose(conditions, flow.seed, number, &book.taken()).cloned();
        let mut unit = BTreeSet::from([subject.clone()]);
        unit.extend(partners.iter().filter(|partner| together && book.unit(partner).is_none()).cloned());
        let placing = level.clone().map_or(Placing::Full, Placing::Level);
        let (condition, subject) = (condition.clone(), subject.clone());
        (Some(Fact::LevelChosen { condition, number, subject, unit, level }), placing)
    }

    /// A participant with a level is so far, and there or away.
    pub fn stands(&mut self, subject: &SubjectId, stands: &Stands, here: bool, now: Timestamp) -> Vec<Fact> {
        if here || *stands != Stands::Active {
            self.away.remove(subject);
        } else {
            self.away.entry(subject.clone()).or_insert(now);
        }
        let fact = |condition: &PartName, number: u32, member: Member| {
            let (condition, subject) = (condition.clone(), subject.clone());
            match (stands, member) {
                (Stands::Active, Member::Dropped) if here => Some(Fact::PlaceReclaimed { condition, number, subject }),
                (Stands::Completed, Member::Active | Member::Dropped) => {
                    Some(Fact::PlaceCompleted { condition, number, subject })
                }
                (Stands::Dropped(reason), Member::Active) => {
                    Some(Fact::PlaceReopened { condition, number, subject, reason: reason.clone() })
                }
                _ => None,
            }
        };
        self.places(subject).filter_map(|(condition, number, member)| fact(condition, number, member)).collect()
    }

    /// Who has been away for too long by now drops out.
    pub fn look(&mut self, flow: &Flow, now: Timestamp) -> Vec<Fact> {
        let mut facts = Vec::new();
        for (subject, since) in &self.away {
            for (condition, number, _) in self.places(subject).filter(|(.., member)| *member == Member::Active) {
                let limit = flow.condition(condition).map(|conditions| u64::from(conditions.reopen_after_s) * 1000);
                if limit.is_some_and(|limit| now.0.saturating_sub(since.0) >= limit) {
                    let (condition, subject) = (condition.clone(), subject.clone());
                    facts.push(Fact::PlaceReopened { condition, number, subject, reason: "away".into() });
                }
            }
        }
        facts
    }

    /// Nobody is there, as far as is known: the service has just begun.
    pub fn all_away(&mut self, now: Timestamp) {
        self.away = self.active().into_iter().map(|subject| (subject, now)).collect();
    }

    /// All who take part.
    pub fn active(&self) -> BTreeSet<SubjectId> {
        let units = self.books.values().flat_map(|book| book.units.values());
        let active = units.flat_map(|unit| &unit.members).filter(|(_, member)| **member == Member::Active);
        active.map(|(subject, _)| subject.clone()).collect()
    }

    /// A participant's places: the condition, the number of the choice, and how far it is there.
    fn places<'a>(&'a self, subject: &'a SubjectId) -> impl Iterator<Item = (&'a PartName, u32, Member)> {
        self.books.iter().filter_map(move |(condition, book)| {
            let (number, unit) = book.unit(subject)?;
            Some((condition, number, *unit.members.get(subject)?))
        })
    }
}

#[cfg(test)]
mod tests;
