//! The seats of a game, and who sits there.

use std::time::Duration;

use super::{SharedGame, milliseconds};
use crate::facts::Visitor;
use crate::rules::lobby::{self, Presence, StandIn};
use crate::rules::pacing::input_delay;
use crate::rules::shared_game::out::{Out, Seats};
use crate::time::Timestamp;
use crate::wire::{Away, Back, Progress, ToBrowser};

/// The round trip of somebody whose connection has not been measured yet.
const GUESSED: Duration = Duration::from_millis(60);

/// What it takes until a closed frame is stored and may be told, usually: a copy predicts for so much longer.
const STORING: Duration = Duration::from_millis(20);

/// Confirmations that have come within this time are taken to flow.
const FLOWING: Duration = Duration::from_secs(1);

/// One seat.
#[derive(Debug, Clone)]
pub(super) struct Seat {
    pub agent: String,
    /// Who sits there; a bot when absent.
    pub player: Option<Visitor>,
    /// The lobby's number of the player: the lobby counts people only.
    pub player_index: Option<usize>,
    /// A bot of the service's own copy sits there.
    pub policy: bool,
    /// Whether the player's page knows of the game and can be told of it.
    pub listening: bool,
    /// Whether it was also given what it needs to follow the episode's frames.
    pub follows: bool,
    pub round_trip: Option<Duration>,
    /// When its browser said something last; while it could not have done so, when it could.
    pub heard: Timestamp,
    /// It has said nothing for so long that it counts as away, although its connection is there.
    pub silent: bool,
    /// On this player's account the game ended.
    pub at_fault: bool,
    /// The last episode of which its browser told how well it kept the frame rate.
    pub timed: Option<u32>,
    /// The last episode that the player was prepared for, and its input delay there.
    delay: Option<(u32, u32)>,
}

impl Seat {
    pub(super) fn new(agent: String, player: Option<Visitor>, player_index: Option<usize>, policy: bool) -> Self {
        Self {
            agent,
            player,
            player_index,
            policy,
            listening: false,
            follows: false,
            round_trip: None,
            heard: Timestamp(0),
            silent: false,
            at_fault: false,
            timed: None,
            delay: None,
        }
    }

    pub(super) fn delay_of(&self, episode: u32) -> Option<u32> {
        self.delay.filter(|(of, _)| *of == episode).map(|(_, delay)| delay)
    }

    pub(super) fn set_delay(&mut self, episode: u32, delay: u32) {
        self.delay = Some((episode, delay));
    }

    pub(super) fn round_trip(&self) -> Duration {
        self.round_trip.unwrap_or(GUESSED)
    }
}

impl SharedGame {
    /// The seat of the lobby's player.
    pub(super) fn people(&self, player: usize) -> usize {
        self.seats.iter().position(|seat| seat.player_index == Some(player)).unwrap_or(0)
    }

    pub(super) fn delay_for(&self, seat: usize) -> u32 {
        let multiplayer = &self.terms.multiplayer;
        if self.terms.streamed() {
            return 0; // What somebody does counts in the frame in which it arrives.
        }
        let way = self.seats[seat].round_trip() + STORING;
        input_delay(way, self.terms.frame, multiplayer.input_delay, multiplayer.max_prediction)
    }

    /// A browser that sends no inputs does not run, whatever its connection says: its computer sleeps, its tab is frozen, or
    /// its line is dead and nobody has noticed yet. It is missed like one whose connection is gone.
    pub(super) fn see_to_the_silent(&mut self, now: Timestamp, out: &mut Out) {
        // Copies that hear nothing have nothing to say.
        if now.since(self.told) > FLOWING {
            return;
        }
        let Some(playing) = &self.playing else { return };
        let silent = |seat: &usize| {
            let since = self.seats[*seat].heard.max(self.flowing_since);
            // A player of a streamed game may have nothing to say, but to each picture that it is sent.
            let since = match self.streams.get(*seat).map(|seat| seat.pictures.waits_since()) {
                Some(None) => return false,
                Some(Some(sent)) => since.max(sent),
                None => since,
            };
            playing.copies[*seat].end.is_none() && now.since(since) > self.terms.silence
        };
        let here = |seat: &usize| {
            self.seats[*seat].player_index.is_some_and(|player| self.lobby.presence(player) == Presence::Here)
        };
        for seat in self.followers().iter().filter(here).filter(silent).collect::<Vec<_>>() {
            self.seats[seat].silent = true;
            if let Some(playing) = &mut self.playing {
                playing.lost(seat);
            }
            if let Some(player) = self.seats[seat].player_index {
                self.lobby_says(now, lobby::Input::Disconnected(player), out);
            }
        }
    }

    /// Somebody who was missed says something. All that was told meanwhile has reached it.
    pub(super) fn break_silence(&mut self, now: Timestamp, seat: usize, out: &mut Out) {
        if !std::mem::take(&mut self.seats[seat].silent) {
            return;
        }
        let Some(player) = self.seats[seat].player_index else { return };
        self.lobby_says(now, lobby::Input::Connected(player), out);
        if self.in_episode()
            && let Some(playing) = &self.playing
        {
            let has = Progress { game: self.id, episode: playing.number, confirmed: playing.open() };
            self.catch_up(now, seat, Some(has), out);
        }
    }

    /// What was to be stored is stored: what waited for it is told now.
    pub(super) fn stored(&mut self, now: Timestamp) {
        if now.since(self.told) > FLOWING {
            self.flowing_since = now;
        }
        self.told = now;
    }

    /// The others hear of an absence where the game goes on without the player; where it waits, `paused` says it.
    pub(super) fn note_away(&mut self, now: Timestamp, seat: usize, until: Timestamp, out: &mut Out) {
        if self.lobby.running() || self.gathering().is_some() {
            let away = Away { seat: seat as u32, left_ms: milliseconds(until.since(now)) };
            out.tell(self.listeners().without(seat), ToBrowser::Away(away));
        }
    }

    pub(super) fn note_back(&mut self, seat: usize, out: &mut Out) {
        if let Some(playing) = &mut self.playing {
            playing.pacing[seat].forget();
        }
        self.count_in(seat);
        out.tell(self.listeners().without(seat), ToBrowser::Back(Back { seat: seat as u32 }));
    }

    /// Seats that a bot of the service plays at the moment: nobody took them, or somebody is away. Bots of its own copy of
    /// the environment are not among them.
    pub(super) fn bots(&self) -> Seats {
        let bot = |seat: &Seat| match seat.player_index {
            Some(player) => self.lobby.stand_in(player) == Some(StandIn::Bot),
            None => !seat.policy,
        };
        self.seats.iter().enumerate().filter(|(_, seat)| bot(seat)).map(|(index, _)| index).collect()
    }
}
