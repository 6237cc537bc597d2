//! One participant: the shell around [`Session`].

mod flow;
mod functions;

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use serde_json::{Map, Value};

use super::connection::{Connection, ConnectionId};
use super::game::{self, Wants};
use super::host::{Address, Failure, Me, Room};
use super::participants;
use super::scene_manager::{self, Joining, NoGame};
use super::scene_managers;
use super::secrets::random;
use super::services::Services;
use super::view;
use crate::experiment::Hook;
use crate::facts::{Entry, Fact, ParticipantFact, Payload, Stream, Visitor};
use crate::ids::{GameId, ResumeToken, SceneId, SubjectId};
use crate::rules::conditions::Stands;
use crate::rules::embedded::HookCall;
use crate::rules::functions::{Argument, FunctionKey};
use crate::rules::memory::EpisodeResult;
use crate::rules::session::{Decision, Effect, Ending, Input, Session};
use crate::rules::turnstile::Allowance;
use crate::wire::{
    self, Dismissal, Failed, FromBrowser, GamePage, Hello, Leave, Present, RefusalCode, Refused, Sight, ToBrowser,
    Welcome, close,
};

pub use gating::{Asked, ENTRY, MONITOR};

use gating::Gating;

mod gating;

/// A participant without a connection is forgotten after this time, and made anew from the journal when it comes back.
const FORGET_AFTER: Duration = Duration::from_secs(10 * 60);

/// Connections that one participant may open at once, and per second in the long run. Each leaves a fact behind.
const ARRIVALS_AT_ONCE: u32 = 30;
const ARRIVALS_PER_SECOND: u32 = 1;

/// Longest that a scene's manager may take to answer.
const MANAGER_DEADLINE: Duration = Duration::from_secs(20);

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

/// Where it waits for others. Not part of the record: when this is lost, the page asks again and keeps its place.
struct Wait {
    visit: u32,
    manager: Address<scene_manager::Message>,
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

    /// Has the browser come again.
    fn close(&self, reason: &'static str) {
        if let Some(connection) = &self.connection {
            connection.close(close::RESTART, reason);
        }
    }

    /// Gives up its place in the waiting room when it is past that.
    async fn stop_waiting(&mut self) {
        let view = self.session.view();
        let past = |wait: &mut Wait| wait.visit != view.visit || view.trouble || view.game.is_some();
        if let Some(wait) = self.waiting.take_if(past)
            && view.game.is_none()
        {
            // A manager that is gone knows of no place.
            let _ = wait.manager.send(scene_manager::Message::Leave(self.session.subject().clone())).await;
        }
    }

    /// Tells its scene's manager something, if it waits.
    async fn tell_manager(&self, message: impl FnOnce(SubjectId) -> scene_manager::Message) {
        if let Some(wait) = &self.waiting {
            // When the manager is gone the connection is closed too, and the page asks again.
            let _ = wait.manager.send(message(self.session.subject().clone())).await;
        }
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

    async fn carry_out(&mut self, effect: Effect, me: &Me<Message>) -> Result<Option<Input>, Failure> {
        match effect {
            Effect::Welcome(resumed) => self.welcome(resumed),
            Effect::ShowScene => {
                if let Some(first) = self.before_showing()? {
                    return Ok(Some(first));
                }
                if let (Some(connection), Some(scene)) =
                    (&self.connection, view::shown(&self.session, self.waiting.is_some(), &self.services))
                {
                    connection.send(&ToBrowser::Scene(scene));
                }
            }
            Effect::Hold(visit) => self.hold(visit),
            Effect::LetIn(visit) => return self.let_in(visit),
            Effect::AskEntry(arguments) => self.ask_entry(arguments, me),
            Effect::Warn(warning) => self.warn(warning),
            Effect::OpenGame(visit, scene) => return Ok(Some(self.open_game(visit, scene).await)),
            Effect::TellGamePage(visit, agent) => self.tell_game_page(visit, &agent).await,
            Effect::ComputeBonus(owed) => return Ok(Some(self.compute_bonus(owed).await)),
            Effect::FindGame(game) => return self.attach(game, Wants::Nothing, me).await,
            Effect::JoinGame(game, has) => return self.attach(game, Wants::Play(has), me).await,
            Effect::Wait(visit, scene, partners) => self.wait(visit, scene, partners, me).await,
            Effect::AbandonGame(game, scene) => {
                if let Ok(address) = self.find_game(game, scene).await {
                    // A game that is gone by now has ended already.
                    let _ = address.send(game::Message::Abandon(self.session.subject().clone())).await;
                }
            }
            Effect::Project(target) => self.services.project(target).await,
            Effect::SavedStored(state) => self.send(&ToBrowser::SavedStored(state)),
            Effect::Tell(told) => self.send(&ToBrowser::Told(told)),
            Effect::CallHook(call) => return Ok(Some(self.call_hook(call).await)),
            Effect::Number => return Ok(self.number().await),
            Effect::AskWay(way, function, told) => return Ok(Some(self.ask_way(way, function, told).await)),
            Effect::AskLevel(way, condition, partners) => return self.ask_level(way, condition, partners).await,
            Effect::Odd(what) => tracing::error!(subject = %self.session.subject(), "{what}"),
            Effect::AnswerStored(stored) => self.send(&ToBrowser::AnswerStored(stored)),
            Effect::Want(wanting) => self.send(&ToBrowser::Wanting(wanting)),
            Effect::Report(failed) => self.report(&failed),
            Effect::Refuse(refused) => self.send(&ToBrowser::Refused(refused)),
        }
        Ok(None)
    }

    fn welcome(&self, resumed: bool) {
        let Some(token) = self.token.clone() else { return };
        self.send(&ToBrowser::Welcome(Welcome {
            version: wire::VERSION,
            experiment: self.services.experiment.id.clone(),
            subject: self.session.subject().clone(),
            token,
            resumed,
            engine: self.services.site.engine.clone(),
            preload: self.services.site.preload.clone(),
        }));
    }

    fn report(&self, failed: &Failed) {
        tracing::error!(
            subject = %self.session.subject(),
            scene = self.session.view().scene.as_ref().map(tracing::field::display),
            stage = ?failed.stage,
            gave_up = failed.give_up,
            message = failed.message,
            "a scene failed in a participant's browser\n{}",
            failed.traceback
        );
    }

    /// Asks a function of the experiment module what it makes of what a document does.
    async fn call_hook(&self, call: HookCall) -> Input {
        let view = self.session.view();
        let key = FunctionKey { scene: view.scene, option: call.hook.option().into() };
        let mut arguments = vec![Argument::Plain(call.data.clone())];
        if call.hook != Hook::ScoreFn {
            arguments.insert(0, Argument::Participant(self.session.memory().told(self.session.subject())));
        }
        // What failed is in the log; the document goes on as if nothing had been said.
        let answer = self.services.call(&key, arguments).await.ok();
        Input::Hooked(call, answer)
    }

    async fn manager(&self, scene: SceneId) -> Option<Address<scene_manager::Message>> {
        self.managers.ask(MANAGER_DEADLINE, |reply| scene_managers::Message::Find(scene, reply)).await.ok().flatten()
    }

    async fn open_game(&self, visit: u32, scene: SceneId) -> Input {
        let subject = self.session.subject().clone();
        let gym = self.services.experiment.stager.gyms().find(|gym| gym.scene_id == scene);
        let agent = gym.and_then(|gym| gym.human_agent()).unwrap_or_default().to_owned();
        let opened = match self.manager(scene).await {
            Some(manager) => {
                manager.ask(MANAGER_DEADLINE, |reply| scene_manager::Message::Open(subject, visit, reply)).await
            }
            None => Ok(None),
        };
        match opened {
            Ok(Some(game)) => Input::GameOpened(visit, game, BTreeSet::new(), agent),
            Ok(None) | Err(_) => Input::GameRefused(visit),
        }
    }

    async fn find_game(&self, game: GameId, scene: SceneId) -> Result<Address<game::Message>, NoGame> {
        if self.services.experiment.stager.scene(&scene).is_none() {
            return Err(NoGame::Lost("the module has this scene no longer".into()));
        }
        let manager = self.manager(scene).await.ok_or(NoGame::NotNow)?;
        let found = manager.ask(MANAGER_DEADLINE, |reply| scene_manager::Message::Find(game, reply)).await;
        found.unwrap_or(Err(NoGame::NotNow))
    }

    async fn forget_game(&self) {
        let view = self.session.view();
        if let (Some(game), Some(scene)) = (view.game, view.scene)
            && let Some(manager) = self.manager(scene).await
        {
            let _ = manager.send(scene_manager::Message::Forget(game)).await;
        }
    }

    async fn wait(&mut self, visit: u32, scene: SceneId, partners: BTreeSet<SubjectId>, me: &Me<Message>) {
        let Some(connection) = self.connection.clone() else { return };
        let player = Visitor { subject: self.session.subject().clone(), visit };
        let joining = Joining { player, connection, participant: me.address().clone(), partners };
        let manager = self.manager(scene).await;
        self.waiting = manager.map(|manager| Wait { visit, manager });
        let joined = match &self.waiting {
            Some(wait) => wait.manager.send(scene_manager::Message::Join(joining)).await.is_ok(),
            None => false,
        };
        if !joined {
            self.refuse(RefusalCode::Unavailable, "the game cannot start right now");
        }
    }

    async fn attach(&self, game: GameId, wants: Wants, me: &Me<Message>) -> Result<Option<Input>, Failure> {
        let (Some(connection), Some(scene)) = (self.connection.clone(), self.session.view().scene) else {
            return Ok(None);
        };
        let attached = match self.find_game(game, scene).await {
            Ok(address) => {
                let attach = game::Message::Attach(game::Attachment {
                    connection: connection.clone(),
                    participant: me.address().clone(),
                    subject: self.session.subject().clone(),
                    wants,
                });
                address.send(attach).await.map_err(|_ended_this_moment| NoGame::NotNow)
            }
            Err(reason) => Err(reason),
        };
        match attached {
            Ok(()) => Ok(None),
            Err(NoGame::Lost(reason)) => {
                tracing::error!(subject = %self.session.subject(), %game, reason, "a game is lost");
                Ok(Some(Input::GameLost(game, reason)))
            }
            // The browser comes back by itself, and finds what became of the game.
            Err(NoGame::NotNow) => {
                connection.close(close::RESTART, "the game cannot be had at the moment");
                Ok(None)
            }
        }
    }

    fn send(&self, message: &ToBrowser) {
        if let Some(connection) = &self.connection {
            connection.send(message);
        }
    }

    fn refuse(&self, code: RefusalCode, message: &str) {
        self.send(&ToBrowser::Refused(Refused { code, message: message.into() }));
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

    fn waits_in(&self, visit: u32) -> bool {
        self.waiting.as_ref().is_some_and(|wait| wait.visit == visit)
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
