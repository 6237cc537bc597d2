//! The recorder: the only writer of the store.
//!
//! Group commit: while one batch is being stored, the facts that arrive are gathered into the next, so that a hundred
//! games cost one commit at a time. Its queue is bounded and the overflow policy is *wait*: nothing is ever dropped. What
//! is gathered is bounded too: whoever appends waits for the answer, and what nobody waits for any longer is let go.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::callbacks::Ear;
use super::health::Health;
use super::host::{Address, Failure, Me, Reply, Room};
use crate::facts::{Entry, Journal, JournalError, Payload, Projector, Recorded, Stream, StudyFact, Target};

/// What can be said to the recorder.
#[derive(Debug)]
pub enum Message {
    /// Store these facts, all or none; the answer comes when they are safe.
    Append(Vec<Entry>, Reply<Result<(), JournalError>>),
    /// Read a stream, facts that were appended before included.
    Read(Stream, Reply<Result<Vec<Recorded>, JournalError>>),
    /// Write the files of a visit anew, some time soon.
    Project(Target),
    /// Tell what is stored from now on to a study's callbacks.
    Tell(Ear),
    /// (From itself) the batch is done.
    BatchDone,
    /// (From itself) the store took nothing a moment ago: does it now?
    TryAgain,
    /// (From itself) the files of a visit are written, or could not be.
    ProjectionDone(Target, bool),
    /// Store and write everything that waits, and close the record; the answer tells whether every file was written.
    Drain(Reply<bool>),
}

/// The recorder.
pub struct Recorder {
    journal: Arc<Mutex<Box<dyn Journal>>>,
    projector: Arc<Mutex<Box<dyn Projector>>>,
    waiting: Vec<Job>,
    storing: bool,
    targets: BTreeSet<Target>,
    projecting: bool,
    failed: BTreeSet<Target>,
    draining: Vec<Reply<bool>>,
    ear: Arc<Mutex<Option<Ear>>>,
    health: Arc<Health>,
    /// It will be found out soon whether the store takes facts again.
    trying: bool,
}

enum Job {
    Append(Vec<Entry>, Reply<Result<(), JournalError>>),
    Read(Stream, Reply<Result<Vec<Recorded>, JournalError>>),
}

impl Job {
    fn is_abandoned(&self) -> bool {
        match self {
            Self::Append(_, reply) => reply.is_closed(),
            Self::Read(_, reply) => reply.is_closed(),
        }
    }
}

/// Time after which files that could not be written are tried again.
const RETRY_FILES: Duration = Duration::from_secs(30);

/// Time after which a store that took nothing is tried again, whether anybody waits for it or not.
const TRY_AGAIN: Duration = Duration::from_secs(1);

impl Recorder {
    /// A recorder over a journal and the files made from it.
    pub fn new(journal: Box<dyn Journal>, projector: Box<dyn Projector>, health: Arc<Health>) -> Self {
        Self {
            journal: Arc::new(Mutex::new(journal)),
            projector: Arc::new(Mutex::new(projector)),
            waiting: Vec::new(),
            storing: false,
            targets: BTreeSet::new(),
            projecting: false,
            failed: BTreeSet::new(),
            draining: Vec::new(),
            ear: Arc::default(),
            health,
            trying: false,
        }
    }

    fn work(&mut self, me: &Me<Message>) {
        if !self.storing && !self.waiting.is_empty() {
            // Whoever gave up waiting is made anew from the journal and sends again.
            self.waiting.retain(|job| !job.is_abandoned());
            self.storing = true;
            let (jobs, journal, ear) = (std::mem::take(&mut self.waiting), self.journal.clone(), self.ear.clone());
            let health = self.health.clone();
            let batch = move || {
                let stored = run_batch(&mut **journal.lock().unwrap_or_else(PoisonError::into_inner), jobs, &health);
                // Batches follow each other, so what is told here is in the order of the journal.
                if let Some(ear) = &mut *ear.lock().unwrap_or_else(PoisonError::into_inner) {
                    stored.iter().for_each(|entries| ear.stored(entries));
                }
            };
            blocking(batch, me.address().clone(), |_| Message::BatchDone);
        }
        if !self.projecting
            && let Some(target) = self.targets.pop_first()
        {
            self.projecting = true;
            let (projector, of) = (self.projector.clone(), target.clone());
            let projection = move || projector.lock().unwrap_or_else(PoisonError::into_inner).project(&of);
            blocking(projection, me.address().clone(), move |result| {
                if let Some(Err(error)) = &result {
                    tracing::error!(subject = %target.subject, scene = %target.scene, %error, "data files not written");
                }
                Message::ProjectionDone(target, matches!(result, Some(Ok(()))))
            });
        }
        let quiet = !self.storing && self.waiting.is_empty() && !self.projecting && self.targets.is_empty();
        if quiet && !self.draining.is_empty() {
            self.end();
        }
    }

    /// A store that took nothing is asked again after a moment: nobody new is let in meanwhile, so that perhaps nobody
    /// else would ever ask.
    fn try_again_later(&mut self, me: &Me<Message>) {
        if self.health.trouble().is_some() && !self.trying && self.draining.is_empty() {
            self.trying = true;
            let recorder = me.address().clone();
            tokio::spawn(async move {
                tokio::time::sleep(TRY_AGAIN).await;
                let _ = recorder.tell(Message::TryAgain);
            });
        }
    }

    /// Asks by storing what the researcher should know in any case; the trouble is over when that is on record.
    fn try_again(&mut self) {
        self.trying = false;
        let Some(trouble) = self.health.trouble() else { return };
        let milliseconds = u64::try_from(trouble.lasted.as_millis()).unwrap_or(u64::MAX);
        let fact = StudyFact::StoreFailed { milliseconds, turned_away: trouble.turned_away };
        let entry = Entry { stream: Stream::Study, at: self.health.now(), fact: fact.into(), payload: Payload::None };
        let (reply, answer) = Reply::new();
        self.waiting.push(Job::Append(vec![entry], reply));
        let health = self.health.clone();
        tokio::spawn(async move {
            if let Ok(Ok(())) = answer.await {
                health.succeeded();
            }
        });
    }

    /// Everything that waited is done.
    fn end(&mut self) {
        let written = self.failed.is_empty();
        if written && let Err(error) = self.journal.lock().unwrap_or_else(PoisonError::into_inner).settle() {
            tracing::warn!(%error, "the next start looks for files that are due");
        }
        for reply in self.draining.drain(..) {
            reply.send(written);
        }
    }

    /// Files that could not be written are tried again after a while: a full disk may have room again.
    fn project_later(&mut self, target: Target, me: &Me<Message>) {
        if self.failed.insert(target.clone()) && self.draining.is_empty() {
            let recorder = me.address().clone();
            tokio::spawn(async move {
                tokio::time::sleep(RETRY_FILES).await;
                let _ = recorder.tell(Message::Project(target));
            });
        }
    }
}

/// Runs work that blocks on a thread of its own and tells the recorder when it is over; of a panic, it tells `None`.
fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    recorder: Address<Message>,
    done: impl FnOnce(Option<T>) -> Message + Send + 'static,
) {
    tokio::spawn(async move {
        let result = tokio::task::spawn_blocking(work).await;
        if let Err(error) = &result {
            tracing::error!(%error, "the store panicked");
        }
        let _ = recorder.tell(done(result.ok()));
    });
}

/// Carries out a batch: everything to store in one commit. When that fails, each append is tried by itself, so that one
/// that cannot be stored does not take others along. Returns what was stored, in its order.
fn run_batch(journal: &mut dyn Journal, jobs: Vec<Job>, health: &Health) -> Vec<Vec<Entry>> {
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
    let mut kept = Vec::new();
    let mut any = false;
    for (range, reply) in appends {
        let stored = if all.is_ok() { Ok(()) } else { journal.append(&entries[range.clone()]) };
        match &stored {
            Ok(()) if all.is_err() => {
                any = true;
                kept.push(entries[range].to_vec());
            }
            Ok(()) => {}
            Err(error) => tracing::debug!(%error, "facts not stored"),
        }
        reply.send(stored);
    }
    if let Err(error) = &all
        && !any
    {
        health.failed(error);
    }
    for (stream, reply) in reads {
        reply.send(journal.read(&stream));
    }
    if all.is_ok() {
        kept.push(entries);
    }
    kept
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
                self.failed.remove(&target);
                self.targets.insert(target);
            }
            Message::Tell(ear) => *self.ear.lock().unwrap_or_else(PoisonError::into_inner) = Some(ear),
            Message::BatchDone => {
                self.storing = false;
                self.try_again_later(me);
            }
            Message::TryAgain => self.try_again(),
            Message::ProjectionDone(target, written) => {
                self.projecting = false;
                match written {
                    true => drop(self.failed.remove(&target)),
                    false => self.project_later(target, me),
                }
            }
            Message::Drain(reply) => self.draining.push(reply),
        }
        self.work(me);
        Ok(())
    }
}
