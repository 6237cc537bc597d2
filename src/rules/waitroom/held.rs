//! Who would play if there was room for another game.

use std::collections::BTreeSet;

use super::state::WaitRoom;
use super::{TimeOut, possible};
use crate::ids::SubjectId;
use crate::rules::matchers::{Matcher, Waiter};
use crate::time::Timestamp;

/// Most games that are counted: room for more is asked for when these have begun.
const COUNTED: u32 = 32;

impl WaitRoom {
    /// How many games would begin now if there was room for them, and notes who would play in them. `named` are the groups
    /// that a researcher's own matcher named last. Not part of the record.
    pub fn hold(&mut self, now: Timestamp, matcher: &dyn Matcher, named: &[Vec<SubjectId>]) -> u32 {
        self.held.clear();
        if self.has_room() {
            return 0;
        }
        let mut waiting = self.waiting(now);
        let mut games = self.bots(now, &mut waiting);
        for group in named {
            let different: BTreeSet<_> = group.iter().collect();
            let there = |subject: &&SubjectId| waiting.iter().any(|waiter| waiter.subject == **subject);
            if different.len() == self.terms().size && different.iter().all(there) {
                self.take(&mut waiting, |waiter| different.contains(&waiter.subject));
                games += 1;
            }
        }
        while let (true, Some(group)) = (games < COUNTED, possible(matcher, &waiting, self.terms().size)) {
            let group: BTreeSet<SubjectId> = group.iter().map(|index| waiting[*index].subject.clone()).collect();
            self.take(&mut waiting, |waiter| group.contains(&waiter.subject));
            games += 1;
        }
        if games >= COUNTED {
            // Behind so many games it is room that everybody waits for.
            self.take(&mut waiting, |_| true);
        }
        games
    }

    /// Those who have waited for long enough to play with bots.
    fn bots(&mut self, now: Timestamp, waiting: &mut Vec<Waiter>) -> u32 {
        if self.terms().on_timeout != TimeOut::Bot {
            return 0;
        }
        let there = |subject: &SubjectId| !self.away(subject);
        let late: BTreeSet<SubjectId> = self.waits_over(now).into_iter().filter(there).collect();
        self.take(waiting, |waiter| late.contains(&waiter.subject));
        u32::try_from(late.len()).unwrap_or(u32::MAX)
    }

    fn take(&mut self, waiting: &mut Vec<Waiter>, these: impl Fn(&Waiter) -> bool) {
        let taken: Vec<u64> =
            waiting.iter().filter(|one| these(one)).filter_map(|waiter| self.place(&waiter.subject)).collect();
        self.held.extend(taken);
        waiting.retain(|waiter| !these(waiter));
    }
}
