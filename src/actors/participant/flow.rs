//! What a participant has to ask for on its way: a number, a function's answer, a level; and what its level's owner hears.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Participant;
use crate::actors::assigner;
use crate::actors::host::Failure;
use crate::actors::secrets::random;
use crate::ids::{PartName, SubjectId};
use crate::rules::functions::{Argument, FunctionKey};
use crate::rules::session::{Input, Way};
use crate::wire::close;

/// Longest that the assigner may take to answer, which stores what it answers.
const ASSIGNER_DEADLINE: Duration = Duration::from_secs(20);

impl Participant {
    pub(super) async fn number(&self) -> Option<Input> {
        let subject = self.session.subject().clone();
        let number = match &self.services.assigner {
            Some(assigner) => {
                assigner.ask(ASSIGNER_DEADLINE, |reply| assigner::Message::Number(subject, reply)).await.ok()
            }
            None => Some(0),
        };
        if number.is_none() {
            self.come_again("no number can be stored at the moment");
        }
        number.map(Input::Numbered)
    }

    /// What a function answers; one that fails is as if it had not been there.
    pub(super) async fn ask_way(&self, way: Way, function: FunctionKey, told: serde_json::Value) -> Input {
        let answer = self.services.call(&function, vec![Argument::Participant(told)]).await.ok();
        Input::WayTold(way, function, answer)
    }

    pub(super) async fn ask_level(
        &self,
        way: Way,
        condition: PartName,
        partners: BTreeSet<SubjectId>,
    ) -> Result<Option<Input>, Failure> {
        let (subject, name) = (self.session.subject().clone(), condition.clone());
        let placing = match &self.services.assigner {
            Some(assigner) => {
                let assign = |reply| assigner::Message::Assign(name, subject, partners, reply);
                assigner.ask(ASSIGNER_DEADLINE, assign).await.ok()
            }
            None => None,
        };
        Ok(match placing {
            Some(placing) => Some(Input::Placed(way, condition, placing, random()?)),
            None => {
                self.come_again("no level can be assigned at the moment");
                None
            }
        })
    }

    /// The browser comes back by itself, and it is tried again.
    fn come_again(&self, why: &'static str) {
        if let Some(connection) = &self.connection {
            connection.close(close::RESTART, why);
        }
    }

    /// Tells the owner of its levels how far it is, if that is news.
    pub(super) async fn tell_assigner(&mut self) {
        let (Some(assigner), Some(stands)) = (&self.services.assigner, self.session.stands()) else { return };
        let news = (stands, self.connection.is_some());
        if self.told_assigner.as_ref() != Some(&news) {
            let (stands, here) = news.clone();
            let told = assigner::Message::Stands(self.session.subject().clone(), stands, here);
            if assigner.send(told).await.is_ok() {
                self.told_assigner = Some(news);
            }
        }
    }
}
