//! Waiting rooms whose pages, managers and services come and go: nobody loses a place, and nobody is promised what cannot be
//! stored.

use std::sync::atomic::Ordering::SeqCst;

use greenroom::experiment::{Matching, OnTimeout};
use greenroom::rules::matchers::Suggesters;
use greenroom::rules::waitroom;
use greenroom::wire::{RefusalCode, SceneView, close};
use tokio::time::sleep;

use crate::house::{House, SECOND, waiting_study};
use crate::page::{Page, pass};

#[tokio::test(start_paused = true)]
async fn a_page_that_is_loaded_again_keeps_its_place_and_asks_by_itself() {
    let house = House::open(OnTimeout::End).await;
    let ann = Page::ready(&house, "ann").await;
    let mut ann = Page::open(&house, ann.name.as_str()).await;
    let SceneView::Gym(gym) = ann.view() else { panic!("no game") };
    assert!(gym.begun, "nobody has to press the button again");
    let mut bob = Page::ready(&house, "bob").await;
    pass(&mut [&mut ann, &mut bob], 25 * SECOND).await;
    assert!(house.disk.pairs().is_empty(), "a page that is loading is not matched");
    ann.ask().await;
    pass(&mut [&mut ann, &mut bob], SECOND).await;
    assert_eq!(house.disk.pairs(), [["ann", "bob"]]);
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn the_queue_survives_a_restart_of_the_service() {
    let house = House::open(OnTimeout::End).await;
    let mut pages = Vec::new();
    for name in ["ann", "bob", "cat"] {
        pages.push(Page::ready(&house, name).await);
        pages.iter_mut().for_each(|page| page.visible = false);
    }
    pages[0].awake = false;
    let disk = house.disk.clone();
    house.close().await;
    assert!(disk.pairs().is_empty());

    let house = House::over(disk, waiting_study(OnTimeout::End, Matching::Fifo), Suggesters::default()).await;
    let mut cat = pages.pop().unwrap().reconnect(&house).await;
    let mut bob = pages.pop().unwrap().reconnect(&house).await;
    pass(&mut [&mut bob, &mut cat], SECOND).await;
    assert_eq!(house.disk.pairs(), [["bob", "cat"]], "by their places, not by their return");
    let disk = house.disk.clone();
    house.close().await;

    let house = House::over(disk, waiting_study(OnTimeout::End, Matching::Fifo), Suggesters::default()).await;
    let mut ann = pages.pop().unwrap().reconnect(&house).await;
    let (mut bob, mut cat) = (bob.reconnect(&house).await, cat.reconnect(&house).await);
    pass(&mut [&mut ann, &mut bob, &mut cat], 5 * SECOND).await;
    assert!(bob.plays() && cat.plays() && !ann.plays());
    assert_eq!(house.disk.pairs().len(), 1, "nobody is matched twice");
    assert_eq!(house.disk.of_waiting_room(|fact| matches!(fact, waitroom::Fact::Arrived { .. })), 3);
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_manager_that_crashes_finds_its_queue_again() {
    let house = House::open(OnTimeout::End).await;
    let mut ann = Page::ready(&house, "ann").await;
    let mut bob = Page::open(&house, "bob").await;
    bob.go_on().await;
    house.disk.panics.store(true, SeqCst);
    bob.ask().await;
    assert_eq!(ann.closed().await, close::RESTART, "the page is told to come again");
    assert_eq!(bob.closed().await, close::RESTART);
    ann.hang_up().await;
    bob.hang_up().await;
    sleep(5 * SECOND).await;
    let mut bob = bob.reconnect(&house).await;
    let mut ann = ann.reconnect(&house).await;
    pass(&mut [&mut ann, &mut bob], 2 * SECOND).await;
    assert_eq!(house.disk.pairs(), [["ann", "bob"]]);
    assert!(ann.plays() && bob.plays());
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn while_nothing_can_be_stored_nobody_is_promised_anything() {
    let house = House::open(OnTimeout::End).await;
    let mut ann = Page::ready(&house, "ann").await;
    let mut bob = Page::open(&house, "bob").await;
    bob.go_on().await;
    house.disk.full.store(true, SeqCst);
    bob.ask().await;
    pass(&mut [&mut ann, &mut bob], 5 * SECOND).await;
    assert_eq!((&bob.refused[..], &bob.waiting), (&[RefusalCode::Unavailable][..], &None));
    ann.leave().await;
    ann.look_for(3 * SECOND).await;
    assert!(ann.code().is_none());

    house.disk.full.store(false, SeqCst);
    ann.look_for(3 * SECOND).await;
    assert!(ann.code().is_some(), "what was said in the meantime is not forgotten");
    bob.ask().await;
    assert_eq!(bob.waiting.as_ref().map(|waiting| waiting.count), Some(1));
    house.close().await;
}
