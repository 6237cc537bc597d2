use proptest::prelude::*;

use super::*;
use crate::experiment::{Level, Part, WhenFull};

fn name(text: &str) -> PartName {
    text.parse().unwrap()
}

fn person(number: usize) -> SubjectId {
    format!("p{number}").parse().unwrap()
}

/// A study with one condition.
fn flow(quotas: &[Option<u32>], per: Per, seed: u32) -> Flow {
    let level = |(index, quota): (usize, &Option<u32>)| Level {
        name: name(&format!("level-{index}")),
        quota: *quota,
        parts: Vec::new(),
    };
    let levels = quotas.iter().enumerate().map(level).collect();
    let (when_full, reopen_after_s) = (WhenFull::Continue, 60);
    let conditions = Conditions { name: name("partner"), levels, per, when_full, reopen_after_s };
    Flow { order: vec![Part::Conditions(conditions)], seed, ..Flow::default() }
}

/// Assignments, and the log of all facts.
struct Run {
    flow: Flow,
    state: Assignments,
    log: Vec<Fact>,
}

impl Run {
    fn new(flow: Flow) -> Self {
        Self { flow, state: Assignments::default(), log: Vec::new() }
    }

    fn take(&mut self, facts: impl IntoIterator<Item = Fact>) {
        for fact in facts {
            self.state.apply(&fact);
            self.log.push(fact);
        }
    }

    fn ask(&mut self, subject: &SubjectId, partners: &[SubjectId]) -> Placing {
        let partners = partners.iter().cloned().collect();
        let (fact, placing) = self.state.ask(&self.flow, &name("partner"), subject, &partners);
        self.take(fact);
        placing
    }

    fn stands(&mut self, subject: &SubjectId, stands: Stands, here: bool, now: u64) {
        let facts = self.state.stands(subject, &stands, here, Timestamp(now));
        self.take(facts);
    }

    fn taken(&self) -> Vec<u32> {
        let taken = self.state.books().get(&name("partner")).map(Book::taken).unwrap_or_default();
        let Part::Conditions(conditions) = &self.flow.order[0] else { unreachable!() };
        conditions.levels.iter().map(|level| taken.get(&level.name).copied().unwrap_or_default()).collect()
    }
}

fn quotas() -> impl Strategy<Value = Vec<Option<u32>>> {
    prop_oneof![
        (2_usize..6).prop_map(|levels| vec![None; levels]),
        prop::collection::vec(1_u32..40, 2..6).prop_map(|quotas| quotas.into_iter().map(Some).collect()),
    ]
}

/// What may happen to somebody.
#[derive(Debug, Clone)]
enum Event {
    Come(usize),
    Drop(usize),
    Away(usize),
    Back(usize),
    Done(usize),
    Look,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let who = 0_usize..40;
    let one = prop_oneof![
        6 => who.clone().prop_map(Event::Come),
        1 => who.clone().prop_map(Event::Drop),
        1 => who.clone().prop_map(Event::Away),
        1 => who.clone().prop_map(Event::Back),
        2 => who.prop_map(Event::Done),
        1 => Just(Event::Look),
    ];
    prop::collection::vec(one, 0..150)
}

proptest! {
    /// At every moment each level has its share of those who came, by less than one.
    #[test]
    fn levels_fill_in_proportion_to_their_quotas(quotas in quotas(), seed: u32, people in 1_usize..150) {
        let mut run = Run::new(flow(&quotas, Per::Person, seed));
        let weights: Vec<f64> = quotas.iter().map(|quota| f64::from(quota.unwrap_or(1))).collect();
        let whole: f64 = weights.iter().sum();
        let room = quotas.iter().copied().sum::<Option<u32>>();
        for number in 0..people {
            let placing = run.ask(&person(number), &[]);
            let full = room.is_some_and(|room| number >= room as usize);
            prop_assert_eq!(matches!(placing, Placing::Full), full);
            let taken = run.taken();
            let all = f64::from(taken.iter().sum::<u32>());
            for (taken, (weight, quota)) in taken.iter().zip(weights.iter().zip(&quotas)) {
                prop_assert!((f64::from(*taken) - all * weight / whole).abs() < 1.0, "{taken} of {all}, {quotas:?}");
                prop_assert!(quota.is_none_or(|quota| *taken <= quota));
            }
        }
    }

    /// Whoever comes, goes and comes back: nobody's level ever changes; no level is given out beyond its quota, and none
    /// while another is further behind its share; and the log alone gives the same again.
    #[test]
    fn whatever_happens_levels_stay_and_the_log_tells_all(quotas in quotas(), seed: u32, events in events()) {
        let mut run = Run::new(flow(&quotas, Per::Person, seed));
        let mut levels = BTreeMap::new();
        let mut now = 0;
        for event in events {
            now += 20_000;
            let before = run.taken();
            let known = run.state.books().get(&name("partner")).map_or(0, |book| book.choices);
            match event {
                Event::Come(number) => {
                    let placing = run.ask(&person(number), &[]);
                    if let Placing::Level(level) = &placing {
                        let first = levels.entry(number).or_insert_with(|| level.clone());
                        prop_assert_eq!(first, level);
                    }
                    let chosen = run.state.books()[&name("partner")].choices > known;
                    if let (true, Placing::Level(level)) = (chosen, placing) {
                        let index: usize = level.as_str()["level-".len()..].parse().unwrap();
                        prop_assert!(quotas[index].is_none_or(|quota| before[index] < quota), "beyond its quota");
                        let whole: f64 = quotas.iter().map(|quota| f64::from(quota.unwrap_or(1))).sum();
                        let due = |index: usize| {
                            let share = f64::from(quotas[index].unwrap_or(1)) / whole;
                            share * f64::from(1 + before.iter().sum::<u32>()) - f64::from(before[index])
                        };
                        let open = (0..quotas.len()).filter(|at| quotas[*at].is_none_or(|quota| before[*at] < quota));
                        let least = open.map(due).fold(f64::INFINITY, f64::min);
                        prop_assert!(due(index) > 0.0 || due(index) - least >= -1e-9, "it was ahead of its share");
                    }
                    run.stands(&person(number), Stands::Active, true, now);
                }
                Event::Drop(number) => run.stands(&person(number), Stands::Dropped("no_partner".into()), true, now),
                Event::Away(number) => run.stands(&person(number), Stands::Active, false, now),
                Event::Back(number) => run.stands(&person(number), Stands::Active, true, now),
                Event::Done(number) => run.stands(&person(number), Stands::Completed, true, now),
                Event::Look => {
                    let facts = run.state.look(&run.flow, Timestamp(now));
                    run.take(facts);
                }
            }
        }
        let mut again = Run::new(run.flow.clone());
        for fact in &run.log {
            if let Fact::LevelChosen { number, level, .. } = fact {
                let Part::Conditions(conditions) = &again.flow.order[0] else { unreachable!() };
                let taken = again.state.books().get(&name("partner")).map(Book::taken).unwrap_or_default();
                prop_assert_eq!(choose(conditions, seed, *number, &taken), level.as_ref(), "from the log alone");
            }
            let text = serde_json::to_string(fact).unwrap();
            again.take([serde_json::from_str(&text).unwrap()]);
        }
        prop_assert_eq!(again.state.books(), run.state.books());
    }

    /// After drop-outs, those who come next bring every level back to its share.
    #[test]
    fn what_is_dropped_is_filled_again(levels in 2_usize..5, seed: u32, dropped in prop::collection::btree_set(0_usize..30, 0..20)) {
        let mut run = Run::new(flow(&vec![None; levels], Per::Person, seed));
        (0..30).for_each(|number| drop(run.ask(&person(number), &[])));
        for number in dropped {
            run.stands(&person(number), Stands::Dropped("absent".into()), false, 0);
        }
        (100..140).for_each(|number| drop(run.ask(&person(number), &[])));
        let taken = run.taken();
        let (least, most) = (taken.iter().min().unwrap(), taken.iter().max().unwrap());
        prop_assert!(most - least <= 1, "{taken:?}");
    }
}

#[test]
fn orders_of_levels_differ_between_seeds() {
    let levels = |seed| {
        let mut run = Run::new(flow(&[None, None], Per::Person, seed));
        (0..8).map(|number| format!("{:?}", run.ask(&person(number), &[]))).collect::<Vec<_>>()
    };
    let different: BTreeSet<_> = (0..20).map(levels).collect();
    assert!(different.len() > 5, "{different:?}");
    assert_eq!(levels(3), levels(3));
}

#[test]
fn those_who_played_together_get_the_same_level() {
    let mut run = Run::new(flow(&[None, None], Per::Group, 1));
    let [ann, bob, eve, mia] = [0, 1, 2, 3].map(person);
    let first = run.ask(&ann, std::slice::from_ref(&bob));
    assert_eq!(run.ask(&bob, std::slice::from_ref(&ann)), first);
    assert_eq!(run.taken().iter().sum::<u32>(), 1, "one unit");
    let second = run.ask(&eve, std::slice::from_ref(&mia));
    assert_ne!(second, first, "the other level is due");
    // One who left before it asked, and has met others since.
    assert_eq!(run.ask(&mia, std::slice::from_ref(&bob)), second);
    run.stands(&ann, Stands::Dropped("absent".into()), false, 0);
    assert_eq!(run.taken().iter().sum::<u32>(), 1, "a unit without one of its members is none");
    run.stands(&ann, Stands::Active, true, 1);
    assert_eq!(run.taken().iter().sum::<u32>(), 2, "until that one is back");
}

#[test]
fn whoever_is_away_for_too_long_gives_the_place_back_and_takes_it_again() {
    let mut run = Run::new(flow(&[Some(1), Some(1)], Per::Person, 1));
    let [ann, bob, eve, mia] = [0, 1, 2, 3].map(person);
    let level = run.ask(&ann, &[]);
    run.ask(&bob, &[]);
    assert_eq!(run.ask(&eve, &[]), Placing::Full);
    run.stands(&ann, Stands::Active, false, 1000);
    let early = run.state.look(&run.flow, Timestamp(60_999));
    assert_eq!(early, []);
    let facts = run.state.look(&run.flow, Timestamp(61_000));
    run.take(facts);
    assert_eq!(run.ask(&mia, &[]), level, "the place is free");
    run.stands(&ann, Stands::Active, true, 70_000);
    assert_eq!(run.ask(&ann, &[]), level, "a level never changes");
    assert_eq!(run.taken().into_iter().max(), Some(2), "beyond the quota, since it was given before");
    run.stands(&bob, Stands::Completed, true, 80_000);
    run.stands(&bob, Stands::Completed, false, 90_000);
    let facts = run.state.look(&run.flow, Timestamp(900_000));
    assert_eq!(facts, [], "whoever is done is not away");
}

#[test]
fn people_are_numbered_as_they_come() {
    let mut run = Run::new(flow(&[None, None], Per::Person, 1));
    for (number, expected) in [(0, Some(1)), (1, Some(2)), (0, Some(1)), (2, Some(3))] {
        let fact = run.state.arrive(&person(number));
        run.take(fact);
        assert_eq!(run.state.number(&person(number)), expected);
    }
}
