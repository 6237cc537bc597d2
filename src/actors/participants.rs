//! All participants: finds one, makes it, or makes it anew.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;

use super::assigner;
use super::connection::Connection;
use super::host::{Address, Ended, Failure, Id, Me, Reply, Room};
use super::participant::{self, Participant};
use super::scene_managers;
use super::services::Services;
use crate::ids::{SceneId, SubjectId};
use crate::rules::restart::{RestartLimit, Verdict};
use crate::rules::turnstile::Allowance;
use crate::time::Timestamp;
use crate::wire::{Hello, RefusalCode, Refused, ToBrowser, close};

/// Newcomers let in at once: a lecture hall that opens the link together.
const NEWCOMERS_AT_ONCE: u32 = 1000;
/// Newcomers let in per second in the long run.
const NEWCOMERS_PER_SECOND: u32 = 50;
/// A participant that crashes more often than this within [`CRASH_WINDOW`] has to wait.
const CRASHES: usize = 5;
/// The time in which it may crash that often.
const CRASH_WINDOW: Duration = Duration::from_secs(60);

/// What can be said to the supervisor of the participants.
#[derive(Debug)]
pub enum Message {
    /// A browser said hello; the answer is its participant, or `None` when it was refused (and told why).
    Arrive(Box<Hello>, Connection, Reply<Option<Address<participant::Message>>>),
    /// (From below) a participant is in this scene, with a connection or without.
    Moved(Id, SceneId, bool),
    /// (From below) a participant has not been there for long and can be forgotten.
    Idle(SubjectId, Id),
    /// How many participants are in each scene?
    Census(Reply<BTreeMap<SceneId, Headcount>>),
    /// Stop the participants, after what waits for them; the answer comes when they have ended.
    Drain(Reply<()>),
}

/// Participants in a scene.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Headcount {
    /// With a connection.
    pub here: usize,
    /// Without one.
    pub away: usize,
}

/// Supervises the participants.
pub struct Participants {
    services: Services,
    managers: Address<scene_managers::Message>,
    rooms: BTreeMap<SubjectId, Address<participant::Message>>,
    subjects: BTreeMap<Id, SubjectId>,
    whereabouts: BTreeMap<SubjectId, (SceneId, bool)>,
    crashes: BTreeMap<SubjectId, RestartLimit>,
    barred: BTreeMap<SubjectId, Timestamp>,
    newcomers: Allowance,
}

impl Participants {
    /// Nobody yet.
    pub fn new(services: Services, managers: Address<scene_managers::Message>) -> Self {
        let newcomers = Allowance::new(NEWCOMERS_AT_ONCE, NEWCOMERS_PER_SECOND, services.clock.now());
        Self {
            services,
            managers,
            rooms: BTreeMap::new(),
            subjects: BTreeMap::new(),
            whereabouts: BTreeMap::new(),
            crashes: BTreeMap::new(),
            barred: BTreeMap::new(),
            newcomers,
        }
    }

    async fn arrive(
        &mut self,
        hello: Box<Hello>,
        connection: Connection,
        me: &Me<Message>,
    ) -> Result<Option<Address<participant::Message>>, Failure> {
        let subject = hello.subject.clone().unwrap_or_else(SubjectId::fresh);
        let now = self.services.clock.now();
        if self.barred.get(&subject).is_some_and(|until| now < *until) {
            turn_away(&connection, RefusalCode::Unavailable, "please wait a moment; trying again soon");
            return Ok(None);
        }
        self.barred.remove(&subject);
        let address = match self.rooms.get(&subject) {
            Some(address) => address.clone(),
            // Whoever comes is a fact, and there would be no use in waiting for its end.
            None if self.services.health.trouble().is_some() => {
                self.services.health.turn_away();
                let message = "the study cannot take new participants at the moment; trying again soon";
                turn_away(&connection, RefusalCode::Unavailable, message);
                return Ok(None);
            }
            None if !self.newcomers.take(now) => {
                turn_away(&connection, RefusalCode::TooMany, "many people arrive right now; trying again soon");
                return Ok(None);
            }
            None => self.make(&subject, me).await?,
        };
        // Never waiting here: one participant that has too much to do must not hold up the others.
        match address.offer(participant::Message::Arrive(hello, connection.clone())) {
            Ok(()) => Ok(Some(address)),
            Err(_full_or_gone) => {
                turn_away(&connection, RefusalCode::Unavailable, "please wait a moment; trying again soon");
                Ok(None)
            }
        }
    }

    async fn make(&mut self, subject: &SubjectId, me: &Me<Message>) -> Result<Address<participant::Message>, Failure> {
        let room =
            Participant::new(subject.clone(), self.services.clone(), me.address().clone(), self.managers.clone());
        let address = me.spawn(room).await?;
        self.rooms.insert(subject.clone(), address.clone());
        self.subjects.insert(address.id(), subject.clone());
        Ok(address)
    }

    fn census(&self) -> BTreeMap<SceneId, Headcount> {
        let mut census = BTreeMap::<SceneId, Headcount>::new();
        for (scene, here) in self.whereabouts.values() {
            let count = census.entry(scene.clone()).or_default();
            *(if *here { &mut count.here } else { &mut count.away }) += 1;
        }
        census
    }
}

/// Tells a browser to come again, and why.
pub(super) fn turn_away(connection: &Connection, code: RefusalCode, message: &str) {
    connection.send(&ToBrowser::Refused(Refused { code, message: message.into() }));
    connection.close(close::RESTART, "try again soon");
}

impl Room for Participants {
    type Message = Message;
    const KIND: &'static str = "participants";
    const DEPTH: usize = 1024;

    async fn handle(&mut self, message: Message, me: &Me<Message>) -> Result<(), Failure> {
        match message {
            Message::Arrive(hello, connection, reply) => {
                reply.send(self.arrive(hello, connection, me).await?);
            }
            Message::Moved(id, scene, here) => {
                // News of a participant that has ended in the meantime is no news.
                if let Some(subject) = self.subjects.get(&id) {
                    self.whereabouts.insert(subject.clone(), (scene, here));
                }
            }
            Message::Idle(subject, id) => {
                if self.subjects.remove(&id).is_some()
                    && let Some(address) = self.rooms.remove(&subject)
                {
                    self.whereabouts.remove(&subject);
                    tokio::spawn(async move { address.drain(super::house::DRAIN_STEP).await });
                }
            }
            Message::Census(reply) => {
                reply.send(self.census());
            }
            Message::Drain(reply) => {
                join_all(self.rooms.values().map(|room| room.drain(super::house::DRAIN_STEP))).await;
                reply.send(());
            }
        }
        Ok(())
    }

    async fn child_ended(&mut self, child: Id, ended: Ended, _: &Me<Message>) -> Result<(), Failure> {
        let Some(subject) = self.subjects.remove(&child) else { return Ok(()) };
        if let Some(assigner) = &self.services.assigner {
            // One that is gone is made anew together with all participants.
            let _ = assigner.tell(assigner::Message::Gone(subject.clone()));
        }
        self.rooms.remove(&subject);
        self.whereabouts.remove(&subject);
        if let Ended::Crashed(reason) = ended {
            tracing::error!(%subject, reason, "a participant crashed; it is made anew when its browser comes back");
            let limit = self.crashes.entry(subject.clone()).or_insert_with(|| RestartLimit::new(CRASHES, CRASH_WINDOW));
            let now = self.services.clock.now();
            if limit.crashed(now) == Verdict::GiveUp {
                self.barred.insert(subject, now + CRASH_WINDOW);
            }
        }
        Ok(())
    }
}
