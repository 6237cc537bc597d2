//! What it costs to hold games of two together, as a ratio to the floor: a bare server on the same WebSocket library that
//! pairs connections and hands each message on to the partner, and does nothing else.
//!
//! `cargo bench --bench relay`. Server and clients are processes of their own, the server on one core; both servers get the
//! same clients in turn. What is counted is the server's processor time for each relayed input, and the time from a
//! client's sending to its partner's receiving. The service also closes every frame, stores it durably and tells it to both,
//! compares hashes, and takes the rows of the record.

#[path = "../tests/protocol/player.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod player;
mod server;
#[path = "../tests/protocol/support.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod support;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use greenroom::ids::GameId;
use greenroom::wire::{FromBrowser, Inputs, encode};
use player::{Script, Watcher, packed, play};
use server::{FPS, SECONDS};
use support::Place;
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{accept_async, connect_async};

const GAMES: [usize; 3] = [1, 50, 200];

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    match arguments.next().as_deref() {
        Some("serve") => runtime().block_on(serve_games()),
        Some("pair") => runtime().block_on(serve_pairs()),
        _ => {
            println!("games of two at {FPS} frames per second for {SECONDS} s; the server on one core");
            println!("games  server   inputs   CPU s per million   sent to received, p50 / p99");
            for games in GAMES {
                let service = runtime().block_on(measure("serve", games));
                let floor = runtime().block_on(measure("pair", games));
                println!("{games:5}  ratio            {:19.2}", service / floor);
            }
        }
    }
}

/// Both halves of what is measured, written by all clients.
#[derive(Debug, Default)]
struct Times {
    sent: HashMap<(GameId, u32, u32), Instant>,
    took: Vec<Duration>,
    heard: u64,
}

#[derive(Clone, Default)]
struct Stopwatch(Arc<Mutex<Times>>);

impl Stopwatch {
    fn times(&self) -> std::sync::MutexGuard<'_, Times> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watcher for Stopwatch {
    fn sends(&mut self, game: GameId, seat: u32, frame: u32) {
        self.times().sent.insert((game, seat, frame), Instant::now());
    }

    fn hears(&mut self, game: GameId, seat: u32, frame: u32) {
        let now = Instant::now();
        let mut times = self.times();
        times.heard += 1;
        if let Some(sent) = times.sent.remove(&(game, seat, frame)) {
            times.took.push(now - sent);
        }
    }
}

/// The server's processor seconds for a million relayed inputs.
async fn measure(kind: &str, games: usize) -> f64 {
    let stopwatch = Stopwatch::default();
    let bare = kind == "pair";
    let player = |url: String, number| {
        let mut stopwatch = stopwatch.clone();
        async move {
            if bare {
                relay_bare(&url, number, &mut stopwatch).await;
            } else {
                let script = Script::of(FPS * SECONDS, FPS);
                play(&url, &format!("p{number}"), script, &mut stopwatch).await;
            }
        }
    };
    let spent = server::spent(kind, games, player).await;
    let mut times = stopwatch.times();
    times.took.sort();
    let quantile = |share: f64| times.took[((times.took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    let per_million = spent / times.heard as f64 * 1e6;
    println!(
        "{games:5}  {:7} {:8} {per_million:19.1}   {:.2} ms / {:.2} ms",
        if bare { "floor" } else { "service" },
        times.heard,
        quantile(0.5),
        quantile(0.99)
    );
    per_million
}

async fn serve_games() {
    let place = Place::new();
    let study = server::study(&place);
    let service = place.serve_study("/", study).await;
    println!("{}", service.url());
    std::future::pending::<()>().await;
}

async fn serve_pairs() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("ws://{}", listener.local_addr().unwrap());
    let mut waiting = None;
    while let Ok((stream, _)) = listener.accept().await {
        let socket = accept_async(stream).await.unwrap();
        let (to, from) = socket.split();
        let Some((other_to, other_from)) = waiting.replace((to, from)) else { continue };
        let Some((to, from)) = waiting.take() else { continue };
        for (mut to, mut from) in [(to, other_from), (other_to, from)] {
            tokio::spawn(async move {
                while let Some(Ok(message)) = from.next().await {
                    if message.is_binary() && to.send(message).await.is_err() {
                        return;
                    }
                }
            });
        }
    }
}

/// Sends the same inputs to the floor, at the same rate.
async fn relay_bare(url: &str, number: usize, stopwatch: &mut Stopwatch) {
    let (socket, _) = connect_async(url).await.unwrap();
    let (mut to, mut from) = socket.split();
    // Both players of a pair know it by the same name.
    let game = GameId::try_from(format!("00000000-0000-0000-0000-{:012}", number / 2)).unwrap();
    let seat = (number % 2) as u32;
    let mut clock = tokio::time::interval(Duration::from_secs(1) / FPS);
    tokio::time::sleep(Duration::from_secs(2)).await;
    clock.reset();
    let mut frame = 0;
    while frame < FPS * SECONDS {
        tokio::select! {
            _ = clock.tick() => {
                let inputs = (frame.saturating_sub(2)..=frame).map(|frame| packed(i64::from(frame % 5))).collect();
                let said = Inputs { game, episode: 0, first: frame.saturating_sub(2), inputs };
                stopwatch.sends(game, seat, frame);
                to.send(Message::Binary(encode(&FromBrowser::Inputs(said)))).await.unwrap();
                frame += 1;
            }
            Some(Ok(message)) = from.next() => {
                let Ok(FromBrowser::Inputs(said)) = greenroom::wire::decode(&message.into_data()) else { continue };
                stopwatch.hears(game, 1 - seat, said.first + said.inputs.len() as u32 - 1);
            }
        }
    }
}
