//! One participant: the shell around [`Session`].

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use serde_json::{Map, Value};

use super::connection::{Connection, ConnectionId};
use super::host::{Address, Failure, Me, Room};
use super::participants;
use super::scene_manager;
use super::scene_managers;
use super::secrets::random;
use super::services::Services;
use crate::facts::{Entry, Fact, ParticipantFact, Payload, Stream};
use crate::ids::{GameId, ResumeToken, SubjectId};
use crate::rules::conditions::Stands;
use crate::rules::memory::EpisodeResult;
use crate::rules::session::{Decision, Ending, Input, Session};
use crate::rules::turnstile::Allowance;
use crate::wire::{
    Dismissal, FromBrowser, GamePage, Hello, Leave, Present, RefusalCode, Refused, Sight, ToBrowser, close,
};

mod effects;
mod flow;
mod functions;
mod games;
mod gating;
mod waiting;

pub use gating::{Asked, ENTRY, MONITOR};

use gating::Gating;
use waiting::Wait;

/// A participant without a connection is forgotten after this time, and made anew from the journal when it comes back.
const FORGET_AFTER: Duration = Duration::from_secs(10 * 60);

/// Connections that one participant may open at once, and per second in the long run. Each leaves a fact behind.
const ARRIVALS_AT_ONCE: u32 = 30;
const ARRIVALS_PER_SECOND: u32 = 1;

/// What can be said to a participant.
#[derive(Debug)]
pub enum Message {
    /// Its browser (or another one, which is to be found out) is there.
    Arrive(Box<Hello>, Connection),
    /// Its browser said something.
    Heard(ConnectionId, FromBrowser),
    /// A connection is gone.
    Left(ConnectionId),
    /// The waiting in this visit has led to a game with these others, in which it plays this agent.
    GameOpened(u32, GameId, BTreeSet<SubjectId>, String),
    /// The waiting in this visit has ended without a game.
    Dismissed(u32, Dismissal),
    /// Its game is over: what has become of the values that it shares with other scenes. Comes before `GameOver`.
    GlobalsLeft(GameId, Map<String, Value>),
    /// (From itself) it is time to look at it.
    Look,
    /// (From itself) a function of the researcher's answered, or failed.
    Called(Asked, Result<serde_json::Value, String>),
    /// Its game is over: how that ended, and how it did, by episode.
    GameOver(GameId, Ending, Vec<EpisodeResult>),
    /// It may be time to forget it: this many connections had come when the time began.
    Forget(u64),
}

/// A participant.
pub struct Participant {
    session: Session,
    services: Services,
    news: Address<participants::Message>,
    managers: Address<scene_managers::Message>,
    connection: Option<Connection>,
    token: Option<ResumeToken>,
    waiting: Option<Wait>,
    /// What the assigner heard last.
    told_assigner: Option<(Stands, bool)>,
    arrivals: u64,
    arriving: Allowance,
    gating: Gating,
    /// What stands beside the game of a visit, by the researcher's function: it is asked once.
    game_page: Option<(u32, GamePage)>,
}

impl Participant {
    /// A participant whose facts are yet to be read.
    pub fn new(
        subject: SubjectId,
        services: Services,
        news: Address<participants::Message>,
        managers: Address<scene_managers::Message>,
    ) -> Self {
        let experiment = &services.experiment;
        let session = Session::new(subject).sharing(experiment.globals.clone()).within(experiment.gates.clone());
        let arriving = Allowance::new(ARRIVALS_AT_ONCE, ARRIVALS_PER_SECOND, services.clock.now());
        Self {
            session,
            services,
            news,
            managers,
            connection: None,
            token: None,
            waiting: None,
            told_assigner: None,
            arrivals: 0,
            arriving,
            gating: Gating::default(),
            game_page: None,
        }
    }

    async fn arrive(&mut self, hello: Box<Hello>, connection: Connection, me: &Me<Message>) -> Result<(), Failure> {
        let digest = hello.token.as_ref().map(ResumeToken::digest);
        if let Err(refused) = self.session.admit(digest.as_ref()) {
            connection.send(&ToBrowser::Refused(refused));
            connection.close(close::NOT_ADMITTED, "not admitted");
            return Ok(());
        }
        if !self.arriving.take(self.services.clock.now()) {
            participants::turn_away(
                &connection,
                RefusalCode::TooMany,
                "this page connects too often; trying again soon",
            );
            return Ok(());
        }
        // A browser makes its own secret before it first comes, so that it can come back even if it never hears `welcome`.
        let token = match hello.token.clone() {
            Some(token) => token,
            None => ResumeToken::from_random(random()?),
        };
        let digest = token.digest();
        self.token = Some(token);
        self.out_of_reach();
        let older = self.connection.replace(connection);
        if self.run(Input::Arrive(hello, digest), me).await? {
            self.arrivals += 1;
            // Its page cannot answer for it before it says that it is ready again.
            self.tell_manager(scene_manager::Message::Loading).await;
            if let Some(older) = older {
                older.close(close::REPLACED, "a newer connection acts for this participant");
            }
        } else if let Some(newer) = std::mem::replace(&mut self.connection, older) {
            newer.close(close::RESTART, "the service cannot store data at the moment");
            self.forget_later(me);
        }
        Ok(())
    }

    /// `false` when the facts could not be stored; nothing has happened then.
    async fn run(&mut self, input: Input, me: &Me<Message>) -> Result<bool, Failure> {
        // An effect can bring about the next input: a game that was opened is one that can be joined.
        let mut next = VecDeque::from([input]);
        while let Some(input) = next.pop_front() {
            let Decision { facts, effects } = self.session.decide(&self.services.experiment.stager, input);
            if !self.store(facts, me).await? {
                if self.session.lacks_code(&self.services.experiment.stager) {
                    // Its page asks for nothing more; it comes back, and gets its code then.
                    self.close("the service cannot store data at the moment");
                }
                self.refuse(RefusalCode::Unavailable, "the service cannot store data at the moment; please try again");
                return Ok(false);
            }
            for effect in effects {
                next.extend(self.carry_out(effect, me).await?);
            }
        }
        self.stop_waiting().await;
        self.keep_looking(me);
        self.tell_assigner().await;
        Ok(true)
    }

    async fn store(&mut self, facts: Vec<ParticipantFact>, me: &Me<Message>) -> Result<bool, Failure> {
        let (at, stream) = (self.services.clock.now(), Stream::Participant(self.session.subject().clone()));
        let facts: Vec<Fact> = facts.into_iter().map(Fact::from).collect();
        let entries =
            facts.iter().cloned().map(|fact| Entry { stream: stream.clone(), at, fact, payload: Payload::None });
        if self.services.store(entries.collect()).await?.is_err() {
            return Ok(false);
        }
        facts.iter().for_each(|fact| self.session.apply(fact));
        if !facts.is_empty() {
            self.announce(me);
        }
        Ok(true)
    }

    /// Tells where the participant is, for the operator.
    fn announce(&self, me: &Me<Message>) {
        let Some(scene) = self.session.view().scene else { return };
        // Without a supervisor the house is about to stop.
        let _ = self.news.tell(participants::Message::Moved(me.address().id(), scene, self.connection.is_some()));
    }

    async fn heard(&mut self, said: FromBrowser, me: &Me<Message>) -> Result<(), Failure> {
        let input = match said {
            FromBrowser::Continue(at) => Input::Continue(at.visit, random()?),
            FromBrowser::Answered(answered) => Input::Answered(answered),
            FromBrowser::Saved(saved) => Input::Saved(saved),
            FromBrowser::Ready(ready) => Input::Ready(ready),
            FromBrowser::Failed(failed) => Input::Failed(failed),
            FromBrowser::Sight(Sight { visit, visible }) => {
                self.sight(visit, visible);
                return Ok(());
            }
            // Whoever does not wait any more has been told how it goes on.
            FromBrowser::Present(Present { visit, proposal, visible }) => {
                if self.waits_in(visit) {
                    self.tell_manager(|subject| scene_manager::Message::Present(subject, proposal, visible)).await;
                }
                return Ok(());
            }
            FromBrowser::Leave(Leave { visit }) => {
                if self.waits_in(visit) {
                    self.tell_manager(scene_manager::Message::Leave).await;
                    return Ok(());
                }
                Input::Dismissed(visit, Dismissal::LeftWaiting, random()?)
            }
            // What is sent in every frame may still be on its way when the game is over.
            FromBrowser::Inputs(_) | FromBrowser::Hashes(_) | FromBrowser::Witnessed(_) => return Ok(()),
            _ => {
                self.refuse(RefusalCode::OutOfPlace, "this message does not fit here: there is no running game");
                return Ok(());
            }
        };
        self.run(input, me).await?;
        Ok(())
    }

    async fn left(&mut self, connection: ConnectionId, me: &Me<Message>) {
        if self.connection.take_if(|current| current.id() == connection).is_none() {
            return;
        }
        self.announce(me);
        self.out_of_reach();
        self.tell_assigner().await;
        self.tell_manager(scene_manager::Message::Gone).await;
        if let Some(target) = self.session.target() {
            self.services.project(target).await;
        }
        self.forget_later(me);
    }

    fn forget_later(&self, me: &Me<Message>) {
        let (address, arrivals) = (me.address().clone(), self.arrivals);
        tokio::spawn(async move {
            tokio::time::sleep(FORGET_AFTER).await;
            let _ = address.tell(Message::Forget(arrivals));
        });
    }

    fn send(&self, message: &ToBrowser) {
        if let Some(connection) = &self.connection {
            connection.send(message);
        }
    }

    fn refuse(&self, code: RefusalCode, message: &str) {
        self.send(&ToBrowser::Refused(Refused { code, message: message.into() }));
    }

    /// Has the browser come again.
    fn close(&self, reason: &'static str) {
        if let Some(connection) = &self.connection {
            connection.close(close::RESTART, reason);
        }
    }
}

impl Room for Participant {
    type Message = Message;
    const KIND: &'static str = "participant";

    async fn started(&mut self, me: &Me<Message>) -> Result<(), Failure> {
        let stream = Stream::Participant(self.session.subject().clone());
        for recorded in self.services.read(stream).await? {
            self.session.apply(&recorded.fact);
        }
        self.forget_later(me);
        Ok(())
    }

    async fn handle(&mut self, message: Message, me: &Me<Message>) -> Result<(), Failure> {
        match message {
            Message::Arrive(hello, connection) => self.arrive(hello, connection, me).await,
            Message::Heard(from, said) => {
                // An older connection has nothing to say any more.
                if self.connection.as_ref().is_some_and(|current| current.id() == from) {
                    self.heard(said, me).await?;
                }
                Ok(())
            }
            Message::Left(connection) => {
                self.left(connection, me).await;
                Ok(())
            }
            Message::GameOpened(visit, game, partners, agent) => {
                self.run(Input::GameOpened(visit, game, partners, agent), me).await.map(drop)
            }
            Message::Dismissed(visit, reason) => {
                self.run(Input::Dismissed(visit, reason, random()?), me).await.map(drop)
            }
            Message::GlobalsLeft(game, values) => self.run(Input::GlobalsLeft(game, values), me).await.map(drop),
            Message::Look => self.take_look(me).await,
            Message::Called(asked, called) => self.called(asked, called, me).await,
            Message::GameOver(game, ending, results) => {
                self.run(Input::GameOver(game, ending, results, random()?), me).await.map(drop)
            }
            Message::Forget(arrivals) => {
                if self.connection.is_none() && arrivals == self.arrivals {
                    self.forget_game().await;
                    let subject = self.session.subject().clone();
                    let _ = self.news.tell(participants::Message::Idle(subject, me.address().id()));
                }
                Ok(())
            }
        }
    }
}
