//! What durability costs: the service with its journal in SQLite against the same service with one that keeps nothing beyond
//! the process, under games of two that browsers compute.
//!
//! `cargo bench --bench durability`. Server and clients are processes of their own, the server on one core; the servers get
//! the same clients in turn, several times over. What is counted is the server's processor time for each relayed input:
//! frames that are closed, stored and told, rows, hashes and acknowledgements included. Writing the data files is left out
//! of both (it happens once for each episode), but measured as a third kind, the whole service.

#[path = "../tests/protocol/player.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod player;
mod server;
#[path = "../tests/protocol/support.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use greenroom::actors::clock::Clock;
use greenroom::actors::{Site, house};
use greenroom::experiment::Experiment;
use greenroom::facts::{Entry, Journal, JournalError, Projector, Recorded, Stream, Target};
use greenroom::gateway::{
    Assets, Gateway, GatewayConfig, OperatorKey, Operators, OperatorsConfig, PageTemplate, Places,
};
use greenroom::ids::GameId;
use greenroom::store::SqliteJournal;
use player::{Script, Watcher, play};
use server::{FPS, SECONDS};
use support::Place;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const GAMES: [usize; 2] = [50, 200];
const KINDS: [&str; 3] = ["memory", "journal", "whole"];
const ROUNDS: usize = 3;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    match arguments.next().as_deref() {
        Some(kind) if KINDS.contains(&kind) => runtime().block_on(serve(kind)),
        _ => {
            println!("games of two at {FPS} frames per second for {SECONDS} s; the server on one core");
            println!("memory: nothing is stored; journal: SQLite, durably; whole: the data files too");
            for games in GAMES {
                let mut spent: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
                for _ in 0..ROUNDS {
                    for kind in KINDS {
                        let per_million = runtime().block_on(measure(kind, games));
                        spent.entry(kind).or_default().push(per_million);
                    }
                }
                // The least is what is disturbed least by whatever else the machine does.
                let least = |kind: &str| spent[kind].iter().copied().fold(f64::INFINITY, f64::min);
                let (memory, journal, whole) = (least("memory"), least("journal"), least("whole"));
                println!(
                    "{games:5} games: journal / memory {:.2}, whole / memory {:.2}",
                    journal / memory,
                    whole / memory
                );
            }
        }
    }
}

/// Counts inputs that reached the partner.
#[derive(Clone, Default)]
struct Heard(Arc<AtomicU64>);

impl Watcher for Heard {
    fn hears(&mut self, _: GameId, _: u32, _: u32) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// The server's processor seconds for a million relayed inputs.
async fn measure(kind: &str, games: usize) -> f64 {
    let heard = Heard::default();
    let player = |url: String, number| {
        let mut heard = heard.clone();
        async move {
            play(&url, &format!("p{number}"), Script::of(FPS * SECONDS, FPS), &mut heard).await;
        }
    };
    let spent = server::spent(kind, games, player).await;
    let inputs = heard.0.load(Relaxed);
    let per_million = spent / inputs as f64 * 1e6;
    println!("{games:5} games  {kind:8} {inputs:8} inputs  {per_million:7.1} CPU s per million");
    per_million
}

/// A journal that is gone with the process.
#[derive(Default)]
struct Memory(BTreeMap<Stream, Vec<Recorded>>);

impl Journal for Memory {
    fn append(&mut self, entries: &[Entry]) -> Result<(), JournalError> {
        for Entry { stream, at, fact, payload } in entries.iter().cloned() {
            self.0.entry(stream).or_default().push(Recorded { at, fact, payload });
        }
        Ok(())
    }

    fn read(&mut self, stream: &Stream) -> Result<Vec<Recorded>, JournalError> {
        Ok(self.0.get(stream).cloned().unwrap_or_default())
    }

    fn settle(&mut self) -> Result<(), JournalError> {
        Ok(())
    }
}

/// Writes no files.
struct Nothing;

impl Projector for Nothing {
    fn project(&mut self, _: &Target) -> Result<(), JournalError> {
        Ok(())
    }
}

async fn serve(kind: &str) {
    let place = Place::new();
    let study = server::study(&place);
    if kind == "whole" {
        let service = place.serve_study("/", study).await;
        println!("{}", service.url());
        return std::future::pending().await;
    }
    let journal: Box<dyn Journal> = match kind {
        "journal" => Box::new(SqliteJournal::open(&place.data("journal.sqlite")).unwrap()),
        _ => Box::new(Memory::default()),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/ws", listener.local_addr().unwrap());
    let _rooms = open(&place, study, journal, listener).await;
    println!("{url}");
    std::future::pending().await
}

/// The rooms of a service around a journal.
async fn open(place: &Place, study: Experiment, journal: Box<dyn Journal>, listener: TcpListener) -> impl Sized {
    let clock = Clock::system();
    let none = || "/".to_owned();
    let places = Places { base: none(), client: none(), vendor: none(), python: none() };
    let page = PageTemplate::read(&place.path().join("assets/client/page.html"), places.clone(), &study).unwrap();
    let draining = CancellationToken::new();
    let operators = Operators::new(OperatorsConfig {
        experiment: study.id.clone(),
        modes: Default::default(),
        journal: place.data("journal.sqlite"),
        client: place.path().join("assets/client"),
        places,
        key: OperatorKey::fresh().unwrap(),
        films: None,
        closing: draining.clone(),
    });
    let plan = house::Plan {
        experiment: Arc::new(study),
        site: Arc::new(Site::default()),
        journal,
        projector: Box::new(Nothing),
        overdue: Vec::new(),
        clock,
        suggesters: Default::default(),
        functions: Default::default(),
        callbacks: Default::default(),
        workers: None,
    };
    let (house, broken) = house::open(plan).await.unwrap();
    let nursery = house::doors(&house).await.unwrap().nursery;
    let (assets, origins) = (Assets::default(), Vec::new());
    let base = none();
    let config =
        GatewayConfig { listener, base, page, assets, origins, operators, draining, house: house.clone(), clock };
    (nursery.spawn(Gateway::new(config)).await.unwrap(), house, broken)
}
