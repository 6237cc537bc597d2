//! What the workers do, for the operator.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::Workers;
use crate::ids::SceneId;
use crate::rules::placement::SceneView;

/// What the workers do.
#[derive(Debug, Clone, Default)]
pub struct Census {
    /// Each worker.
    pub workers: Vec<WorkerCensus>,
    /// Each scene that was tried out.
    pub scenes: BTreeMap<SceneId, SceneView>,
}

/// What a worker does.
#[derive(Debug, Clone, Default)]
pub struct WorkerCensus {
    /// Which one it is.
    pub number: usize,
    /// Whether it takes games.
    pub up: bool,
    /// Games on it.
    pub games: usize,
    /// The share of a core that it has used since the last census.
    pub load: f64,
    /// Median time of a frame since then.
    pub step_p50: Duration,
    /// 99th percentile of it.
    pub step_p99: Duration,
    /// How often it was started again.
    pub restarts: u64,
}

impl Workers {
    pub(super) fn census(&mut self) -> Census {
        let now = Instant::now();
        let mut workers = Vec::with_capacity(self.slots.len());
        for (number, slot) in self.slots.iter_mut().enumerate() {
            let (micros, frames) = (slot.gauge.micros(), slot.gauge.frames.read());
            let load = slot
                .read
                .replace((now, micros))
                .map_or(0.0, |(at, before)| (micros - before) as f64 / (now - at).as_micros().max(1) as f64);
            workers.push(WorkerCensus {
                number,
                up: slot.ready.is_some(),
                games: self.games.values().filter(|guest| guest.at == Some(number)).count(),
                load,
                step_p50: frames.busy_p50,
                step_p99: frames.busy_p99,
                restarts: slot.restarts,
            });
        }
        Census { workers, scenes: self.placement.view().scenes }
    }
}
