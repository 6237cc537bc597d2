//! Which worker runs which game, and whether there is room for another one.
//!
//! A worker runs its games on one core, one frame after the other. What a frame of a scene costs is tried out when the
//! worker starts and measured while games run; a game's *load* is that cost times its frames per second. A further game
//! may begin where all loads together stay within a limit, which leaves a share of the core for what cannot be foreseen.
//!
//! Only beginnings are refused. A game that has begun is placed in any case, on the worker that has the least to do: it
//! would rather be late than be gone. Room is granted before people are asked whether they are there ([`Placement::reserve`]),
//! counts as taken from then on, and comes back by itself when nothing comes of it.
//!
//! Loads are whole microseconds per second, so that what fits does not depend on the order in which loads are added.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::ids::{GameId, SceneId};
use crate::time::Timestamp;

/// Time for which granted room is kept free: a ready-check and the start of a game, many times over.
pub const RESERVED: Duration = Duration::from_secs(60);

/// Load of a game whose scene was never tried out: after a restart, running games come before the trial.
const UNKNOWN: u64 = 100_000;

/// A core's worth of load: a second of work in each second.
const CORE: f64 = 1e6;

/// No frame counts as more than an hour, in nanoseconds.
const SLOWEST: f64 = 3.6e12;

/// Workers that a reason names one by one; of more it names the least and the most loaded.
const NAMED: usize = 4;

/// Who runs where.
#[derive(Debug, Clone)]
pub struct Placement {
    limit: u64,
    /// Whether each worker is running.
    workers: Vec<bool>,
    scenes: BTreeMap<SceneId, Scene>,
    games: BTreeMap<GameId, Placed>,
    reservations: Vec<Reservation>,
}

#[derive(Debug, Clone, Default)]
struct Scene {
    fps: u32,
    /// Moving estimate of a frame's cost.
    nanos: u64,
    refused: u32,
}

#[derive(Debug, Clone)]
struct Placed {
    scene: SceneId,
    worker: usize,
    standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It runs there.
    Here,
    /// The worker went down, and it was not placed again yet; since when, as soon as that is known.
    Lost(Option<Timestamp>),
}

#[derive(Debug, Clone)]
struct Reservation {
    at: Timestamp,
    scene: SceneId,
    worker: usize,
}

/// What there is room for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Room {
    /// How many further games may begin.
    pub games: u32,
    /// Why no more, or what else the operator should know, in words.
    pub reason: Option<String>,
}

/// What can be seen of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct View {
    /// The workers, by number.
    pub workers: Vec<WorkerView>,
    /// The scenes that are known.
    pub scenes: BTreeMap<SceneId, SceneView>,
}

/// What can be seen of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WorkerView {
    /// Whether it is running.
    pub up: bool,
    /// Games that it runs.
    pub games: usize,
    /// Share of a core that they take, together with what is reserved.
    pub load: f64,
}

/// What can be seen of a scene.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SceneView {
    /// Cost of a frame, in microseconds.
    pub frame_us: u64,
    /// Share of a core that one game takes.
    pub load: f64,
    /// Games that run.
    pub games: usize,
    /// Games that may begin.
    pub reserved: usize,
    /// How many of the games that were asked for last had no room.
    pub refused: u32,
}

impl Placed {
    fn on(&self, worker: usize) -> bool {
        self.worker == worker && self.standing == Standing::Here
    }
}

impl Placement {
    /// So many workers, none of which is up yet, and the share of a core that may be planned for on each.
    pub fn new(workers: usize, limit: f64) -> Self {
        Self {
            limit: (limit.clamp(0.0, 1.0) * CORE) as u64,
            workers: vec![false; workers],
            scenes: BTreeMap::new(),
            games: BTreeMap::new(),
            reservations: Vec::new(),
        }
    }

    /// A worker has tried out a scene: its rate, and what a frame costs.
    pub fn learnt(&mut self, scene: &SceneId, fps: u32, micros: u32) {
        let known = self.scenes.entry(scene.clone()).or_default();
        // The most expensive trial counts: what is too much falls again while games run.
        (known.fps, known.nanos) = (fps, known.nanos.max(u64::from(micros) * 1000));
    }

    /// What a frame of a running game cost, on average over a while. The estimate rises fast and falls slowly: a level that
    /// is hard comes again.
    pub fn measured(&mut self, scene: &SceneId, micros_per_frame: impl Into<f64>) {
        if let Some(known) = self.scenes.get_mut(scene) {
            let nanos = (micros_per_frame.into() * 1e3).clamp(0.0, SLOWEST) as u64;
            known.nanos = match nanos.checked_sub(known.nanos) {
                Some(more) => known.nanos + more.div_ceil(4),
                None => known.nanos - (known.nanos - nanos) / 64,
            };
        }
    }

    /// A worker is ready.
    pub fn up(&mut self, worker: usize) {
        if let Some(up) = self.workers.get_mut(worker) {
            *up = true;
        }
    }

    /// A worker is gone. Its games are to be placed again, one by one, by [`Placement::place`]; until then
    /// [`Placement::games_on`] still names them.
    pub fn down(&mut self, worker: usize) {
        let Some(up) = self.workers.get_mut(worker) else { return };
        *up = false;
        self.games.values_mut().filter(|game| game.on(worker)).for_each(|game| game.standing = Standing::Lost(None));
        // What was granted is kept elsewhere if it fits there.
        let (lost, kept) = std::mem::take(&mut self.reservations).into_iter().partition(|one| one.worker == worker);
        self.reservations = kept;
        for one in lost as Vec<Reservation> {
            if let Some(worker) = self.load_of(&one.scene).and_then(|load| self.room_for(load)) {
                self.reservations.push(Reservation { worker, ..one });
            }
        }
    }

    /// Grants room for up to `want` further games of a scene.
    pub fn reserve(&mut self, now: Timestamp, scene: &SceneId, want: u32) -> Room {
        self.expire(now);
        let mut room = Room::default();
        let load = self.load_of(scene);
        while let (true, Some(worker)) = (room.games < want, load.and_then(|load| self.room_for(load))) {
            self.reservations.push(Reservation { at: now, scene: scene.clone(), worker });
            room.games += 1;
        }
        if let Some(known) = self.scenes.get_mut(scene) {
            known.refused = want - room.games;
        }
        room.reason = match load {
            None => Some(format!("{scene} has not been tried out on a worker yet")),
            Some(load) if load > self.limit => Some(self.too_dear(scene, load)),
            Some(load) => (room.games < want).then(|| self.full(scene, load)),
        };
        room
    }

    /// So many games of a scene, granted before, do not begin after all.
    pub fn give_back(&mut self, scene: &SceneId, n: u32) {
        for _ in 0..n {
            if self.use_up(scene).is_none() {
                return;
            }
        }
    }

    /// A worker for a game; `None` only when none is up. A game that runs already stays where it is.
    pub fn place(&mut self, now: Timestamp, game: GameId, scene: &SceneId) -> Option<usize> {
        self.expire(now);
        let before = self.games.get(&game);
        if let Some(placed) = before.filter(|placed| placed.standing == Standing::Here) {
            return Some(placed.worker);
        }
        if before.is_none() {
            self.use_up(scene);
        }
        // Whatever was reserved on another worker fits on the one that has the least to do as well.
        let worker = self.least()?;
        self.games.insert(game, Placed { scene: scene.clone(), worker, standing: Standing::Here });
        Some(worker)
    }

    /// A game needs its environment no longer.
    pub fn leave(&mut self, game: GameId) {
        self.games.remove(&game);
    }

    /// The games of a worker, also those that it lost and that were not placed again yet.
    pub fn games_on(&self, worker: usize) -> impl Iterator<Item = GameId> + '_ {
        self.games.iter().filter(move |(_, placed)| placed.worker == worker).map(|(game, _)| *game)
    }

    /// What can be seen of it.
    pub fn view(&self) -> View {
        let share = |load: u64| load as f64 / CORE;
        let worker = |(worker, up): (usize, &bool)| WorkerView {
            up: *up,
            games: self.games.values().filter(|game| game.on(worker)).count(),
            load: share(self.load(worker)),
        };
        let scene = |(id, known): (&SceneId, &Scene)| {
            let view = SceneView {
                frame_us: known.nanos / 1000,
                load: share(self.load_of(id).unwrap_or(UNKNOWN)),
                games: self.games.values().filter(|game| game.standing == Standing::Here && game.scene == *id).count(),
                reserved: self.reservations.iter().filter(|one| one.scene == *id).count(),
                refused: known.refused,
            };
            (id.clone(), view)
        };
        View {
            workers: self.workers.iter().enumerate().map(worker).collect(),
            scenes: self.scenes.iter().map(scene).collect(),
        }
    }

    fn expire(&mut self, now: Timestamp) {
        self.reservations.retain(|one| now.since(one.at) < RESERVED);
        // A game that has ended with its worker does not ask for another place.
        self.games.retain(|_, game| match &mut game.standing {
            Standing::Here => true,
            Standing::Lost(since) => now.since(*since.get_or_insert(now)) < RESERVED,
        });
    }

    /// Takes the oldest reservation of a scene.
    fn use_up(&mut self, scene: &SceneId) -> Option<Reservation> {
        let oldest = self.reservations.iter().position(|one| one.scene == *scene)?;
        Some(self.reservations.remove(oldest))
    }

    /// Load of one game of a scene; `None` when the scene was never tried out.
    fn load_of(&self, scene: &SceneId) -> Option<u64> {
        let known = self.scenes.get(scene)?;
        // Even a frame that costs nothing measurable is something.
        Some(known.nanos.saturating_mul(u64::from(known.fps)).div_ceil(1000).max(1))
    }

    /// The games of a worker and what is reserved there.
    fn scenes_on(&self, worker: usize) -> impl Iterator<Item = &SceneId> {
        let games = self.games.values().filter(move |game| game.on(worker));
        let reserved = self.reservations.iter().filter(move |one| one.worker == worker);
        games.map(|game| &game.scene).chain(reserved.map(|one| &one.scene))
    }

    fn load(&self, worker: usize) -> u64 {
        self.scenes_on(worker).map(|scene| self.load_of(scene).unwrap_or(UNKNOWN)).sum()
    }

    fn running(&self) -> impl Iterator<Item = usize> + '_ {
        self.workers.iter().enumerate().filter(|(_, up)| **up).map(|(worker, _)| worker)
    }

    /// The worker that has the least to do.
    fn least(&self) -> Option<usize> {
        self.running().min_by_key(|worker| (self.load(*worker), *worker))
    }

    /// The worker on which a further game of this load may begin.
    fn room_for(&self, load: u64) -> Option<usize> {
        let least = self.least()?;
        // A game that is too much for any worker is worth a worker of its own.
        let fits = self.load(least).saturating_add(load) <= self.limit || self.scenes_on(least).next().is_none();
        fits.then_some(least)
    }

    fn full(&self, scene: &SceneId, load: u64) -> String {
        let (state, needs) = (self.state(), percent(load));
        format!("{state}; a game of {scene} needs {needs}")
    }

    fn too_dear(&self, scene: &SceneId, load: u64) -> String {
        let (state, needs, limit) = (self.state(), percent(load), percent(self.limit));
        format!(
            "a game of {scene} needs {needs} of a core, more than the {limit} of a worker, so it plays alone on one; {state}"
        )
    }

    /// How the workers stand.
    fn state(&self) -> String {
        let mut loads: Vec<u64> = self.running().map(|worker| self.load(worker)).collect();
        loads.sort_unstable();
        let named: Vec<String> = loads.iter().map(|load| percent(*load)).collect();
        let down = match self.workers.len() - loads.len() {
            0 => String::new(),
            down => format!(", {down} not ready"),
        };
        match &named[..] {
            [] if self.workers.is_empty() => "there are no workers".into(),
            [] => format!("none of {} workers is ready", self.workers.len()),
            [one] => format!("1 worker is full ({one} of a core{down})"),
            [first @ .., last] if loads.len() <= NAMED => {
                format!("{} workers are full ({} and {last} of a core{down})", loads.len(), first.join(", "))
            }
            [first, .., last] => {
                format!("{} workers are full (from {first} to {last} of a core{down})", loads.len())
            }
        }
    }
}

fn percent(load: u64) -> String {
    // Rounded up: what is a little over a limit must not look like the limit.
    format!("{} %", load.div_ceil(10_000))
}

#[cfg(test)]
mod tests;
