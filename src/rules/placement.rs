//! Which worker runs which game, and whether there is room for another one.
//!
//! A worker is one process and takes one core: what its games need of it in a second may not be more than a share of that
//! second. What a frame of a scene costs is learnt when the scene is tried out, and measured while it is played.

use std::collections::BTreeMap;

use crate::ids::{GameId, SceneId};
use crate::time::Timestamp;

/// Weight of a new measurement in a scene's estimate.
const NEWEST: f64 = 0.2;

/// Who runs what.
#[derive(Debug, Clone)]
pub struct Placement {
    limit: f64,
    up: Vec<bool>,
    scenes: BTreeMap<SceneId, Cost>,
    games: BTreeMap<GameId, (SceneId, usize)>,
}

#[derive(Debug, Clone, Copy)]
struct Cost {
    fps: u32,
    micros: f64,
}

/// What there is room for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Room {
    /// How many further games may begin.
    pub games: u32,
    /// Why no more, for the operator.
    pub reason: Option<String>,
}

/// What can be seen of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct View {
    /// Each scene that was tried out.
    pub scenes: BTreeMap<SceneId, SceneView>,
}

/// A scene.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SceneView {
    /// What a frame costs, in microseconds.
    pub frame_us: u64,
    /// The share of a worker's time that a game takes.
    pub load: f64,
    /// Games that are running.
    pub games: usize,
    /// Games that were granted and have not begun.
    pub reserved: usize,
    /// Games that there was no room for.
    pub refused: u32,
}

impl Placement {
    /// No worker is up, and no scene is known. Of each worker's time at most the share `limit` is given away.
    pub fn new(workers: usize, limit: f64) -> Self {
        Self { limit, up: vec![false; workers], scenes: BTreeMap::new(), games: BTreeMap::new() }
    }

    /// A scene was tried out: what one of its frames costs, and how many of them a second has.
    pub fn learnt(&mut self, scene: &SceneId, fps: u32, micros: u32) {
        self.scenes.entry(scene.clone()).or_insert(Cost { fps, micros: f64::from(micros) });
    }

    /// What frames of a scene cost lately.
    pub fn measured(&mut self, scene: &SceneId, micros_per_frame: f64) {
        if let Some(cost) = self.scenes.get_mut(scene) {
            cost.micros += (micros_per_frame - cost.micros) * NEWEST;
        }
    }

    /// A worker takes games.
    pub fn up(&mut self, worker: usize) {
        self.up[worker] = true;
    }

    /// A worker is gone, and its games have no place.
    pub fn down(&mut self, worker: usize) {
        self.up[worker] = false;
        self.games.retain(|_, (_, at)| *at != worker);
    }

    /// May so many further games of a scene begin? What is granted is kept free for a while.
    pub fn reserve(&mut self, _now: Timestamp, scene: &SceneId, want: u32) -> Room {
        let free: f64 =
            (0..self.up.len()).filter(|worker| self.up[*worker]).map(|worker| self.limit - self.load(worker)).sum();
        let share = self.scenes.get(scene).map_or(f64::INFINITY, share);
        let games = want.min((free / share) as u32);
        Room { games, reason: (games < want).then(|| "the workers have no time for more".to_owned()) }
    }

    /// So many games, granted before, do not begin after all.
    pub fn give_back(&mut self, _scene: &SceneId, _games: u32) {}

    /// The worker that a game is to run on; `None` while none is up.
    pub fn place(&mut self, _now: Timestamp, game: GameId, scene: &SceneId) -> Option<usize> {
        self.games.remove(&game);
        let up = (0..self.up.len()).filter(|worker| self.up[*worker]);
        let worker = up.min_by(|one, other| self.load(*one).total_cmp(&self.load(*other)))?;
        self.games.insert(game, (scene.clone(), worker));
        Some(worker)
    }

    /// A game needs its place no longer.
    pub fn leave(&mut self, game: GameId) {
        self.games.remove(&game);
    }

    /// The games on a worker.
    pub fn games_on(&self, worker: usize) -> Vec<GameId> {
        self.games.iter().filter(|(_, (_, at))| *at == worker).map(|(game, _)| *game).collect()
    }

    /// What can be seen of it.
    pub fn view(&self) -> View {
        let seen = |(scene, cost): (&SceneId, &Cost)| {
            let games = self.games.values().filter(|(of, _)| of == scene).count();
            let view = SceneView { frame_us: cost.micros as u64, load: share(cost), games, ..SceneView::default() };
            (scene.clone(), view)
        };
        View { scenes: self.scenes.iter().map(seen).collect() }
    }

    fn load(&self, worker: usize) -> f64 {
        let here = self.games.values().filter(|(_, at)| *at == worker);
        here.filter_map(|(scene, _)| self.scenes.get(scene)).map(share).sum()
    }
}

/// The share of a worker's time that a game takes.
fn share(cost: &Cost) -> f64 {
    cost.micros.max(1.0) * f64::from(cost.fps) / 1e6
}
