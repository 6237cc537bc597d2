//! The recorder: group commit, failure, and files written once.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use greenroom::actors::clock::Clock;
use greenroom::actors::health::Health;
use greenroom::actors::host::{Address, spawn_root};
use greenroom::actors::meter::Meters;
use greenroom::actors::recorder::{Message, Recorder};
use greenroom::facts::{Entry, GameFact, Journal, JournalError, Outcome, Payload, Projector, Recorded, Stream, Target};
use greenroom::ids::{GameId, SubjectId};
use greenroom::time::Timestamp;

/// A journal in memory that is slow, as disks are, and refuses what it is told to.
#[derive(Clone, Default)]
struct Memory {
    batches: Arc<Mutex<Vec<Vec<Entry>>>>,
    refused: Arc<Mutex<Option<Stream>>>,
    settled: Arc<Mutex<bool>>,
}

impl Journal for Memory {
    fn append(&mut self, entries: &[Entry]) -> Result<(), JournalError> {
        std::thread::sleep(Duration::from_millis(20));
        let refused = self.refused.lock().unwrap().clone();
        if refused.is_some_and(|refused| entries.iter().any(|entry| entry.stream == refused)) {
            return Err(JournalError { doing: "store facts", cause: "told to".into() });
        }
        self.batches.lock().unwrap().push(entries.to_vec());
        Ok(())
    }

    fn settle(&mut self) -> Result<(), JournalError> {
        *self.settled.lock().unwrap() = true;
        Ok(())
    }

    fn read(&mut self, stream: &Stream) -> Result<Vec<Recorded>, JournalError> {
        let batches = self.batches.lock().unwrap();
        let entries = batches.iter().flatten().filter(|entry| entry.stream == *stream).cloned();
        Ok(entries.map(|Entry { at, fact, payload, .. }| Recorded { at, fact, payload }).collect())
    }
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<Target>>>);

impl Projector for Written {
    fn project(&mut self, target: &Target) -> Result<(), JournalError> {
        self.0.lock().unwrap().push(target.clone());
        std::thread::sleep(Duration::from_millis(20));
        if target.visit == 99 {
            panic!("a projection that panics")
        }
        Ok(())
    }
}

async fn recorder() -> (Address<Message>, Memory, Written) {
    let (memory, written) = (Memory::default(), Written::default());
    let health = Arc::new(Health::new(Clock::system()));
    let recorder = Recorder::new(Box::new(memory.clone()), Box::new(written.clone()), health);
    (spawn_root(recorder, Meters::default()).await.unwrap(), memory, written)
}

fn entry(stream: &Stream) -> Entry {
    let fact = GameFact::GameEnded { outcome: Outcome::Complete }.into();
    Entry { stream: stream.clone(), at: Timestamp(1), fact, payload: Payload::None }
}

fn game() -> Stream {
    Stream::Game(GameId::fresh())
}

const PATIENCE: Duration = Duration::from_secs(20);

async fn append(recorder: &Address<Message>, stream: &Stream) -> Result<(), JournalError> {
    recorder.ask(PATIENCE, |reply| Message::Append(vec![entry(stream)], reply)).await.unwrap()
}

#[tokio::test]
async fn what_arrives_together_is_stored_together() {
    let (recorder, memory, _) = recorder().await;
    let mut appends = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let recorder = recorder.clone();
        appends.spawn(async move { append(&recorder, &game()).await });
    }
    assert!(appends.join_all().await.iter().all(Result::is_ok));
    let batches = memory.batches.lock().unwrap();
    assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 50);
    assert!(batches.len() <= 5, "{} commits for 50 appends", batches.len());
}

#[tokio::test]
async fn what_cannot_be_stored_takes_nothing_else_along() {
    let (recorder, memory, _) = recorder().await;
    let (good, bad) = (game(), game());
    *memory.refused.lock().unwrap() = Some(bad.clone());
    append(&recorder, &game()).await.unwrap();
    let (first, second) = tokio::join!(append(&recorder, &good), append(&recorder, &bad));
    assert!(first.is_ok() && second.is_err());
    let read = |stream: Stream| recorder.ask(PATIENCE, |reply| Message::Read(stream, reply));
    assert_eq!(read(good).await.unwrap().unwrap().len(), 1);
    assert_eq!(read(bad.clone()).await.unwrap().unwrap().len(), 0);
    *memory.refused.lock().unwrap() = None;
    append(&recorder, &bad).await.expect("the disk has room again");
}

#[tokio::test]
async fn files_that_are_due_many_times_are_written_once_and_before_the_end() {
    let (recorder, memory, written) = recorder().await;
    let target = |visit| Target {
        subject: "ann".parse::<SubjectId>().unwrap(),
        scene: "game".parse().unwrap(),
        visit,
        game: None,
    };
    for _ in 0..20 {
        for visit in [1, 99, 2] {
            recorder.send(Message::Project(target(visit))).await.unwrap();
        }
    }
    assert!(!recorder.ask(PATIENCE, Message::Drain).await.unwrap(), "one file could not be written");
    assert!(!*memory.settled.lock().unwrap(), "so the next start has to look for it");
    let written = written.0.lock().unwrap();
    assert!(written.len() < 20, "{} times", written.len());
    for visit in [1, 2, 99] {
        assert!(written.contains(&target(visit)), "a panic stops no other file");
    }
}
