//! The recorder: the only writer of the store.
//!
//! Group commit: while one batch is being stored, the facts that arrive are gathered into the next, so that a hundred
//! games cost one commit at a time. Its queue is bounded and the overflow policy is *wait*: nothing is ever dropped. What
//! is gathered is bounded too, since whoever appends waits for the answer.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::host::{Address, Failure, Me, Reply, Room};
use crate::facts::{Entry, Journal, JournalError, Projector, Recorded, Stream, Target};

/// What can be said to the recorder.
#[derive(Debug)]
pub enum Message {
    /// Store these facts, all or none; the answer comes when they are safe.
    Append(Vec<Entry>, Reply<Result<(), JournalError>>),
    /// Read a stream, facts that were appended before included.
    Read(Stream, Reply<Result<Vec<Recorded>, JournalError>>),
    /// Write the files of a visit anew, some time soon.
    Project(Target),
    /// (From itself) the batch is done.
    BatchDone,
    /// (From itself) the files are written.
    ProjectionDone,
    /// Store and write everything that waits; the answer comes when it is done.
    Drain(Reply<()>),
}

/// The recorder.
pub struct Recorder {
    journal: Arc<Mutex<Box<dyn Journal>>>,
    projector: Arc<Mutex<Box<dyn Projector>>>,
    waiting: Vec<Job>,
    storing: bool,
    targets: BTreeSet<Target>,
    projecting: bool,
    draining: Vec<Reply<()>>,
}

enum Job {
    Append(Vec<Entry>, Reply<Result<(), JournalError>>),
    Read(Stream, Reply<Result<Vec<Recorded>, JournalError>>),
}

impl Recorder {
    /// A recorder over a journal and the files made from it.
    pub fn new(journal: Box<dyn Journal>, projector: Box<dyn Projector>) -> Self {
        Self {
            journal: Arc::new(Mutex::new(journal)),
            projector: Arc::new(Mutex::new(projector)),
            waiting: Vec::new(),
            storing: false,
            targets: BTreeSet::new(),
            projecting: false,
            draining: Vec::new(),
        }
    }

    fn work(&mut self, me: &Me<Message>) {
        if !self.storing && !self.waiting.is_empty() {
            self.storing = true;
            let (jobs, journal, address) =
                (std::mem::take(&mut self.waiting), self.journal.clone(), me.address().clone());
            let batch = move || run_batch(&mut **journal.lock().unwrap_or_else(PoisonError::into_inner), jobs);
            blocking(batch, address, Message::BatchDone);
        }
        let quiet = !self.storing && self.waiting.is_empty();
        if !self.projecting
            && quiet
            && let Some(target) = self.targets.pop_first()
        {
            self.projecting = true;
            let (projector, address) = (self.projector.clone(), me.address().clone());
            let projection = move || {
                if let Err(error) = projector.lock().unwrap_or_else(PoisonError::into_inner).project(&target) {
                    tracing::error!(subject = %target.subject, scene = %target.scene, %error, "data files not written");
                }
            };
            blocking(projection, address, Message::ProjectionDone);
        }
        if quiet && !self.projecting && self.targets.is_empty() {
            self.draining.drain(..).for_each(|reply| reply.send(()));
        }
    }
}

/// Runs work that blocks on a thread of its own and tells the recorder when it is over, even by a panic.
fn blocking(work: impl FnOnce() + Send + 'static, recorder: Address<Message>, done: Message) {
    tokio::spawn(async move {
        if let Err(error) = tokio::task::spawn_blocking(work).await {
            tracing::error!(%error, "the store panicked");
        }
        let _ = recorder.tell(done);
    });
}

/// Carries out a batch: everything to store in one commit. When that fails, each append is tried by itself, so that one
/// that cannot be stored does not take others along.
fn run_batch(journal: &mut dyn Journal, jobs: Vec<Job>) {
    let mut entries = Vec::new();
    let (mut appends, mut reads) = (Vec::new(), Vec::new());
    for job in jobs {
        match job {
            Job::Append(own, reply) => {
                let from = entries.len();
                entries.extend(own);
                appends.push((from..entries.len(), reply));
            }
            Job::Read(stream, reply) => reads.push((stream, reply)),
        }
    }
    let all = if entries.is_empty() { Ok(()) } else { journal.append(&entries) };
    for (range, reply) in appends {
        let stored = if all.is_ok() { Ok(()) } else { journal.append(&entries[range]) };
        if let Err(error) = &stored {
            tracing::error!(%error, "facts not stored");
        }
        reply.send(stored);
    }
    for (stream, reply) in reads {
        reply.send(journal.read(&stream));
    }
}

impl Room for Recorder {
    type Message = Message;
    const KIND: &'static str = "recorder";
    const DEPTH: usize = 1024;

    async fn handle(&mut self, message: Message, me: &Me<Message>) -> Result<(), Failure> {
        match message {
            Message::Append(entries, reply) => self.waiting.push(Job::Append(entries, reply)),
            Message::Read(stream, reply) => self.waiting.push(Job::Read(stream, reply)),
            Message::Project(target) => {
                self.targets.insert(target);
            }
            Message::BatchDone => self.storing = false,
            Message::ProjectionDone => self.projecting = false,
            Message::Drain(reply) => self.draining.push(reply),
        }
        self.work(me);
        Ok(())
    }
}
