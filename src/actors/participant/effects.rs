//! What a participant's rule decides is carried out.

use super::Message;
use super::Participant;
use crate::actors::game::{self, Wants};
use crate::actors::host::{Failure, Me};
use crate::actors::view;
use crate::rules::session::{Effect, Input};
use crate::wire::{self, Failed, ToBrowser, Welcome};

impl Participant {
    pub(super) async fn carry_out(&mut self, effect: Effect, me: &Me<Message>) -> Result<Option<Input>, Failure> {
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
}
