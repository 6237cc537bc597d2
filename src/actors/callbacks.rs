//! A researcher's own callbacks: told of what was stored, one event after the other, off the async threads.
//!
//! They never hold anybody up. The recorder offers facts after their commit; the queue is bounded and the overflow policy
//! is *drop the newest*: what comes while it is full is not told, counted, and said so in the log once in a while. The
//! data have everything all the same.
//!
//! Calls are made on a thread of their own, and not on those that the runtime lends for blocking work: those are waited
//! for when the service ends, and Python that never returns cannot be interrupted.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::clock::Clock;
use super::host::{Address, Failure, Me, Nursery, Reply, Room};
use super::monitor::REPORT_EVERY;
use super::recorder;
use crate::facts::{Entry, JournalError, Payload, Recorded, Stream, StudyFact};
use crate::rules::events::{Callbacks as Listeners, Event, Events, Listen, Noted};

/// Facts that may wait to be told: those of a few hundred games that begin at once.
const QUEUE: usize = 4096;

/// A call that takes longer is said so in the log; what follows waits for it.
const SLOW: Duration = Duration::from_secs(2);

/// Time between two lines of the log about facts that were not told.
const DROPS_EVERY: Duration = Duration::from_secs(10);

/// Longest that the earlier facts of a stream may take to be read.
const READ_DEADLINE: Duration = Duration::from_secs(15);

/// Longest text of what a callback raised that is kept, in characters.
const ERROR_LIMIT: usize = 4000;

/// What can be said to the callbacks.
#[derive(Debug)]
pub enum Message {
    /// This was stored.
    Stored(Box<Noted>),
    /// Answer when everything that was stored before has been told.
    Drain(Reply<()>),
}

/// What the operator sees of the callbacks.
#[derive(Debug, Default)]
pub struct Tally {
    calls: AtomicU64,
    failures: AtomicU64,
    slow: AtomicU64,
    dropped: AtomicU64,
    slowest_ms: AtomicU64,
}

impl Tally {
    /// Calls so far, and how many of them failed.
    pub fn calls(&self) -> (u64, u64) {
        (self.calls.load(Relaxed), self.failures.load(Relaxed))
    }

    /// Facts that were not told, since the queue was full.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Relaxed)
    }

    fn report(&self) {
        tracing::info!(
            target: "greenroom::metrics",
            calls = self.calls.load(Relaxed),
            failures = self.failures.load(Relaxed),
            slow = self.slow.load(Relaxed),
            dropped = self.dropped.load(Relaxed),
            slowest_ms = self.slowest_ms.swap(0, Relaxed),
            "callbacks"
        );
    }
}

/// The recorder's end: offers what was stored.
#[derive(Debug)]
pub struct Ear {
    callbacks: Address<Message>,
    tally: Arc<Tally>,
    said: Option<Instant>,
}

impl Ear {
    /// Tells what was stored, as far as an event may come of it and there is room for it.
    pub fn stored(&mut self, entries: &[Entry]) {
        for noted in entries.iter().filter_map(Noted::of) {
            if self.callbacks.offer(Message::Stored(Box::new(noted))).is_err() {
                self.drop_one();
            }
        }
    }

    fn drop_one(&mut self) {
        let dropped = self.tally.dropped.fetch_add(1, Relaxed) + 1;
        if self.said.is_none_or(|said| said.elapsed() >= DROPS_EVERY) {
            self.said = Some(Instant::now());
            tracing::warn!(
                dropped,
                "callbacks are too slow: some events are not told to them; the data have everything"
            );
        }
    }
}

/// A call for the thread, and where its answer goes.
struct Call {
    listener: Arc<dyn Listen>,
    event: Event,
    answer: oneshot::Sender<Result<(), String>>,
}

/// Where earlier facts are read, and what became of calls is noted.
#[derive(Debug, Clone)]
pub struct Record {
    /// The only writer of the store.
    pub recorder: Address<recorder::Message>,
    /// The time.
    pub clock: Clock,
}

/// The callbacks of a study.
pub struct Callbacks {
    listeners: Listeners,
    events: Events,
    record: Option<Record>,
    calls: mpsc::Sender<Call>,
    tally: Arc<Tally>,
}

impl Callbacks {
    /// The actor of these callbacks.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn new(listeners: Listeners, record: Option<Record>) -> std::io::Result<Self> {
        let (calls, waiting) = mpsc::channel::<Call>();
        // It ends with the actor, whose end of the channel it is.
        std::thread::Builder::new().name("callbacks".into()).spawn(move || {
            for Call { listener, event, answer } in waiting {
                let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| listener.hear(&event)));
                // The actor may have gone.
                let _ = answer.send(told.unwrap_or_else(|_| Err("a callback panicked".into())));
            }
        })?;
        Ok(Self { listeners, events: Events::default(), record, calls, tally: Arc::default() })
    }

    /// Starts the actor of a study's callbacks, and has the recorder tell it what is stored. Nothing, if there are none.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn start(
        listeners: Listeners,
        recorder: &Address<recorder::Message>,
        clock: Clock,
        nursery: &Nursery,
    ) -> Result<Option<Address<Message>>, Failure> {
        if listeners.is_empty() {
            return Ok(None);
        }
        let callbacks = Self::new(listeners, Some(Record { recorder: recorder.clone(), clock }))?;
        let tally = callbacks.tally();
        let address = nursery.spawn(callbacks).await?;
        recorder.tell(recorder::Message::Tell(Self::ear(address.clone(), tally)))?;
        Ok(Some(address))
    }

    /// What the operator sees of them.
    pub fn tally(&self) -> Arc<Tally> {
        self.tally.clone()
    }

    /// The recorder's end of them, once they can be reached.
    pub fn ear(address: Address<Message>, tally: Arc<Tally>) -> Ear {
        Ear { callbacks: address, tally, said: None }
    }

    async fn tell(&mut self, noted: Noted) {
        let events = match self.events.hear(&noted) {
            Ok(events) => events,
            Err(stream) => {
                let facts = self.read(stream).await.unwrap_or_else(|error| {
                    tracing::warn!(%error, "earlier facts cannot be read: callbacks are told less");
                    Vec::new()
                });
                self.events.recall(&noted, facts)
            }
        };
        for event in events {
            let listeners: Vec<_> = self.listeners.of(&event).cloned().collect();
            for listener in listeners {
                self.call(listener, event.clone()).await;
            }
        }
    }

    async fn read(&self, stream: Stream) -> Result<Vec<Recorded>, JournalError> {
        let Some(Record { recorder, .. }) = &self.record else { return Ok(Vec::new()) };
        let failed = |error: super::host::AskError| JournalError { doing: "read a stream", cause: error.to_string() };
        recorder.ask(READ_DEADLINE, |reply| recorder::Message::Read(stream, reply)).await.map_err(failed)?
    }

    /// Makes a call and waits for its end, however long that takes.
    async fn call(&self, listener: Arc<dyn Listen>, event: Event) {
        let hook = event.hook.name();
        let about = (event.subject.clone(), event.game, event.episode);
        let (answer, mut told) = oneshot::channel();
        let began = Instant::now();
        if self.calls.send(Call { listener, event, answer }).is_err() {
            return;
        }
        let told = match tokio::time::timeout(SLOW, &mut told).await {
            Ok(told) => told,
            Err(_) => {
                self.tally.slow.fetch_add(1, Relaxed);
                tracing::warn!(hook, seconds = SLOW.as_secs(), "a callback takes long; further events wait for it");
                told.await
            }
        };
        let took = began.elapsed();
        self.tally.calls.fetch_add(1, Relaxed);
        self.tally.slowest_ms.fetch_max(u64::try_from(took.as_millis()).unwrap_or(u64::MAX), Relaxed);
        let error = told.ok().and_then(Result::err);
        if let Some(error) = &error {
            self.tally.failures.fetch_add(1, Relaxed);
            tracing::error!(hook, "{error}");
        }
        let (subject, game, episode) = about;
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let error = error.map(|error| error.chars().take(ERROR_LIMIT).collect());
        self.note(StudyFact::CallbackReturned { hook: hook.into(), subject, game, episode, milliseconds, error }).await;
    }

    /// Puts on record what became of a call. Nobody relies on it, so that a store that takes nothing holds up no call.
    async fn note(&self, fact: StudyFact) {
        let Some(Record { recorder, clock }) = &self.record else { return };
        let entry = Entry { stream: Stream::Study, at: clock.now(), fact: fact.into(), payload: Payload::None };
        let _ = recorder.ask(READ_DEADLINE, |reply| recorder::Message::Append(vec![entry], reply)).await;
    }
}

impl Room for Callbacks {
    type Message = Message;
    const KIND: &'static str = "callbacks";
    const DEPTH: usize = QUEUE;

    async fn started(&mut self, _: &Me<Message>) -> Result<(), Failure> {
        // Not by a message to itself: a callback that hangs must not keep the operator from seeing that.
        tokio::spawn(report(Arc::downgrade(&self.tally)));
        Ok(())
    }

    async fn handle(&mut self, message: Message, _: &Me<Message>) -> Result<(), Failure> {
        match message {
            Message::Stored(noted) => self.tell(*noted).await,
            Message::Drain(reply) => {
                reply.send(());
            }
        }
        Ok(())
    }
}

/// Reports until nobody counts any longer.
async fn report(tally: Weak<Tally>) {
    loop {
        tokio::time::sleep(REPORT_EVERY).await;
        let Some(tally) = tally.upgrade() else { return };
        tally.report();
    }
}
