//! The frame clock of an episode: it starts, stands still, goes on, and on each tick closes what is due.

use std::time::Duration;

use serde_bytes::ByteBuf;

use super::bots::choice;
use super::out::{Out, Seats};
use super::playing::{Told, inputs_of};
use super::terms::COUNTDOWN;
use super::{SharedGame, milliseconds};
use crate::facts::{GameFact, Payload};
use crate::rules::ledger::Replica;
use crate::rules::lobby::{self, Phase};
use crate::rules::pacing::head_start;
use crate::time::Timestamp;
use crate::wire::{Begin, Confirmed, HostRole, PaceAdvice, Paused, Relayed, ToBrowser};

/// Time between two notes of how the connections do.
const SAMPLE_EVERY: Duration = Duration::from_secs(2);

/// Moments within a frame at which games begin.
const PHASES: u32 = 4;

/// Frames beyond a copy's bound for which bots choose in advance.
const BOTS_AHEAD: u32 = 4;

impl SharedGame {
    /// Whether an episode is being played, or paused.
    pub(super) fn in_episode(&self) -> bool {
        let number = self.playing.as_ref().map(|playing| playing.number);
        matches!(self.lobby.phase(), Phase::Playing { episode } if Some(episode) == number)
    }

    /// The frame clock of an episode starts after the countdown.
    pub(super) fn begin(&mut self, now: Timestamp, episode: u32, out: &mut Out) {
        let host = self.lobby.host().map(|player| self.people(player));
        let people: Vec<usize> = (0..self.seats.len()).filter(|seat| self.seats[*seat].player.is_some()).collect();
        let round_trips: Vec<_> = self.seats.iter().map(|seat| seat.round_trip()).collect();
        let Some(playing) = self.playing.as_mut().filter(|playing| playing.number == episode) else { return };
        for seat in people {
            if self.terms.mode.in_browser() {
                playing.ledger.present(Replica::Player(seat), true);
            }
            playing.pacing[seat].measured(round_trips[seat]);
        }
        playing.sampled = now;
        playing.host = host;
        if let Some(host) = host {
            playing.ledger.set_reference(Replica::Player(host));
            out.tell(Seats::one(host), ToBrowser::Host(HostRole { episode, rows_from: Some(0) }));
        }
        self.start_clock(now, COUNTDOWN + self.terms.freeze, out);
        self.choose_first(out);
    }

    pub(super) fn go_on(&mut self, now: Timestamp, out: &mut Out) {
        self.start_clock(now, COUNTDOWN, out);
    }

    fn start_clock(&mut self, now: Timestamp, after: Duration, out: &mut Out) {
        let begins = self.aligned(now + after);
        let after = begins.since(now);
        let Some(playing) = self.playing.as_mut().filter(|playing| playing.end.is_none()) else { return };
        playing.start(begins);
        for seat in self.followers().iter() {
            self.seats[seat].heard = now + after;
            self.tell_begin(seat, after, out);
        }
        self.let_bots_choose(false, out);
    }

    /// The next moment at which games of this rate begin their frames. They share a few phases, so that the frames of many
    /// games are stored together.
    fn aligned(&self, at: Timestamp) -> Timestamp {
        let part = (self.terms.frame / PHASES).as_nanos().max(1);
        let nanos = u128::from(at.0) * 1_000_000;
        let aligned = nanos.div_ceil(part) * part;
        Timestamp(u64::try_from(aligned.div_ceil(1_000_000)).unwrap_or(at.0))
    }

    pub(super) fn tell_begin(&self, seat: usize, after: Duration, out: &mut Out) {
        let Some(playing) = &self.playing else { return };
        let (episode, frame) = (playing.number, playing.open());
        let head_start = self.head_start(seat, episode);
        let begin = Begin { episode, frame, in_ms: milliseconds(after), head_start };
        out.tell(Seats::one(seat), ToBrowser::Begin(begin));
    }

    pub(super) fn head_start(&self, seat: usize, episode: u32) -> u32 {
        let taken = &self.seats[seat];
        if self.terms.streamed() {
            return 0;
        }
        head_start(taken.round_trip(), self.terms.frame, taken.delay_of(episode).unwrap_or(0))
    }

    pub(super) fn pause(&mut self, now: Timestamp, waiting_for: &[usize], out: &mut Out) {
        let until = self.lobby.deadline().unwrap_or(now);
        let waiting_for = waiting_for.iter().map(|player| self.people(*player) as u32).collect();
        let Some(playing) = &mut self.playing else { return };
        playing.pause();
        let paused = Paused { episode: playing.number, waiting_for, left_ms: milliseconds(until.since(now)) };
        out.tell(self.listeners(), ToBrowser::Paused(paused));
        self.note_stretch(now, true, out);
        self.store_rows(now, out);
        self.show_still(now, out);
    }

    /// Sees to everything of the episode that is due.
    pub(super) fn play(&mut self, now: Timestamp, out: &mut Out) {
        self.give_up_waiting(now, out);
        if !self.running() {
            return;
        }
        self.let_bots_choose(false, out);
        let bots = self.bots();
        // The service's own copy must not fall far behind.
        let behind = self.own.played.saturating_add(self.terms.lag()).saturating_add(1);
        let mut limit = if self.terms.mode.has_runner() { behind } else { u32::MAX };
        if self.stalls
            && let Some(playing) = &mut self.playing
        {
            // However long it takes, it is not the environment that hangs.
            playing.waits_anew(now);
            limit = playing.open();
        }
        let mut closed = Vec::new();
        while self.playing.as_mut().is_some_and(|playing| playing.is_due(now, limit)) {
            self.let_bots_choose(true, out);
            self.take_acts(bots, out);
            closed.extend(self.playing.as_mut().map(|playing| playing.timeline.close()));
        }
        let Some(playing) = &mut self.playing else { return };
        // What a bot does for somebody who is away is nothing that the player did in time.
        for frame in &mut closed {
            bots.iter().for_each(|seat| frame.age[seat] = None);
        }
        let Some(first) = closed.first().map(|closed| closed.frame) else {
            if playing.hangs(now) {
                self.lobby_says(now, lobby::Input::Stop(lobby::Reason::Failed), out);
            }
            return;
        };
        let (episode, count) = (playing.number, closed.len() as u32);
        playing.ledger.confirmed(first + count - 1);
        if let Some(truth) = &mut playing.truth {
            (first..first + count).for_each(|frame| truth.note_closed(now, frame));
        }
        let confirmed = Confirmed { episode, first, frames: closed.iter().map(inputs_of).collect() };
        let fact = GameFact::FramesConfirmed { episode, first, count };
        out.fact(self.id, now, fact, Payload::Frames(closed));
        if self.terms.mode.in_browser() {
            out.tell(self.followers(), ToBrowser::Confirmed(confirmed));
            self.advise(now, out);
        }
        self.order(out);
        self.note_stretch(now, false, out);
        self.sample(now, out);
        self.keep_states(now, out);
        self.see_to_the_ill(now, out);
        self.see_to_the_silent(now, out);
    }

    /// Tells players how fast to run, where that has changed.
    fn advise(&mut self, now: Timestamp, out: &mut Out) {
        let followers = self.followers();
        let Some(playing) = &mut self.playing else { return };
        for seat in followers.iter() {
            let factor = playing.pacing[seat].advise(now).factor();
            let late = playing.timeline.punctuality(seat).late;
            let told = &mut playing.told[seat];
            let moved = (told.factor - factor).abs() > 0.004 || told.late != late;
            if moved || now.since(told.at) > SAMPLE_EVERY {
                *told = Told { factor, late, at: now };
                let margin_ms = playing.pacing[seat].margin();
                let advice = PaceAdvice { episode: playing.number, factor, margin_ms, late };
                out.relay(Seats::one(seat), ToBrowser::Pace(advice));
            }
        }
    }

    /// Notes now and then how the connections do.
    fn sample(&mut self, now: Timestamp, out: &mut Out) {
        let sampled = self.playing.as_ref().map_or(now, |playing| playing.sampled);
        if now.since(sampled) >= SAMPLE_EVERY {
            self.note_links(now, out);
        }
    }

    pub(super) fn note_links(&mut self, now: Timestamp, out: &mut Out) {
        let people: Vec<(usize, usize)> =
            self.seats.iter().enumerate().filter_map(|(seat, taken)| Some((seat, taken.player_index?))).collect();
        let Some(playing) = &mut self.playing else { return };
        playing.sampled = now;
        let (episode, frame) = (playing.number, playing.open());
        for (seat, player) in people {
            let margin_ms = playing.pacing[seat].margin();
            let late = playing.timeline.punctuality(seat).late;
            self.lobby.measured(player, margin_ms);
            let rtt_ms = self.seats[seat].round_trip.map(milliseconds);
            let (adopted, largest) = (playing.copies[seat].adopted, playing.copies[seat].largest);
            let fact = GameFact::LinkSampled { episode, frame, seat, rtt_ms, margin_ms, late, adopted, largest };
            out.fact(self.id, now, fact, Payload::None);
        }
    }

    /// Puts on record how long the clock has waited for the service's own copy, now and then or `at_once`.
    pub(super) fn note_stretch(&mut self, now: Timestamp, at_once: bool, out: &mut Out) {
        let Some(playing) = &self.playing else { return };
        let (told, at) = playing.stretch_told;
        let stretched = milliseconds(playing.stretched);
        if stretched > milliseconds(told) && (at_once || now.since(at) >= SAMPLE_EVERY) {
            let (episode, frame) = (playing.number, playing.open());
            self.fact(now, GameFact::ClockStretched { episode, frame, ms: stretched }, out);
        }
    }

    /// Bots choose ahead of time, so that nobody has to guess what they do; where nobody guesses, when a frame is `closing`,
    /// so that whoever comes back finds the open one free.
    fn let_bots_choose(&mut self, closing: bool, out: &mut Out) {
        if self.terms.streamed() != closing {
            return;
        }
        let (bots, followers) = (self.bots(), self.followers());
        let Some(playing) = self.playing.as_mut().filter(|playing| playing.runs()) else { return };
        let ahead = if self.terms.streamed() { 1 } else { self.terms.multiplayer.max_prediction + BOTS_AHEAD };
        let until = playing.open() + ahead;
        for seat in bots.iter() {
            let first = playing.bots_until[seat].max(playing.open());
            let mut inputs = Vec::new();
            for frame in first..until {
                let Some(action) = choice(&self.terms.bot_actions, self.id, playing.number, seat, frame) else {
                    continue;
                };
                playing.timeline.offer(seat, frame, action.clone());
                inputs.push(ByteBuf::from(action.to_vec()));
            }
            if !inputs.is_empty() && self.terms.mode.in_browser() {
                let relayed = Relayed { episode: playing.number, seat: seat as u32, first, inputs };
                out.relay(followers, ToBrowser::Relayed(relayed));
            }
            playing.bots_until[seat] = until;
        }
    }
}
