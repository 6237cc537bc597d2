//! Callbacks: told in order, whatever they do, and holding nobody up.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use greenroom::actors::callbacks::{Callbacks, Ear, Message, Record, Tally};
use greenroom::actors::clock::Clock;
use greenroom::actors::health::Health;
use greenroom::actors::host::{Address, spawn_root};
use greenroom::actors::meter::Meters;
use greenroom::actors::recorder::Recorder;
use greenroom::facts::{Entry, Fact, GameFact, ParticipantFact, Payload, Stream, StudyFact};
use greenroom::ids::GameId;
use greenroom::rules::events::{self, Event, Hook, Listen};
use greenroom::time::Timestamp;

use crate::disk::Disk;

/// Notes what it hears.
#[derive(Default)]
struct Log {
    heard: Mutex<Vec<Event>>,
    /// While this is set, calls do not return.
    stuck: AtomicBool,
}

impl Listen for Log {
    fn hears(&self, hook: Hook) -> bool {
        hook != Hook::EpisodeStart
    }

    fn hear(&self, event: &Event) -> Result<(), String> {
        while self.stuck.load(SeqCst) {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.heard.lock().unwrap().push(event.clone());
        match event.episode {
            Some(1) => Err("study.py:7: the callback Log.on_episode_end raised KeyError: 'x'".into()),
            Some(2) => panic!("a bug of ours"),
            _ => Ok(()),
        }
    }
}

impl Log {
    fn hooks(&self) -> Vec<Hook> {
        self.heard.lock().unwrap().iter().map(|event| event.hook).collect()
    }
}

const PATIENCE: Duration = Duration::from_secs(20);

async fn callbacks(log: &Arc<Log>) -> (Address<Message>, Ear, Arc<Tally>) {
    let log: Arc<dyn Listen> = log.clone();
    let listeners = events::Callbacks { study: vec![log], ..Default::default() };
    let callbacks = Callbacks::new(listeners, None).unwrap();
    let tally = callbacks.tally();
    let address = spawn_root(callbacks, Meters::default()).await.unwrap();
    let ear = Callbacks::ear(address.clone(), tally.clone());
    (address, ear, tally)
}

/// A game of one person with so many episodes, of one step each.
fn game(episodes: u32) -> Vec<Entry> {
    let stream = Stream::Game(GameId::fresh());
    let entry =
        |fact: GameFact| Entry { stream: stream.clone(), at: Timestamp(1), fact: fact.into(), payload: Payload::None };
    let players = [("human".to_owned(), "ann".parse().unwrap())].into();
    let opened = GameFact::GameOpened { scene: "game".parse().unwrap(), visit: 2, players, seed: 7 };
    let episode = |episode| {
        [GameFact::StepsAccepted { episode, first: 0, count: 1 }, GameFact::EpisodeEnded { episode, steps: 1 }]
    };
    [opened].into_iter().chain((0..episodes).flat_map(episode)).map(entry).collect()
}

#[tokio::test]
async fn they_are_told_in_order_and_a_failure_stops_nothing() {
    let log = Arc::new(Log::default());
    let (address, mut ear, tally) = callbacks(&log).await;
    ear.stored(&game(4));
    let frames = GameFact::FramesConfirmed { episode: 0, first: 0, count: 1 };
    let frames =
        Entry { stream: Stream::Game(GameId::fresh()), at: Timestamp(1), fact: frames.into(), payload: Payload::None };
    ear.stored(&[frames]);
    address.ask(PATIENCE, Message::Drain).await.unwrap();
    let end = Hook::EpisodeEnd;
    assert_eq!(log.hooks(), [Hook::GameStart, end, end, end, end]);
    let episodes: Vec<_> = log.heard.lock().unwrap().iter().map(|event| event.episode).collect();
    assert_eq!(episodes, [None, Some(0), Some(1), Some(2), Some(3)]);
    assert_eq!((tally.calls(), tally.dropped()), ((5, 2), 0), "an exception and a panic");
}

#[tokio::test]
async fn what_became_of_each_call_is_on_record() {
    let (log, disk, clock) = (Arc::new(Log::default()), Disk::default(), Clock::system());
    let recorder = Recorder::new(Box::new(disk.clone()), Box::new(disk.clone()), Arc::new(Health::new(clock)));
    let recorder = spawn_root(recorder, Meters::default()).await.unwrap();
    let listener: Arc<dyn Listen> = log.clone();
    let listeners = events::Callbacks { study: vec![listener], ..Default::default() };
    let callbacks = Callbacks::new(listeners, Some(Record { recorder, clock })).unwrap();
    let tally = callbacks.tally();
    let address = spawn_root(callbacks, Meters::default()).await.unwrap();
    Callbacks::ear(address.clone(), tally).stored(&game(2));
    address.ask(PATIENCE, Message::Drain).await.unwrap();
    let told: Vec<_> = disk.of(&Stream::Study).into_iter().map(|recorded| recorded.fact).collect();
    let told: Vec<_> = told
        .iter()
        .filter_map(|fact| match fact {
            Fact::Study(StudyFact::CallbackReturned { hook, episode, error, .. }) => {
                Some((hook.as_str(), *episode, error.is_some()))
            }
            _ => None,
        })
        .collect();
    let end = "on_episode_end";
    assert_eq!(told, [("on_game_start", None, false), (end, Some(0), false), (end, Some(1), true)]);
}

#[tokio::test]
async fn what_overflows_is_dropped_and_counted() {
    let log = Arc::new(Log::default());
    log.stuck.store(true, SeqCst);
    let (address, mut ear, tally) = callbacks(&log).await;
    let joined = |number: u32| {
        let fact = ParticipantFact::SceneEntered { visit: 1, scene: "start".parse().unwrap() };
        let stream = Stream::Participant(format!("p{number}").parse().unwrap());
        Entry { stream, at: Timestamp(1), fact: fact.into(), payload: Payload::None }
    };
    let entries: Vec<_> = (0..5000).map(joined).collect();
    let began = tokio::time::Instant::now();
    ear.stored(&entries);
    assert!(began.elapsed() < Duration::from_secs(2), "nobody waits for a callback");
    let dropped = tally.dropped();
    assert!((800..1000).contains(&dropped), "{dropped}");
    let waits = address.ask(Duration::from_millis(200), Message::Drain).await;
    assert!(waits.is_err(), "a callback that hangs holds up the queue, and nobody for longer than he likes");
    log.stuck.store(false, SeqCst);
    address.ask(PATIENCE, Message::Drain).await.unwrap();
    assert_eq!(log.heard.lock().unwrap().len() as u64, 5000 - dropped);
    let first: Vec<_> = log.heard.lock().unwrap().iter().take(2).map(|event| event.subject.clone().unwrap()).collect();
    assert_eq!(first, ["p0".parse().unwrap(), "p1".parse().unwrap()], "the newest are dropped");
    ear.stored(&game(0));
    address.ask(PATIENCE, Message::Drain).await.unwrap();
    assert_eq!(log.hooks().last(), Some(&Hook::GameStart), "once there is room, they are told again");
}
