//! A participant's way to its game: its scene's manager opens one or finds one, and the page's connection is given to it.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Message, Participant};
use crate::actors::game::{self, Wants};
use crate::actors::host::{Address, Failure, Me};
use crate::actors::scene_manager::{self, NoGame};
use crate::actors::scene_managers;
use crate::ids::{GameId, SceneId};
use crate::rules::session::Input;
use crate::wire::close;

/// Longest that a scene's manager may take to answer.
const MANAGER_DEADLINE: Duration = Duration::from_secs(20);

impl Participant {
    pub(super) async fn manager(&self, scene: SceneId) -> Option<Address<scene_manager::Message>> {
        self.managers.ask(MANAGER_DEADLINE, |reply| scene_managers::Message::Find(scene, reply)).await.ok().flatten()
    }

    pub(super) async fn open_game(&self, visit: u32, scene: SceneId) -> Input {
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

    pub(super) async fn find_game(&self, game: GameId, scene: SceneId) -> Result<Address<game::Message>, NoGame> {
        if self.services.experiment.stager.scene(&scene).is_none() {
            return Err(NoGame::Lost("the module has this scene no longer".into()));
        }
        let manager = self.manager(scene).await.ok_or(NoGame::NotNow)?;
        let found = manager.ask(MANAGER_DEADLINE, |reply| scene_manager::Message::Find(game, reply)).await;
        found.unwrap_or(Err(NoGame::NotNow))
    }

    pub(super) async fn attach(&self, game: GameId, wants: Wants, me: &Me<Message>) -> Result<Option<Input>, Failure> {
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

    pub(super) async fn forget_game(&self) {
        let view = self.session.view();
        if let (Some(game), Some(scene)) = (view.game, view.scene)
            && let Some(manager) = self.manager(scene).await
        {
            let _ = manager.send(scene_manager::Message::Forget(game)).await;
        }
    }
}
