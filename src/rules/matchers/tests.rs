use proptest::prelude::*;

use super::*;

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn waiter(index: usize, rtt: Option<u64>) -> Waiter {
    let subject = format!("p{index}").parse().unwrap();
    Waiter { subject, waited: ms(0), rtt: rtt.map(ms), partners: BTreeSet::new() }
}

fn waiters(rtts: &[Option<u64>]) -> Vec<Waiter> {
    rtts.iter().enumerate().map(|(index, rtt)| waiter(index, *rtt)).collect()
}

fn with_partners(of: &[&[usize]]) -> Vec<Waiter> {
    let mut waiting = waiters(&vec![None; of.len()]);
    for (waiter, partners) in waiting.iter_mut().zip(of) {
        waiter.partners = partners.iter().map(|index| format!("p{index}").parse().unwrap()).collect();
    }
    waiting
}

#[test]
fn the_limit_itself_is_allowed_and_the_unknown_excludes_nobody() {
    let sum = LatencyFifo { limit: Limit::Sum(ms(200)) };
    assert_eq!(sum.propose(&waiters(&[Some(100), Some(100)]), 2), Some(vec![0, 1]));
    assert_eq!(sum.propose(&waiters(&[Some(100), Some(101)]), 2), None);
    assert_eq!(sum.propose(&waiters(&[Some(900), Some(101), None]), 2), Some(vec![0, 2]));
    assert_eq!(sum.propose(&waiters(&[Some(150), Some(100), Some(50), Some(20)]), 2), Some(vec![0, 2]));
    let difference = LatencyFifo { limit: Limit::Difference(ms(50)) };
    assert_eq!(difference.propose(&waiters(&[Some(10), Some(100), Some(61), Some(20)]), 3), None);
    assert_eq!(difference.propose(&waiters(&[Some(10), Some(100), Some(61), Some(20)]), 2), Some(vec![0, 3]));
}

#[test]
fn a_group_is_reunited_before_anybody_else_is_matched() {
    let alone = GroupReunion { fallback: None };
    let waiting = with_partners(&[&[], &[3], &[], &[1]]);
    assert_eq!(alone.propose(&waiting, 2), Some(vec![1, 3]));
    assert_eq!(alone.propose(&waiting[..3], 2), None);
    assert_eq!(alone.propose(&with_partners(&[&[1, 2], &[0, 2], &[0, 1]]), 2), Some(vec![0, 1]), "a part of it");
    assert_eq!(alone.propose(&with_partners(&[&[1], &[2], &[1]]), 2), Some(vec![1, 2]), "both have to know it");
}

#[test]
fn who_waits_for_partners_waits_for_a_while() {
    let reunion = GroupReunion { fallback: Some((Box::new(Fifo), ms(20_000))) };
    let mut waiting = with_partners(&[&[9], &[], &[]]);
    assert_eq!(reunion.propose(&waiting, 2), Some(vec![1, 2]));
    waiting[0].waited = ms(20_000);
    assert_eq!(reunion.propose(&waiting, 2), Some(vec![0, 1]));
}

/// All groups in order, tried one by one: what the matchers have to find faster.
fn earliest(count: usize, size: usize, fits: &dyn Fn(&[usize]) -> bool) -> Option<Vec<usize>> {
    fn extend(
        group: &mut Vec<usize>,
        count: usize,
        size: usize,
        fits: &dyn Fn(&[usize]) -> bool,
    ) -> Option<Vec<usize>> {
        if group.len() == size {
            return fits(group).then(|| group.clone());
        }
        for index in group.last().map_or(0, |last| last + 1)..count {
            group.push(index);
            let found = extend(group, count, size, fits);
            group.pop();
            if found.is_some() {
                return found;
            }
        }
        None
    }
    extend(&mut Vec::new(), count, size, fits)
}

proptest! {
    /// The latency matcher finds the earliest group that fits, and one whenever there is one.
    #[test]
    fn the_earliest_group_that_fits_is_found(
        rtts in prop::collection::vec(prop::option::weighted(0.85, 0_u64..200), 0..9),
        size in 2_usize..5, sum in prop::option::of(0_u64..250), difference in 0_u64..250, both: bool,
    ) {
        let waiting = waiters(&rtts);
        let limit = match sum {
            Some(sum) if both => Limit::Both(ms(sum), ms(difference)),
            Some(sum) => Limit::Sum(ms(sum)),
            None => Limit::Difference(ms(difference)),
        };
        let pair = |one: u64, other: u64| {
            let apart = sum.is_none() || both;
            sum.is_none_or(|sum| one + other <= sum) && (!apart || one.abs_diff(other) <= difference)
        };
        let fits = |group: &[usize]| group.iter().all(|one| group.iter().all(|other| match (rtts[*one], rtts[*other]) {
            (Some(a), Some(b)) => one == other || pair(a, b),
            _ => true,
        }));
        let found = LatencyFifo { limit }.propose(&waiting, size);
        prop_assert_eq!(found, earliest(rtts.len(), size, &fits));
    }

    /// Whatever the matcher: a group has the right size, is ascending and within the queue.
    #[test]
    fn a_group_is_a_group(
        known in prop::collection::vec((prop::collection::btree_set(0_usize..8, 0..4), 0_u64..40), 0..8),
        size in 2_usize..5,
    ) {
        let mut waiting = waiters(&vec![None; known.len()]);
        for (waiter, (partners, waited)) in waiting.iter_mut().zip(&known) {
            waiter.partners = partners.iter().map(|index| format!("p{index}").parse().unwrap()).collect();
            waiter.waited = ms(*waited);
        }
        let reunion = GroupReunion { fallback: Some((Box::new(Fifo), ms(20))) };
        for group in [reunion.propose(&waiting, size), Fifo.propose(&waiting, size)].into_iter().flatten() {
            prop_assert_eq!(group.len(), size);
            prop_assert!(group.is_sorted_by(|one, other| one < other) && group.iter().all(|index| *index < known.len()));
        }
    }
}
