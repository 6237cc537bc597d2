//! What it costs to take steps from many players and to store them durably, as a ratio to the floor: the same messages to
//! a bare WebSocket server that answers each with a frame of an acknowledgement's size and does nothing else.
//!
//! `cargo bench --bench steps`. Both run in turn, in one process with their clients, several rounds; the medians of the
//! rounds and of their ratios are printed. Read the ratio: the times depend on the machine and on what else it does.

#[path = "../tests/protocol/support.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod support;

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use greenroom::ids::GameId;
use greenroom::wire::{FromBrowser, encode};
use support::{Place, hello, steps};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{accept_async, connect_async};

const PLAYERS: usize = 50;
/// An episode of the test study has 100 steps; ten batches as the browser sends them.
const BATCHES: u32 = 10;
const BATCH: u32 = 10;
const ROUNDS: usize = 7;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (mut service, mut floor, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let with = runtime.block_on(through_the_service());
        let without = runtime.block_on(through_the_floor());
        ratios.push(with.as_secs_f64() / without.as_secs_f64());
        service.push(with.as_secs_f64());
        floor.push(without.as_secs_f64());
    }
    let messages = (PLAYERS as u32 * BATCHES) as f64;
    println!("{PLAYERS} players, {BATCHES} batches of {BATCH} steps each, stored durably and acknowledged one by one");
    println!("  service {:7.1} us a batch", median(&mut service) / messages * 1e6);
    println!("  floor   {:7.1} us a batch", median(&mut floor) / messages * 1e6);
    println!("  ratio   {:7.2}", median(&mut ratios));
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

async fn through_the_service() -> Duration {
    let place = Place::new();
    let service = place.serve("/").await;
    let mut players = Vec::new();
    for number in 0..PLAYERS {
        let (mut browser, ..) = service.enter(hello(Some(&format!("p{number}")), None)).await;
        let game = browser.begin_game().await.game;
        players.push((browser, game));
    }
    let began = Instant::now();
    let mut playing = tokio::task::JoinSet::new();
    for (mut browser, game) in players {
        playing.spawn(async move {
            for batch in 0..BATCHES {
                browser.steps(game, 0, batch * BATCH..(batch + 1) * BATCH).await;
            }
            browser
        });
    }
    let players = playing.join_all().await;
    let took = began.elapsed();
    drop(players);
    service.stop().await;
    took
}

async fn through_the_floor() -> Duration {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut socket = accept_async(stream).await.unwrap();
                let answer = Bytes::from(vec![0; 90]);
                while let Some(Ok(message)) = socket.next().await {
                    if message.is_binary() && socket.send(Message::Binary(answer.clone())).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    let mut players = Vec::new();
    for _ in 0..PLAYERS {
        players.push(connect_async(&url).await.unwrap().0);
    }
    let game = GameId::fresh();
    let began = Instant::now();
    let mut playing = tokio::task::JoinSet::new();
    for mut socket in players {
        playing.spawn(async move {
            for batch in 0..BATCHES {
                let message = FromBrowser::Steps(steps(game, 0, batch * BATCH..(batch + 1) * BATCH));
                socket.send(Message::Binary(encode(&message))).await.unwrap();
                socket.next().await.unwrap().unwrap();
            }
        });
    }
    playing.join_all().await;
    let took = began.elapsed();
    server.abort();
    took
}
