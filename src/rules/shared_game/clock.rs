//! When each frame of an episode closes.

use std::time::Duration;

use crate::time::Timestamp;

/// Frames that may be closed at once after a late tick. Beyond that the clock is stretched: a burst of frames would close
/// before the inputs for them could be read.
const CATCH_UP: u32 = 3;

/// The clock of one episode: frame *f* closes at start + (f + 1) · length, so that a late tick makes no later one late.
#[derive(Debug, Clone)]
pub(super) struct FrameClock {
    length: Duration,
    /// When which frame begins; nothing while the clock stands still.
    start: Option<(Timestamp, u32)>,
}

impl FrameClock {
    pub(super) fn new(length: Duration) -> Self {
        Self { length, start: None }
    }

    /// Frame `frame` begins at `at`.
    pub(super) fn start(&mut self, at: Timestamp, frame: u32) {
        self.start = Some((at, frame));
    }

    pub(super) fn stop(&mut self) {
        self.start = None;
    }

    pub(super) fn runs(&self) -> bool {
        self.start.is_some()
    }

    /// How long the countdown still takes; `None` while the clock stands still.
    pub(super) fn begins_in(&self, now: Timestamp) -> Option<Duration> {
        self.start.map(|(at, _)| at.since(now))
    }

    /// When a frame closes; `None` while the clock stands still.
    pub(super) fn closes(&self, frame: u32) -> Option<Timestamp> {
        let (at, first) = self.start?;
        Some(at + self.length * (frame.saturating_sub(first) + 1))
    }

    /// The open frame closes now, not when it was due, and all that follow so much later. Tells by how much.
    pub(super) fn delay_to(&mut self, now: Timestamp, open: u32) -> Duration {
        let by = self.closes(open).map(|closes| now.since(closes)).unwrap_or_default();
        if let Some((at, _)) = &mut self.start {
            *at = *at + by;
        }
        by
    }

    /// How long before its frame closes an input arrives, in milliseconds; negative when it is late.
    pub(super) fn margin(&self, now: Timestamp, frame: u32) -> Option<i32> {
        let (at, first) = self.start?;
        // An input for a frame before the first after a pause is older than this clock.
        if frame < first {
            return None;
        }
        let closes = at + self.length * (frame - first + 1);
        let margin = i64::try_from(closes.0).ok()? - i64::try_from(now.0).ok()?;
        i32::try_from(margin).ok()
    }

    /// Whether the open frame is to be closed now. A clock that is far behind is stretched.
    pub(super) fn due(&mut self, now: Timestamp, open: u32) -> bool {
        let Some(closes) = self.closes(open) else { return false };
        let behind = now.since(closes);
        if let Some((at, _)) = &mut self.start
            && behind > self.length * CATCH_UP
        {
            *at = *at + (behind - self.length * CATCH_UP);
        }
        closes <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LENGTH: Duration = Duration::from_nanos(1_000_000_000 / 30);

    #[test]
    fn frames_close_at_their_rate_without_drift() {
        let mut clock = FrameClock::new(LENGTH);
        clock.start(Timestamp(1000), 0);
        assert_eq!(clock.closes(0), Some(Timestamp(1033)));
        assert_eq!(clock.closes(29), Some(Timestamp(1999)));
        assert_eq!(clock.margin(Timestamp(1000), 0), Some(33));
        assert_eq!(clock.margin(Timestamp(1100), 0), Some(-67));
        clock.stop();
        assert!(!clock.runs() && !clock.due(Timestamp(9000), 30));
        clock.start(Timestamp(5000), 30);
        assert_eq!(clock.closes(30), Some(Timestamp(5033)));
        assert_eq!(clock.margin(Timestamp(5000), 29), None);
    }

    proptest! {
        #[test]
        fn no_frame_is_skipped_and_no_burst_is_long(gaps in prop::collection::vec(0_u64..2000, 1..100)) {
            let mut clock = FrameClock::new(LENGTH);
            clock.start(Timestamp(0), 0);
            let (mut now, mut open) = (Timestamp(0), 0);
            for gap in gaps {
                now = now + Duration::from_millis(gap);
                let mut burst = 0;
                while clock.due(now, open) {
                    open += 1;
                    burst += 1;
                }
                prop_assert!(burst <= CATCH_UP + 1);
                prop_assert!(clock.closes(open).unwrap() > now);
            }
        }
    }
}
