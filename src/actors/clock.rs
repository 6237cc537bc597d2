//! The service's clock, and ticks that never queue up.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};

use super::host::{Address, Reply};
use crate::time::Timestamp;

/// Wall-clock time that never runs backwards: read once from the system, then carried on by the monotonic clock. A
/// system clock that jumps therefore moves no time stamp, and tests can pause it with tokio's.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    wall: Timestamp,
    started: Instant,
}

impl Clock {
    /// A clock set by the system's.
    pub fn system() -> Self {
        #[allow(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
        let wall = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Self { wall: Timestamp::default() + wall, started: Instant::now() }
    }

    /// The same, if it is later than `at`; else a clock that goes on from there. What a restarted service notes must not
    /// come before what it noted already, even when the system's clock was set back meanwhile.
    #[must_use]
    pub fn no_earlier_than(self, at: Timestamp) -> Self {
        Self { wall: self.wall.max(at), ..self }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.wall + self.started.elapsed()
    }
}

impl Clock {
    /// The moment at which this clock shows `at`; now, when that is past.
    pub fn instant(&self, at: Timestamp) -> Instant {
        self.started + at.since(self.wall)
    }
}

/// Wakes an actor when something is due. Waking is acknowledged, so that a slow actor meets one call, not a hundred.
#[derive(Debug)]
pub struct Alarm {
    due: watch::Sender<Option<Instant>>,
}

impl Alarm {
    /// An alarm that is not set.
    pub fn new<M: Send + 'static>(address: Address<M>, message: impl Fn(Reply<()>) -> M + Send + 'static) -> Self {
        let (due, mut changes) = watch::channel(None);
        tokio::spawn(async move {
            loop {
                let at: Option<Instant> = *changes.borrow_and_update();
                let time = async {
                    match at {
                        Some(at) => tokio::time::sleep_until(at).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    biased;
                    changed = changes.changed() => {
                        if changed.is_err() {
                            return;
                        }
                    }
                    () = time => {
                        let (reply, answer) = Reply::new();
                        if address.send(message(reply)).await.is_err() {
                            return;
                        }
                        let _ = answer.await;
                    }
                }
            }
        });
        Self { due }
    }

    /// Sets it to another time, or to none.
    pub fn set(&self, due: Option<Instant>) {
        self.due.send_if_modified(|known| std::mem::replace(known, due) != due);
    }
}

/// Sends a tick every `period` until the actor is gone. Each tick is acknowledged before the next is sent and missed ones
/// are skipped, so that a slow handler meets one tick, not a hundred.
pub fn tick<M: Send + 'static>(
    address: Address<M>,
    period: Duration,
    message: impl Fn(Reply<()>) -> M + Send + 'static,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut interval = tokio::time::interval_at(Instant::now() + period, period);
        interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            interval.tick().await;
            let (reply, answer) = Reply::new();
            if address.send(message(reply)).await.is_err() {
                return;
            }
            // A dropped reply (the actor crashed in between) shows at the next send.
            let _ = answer.await;
        }
    })
}
