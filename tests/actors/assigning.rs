//! Levels of a condition while people go, come back, and the service ends under them.

use std::sync::Arc;
use std::time::Duration;

use greenroom::actors::clock::Clock;
use greenroom::actors::connection::{Connection, ConnectionId, Ends};
use greenroom::actors::host::Address;
use greenroom::actors::house::{self, Plan};
use greenroom::actors::{Site, participant, participants};
use greenroom::experiment::{
    Conditions, EndScene, Experiment, Flow, Form, FormScene, Level, Part, Per, Scene, Stager, StartScene, WhenFull,
};
use greenroom::facts::Fact;
use greenroom::ids::ResumeToken;
use greenroom::rules::conditions;
use greenroom::wire::{Continue, FromBrowser, Hello, Page, SceneShown, ToBrowser, VERSION, close, decode};

use crate::troubles::Disk;

const PATIENCE: Duration = Duration::from_secs(30);
const REOPEN: Duration = Duration::from_secs(1800);

/// A start, one of two pages with room for one each, and an end.
fn study() -> Experiment {
    let id = |text: &str| text.parse().unwrap();
    let page = |scene| {
        let (class, page, form) = ("StaticScene".to_owned(), Page::default(), Form::default());
        Scene::Form(Box::new(FormScene { scene_id: id(scene), class, page, form }))
    };
    let start = Scene::Start(StartScene { scene_id: id("start"), page: Page::default() });
    let end = Scene::End(EndScene {
        scene_id: id("end"),
        page: Page::default(),
        redirect: None,
        shows_code: false,
        bonus: None,
    });
    let level = |name: &str| Level { name: name.parse().unwrap(), quota: Some(1), parts: vec![Part::Scene(id(name))] };
    let condition = Conditions {
        name: "partner".parse().unwrap(),
        levels: vec![level("kind"), level("rude")],
        per: Per::Person,
        when_full: WhenFull::Continue,
        reopen_after_s: 1800,
    };
    let order = vec![Part::Scene(id("start")), Part::Conditions(condition), Part::Scene(id("end"))];
    let stager = Stager::of(vec![start, page("kind"), page("rude"), end], Flow { order, ..Flow::default() }).unwrap();
    Experiment {
        id: "study".parse().unwrap(),
        stager,
        static_directories: Vec::new(),
        globals: Default::default(),
        gates: Default::default(),
        language: Default::default(),
    }
}

async fn open(disk: &Disk) -> Address<house::Message> {
    let plan = Plan {
        experiment: Arc::new(study()),
        site: Arc::new(Site::default()),
        journal: Box::new(disk.clone()),
        projector: Box::new(disk.clone()),
        overdue: Vec::new(),
        clock: Clock::system(),
        suggesters: Default::default(),
        functions: Default::default(),
        callbacks: Default::default(),
        workers: None,
    };
    house::open(plan).await.unwrap().0
}

/// Somebody with a page.
struct Person {
    participant: Address<participant::Message>,
    connection: ConnectionId,
    ends: Ends,
}

impl Person {
    async fn come(house: &Address<house::Message>, name: &str, number: u64) -> (Self, SceneShown) {
        let participants = house::doors(house).await.unwrap().participants;
        let (connection, ends) = Connection::new(ConnectionId(number));
        let mut secret = [0; 16];
        secret[..name.len()].copy_from_slice(name.as_bytes());
        let hello = Hello {
            version: VERSION,
            subject: Some(name.parse().unwrap()),
            token: Some(ResumeToken::from_random(secret)),
            parameters: Default::default(),
            browser: Default::default(),
        };
        let arrive = |reply| participants::Message::Arrive(Box::new(hello), connection, reply);
        let participant = participants.ask(PATIENCE, arrive).await.unwrap().unwrap();
        let mut person = Self { participant, connection: ConnectionId(number), ends };
        let shown = person.scene().await;
        (person, shown)
    }

    async fn scene(&mut self) -> SceneShown {
        loop {
            let frame = tokio::time::timeout(PATIENCE, self.ends.frames.recv()).await.unwrap().unwrap();
            if let ToBrowser::Scene(shown) = decode(&frame.bytes).unwrap() {
                return shown;
            }
        }
    }

    async fn go_on(&mut self, visit: u32) -> String {
        let said = FromBrowser::Continue(Continue { visit });
        self.participant.send(participant::Message::Heard(self.connection, said)).await.unwrap();
        self.scene().await.scene.to_string()
    }

    async fn leave(self) {
        self.participant.send(participant::Message::Left(self.connection)).await.unwrap();
    }
}

fn log(disk: &Disk) -> Vec<String> {
    let entries = disk.entries.lock().unwrap();
    let facts = entries.iter().filter_map(|entry| match &entry.fact {
        Fact::Assignment(fact) => serde_json::to_value(fact).unwrap()["fact"].as_str().map(str::to_owned),
        _ => None,
    });
    facts.collect()
}

#[tokio::test(start_paused = true)]
async fn a_place_is_free_again_when_somebody_stays_away_and_taken_again_on_return() {
    let disk = Disk::default();
    let house = open(&disk).await;
    let (mut ann, _) = Person::come(&house, "ann", 1).await;
    let level = ann.go_on(1).await;
    let (mut bob, _) = Person::come(&house, "bob", 2).await;
    let other = bob.go_on(1).await;
    assert_ne!(level, other);
    let (mut eve, shown) = Person::come(&house, "eve", 3).await;
    assert_eq!(shown.progress, [1, 3]);
    assert_eq!(eve.go_on(1).await, "end", "all levels are full");

    ann.leave().await;
    tokio::time::sleep(REOPEN - Duration::from_secs(10)).await;
    assert!(!log(&disk).contains(&"place_reopened".to_owned()));
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert!(log(&disk).contains(&"place_reopened".to_owned()));
    let (mut mia, _) = Person::come(&house, "mia", 4).await;
    assert_eq!(mia.go_on(1).await, level, "in the place that is free");

    let (mut ann, shown) = Person::come(&house, "ann", 5).await;
    assert_eq!(shown.scene.as_str(), level, "nobody's level changes");
    assert_eq!(ann.go_on(2).await, "end");
    assert_eq!(bob.go_on(2).await, "end");
    assert!(house.ask(PATIENCE, house::Message::Drain).await.unwrap());
    let log = log(&disk);
    let count = |fact: &str| log.iter().filter(|known| *known == fact).count();
    assert_eq!((count("place_reclaimed"), count("place_completed")), (1, 2), "{log:?}");
}

#[tokio::test(start_paused = true)]
async fn what_the_assigner_did_not_live_to_hear_it_finds_in_the_record() {
    let disk = Disk::default();
    let house = open(&disk).await;
    let (mut ann, _) = Person::come(&house, "ann", 1).await;
    let level = ann.go_on(1).await;
    assert_eq!(ann.go_on(2).await, "end");
    let (mut bob, _) = Person::come(&house, "bob", 2).await;
    let other = bob.go_on(1).await;
    assert!(house.ask(PATIENCE, house::Message::Drain).await.unwrap());
    // Killed before the assigner had stored that Ann is done, and before Bob had stored his level.
    let bobs = |text: &str| text.contains("condition_assigned") || text.contains("rerouted") || text.contains(&other);
    disk.entries.lock().unwrap().retain(|entry| match &entry.fact {
        Fact::Assignment(conditions::Fact::PlaceCompleted { .. }) => false,
        fact => entry.stream.to_string() != "participant/bob" || !bobs(&serde_json::to_string(fact).unwrap()),
    });

    let house = open(&disk).await;
    let (mut bob, shown) = Person::come(&house, "bob", 1).await;
    assert_eq!(shown.scene.as_str(), "start");
    assert_eq!(bob.go_on(1).await, other, "what was chosen is chosen");
    tokio::time::sleep(REOPEN * 2).await;
    let (mut eve, _) = Person::come(&house, "eve", 2).await;
    assert_eq!(eve.go_on(1).await, "end", "Ann's {level} is taken for good, and Bob is there");
    assert!(log(&disk).contains(&"place_completed".to_owned()));
    assert_ne!(level, other);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_promised_a_level_that_cannot_be_stored() {
    let disk = Disk::default();
    let house = open(&disk).await;
    let (mut ann, _) = Person::come(&house, "ann", 1).await;
    disk.full.store(true, std::sync::atomic::Ordering::SeqCst);
    let said = FromBrowser::Continue(Continue { visit: 1 });
    ann.participant.send(participant::Message::Heard(ann.connection, said)).await.unwrap();
    assert_eq!(ann.ends.closing.wait().await.code, close::RESTART, "the browser comes again");
    disk.full.store(false, std::sync::atomic::Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(10)).await;
    let (mut ann, _) = Person::come(&house, "ann", 2).await;
    let level = ann.go_on(1).await;
    assert!(["kind", "rude"].contains(&level.as_str()));
    assert_eq!(log(&disk), ["participant_numbered", "level_chosen"]);
}
