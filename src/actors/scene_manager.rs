//! The manager of one game scene: the one owner of its games.

use std::collections::BTreeMap;
use std::time::Duration;

use super::game::{self, Game};
use super::host::{Address, Ended, Failure, Id, Me, Reply, Room};
use super::services::Services;
use crate::experiment::GymScene;
use crate::facts::{Recorded, Stream};
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
    Open(SubjectId, u32, Reply<Option<(GameId, Address<game::Message>)>>),
    /// Where is this game? It is made anew from the journal if need be; the error says why it cannot be.
    Find(GameId, Reply<Result<Address<game::Message>, String>>),
    /// The player of this game has not been there for long: it can be forgotten, and made anew when it is needed.
    Forget(GameId),
    /// Stop the games, after what waits for them; the answer comes when they have ended.
    Drain(Reply<()>),
}

/// The manager of one game scene.
pub struct SceneManager {
    scene: SceneId,
    agent: String,
    length: Length,
    services: Services,
    games: BTreeMap<GameId, Address<game::Message>>,
    crashes: BTreeMap<GameId, RestartLimit>,
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
        }
    }

    async fn open(
        &mut self,
        subject: SubjectId,
        visit: u32,
        me: &Me<Message>,
    ) -> Result<Option<(GameId, Address<game::Message>)>, Failure> {
        let mut episodes = Episodes::new(GameId::fresh(), self.length);
        let seed = u32::from_le_bytes(random()?);
        let now = self.services.clock.now();
        let entry = episodes.open(now, self.scene.clone(), visit, self.agent.clone(), subject, seed);
        let opened = Recorded { at: now, fact: entry.fact.clone(), steps: Vec::new() };
        if self.services.store(vec![entry]).await?.is_err() {
            return Ok(None);
        }
        episodes.apply(&opened);
        let game = episodes.game();
        let address = me.spawn(Game::new(episodes, self.services.clone())).await?;
        self.games.insert(game, address.clone());
        Ok(Some((game, address)))
    }

    async fn find(
        &mut self,
        game: GameId,
        me: &Me<Message>,
    ) -> Result<Result<Address<game::Message>, String>, Failure> {
        if let Some(address) = self.games.get(&game) {
            return Ok(Ok(address.clone()));
        }
        if let Some(limit) = self.crashes.get_mut(&game)
            && limit.crashed(self.services.clock.now()) == Verdict::GiveUp
        {
            return Ok(Err(format!("the game crashed more than {CRASHES} times within {CRASH_WINDOW:?}")));
        }
        let facts = match self.services.read(Stream::Game(game)).await {
            Ok(facts) if facts.is_empty() => return Ok(Err("the journal does not know the game".into())),
            Ok(facts) => facts,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let mut episodes = Episodes::new(game, self.length);
        facts.iter().for_each(|fact| episodes.apply(fact));
        let address = me.spawn(Game::new(episodes, self.services.clone())).await?;
        self.games.insert(game, address.clone());
        Ok(Ok(address))
    }
}

/// Bytes that nobody can guess.
pub(super) fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| format!("the system has no random numbers: {error}"))?;
    Ok(bytes)
}

impl Room for SceneManager {
    type Message = Message;
    const KIND: &'static str = "scene_manager";

    async fn handle(&mut self, message: Message, me: &Me<Message>) -> Result<(), Failure> {
        match message {
            Message::Open(subject, visit, reply) => reply.send(self.open(subject, visit, me).await?),
            Message::Find(game, reply) => reply.send(self.find(game, me).await?),
            Message::Forget(game) => {
                if let Some(address) = self.games.remove(&game) {
                    tokio::spawn(async move { address.drain(super::house::DRAIN_STEP).await });
                }
            }
            Message::Drain(reply) => {
                for address in self.games.values() {
                    address.drain(super::house::DRAIN_STEP).await;
                }
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
                self.crashes.entry(game).or_insert_with(|| RestartLimit::new(CRASHES, CRASH_WINDOW));
            }
        }
        Ok(())
    }
}
