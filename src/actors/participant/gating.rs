//! A participant at the entrance, and under watch: what is measured, when it is looked at, and what the researcher's
//! functions are asked meanwhile. They are foreign code, so nobody waits for their answers here.

use std::time::Duration;

use serde_json::Value;

use super::{Message, Participant};
use crate::actors::host::{Failure, Me};
use crate::actors::secrets::random;
use crate::experiment::Monitoring;
use crate::rules::functions::{Argument, FunctionKey};
use crate::rules::screening::{Answer, PATIENCE};
use crate::rules::session::{Input, Look, answer_of};
use crate::rules::watch::{LOOK_EVERY, Watch};
use crate::time::Timestamp;
use crate::wire::{ToBrowser, Warning};

/// Time between two looks at somebody at the entrance.
const ENTRANCE_EVERY: Duration = Duration::from_millis(250);

/// Option of the function that decides who is let in.
pub const ENTRY: &str = "entry_callback";

/// Option of the function that decides who may go on.
pub const MONITOR: &str = "monitoring.callback";

/// What a function of the researcher's was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Whether somebody is let in.
    Entry,
    /// Whether a player may go on, in this visit.
    Monitor(u32),
}

/// What is no part of the record: when it is lost, the looking begins anew.
#[derive(Debug, Default)]
pub(super) struct Gating {
    /// Since when it has stood at the entrance, for this actor.
    since: Option<Timestamp>,
    /// The visit whose page it wants to leave.
    held: Option<u32>,
    asked: bool,
    answer: Option<Option<Answer>>,
    /// The visit that is watched.
    watching: Option<(u32, Watch)>,
    /// Whether the page can be seen, as it told last, and in which visit.
    sight: Option<(u32, bool)>,
    /// How many round trips have been looked at.
    trips: u32,
    /// Whether a look is on its way.
    looking: bool,
}

impl Participant {
    /// What has to be decided before the current scene is shown.
    pub(super) fn before_showing(&mut self) -> Result<Option<Input>, Failure> {
        if self.session.lacks_code(&self.services.experiment.stager) {
            return Ok(Some(Input::Code(random()?)));
        }
        if self.session.at_entrance() && self.gating.since.is_none() {
            self.gating.since = Some(self.services.clock.now());
            return Ok(Some(Input::Looked(self.look(true)?)));
        }
        Ok(None)
    }

    fn look(&self, show: bool) -> Result<Look, Failure> {
        let now = self.services.clock.now();
        let ping = self.connection.as_ref().and_then(|connection| connection.trips());
        let late = self.gating.since.is_some_and(|since| now.since(since) >= PATIENCE);
        let answer = self.gating.answer.clone();
        Ok(Look { ping: ping.map(|trips| (trips.median, trips.count)), late, answer, show, luck: random()? })
    }

    /// The page of a visit is left once it is decided that it may be.
    pub(super) fn hold(&mut self, visit: u32) {
        self.gating.held = Some(visit);
    }

    /// It is decided: whoever has asked to go on does.
    pub(super) fn let_in(&mut self, visit: u32) -> Result<Option<Input>, Failure> {
        let held = self.gating.held.take() == Some(visit);
        Ok(if held { Some(Input::Continue(visit, random()?)) } else { None })
    }

    /// Has the researcher's function asked whether somebody is let in, once.
    pub(super) fn ask_entry(&mut self, arguments: Vec<Argument>, me: &Me<Message>) {
        if !std::mem::replace(&mut self.gating.asked, true) {
            self.ask(Asked::Entry, FunctionKey::of_study(ENTRY), arguments, me);
        }
    }

    fn ask(&self, asked: Asked, key: FunctionKey, arguments: Vec<Argument>, me: &Me<Message>) {
        let (services, address) = (self.services.clone(), me.address().clone());
        tokio::spawn(async move {
            let called = services.call(&key, arguments).await;
            // A participant that is gone needs no answer.
            let _ = address.tell(Message::Called(asked, called));
        });
    }

    pub(super) async fn called(
        &mut self,
        asked: Asked,
        called: Result<Value, String>,
        me: &Me<Message>,
    ) -> Result<(), Failure> {
        let (answer, wrong) = answer_of(called);
        if let Some(wrong) = wrong {
            tracing::error!(subject = %self.session.subject(), ?asked, "a function of the study {wrong}; it counts as no answer");
        }
        match asked {
            Asked::Entry => {
                self.gating.answer = Some(answer);
                let look = self.look(false)?;
                self.run(Input::Looked(look), me).await?;
            }
            Asked::Monitor(visit) => {
                if let Some((_, watch)) = self.gating.watching.as_mut().filter(|(watched, _)| *watched == visit) {
                    watch.said(answer);
                    self.watch(me).await?;
                }
            }
        }
        Ok(())
    }

    /// Its page came into sight, or went out of it.
    pub(super) fn sight(&mut self, visit: u32, visible: bool) {
        let now = self.services.clock.now();
        self.gating.sight = Some((visit, visible));
        if let Some((watched, watch)) = &mut self.gating.watching
            && *watched == visit
        {
            watch.sight(visible, now);
        }
    }

    /// The connection is gone: who comes back tells anew what can be seen.
    pub(super) fn out_of_reach(&mut self) {
        self.gating.sight = None;
        self.gating.trips = 0;
        // On a new line, measuring begins anew: whoever hangs up does not come past it by waiting.
        self.gating.since = None;
        if let Some((_, watch)) = &mut self.gating.watching {
            watch.gone();
        }
    }

    /// Sees to it that the next look is taken, where one is wanted.
    pub(super) fn keep_looking(&mut self, me: &Me<Message>) {
        let watched = self.session.watched(&self.services.experiment.stager).is_some();
        if let Some(connection) = &self.connection {
            connection.watch(watched);
        }
        if !watched {
            self.gating.watching = None;
        }
        let every = match (self.session.at_entrance(), watched) {
            (true, _) => ENTRANCE_EVERY,
            (false, true) => LOOK_EVERY,
            (false, false) => return,
        };
        if self.connection.is_none() || std::mem::replace(&mut self.gating.looking, true) {
            return;
        }
        let address = me.address().clone();
        tokio::spawn(async move {
            tokio::time::sleep(every).await;
            let _ = address.tell(Message::Look);
        });
    }

    /// It is time for a look.
    pub(super) async fn take_look(&mut self, me: &Me<Message>) -> Result<(), Failure> {
        self.gating.looking = false;
        if self.connection.is_none() {
            return Ok(());
        }
        if self.session.at_entrance() {
            let look = self.look(false)?;
            self.run(Input::Looked(look), me).await?;
        } else {
            self.watch(me).await?;
        }
        self.keep_looking(me);
        Ok(())
    }

    async fn watch(&mut self, me: &Me<Message>) -> Result<(), Failure> {
        let experiment = self.services.experiment.clone();
        let Some(terms) = self.session.watched(&experiment.stager) else { return Ok(()) };
        let (visit, now) = (self.session.view().visit, self.services.clock.now());
        self.feed(terms, visit, now);
        let Some((_, watch)) = &mut self.gating.watching else { return Ok(()) };
        let asks = watch.asks(terms, now).then(|| watch.told(now));
        let change = watch.look(terms, now);
        if let (Some(told), Some(scene)) = (asks, self.session.view().scene) {
            let arguments = vec![self.session.told(), Argument::Plain(told)];
            self.ask(Asked::Monitor(visit), FunctionKey::of_scene(&scene, MONITOR), arguments, me);
        }
        if let Some(change) = change {
            self.run(Input::Watched(visit, change, random()?), me).await?;
        }
        Ok(())
    }

    /// Takes in what has been measured since the last look.
    fn feed(&mut self, terms: &Monitoring, visit: u32, now: Timestamp) {
        if self.gating.watching.as_ref().is_none_or(|(watched, _)| *watched != visit) {
            let mut watch = Watch::default();
            if let Some((_, false)) = self.gating.sight.filter(|(of, _)| *of == visit) {
                watch.sight(false, now);
            }
            self.gating.watching = Some((visit, watch));
            // What was measured before the game is no business of the game's.
            self.gating.trips = self.trips().map_or(0, |(count, _)| count);
        }
        if let (Some((count, last)), Some((_, watch))) = (self.trips(), &mut self.gating.watching)
            && count > self.gating.trips
        {
            self.gating.trips = count;
            watch.trip(terms, last);
        }
    }

    fn trips(&self) -> Option<(u32, Duration)> {
        self.connection.as_ref()?.trips().map(|trips| (trips.count, trips.last))
    }

    pub(super) fn warn(&self, warning: Warning) {
        self.send(&ToBrowser::Warning(warning));
    }
}
