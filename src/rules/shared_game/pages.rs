//! The players' pages: they come and go, and are told what to begin an episode with.

use std::time::Duration;

use super::{Out, Seats, SharedGame, milliseconds};
use crate::facts::GameFact;
use crate::rules::lobby::{self, Phase, Presence};
use crate::rules::seeds::episode_seed;
use crate::time::Timestamp;
use crate::wire::{Prepare, Progress, ToBrowser};

impl SharedGame {
    /// Everybody who is listening.
    pub(super) fn listeners(&self) -> Seats {
        self.seats.iter().enumerate().filter(|(_, seat)| seat.listening).map(|(index, _)| index).collect()
    }

    /// Those of them who have what they need to follow the episode's frames.
    pub(super) fn followers(&self) -> Seats {
        self.seats.iter().enumerate().filter(|(_, seat)| seat.follows).map(|(index, _)| index).collect()
    }

    pub(super) fn join(
        &mut self,
        now: Timestamp,
        seat: usize,
        new: bool,
        wants: Option<Option<Progress>>,
        out: &mut Out,
    ) {
        let Some(player) = self.seats[seat].player_index else { return };
        // Whoever asks how to play does not play, whatever was known of it.
        let asks_again = wants.is_some() && self.in_episode() && self.lobby.presence(player) == Presence::Here;
        let silent = std::mem::take(&mut self.seats[seat].silent);
        if new || asks_again || silent {
            self.forget_page(seat);
            self.lobby_says(now, lobby::Input::Connected(player), out);
        }
        let Some(has) = wants else { return };
        match self.lobby.phase() {
            Phase::Gathering { episode, until } => self.prepare(now, seat, episode, until, out),
            Phase::Playing { .. } => self.catch_up(now, seat, has, out),
            Phase::Over { .. } => {
                out.tell(Seats::one(seat), ToBrowser::Over(self.over(seat)));
            }
        }
    }

    pub(super) fn lose(&mut self, now: Timestamp, seat: usize, out: &mut Out) {
        self.forget_page(seat);
        self.seats[seat].silent = false;
        if let Some(player) = self.seats[seat].player_index {
            self.lobby_says(now, lobby::Input::Disconnected(player), out);
        }
    }

    /// The page that played on a seat is gone.
    fn forget_page(&mut self, seat: usize) {
        self.seats[seat].listening = false;
        self.seats[seat].follows = false;
        if let Some(watching) = self.streams.get_mut(seat) {
            watching.anew(&self.terms);
        }
        if let Some(playing) = &mut self.playing {
            playing.lost(seat);
        }
    }

    pub(super) fn measured(&mut self, seat: usize, round_trip: Duration) {
        self.seats[seat].round_trip = Some(round_trip);
        if let Some(playing) = &mut self.playing {
            playing.measured(seat, round_trip);
        }
    }

    /// Tells a player to make ready for an episode.
    pub(super) fn prepare(&mut self, now: Timestamp, seat: usize, episode: u32, until: Timestamp, out: &mut Out) {
        let start = self.start_of(now, seat, episode, until, out);
        self.seats[seat].listening = true;
        self.seats[seat].follows = true;
        out.tell(Seats::one(seat), ToBrowser::Prepare(start));
        self.streams_of(episode);
        self.show_still(now, out);
    }

    /// What a copy begins an episode with. The input delay is chosen once for each player and episode.
    pub(super) fn start_of(
        &mut self,
        now: Timestamp,
        seat: usize,
        episode: u32,
        until: Timestamp,
        out: &mut Out,
    ) -> Prepare {
        if self.seats[seat].delay_of(episode).is_none() {
            let input_delay = self.delay_for(seat);
            self.fact(now, GameFact::SeatPrepared { episode, seat, input_delay }, out);
        }
        let taken = &self.seats[seat];
        Prepare {
            visit: taken.player.as_ref().map_or(0, |player| player.visit),
            game: self.id,
            episode,
            // Whoever draws pictures needs no seed, and could learn from it what the pictures do not show.
            seed: if self.terms.mode.in_browser() { episode_seed(self.seed, episode) } else { 0 },
            seat: seat as u32,
            input_delay: taken.delay_of(episode).unwrap_or(0),
            milliseconds: milliseconds(until.since(now)),
            globals: if self.terms.mode.in_browser() { self.globals.text_at(episode) } else { None },
            score_before: self.terms.carry_over.then(|| self.scores.before(&taken.agent, episode)),
        }
    }
}
