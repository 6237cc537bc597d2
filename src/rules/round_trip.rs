//! The round trip of a connection, from protocol-level pings that browsers answer by themselves, hidden tabs included.

use std::collections::VecDeque;
use std::time::Duration;

use crate::time::Timestamp;

/// Measurements that the shown value is the median of.
const KEPT: usize = 9;

/// Time between two pings. The first is sent at once.
pub const PING_EVERY: Duration = Duration::from_secs(5);

/// A connection that gave no sign of life for so long is gone. Far longer than [`PING_EVERY`], so that one lost packet
/// and its retransmissions end nothing; browsers answer pings without JavaScript, so that a hidden tab is alive.
pub const GONE_AFTER: Duration = Duration::from_secs(25);

/// Measures one connection.
#[derive(Debug, Default)]
pub struct RoundTripMeter {
    asked: Option<(u32, Timestamp)>,
    count: u32,
    recent: VecDeque<Duration>,
}

impl RoundTripMeter {
    /// A ping is about to be sent; its payload. An unanswered one before it counts no longer.
    pub fn ping(&mut self, now: Timestamp) -> [u8; 4] {
        self.count = self.count.wrapping_add(1);
        self.asked = Some((self.count, now));
        self.count.to_be_bytes()
    }

    /// A pong came; the median round trip, if the pong answers the last ping.
    pub fn pong(&mut self, payload: &[u8], now: Timestamp) -> Option<Duration> {
        let (count, sent) = self.asked?;
        if payload != count.to_be_bytes() {
            return None;
        }
        self.asked = None;
        if self.recent.len() == KEPT {
            self.recent.pop_front();
        }
        self.recent.push_back(now.since(sent));
        let mut sorted: Vec<_> = self.recent.iter().copied().collect();
        sorted.sort();
        Some(sorted[sorted.len() / 2])
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
        assert_eq!(shown, Some(Duration::from_millis(21)));
    }
}
