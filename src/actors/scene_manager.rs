//! The manager of one game scene: the one owner of its waiting room and its games.

mod games;
mod lounge;
mod person;
mod room;
mod suggestions;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;

use games::Made;
use lounge::Lounge;
pub use suggestions::Suggested;

use super::clock::tick;
use super::connection::Connection;
use super::game::{self, Game};
use super::host::{Address, Ended, Failure, Id, Me, Reply, Room};
use super::participant;
use super::secrets::random;
use super::services::Services;
use super::shared_game::SharedGame;
use super::{globals, workers};
use crate::experiment::GymScene;
use crate::facts::{Entry, Fact, GameFact, Recorded, Stream, Visitor};
use crate::ids::{GameId, SceneId, SubjectId};
use crate::rules::episodes::{Episodes, Length};
use crate::rules::restart::{RestartLimit, Verdict};
use crate::wire::close;

/// A game that crashes more often than this is lost: it would crash again.
const CRASHES: usize = 3;
/// The time in which it may crash that often.
const CRASH_WINDOW: Duration = Duration::from_secs(60);

/// Time between two looks at the waiting room: what is due there is due by the second.
const TICK: Duration = Duration::from_secs(1);

/// What can be said to a scene manager.
#[derive(Debug)]
pub enum Message {
    /// Open a game for a participant in this visit. The answer is `None` when that cannot be stored at the moment.
    Open(SubjectId, u32, game::Opening),
    /// Where is this game? It is made anew from the journal if need be.
    Find(GameId, Reply<Result<Address<game::Message>, NoGame>>),
    /// The player of this game has not been there for long: it can be forgotten, and made anew when it is needed. A game
    /// for several players ends by itself instead.
    Forget(GameId),
    /// Somebody waits for others to play with, or still does after a new connection.
    Join(Joining),
    /// A waiting page answers this ready-check, or comes into sight by itself: whether it is visible.
    Present(SubjectId, Option<u64>, bool),
    /// Somebody does not want to wait any longer.
    Leave(SubjectId),
    /// The connection of somebody who waits is gone.
    Gone(SubjectId),
    /// The browser of somebody who waits is back, but its page has to load first.
    Loading(SubjectId),
    /// How many wait and play?
    Census(Reply<Census>),
    /// (From itself) a second has passed.
    Tick(Reply<()>),
    /// (From itself) what was decided in the waiting room is stored, or could not be; an error when nobody knows.
    Stored(Result<bool, String>),
    /// (From itself) the researcher's own rule has named groups.
    Suggested(Suggested),
    /// (From itself) the workers have told for how many further games there is room; `None` when they did not answer.
    GameRoom(Option<workers::Room>),
    /// Stop the games, after what waits for them; the answer comes when they have ended.
    Drain(Reply<()>),
}

/// Somebody who wants to play with others.
#[derive(Debug)]
pub struct Joining {
    /// Who, in which visit.
    pub player: Visitor,
    /// Its connection.
    pub connection: Connection,
    /// Who hears what comes of it.
    pub participant: Address<participant::Message>,
    /// With whom it played last.
    pub partners: BTreeSet<SubjectId>,
}

/// What goes on in a scene with a waiting room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census {
    /// Who could be matched, or is being asked.
    pub waiting: usize,
    /// Who could be matched, if there was room for another game.
    pub full: usize,
    /// Who did not answer.
    pub asleep: usize,
    /// Whose connection is gone.
    pub away: usize,
    /// Games that are running.
    pub games: usize,
    /// Why there is no room for another game, while somebody waits for it.
    pub no_room: Option<String>,
}

/// Why there is no game to play in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoGame {
    /// It is lost for good.
    Lost(String),
    /// It cannot be had at the moment; asking again helps.
    NotNow,
}

/// The manager of one game scene.
pub struct SceneManager {
    scene: SceneId,
    gym: GymScene,
    agent: String,
    length: Length,
    services: Services,
    games: BTreeMap<GameId, Address<game::Message>>,
    crashes: BTreeMap<GameId, RestartLimit>,
    lost: BTreeSet<GameId>,
    /// There for scenes for several players, and for those whose games the service runs.
    lounge: Option<Lounge>,
    draining: bool,
}

impl SceneManager {
    /// The manager of this scene.
    pub fn new(gym: &GymScene, services: Services) -> Self {
        Self {
            scene: gym.scene_id.clone(),
            agent: gym.human_agent().unwrap_or_default().to_owned(),
            length: Length {
                episodes: gym.gameplay.episodes(),
                max_steps: gym.gameplay.max_steps,
                tutorial: gym.gameplay.tutorial_episodes,
                carry_over: gym.rendering.hud_score_carry_over,
            },
            lounge: gym.group.as_ref().map(|group| Lounge::new(gym, group, services.clone())),
            gym: gym.clone(),
            services,
            games: BTreeMap::new(),
            crashes: BTreeMap::new(),
            lost: BTreeSet::new(),
            draining: false,
        }
    }

    async fn open(
        &mut self,
        subject: SubjectId,
        visit: u32,
        opening: game::Opening,
        me: &Me<Message>,
    ) -> Result<(), Failure> {
        let episodes = Episodes::new(GameId::fresh(), self.length);
        let seed = u32::from_le_bytes(random()?);
        let now = self.services.clock.now();
        let first = episodes.open(now, self.scene.clone(), visit, self.agent.clone(), subject, seed);
        let game = episodes.game();
        // The game stores its first fact itself, so that a slow store holds up nobody else.
        let address = me.spawn(Game::open(episodes, self.services.clone(), first, opening)).await?;
        self.games.insert(game, address);
        Ok(())
    }

    async fn find(
        &mut self,
        game: GameId,
        me: &Me<Message>,
    ) -> Result<Result<Address<game::Message>, NoGame>, Failure> {
        if let Some(address) = self.games.get(&game) {
            return Ok(Ok(address.clone()));
        }
        if self.lost.contains(&game) {
            let reason = format!("the game crashed more than {CRASHES} times within {CRASH_WINDOW:?}");
            return Ok(Err(NoGame::Lost(reason)));
        }
        let facts = match self.services.read(Stream::Game(game)).await {
            Ok(facts) if facts.is_empty() => return Ok(Err(NoGame::Lost("the journal does not know the game".into()))),
            Ok(facts) => facts,
            Err(error) => {
                tracing::warn!(scene = %self.scene, %game, %error, "a game cannot be read at the moment");
                return Ok(Err(NoGame::NotNow));
            }
        };
        if let Some(Fact::Game(GameFact::GameMatched { .. })) = facts.first().map(|recorded| &recorded.fact) {
            return self.shared(game, &facts, me).await;
        }
        let mut episodes = Episodes::new(game, self.length);
        facts.iter().for_each(|recorded| episodes.apply(&recorded.fact, &recorded.payload));
        let address = me.spawn(Game::resume(episodes, self.services.clone())).await?;
        self.games.insert(game, address.clone());
        Ok(Ok(address))
    }

    /// Starts a game for several players in the state that its facts make.
    async fn shared(
        &mut self,
        game: GameId,
        facts: &[Recorded],
        me: &Me<Message>,
    ) -> Result<Result<Address<game::Message>, NoGame>, Failure> {
        let facts = &match self.with_globals(game, facts).await? {
            Some(facts) => facts,
            None => return Ok(Err(NoGame::NotNow)),
        };
        match SharedGame::resume(&self.gym, game, facts, self.services.clone()) {
            Ok(room) => {
                let address = me.spawn(room).await?;
                self.games.insert(game, address.clone());
                Ok(Ok(address))
            }
            Err(error) => {
                tracing::error!(scene = %self.scene, %game, %error, "a game cannot be made from its record");
                self.lost.insert(game);
                Ok(Err(NoGame::Lost(error.to_string())))
            }
        }
    }

    /// The facts of a game for several players, with those values of its players that scenes share; nothing when they cannot
    /// be had at the moment.
    async fn with_globals(&self, game: GameId, facts: &[Recorded]) -> Result<Option<Vec<Recorded>>, Failure> {
        let mut facts = facts.to_vec();
        let given = |recorded: &Recorded| matches!(recorded.fact, Fact::Game(GameFact::GlobalsGiven { .. }));
        let Some(Fact::Game(GameFact::GameMatched { seats, .. })) = facts.first().map(|recorded| &recorded.fact) else {
            return Ok(Some(facts));
        };
        if self.services.experiment.globals.is_empty() || facts.iter().any(given) {
            return Ok(Some(facts));
        }
        let players = seats.iter().filter_map(|seat| Some((seat.agent.clone(), seat.player.as_ref()?.subject.clone())));
        let players: Vec<_> = players.collect();
        let Ok(Some(entry)) = globals::given(&self.services, game, players).await else { return Ok(None) };
        let Entry { at, fact, payload, .. } = entry.clone();
        if self.services.store(vec![entry]).await?.is_err() {
            return Ok(None);
        }
        facts.push(Recorded { at, fact, payload });
        Ok(Some(facts))
    }

    /// Decides what there is to decide in the waiting room and has it stored. The manager does not wait for the store:
    /// what arrives in the meantime is decided together afterwards.
    fn decide(&mut self, me: &Me<Message>) -> Result<(), Failure> {
        let Some(lounge) = &mut self.lounge else { return Ok(()) };
        if let Some(entries) = lounge.decide()? {
            let (services, manager) = (self.services.clone(), me.address().clone());
            tokio::spawn(async move {
                let stored = services.store(entries).await;
                let stored = stored.map(|stored| stored.is_ok()).map_err(|error| error.to_string());
                let _ = manager.tell(Message::Stored(stored));
            });
        }
        lounge.seek_room(me.address());
        Ok(())
    }

    async fn stored(&mut self, stored: bool, me: &Me<Message>) -> Result<(), Failure> {
        let Some(lounge) = &mut self.lounge else { return Ok(()) };
        for Made { game, first, .. } in lounge.stored(stored) {
            // Players of a game that cannot be made hear of it when they ask for it.
            let _ = self.shared(game, &[first], me).await?;
        }
        // What could not be stored is tried again at the next tick, not at once.
        if stored { self.decide(me) } else { Ok(()) }
    }

    /// A game is over.
    fn release(&mut self, game: GameId) {
        if let Some(lounge) = &mut self.lounge
            && !self.draining
        {
            lounge.release(game);
        }
    }

    /// A message about the waiting room.
    async fn wait(&mut self, message: Message, me: &Me<Message>) -> Result<(), Failure> {
        let Some(lounge) = &mut self.lounge else { return Ok(()) };
        match message {
            Message::Join(joining) => lounge.join(joining),
            Message::Present(subject, proposal, visible) => lounge.present(subject, proposal, visible),
            Message::Leave(subject) => lounge.leave(subject),
            Message::Gone(subject) => lounge.gone(subject),
            Message::Loading(subject) => lounge.loading(subject),
            Message::Suggested(suggested) => lounge.suggested(suggested),
            Message::GameRoom(answer) => lounge.game_room(answer),
            Message::Tick(reply) if self.draining => drop(reply),
            Message::Tick(reply) => {
                lounge.read().await;
                lounge.tick();
                lounge.ask_rule(me.address());
                reply.send(());
            }
            Message::Stored(stored) => return self.stored(stored?, me).await,
            Message::Open(..) | Message::Find(..) | Message::Forget(_) | Message::Census(_) | Message::Drain(_) => {}
        }
        self.decide(me)
    }
}

impl Drop for SceneManager {
    /// However it ends: the pages of those who wait come again, and find its successor.
    fn drop(&mut self) {
        if let Some(lounge) = &self.lounge {
            lounge.break_off(close::RESTART);
        }
    }
}

impl Room for SceneManager {
    type Message = Message;
    const KIND: &'static str = "scene_manager";

    async fn started(&mut self, me: &Me<Message>) -> Result<(), Failure> {
        if let Some(lounge) = &mut self.lounge {
            lounge.read().await;
            self.decide(me)?;
            tick(me.address().clone(), TICK, Message::Tick);
        }
        Ok(())
    }

    async fn handle(&mut self, message: Message, me: &Me<Message>) -> Result<(), Failure> {
        match message {
            // Whoever gave up asking asks again; a game that nobody waits for would be nobody's.
            Message::Open(_, _, opening) if opening.is_closed() => {}
            Message::Open(subject, visit, opening) => self.open(subject, visit, opening, me).await?,
            Message::Find(game, reply) => {
                reply.send(self.find(game, me).await?);
            }
            Message::Forget(_) if self.lounge.is_some() => {}
            Message::Forget(game) => {
                if let Some(address) = self.games.remove(&game) {
                    tokio::spawn(async move { address.drain(super::house::DRAIN_STEP).await });
                }
            }
            Message::Census(reply) => {
                let census = self.lounge.as_ref().map(Lounge::census).unwrap_or_default();
                reply.send(Census { games: self.games.len(), ..census });
            }
            Message::Drain(reply) => {
                self.draining = true;
                self.lounge.iter_mut().for_each(Lounge::close);
                join_all(self.games.values().map(|game| game.drain(super::house::DRAIN_STEP))).await;
                reply.send(());
            }
            message => self.wait(message, me).await?,
        }
        Ok(())
    }

    async fn child_ended(&mut self, child: Id, ended: Ended, me: &Me<Message>) -> Result<(), Failure> {
        let Some(game) = self.games.iter().find(|(_, address)| address.id() == child).map(|(game, _)| *game) else {
            return Ok(());
        };
        self.games.remove(&game);
        match ended {
            Ended::Stopped => {
                self.crashes.remove(&game);
                self.release(game);
            }
            Ended::Crashed(reason) => {
                tracing::error!(scene = %self.scene, %game, reason, "a game crashed; it goes on from the journal");
                let limit = self.crashes.entry(game).or_insert_with(|| RestartLimit::new(CRASHES, CRASH_WINDOW));
                if limit.crashed(self.services.clock.now()) == Verdict::GiveUp {
                    self.lost.insert(game);
                    self.release(game);
                }
            }
        }
        self.decide(me)
    }
}
