//! How often a crashed actor is made anew before its supervisor gives up.

use std::collections::VecDeque;
use std::time::Duration;

use crate::time::Timestamp;

/// Allows `limit` restarts within `window`.
#[derive(Debug, Clone)]
pub struct RestartLimit {
    limit: usize,
    window: Duration,
    recent: VecDeque<Timestamp>,
}

/// What a supervisor does about a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Make it anew.
    Restart,
    /// It would crash again: give up, with a reason for whoever depends on it.
    GiveUp,
}

impl RestartLimit {
    /// A limit that has seen no crash yet.
    pub fn new(limit: usize, window: Duration) -> Self {
        Self { limit, window, recent: VecDeque::new() }
    }

    /// Notes a crash and tells what to do.
    pub fn crashed(&mut self, now: Timestamp) -> Verdict {
        while self.recent.front().is_some_and(|first| now.since(*first) >= self.window) {
            self.recent.pop_front();
        }
        if self.recent.len() >= self.limit {
            return Verdict::GiveUp;
        }
        self.recent.push_back(now);
        Verdict::Restart
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn old_crashes_are_forgiven() {
        let mut limit = RestartLimit::new(2, Duration::from_secs(10));
        let at = |seconds: u64| Timestamp(seconds * 1000);
        assert_eq!(limit.crashed(at(0)), Verdict::Restart);
        assert_eq!(limit.crashed(at(1)), Verdict::Restart);
        assert_eq!(limit.crashed(at(2)), Verdict::GiveUp);
        assert_eq!(limit.crashed(at(11)), Verdict::Restart);
    }

    proptest! {
        #[test]
        fn never_more_restarts_in_a_window_than_allowed(
            gaps in prop::collection::vec(0_u64..3000, 1..60), limit in 0_usize..5,
        ) {
            let window = Duration::from_secs(5);
            let mut rule = RestartLimit::new(limit, window);
            let mut now = Timestamp(0);
            let mut restarts = Vec::new();
            for gap in gaps {
                now = now + Duration::from_millis(gap);
                if rule.crashed(now) == Verdict::Restart {
                    restarts.push(now);
                }
                let within = restarts.iter().filter(|at| now.since(**at) < window).count();
                prop_assert!(within <= limit);
            }
        }
    }
}
