//! States that go from copy to copy: for whoever comes back, for a copy that differs, and to be kept.
//!
//! Whoever plays may have to give rows one day. So no copy begins at a state beyond the first row that is missing.

use std::time::Duration;

use super::SharedGame;
use super::out::{Out, Seats};
use super::playing::{KEEP_EVERY, Playing};
use super::truth::Truth;
use crate::facts::{GameFact, Payload};
use crate::rules::lobby::{self, Phase};
use crate::time::Timestamp;
use crate::wire::{CatchUp, Confirmed, Heal, Progress, Snapshot, SnapshotWanted, ToBrowser};

/// How long a state is waited for that the host was asked for.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long the host's rows are waited for before a copy that differs adopts a state from before the difference: then
/// nobody can tell any more in which fields it differed.
const ROWS_PATIENCE: Duration = Duration::from_secs(1);

/// How often a state to heal a copy is asked for before the game ends.
const ATTEMPTS: u32 = 3;

/// Frames that a copy may have to simulate from the episode's start, where the host need not be asked for a state.
const FEW: u32 = 60;

/// What a state is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A copy that differs.
    Heal(usize),
    /// A copy that comes back.
    CatchUp(usize),
    /// To be kept.
    Keep,
}

/// A state that the host was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    purpose: Purpose,
    pub until: Timestamp,
}

impl Wanted {
    /// Whose copy it is for.
    pub(super) fn of(&self) -> Option<usize> {
        match self.purpose {
            Purpose::Heal(seat) | Purpose::CatchUp(seat) => Some(seat),
            Purpose::Keep => None,
        }
    }
}

impl Playing {
    fn want(&mut self, now: Timestamp, purpose: Purpose, frame: u32, out: &mut Out) {
        let Some(host) = self.host else { return };
        self.wanted.retain(|wanted| wanted.purpose != purpose);
        self.wanted.push_back(Wanted { purpose, until: now + PATIENCE });
        out.tell(Seats::one(host), ToBrowser::SnapshotWanted(SnapshotWanted { episode: self.number, frame }));
    }
}

impl SharedGame {
    /// Brings a player's copy to where the others are.
    pub(super) fn catch_up(&mut self, now: Timestamp, seat: usize, has: Option<Progress>, out: &mut Out) {
        self.seats[seat].listening = true;
        self.seats[seat].follows = false;
        let id = self.id;
        let Some(playing) = &mut self.playing else { return };
        if self.terms.streamed() {
            let confirmed = Confirmed { episode: playing.number, first: playing.open(), frames: Vec::new() };
            self.streams_of(confirmed.episode);
            return self.send_catch_up(now, seat, None, confirmed, out);
        }
        let known = has.filter(|has| has.game == id && has.episode == playing.number);
        if let Some(confirmed) = known.and_then(|has| playing.confirmed(has.confirmed)) {
            playing.copies[seat].go_on_at(confirmed.first);
            self.send_catch_up(now, seat, None, confirmed, out);
            self.see_to_the_ill(now, out);
            return;
        }
        let few = playing.kept.is_none() && playing.open() <= FEW;
        let host = playing.host.filter(|host| *host != seat && self.seats[*host].follows);
        match host {
            Some(_) if !few => playing.want(now, Purpose::CatchUp(seat), playing.rows, out),
            _ => self.send_kept(now, seat, out),
        }
    }

    /// From the last state that is kept here, or from the episode's start.
    fn send_kept(&mut self, now: Timestamp, seat: usize, out: &mut Out) {
        let Some(playing) = &mut self.playing else { return };
        let episode = playing.number;
        let own = playing.truth.as_ref().and_then(Truth::newest);
        let kept = own.map(|state| (state.frame, state.copy.clone())).or_else(|| playing.kept.clone());
        let from = kept.as_ref().map_or(0, |(frame, _)| *frame);
        let Some(confirmed) = playing.confirmed(from) else { return };
        let snapshot = kept.map(|(frame, state)| Heal { episode, frame, state });
        playing.copies[seat].begin_at(from);
        self.send_catch_up(now, seat, snapshot, confirmed, out);
    }

    pub(super) fn send_catch_up(
        &mut self,
        now: Timestamp,
        seat: usize,
        snapshot: Option<Heal>,
        confirmed: Confirmed,
        out: &mut Out,
    ) {
        let episode = confirmed.episode;
        let until = self.lobby.deadline().unwrap_or(now);
        let start = self.start_of(now, seat, episode, until, out);
        let begins_in = self.playing.as_ref().and_then(|playing| playing.clock.begins_in(now));
        let running = begins_in == Some(Duration::ZERO);
        let head_start = self.head_start(seat, episode);
        self.seats[seat].follows = true;
        out.tell(Seats::one(seat), ToBrowser::CatchUp(CatchUp { start, snapshot, confirmed, running, head_start }));
        if let Some(after) = begins_in.filter(|_| !running) {
            self.tell_begin(seat, after, out);
        }
        self.show_still(now, out);
        self.tell_role(seat, out); // Whoever was host before it was away may not know that it is not any more.
    }

    /// A state came.
    pub(super) fn snapshot(&mut self, now: Timestamp, seat: usize, said: Snapshot, out: &mut Out) {
        let Some(playing) = &mut self.playing else { return };
        if playing.host != Some(seat) {
            return; // Asked for when it was host.
        }
        let Some(purpose) = playing.wanted.pop_front().map(|wanted| wanted.purpose) else { return };
        let (episode, frame, fits) = (playing.number, said.frame, said.frame <= playing.rows);
        let snapshot = Heal { episode, frame, state: said.state };
        match purpose {
            Purpose::Heal(ill) if fits && playing.copies[ill].knows(frame) => {
                out.tell(Seats::one(ill), ToBrowser::Heal(snapshot));
            }
            Purpose::Heal(seat) | Purpose::CatchUp(seat) => match playing.confirmed(frame).filter(|_| fits) {
                Some(confirmed) => {
                    playing.copies[seat].begin_at(frame);
                    self.send_catch_up(now, seat, Some(snapshot), confirmed, out);
                }
                None => self.help_otherwise(now, purpose, out),
            },
            Purpose::Keep => {
                if fits && playing.kept.as_ref().is_none_or(|(kept, _)| *kept < frame) {
                    let fact = GameFact::SnapshotTaken { episode, frame, seat };
                    self.fact_with(now, fact, Payload::State(snapshot.state), out);
                }
            }
        }
    }

    /// Asks for a state to keep, so that neither memory nor catching up grows with the episode.
    pub(super) fn keep_states(&mut self, now: Timestamp, out: &mut Out) {
        let Some(playing) = self.playing.as_mut().filter(|playing| playing.truth.is_none()) else { return };
        if playing.rows >= playing.keep_at {
            playing.keep_at = playing.rows + KEEP_EVERY;
            playing.want(now, Purpose::Keep, playing.rows, out);
        }
    }

    /// Asks for a state for every copy that differs.
    pub(super) fn see_to_the_ill(&mut self, now: Timestamp, out: &mut Out) {
        if self.terms.mode.has_runner() {
            return self.heal_from_here(now, out);
        }
        let followers = self.followers();
        let in_episode = self.in_episode();
        let Some(playing) = self.playing.as_mut().filter(|playing| in_episode && playing.host.is_some()) else {
            return;
        };
        let (mut hopeless, host, rows) = (false, playing.host, playing.rows);
        for seat in followers.iter().filter(|seat| Some(*seat) != host) {
            let Some(ill) = playing.copies[seat].ill.as_mut().filter(|ill| !ill.asked) else { continue };
            if rows < ill.state && now.since(ill.since) < ROWS_PATIENCE {
                continue;
            }
            ill.asked = true;
            ill.attempts += 1;
            hopeless |= ill.attempts > ATTEMPTS;
            let state = ill.state.min(rows);
            playing.want(now, Purpose::Heal(seat), state, out);
        }
        if hopeless {
            self.lobby_says(now, lobby::Input::Stop(lobby::Reason::Desync), out);
        }
    }

    /// Whoever waits for a state that does not come is helped in another way.
    pub(super) fn give_up_waiting(&mut self, now: Timestamp, out: &mut Out) {
        let Some(playing) = &mut self.playing else { return };
        let late = playing.wanted.iter().take_while(|wanted| wanted.until <= now).count();
        for wanted in playing.wanted.drain(..late).collect::<Vec<_>>() {
            self.help_otherwise(now, wanted.purpose, out);
        }
    }

    fn help_otherwise(&mut self, now: Timestamp, purpose: Purpose, out: &mut Out) {
        match purpose {
            Purpose::CatchUp(seat) => self.send_kept(now, seat, out),
            Purpose::Heal(seat) => {
                if let Some(ill) = self.playing.as_mut().and_then(|playing| playing.copies[seat].ill.as_mut()) {
                    ill.asked = false;
                }
                self.see_to_the_ill(now, out);
            }
            Purpose::Keep => {}
        }
    }

    /// What the old host was asked for is asked of the new one, or given from here.
    pub(super) fn ask_anew(&mut self, now: Timestamp, wanted: Vec<Wanted>, out: &mut Out) {
        for Wanted { purpose, .. } in wanted {
            let Some(playing) = &mut self.playing else { return };
            match purpose {
                Purpose::CatchUp(seat) if playing.host.is_none_or(|host| host == seat) => {
                    self.send_kept(now, seat, out);
                }
                Purpose::CatchUp(_) | Purpose::Keep => playing.want(now, purpose, playing.rows, out),
                Purpose::Heal(_) => {} // See `see_to_the_ill`.
            }
        }
        self.see_to_the_ill(now, out);
    }

    /// Whether the game is between two episodes, or before the first.
    pub(super) fn gathering(&self) -> Option<u32> {
        match self.lobby.phase() {
            Phase::Gathering { episode, .. } => Some(episode),
            _ => None,
        }
    }
}
