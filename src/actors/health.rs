//! Whether facts can be stored: known to the recorder, told to whoever lets people in and to the operator.
//!
//! A disk that is full or read-only is no reason to stop: games wait for it, each at the last frame that is safe, and go on
//! by themselves. But nobody new may come, since whoever is created is a fact.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::clock::Clock;
use crate::time::Timestamp;

/// Time between two lines of the log about a store that takes nothing.
const SAY_EVERY: Duration = Duration::from_secs(10);

/// Whether facts can be stored.
#[derive(Debug)]
pub struct Health {
    clock: Clock,
    /// Since when they cannot, in milliseconds since 1970; 0 when they can.
    since: AtomicU64,
    /// When the log said so last.
    said: AtomicU64,
    /// Facts refused, and people turned away, since then.
    refused: AtomicU64,
    turned_away: AtomicU64,
}

/// A store that takes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    /// For how long.
    pub lasted: Duration,
    /// How often it has refused facts.
    pub refused: u64,
    /// How often people were turned away.
    pub turned_away: u64,
}

impl Health {
    /// A store that is well, until it is seen not to be.
    pub fn new(clock: Clock) -> Self {
        let zero = || AtomicU64::new(0);
        Self { clock, since: zero(), said: zero(), refused: zero(), turned_away: zero() }
    }

    /// The time.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What is wrong, if anything is.
    pub fn trouble(&self) -> Option<Trouble> {
        let since = self.since.load(Relaxed);
        (since > 0).then(|| Trouble {
            lasted: self.clock.now().since(Timestamp(since)),
            refused: self.refused.load(Relaxed),
            turned_away: self.turned_away.load(Relaxed),
        })
    }

    /// Somebody was not let in because of it.
    pub fn turn_away(&self) {
        self.turned_away.fetch_add(1, Relaxed);
    }

    /// Facts could not be stored.
    pub(super) fn failed(&self, error: &dyn std::fmt::Display) {
        let now = self.clock.now().0.max(1);
        self.refused.fetch_add(1, Relaxed);
        let first = self.since.compare_exchange(0, now, Relaxed, Relaxed).is_ok();
        let said = self.said.load(Relaxed);
        if first || now.saturating_sub(said) >= SAY_EVERY.as_millis() as u64 {
            self.said.store(now, Relaxed);
            let trouble = self.trouble();
            tracing::error!(
                %error,
                seconds = trouble.map(|trouble| trouble.lasted.as_secs()),
                turned_away = trouble.map(|trouble| trouble.turned_away),
                "facts not stored: nobody new is let in and games wait until the disk takes data again; what was \
                 acknowledged is safe"
            );
        }
    }

    /// The store takes facts again.
    pub(super) fn succeeded(&self) {
        let Some(trouble) = self.trouble() else { return };
        self.since.store(0, Relaxed);
        self.refused.store(0, Relaxed);
        self.turned_away.store(0, Relaxed);
        let Trouble { lasted, refused, turned_away } = trouble;
        tracing::warn!(seconds = lasted.as_secs(), refused, turned_away, "facts are stored again");
    }
}
