//! The manager of one game scene: the one owner of its games.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;

use super::game::{self, Game};
use super::host::{Address, Ended, Failure, Id, Me, Reply, Room};
use super::secrets::random;
use super::services::Services;
use crate::experiment::GymScene;
use crate::facts::Stream;
use crate::ids::{GameId, SceneId, SubjectId};
use crate::rules::episodes::{Episodes, Length};
use crate::rules::restart::{RestartLimit, Verdict};

/// A game that crashes more often than this is lost: it would crash again.
const CRASHES: usize = 3;
/// The time in which it may crash that often.
const CRASH_WINDOW: Duration = Duration::from_secs(60);

/// What can be said to a scene manager.
#[derive(Debug)]
pub enum Message {
    /// Open a game for a participant in this visit. The answer is `None` when that cannot be stored at the moment.
    Open(SubjectId, u32, game::Opening),
    /// Where is this game? It is made anew from the journal if need be.
    Find(GameId, Reply<Result<Address<game::Message>, NoGame>>),
    /// The player of this game has not been there for long: it can be forgotten, and made anew when it is needed.
    Forget(GameId),
    /// Stop the games, after what waits for them; the answer comes when they have ended.
    Drain(Reply<()>),
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
    agent: String,
    length: Length,
    services: Services,
    games: BTreeMap<GameId, Address<game::Message>>,
    crashes: BTreeMap<GameId, RestartLimit>,
    lost: BTreeSet<GameId>,
}

impl SceneManager {
    /// The manager of this scene.
    pub fn new(gym: &GymScene, services: Services) -> Self {
        Self {
            scene: gym.scene_id.clone(),
            agent: gym.human_agent().unwrap_or_default().to_owned(),
            length: Length { episodes: gym.gameplay.num_episodes, max_steps: gym.gameplay.max_steps },
            services,
            games: BTreeMap::new(),
            crashes: BTreeMap::new(),
            lost: BTreeSet::new(),
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
        let mut episodes = Episodes::new(game, self.length);
        facts.iter().for_each(|recorded| episodes.apply(&recorded.fact));
        let address = me.spawn(Game::resume(episodes, self.services.clone())).await?;
        self.games.insert(game, address.clone());
        Ok(Ok(address))
    }
}

impl Room for SceneManager {
    type Message = Message;
    const KIND: &'static str = "scene_manager";

    async fn handle(&mut self, message: Message, me: &Me<Message>) -> Result<(), Failure> {
        match message {
            // Whoever gave up asking asks again; a game that nobody waits for would be nobody's.
            Message::Open(_, _, opening) if opening.is_closed() => {}
            Message::Open(subject, visit, opening) => self.open(subject, visit, opening, me).await?,
            Message::Find(game, reply) => {
                reply.send(self.find(game, me).await?);
            }
            Message::Forget(game) => {
                if let Some(address) = self.games.remove(&game) {
                    tokio::spawn(async move { address.drain(super::house::DRAIN_STEP).await });
                }
            }
            Message::Drain(reply) => {
                join_all(self.games.values().map(|game| game.drain(super::house::DRAIN_STEP))).await;
                reply.send(());
            }
        }
        Ok(())
    }

    async fn child_ended(&mut self, child: Id, ended: Ended, _: &Me<Message>) -> Result<(), Failure> {
        let Some(game) = self.games.iter().find(|(_, address)| address.id() == child).map(|(game, _)| *game) else {
            return Ok(());
        };
        self.games.remove(&game);
        match ended {
            Ended::Stopped => {
                self.crashes.remove(&game);
            }
            Ended::Crashed(reason) => {
                tracing::error!(scene = %self.scene, %game, reason, "a game crashed; it goes on from the journal");
                let limit = self.crashes.entry(game).or_insert_with(|| RestartLimit::new(CRASHES, CRASH_WINDOW));
                if limit.crashed(self.services.clock.now()) == Verdict::GiveUp {
                    self.lost.insert(game);
                }
            }
        }
        Ok(())
    }
}
