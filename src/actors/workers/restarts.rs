//! Workers that have ended: who hears of it, and when they are started again.

use std::time::Duration;

use super::{Down, Message, TRIALS, Workers};
use crate::actors::host::Me;
use crate::actors::runner;
use crate::ids::{GameId, SceneId};

/// A worker that has taken games for so long has been started well.
const SOUND: Duration = Duration::from_secs(60);

/// Time until a worker is started again: none the first time, then doubled each time.
const FIRST_REST: Duration = Duration::from_millis(250);

/// Longest time until a worker is started again.
const LONGEST_REST: Duration = Duration::from_secs(30);

impl Workers {
    pub(super) fn down(&mut self, down: Down, me: &Me<Message>) {
        let Down { number, culprit, learning, reason } = down;
        let now = self.clock.now();
        let slot = &mut self.slots[number];
        slot.worker = None;
        let ready = slot.ready.take();
        if ready.is_some_and(|since| now.since(since) >= SOUND) {
            slot.failures = 0;
        }
        let rest = rest(slot.failures);
        slot.failures = slot.failures.saturating_add(1);
        slot.restarts += 1;
        if self.draining {
            return;
        }
        let again_ms = u64::try_from(rest.as_millis()).unwrap_or(u64::MAX);
        match ready {
            Some(_) => tracing::error!(worker = number, reason, again_ms, "a worker has ended; it is started again"),
            None => tracing::error!(worker = number, reason, again_ms, "a worker cannot be started; it is tried again"),
        }
        if let Some(scene) = learning {
            self.blame(&scene, &reason);
        }
        self.placement.down(number);
        // Games that are to go on ask for another place.
        let lost: Vec<GameId> =
            self.games.iter().filter(|(_, guest)| guest.at == Some(number)).map(|(game, _)| *game).collect();
        for game in lost {
            if let Some(guest) = self.games.remove(&game) {
                let culprit = culprit == Some(game);
                let _ = guest.runner.tell(runner::Message::Lost { culprit, reason: reason.clone() });
            }
        }
        let address = me.address().clone();
        tokio::spawn(async move {
            tokio::time::sleep(rest).await;
            let _ = address.tell(Message::Start(number));
        });
    }

    /// Trying out a scene has ended a worker.
    fn blame(&mut self, scene: &SceneId, reason: &str) {
        let trials = self.trials.entry(scene.clone()).or_default();
        *trials += 1;
        if *trials >= TRIALS {
            let why = format!("trying out the scene {scene} has ended {TRIALS} workers: {reason}");
            tracing::error!(%scene, "there can be no games of a scene: {why}");
            self.broken.insert(scene.clone(), why);
        }
    }
}

/// Time until a worker that has ended early so often before is started again.
fn rest(failures: u32) -> Duration {
    match failures.checked_sub(1) {
        None => Duration::ZERO,
        Some(doublings) => FIRST_REST.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST_REST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_that_end_early_rest_longer() {
        let rests: Vec<u128> = (0..5).map(|failures| rest(failures).as_millis()).collect();
        assert_eq!(rests, [0, 250, 500, 1000, 2000]);
        assert_eq!(rest(1000), LONGEST_REST);
    }
}
