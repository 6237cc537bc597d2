//! Participants while the store refuses: nobody is admitted on a promise that cannot be kept, and nobody is locked out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use greenroom::actors::clock::Clock;
use greenroom::actors::connection::{Connection, ConnectionId, Ends};
use greenroom::actors::house::{self, Plan};
use greenroom::actors::{Site, participants};
use greenroom::experiment::{EndScene, Experiment, Scene, Stager, StartScene};
use greenroom::facts::{Entry, Journal, JournalError, Projector, Recorded, Stream, Target};
use greenroom::ids::ResumeToken;
use greenroom::rules::events::{Callbacks, Event, Hook, Listen};
use greenroom::wire::{Hello, Page, RefusalCode, ToBrowser, VERSION, close, decode};

/// A journal in memory on a disk that may be full.
#[derive(Clone, Default)]
pub struct Disk {
    pub full: Arc<AtomicBool>,
    pub entries: Arc<std::sync::Mutex<Vec<Entry>>>,
}

impl Journal for Disk {
    fn append(&mut self, entries: &[Entry]) -> Result<(), JournalError> {
        if self.full.load(SeqCst) {
            return Err(JournalError { doing: "store facts", cause: "no space left".into() });
        }
        self.entries.lock().unwrap().extend_from_slice(entries);
        Ok(())
    }

    fn read(&mut self, stream: &Stream) -> Result<Vec<Recorded>, JournalError> {
        let entries = self.entries.lock().unwrap();
        let own = entries.iter().filter(|entry| entry.stream == *stream).cloned();
        Ok(own.map(|Entry { at, fact, payload, .. }| Recorded { at, fact, payload }).collect())
    }

    fn settle(&mut self) -> Result<(), JournalError> {
        Ok(())
    }
}

impl Projector for Disk {
    fn project(&mut self, _: &Target) -> Result<(), JournalError> {
        Ok(())
    }
}

fn study() -> Experiment {
    let start = StartScene { scene_id: "start".parse().unwrap(), page: Page::default() };
    let end = EndScene {
        scene_id: "end".parse().unwrap(),
        page: Page::default(),
        redirect: None,
        shows_code: false,
        bonus: None,
    };
    let stager = Stager::new(vec![Scene::Start(start), Scene::End(end)]).unwrap();
    Experiment {
        id: "study".parse().unwrap(),
        stager,
        static_directories: Vec::new(),
        globals: Default::default(),
        gates: Default::default(),
        language: Default::default(),
    }
}

const PATIENCE: Duration = Duration::from_secs(20);

/// Says hello as `ann` and returns the connection's other end.
async fn arrive(house: &greenroom::actors::host::Address<house::Message>, number: u64) -> Ends {
    let participants = house::doors(house).await.unwrap().participants;
    let (connection, ends) = Connection::new(ConnectionId(number));
    let hello = Hello {
        version: VERSION,
        subject: Some("ann".parse().unwrap()),
        token: Some(ResumeToken::from_random([3; 16])),
        parameters: Default::default(),
        browser: Default::default(),
    };
    let arrive = |reply| participants::Message::Arrive(Box::new(hello), connection, reply);
    participants.ask(PATIENCE, arrive).await.unwrap();
    ends
}

async fn next(ends: &mut Ends) -> ToBrowser {
    let frame = tokio::time::timeout(PATIENCE, ends.frames.recv()).await.unwrap().unwrap();
    decode(&frame.bytes).unwrap()
}

#[tokio::test]
async fn a_full_disk_admits_nobody_and_locks_nobody_out() {
    let disk = Disk::default();
    disk.full.store(true, SeqCst);
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
    let (house, broken) = house::open(plan).await.unwrap();

    let mut refused = arrive(&house, 1).await;
    let ToBrowser::Refused(why) = next(&mut refused).await else { panic!("not refused") };
    assert_eq!(why.code, RefusalCode::Unavailable);
    assert_eq!(refused.closing.wait().await.code, close::RESTART, "the browser comes back by itself");

    disk.full.store(false, SeqCst);
    let mut admitted = arrive(&house, 2).await;
    let ToBrowser::Welcome(welcome) = next(&mut admitted).await else { panic!("no welcome") };
    assert!(!welcome.resumed, "nothing was stored before");
    assert!(matches!(next(&mut admitted).await, ToBrowser::Scene(_)));

    disk.full.store(true, SeqCst);
    let mut later = arrive(&house, 3).await;
    assert_eq!(later.closing.wait().await.code, close::RESTART);
    assert!(
        tokio::time::timeout(Duration::from_millis(200), admitted.closing.wait()).await.is_err(),
        "the older connection goes on as long as the newer one cannot be stored"
    );
    assert!(!broken.is_cancelled());
    assert!(house.ask(PATIENCE, house::Message::Drain).await.unwrap());
}

#[tokio::test]
async fn the_end_of_the_house_is_noticed() {
    let disk = Disk::default();
    let plan = Plan {
        experiment: Arc::new(study()),
        site: Arc::new(Site::default()),
        journal: Box::new(disk.clone()),
        projector: Box::new(disk),
        overdue: Vec::new(),
        clock: Clock::system(),
        suggesters: Default::default(),
        functions: Default::default(),
        callbacks: Default::default(),
        workers: None,
    };
    let (house, broken) = house::open(plan).await.unwrap();
    house.drain(PATIENCE).await;
    tokio::time::timeout(PATIENCE, broken.cancelled()).await.expect("nobody supervises the root but the service");
}

/// Notes which hooks were called, and for whom.
#[derive(Default)]
struct Log(std::sync::Mutex<Vec<String>>);

impl Listen for Log {
    fn hears(&self, _: Hook) -> bool {
        true
    }

    fn hear(&self, event: &Event) -> Result<(), String> {
        let subject = event.subject.as_ref().map_or("nobody", |subject| subject.as_str());
        self.0.lock().unwrap().push(format!("{} {subject}", event.hook.name()));
        Ok(())
    }
}

#[tokio::test]
async fn callbacks_hear_of_what_is_stored_and_of_the_last_of_it_before_the_end() {
    let (disk, log) = (Disk::default(), Arc::new(Log::default()));
    let listener: Arc<dyn Listen> = log.clone();
    disk.full.store(true, SeqCst);
    let plan = Plan {
        experiment: Arc::new(study()),
        site: Arc::new(Site::default()),
        journal: Box::new(disk.clone()),
        projector: Box::new(disk.clone()),
        overdue: Vec::new(),
        clock: Clock::system(),
        suggesters: Default::default(),
        functions: Default::default(),
        callbacks: Callbacks { study: vec![listener], ..Default::default() },
        workers: None,
    };
    let (house, _) = house::open(plan).await.unwrap();
    arrive(&house, 1).await.closing.wait().await;
    assert!(log.0.lock().unwrap().is_empty(), "what could not be stored has not happened");
    disk.full.store(false, SeqCst);
    let mut ends = arrive(&house, 2).await;
    assert!(matches!(next(&mut ends).await, ToBrowser::Welcome(_)));
    assert!(house.ask(PATIENCE, house::Message::Drain).await.unwrap());
    assert_eq!(*log.0.lock().unwrap(), ["on_participant_join ann", "on_scene_start ann"]);
}
