//! The round trip of a connection, from protocol-level pings that browsers answer by themselves, hidden tabs included.

use std::collections::VecDeque;
use std::time::Duration;

use crate::time::Timestamp;

/// Measurements that the shown value is the median of.
const KEPT: usize = 9;

/// Time between two pings, and the longest that an answer is awaited before the next. The first is sent at once.
pub const PING_EVERY: Duration = Duration::from_secs(5);

/// So many measurements are made quickly at first: whoever has just come may be judged by them.
const QUICK: u32 = KEPT as u32;

/// Time from an answer to the next ping while measurements are made quickly.
const QUICK_EVERY: Duration = Duration::from_millis(300);

/// Time between two pings of a connection that is watched.
pub const WATCHED_EVERY: Duration = Duration::from_secs(1);

/// A connection that gave no sign of life for so long is gone. Far longer than [`PING_EVERY`], so that one lost packet
/// and its retransmissions end nothing; browsers answer pings without JavaScript, so that a hidden tab is alive.
pub const GONE_AFTER: Duration = Duration::from_secs(25);

/// What has been measured of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trips {
    /// Median of the last measurements.
    pub median: Duration,
    /// The last one.
    pub last: Duration,
    /// How many there have been.
    pub count: u32,
}

/// Measures one connection.
#[derive(Debug, Default)]
pub struct RoundTripMeter {
    asked: Option<(u32, Timestamp)>,
    count: u32,
    measured: u32,
    recent: VecDeque<Duration>,
}

impl RoundTripMeter {
    /// A ping is about to be sent; its payload. An unanswered one before it counts no longer.
    pub fn ping(&mut self, now: Timestamp) -> [u8; 4] {
        self.count = self.count.wrapping_add(1);
        self.asked = Some((self.count, now));
        self.count.to_be_bytes()
    }

    /// How long to wait with the next ping, once the last was answered, or was not for that time.
    pub fn pause(&self, watched: bool) -> Duration {
        match (self.asked, watched) {
            (Some(_), _) => PING_EVERY,
            (None, _) if self.measured < QUICK => QUICK_EVERY,
            (None, true) => WATCHED_EVERY,
            (None, false) => PING_EVERY,
        }
    }

    /// A pong came; what has been measured by now, if the pong answers the last ping.
    pub fn pong(&mut self, payload: &[u8], now: Timestamp) -> Option<Trips> {
        let (count, sent) = self.asked?;
        if payload != count.to_be_bytes() {
            return None;
        }
        self.asked = None;
        if self.recent.len() == KEPT {
            self.recent.pop_front();
        }
        let last = now.since(sent);
        self.recent.push_back(last);
        self.measured = self.measured.saturating_add(1);
        let mut sorted: Vec<_> = self.recent.iter().copied().collect();
        sorted.sort();
        Some(Trips { median: sorted[sorted.len() / 2], last, count: self.measured })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_forgets_a_hiccup_and_forged_pongs_count_for_nothing() {
        let mut meter = RoundTripMeter::default();
        let mut shown = None;
        for (index, trip) in [20, 21, 900, 19, 22].into_iter().enumerate() {
            let sent = Timestamp(index as u64 * 5000);
            let payload = meter.ping(sent);
            assert_eq!(meter.pong(b"else", sent), None);
            shown = meter.pong(&payload, sent + Duration::from_millis(trip));
            assert_eq!(meter.pong(&payload, sent), None, "a pong counts once");
        }
        let millis = Duration::from_millis;
        assert_eq!(shown, Some(Trips { median: millis(21), last: millis(22), count: 5 }));
    }

    #[test]
    fn the_first_pings_come_quickly_and_none_before_the_last_was_answered() {
        let mut meter = RoundTripMeter::default();
        for index in 0..QUICK {
            let sent = Timestamp(u64::from(index) * 1000);
            let payload = meter.ping(sent);
            assert_eq!(meter.pause(true), PING_EVERY, "a slow line is waited for");
            assert!(meter.pong(&payload, sent + Duration::from_millis(700)).is_some());
            assert_eq!(meter.pause(false) == QUICK_EVERY, index + 1 < QUICK);
        }
        assert_eq!((meter.pause(false), meter.pause(true)), (PING_EVERY, WATCHED_EVERY));
    }
}
