//! People in a waiting room are told what was decided, and led onward from it.

use super::Lounge;
use crate::actors::connection::Connection;
use crate::actors::participant;
use crate::actors::scene_manager::person::{milliseconds, refuse};
use crate::ids::{GameId, SubjectId};
use crate::rules::waitroom::{Effect, Input, Rejection, TimeOut};
use crate::wire::{Check, Dismissal, ToBrowser};

impl Lounge {
    pub(super) fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Propose { proposal, members, until } => {
                let milliseconds = milliseconds(until.since(self.services.clock.now()));
                for person in members.iter().filter_map(|member| self.people.get(member)) {
                    person.send(|visit| Some(ToBrowser::Check(Check { visit, proposal, milliseconds })));
                }
            }
            // The next report says it.
            Effect::BackToQueue(_) => {}
            // A game was made for them, or will be when they are back.
            Effect::Match { .. } | Effect::TimedOut(_, TimeOut::Bot) => {}
            Effect::TimedOut(subject, _) => self.dismiss(&subject, Dismissal::NoPartner),
            Effect::Left(subject, _) => self.dismiss(&subject, Dismissal::LeftWaiting),
            Effect::Rejected(subject, Rejection::Full) => {
                if let Some(connection) = self.people.remove(&subject).and_then(|person| person.connection) {
                    refuse(&connection);
                }
            }
            Effect::Rejected(subject, rejection) => self.rejected(subject, rejection),
        }
    }

    /// Somebody came who got onward before.
    fn rejected(&mut self, subject: SubjectId, rejection: Rejection) {
        let Some(person) = self.people.get(&subject) else { return };
        match self.games.of.get(&subject) {
            Some((visit, game)) if *visit == person.visit => {
                let game = *game;
                self.lead_to_game(&subject, game);
            }
            // It is away again: its game is made when it stays.
            None if rejection == Rejection::TimedOut
                && self.on_timeout == TimeOut::Bot
                && person.connection.is_none() =>
            {
                drop(self.people.remove(&subject));
            }
            None if rejection == Rejection::NoRoom
                || rejection == Rejection::TimedOut && self.on_timeout != TimeOut::Bot =>
            {
                self.dismiss(&subject, Dismissal::NoPartner);
            }
            // That was in another visit, or there is no room for its game with bots by now: it waits again.
            Some(_) | None => {
                let rtt = person.connection.as_ref().and_then(Connection::round_trip);
                let partners = person.partners.clone();
                self.news.push(Input::Released(subject.clone()));
                self.news.push(Input::Arrive { subject, rtt, partners });
            }
        }
    }

    pub(super) fn lead_to_game(&mut self, subject: &SubjectId, game: GameId) {
        let partners = self.games.partners(game, subject);
        let agent =
            self.games.place(game, subject).and_then(|place| self.seats.get(place)).cloned().unwrap_or_default();
        self.tell(subject, |visit| participant::Message::GameOpened(visit, game, partners, agent));
    }

    fn dismiss(&mut self, subject: &SubjectId, reason: Dismissal) {
        self.tell(subject, |visit| participant::Message::Dismissed(visit, reason));
    }

    /// Leads somebody onward.
    fn tell(&mut self, subject: &SubjectId, message: impl FnOnce(u32) -> participant::Message) {
        if let Some(person) = self.people.get(subject) {
            // A participant that is gone asks again when it is back, and is told then.
            let _ = person.participant.tell(message(person.visit));
        }
        let news = std::mem::take(&mut self.news);
        self.forget(subject, &news);
        self.news = news;
    }

    /// Somebody has no place any more, unless it asks for one already.
    pub(super) fn forget(&mut self, subject: &SubjectId, news: &[Input]) {
        let asks = |input: &Input| matches!(input, Input::Arrive { subject: who, .. } if who == subject);
        if !self.room.here(subject) && !news.iter().any(asks) {
            self.people.remove(subject);
        }
    }
}
