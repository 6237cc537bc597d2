//! What a participant has the study's functions asked: a bonus, what stands beside the game, what they make of a document.

use super::Participant;
use crate::experiment::Hook;
use crate::rules::embedded::HookCall;
use crate::rules::functions::{Argument, FunctionKey};
use crate::rules::session::{Input, Owed, amount};
use crate::wire::{GamePage, ToBrowser};

/// Longest HTML beside a game that a function may give, in bytes; far more than anybody reads, and it fits into a message.
const PAGE_LIMIT: usize = 200 << 10;

impl Participant {
    /// Asks a function of the experiment module what it makes of what a document does.
    pub(super) async fn call_hook(&self, call: HookCall) -> Input {
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

    fn told(&self) -> Argument {
        Argument::Participant(self.session.memory().told(self.session.subject()))
    }

    /// A function that fails gives no bonus; the record says why.
    pub(super) async fn compute_bonus(&self, owed: Owed) -> Input {
        let key = FunctionKey { scene: owed.scene.clone(), option: "bonus".into() };
        let outcome = match self.services.call(&key, vec![self.told()]).await {
            Ok(returned) => amount(&returned)
                .inspect_err(|error| tracing::error!(function = %key, error, "a function of the study failed")),
            Err(error) => Err(error),
        };
        Input::Bonus(owed, outcome)
    }

    /// Where the function fails, what the scene says for all stands there.
    pub(super) async fn tell_game_page(&mut self, visit: u32, agent: &str) {
        if let Some((of, page)) = &self.game_page
            && *of == visit
        {
            return self.send(&ToBrowser::GamePage(page.clone()));
        }
        let view = self.session.view();
        let stager = &self.services.experiment.stager;
        let Some(gym) = stager.gyms().find(|gym| Some(&gym.scene_id) == view.scene.as_ref()) else { return };
        let pages = &gym.player_pages;
        let mut page = GamePage {
            visit,
            header: pages.headers.get(agent).unwrap_or(&gym.in_game_header).clone(),
            body: pages.bodies.get(agent).unwrap_or(&gym.in_game_body).clone(),
        };
        if pages.function.is_some() {
            let key = FunctionKey::of_scene(&gym.scene_id, "game_page_html_fn");
            let arguments = vec![self.told(), Argument::Plain(agent.into())];
            match self.services.call(&key, arguments).await {
                Ok(serde_json::Value::String(html)) if html.len() <= PAGE_LIMIT => page.body = html,
                Ok(serde_json::Value::String(html)) => {
                    let bytes = html.len();
                    tracing::error!(function = %key, bytes, "a function of the study gave more than {PAGE_LIMIT} bytes");
                }
                Ok(returned) => {
                    let returned = format!("{returned:.80}");
                    tracing::error!(function = %key, returned, "a function of the study must return a str of HTML");
                }
                Err(_logged) => {}
            }
        }
        self.send(&ToBrowser::GamePage(page.clone()));
        self.game_page = Some((visit, page));
    }
}
