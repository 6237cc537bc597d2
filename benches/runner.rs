//! What it costs to run environments on the service, as a ratio to the floor: a plain Python process that steps the same
//! environment with the same actions and does nothing else.
//!
//! `cargo bench --bench runner`. Workers are real processes with the real Python package. What is counted is a worker's time
//! for each frame, which comes with each turn, and how many games are held: their clocks tick in this process, as those of
//! the service do, and order one frame at a time. A game is held while it never has to wait for its worker. The store and
//! the sockets have no part in this; `steps` and `relay` tell of them.

#[path = "../tests/workers/support.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod support;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use greenroom::actors::workers::Plan;
use greenroom::experiment::{Experiment, GymScene, Mode, Scene, Stager};
use greenroom::python::Interpreter;
use greenroom::rules::shared_game::{News, Order};
use rmpv::Value;
use serde_bytes::ByteBuf;
use support::{Game, House, launch, until};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};

const FPS: u32 = 30;
/// Frames of a round of the ratio; no episode is shorter.
const FRAMES: u32 = 600;
const ROUNDS: usize = 5;
/// How long games are held.
const SECONDS: u32 = 5;
/// Frames that a game may be ahead of its worker, as in streamed games.
const LAG: u32 = 2;
/// Ticks later than this are too late.
const LATE_MS: u128 = 5;
const MOST_GAMES: usize = 240;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let interpreter = Interpreter::start(&root.join(".venv"), &root.join("assets/python")).unwrap();
    for name in ["volley", "overcooked"] {
        let loaded = interpreter.load(&root.join(format!("experiments/{name}.py"))).unwrap();
        println!("{name}");
        println!("  mode           worker us a frame   plain Python us   ratio");
        for (mode, render) in [(Mode::Authoritative, false), (Mode::Streamed, true)] {
            let study = Study::of(&loaded.experiment, mode);
            let mut ratios = Vec::new();
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                let worker = runtime.block_on(step(&study));
                let floor = floor(&study.gym, render);
                ratios.push(worker / floor);
                ours.push(worker);
                theirs.push(floor);
            }
            println!(
                "  {:13} {:18.1} {:17.1} {:7.2}   {}",
                format!("{mode:?}").to_lowercase(),
                median(&mut ours),
                median(&mut theirs),
                median(&mut ratios),
                if render { "(plain Python steps and renders)" } else { "(plain Python steps)" }
            );
        }
        println!("  games at {FPS} fps, streamed, for {SECONDS} s each");
        println!("  workers  games   tick late p50 / p99 / max ms   waited for the worker   load of a worker");
        let study = Study::of(&loaded.experiment, Mode::Streamed);
        for workers in [1, 2] {
            let held = runtime.block_on(hold(&study, workers));
            println!("  {workers:7}  holds {held} games, {:.1} for each worker", held as f64 / workers as f64);
        }
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// One game scene of a study, at this bench's rate, in this mode.
struct Study {
    experiment: Arc<Experiment>,
    gym: GymScene,
}

impl Study {
    fn of(experiment: &Experiment, mode: Mode) -> Self {
        let mut experiment = experiment.clone();
        let mut found = None;
        let scenes = experiment.stager.scenes().iter().cloned().map(|scene| match scene {
            Scene::Gym(mut gym) => {
                gym.mode = mode;
                gym.rendering.fps = FPS;
                found = Some(GymScene::clone(&gym));
                Scene::Gym(gym)
            }
            other => other,
        });
        let scenes = scenes.collect();
        experiment.stager = Stager::new(scenes).unwrap();
        Self { experiment: Arc::new(experiment), gym: found.expect("a game scene") }
    }

    async fn house(&self, workers: usize) -> House {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments");
        let plan = Plan { count: workers, launch: launch("assets"), folder };
        let house = House::of(plan, self.experiment.clone()).await;
        until("the workers start", async || {
            let workers = house.census().await.workers;
            workers.iter().all(|worker| worker.up).then_some(())
        })
        .await;
        house
    }

    /// What everybody does in a frame: something for a sixth of a second, then something else.
    fn actions(&self, frame: u32) -> Vec<ByteBuf> {
        let seats = u32::try_from(self.gym.seats().count()).unwrap();
        (0..seats).map(|seat| packed(&self.gym.gameplay.action_mapping[choice(&self.gym, frame, seat)].1)).collect()
    }
}

fn choice(gym: &GymScene, frame: u32, seat: u32) -> usize {
    (frame / 5 * 7 + seat * 3) as usize % gym.gameplay.action_mapping.len()
}

fn packed(value: &Value) -> ByteBuf {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).unwrap();
    ByteBuf::from(bytes)
}

/// Microseconds of a worker for each frame of one game that comes frame by frame.
async fn step(study: &Study) -> f64 {
    let house = study.house(1).await;
    let mut game = house.begun(study.gym.scene_id.as_str(), 1).await;
    let mut micros = 0;
    for frame in 0..FRAMES {
        let order = Order::Advance { episode: 0, first: frame, frames: vec![study.actions(frame)], complete: 0 };
        game.order(order).await;
        micros += u64::from(game.turn().await.micros);
    }
    house.close().await;
    micros as f64 / f64::from(FRAMES)
}

/// Microseconds of a plain Python process for the same frames.
fn floor(gym: &GymScene, render: bool) -> f64 {
    const LOOP: &str = "
import json, sys, time
sys.path[:0] = sys.argv[1:3]
code, names, frames, render = json.load(sys.stdin)
space = {}
exec(compile(code, 'env.py', 'exec'), space)
env = space['env']
env.reset(seed=1)
agents = {str(agent): agent for agent in env.possible_agents}
frames = [{agents[name]: action for name, action in zip(names, frame)} for frame in frames]
began = time.perf_counter()
for actions in frames:
    env.step(actions)
    if render:
        env.render()
print((time.perf_counter() - began) / len(frames) * 1e6)
";
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let seats = u32::try_from(gym.seats().count()).unwrap();
    let actions: Vec<Vec<&Value>> = (0..FRAMES)
        .map(|frame| (0..seats).map(|seat| &gym.gameplay.action_mapping[choice(gym, frame, seat)].1).collect())
        .collect();
    let names: Vec<&str> = gym.seats().collect();
    let given = serde_json::to_vec(&(&gym.runtime.code, names, actions, render)).unwrap();
    let mut python = Command::new(root.join(".venv/bin/python"))
        .args(["-c", LOOP])
        .args([root.join("assets/python"), root.join("experiments")])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut python.stdin.take().unwrap(), &given).unwrap();
    let output = python.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().last().and_then(|line| line.parse().ok()).expect("the plain loop tells its time")
}

/// Most games that are held.
async fn hold(study: &Study, workers: usize) -> usize {
    let house = study.house(workers).await;
    let cost = house.census().await.scenes[&study.gym.scene_id].frame_us.max(1);
    // As many as would fill the workers if nothing else took time.
    let full = workers as f64 * 1e6 / (f64::from(FPS) * cost as f64);
    let mut games: Vec<(Game, u32)> = Vec::new();
    let mut held = 0;
    for share in [0.25, 0.5, 0.65, 0.8, 0.9, 1.0, 1.2, 1.5] {
        let wanted = ((full * share) as usize).clamp(1, MOST_GAMES);
        if wanted <= held {
            continue;
        }
        while games.len() < wanted {
            games.push((house.begun(study.gym.scene_id.as_str(), games.len() as u32).await, 0));
        }
        house.census().await;
        let count = games.len();
        let began = Instant::now() + Duration::from_millis(100);
        let period = Duration::from_secs(1) / FPS;
        let mut playing = tokio::task::JoinSet::new();
        for (number, (mut game, _)) in games.drain(..).enumerate() {
            // Each run begins an episode, as none may end in the middle.
            game.begin(1).await;
            let actions: Vec<Vec<ByteBuf>> = (0..FPS * SECONDS).map(|frame| study.actions(frame)).collect();
            let first = began + period.mul_f64(number as f64 / count as f64);
            playing.spawn(keep_time(game, actions, first, period));
        }
        let (mut late, mut waited) = (Vec::new(), 0);
        while let Some(played) = playing.join_next().await {
            let (game, lateness, waits) = played.unwrap();
            games.push((game, 0));
            late.extend(lateness);
            waited += waits;
        }
        late.sort_unstable();
        let quantile = |share: f64| late[((late.len() - 1) as f64 * share) as usize];
        let loads: Vec<String> =
            house.census().await.workers.iter().map(|worker| format!("{:.2}", worker.load)).collect();
        println!(
            "  {workers:7}  {count:5}   {:13} / {} / {} {waited:18} of {}   {}",
            quantile(0.5),
            quantile(0.99),
            quantile(1.0),
            late.len(),
            loads.join(" ")
        );
        if waited > 0 || quantile(0.99) > LATE_MS {
            break;
        }
        held = count;
    }
    house.close().await;
    held
}

/// Plays a game by the clock. Gives it back with the lateness of each tick in milliseconds, and the number of ticks that
/// had to wait for the worker.
async fn keep_time(
    mut game: Game,
    actions: Vec<Vec<ByteBuf>>,
    first: Instant,
    period: Duration,
) -> (Game, Vec<u128>, usize) {
    let mut clock = interval_at(first, period);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut late, mut waits) = (Vec::with_capacity(actions.len()), 0);
    let (mut ordered, mut played) = (0, 0);
    while ordered < actions.len() as u32 {
        tokio::select! {
            biased;
            news = game.news() => played = frames_of(news),
            due = clock.tick() => {
                late.push(due.elapsed().as_millis());
                if ordered - played > LAG {
                    waits += 1;
                    continue;
                }
                let frames = vec![actions[ordered as usize].clone()];
                game.order(Order::Advance { episode: 0, first: ordered, frames, complete: 0 }).await;
                ordered += 1;
            }
        }
    }
    while played < ordered {
        played = frames_of(game.news().await);
    }
    sleep(Duration::ZERO).await;
    (game, late, waits)
}

fn frames_of(news: News) -> u32 {
    match news {
        News::Turn(turn) => turn.frame,
        other => panic!("no turn: {other:?}"),
    }
}
