//! Levels of a condition while people go, come back, and the service ends under them.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use greenroom::experiment::{Conditions, Experiment, Flow, Form, FormScene, Level, Part, Per, Scene, Stager, WhenFull};
use greenroom::facts::Fact;
use greenroom::rules::conditions;
use greenroom::rules::matchers::Suggesters;
use greenroom::wire::{self, close};
use tokio::time::sleep;

use crate::disk::Disk;
use crate::house::House;
use crate::page::Page;
use crate::studies::{end, id, start, study_of};

const REOPEN: Duration = Duration::from_secs(1800);

/// A start, one of two pages with room for one each, and an end.
fn study() -> Experiment {
    let page = |scene| {
        let (class, page, form) = ("StaticScene".to_owned(), wire::Page::default(), Form::default());
        Scene::Form(Box::new(FormScene { scene_id: id(scene), class, page, form }))
    };
    let level = |name: &str| Level { name: name.parse().unwrap(), quota: Some(1), parts: vec![Part::Scene(id(name))] };
    let condition = Conditions {
        name: "partner".parse().unwrap(),
        levels: vec![level("kind"), level("rude")],
        per: Per::Person,
        when_full: WhenFull::Continue,
        reopen_after_s: 1800,
    };
    let order = vec![Part::Scene(id("start")), Part::Conditions(condition), Part::Scene(id("end"))];
    let scenes = vec![Scene::Start(start()), page("kind"), page("rude"), Scene::End(end())];
    study_of(Stager::of(scenes, Flow { order, ..Flow::default() }).unwrap())
}

async fn open(disk: &Disk) -> House {
    House::over(disk.clone(), study(), Suggesters::default()).await
}

/// Goes on, and says where that leads.
async fn go_on(page: &mut Page) -> String {
    page.go_on().await;
    page.at().to_owned()
}

fn log(disk: &Disk) -> Vec<String> {
    let facts = disk.facts().into_iter().filter_map(|fact| match fact {
        Fact::Assignment(fact) => serde_json::to_value(fact).unwrap()["fact"].as_str().map(str::to_owned),
        _ => None,
    });
    facts.collect()
}

#[tokio::test(start_paused = true)]
async fn a_place_is_free_again_when_somebody_stays_away_and_taken_again_on_return() {
    let disk = Disk::default();
    let house = open(&disk).await;
    let mut ann = Page::open(&house, "ann").await;
    let level = go_on(&mut ann).await;
    let mut bob = Page::open(&house, "bob").await;
    let other = go_on(&mut bob).await;
    assert_ne!(level, other);
    let mut eve = Page::open(&house, "eve").await;
    assert_eq!(eve.scene.as_ref().unwrap().progress, [1, 3]);
    assert_eq!(go_on(&mut eve).await, "end", "all levels are full");

    ann.hang_up().await;
    sleep(REOPEN - Duration::from_secs(10)).await;
    assert!(!log(&disk).contains(&"place_reopened".to_owned()));
    sleep(Duration::from_secs(20)).await;
    assert!(log(&disk).contains(&"place_reopened".to_owned()));
    let mut mia = Page::open(&house, "mia").await;
    assert_eq!(go_on(&mut mia).await, level, "in the place that is free");

    let mut ann = Page::open(&house, "ann").await;
    assert_eq!(ann.at(), level, "nobody's level changes");
    assert_eq!(go_on(&mut ann).await, "end");
    assert_eq!(go_on(&mut bob).await, "end");
    house.close().await;
    let log = log(&disk);
    let count = |fact: &str| log.iter().filter(|known| *known == fact).count();
    assert_eq!((count("place_reclaimed"), count("place_completed")), (1, 2), "{log:?}");
}

#[tokio::test(start_paused = true)]
async fn what_the_assigner_did_not_live_to_hear_it_finds_in_the_record() {
    let disk = Disk::default();
    let house = open(&disk).await;
    let mut ann = Page::open(&house, "ann").await;
    let level = go_on(&mut ann).await;
    assert_eq!(go_on(&mut ann).await, "end");
    let mut bob = Page::open(&house, "bob").await;
    let other = go_on(&mut bob).await;
    house.close().await;
    // Killed before the assigner had stored that Ann is done, and before Bob had stored his level.
    let bobs = |text: &str| text.contains("condition_assigned") || text.contains("rerouted") || text.contains(&other);
    disk.retain(|entry| match &entry.fact {
        Fact::Assignment(conditions::Fact::PlaceCompleted { .. }) => false,
        fact => entry.stream.to_string() != "participant/bob" || !bobs(&serde_json::to_string(fact).unwrap()),
    });

    let house = open(&disk).await;
    let mut bob = Page::open(&house, "bob").await;
    assert_eq!(bob.at(), "start");
    assert_eq!(go_on(&mut bob).await, other, "what was chosen is chosen");
    sleep(REOPEN * 2).await;
    let mut eve = Page::open(&house, "eve").await;
    assert_eq!(go_on(&mut eve).await, "end", "Ann's {level} is taken for good, and Bob is there");
    assert!(log(&disk).contains(&"place_completed".to_owned()));
    assert_ne!(level, other);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_promised_a_level_that_cannot_be_stored() {
    let disk = Disk::default();
    let house = open(&disk).await;
    let mut ann = Page::open(&house, "ann").await;
    disk.full.store(true, SeqCst);
    ann.go_on().await;
    assert_eq!(ann.closed().await, close::RESTART, "the browser comes again");
    disk.full.store(false, SeqCst);
    sleep(Duration::from_secs(10)).await;
    let mut ann = Page::open(&house, "ann").await;
    let level = go_on(&mut ann).await;
    assert!(["kind", "rude"].contains(&level.as_str()));
    assert_eq!(log(&disk), ["participant_numbered", "level_chosen"]);
}
