//! The one place that knows the actor library: it turns a [`Room`] into a supervised actor with a bounded, measured
//! mailbox.
//!
//! What the library leaves open is decided here. Mailboxes are bounded by credits that travel with each message, so that a
//! full one makes the sender wait (up to the reader of a socket, and so to TCP). Questions have deadlines. A child that
//! ends never takes its parent along. Children are killed when their parent stops, so draining is explicit and ordered:
//! see [`super::house`].

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, SupervisionEvent};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::Instant;

use super::meter::{Meter, Meters, Presence, Waiting};

/// Why an actor cannot go on. Bad input is never a reason: it is answered, and the actor lives.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What an actor does: its state and how it answers each message.
pub trait Room: Sized + Send + 'static {
    /// Everything that can be said to it.
    type Message: Send + 'static;
    /// The name of its kind in logs and metrics.
    const KIND: &'static str;
    /// Messages that may wait in its mailbox before senders have to.
    const DEPTH: usize = 64;

    /// Runs before the first message; may take its time, nobody waits for it.
    fn started(&mut self, me: &Me<Self::Message>) -> impl Future<Output = Result<(), Failure>> + Send {
        let _ = me;
        async { Ok(()) }
    }

    /// Answers one message. An error ends the actor, as a panic does.
    fn handle(
        &mut self,
        message: Self::Message,
        me: &Me<Self::Message>,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// One of its children ended.
    fn child_ended(
        &mut self,
        child: Id,
        ended: Ended,
        me: &Me<Self::Message>,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        let _ = (child, ended, me);
        async { Ok(()) }
    }
}

/// Tells one actor from another within this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(u64);

impl Id {
    fn of(cell: &ActorCell) -> Self {
        Self(cell.get_id().pid())
    }
}

/// How a child ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It was stopped or drained.
    Stopped,
    /// It panicked or failed.
    Crashed(String),
}

/// What a running actor knows of itself.
#[derive(Debug)]
pub struct Me<M> {
    address: Address<M>,
    meters: Meters,
}

impl<M: Send + 'static> Me<M> {
    /// Its own address.
    pub fn address(&self) -> &Address<M> {
        &self.address
    }

    /// All meters of the house.
    pub fn meters(&self) -> &Meters {
        &self.meters
    }

    /// Starts a child; the parent hears when it ends.
    ///
    /// # Errors
    /// When this actor is about to stop.
    pub async fn spawn<R: Room>(&self, room: R) -> Result<Address<R::Message>, Failure> {
        self.nursery().spawn(room).await
    }

    /// A handle by which others can start children of this actor.
    pub fn nursery(&self) -> Nursery {
        Nursery { parent: self.address.actor.get_cell(), meters: self.meters.clone() }
    }

    /// Ends this actor after the message it is handling.
    pub fn stop(&self) {
        self.address.actor.stop(None);
    }
}

/// Starts children of an actor from outside it.
#[derive(Debug, Clone)]
pub struct Nursery {
    parent: ActorCell,
    meters: Meters,
}

impl Nursery {
    /// Starts a child.
    ///
    /// # Errors
    /// When the parent is gone.
    pub async fn spawn<R: Room>(&self, room: R) -> Result<Address<R::Message>, Failure> {
        let start = Start::new(room, &self.meters);
        let (credit, meter) = (start.credit.clone(), start.meter.clone());
        let (actor, _) = Host::<R>::spawn_linked(None, Host::new(), start, self.parent.clone()).await?;
        Ok(Address { actor, credit, meter })
    }

    /// The meters of the house.
    pub fn meters(&self) -> &Meters {
        &self.meters
    }
}

/// Starts the root of a tree.
///
/// # Errors
/// When the actor library refuses, which it does only for actors with names.
pub async fn spawn_root<R: Room>(room: R, meters: Meters) -> Result<Address<R::Message>, Failure> {
    let start = Start::new(room, &meters);
    let (credit, meter) = (start.credit.clone(), start.meter.clone());
    let (actor, _) = Host::<R>::spawn(None, Host::new(), start).await?;
    Ok(Address { actor, credit, meter })
}

/// Where an actor can be reached. Cheap to clone.
pub struct Address<M> {
    actor: ActorRef<Mail<M>>,
    credit: Arc<Semaphore>,
    meter: Arc<Meter>,
}

/// The actor is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the actor is gone")]
pub struct Gone;

/// A message that was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// The mailbox is full.
    #[error("the actor has too much to do")]
    Full,
    /// The actor is gone.
    #[error("the actor is gone")]
    Gone,
}

/// A question without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The actor is gone, or dropped the question.
    #[error("the actor is gone")]
    Gone,
    /// The answer did not come in time.
    #[error("the actor did not answer in time")]
    TimedOut,
}

impl<M: Send + 'static> Address<M> {
    /// Which actor it is.
    pub fn id(&self) -> Id {
        Id::of(&self.actor)
    }

    /// Sends a message, waiting for room in the mailbox.
    ///
    /// # Errors
    /// When the actor is gone.
    pub async fn send(&self, message: M) -> Result<(), Gone> {
        let credit = self.credit.clone().acquire_owned().await.map_err(|_| Gone)?;
        self.post(message, Some(credit))
    }

    /// Sends a message if there is room for it in the mailbox at this moment.
    ///
    /// # Errors
    /// When there is none, or the actor is gone.
    pub fn offer(&self, message: M) -> Result<(), NotTaken> {
        let credit = self.credit.clone().try_acquire_owned().map_err(|_| NotTaken::Full)?;
        self.post(message, Some(credit)).map_err(|Gone| NotTaken::Gone)
    }

    /// Sends a message that must not wait, without credit. Only for news from children and for what an actor tells itself:
    /// what is told is bounded by what was stored or done before.
    ///
    /// # Errors
    /// When the actor is gone.
    pub fn tell(&self, message: M) -> Result<(), Gone> {
        self.post(message, None)
    }

    fn post(&self, body: M, credit: Option<OwnedSemaphorePermit>) -> Result<(), Gone> {
        let mail = Mail { body, _credit: credit, _waiting: Waiting::new(self.meter.clone()) };
        self.actor.send_message(mail).map_err(|_| Gone)
    }

    /// Asks a question; ask only downwards in the tree, so that no two actors wait for each other.
    ///
    /// # Errors
    /// When the actor is gone, drops the question, or does not answer within `deadline`.
    pub async fn ask<T>(&self, deadline: Duration, question: impl FnOnce(Reply<T>) -> M) -> Result<T, AskError> {
        let (reply, answer) = Reply::new();
        let asked = async {
            self.send(question(reply)).await.map_err(|Gone| AskError::Gone)?;
            answer.await.map_err(|_| AskError::Gone)
        };
        tokio::time::timeout(deadline, asked).await.unwrap_or(Err(AskError::TimedOut))
    }

    /// Lets the actor handle what waits in its mailbox, then stops it. `false` when it did not end within `deadline`.
    pub async fn drain(&self, deadline: Duration) -> bool {
        self.actor.drain_and_wait(Some(deadline)).await.is_ok()
    }
}

impl<M> Clone for Address<M> {
    fn clone(&self) -> Self {
        Self { actor: self.actor.clone(), credit: self.credit.clone(), meter: self.meter.clone() }
    }
}

impl<M> fmt::Debug for Address<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Address").field(&self.actor.get_id()).finish()
    }
}

/// Where the answer to a question goes.
#[derive(Debug)]
pub struct Reply<T>(oneshot::Sender<T>);

impl<T> Reply<T> {
    /// A reply and the answer it will bring.
    pub fn new() -> (Self, oneshot::Receiver<T>) {
        let (sender, receiver) = oneshot::channel();
        (Self(sender), receiver)
    }

    /// Answers; `false` when whoever asked has gone in the meantime.
    pub fn send(self, answer: T) -> bool {
        self.0.send(answer).is_ok()
    }

    /// Whether whoever asked has gone.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

/// A message in a mailbox, with the credit that its sender had to have.
struct Mail<M> {
    body: M,
    _credit: Option<OwnedSemaphorePermit>,
    _waiting: Waiting,
}

/// What an actor begins with.
struct Start<R> {
    room: R,
    credit: Arc<Semaphore>,
    meter: Arc<Meter>,
    meters: Meters,
}

impl<R: Room> Start<R> {
    fn new(room: R, meters: &Meters) -> Self {
        let credit = Arc::new(Semaphore::new(R::DEPTH));
        Self { room, credit, meter: meters.of(R::KIND), meters: meters.clone() }
    }
}

/// Counts a crash when it is dropped by a panic.
struct PanicCount<'a>(&'a Meter);

impl Drop for PanicCount<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.crashed();
        }
    }
}

/// The library's actor around a room.
struct Host<R>(PhantomData<fn() -> R>);

impl<R> Host<R> {
    fn new() -> Self {
        Self(PhantomData)
    }
}

/// A room while it lives.
struct Living<R: Room> {
    room: R,
    me: Me<R::Message>,
    meter: Arc<Meter>,
    _presence: Presence,
}

impl<R: Room> Actor for Host<R> {
    type Msg = Mail<R::Message>;
    type State = Living<R>;
    type Arguments = Start<R>;

    async fn pre_start(
        &self,
        myself: ActorRef<Self::Msg>,
        Start { room, credit, meter, meters }: Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        let presence = Presence::new(meter.clone());
        let address = Address { actor: myself, credit, meter: meter.clone() };
        Ok(Living { room, me: Me { address, meters }, meter, _presence: presence })
    }

    async fn post_start(&self, _: ActorRef<Self::Msg>, living: &mut Self::State) -> Result<(), ActorProcessingErr> {
        living.room.started(&living.me).await
    }

    async fn handle(
        &self,
        _: ActorRef<Self::Msg>,
        mail: Self::Msg,
        living: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let Mail { body, _credit, _waiting: waiting } = mail;
        drop(waiting);
        let _count = PanicCount(&living.meter);
        let began = Instant::now();
        let result = living.room.handle(body, &living.me).await;
        living.meter.handled(began.elapsed());
        if result.is_err() {
            living.meter.crashed();
        }
        result
    }

    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<Self::Msg>,
        event: SupervisionEvent,
        living: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match event {
            SupervisionEvent::ActorTerminated(cell, ..) => {
                living.room.child_ended(Id::of(&cell), Ended::Stopped, &living.me).await
            }
            SupervisionEvent::ActorFailed(cell, error) => {
                tracing::error!(parent_kind = R::KIND, %error, "an actor crashed");
                living.room.child_ended(Id::of(&cell), Ended::Crashed(error.to_string()), &living.me).await
            }
            SupervisionEvent::ActorStarted(_) | SupervisionEvent::ProcessGroupChanged(_) => Ok(()),
        }
    }
}
