//! A participant in the waiting room of its scene.

use std::collections::BTreeSet;

use super::{Message, Participant};
use crate::actors::host::{Address, Me};
use crate::actors::scene_manager::{self, Joining};
use crate::facts::Visitor;
use crate::ids::{SceneId, SubjectId};
use crate::wire::RefusalCode;

/// Where it waits for others. Not part of the record: when this is lost, the page asks again and keeps its place.
pub(super) struct Wait {
    visit: u32,
    manager: Address<scene_manager::Message>,
}

impl Participant {
    pub(super) async fn wait(&mut self, visit: u32, scene: SceneId, partners: BTreeSet<SubjectId>, me: &Me<Message>) {
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

    pub(super) fn waits_in(&self, visit: u32) -> bool {
        self.waiting.as_ref().is_some_and(|wait| wait.visit == visit)
    }

    /// Tells its scene's manager something, if it waits.
    pub(super) async fn tell_manager(&self, message: impl FnOnce(SubjectId) -> scene_manager::Message) {
        if let Some(wait) = &self.waiting {
            // When the manager is gone the connection is closed too, and the page asks again.
            let _ = wait.manager.send(message(self.session.subject().clone())).await;
        }
    }

    /// Gives up its place in the waiting room when it is past that.
    pub(super) async fn stop_waiting(&mut self) {
        let view = self.session.view();
        let past = |wait: &mut Wait| wait.visit != view.visit || view.trouble || view.game.is_some();
        if let Some(wait) = self.waiting.take_if(past)
            && view.game.is_none()
        {
            // A manager that is gone knows of no place.
            let _ = wait.manager.send(scene_manager::Message::Leave(self.session.subject().clone())).await;
        }
    }
}
