//! Who plays with whom: each matcher looks at the queue and names the next group, or nobody.
//!
//! All of them are for groups of any size (a group of one waits for room, not for others), and all prefer who came first: of all groups that a matcher allows,
//! it names the one whose members came earliest, compared member by member. So nobody waits while a group with them is
//! possible and all others in it came later.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::experiment::Matching;
use crate::ids::{SceneId, SubjectId};

/// Somebody who waits and could be matched now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiter {
    /// Who.
    pub subject: SubjectId,
    /// For how long.
    pub waited: Duration,
    /// Median round trip to the service, measured by the service; `None` when it is not known yet.
    pub rtt: Option<Duration>,
    /// With whom it played last; empty for somebody who has not played yet.
    pub partners: BTreeSet<SubjectId>,
}

/// A rule for groups.
pub trait Matcher: Send + Sync {
    /// The next group of exactly `size` of those who wait, as ascending indices; the head of the queue comes
    /// first in `waiting`. `None` when no group is possible at the moment.
    fn propose(&self, waiting: &[Waiter], size: usize) -> Option<Vec<usize>>;
}

impl From<&Matching> for Box<dyn Matcher> {
    fn from(matching: &Matching) -> Self {
        match matching {
            Matching::Fifo | Matching::LatencyFifo { max_sum: None, max_difference: None } => Box::new(Fifo),
            Matching::LatencyFifo { max_sum: Some(sum), max_difference: None } => {
                Box::new(LatencyFifo { limit: Limit::Sum(*sum) })
            }
            Matching::LatencyFifo { max_sum: None, max_difference: Some(difference) } => {
                Box::new(LatencyFifo { limit: Limit::Difference(*difference) })
            }
            Matching::LatencyFifo { max_sum: Some(sum), max_difference: Some(difference) } => {
                Box::new(LatencyFifo { limit: Limit::Both(*sum, *difference) })
            }
            Matching::GroupReunion { fallback, patience } => {
                let fallback = fallback.as_ref().map(|fallback| (Self::from(&**fallback), *patience));
                Box::new(GroupReunion { fallback })
            }
            Matching::Function { .. } => Box::new(Elsewhere),
        }
    }
}

/// Who came first plays first.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fifo;

impl Matcher for Fifo {
    fn propose(&self, waiting: &[Waiter], size: usize) -> Option<Vec<usize>> {
        (waiting.len() >= size).then(|| (0..size).collect())
    }
}

/// Matches nobody: the groups of this scene are named by a researcher's own matcher, which runs in a Python process and
/// whose answers come as [`crate::rules::waitroom::Input::Suggest`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Elsewhere;

impl Matcher for Elsewhere {
    fn propose(&self, _: &[Waiter], _: usize) -> Option<Vec<usize>> {
        None
    }
}

/// A researcher's own rule for groups. It runs elsewhere and may take its time; what it names is taken as far as it is
/// still possible.
pub trait Suggest: Send + Sync {
    /// Groups of exactly `size` of those who wait; the head of the queue comes first in `waiting`.
    ///
    /// # Errors
    /// What is wrong with the rule, in words for the researcher.
    fn suggest(&self, waiting: &[Waiter], size: usize) -> Result<Vec<Vec<SubjectId>>, String>;
}

impl fmt::Debug for dyn Suggest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Suggest")
    }
}

/// The researchers' own rules, by scene.
pub type Suggesters = Arc<BTreeMap<SceneId, Arc<dyn Suggest>>>;

/// Which connections may play together. For groups above two it holds for each pair within the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The round trips to the service add up to at most this: the delay between two players through the service.
    Sum(Duration),
    /// The round trips differ by at most this: nobody has an advantage.
    Difference(Duration),
    /// Both: the greatest sum, then the greatest difference.
    Both(Duration, Duration),
}

impl Limit {
    fn sum(self) -> Option<Duration> {
        match self {
            Self::Sum(most) | Self::Both(most, _) => Some(most),
            Self::Difference(_) => None,
        }
    }

    fn difference(self) -> Option<Duration> {
        match self {
            Self::Difference(most) | Self::Both(_, most) => Some(most),
            Self::Sum(_) => None,
        }
    }
}

/// Who came first plays first, with those whose connection fits. A round trip that is not known excludes nobody: a
/// measurement that is missing is the service's fault, and in a few seconds it would be known anyway.
#[derive(Debug, Clone, Copy)]
pub struct LatencyFifo {
    /// What fits.
    pub limit: Limit,
}

impl Matcher for LatencyFifo {
    fn propose(&self, waiting: &[Waiter], size: usize) -> Option<Vec<usize>> {
        let mut chosen: Vec<usize> = Vec::new();
        // Somebody is taken when the group can still be filled with those behind, so the first group found is the
        // earliest there is.
        for index in 0..waiting.len() {
            chosen.push(index);
            if !self.can_be_filled(&chosen, waiting, index + 1, size) {
                chosen.pop();
            }
            if chosen.len() == size {
                return Some(chosen);
            }
        }
        None
    }
}

impl LatencyFifo {
    /// Whether those who are `chosen` fit together and can be made a group of `size` with some from `rest` on.
    fn can_be_filled(&self, chosen: &[usize], waiting: &[Waiter], rest: usize, size: usize) -> bool {
        let mut inside: Vec<Duration> = chosen.iter().filter_map(|index| waiting[*index].rtt).collect();
        inside.sort();
        let behind = &waiting[rest.min(waiting.len())..];
        let mut outside: Vec<Duration> = behind.iter().filter_map(|waiter| waiter.rtt).collect();
        outside.sort();
        let unknown = behind.len() - outside.len();
        let needed = (size - chosen.len()).saturating_sub(unknown);
        if needed > outside.len() {
            return false;
        }
        // Some window of the allowed width has to hold all who are chosen and as many others as are needed; of those in
        // it the fastest are the best choice, and the two slowest of the group have the largest sum.
        let fits = |start: Duration| {
            let end = self.limit.difference().map_or(Duration::MAX, |most| start.saturating_add(most));
            let from = outside.partition_point(|rtt| *rtt < start);
            let Some(others) = outside.get(from..from + needed) else { return false };
            let of =
                |known: &[Duration], from_last: usize| known.iter().rev().nth(from_last).copied().unwrap_or_default();
            let mut slowest = [of(&inside, 0), of(&inside, 1), of(others, 0), of(others, 1)];
            slowest.sort();
            let within = inside.first().is_none_or(|fastest| *fastest >= start) && slowest[3] <= end;
            let pair = inside.len() + needed >= 2;
            within && self.limit.sum().is_none_or(|most| !pair || slowest[2] + slowest[3] <= most)
        };
        (inside.is_empty() && needed == 0) || inside.iter().chain(&outside).any(|start| fits(*start))
    }
}

/// Those who played together play together again. Whoever has not played yet, and, after patience has run out, whoever's
/// partners did not come, is matched by the fallback if there is one.
pub struct GroupReunion {
    /// Who matches the others, and how long somebody with a history waits for its partners before that.
    pub fallback: Option<(Box<dyn Matcher>, Duration)>,
}

impl Matcher for GroupReunion {
    fn propose(&self, waiting: &[Waiter], size: usize) -> Option<Vec<usize>> {
        if let Some(group) = (0..waiting.len()).find_map(|index| reunion(waiting, index, size)) {
            return Some(group);
        }
        let (matcher, patience) = self.fallback.as_ref()?;
        let free = |index: &usize| waiting[*index].partners.is_empty() || waiting[*index].waited >= *patience;
        let others: Vec<usize> = (0..waiting.len()).filter(free).collect();
        let waiters: Vec<Waiter> = others.iter().map(|index| waiting[*index].clone()).collect();
        let group = matcher.propose(&waiters, size)?;
        Some(group.into_iter().filter_map(|index| others.get(index).copied()).collect())
    }
}

/// `size` of the former group of whoever stands at `first`, if so many wait: the group may have been larger.
fn reunion(waiting: &[Waiter], first: usize, size: usize) -> Option<Vec<usize>> {
    let mut group = vec![first];
    for index in first + 1..waiting.len() {
        let knows = |one: usize, other: usize| waiting[one].partners.contains(&waiting[other].subject);
        if group.len() < size && group.iter().all(|member| knows(*member, index) && knows(index, *member)) {
            group.push(index);
        }
    }
    (group.len() == size).then_some(group)
}

#[cfg(test)]
mod tests;
