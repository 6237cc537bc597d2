//! Participants while the store refuses: nobody is admitted on a promise that cannot be kept, and nobody is locked out.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use greenroom::actors::connection::{Connection, ConnectionId, Ends};
use greenroom::actors::house::{self, Plan};
use greenroom::actors::participants;
use greenroom::experiment::{Experiment, Scene, Stager};
use greenroom::ids::ResumeToken;
use greenroom::rules::events::{Callbacks, Event, Hook, Listen};
use greenroom::wire::{Hello, RefusalCode, ToBrowser, VERSION, close, decode};

use crate::disk::Disk;
use crate::house::plan;
use crate::studies::{end, start, study_of};

fn study() -> Experiment {
    study_of(Stager::new(vec![Scene::Start(start()), Scene::End(end())]).unwrap())
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
    let (house, broken) = house::open(plan(&disk, study())).await.unwrap();

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
    let (house, broken) = house::open(plan(&disk, study())).await.unwrap();
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
    let callbacks = Callbacks { study: vec![listener], ..Default::default() };
    let (house, _) = house::open(Plan { callbacks, ..plan(&disk, study()) }).await.unwrap();
    arrive(&house, 1).await.closing.wait().await;
    assert!(log.0.lock().unwrap().is_empty(), "what could not be stored has not happened");
    disk.full.store(false, SeqCst);
    let mut ends = arrive(&house, 2).await;
    assert!(matches!(next(&mut ends).await, ToBrowser::Welcome(_)));
    assert!(house.ask(PATIENCE, house::Message::Drain).await.unwrap());
    assert_eq!(*log.0.lock().unwrap(), ["on_participant_join ann", "on_scene_start ann"]);
}
