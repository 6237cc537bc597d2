//! How late frame clocks tick.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use crate::time::Timestamp;

/// Counts of ticks by their lateness in milliseconds; the last one is of all that were later.
#[derive(Debug)]
pub struct Lateness {
    counts: [AtomicU32; SLOTS],
}

/// From below a millisecond to what is too late in any case.
const SLOTS: usize = 64;

impl Default for Lateness {
    fn default() -> Self {
        Self { counts: std::array::from_fn(|_| AtomicU32::new(0)) }
    }
}

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LatenessReading {
    /// Number of ticks.
    pub ticks: u32,
    /// Median lateness in milliseconds.
    pub p50: usize,
    /// 99th percentile of it.
    pub p99: usize,
    /// The greatest.
    pub max: usize,
}

impl Lateness {
    /// A clock that was due at `due` ticks.
    pub fn note(&self, now: Timestamp, due: Timestamp) {
        let late = usize::try_from(now.since(due).as_millis()).unwrap_or(usize::MAX).min(self.counts.len() - 1);
        self.counts[late].fetch_add(1, Relaxed);
    }

    /// What was counted since the last time; `None` when nothing was.
    pub fn take(&self) -> Option<LatenessReading> {
        let counts: Vec<u32> = self.counts.iter().map(|count| count.swap(0, Relaxed)).collect();
        let ticks: u32 = counts.iter().sum();
        let quantile = |share: f64| {
            let wanted = (f64::from(ticks) * share).ceil() as u32;
            let mut seen = 0;
            let reaches = |count: &u32| {
                seen += count;
                seen >= wanted
            };
            counts.iter().position(reaches).unwrap_or(0)
        };
        let reading = LatenessReading { ticks, p50: quantile(0.5), p99: quantile(0.99), max: quantile(1.0) };
        (ticks > 0).then_some(reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lateness_is_read_once() {
        let lateness = Lateness::default();
        assert_eq!(lateness.take(), None);
        for late in [0, 0, 0, 1, 3000] {
            lateness.note(Timestamp(5000 + late), Timestamp(5000));
        }
        assert_eq!(lateness.take(), Some(LatenessReading { ticks: 5, p50: 0, p99: 63, max: 63 }));
        assert_eq!(lateness.take(), None);
    }
}
