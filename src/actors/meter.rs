//! What the operator sees of every kind of actor: how many there are, how much waits, how long handling takes.
//!
//! One meter is shared by all actors of a kind; writing to it is a few relaxed atomic additions.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Counters of one kind of actor.
#[derive(Debug, Default)]
pub struct Meter {
    started: AtomicU64,
    ended: AtomicU64,
    crashed: AtomicU64,
    waiting: AtomicU64,
    handled: AtomicU64,
    busy: Histogram,
}

/// A reading of a [`Meter`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Actors alive.
    pub alive: u64,
    /// Messages waiting in all their mailboxes.
    pub depth: u64,
    /// Messages handled since the start.
    pub handled: u64,
    /// Actors that ended by a panic or an error, since the start.
    pub crashed: u64,
    /// Median time of handling since the last reading.
    pub busy_p50: Duration,
    /// 99th percentile of it.
    pub busy_p99: Duration,
}

impl Meter {
    pub(super) fn started(&self) {
        self.started.fetch_add(1, Relaxed);
    }

    pub(super) fn ended(&self) {
        self.ended.fetch_add(1, Relaxed);
    }

    pub(super) fn crashed(&self) {
        self.crashed.fetch_add(1, Relaxed);
    }

    /// A message was handled.
    pub fn handled(&self, busy: Duration) {
        self.handled.fetch_add(1, Relaxed);
        self.busy.add(busy);
    }

    /// Reads the counters; the times start anew.
    pub fn read(&self) -> Reading {
        let handled = self.handled.load(Relaxed);
        let (busy_p50, busy_p99) = self.busy.take_p50_p99();
        Reading {
            alive: self.started.load(Relaxed).saturating_sub(self.ended.load(Relaxed)),
            depth: self.waiting.load(Relaxed),
            handled,
            crashed: self.crashed.load(Relaxed),
            busy_p50,
            busy_p99,
        }
    }
}

/// Counts something as alive until dropped.
#[derive(Debug)]
pub struct Presence(Arc<Meter>);

impl Presence {
    /// One more is alive.
    pub fn new(meter: Arc<Meter>) -> Self {
        meter.started();
        Self(meter)
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.0.ended();
    }
}

/// Counts a message as waiting until dropped, handled or not.
#[derive(Debug)]
pub struct Waiting(Arc<Meter>);

impl Waiting {
    /// One more waits.
    pub fn new(meter: Arc<Meter>) -> Self {
        meter.waiting.fetch_add(1, Relaxed);
        Self(meter)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Relaxed);
    }
}

/// The meters of a house, by kind of actor.
#[derive(Debug, Clone, Default)]
pub struct Meters(Arc<Mutex<BTreeMap<&'static str, Arc<Meter>>>>);

impl Meters {
    /// The meter of a kind; made when first asked for.
    pub fn of(&self, kind: &'static str) -> Arc<Meter> {
        let mut meters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        meters.entry(kind).or_default().clone()
    }

    /// All meters.
    pub fn all(&self) -> Vec<(&'static str, Arc<Meter>)> {
        let meters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        meters.iter().map(|(kind, meter)| (*kind, meter.clone())).collect()
    }
}

/// Steps of a histogram within one doubling: a value is known to within a quarter of itself.
const STEPS: usize = 4;
/// From below a microsecond to more than an hour.
const DOUBLINGS: usize = 32;

/// Counts of durations in logarithmic steps of microseconds.
#[derive(Debug)]
struct Histogram([AtomicU64; STEPS * DOUBLINGS]);

impl Default for Histogram {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl Histogram {
    fn add(&self, duration: Duration) {
        self.0[Self::slot(duration)].fetch_add(1, Relaxed);
    }

    fn slot(duration: Duration) -> usize {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX).saturating_add(1);
        let doubling = micros.ilog2() as usize;
        let within = ((u128::from(micros) * STEPS as u128) >> doubling) as usize - STEPS;
        (doubling * STEPS + within).min(STEPS * DOUBLINGS - 1)
    }

    /// The upper end of a slot.
    fn value(slot: usize) -> Duration {
        let (doubling, within) = (slot / STEPS, slot % STEPS);
        Duration::from_micros(((1_u64 << doubling) * (STEPS + within + 1) as u64 / STEPS as u64).saturating_sub(1))
    }

    fn take_p50_p99(&self) -> (Duration, Duration) {
        let counts: Vec<u64> = self.0.iter().map(|count| count.swap(0, Relaxed)).collect();
        let total: u64 = counts.iter().sum();
        let percentile = |percent: u64| {
            let rank = (total * percent).div_ceil(100);
            let mut seen = 0;
            let slot = counts.iter().position(|count| {
                seen += count;
                seen >= rank && rank > 0
            });
            slot.map_or(Duration::ZERO, Self::value)
        };
        (percentile(50), percentile(99))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percentiles_are_read_once() {
        let meter = Meter::default();
        for micros in 1..=100 {
            meter.handled(Duration::from_micros(micros * 10));
        }
        let reading = meter.read();
        assert!((500..=640).contains(&reading.busy_p50.as_micros()), "{reading:?}");
        assert!((990..=1280).contains(&reading.busy_p99.as_micros()), "{reading:?}");
        assert_eq!((reading.depth, reading.handled), (0, 100));
        assert_eq!(meter.read().busy_p99, Duration::ZERO);
    }

    proptest! {
        #[test]
        fn a_slot_holds_its_values_within_a_quarter(micros in 0_u64..1 << 31) {
            let upper = Histogram::value(Histogram::slot(Duration::from_micros(micros))).as_micros() as u64;
            prop_assert!(upper >= micros, "{upper} < {micros}");
            prop_assert!(upper <= micros + micros / 4 + 1, "{upper} too far above {micros}");
        }
    }
}
