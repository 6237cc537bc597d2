//! Workers over real processes, with a game that does as the test says.

#[path = "../support/studies.rs"]
pub mod studies;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use greenroom::actors::clock::Clock;
use greenroom::actors::game::Message;
use greenroom::actors::host::{Address, Failure, Me, Room, spawn_root};
use greenroom::actors::meter::Meters;
use greenroom::actors::runner::{self, Life, Runner};
use greenroom::actors::worker::Launch;
use greenroom::actors::workers::{self, Census, Plan, Workers};
use greenroom::experiment::*;
use greenroom::ids::GameId;
use greenroom::rules::shared_game::{News, Order};
use greenroom::wire::Turn;
use serde_bytes::ByteBuf;
use studies::{end, game, id, start, study_of};
use tokio::sync::mpsc;

/// Longer than anything takes that goes well.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A study with a game scene for each name and code.
pub fn study(scenes: &[(&str, &str)]) -> Arc<Experiment> {
    let streamed = |(name, code): &(&str, &str)| {
        let mut scene = game(name, &["human"]);
        scene.mode = Mode::Streamed;
        scene.rendering.fps = 30;
        scene.runtime.code = (*code).into();
        Scene::Gym(Box::new(scene))
    };
    let scenes = [Scene::Start(start())].into_iter().chain(scenes.iter().map(streamed)).chain([Scene::End(end())]);
    Arc::new(study_of(Stager::new(scenes.collect()).unwrap()))
}

/// This program as a worker, with the package `greenroom` below a folder.
pub fn launch(python: &str) -> Launch {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let arguments =
        ["worker".into(), "--venv".into(), root.join(".venv").into(), "--assets".into(), root.join(python).into()];
    Launch { program: PathBuf::from(env!("CARGO_BIN_EXE_greenroom")), arguments: arguments.into() }
}

/// Workers.
pub struct House {
    pub workers: Address<workers::Message>,
}

impl House {
    pub async fn open(count: usize, scenes: &[(&str, &str)]) -> Self {
        Self::with(count, scenes, launch("tests/workers/stand_in")).await
    }

    pub async fn with(count: usize, scenes: &[(&str, &str)], launch: Launch) -> Self {
        Self::of(Plan { count, launch, folder: "/study".into() }, study(scenes)).await
    }

    pub async fn of(plan: Plan, experiment: Arc<Experiment>) -> Self {
        let workers = Workers::new(plan, experiment, Clock::system());
        Self { workers: spawn_root(workers, Meters::default()).await.unwrap() }
    }

    /// A game whose environment is being made.
    pub async fn game(&self, of: &str) -> Game {
        let (news, heard) = mpsc::unbounded_channel();
        let home = spawn_root(Home { news }, Meters::default()).await.unwrap();
        let runner = Runner::new(GameId::fresh(), id(of), 0, self.workers.clone(), home);
        let runner = spawn_root(runner, Meters::default()).await.unwrap();
        Game { runner, heard, life: Life::default() }
    }

    /// A game whose environment stands at the beginning of an episode.
    pub async fn begun(&self, of: &str, seed: u32) -> Game {
        let mut game = self.game(of).await;
        game.opened().await;
        game.begin(seed).await;
        game
    }

    pub async fn census(&self) -> Census {
        self.workers.ask(PATIENCE, workers::Message::Census).await.unwrap()
    }

    pub async fn close(self) {
        self.workers.ask(PATIENCE, workers::Message::Drain).await.unwrap();
        self.workers.drain(PATIENCE).await;
    }
}

/// Hears what a game hears.
struct Home {
    news: mpsc::UnboundedSender<(Life, News)>,
}

impl Room for Home {
    type Message = Message;
    const KIND: &'static str = "home";

    async fn handle(&mut self, message: Message, _: &Me<Message>) -> Result<(), Failure> {
        if let Message::Runner(life, news) = message {
            let _ = self.news.send((life, news));
        }
        Ok(())
    }
}

/// A game.
pub struct Game {
    pub runner: Address<runner::Message>,
    heard: mpsc::UnboundedReceiver<(Life, News)>,
    life: Life,
}

impl Game {
    pub async fn news(&mut self) -> News {
        let heard = tokio::time::timeout(PATIENCE, self.heard.recv()).await.expect("no news");
        let (life, news) = heard.expect("the game is gone");
        self.life = life;
        news
    }

    pub async fn opened(&mut self) {
        let news = self.news().await;
        assert_eq!(news, News::Opened);
    }

    pub async fn lost(&mut self) {
        let news = self.news().await;
        assert_eq!(news, News::Lost);
    }

    pub async fn failed(&mut self) -> String {
        match self.news().await {
            News::Failed(reason) => reason,
            other => panic!("not failed: {other:?}"),
        }
    }

    pub async fn turn(&mut self) -> Turn {
        match self.news().await {
            News::Turn(turn) => *turn,
            other => panic!("no turn: {other:?}"),
        }
    }

    pub async fn order(&self, order: Order) {
        self.runner.send(runner::Message::Order(self.life, order)).await.unwrap();
    }

    pub async fn begin(&mut self, seed: u32) -> Turn {
        self.order(Order::Stand { episode: 0, seed, from: None, globals: None }).await;
        self.turn().await
    }

    /// Has one person do these things, one in each frame, without waiting for what comes of it.
    pub async fn ask(&self, first: u32, actions: &[&str]) {
        let frames = actions.iter().map(|action| vec![ByteBuf::from(action.as_bytes())]).collect();
        self.order(Order::Advance { episode: 0, first, frames, complete: 0 }).await;
    }

    pub async fn play(&mut self, first: u32, actions: &[&str]) -> Turn {
        self.ask(first, actions).await;
        self.turn().await
    }

    /// The process that hosts it.
    pub async fn pid(&mut self, frame: u32) -> i32 {
        let turn = self.play(frame, &["pid"]).await;
        String::from_utf8(turn.rows[0].to_vec()).unwrap().parse().unwrap()
    }
}

/// The sum of all actions until now, by the newest row.
pub fn total(turn: &Turn) -> (u32, u32) {
    serde_json::from_slice(turn.rows.last().expect("a row")).unwrap()
}

/// Waits until something is so; fails when it does not become so.
pub async fn until<T>(what: &str, mut is: impl AsyncFnMut() -> Option<T>) -> T {
    let looks = async {
        loop {
            if let Some(found) = is().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, looks).await.unwrap_or_else(|_| panic!("{what} in vain"))
}

/// Whether a process is there, and is no zombie.
pub fn alive(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().next());
    state.is_some_and(|state| state != "Z")
}

pub fn kill(pid: i32) {
    use rustix::process::{Pid, Signal, kill_process};
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
}
