//! The seats of a game, and who sits there.

use std::time::Duration;

use super::{SharedGame, milliseconds};
use crate::facts::Visitor;
use crate::rules::lobby::StandIn;
use crate::rules::pacing::input_delay;
use crate::rules::shared_game::out::{Out, Seats};
use crate::time::Timestamp;
use crate::wire::{Away, Back, ToBrowser};

/// The round trip of somebody whose connection has not been measured yet.
const GUESSED: Duration = Duration::from_millis(60);

/// What it takes until a closed frame is stored and may be told, usually: a copy predicts for so much longer.
const STORING: Duration = Duration::from_millis(20);

/// One seat.
#[derive(Debug, Clone)]
pub(super) struct Seat {
    pub agent: String,
    /// Who sits there; a bot when absent.
    pub player: Option<Visitor>,
    /// The lobby's number of the player: the lobby counts people only.
    pub player_index: Option<usize>,
    /// Whether the player's page knows of the game and can be told of it.
    pub listening: bool,
    /// Whether it was also given what it needs to follow the episode's frames.
    pub follows: bool,
    pub round_trip: Option<Duration>,
    /// On this player's account the game ended.
    pub at_fault: bool,
    /// The last episode that the player was prepared for, and its input delay there.
    delay: Option<(u32, u32)>,
}

impl Seat {
    pub(super) fn new(agent: String, player: Option<Visitor>, player_index: Option<usize>) -> Self {
        Self {
            agent,
            player,
            player_index,
            listening: false,
            follows: false,
            round_trip: None,
            at_fault: false,
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
        let way = self.seats[seat].round_trip() + STORING;
        input_delay(way, self.terms.frame, multiplayer.input_delay, multiplayer.max_prediction)
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

    /// Seats that a bot plays at the moment: nobody took them, or somebody is away.
    pub(super) fn bots(&self) -> Seats {
        let bot = |seat: &Seat| match seat.player_index {
            Some(player) => self.lobby.stand_in(player) == Some(StandIn::Bot),
            None => true,
        };
        self.seats.iter().enumerate().filter(|(_, seat)| bot(seat)).map(|(index, _)| index).collect()
    }
}
