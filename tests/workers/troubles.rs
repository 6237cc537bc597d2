//! What does not go well.

use std::path::PathBuf;

use greenroom::actors::worker::Launch;
use greenroom::rules::shared_game::{News, Order};
use greenroom::wire::RunnerState;
use serde_bytes::ByteBuf;

use crate::support::{Game, House, alive, kill, total, until};

/// Has a game's next environment stand where the last one was.
async fn rebuild(game: &mut Game, from: RunnerState) {
    let frame = from.frame;
    game.order(Order::Stand { episode: 0, seed: 0, from: Some(from), globals: None }).await;
    assert_eq!(game.turn().await.frame, frame);
}

#[tokio::test]
async fn a_killed_worker_costs_its_games_nothing() {
    let house = House::open(2, &[("sum", "")]).await;
    let mut game = house.begun("sum", 7).await;
    let state = game.play(0, &["1", "2"]).await.states.remove(0);
    let pid = game.pid(2).await;
    kill(pid);
    game.lost().await;
    game.opened().await;
    rebuild(&mut game, state).await;
    assert_eq!(total(&game.play(2, &["3"]).await), (2, 13));
    assert_ne!(game.pid(3).await, pid);
    let restarts = until("the worker is started again", async || {
        let workers = house.census().await.workers;
        workers.iter().all(|worker| worker.up).then(|| workers.iter().map(|worker| worker.restarts).sum::<u64>())
    });
    assert_eq!(restarts.await, 1);
    house.close().await;
}

#[tokio::test]
async fn what_was_asked_of_a_lost_environment_is_void() {
    let house = House::open(1, &[("sum", "")]).await;
    let mut game = house.begun("sum", 0).await;
    let pid = game.pid(0).await;
    kill(pid);
    // The game has not heard of it yet, or has: either way this is for the environment that is lost.
    game.ask(1, &["1"]).await;
    let mut news = game.news().await;
    if let News::Turn(_) = news {
        news = game.news().await;
    }
    assert_eq!(news, News::Lost);
    game.ask(2, &["1"]).await;
    game.opened().await;
    assert_eq!(game.begin(40).await.frame, 0);
    assert_eq!(total(&game.play(0, &["2"]).await), (0, 42));
    house.close().await;
}

#[tokio::test]
async fn a_wedged_worker_is_killed_and_only_who_wedged_it_is_blamed() {
    let house = House::open(1, &[("sum", "")]).await;
    let (mut guilty, mut innocent) = (house.begun("sum", 0).await, house.begun("sum", 50).await);
    // A child that holds the pipes of the process must not hold up its end.
    guilty.play(0, &["child"]).await;
    guilty.ask(1, &["wedge"]).await;
    innocent.ask(0, &["1"]).await;
    for game in [&mut guilty, &mut innocent] {
        game.lost().await;
        game.opened().await;
    }
    innocent.begin(50).await;
    assert_eq!(total(&innocent.play(0, &["1"]).await), (0, 51));
    house.close().await;
}

#[tokio::test]
async fn a_poisonous_game_is_given_up_and_its_neighbour_is_not() {
    let house = House::open(1, &[("sum", "")]).await;
    let (mut poison, mut neighbour) = (house.begun("sum", 0).await, house.begun("sum", 50).await);
    for rebuilt in 0..=3 {
        poison.ask(0, &["exit"]).await;
        neighbour.lost().await;
        neighbour.opened().await;
        neighbour.begin(50).await;
        if rebuilt < 3 {
            poison.lost().await;
            poison.opened().await;
            poison.begin(0).await;
        }
    }
    let reason = poison.failed().await;
    assert!(reason.contains("4 times") && reason.contains("exit status: 3"), "{reason}");
    assert_eq!(total(&neighbour.play(0, &["1"]).await), (0, 51));
    house.close().await;
}

#[tokio::test]
async fn an_exception_ends_its_game_and_no_other() {
    let house = House::open(1, &[("sum", "")]).await;
    let (mut one, mut other) = (house.begun("sum", 0).await, house.begun("sum", 50).await);
    one.ask(0, &["raise"]).await;
    let reason = one.failed().await;
    assert!(reason.ends_with("ValueError: a bad action"), "{reason}");
    assert_eq!(total(&other.play(0, &["1"]).await), (0, 51));
    assert_eq!(house.census().await.workers[0].restarts, 0);
    house.close().await;
}

#[tokio::test]
async fn what_is_too_large_ends_its_game_and_no_other() {
    let house = House::open(1, &[("sum", "")]).await;
    let (mut one, mut two, mut other) =
        (house.begun("sum", 0).await, house.begun("sum", 0).await, house.begun("sum", 50).await);
    one.ask(0, &["large"]).await;
    let reason = one.failed().await;
    assert!(reason.contains("25 MB") && reason.contains("24 MB"), "{reason}");
    let huge = RunnerState { frame: 1, copy: ByteBuf::from(vec![0; 25 << 20]), bots: ByteBuf::new() };
    two.order(Order::Stand { episode: 0, seed: 0, from: Some(huge), globals: None }).await;
    let reason = two.failed().await;
    assert!(reason.contains("25 MB"), "{reason}");
    assert_eq!(total(&other.play(0, &["1"]).await), (0, 51));
    assert_eq!(house.census().await.workers[0].restarts, 0);
    house.close().await;
}

#[tokio::test]
async fn a_scene_that_ends_workers_is_given_up_and_the_others_are_played() {
    let house = House::open(1, &[("deadly", "import os; os._exit(4)"), ("sum", "")]).await;
    let mut deadly = house.game("deadly").await;
    let mut good = house.begun("sum", 1).await;
    assert_eq!(total(&good.play(0, &["1"]).await), (0, 2));
    let reason = deadly.failed().await;
    assert!(reason.contains("has ended 3 workers") && reason.contains("exit status: 4"), "{reason}");
    assert_eq!(house.census().await.workers[0].restarts, 3);
    house.close().await;
}

#[tokio::test]
async fn a_worker_that_cannot_start_is_tried_again_and_breaks_nothing() {
    let launch = Launch { program: PathBuf::from("/no/such/program"), arguments: Vec::new() };
    let house = House::with(1, &[("sum", "")], launch).await;
    let game = house.game("sum").await;
    until("it is tried again", async || (house.census().await.workers[0].restarts >= 2).then_some(())).await;
    assert!(!house.census().await.workers[0].up);
    game.runner.drain(crate::support::PATIENCE).await;
    house.close().await;
}

#[tokio::test]
async fn a_program_that_is_no_worker_is_not_taken_for_one() {
    let talk = |text: &str| Launch { program: "/bin/echo".into(), arguments: vec![text.into()] };
    let house = House::with(1, &[("sum", "")], talk("much too long a frame")).await;
    until("it is tried again", async || (house.census().await.workers[0].restarts >= 2).then_some(())).await;
    house.close().await;
}

#[tokio::test]
async fn what_an_environment_has_started_ends_with_its_worker() {
    let house = House::open(1, &[("sum", "")]).await;
    let mut game = house.begun("sum", 0).await;
    game.play(0, &["child"]).await;
    let pid = game.pid(1).await;
    let children = format!("/proc/{pid}/task/{pid}/children");
    let child: i32 = std::fs::read_to_string(children).unwrap().split_whitespace().next().unwrap().parse().unwrap();
    assert!(alive(child));
    house.close().await;
    until("the child is gone", async || (!alive(child)).then_some(())).await;
}
