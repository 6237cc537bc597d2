//! The managers of all game scenes.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;

use super::host::{Address, Ended, Failure, Id, Me, Reply, Room};
use super::scene_manager::{self, SceneManager};
use super::services::Services;
use crate::ids::SceneId;

/// Longest that a manager may take to count; a census without its scene is better than none.
const CENSUS_DEADLINE: Duration = Duration::from_secs(1);

/// What can be said to the supervisor of the scene managers.
#[derive(Debug)]
pub enum Message {
    /// Where is the manager of this scene?
    Find(SceneId, Reply<Option<Address<scene_manager::Message>>>),
    /// How many wait and play in each scene for several players?
    Census(Reply<BTreeMap<SceneId, scene_manager::Census>>),
    /// Stop all games, after what waits for them; the answer comes when they have ended.
    Drain(Reply<()>),
}

/// Supervises one manager for each game scene; one that crashes is made anew, with its games found again in the journal.
pub struct SceneManagers {
    services: Services,
    managers: BTreeMap<SceneId, Address<scene_manager::Message>>,
}

impl SceneManagers {
    /// Managers for the game scenes of the study.
    pub fn new(services: Services) -> Self {
        Self { services, managers: BTreeMap::new() }
    }

    async fn manage(&mut self, scene: &SceneId, me: &Me<Message>) -> Result<(), Failure> {
        if let Some(gym) = self.services.experiment.stager.gyms().find(|gym| gym.scene_id == *scene) {
            let address = me.spawn(SceneManager::new(gym, self.services.clone())).await?;
            self.managers.insert(scene.clone(), address);
        }
        Ok(())
    }

    /// Asks the managers, without holding up anybody who looks for one of them.
    fn census(&self, reply: Reply<BTreeMap<SceneId, scene_manager::Census>>) {
        let gyms = self.services.experiment.stager.gyms().filter(|gym| gym.group.is_some());
        let managers: Vec<_> =
            gyms.filter_map(|gym| Some((gym.scene_id.clone(), self.managers.get(&gym.scene_id)?.clone()))).collect();
        tokio::spawn(async move {
            let asked = managers.into_iter().map(|(scene, manager)| async move {
                manager.ask(CENSUS_DEADLINE, scene_manager::Message::Census).await.ok().map(|census| (scene, census))
            });
            reply.send(join_all(asked).await.into_iter().flatten().collect());
        });
    }
}

impl Room for SceneManagers {
    type Message = Message;
    const KIND: &'static str = "scene_managers";

    async fn started(&mut self, me: &Me<Message>) -> Result<(), Failure> {
        let scenes: Vec<_> = self.services.experiment.stager.gyms().map(|gym| gym.scene_id.clone()).collect();
        for scene in scenes {
            self.manage(&scene, me).await?;
        }
        Ok(())
    }

    async fn handle(&mut self, message: Message, _: &Me<Message>) -> Result<(), Failure> {
        match message {
            Message::Find(scene, reply) => {
                reply.send(self.managers.get(&scene).cloned());
            }
            Message::Census(reply) => self.census(reply),
            Message::Drain(reply) => {
                // A manager that does not answer has no game whose facts are not stored.
                let drain = |manager: &Address<_>| {
                    let manager = manager.clone();
                    async move { manager.ask(super::house::DRAIN_STEP, scene_manager::Message::Drain).await }
                };
                join_all(self.managers.values().map(drain)).await;
                reply.send(());
            }
        }
        Ok(())
    }

    async fn child_ended(&mut self, child: Id, ended: Ended, me: &Me<Message>) -> Result<(), Failure> {
        let scene = self.managers.iter().find(|(_, address)| address.id() == child).map(|(scene, _)| scene.clone());
        if let (Some(scene), Ended::Crashed(reason)) = (scene, ended) {
            tracing::error!(%scene, reason, "a scene manager crashed; it is made anew");
            self.manage(&scene, me).await?;
        }
        Ok(())
    }
}
