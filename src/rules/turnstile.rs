//! Limits: how much one browser may send, how many newcomers are let in, and when patience ends.

use std::time::Duration;

use crate::time::Timestamp;

/// A token bucket: `burst` at once, `per_second` in the long run.
#[derive(Debug, Clone)]
pub struct Allowance {
    burst: f64,
    per_second: f64,
    left: f64,
    at: Timestamp,
}

impl Allowance {
    /// A full bucket.
    pub fn new(burst: u32, per_second: u32, now: Timestamp) -> Self {
        let burst = f64::from(burst);
        Self { burst, per_second: f64::from(per_second), left: burst, at: now }
    }

    /// Takes one if there is one.
    pub fn take(&mut self, now: Timestamp) -> bool {
        let passed = now.since(self.at).as_secs_f64();
        self.left = (self.left + passed * self.per_second).min(self.burst);
        self.at = now;
        let granted = self.left >= 1.0;
        if granted {
            self.left -= 1.0;
        }
        granted
    }

    /// How long until one is there.
    pub fn wait(&self) -> Duration {
        Duration::from_secs_f64(((1.0 - self.left).max(0.0) / self.per_second.max(0.001)).min(3600.0))
    }
}

/// Patience with messages that had to be refused: some are bad luck, many are not.
#[derive(Debug, Clone)]
pub struct Patience {
    allowance: Allowance,
}

/// Refused messages that a connection may send at once.
const REFUSALS_AT_ONCE: u32 = 10;
/// Refused messages that a connection may send per second in the long run.
const REFUSALS_PER_SECOND: u32 = 1;

impl Patience {
    /// Full patience.
    pub fn new(now: Timestamp) -> Self {
        Self { allowance: Allowance::new(REFUSALS_AT_ONCE, REFUSALS_PER_SECOND, now) }
    }

    /// Notes a refused message; `false` when the connection has to be closed.
    pub fn refused(&mut self, now: Timestamp) -> bool {
        self.allowance.take(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn never_more_than_burst_and_rate_allow(
            gaps in prop::collection::vec(0_u64..200, 1..200), burst in 1_u32..20, rate in 1_u32..50,
        ) {
            let mut now = Timestamp(0);
            let mut allowance = Allowance::new(burst, rate, now);
            let mut granted = 0_u32;
            for gap in gaps {
                now = now + Duration::from_millis(gap);
                granted += u32::from(allowance.take(now));
                let most = f64::from(burst) + f64::from(rate) * now.0 as f64 / 1000.0;
                prop_assert!(f64::from(granted) <= most + 1e-6);
            }
        }

        #[test]
        fn a_clock_set_back_gives_nothing_away(jump in 0_u64..100_000) {
            let mut allowance = Allowance::new(1, 1, Timestamp(jump));
            prop_assert!(allowance.take(Timestamp(jump)));
            prop_assert!(!allowance.take(Timestamp(0)));
        }
    }
}
