//! What goes well.

use greenroom::actors::workers;
use greenroom::rules::shared_game::Order;

use crate::support::studies::id;
use crate::support::{House, PATIENCE, alive, total, until};

#[tokio::test]
async fn games_are_stepped_and_do_not_meet() {
    let house = House::open(1, &[("sum", "")]).await;
    let (mut one, mut two) = (house.begun("sum", 100).await, house.begun("sum", 200).await);
    one.ask(0, &["1", "2"]).await;
    two.ask(0, &["10"]).await;
    one.ask(2, &["3"]).await;
    let (first, second) = (one.turn().await, one.turn().await);
    assert_eq!((first.frame, first.rows.len(), total(&first)), (2, 2, (1, 103)));
    assert_eq!((second.frame, second.rows.len(), total(&second)), (3, 1, (2, 106)));
    assert_eq!(second.hashes.iter().map(|(frame, hash)| (*frame, hash.0)).collect::<Vec<_>>(), [(3, 106)]);
    assert_eq!((second.choices[0].seat, second.choices[0].frame), (1, 5));
    assert_eq!(second.states[0].bots.to_vec(), b"bots");
    assert!(second.micros > 0);
    assert_eq!(total(&two.turn().await), (0, 210));
    house.close().await;
}

#[tokio::test]
async fn a_picture_is_sent_when_it_has_changed_or_shall_be_complete() {
    let house = House::open(1, &[("sum", "")]).await;
    let mut game = house.game("sum").await;
    game.opened().await;
    let first = game.begin(5).await;
    let image = first.pictures[0].image.as_ref().unwrap();
    assert_eq!(
        (first.pictures[0].complete, image.mime.as_str(), &image.data[..2]),
        (true, "image/jpeg", &[0xff, 0xd8][..])
    );
    assert_eq!(game.play(0, &["0"]).await.pictures, [], "nothing has changed");
    assert!(game.play(1, &["9"]).await.pictures[0].image.is_some());
    game.order(Order::Advance { episode: 0, first: 2, frames: Vec::new(), complete: 1 }).await;
    let again = game.turn().await;
    assert!(again.pictures[0].complete && again.pictures[0].image.is_some() && again.rows.is_empty());
    house.close().await;
}

#[tokio::test]
async fn a_long_way_is_one_turn() {
    let house = House::open(1, &[("sum", "")]).await;
    let mut game = house.begun("sum", 0).await;
    let turn = game.play(0, &["1"; 150]).await;
    assert_eq!((turn.frame, turn.rows.len(), total(&turn)), (150, 150, (149, 150)));
    house.close().await;
}

#[tokio::test]
async fn what_environments_print_and_read_does_not_reach_the_service() {
    let house = House::open(1, &[("sum", "print('hello')")]).await;
    let mut game = house.begun("sum", 0).await;
    assert_eq!(total(&game.play(0, &["print", "read", "1"]).await), (2, 1));
    assert_eq!(house.census().await.workers[0].restarts, 0);
    house.close().await;
}

#[tokio::test]
async fn games_are_spread_and_counted() {
    let house = House::open(2, &[("sum", "")]).await;
    until("both workers start", async || house.census().await.workers.iter().all(|worker| worker.up).then_some(()))
        .await;
    let (mut one, mut two) = (house.begun("sum", 0).await, house.begun("sum", 0).await);
    assert_ne!(one.pid(0).await, two.pid(0).await);
    let census = house.census().await;
    assert_eq!(census.workers.iter().map(|worker| worker.games).collect::<Vec<_>>(), [1, 1]);
    assert!(census.workers.iter().all(|worker| worker.step_p99 > std::time::Duration::ZERO));
    assert!(census.scenes[&id("sum")].frame_us > 0);
    // Who leaves makes room.
    two.runner.drain(PATIENCE).await;
    until("the place is free", async || {
        (house.census().await.workers.iter().map(|worker| worker.games).sum::<usize>() == 1).then_some(())
    })
    .await;
    house.close().await;
}

#[tokio::test]
async fn there_is_room_once_a_scene_is_known() {
    let house = House::open(1, &[("sum", ""), ("broken", "1 / 0")]).await;
    let reserve = |of: &str| {
        let of = id(of);
        house.workers.ask(PATIENCE, |reply| workers::Message::Reserve(of, 2, reply))
    };
    until("the worker starts", async || house.census().await.workers[0].up.then_some(())).await;
    assert_eq!(reserve("sum").await.unwrap().games, 2);
    let room = reserve("broken").await.unwrap();
    let why = room.reason.unwrap();
    assert_eq!(room.games, 0);
    assert!(why.contains("/study/env.py") && why.contains("ZeroDivisionError"), "{why}");
    let failed = house.game("broken").await.failed().await;
    assert_eq!(failed, why);
    house.close().await;
}

#[tokio::test]
async fn the_end_of_the_workers_is_the_end_of_their_processes() {
    let house = House::open(2, &[("sum", "")]).await;
    let mut game = house.begun("sum", 0).await;
    let pid = game.pid(0).await;
    assert!(alive(pid));
    house.close().await;
    assert!(!alive(pid));
}
