//! A game of several players: one sequence of inputs that all copies of the environment play.
//!
//! It fixes what everybody did in each frame ([`timeline`](super::timeline)), at the
//! scene's rate (`clock`), tells it to all, keeps the browsers in time ([`pacing`](super::pacing)), compares their copies
//! ([`ledger`](super::ledger)), and holds the players together ([`lobby`]). This machine puts those rules
//! together: an input goes to those it concerns, and what they answer becomes facts and messages.
//!
//! Where the service has a copy of the environment itself, that is the reference (`own`, `truth`): browsers take over its
//! states (`adopted`), or only show its pictures (`streamed`). Otherwise one of the players is the host.
//!
//! Facts are applied at once and stored by the actor, which holds back what it would tell (see [`Out`]) until they are
//! safe. Inputs relayed ahead of their confirmation bind nobody and go out at once.
//!
//! Frames are counted from 0 in each episode. The *state* `n` is the one to which `n` confirmed frames led.

mod acts;
mod adopted;
mod bots;
mod check;
mod clock;
mod copies;
mod ending;
mod frames;
mod hearing;
mod out;
mod own;
mod pages;
mod playing;
mod record;
mod runner;
mod seats;
mod states;
mod stream;
mod streamed;
mod terms;
mod truth;

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::facts::{Fact, GameFact, Payload, SeatTaken};
use crate::ids::{GameId, SceneId, SubjectId};
use crate::rules::globals::Pool;
use crate::rules::lobby::{self, Lobby};
use crate::rules::scores::Scores;
use crate::time::Timestamp;
use crate::wire::row::Row;
use crate::wire::{FromPlayer, Progress, Step};

pub use out::{Effect, Out, Seats};
pub use record::BrokenGame;
pub use runner::{News, Order};
pub use terms::Terms;

use own::Own;
use playing::Playing;
use seats::Seat;
use streamed::Watching;

/// A game of several players.
#[derive(Debug, Clone)]
pub struct SharedGame {
    id: GameId,
    terms: Terms,
    scene: SceneId,
    seed: u32,
    seats: Vec<Seat>,
    lobby: Lobby,
    /// What the lobby has to decide on; the first is being carried out.
    undecided: VecDeque<lobby::Input>,
    /// The episode that is being played, or was last.
    playing: Option<Playing>,
    /// The game is over; what is left of the record is waited for until then.
    closing: Option<Timestamp>,
    finished: bool,
    /// When something was stored last, and since when that has been going on without a break.
    told: Timestamp,
    stalls: bool,
    flowing_since: Timestamp,
    /// The service's own copy of the environment, where there is one.
    own: Own,
    /// By seat, what players of a streamed game see and do, and in which episode.
    streams: Vec<Watching>,
    streamed_episode: Option<u32>,
    /// Values that scenes share.
    globals: Pool,
    scores: Scores,
}

/// What can happen to a game.
#[derive(Debug)]
pub enum Input {
    /// A player's page is connected. `new` tells that it is another connection than before.
    Joined {
        /// Its seat.
        seat: usize,
        /// Whether the connection is another than before.
        new: bool,
        /// What the page waits for: to be told to play (with what it has already), or nothing yet.
        wants: Option<Option<Progress>>,
    },
    /// A player's connection is gone.
    Gone(usize),
    /// A player gave the game up.
    Abandoned(usize),
    /// A player's browser said something.
    Heard(usize, FromPlayer),
    /// The round trip of a player's connection was measured.
    RoundTrip(usize, Duration),
    /// There is news of the service's own copy.
    Runner(News),
    /// Facts are stored, and what waited for them is told.
    Stored,
    /// The service was restarted: nobody is connected.
    Restarted,
    /// Something is due, see [`SharedGame::deadline`].
    Wake,
}

impl SharedGame {
    /// Which game it is.
    pub fn id(&self) -> GameId {
        self.id
    }

    /// Its scene.
    pub fn scene(&self) -> &SceneId {
        &self.scene
    }

    /// The seat of a participant.
    pub fn seat_of(&self, subject: &SubjectId) -> Option<usize> {
        self.seats.iter().position(|seat| seat.player.as_ref().is_some_and(|player| player.subject == *subject))
    }

    /// What has become of the values that the player on a seat shares with other scenes; nothing in a study without.
    pub fn globals_of(&self, seat: usize) -> Option<Map<String, Value>> {
        self.globals.of(&self.seats.get(seat)?.agent)
    }

    /// The fact about shared values that the last of these rows is, if it is the last of the episode.
    fn left_by(&self, episode: u32, steps: &[Step]) -> Option<GameFact> {
        self.globals.left(episode, &Row::try_from(&steps.last()?.row).ok()?)
    }

    /// Who plays on the seats.
    pub fn taken(&self) -> impl Iterator<Item = SeatTaken> + '_ {
        self.seats.iter().map(|seat| SeatTaken { agent: seat.agent.clone(), player: seat.player.clone() })
    }

    /// Whether nothing is left to do.
    pub fn finished(&self) -> bool {
        self.finished
    }

    /// Whether frames are being played at the moment.
    pub fn running(&self) -> bool {
        self.playing.as_ref().is_some_and(Playing::runs)
    }

    /// What can be seen of who is there.
    pub fn lobby(&self) -> lobby::View {
        self.lobby.view()
    }

    /// Nothing can be stored at the moment, or it can again: no frame closes meanwhile, since nobody could be told of it and
    /// nobody could have played in it. Tells whether that was so before.
    pub fn stalls(&mut self, stalls: bool) -> bool {
        std::mem::replace(&mut self.stalls, stalls)
    }

    /// How long the clock of the episode has waited for the service's own copy.
    pub fn stretched(&self) -> Duration {
        self.playing.as_ref().map_or(Duration::ZERO, |playing| playing.stretched)
    }

    /// When [`Input::Wake`] is due next.
    pub fn deadline(&self) -> Option<Timestamp> {
        if self.finished {
            return None;
        }
        let frame = self.playing.as_ref().and_then(Playing::deadline);
        [self.lobby.deadline(), frame, self.closing].into_iter().flatten().min()
    }

    /// Takes an input.
    pub fn step(&mut self, now: Timestamp, input: Input) -> Out {
        let mut out = Out::default();
        if self.finished {
            if let Input::Joined { seat, .. } = input {
                out.held.push(Effect::Finish(vec![self.finished_for(seat)]));
            }
            return out;
        }
        match input {
            Input::Joined { seat, new, wants } => self.join(now, seat, new, wants, &mut out),
            Input::Gone(seat) => self.lose(now, seat, &mut out),
            Input::Abandoned(seat) => {
                if let Some(player) = self.seats[seat].player_index {
                    self.lobby_says(now, lobby::Input::Leave(player), &mut out);
                }
            }
            Input::Heard(seat, said) => {
                self.seats[seat].heard = now;
                self.break_silence(now, seat, &mut out);
                self.hear(now, seat, said, &mut out);
            }
            Input::Runner(news) => self.news(now, news, &mut out),
            Input::Stored => self.stored(now),
            Input::RoundTrip(seat, round_trip) => self.measured(seat, round_trip),
            Input::Restarted => self.lobby_says(now, lobby::Input::Restarted, &mut out),
            Input::Wake => self.wake(now, &mut out),
        }
        if self.closing.is_some() {
            self.finish_when_all_is_said(&mut out);
        }
        out
    }

    fn fact(&mut self, now: Timestamp, fact: impl Into<Fact>, out: &mut Out) {
        self.fact_with(now, fact, Payload::None, out);
    }

    fn fact_with(&mut self, now: Timestamp, fact: impl Into<Fact>, payload: Payload, out: &mut Out) {
        let fact = fact.into();
        self.apply(now, &fact, &payload);
        out.fact(self.id, now, fact, payload);
    }

    fn wake(&mut self, now: Timestamp, out: &mut Out) {
        if self.closing.is_some_and(|until| until <= now) {
            self.finish(out);
        } else if self.lobby.deadline().is_some_and(|deadline| deadline <= now) {
            self.lobby_says(now, lobby::Input::Tick, out);
        }
        self.play(now, out);
    }

    /// The lobby decides, and what follows is done. What comes up meanwhile is decided after that.
    fn lobby_says(&mut self, now: Timestamp, input: lobby::Input, out: &mut Out) {
        self.undecided.push_back(input);
        if self.undecided.len() > 1 {
            return;
        }
        while let Some(input) = self.undecided.front().copied() {
            self.tell_lobby_who_is_sound();
            let lobby::Decision { facts, effects } = self.lobby.decide(now, input);
            for fact in facts {
                self.fact(now, fact, out);
            }
            for effect in effects {
                self.carry_out(now, effect, out);
            }
            self.undecided.pop_front();
        }
    }

    fn tell_lobby_who_is_sound(&mut self) {
        let Some(playing) = &self.playing else { return };
        for (seat, copy) in self.seats.iter().zip(&playing.copies) {
            if let Some(player) = seat.player_index {
                self.lobby.judged(player, copy.ill.is_none());
            }
        }
    }

    fn carry_out(&mut self, now: Timestamp, effect: lobby::Effect, out: &mut Out) {
        use lobby::Effect::*;
        match effect {
            Prepare { episode, until } => {
                for seat in self.listeners().iter() {
                    self.prepare(now, seat, episode, until, out);
                }
                self.stand(out);
            }
            Begin { episode } => self.begin(now, episode, out),
            Pause { waiting_for } => self.pause(now, &waiting_for, out),
            Resume => self.go_on(now, out),
            Away { player, until } => self.note_away(now, self.people(player), until, out),
            // The page says when it has loaded and what it has; see `join`.
            CatchUp { .. } => {}
            Back { player } => self.note_back(self.people(player), out),
            // Follows from the lobby's state, see `bots`; for everybody else the timeline's fallback does.
            StandIn { .. } => {}
            Host { player, .. } => self.move_host(now, player.map(|player| self.people(player)), out),
            End { reason, .. } => self.end(now, reason, out),
        }
    }
}

fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
